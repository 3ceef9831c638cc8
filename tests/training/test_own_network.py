"""A network and a representation of one's own, defined here only: trained, stored, loaded, evaluated."""

from dataclasses import dataclass

import pytest

from surrogates import data, models, training
from surrogates.models.backend import keras


class ClosestPairs(keras.layers.Layer):
    """The logarithms of the shortest distances, ``(batch, kept)``."""

    gives = ("closest_pairs",)

    def __init__(self, kept, **options):
        super().__init__(**options)
        self.kept = kept

    def call(self, positions):
        distances = keras.ops.sort(models.PairDistances()(positions), axis=-1)
        return keras.ops.log(distances[:, : self.kept])


@dataclass(frozen=True)
class Shortest(models.Network):
    kept: int = 4
    units: int = 8

    def representation(self, box):
        return ClosestPairs(self.kept, name="representation")

    def core(self, inputs):
        x = keras.layers.Dense(self.units, activation="relu", name="hidden")(inputs)
        return keras.layers.Dense(1, name="energy")(x)


@pytest.mark.parametrize("dimensions", [2, 3])
def test_a_network_of_one_s_own(store, dimensions):
    structures = data.Data(n_atoms=5, box=5.0, seed=1, sizes=(64, 16, 16), dimensions=dimensions)
    config = training.Config(structures, Shortest(), training.Fit(batch_size=16, epochs=3))
    run = training.fit_or_load("shortest/mine/seed-0", config)
    again = training.load("shortest/mine/seed-0")
    assert again.config == config
    assert again.config.model == Shortest()
    assert again.path == training.fit_or_load("shortest/mine/seed-0", config).path
    assert again.evaluate()["test"] == pytest.approx(run.metrics["test"], rel=1e-5)
    other = training.Config(structures, Shortest(kept=2), config.fit)
    assert training.fit_or_load("shortest/mine/seed-0", other).path != run.path
    assert training.Learned(run)(run.data.test.positions)[1].shape == (16, 5, dimensions)
