"""Searches on a cluster: with a real scheduler and worker processes, one of which is killed while it searches."""

import contextlib
import json
import os
import signal
import sys
from collections import Counter
from dataclasses import dataclass

import distributed
import numpy as np
import pytest

from surrogates import data, models, potentials, search, training
from surrogates.store import cluster, plain, progress, results, workers
from tests.cluster import started

PROBLEM = search.lennard_jones_problem(13)
HOPPING = search.BasinHopping(tolerance=1e-6)
SEEDS, CALLS = (3, 0, 1, 2), 1500


@dataclass(frozen=True)
class Wavering(potentials.Potential):
    """A potential of the script's own, which raises where the first atom lies to the left."""

    dimensions = (2,)

    def compute(self, structures):
        if structures[0, 0, 0] < 1.0:
            raise ValueError("too far to the left")
        return np.zeros(len(structures)), np.zeros_like(structures)


def rows(name):
    return results.frame(name).drop(columns=["made", "started", "seconds"])


@pytest.fixture
def events(monkeypatch):
    """What is heard of the workers, as (part, process)."""
    heard, found = cluster.Follower.heard, []

    def overhear(self, event):
        found.append((event[1]["part"], event[1]["process"]))
        heard(self, event)

    monkeypatch.setattr(cluster.Follower, "heard", overhear)
    return found


def test_a_killed_worker_loses_no_trial_and_doubles_none(store, tmp_path, monkeypatch, events, capsys):
    expected = search.benchmark("search/calm", PROBLEM, HOPPING, SEEDS, CALLS)
    killed, overhear = [], cluster.Follower.heard

    def kill(self, event):
        """As soon as a trial has begun, and another one is stored."""
        overhear(self, event)
        if not killed and self.done:
            killed.append((event[1]["part"], event[1]["process"]))
            os.kill(event[1]["process"], signal.SIGKILL)

    monkeypatch.setattr(cluster.Follower, "heard", kill)
    with started(tmp_path) as (address, processes):
        monkeypatch.setenv(progress.SCHEDULER, address)
        found = search.benchmark("search/killed", PROBLEM, HOPPING, SEEDS, CALLS)
        assert sorted(process.is_alive() for process in processes) == [False, True], "no worker was killed"
        ((victim, dead),) = killed
        begun = Counter(part for part, _ in events)
        assert begun[victim] == 2, "the trial that was killed is searched again"
        assert begun.keys() == {f"seed {seed}" for seed in SEEDS}
        assert {part for part, times in begun.items() if times > 1} <= {part for part, who in events if who == dead}
        assert found == expected
        assert results.frame("search/killed").seed.is_unique
        together = [rows(name).sort_values("seed", ignore_index=True) for name in ("search/calm", "search/killed")]
        assert together[0].equals(together[1])
        assert not list(store.glob(".sweep-*"))
        said = capsys.readouterr().err
        assert "search/killed: 4 of 4 trials to do, dashboard http" in said and "4 of 4 done, 0 running" in said

        events.clear()
        assert search.benchmark("search/killed", PROBLEM, HOPPING, range(5), CALLS)[:3] == expected[1:]
        assert [part for part, _ in events] == ["seed 4"], "only what is missing is searched"

        problem = search.Problem(Wavering(), 4, -1.0)
        starts = {seed: problem.start(problem.random(seed))[0, 0] for seed in range(6)}
        bad = [seed for seed, place in starts.items() if place < 1.0]
        assert 0 < len(bad) < len(starts)
        with pytest.raises(RuntimeError, match=f"{len(bad)} of 6 trials failed.\n.*seed {bad[0]}: ValueError: too far"):
            search.benchmark("search/wavering", problem, search.Multistart(), range(6), 1)
        assert sorted(results.frame("search/wavering").seed) == sorted(starts.keys() - set(bad))

        strategies = [search.BasinHopping(temperature) for temperature in (0.2, 0.4)]
        ranked = search.ranked("search/tuning", PROBLEM, strategies, range(2), 500)
        assert Counter(part for part, _ in events[-4:]) == {
            f"strategy {number}, seed {seed}": 1 for number in range(2) for seed in range(2)
        }
        monkeypatch.setenv(progress.SCHEDULER, "")
        assert search.ranked("search/alone", PROBLEM, strategies, range(2), 500) == ranked


