"""Trainings: configurations, fits, runs."""

from surrogates.training.fitting import *  # noqa: F403
