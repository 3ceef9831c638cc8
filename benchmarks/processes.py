"""Training graph networks: one process for each core, as a sweep does it, against one process with all threads."""

import os
import tempfile
from statistics import median

from side_by_side import Row, alternate, in_own_process, note

STRUCTURES, EPOCHS = 10_000, 4  # the first epoch, in which the step is compiled, does not count
ROUNDS = 3


def rows() -> list[Row]:
    from dask.system import CPU_COUNT as cores

    what = f"GCN training, {cores} processes of one thread against one process of {cores}"
    note(what)
    ours, peer, ratio = alternate(lambda: in_own_process(swept, cores), lambda: in_own_process(alone), rounds=ROUNDS)
    return [Row(what, f"{ours:,.0f} structures/s", f"{peer:,.0f} structures/s", ratio, 1.0)]


def configs(number: int) -> dict:
    from surrogates import data, models, training
    from surrogates.training import runs

    low = data.Data("low", sizes=(STRUCTURES, 100, 100))
    fit = training.Fit(target="energy", metric="mae", epochs=EPOCHS)
    return {
        f"gcn/bench/seed-{seed}": runs.Config(low, models.GCN(), fit).replace({"fit.seed": seed})
        for seed in range(number)
    }


def structures_per_second(trained) -> float:
    """What all of them, trained at the same time, do together."""
    return sum(STRUCTURES / median(run.history["seconds"].iloc[1:]) for run in trained)


def swept(number: int) -> float:
    from surrogates import training
    from surrogates.store import names

    with tempfile.TemporaryDirectory() as folder:
        os.environ[names.VARIABLE] = folder
        return structures_per_second(training.sweep(configs(number)).values())


def alone() -> float:
    from surrogates.store import names
    from surrogates.training import runs

    with tempfile.TemporaryDirectory() as folder:
        os.environ[names.VARIABLE] = folder
        return structures_per_second([runs.fit_or_load(*item) for item in configs(1).items()])
