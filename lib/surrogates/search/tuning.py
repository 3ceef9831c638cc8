"""The best settings of a search: a benchmark over strategies, the best of which are tried again with other seeds."""

import dataclasses
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from surrogates import checks
from surrogates.search.basin_hopping import BasinHopping
from surrogates.search.benchmark import benchmark, search_on_cluster, summary
from surrogates.search.minima import FINE
from surrogates.search.problem import Problem, Strategy


class Tuned(NamedTuple):
    """The strategy that came out best, and the calls of the true potential that all trials took."""

    strategy: Strategy
    spent: int


def ranked(
    name: str, problem: Problem, strategies: Sequence[Strategy], seeds: Sequence[int], calls: int
) -> dict[Strategy, dict[str, float]]:
    """What one success costs with each of several strategies, those with the lowest cost first.

    Give seeds that are used for nothing else. Of each trial the outcome is stored as it ends, without its steps and
    positions. Strategies without any success come last, by the mean of the lowest energies.

    Returns
    -------
    dict of Strategy to dict
        The :func:`summary` of its trials, "energy", that mean, and "spent", the calls of all its trials.
    """
    search_on_cluster(name, problem, strategies, seeds, calls, outcome_only=True)
    found = {}
    for strategy in strategies:
        trials = benchmark(name, problem, strategy, seeds, calls, outcome_only=True)
        energy = float(np.mean([np.inf if trial.energy is None else trial.energy for trial in trials]))
        found[strategy] = summary(trials) | {"energy": energy, "spent": sum(trial.calls for trial in trials)}
    return dict(sorted(found.items(), key=lambda item: (item[1]["calls"], item[1]["energy"])))


def tune(
    name: str,
    problem: Problem,
    strategies: Sequence[Strategy],
    seeds: Sequence[int],
    calls: int,
    finalists: int = 1,
    final_seeds: Sequence[int] = (),
    tolerances: Sequence[float] = (FINE,),
) -> Tuned:
    """The best of several strategies for a problem: the best ones of :func:`ranked` are tried again.

    The finalists are ranked by seeds that had no part in choosing them: the best of many settings on a few seeds owes
    that to luck as well.

    Parameters
    ----------
    calls : int
        Of the true potential, for each search.
    seeds, final_seeds : sequence of int
        Those of the searches with all settings, and with the finalists; give no search that is compared any of them.
    finalists : int
        So many strategies, those with the fewest calls for each success, are tried again; a single one is not.
    tolerances : sequence of float
        Each finalist of basin hopping is tried with all of these.
    """
    checks.integer("finalists", finalists, 1)
    first = ranked(name, problem, strategies, seeds, calls)
    best = list(first)[:finalists]
    if all(isinstance(strategy, BasinHopping) for strategy in best):
        best = [dataclasses.replace(strategy, tolerance=value) for strategy in best for value in tolerances]
    finals = ranked(name, problem, best, final_seeds, calls) if len(best) > 1 else {}
    spent = sum(outcome["spent"] for found in (first, finals) for outcome in found.values())
    return Tuned(next(iter(finals), best[0]), spent)
