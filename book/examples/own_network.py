"""A network of one's own: what it sees, what it computes, one run, a sweep.

It sees the distances of all pairs of atoms, shortest first: numbers that do
not change when a structure is moved or turned, or its atoms are listed in
another order. The second time this file is run nothing is trained.
"""

from dataclasses import dataclass

from surrogates import data, models, training
from surrogates.models.backend import keras


class SortedDistances(keras.layers.Layer):
    """Positions (batch, atoms, d) to log r of pairs, (batch, kept)."""

    def __init__(self, kept, **options):
        super().__init__(**options)
        self.kept = kept

    def call(self, positions):
        distances = models.PairDistances()(positions)
        shortest = keras.ops.sort(distances, axis=-1)[:, : self.kept]
        return keras.ops.log(shortest)


@dataclass(frozen=True)
class Shortest(models.Network):  # from here on it is known by its name
    kept: int = 15
    hidden: tuple[int, ...] = (64, 32)

    def representation(self, box):
        return SortedDistances(self.kept, name="representation")

    def core(self, x):
        for units in self.hidden:
            x = keras.layers.Dense(units, activation="relu")(x)
        return keras.layers.Dense(1)(x)


if __name__ == "__main__":  # the workers of a sweep import this file too
    config = training.Config(
        data.Data(n_atoms=6, box=6.0, sizes=(2000, 500, 500)),
        Shortest(),
        training.Fit(target="log", batch_size=32, epochs=10),
    )
    run = training.fit_or_load("shortest/mine/seed-0", config)
    print("MAPE on test structures:", run.metrics["test"]["mape"])

    loaded = training.load("shortest/mine/seed-0")
    print("from its weights:", loaded.evaluate()["test"]["mape"])

    changes = training.grid(config, {"model.kept": (3, 15)})
    swept = training.sweep(
        {f"shortest/mine/kept-{k}": c for (k,), c in changes.items()}
    )
    print(training.sweep_table(swept)[["kept", "validation mape"]])
