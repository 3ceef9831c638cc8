"""The configurations of the report's models, from plain values such as the parameters of their pages.

>>> from surrogates.book import parameters
>>> from surrogates.training import reported
>>> page = parameters.published("gcn", "quick")  # or any object with these attributes
>>> run = training.fit_or_load(reported.name("gcn", page), reported.gcn(page))
"""

from collections.abc import Callable, Mapping

from surrogates import data, models
from surrogates.training.config import Config
from surrogates.training.fitting import Fit
from surrogates.training.runs import Run, with_weights
from surrogates.training.sweeps import grid, sweep

AXES = ("fit.learning_rate", "model.n_layers", "model.n_nodes")
"""What the report's search for a low-energy model varies (Section 4.2)."""


def mlp(page, seed: int | None = None) -> Config:
    """The perceptron of Section 4.1.1.

    Parameters
    ----------
    page : object
        Has ``n_atoms``, ``box``, ``sizes``, ``seed``, ``hidden``, ``permutations``, ``batch_size``, ``learning_rate``
        and ``epochs``.
    seed : int, optional
        Another one than that of the page.
    """
    return _on_all_energies(page, models.MLP(hidden=page.hidden, permutations=page.permutations), seed)


def cnn(page, seed: int | None = None) -> Config:
    """The convolutional network of Section 4.1.2; ``cells``, ``filters``, ``kernel``, ``hidden`` besides, see `mlp`."""
    network = models.CNN(cells=page.cells, filters=page.filters, kernel=page.kernel, hidden=page.hidden)
    return _on_all_energies(page, network, seed)


def gcn(page, seed: int | None = None) -> Config:
    """The graph network of Section 4.1.3.

    Besides what :func:`mlp` takes of a page: ``n_layers``, ``n_nodes``, ``pooling``, ``hidden``, ``cutoff``,
    ``edge_weight`` and ``patience``.
    """
    network = models.GCN(
        n_layers=page.n_layers,
        n_nodes=page.n_nodes,
        pooling=page.pooling,
        hidden=page.hidden,
        cutoff=page.cutoff,
        edge_weight=page.edge_weight,
    )
    return _on_all_energies(page, network, seed, patience=page.patience)


TABLE_1: Mapping[str, Callable] = {"mlp": mlp, "cnn": cnn, "gcn": gcn}
"""The models of the report's Table 1 by the names of their pages."""


def name(model: str, page, seed: int | None = None) -> str:
    """The run of a page such as "gcn": by the page's ``profile`` and its ``seed``, or another one."""
    return f"{model}/{page.profile}/seed-{page.seed if seed is None else seed}"


def low_energy(page) -> dict[tuple, Config]:
    """The search of Section 4.2, every model with the page's seed.

    Parameters
    ----------
    page : object
        Has ``n_atoms``, ``box``, ``sizes``, ``seed``, ``pooling``, ``batch_size``, ``epochs``, ``patience``, and the
        values that are searched: ``learning_rates``, ``layers``, ``nodes``; the first ``configurations`` are kept.

    Returns
    -------
    dict of tuple to Config
        By (learning rate, graph convolutions, units of each), high rates first.
    """
    base = Config(
        data=data.Data("low", page.n_atoms, page.box, page.seed, page.sizes),
        model=models.GCN(pooling=page.pooling),
        fit=Fit(
            target="energy",
            loss="mean_squared_error",
            metric="mae",
            batch_size=page.batch_size,
            epochs=page.epochs,
            patience=page.patience,
            seed=page.seed,
        ),
    )
    values = (sorted(page.learning_rates, reverse=True), page.layers, page.nodes)
    configs = grid(base, dict(zip(AXES, values, strict=True)))
    return {key: configs[key] for key in list(configs)[: page.configurations]}


def low_energy_name(key: tuple, page, seed: int | None = None) -> str:
    """The run of a model of :func:`low_energy`, with the page's ``seed`` or another one."""
    rate, n_layers, n_nodes = key
    number = page.seed if seed is None else seed
    return f"low_energy/{page.profile}/rate-{rate:g}-layers-{n_layers}-nodes-{n_nodes}-seed-{number}"


def low_energy_best(page, scheduler: str | None = None) -> Run:
    """The model of :func:`low_energy` with the lowest validation error, with its weights; trains what is missing."""
    configs = {low_energy_name(key, page): config for key, config in low_energy(page).items()}
    found = sweep(configs, scheduler).values()
    return with_weights(min(found, key=lambda run: run.metrics["validation"]["mae"]))


def with_seed(config: Config, seed: int) -> Config:
    """The same with another seed for both its structures and its training."""
    return config.replace({"data.seed": seed, "fit.seed": seed})


def _on_all_energies(page, network: models.Network, seed: int | None, **stop) -> Config:
    config = Config(
        data=data.Data("full", page.n_atoms, page.box, page.seed, page.sizes),
        model=network,
        fit=Fit(
            target="log",
            loss="mean_squared_error",
            metric="mape",
            batch_size=page.batch_size,
            learning_rate=page.learning_rate,
            epochs=page.epochs,
            seed=page.seed,
            **stop,
        ),
    )
    return config if seed is None else with_seed(config, seed)
