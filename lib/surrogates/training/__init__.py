"""Trainings: configurations, fits, and the store of runs, which trains each only once.

>>> from surrogates import data, models, training
>>> config = training.Config(data.Data(seed=7), models.GCN(), training.Fit(epochs=60, seed=7))
>>> run = training.fit_or_load("gcn/mine/seed-7", config)
"""

# ruff: noqa: F401 (what is imported here is what the room gives)

from surrogates.training.batches import Batches, Examples
from surrogates.training.config import Config
from surrogates.training.fitting import Fit, early_stop, fit
from surrogates.training.forces import WithForces
from surrogates.training.learned import EnergiesOnly, Learned, OfSurrogate, pair_energy, pair_table, rebuilt
from surrogates.training.metrics import errors
from surrogates.training.prediction import outputs, predict
from surrogates.training.ranges import OutsideRange, TrainedRange
from surrogates.training.runs import Run, drop_weights, fit_or_load, fit_or_load_all, load, with_weights
from surrogates.training.sweeps import grid, sweep, sweep_table
