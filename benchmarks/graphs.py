"""Atom graphs: the time to the first training batch, and of a training step.

Against StellarGraph's generator, and the step also against its matrix products alone.
"""

import time
from itertools import pairwise
from statistics import median

from side_by_side import Row, alternate, in_own_process, note, peak_memory

ATOMS, BOX, CUTOFF, BATCH = 32, 32.0, 2.0, 256
STEPS, EPOCHS = 20, 4  # of training; the first epoch, in which the step is compiled, does not count
ROUNDS = 5
GOAL_TIME, GOAL_MEMORY, GOAL_STEP, GOAL_PRODUCTS = 50, 1 / 3, 3, 1.3


def rows(structures: int) -> list[Row]:
    steps = (in_own_process(step, width) for width in (32, 128) for step in (training_step, beside_products))
    return [*first_batch(structures), *steps]


def first_batch(structures: int) -> list[Row]:
    what = f"from {structures:,} structures to the first training batch"
    note(f"{what} (StellarGraph needs about 2 ms a structure)")
    in_own_process(arrays_batch, BATCH)  # reads the packages from the disk, which is no part of the comparison
    measured = [in_own_process(arrays_batch, structures), in_own_process(generator_batch, structures)]
    measured.append(in_own_process(arrays_batch, structures))
    (first, memory, batch), (peer, peer_memory, peer_batch), (second, *_) = measured
    check_equal(batch, peer_batch)
    ours = median((first, second))
    shown_memory = [f"{value / 2**20:,.0f} MiB" for value in (memory, peer_memory)]
    return [
        Row(f"{what}, time", f"{ours:.3g} s", f"{peer:.3g} s", peer / ours, GOAL_TIME),
        Row(f"{what}, memory", *shown_memory, memory / peer_memory, GOAL_MEMORY, at_most=True),
    ]


def check_equal(batch, peer_batch):
    import numpy as np

    for array, peer_array in zip(batch, peer_batch, strict=True):
        difference = abs(np.asarray(array) - np.asarray(peer_array))
        # An atom may fall on the other side of a radius, or of the cutoff, in float32.
        assert np.quantile(difference, 0.9999) < 1e-4, "the two first batches differ"


def simulate(structures: int):
    import numpy as np

    from surrogates import potentials

    positions = np.random.default_rng(0).random((structures, ATOMS, 2)) * BOX
    return positions, np.log(potentials.LennardJones().energy(positions) + 32)


def arrays_batch(structures: int):
    """Seconds, bytes beyond the imports, and the batch (features, adjacency, targets), by the library's arrays.

    With the mean and deviation of every feature, which a training needs before its first batch and the peer has not.
    """
    from surrogates import models, training
    from surrogates.models import representations

    positions, targets = simulate(structures)
    layer, scaling = models.GCN(cutoff=CUTOFF).representation(BOX), representations.Standardize()

    def batches_of(positions, targets):
        batches = training.Batches(training.Examples(representations.arrays(layer, positions), targets), BATCH, seed=0)
        scaling.adapt(batches.inputs[0])
        return batches, batches[0]

    scaling.build((None, ATOMS, len(representations.RADII) + ATOMS - 1))
    batches_of(positions[:2], targets[:2])  # numba compiles
    memory, start = peak_memory(), time.perf_counter()
    batches, _ = batches_of(positions, targets)
    seconds, memory = time.perf_counter() - start, peak_memory() - memory
    batches.order = range(structures)  # for the comparison: unshuffled
    (features, adjacency), y = batches[0]
    return seconds, memory, (features, adjacency, y[:, 0])


def generator_batch(structures: int):
    """The same by StellarGraph objects and its generator."""

    positions, targets = simulate(structures)
    generator(positions[:2], targets[:2])[0]
    memory, start = peak_memory(), time.perf_counter()
    flow = generator(positions, targets)
    (features, _, adjacency), y = flow[0]
    seconds, memory = time.perf_counter() - start, peak_memory() - memory
    return seconds, memory, (features, adjacency, y)


