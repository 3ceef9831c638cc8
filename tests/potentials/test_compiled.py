"""Loops where there are no threads, and where nothing can be kept."""

import multiprocessing

import numba.core.caching
import numpy as np

from surrogates import potentials
from surrogates.potentials import compiled

POSITIONS = np.random.default_rng(0).random((500, 7, 2)) * 4
BOTH = potentials.LennardJones() + potentials.AxilrodTeller(1.0)


def total(n_structures: int) -> float:
    return float(BOTH.energy(POSITIONS[:n_structures]).sum())


def test_a_forked_process_computes_the_same_without_the_threads_of_its_parent():
    expected = [total(500), total(3)]
    with multiprocessing.get_context("fork").Pool(1) as pool:
        assert pool.map_async(total, [500, 3]).get(timeout=120) == expected


def test_without_a_place_for_a_cache_it_goes_without(monkeypatch):
    assert compiled._kept()
    monkeypatch.setattr(numba.core.caching.CacheImpl, "_locator_classes", [])
    assert not compiled._kept()
