"""The configurations of experiments that change one thing: what the report's networks are told, and other choices.

Each function takes the parameters of a page, such as :mod:`surrogates.training.reported` does, and gives for each
experiment, by its name, the configuration of the page's seed; what differs between two of them is one thing.

>>> configs = told.perceptrons(page)
>>> named = told.by_seed("causes/mlp", configs, page, 3)  # configurations by the names of runs, by experiment
"""

import math
import re
from collections.abc import Mapping

from surrogates import data, models, potentials
from surrogates.models import grids, networks
from surrogates.training import reported
from surrogates.training.config import Config
from surrogates.training.fitting import Fit

NEAREST = 96
"""How many of the shortest distances the perceptron is told that is trained at the report's scale."""

LOSS = "mean_absolute_error"
"""Of sums over atoms, whose target spans both regimes (:mod:`surrogates.analysis.one_surrogate`)."""

LONGER = potentials.Mie(6, 3)
"""A potential of longer range than Lennard-Jones."""

WITHIN = 2.0
"""A reach, in units of sigma, within which a node sees its neighbours only."""


def by_seed(folder: str, configs: Mapping[str, Config], page, seeds: int) -> dict[str, dict[str, Config]]:
    """The configurations of so many ``seeds``, from the page's on, by the names of runs, for each experiment.

    The runs of the ``folder`` "causes/mlp" lie in "causes/paper/mlp/", where that is the page's profile.
    """
    numbers = range(page.seed, page.seed + seeds)
    above, _, below = folder.partition("/")
    return {
        name: {
            f"{above}/{page.profile}/{below}/{_label(name)}-seed-{number}": reported.with_seed(config, number)
            for number in numbers
        }
        for name, config in configs.items()
    }


def of_causes(page) -> dict[str, dict[str, Config]]:
    """Those of the page on causes, by kind."""
    return {
        "mlp": perceptrons(page),
        "cnn": convolutional_networks(page),
        "gcn": graph_networks(page),
        "low": targets_and_structures(page),
        "depth": depths(page),
    }


def every(named: Mapping[str, Mapping[str, Mapping[str, Config]]]) -> dict[str, Config]:
    """The configurations of all seeds of all experiments of all kinds, by the names of their runs."""
    return {
        run: config
        for experiments in named.values()
        for of_seeds in experiments.values()
        for run, config in of_seeds.items()
    }


def perceptrons(page) -> dict[str, Config]:
    """The perceptron on other inputs, ``structures`` of them and ``mlp_epochs``."""
    base = Config(
        _data(page, "full"),
        models.MLP(permutations=0),
        Fit(metric="mape", batch_size=512, epochs=page.mlp_epochs),
    )
    inputs = {name.replace("-", " "): {"model.inputs": name} for name in networks.INPUTS}
    inputs["32 smallest log distances"] = {"model.inputs": "sorted-log-distances", "model.kept": 32}
    return {name: base.replace(changes) for name, changes in inputs.items()}


def shortest_distances(page) -> dict[str, Config]:
    """The report's perceptron on the logarithms of the shortest distances, at the report's scale.

    On the full-energy set, as Table 1, and on the low-energy set with V itself as the target, as Table 2; on the latter
    also with coordinates. The page has ``sizes`` and ``nearest_epochs``.
    """
    network = models.MLP(permutations=0, inputs="sorted-log-distances", kept=NEAREST)
    full = Config(
        data.Data("full", page.n_atoms, page.box, page.seed, page.sizes),
        network,
        Fit(metric="mape", batch_size=512, epochs=page.nearest_epochs),
    )
    low = full.replace({"data.energies": "low", "fit.target": "energy", "fit.metric": "mae"})
    coordinates = low.replace({"model.inputs": "coordinates", "model.kept": None})
    return {"full energies": full, "low energies": low, "low energies from coordinates": coordinates}