def generator(positions, targets):
    """One StellarGraph object a structure, and the generator over them."""
    import numpy as np
    import pandas as pd
    from stellargraph import IndexedArray, StellarGraph
    from stellargraph.mapper import PaddedGraphGenerator

    graphs = []
    i, j = np.triu_indices(positions.shape[1], 1)
    for start in range(0, len(positions), BATCH):
        distances, features = node_features(positions[start : start + BATCH])
        for r, x in zip(distances[:, i, j], features, strict=True):
            near = r <= CUTOFF
            edges = pd.DataFrame({"source": i[near], "target": j[near], "weight": r[near]})
            graphs.append(StellarGraph(IndexedArray(x), edges))
    return PaddedGraphGenerator(graphs).flow(range(len(graphs)), targets, weighted=True, batch_size=BATCH)


def node_features(positions):
    """Distances (structures, atoms, atoms) and the report's node features (structures, atoms, features), by NumPy."""
    import numpy as np

    from surrogates.models.representations import RADII

    difference = positions[:, :, None] - positions[:, None]
    distances = np.sqrt(np.einsum("sijx,sijx->sij", difference, difference))
    others = np.sort(distances, axis=-1)[..., 1:]  # the first is the atom itself
    shell = np.searchsorted(RADII, others)
    atoms = np.arange(others.shape[0] * others.shape[1]).reshape(*others.shape[:2], 1)
    width = len(RADII) + 1
    shells = np.bincount((atoms * width + shell).ravel(), minlength=atoms.size * width)
    counts = shells.reshape(*others.shape[:2], width).cumsum(-1)[..., :-1]
    return distances, np.concatenate([counts, others], axis=-1, dtype=np.float32)


def training_step(width: int) -> Row:
    """Time of one step of `fit`: our arrays and network, and the same network as StellarGraph's generator feeds it."""
    import numpy as np

    from surrogates import models, training
    from surrogates.models import representations

    what = f"GCN training step, 2 layers of {width}, batch {BATCH}"
    note(what)
    config = models.GCN(n_layers=2, n_nodes=width, cutoff=CUTOFF)
    surrogate = models.build(config, ATOMS, BOX)
    positions, targets = simulate(STEPS * BATCH)
    inputs = representations.arrays(surrogate.get_layer("representation"), positions)
    flow = generator(positions, targets[:, None].astype("float32"))

    core = surrogate.get_layer("core")
    core.get_layer("scaling").adapt(inputs[0])
    peer = stellargraph_network(config)
    peer.set_weights(core.get_weights())  # so that equal predictions show equal networks
    few = [array[:BATCH] for array in inputs]
    np.testing.assert_allclose(peer.predict_on_batch(flow[0][0]), core.predict_on_batch(few), rtol=1e-3, atol=1e-3)

    peer.compile(optimizer="adam", loss="mean_squared_error", jit_compile=False)

    fit = training.Fit(batch_size=BATCH, epochs=EPOCHS)
    examples, few = training.Examples(inputs, targets), training.Examples(tuple(few), targets[:BATCH])
    ours, other, ratio = alternate(
        lambda: STEPS / median(training.fit(surrogate, examples, few, fit)["seconds"][1:]),
        lambda: STEPS / median(epoch_seconds(peer, flow)[1:]),
        ROUNDS,
    )
    return Row(what, f"{1000 / ours:.3g} ms", f"{1000 / other:.3g} ms", ratio, GOAL_STEP)


