"""A sum over atoms of what messages tell: smooth, additive, for any number of atoms."""

import numpy as np
import pytest

from surrogates import models, testing
from surrogates.models import messages
from surrogates.training import learned, prediction
from tests.conftest import SMALL_MODELS


@pytest.fixture(params=[0, 1, 2], ids="{} rounds".format)
def network(request):
    return models.Messages(channels=5, rounds=request.param, hidden=(8,), gaussians=6)


@pytest.mark.parametrize("dimensions", [2, 3])
def test_it_is_a_potential_in_every_respect(network, dimensions):
    """Shapes, forces against the numerical gradient, invariance, a batch against its parts."""
    surrogate = models.build(network, n_atoms=5, box=5.0, seed=1, dimensions=dimensions)
    testing.check_potential(
        learned.OfSurrogate(surrogate, "linear-log"), n_atoms=5, rtol=1e-4, gradient_rtol=2e-2, step=1e-2
    )


def test_clusters_that_are_far_apart_add_up(network):
    rng = np.random.default_rng(0)
    near, far = rng.random((20, 4, 2)) * 4, rng.random((20, 3, 2)) * 4 + 1e4
    alone = {n: models.build(network, n_atoms=n, box=4.0) for n in (3, 4, 7)}
    energy = learned.OfSurrogate(alone[7], "linear-log").energy(np.concatenate([near, far], axis=1))
    parts = [learned.OfSurrogate(alone[len(part[0])], "linear-log").energy(part) for part in (near, far)]
    np.testing.assert_allclose(energy, sum(parts), rtol=1e-4, atol=1e-4)


def test_what_arrives_is_summed_over_the_pairs_of_an_atom():
    rng = np.random.default_rng(1)
    filters, states = rng.normal(size=(2, 6, 3)).astype("float32"), rng.normal(size=(2, 4, 3)).astype("float32")
    first, second = np.triu_indices(4, 1)
    plain, weighted = np.zeros((2, 4, 3)), np.zeros((2, 4, 3))
    for pair, (i, j) in enumerate(zip(first, second, strict=True)):
        for at, sender in ((i, j), (j, i)):
            plain[:, at] += filters[:, pair]
            weighted[:, at] += filters[:, pair] * states[:, sender]
    layer = messages.Arrived(4)
    np.testing.assert_allclose(np.asarray(layer(filters)), plain, rtol=1e-5)
    np.testing.assert_allclose(np.asarray(layer(filters, states)), weighted, rtol=1e-5, atol=1e-6)


def test_messages_tell_of_angles_and_distances_alone_do_not():
    """The energy of an atom whose neighbours stay at their distances, and come near to each other."""
    angles = np.linspace(0.5, 3.0, 6)
    positions = np.zeros((6, 3, 2))
    positions[:, 1] = 1.2, 0.0
    positions[:, 2] = 1.3 * np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    changes = {}
    for rounds in (0, 1):
        surrogate = models.build(models.Messages(channels=8, rounds=rounds, hidden=(8,), gaussians=8), 3, 9.0, seed=2)
        changes[rounds] = np.ptp(prediction.outputs(surrogate, positions, models.ATOMS)[:, 0])
    assert changes[0] < 1e-5 < 1e-3 < changes[1]


def test_settings_without_meaning_are_refused():
    with pytest.raises(ValueError, match="reach = 0.5: give a distance above 0.7"):
        models.Messages(reach=0.5)
    for settings in ({"channels": 0}, {"rounds": -1}, {"gaussians": 1}):
        with pytest.raises(ValueError, match=next(iter(settings))):
            models.Messages(**settings)
    assert SMALL_MODELS["messages"].additive
