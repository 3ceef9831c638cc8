"""Training the report's MLP: floating-point operations a second, against a large matrix product on as many threads."""

import os
from statistics import median

from side_by_side import Row, alternate, in_own_process, note, rate

ATOMS, BOX, BATCH = 32, 32.0, 512
STEPS, EPOCHS = 400, 3  # the first epoch, in which the step is compiled, does not count
SIDE = 4096  # of the square matrices
ROUNDS = 7
THREADS = 1, 2
GOAL = 0.8


def rows() -> list[Row]:
    return [in_own_process(training_rate, threads) for threads in THREADS]


def training_rate(threads: int) -> Row:
    os.environ["TF_NUM_INTRAOP_THREADS"] = str(threads)  # before TensorFlow is imported
    import numpy as np

    from surrogates import models, potentials, training
    from surrogates.models import representations
    from surrogates.models.backend import keras

    on = f"{threads} thread{'' if threads == 1 else 's'}"
    what = f"MLP training, batch {BATCH}, on {on}, against a {SIDE} x {SIDE} float32 matrix product"
    note(what)
    positions = np.random.default_rng(0).random((STEPS * BATCH, ATOMS, 2)) * BOX
    surrogate = models.build(models.MLP(), ATOMS, BOX)
    inputs = representations.arrays(surrogate.get_layer("representation"), positions)
    examples = training.Examples(inputs, np.log(potentials.LennardJones().energy(positions) + 32))
    few = training.Examples(inputs[:BATCH], examples.targets[:BATCH])
    fit = training.Fit(batch_size=BATCH, epochs=EPOCHS)

    dense = [layer for layer in surrogate.get_layer("core").layers if isinstance(layer, keras.layers.Dense)]
    weights = sum(layer.kernel.shape[0] * layer.kernel.shape[1] for layer in dense)
    # Two operations for each weight and sample, in each of three products: forward, and the gradients of the
    # weights and of the inputs (the last not for the first layer: nobody asks for the gradient of the coordinates).
    first = dense[0].kernel.shape[0] * dense[0].kernel.shape[1]
    work = 2 * (3 * weights - first) * STEPS * BATCH
    matrix = keras.ops.convert_to_tensor(np.random.default_rng(1).random((SIDE, SIDE), dtype="float32"))
    ours, peer, ratio = alternate(
        lambda: work / median(training.fit(surrogate, examples, few, fit)["seconds"][1:]),
        lambda: rate(2 * SIDE**3, lambda: np.asarray(keras.ops.matmul(matrix, matrix))),
        ROUNDS,
    )
    return Row(what, f"{ours / 1e9:.3g} Gflop/s", f"{peer / 1e9:.3g} Gflop/s", ratio, GOAL)