def test_a_lost_scheduler_is_reported_and_the_benchmark_goes_on_without(store, tmp_path, monkeypatch):
    heard = cluster.Follower.heard
    with contextlib.ExitStack() as lost:
        address, _ = lost.enter_context(started(tmp_path, workers=1))

        def lose(self, event):
            if self.done:
                lost.close()
            heard(self, event)

        monkeypatch.setattr(cluster.Follower, "heard", lose)
        with pytest.raises(RuntimeError, match="scheduler is gone, .* [123] of 4 trials are missing yet. What is done"):
            search.benchmark("search/lost", PROBLEM, HOPPING, SEEDS, CALLS, scheduler=address)
    assert 1 <= len(results.frame("search/lost")) <= 2, "what had begun may have come to its end"
    found = search.benchmark("search/lost", PROBLEM, HOPPING, SEEDS, CALLS)
    assert found == search.benchmark("search/calm", PROBLEM, HOPPING, SEEDS, CALLS)


def test_a_worker_that_does_not_see_the_store_sends_the_trial(store, tmp_path):
    benchmark = sys.modules["surrogates.search.benchmark"]
    trials = benchmark._Trials("search/sent", PROBLEM, HOPPING, 200, False)

    def answer(mark):
        """What a worker returns that is given the mark of a store."""
        given = ((0,), 1, "topic", str(mark), workers.VERSION)
        return client.submit(workers.work, "seed 0", workers.packed(benchmark._on_worker, trials), *given).result()

    with distributed.Client(processes=False, n_workers=1, threads_per_worker=1, dashboard_address=None) as client:
        row, origin = answer(tmp_path / "elsewhere" / ".sweep-1")
        assert not trials.stored(0), "it is for who asked to store it"
        (store / ".sweep-1").parent.mkdir(parents=True)
        (store / ".sweep-1").touch()
        assert answer(store / ".sweep-1") is None
    assert trials.stored(0) and trials.row(0) == json.loads(json.dumps(row))
    results.add("search/other", trials.settings, row, origin, 0)
    results.add("search/other", trials.settings, row | {"calls": 0}, origin, 0)  # the first one counts
    assert rows("search/other").equals(rows("search/sent"))
    assert {"commit", "packages", "machine"} <= origin.keys()


def test_an_unreachable_scheduler_is_refused_where_something_is_left_to_do(store, monkeypatch):
    monkeypatch.setattr(cluster, "CONNECT", 1)
    stored = search.benchmark("search/five", PROBLEM, search.Multistart(), [0], 50)
    monkeypatch.setenv(progress.SCHEDULER, "tcp://127.0.0.1:1")
    assert search.benchmark("search/five", PROBLEM, search.Multistart(), [0], 50) == stored
    with pytest.raises(RuntimeError, match="scheduler = 'tcp://127.0.0.1:1' cannot be reached"):
        search.benchmark("search/five", PROBLEM, search.Multistart(), [0, 1], 50)


def test_what_is_sent_has_its_settings_and_not_what_it_has_learned(run):
    """A worker learns by itself, and loads a run from the store that it sees."""
    learner = search.SplineFit(data.Data("low", 13, 9.0, sizes=(30, 1, 1)), 20)
    networks = search.DescentLearner(models.Pairs(), training.Fit(), search.Descents(5))
    problem = search.lennard_jones_problem(13)
    for strategy in (
        search.OnSurrogate(learner),
        search.OnSurrogate(networks),
        search.OnSurrogate(search.NetworkEnergies(run)),
        search.InRounds(search.PairSpline()),
    ):
        before = workers.packed(search.benchmark, plain.bare((problem, strategy)))
        problem.kept["learned"] = vars(strategy)["_learned"] = lambda: "which cannot be sent"
        if isinstance(strategy, search.OnSurrogate):
            vars(strategy.learner)["_learned"] = lambda: "which cannot be sent"
        assert workers.packed(search.benchmark, plain.bare((problem, strategy))) == before
        _, (there, sent), _ = workers._unpacked(before)
        assert (there, plain.described(sent)) == (problem, plain.described(strategy))
        assert not there.kept and "_learned" not in vars(sent)


def test_what_cannot_be_sent_is_said_before_anything_is_searched(run, monkeypatch):
    monkeypatch.setattr(cluster, "connected", lambda *given: pytest.fail("nothing can be searched"))
    problem = search.Problem(training.Learned(run, warn=False), 6, -1.0)
    with pytest.raises(ValueError, match="cannot be sent to another process .*: give .* or no scheduler"):
        search.benchmark("search/learned", problem, search.Multistart(), [0], 5, scheduler="tcp://127.0.0.1:1")
