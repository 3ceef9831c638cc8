"""Train many runs at once with Dask, on the cores of this machine or on any Dask cluster.

>>> from surrogates import training
>>> grid = training.grid(config, {"fit.learning_rate": (1e-3, 1e-4), "model.n_layers": (1, 2, 3)})
>>> if __name__ == "__main__":  # in a script: the worker processes import it as well
...     configs = {f"gcn/mine/rate-{rate:g}-layers-{n}": config for (rate, n), config in grid.items()}
...     trained = training.sweep(configs)
...     print(training.sweep_table(trained))  # one row for each

Every run is in the store as soon as it is trained, and the store decides what is left to do: a sweep that was stopped
goes on where it was. When a worker is lost, another one goes on with its run from the last epoch.

Where the workers see the store of this process, by a shared folder, they train in it. Where they do not, they train
in a folder of their own machine and send the files of each finished run; a lost machine then costs its whole run.
The shared folder has to keep the locks of files, as local and most network file systems do.

Networks and potentials that the script itself defines travel with the configurations; those of another file have to
be there on the workers.
"""

import difflib
import itertools
from collections.abc import Mapping, Sequence

import pandas as pd

from surrogates.store import cluster, workers
from surrogates.training import runs
from surrogates.training.config import Config
from surrogates.training.workers import train


class Trained(dict):
    """The runs of a sweep by their names. A name that the sweep does not have is answered with those that it has."""

    def __missing__(self, name):
        near = difflib.get_close_matches(str(name), self, n=4, cutoff=0)
        raise KeyError(f"{name} is none of the {len(self)} runs of this sweep; nearest are {', '.join(sorted(near))}.")


def grid(base: Config, axes: Mapping[str, Sequence]) -> dict[tuple, Config]:
    """A configuration with every combination of other settings.

    Parameters
    ----------
    base : Config
    axes : mapping of str to sequence
        The values of each setting that is varied, by a name such as "fit.learning_rate" or "model.n_layers".

    Returns
    -------
    dict of tuple to Config
        By the values, in the order of the axes; the last axis varies fastest.

    Raises
    ------
    ValueError
        For a setting that the configuration does not have, or a value that it does not accept; for an axis without
        values, or with the same value twice.
    """
    axes = {
        setting: tuple(tuple(value) if isinstance(value, list) else value for value in values)
        for setting, values in axes.items()
    }
    for setting, values in axes.items():
        if len(values) == 0 or len(set(values)) < len(values):
            raise ValueError(f"{setting} = {values!r}: give one value or more, each of them once.")
    return {values: base.replace(dict(zip(axes, values, strict=True))) for values in itertools.product(*axes.values())}


def sweep(configs: Mapping[str, Config], scheduler: str | None = None) -> Trained:
    """Load the runs of these names and configurations, and train those that the store does not have.

    Parameters
    ----------
    configs : mapping of str to Config
        By the name that the run shall have, as for :func:`surrogates.training.runs.fit_or_load`.
    scheduler : str, optional
        Address of a Dask scheduler, such as "tcp://10.0.0.1:8786"; by default the one in the environment variable
        ``SURROGATES_SCHEDULER``. Without any the sweep makes a cluster on this machine, on the loopback interface,
        with one process for each core and one thread in each.

    Returns
    -------
    Trained
        The runs by their names, in the order that was given.

    Raises
    ------
    ValueError
        For no configuration at all.
    RuntimeError
        Where the scheduler cannot be reached or is lost, where a worker has another version of this library, and
        where runs could not be trained; all others are stored by then.
    """
    if not configs:
        raise ValueError("configs is empty: give at least one configuration.")
    places = {name: runs.folder(name, config) for name, config in configs.items()}
    missing = {name: config for name, config in configs.items() if not places[name].exists()}
    if missing:
        parts = {
            name: cluster.Part(workers.packed(train, config), (name,), config.fit.epochs)
            for name, config in missing.items()
        }

        def receive(name: str, contents: dict[str, bytes] | None):
            if contents is not None:
                runs.receive(name, missing[name], contents)

        with cluster.connected(cluster.address(scheduler), len(missing)) as client:
            cluster.hand_out(client, "sweep", parts, receive, len(configs), "runs")
    return Trained({name: runs.Run(runs.folder(name, config)) for name, config in configs.items()})


def sweep_table(trained: Mapping[str, runs.Run]) -> pd.DataFrame:
    """One row for each run: its settings that differ among them, its epochs, its training time and its stored metrics.

    Columns of metrics are named "validation mae" and the like. The test split has none here: it is no part of a choice.
    """
    flat = pd.json_normalize([run.config.to_dict() for run in trained.values()]).set_axis(list(trained))
    varied = [name for name in flat if flat[name].map(str).nunique() > 1]
    short = [name.split(".", 1)[1] for name in varied]
    rows = flat[varied].set_axis(
        [full if short.count(name) > 1 else name for full, name in zip(varied, short, strict=True)], axis="columns"
    )
    rows["epochs"] = [len(run.history) for run in trained.values()]
    rows["seconds"] = [run.provenance["training_seconds"] for run in trained.values()]
    for split in ("train", "validation"):
        for metric in ("mape", "mae", "mse"):
            rows[f"{split} {metric}"] = [run.metrics[split][metric] for run in trained.values()]
    return rows.rename_axis("run")
