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
        Has ``n_atoms``, ``box``, ``sizes``, ``seed``, ``hidden``, ``permutations``, ``scale_inputs``, ``batch_size``,
        ``learning_rate`` and ``epochs``.
    seed : int, optional
        Another one than that of the page.
    """
    network = models.MLP(hidden=page.hidden, permutations=page.permutations, scale_inputs=page.scale_inputs)
    return _on_all_energies(page, network, seed)


def mlp_readings(page) -> dict[str, dict[str, Config]]:
    """What the report's words on the perceptron can mean: runs by their names, by reading; the page's own comes first.

    Besides what :func:`mlp` takes of a page: ``orders``, in which a structure is shown where it is permuted, and
    ``seeds``, how many the first reading has; the others have one.
    """
    structures = page.sizes[0]
    few = {"data.sizes": (max(1, structures // page.orders), *page.sizes[1:])}
    permuted = {"model.permutations": page.orders - 1}
    exchanged = {"model.permutations": 1, "model.permuted": "rows"}
    scaled = {"model.scale_inputs": True}
    readings = {
        f"{structures:,} structures, coordinates as they are": ("", {}, page.seeds),
        "coordinates standardised": ("standardised-", scaled, 1),
        f"{few['data.sizes'][0]:,} structures in {page.orders} orders": ("orders-", few | permuted, 1),
        "the same, standardised": ("orders-standardised-", few | permuted | scaled, 1),
        "all structures, rows x and y exchanged, standardised": ("rows-", exchanged | scaled, 1),
        f"all structures in {page.orders} orders, standardised": ("permuted-", permuted | scaled, 1),
    }
    return {
        reading: {
            f"mlp/{page.profile}/{label}seed-{page.seed + i}": mlp(page, page.seed + i).replace(changes)
            for i in range(seeds)
        }
        for reading, (label, changes, seeds) in readings.items()
    }


def cnn(page, seed: int | None = None) -> Config:
    """The convolutional network of Section 4.1.2; ``cells``, ``filters``, ``kernel``, ``hidden`` besides, see `mlp`."""
    network = models.CNN(cells=page.cells, filters=page.filters, kernel=page.kernel, hidden=page.hidden)
    return _on_all_energies(page, network, seed)


def cnn_few(page) -> dict[str, dict[str, Config]]:
    """The convolutional network, and two others that the report's words allow, on ``few`` structures.

    Returns
    -------
    dict
        By network the configuration of the page's seed, by the name of its run.
    """
    few = {"data.sizes": (page.few, page.few // 5, page.few // 5)}
    wide = tuple(2 * channels for channels in page.filters)
    unpooled = page.filters[:1] * len(page.filters)
    changed = {
        "our network": {},
        "twice as wide": {"model.filters": wide},
        "without pooling": {"model.pooling": False, "model.filters": unpooled},
    }
    return {
        name: {f"cnn/{page.profile}/few/{name.replace(' ', '-')}-seed-{page.seed}": cnn(page).replace(few | changes)}
        for name, changes in changed.items()
    }


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


def gcn_further(page) -> dict[str, Config]:
    """The same network with the page's ``further_patience``, trained on beyond the report's: by the names of runs."""
    return {
        f"gcn/{page.profile}/further-seed-{page.seed + i}": gcn(page, page.seed + i).replace(
            {"fit.patience": page.further_patience}
        )
        for i in range(page.seeds)
    }


TABLE_1: Mapping[str, Callable] = {"mlp": mlp, "cnn": cnn, "gcn": gcn}
"""The models of the report's Table 1 by the names of their pages."""


def name(model: str, page, seed: int | None = None) -> str:
    """The run of a page such as "gcn": by the page's ``profile`` and its ``seed``, or another one."""
    return f"{model}/{page.profile}/seed-{page.seed if seed is None else seed}"


def of_seeds(model: str, page, seeds: int | None = None) -> dict[str, Config]:
    """A model of Table 1 with as many seeds as its page has, or another number of them: by the names of the runs."""
    numbers = range(page.seed, page.seed + (page.seeds if seeds is None else seeds))
    return {name(model, page, number): TABLE_1[model](page, number) for number in numbers}


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
    configs = _whole_search(page)
    return {key: configs[key] for key in list(configs)[: page.configurations]}


def _whole_search(page) -> dict[tuple, Config]:
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
    return grid(base, dict(zip(AXES, values, strict=True)))


def low_energy_name(key: tuple, page, seed: int | None = None) -> str:
    """The run of a model of :func:`low_energy`, with the page's ``seed`` or another one."""
    rate, n_layers, n_nodes = key
    number = page.seed if seed is None else seed
    return f"low_energy/{page.profile}/rate-{rate:g}-layers-{n_layers}-nodes-{n_nodes}-seed-{number}"


def low_energy_same(page) -> dict[str, Config]:
    """The best model of the report's Table 2, with all seeds of the page: runs by their names."""
    key = (0.001, 2, 128)
    config = _whole_search(page)[key]
    numbers = range(page.seed, page.seed + 1 + page.further_seeds)
    return {low_energy_name(key, page, number): with_seed(config, number) for number in numbers}


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
