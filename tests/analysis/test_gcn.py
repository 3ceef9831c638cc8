"""Ranks of atoms that are tied, and correlations by the closest pair."""

import numpy as np

from surrogates import models, potentials
from surrogates.analysis import gcn
from surrogates.models import representations


def test_correlations_are_those_of_the_structures_by_their_closest_pair(run):
    found = gcn.correlations(run, "validation")
    targets, predictions = run.targets["validation"], run.predictions["validation"]
    assert found["correlation"]["all"] == np.corrcoef(targets, predictions)[0, 1]
    nearest = potentials.closest_pair(run.data.validation.positions)
    low, high = representations.RADII[:2]
    assert found["count"].tolist() == [
        len(targets), ((nearest > low) & (nearest < high)).sum(), (nearest < low).sum(),
    ]  # fmt: skip


def test_without_sorting_no_ranks_are_tied(positions):
    surrogate = models.build(models.GCN(n_layers=1, n_nodes=4, hidden=(4,), pooling="mean"), 6, 6.0)
    assert not gcn.tied(surrogate, positions).any()


def test_atoms_at_one_place_share_their_rank(positions):
    surrogate = models.build(models.GCN(n_layers=1, n_nodes=4, hidden=(4,)), 6, 6.0)
    corners = np.array([[0, 0], [0, 6], [6, 0], [6, 6], [3, 3], [3, 3]], float)  # the first four alike, isolated
    assert gcn.tied(surrogate, np.array([corners])).tolist() == [True]


def test_ties_that_stay_as_listed_break_the_invariance_and_nothing_else(run):
    positions = run.data.test.positions
    moved = gcn.changes_with_listed_ties(run, positions)
    assert moved.shape == (len(positions),)
    apart = ~gcn.tied(run.surrogate, positions)
    assert apart.any() and (moved[apart] < 1e-4).all(), "without ties the order is the same"