def beside_products(width: int) -> Row:
    """Time of one step of `fit` over that of all matrix products in it, one after the other."""
    import numpy as np
    import tensorflow as tf

    from surrogates import models, training
    from surrogates.models import representations

    what = f"GCN training step, 2 layers of {width}, batch {BATCH}, against its matrix products alone"
    note(what)
    surrogate = models.build(models.GCN(n_layers=2, n_nodes=width, cutoff=CUTOFF), ATOMS, BOX)
    positions, targets = simulate(STEPS * BATCH)
    inputs = representations.arrays(surrogate.get_layer("representation"), positions)
    core = surrogate.get_layer("core")
    core.get_layer("scaling").adapt(inputs[0])
    fit = training.Fit(batch_size=BATCH, epochs=EPOCHS)
    examples = training.Examples(inputs, targets)
    few = training.Examples(tuple(array[:BATCH] for array in inputs), targets[:BATCH])
    numbers = np.random.default_rng(0)
    factors = [
        [tf.constant(numbers.random(shape, dtype="float32")) for shape in shapes] for shapes in products_of_a_step(core)
    ]

    def multiply():
        start = time.perf_counter()
        for _ in range(STEPS):
            for left, right in factors:
                tf.linalg.matmul(left, right)
        return (time.perf_counter() - start) / STEPS

    ours, products, ratio = alternate(
        lambda: median(training.fit(surrogate, examples, few, fit)["seconds"][1:]) / STEPS, multiply, ROUNDS
    )
    return Row(what, f"{1000 * ours:.3g} ms", f"{1000 * products:.3g} ms", ratio, GOAL_PRODUCTS, at_most=True)


def products_of_a_step(core) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Shapes of the two factors of every matrix product in a training step: forward, and the gradients.

    Nobody asks for the gradient of the features, so that it is left out of the first convolution.
    """
    from surrogates.models.backend import keras
    from surrogates.models.graph_layers import GraphConvolution

    shapes = []
    for layer in core.layers:
        if not isinstance(layer, (GraphConvolution, keras.layers.Dense)):
            continue
        n_in, n_out = layer.kernel.shape
        convolves = isinstance(layer, GraphConvolution)
        rows = BATCH * ATOMS if convolves else BATCH
        shapes += [((rows, n_in), (n_in, n_out)), ((n_in, rows), (rows, n_out))]
        first, mixed = not shapes[2:], ((BATCH, ATOMS, ATOMS), (BATCH, ATOMS, n_in))
        shapes += [mixed] * convolves
        if not first:
            shapes += [((rows, n_out), (n_out, n_in))] + [mixed] * convolves
    return shapes


def stellargraph_network(config):
    """The layers of `surrogates.models.networks.GCN`, with the pooling and the mask that padded graphs need."""
    from stellargraph.layer import SortPooling

    from surrogates.models.backend import keras
    from surrogates.models.graph_layers import GraphConvolution
    from surrogates.models.representations import RADII, Standardize

    nodes = keras.Input((ATOMS, len(RADII) + ATOMS - 1))
    mask, adjacency = keras.Input((ATOMS,), dtype="bool"), keras.Input((ATOMS, ATOMS))
    x, embeddings = Standardize()(nodes), []
    for width, activation in [(config.n_nodes, "relu")] * config.n_layers + [(1, "linear")]:
        x = GraphConvolution(width, activation=activation)([x, adjacency])
        embeddings.append(x)
    x = SortPooling(k=ATOMS, flatten_output=True)(keras.layers.Concatenate()(embeddings), mask=mask)
    x = keras.layers.Flatten()(x)
    for units in config.hidden:
        x = keras.layers.Dense(units, activation="relu")(x)
    return keras.Model([nodes, mask, adjacency], keras.layers.Dense(1)(x))


def epoch_seconds(network, flow) -> list[float]:
    from surrogates.models.backend import keras

    ends = [time.perf_counter()]

    class Batches(keras.utils.PyDataset):
        """Keras 3 takes tuples, and the generator gives lists."""

        def __len__(self):
            return len(flow)

        def __getitem__(self, index):
            inputs, y = flow[index]
            return tuple(inputs), y

    note_end = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: ends.append(time.perf_counter()))
    network.fit(Batches(), epochs=EPOCHS, callbacks=[note_end], verbose=0)
    return [end - start for start, end in pairwise(ends)]