def convolutional_networks(page) -> dict[str, Config]:
    """The convolutional network on other grids, ``structures`` of them and ``cnn_epochs``."""
    base = Config(
        _data(page, "full"),
        models.CNN(),
        Fit(metric="mape", batch_size=64, learning_rate=1e-4, epochs=page.cnn_epochs),
    )
    orientations = 8
    shown = {"model.orientations": orientations, "fit.epochs": -(-page.cnn_epochs // orientations)}
    changed = {"occupancy": {}, "occupancy in eight orientations": shown}
    changed |= {name: {"model.grid": name} for name in grids.GRIDS if name != "occupancy"}
    configs = {name: base.replace(changes) for name, changes in changed.items()}
    for grid in ("occupancy", "nearest"):
        configs[f"sparse {grid}"] = Config(base.data, models.SparseCNN(grid=grid), base.fit)
    return configs


def smooth_networks(page) -> dict[str, Config]:
    """A smooth network for any number of atoms, on as many structures with V < 0 as of all energies.

    ``sizes`` of either kind and ``smooth_epochs`` are the page's.
    """
    both = data.Data("both", page.n_atoms, page.box, page.seed, page.sizes)
    fit = Fit(
        target="linear-log",
        loss=LOSS,
        metric="mae",
        batch_size=64,
        learning_rate=3e-3,
        decay="cosine",
        epochs=page.smooth_epochs,
    )
    return {"smooth": Config(both, models.Messages(), fit)}


def graph_networks(page) -> dict[str, Config]:
    """The graph network with other features and another head, ``structures`` of them and ``gcn_epochs``."""
    base = Config(_data(page, "full"), models.GCN(), Fit(metric="mape", epochs=page.gcn_epochs))
    changed = {
        "distances": {},
        "distances and coordinates": {"model.features": ("radial", "sorted", "coordinates")},
        "coordinates": {"model.features": ("coordinates",)},
        "distances and their logarithms": {"model.features": ("radial", "sorted", "log")},
        "convolution over sorted atoms": {"model.head": "convolution"},
    }
    return {name: base.replace(changes) for name, changes in changed.items()}


def levers(page) -> dict[str, Config]:
    """From the report's graph network towards one at 1 %, one lever after the other; the last has all structures.

    The first two are networks of :func:`graph_networks`, with its ``structures`` and ``gcn_epochs``; the last has
    ``sizes`` and ``graph_epochs``.
    """
    networks = graph_networks(page)
    first = {name: networks[name] for name in ("distances", "distances and their logarithms")}
    falling = first["distances and their logarithms"].replace({"fit.decay": "cosine"})
    summed = falling.replace(
        {"model.pooling": "atoms", "model.hidden": (64, 32), "fit.target": "linear-log", "fit.loss": LOSS}
    )
    small = summed.replace({"fit.batch_size": 64})
    return first | {
        "falling rate": falling,
        "sum over atoms": summed,
        "small batches": small,
        "all structures": small.replace({"data.sizes": page.sizes, "fit.epochs": page.graph_epochs}),
    }


def targets_and_structures(page) -> dict[str, Config]:
    """Target and structures separated: V or its logarithm, on V < 0 alone or with as many structures of all energies.

    The graph network with mean pooling; ``structures`` of V < 0, ``low_epochs``.
    """
    network = models.GCN(pooling="mean")
    alone = Config(_data(page, "low"), network, Fit(target="energy", metric="mae", epochs=page.low_epochs))
    return {
        "V, V below 0": alone,
        "log V, V below 0": alone.replace({"fit.target": "scaled-log"}),
        "V, all energies": alone.replace({"data.energies": "both", "fit.target": "linear-log"}),
        "log V, all energies": alone.replace({"data.energies": "both", "fit.target": "log"}),
    }


def sum_over_pairs(page) -> Config:
    """The sum over pairs of the page one_surrogate, which has ``sizes`` and ``pair_epochs``: on both sets at once."""
    fit = Fit(
        target="linear-log", loss=LOSS, metric="mae", batch_size=16, learning_rate=0.01, epochs=page.pair_epochs,
        decay="cosine", seed=page.seed,
    )  # fmt: skip
    both = data.Data(data.BOTH, page.n_atoms, page.box, page.seed, page.sizes)
    return Config(both, models.Pairs(gaussians=80, reach=16.0), fit)


def depths(page) -> dict[str, Config]:
    """One to three graph convolutions, for Lennard-Jones and :data:`LONGER`, with all features and near ones only.

    The graph network with mean pooling, on the low-energy set; ``structures`` of them, ``depth_epochs``.
    """
    base = Config(
        _data(page, "low"), models.GCN(pooling="mean"), Fit(target="energy", metric="mae", epochs=page.depth_epochs)
    )
    return {
        f"{potential}, {features}, {layers} layers": base.replace(
            {"data.potential": of, "model.reach": reach, "model.n_layers": layers}
        )
        for potential, of in (("Lennard-Jones", potentials.LennardJones()), ("longer range", LONGER))
        for features, reach in (("all features", None), ("near features", WITHIN))
        for layers in (1, 2, 3)
    }


def choices(page) -> dict[str, Config]:
    """The graph network for low energies with one choice changed at a time; the first is the base.

    Two graph convolutions of 32 units, ``sizes`` structures and ``epochs``, of which the best is kept.
    """
    base = Config(
        data.Data("low", page.n_atoms, page.box, page.seed, page.sizes),
        models.GCN(n_nodes=32),
        Fit(target="energy", metric="mae", epochs=page.epochs, patience=page.epochs),
    )
    changed = {
        "base": {},
        "cutoff 1.5": {"model.cutoff": 1.5},
        "cutoff 3": {"model.cutoff": 3.0},
        "cutoff 5": {"model.cutoff": 5.0},
        "mean pooling": {"model.pooling": "mean"},
        "sum pooling": {"model.pooling": "sum"},
        "maximum pooling": {"model.pooling": "max"},
        "inverse distance as weight": {"model.edge_weight": "inverse"},
        "no edge weight": {"model.edge_weight": "none"},
        "inputs as they are": {"model.scale_inputs": False},
        "radial counts only": {"model.features": ("radial",)},
        "sorted distances only": {"model.features": ("sorted",)},
        "logarithms of distances as well": {"model.features": ("radial", "sorted", "log")},
        "absolute error as loss": {"fit.loss": LOSS},
    }
    return {name: base.replace(changes) for name, changes in changed.items()}


def perceptrons_by_size(page) -> dict[str, Config]:
    """The report's perceptron, shown permutations, and others of three equal layers and about ``mlp_sizes`` weights.

    ``structures`` in training, and as many as in ``sizes`` of the other splits; ``mlp_epochs``.
    """
    sizes = (page.structures, *page.sizes[1:])
    base = Config(
        data.Data("full", page.n_atoms, page.box, page.seed, sizes),
        models.MLP(),
        Fit(metric="mape", batch_size=512, epochs=page.mlp_epochs),
    )
    widths = [equal_widths(size, page.n_atoms) for size in page.mlp_sizes]
    others = {f"{len(hidden)} × {hidden[0]}": base.replace({"model.hidden": hidden}) for hidden in widths}
    return {"the report's": base} | others


def equal_widths(weights: int, n_atoms: int) -> tuple[int, int, int]:
    """Hidden layers of equal width, for a perceptron whose number of weights is the nearest to the one wanted."""

    def off(width: int) -> int:
        return abs((2 * n_atoms + 1) * width + 2 * (width + 1) * width + width + 1 - weights)

    return (min(range(1, math.isqrt(weights) + 2), key=off),) * 3


def _label(name: str) -> str:
    """A name of an experiment as a part of the name of a run."""
    return re.sub("[^a-z0-9]+", "-", name.lower())


def _data(page, energies: str) -> data.Data:
    others = max(1, page.structures // 5)
    return data.Data(energies, page.n_atoms, page.box, page.seed, (page.structures, others, others))
