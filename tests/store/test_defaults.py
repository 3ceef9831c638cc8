"""Defaults are part of what is stored: they do not enter a key, so one that changes would name old results as new ones.

Where this test fails, give the setting its old default, or the class another name. A new field is added here, with
a default at which the code does what it did before.
"""

import dataclasses

import pytest

from surrogates import data, models, potentials, search, training
from surrogates.store import plain

DEFAULTS = {
    data.Data: {
        "energies": "full", "n_atoms": 32, "box": 32.0, "seed": 0, "sizes": [50000, 10000, 10000],
        "potential": {"kind": "LennardJones"}, "dimensions": 2,
    },
    data.FromFile: {
        "sizes": None, "seed": 0, "zero": 0.0, "sha256": "", "n_atoms": 0, "dimensions": 3, "symbols": [], "box": 0.0,
        "lowest": 0.0, "length": 0.0,
    },
    models.MLP: {
        "hidden": [512, 256, 128, 64, 32, 32, 32, 16], "permutations": 19, "scale_inputs": True,
        "inputs": "coordinates", "kept": None, "permuted": "atoms",
    },
    models.CNN: {
        "cells": 32, "filters": [16, 32, 64], "kernel": 3, "hidden": [64, 32], "grid": "occupancy", "orientations": 1,
        "pooling": True,
    },
    models.SparseCNN: {
        "cells": 32, "filters": [16, 32, 64], "kernel": 3, "hidden": [64, 32], "grid": "occupancy", "orientations": 1,
    },
    models.GCN: {
        "n_layers": 2, "n_nodes": 128, "pooling": "sort", "hidden": [128, 64, 32, 20], "cutoff": 2.0,
        "edge_weight": "distance", "features": ["radial", "sorted"], "scale_inputs": True, "reach": None,
        "head": "dense",
    },
    models.Pairs: {"hidden": [32], "gaussians": 64, "reach": 5.0},
    models.Messages: {"channels": 32, "rounds": 1, "hidden": [64, 32], "gaussians": 32, "reach": 5.0},
    training.Fit: {
        "target": "log", "loss": "mean_squared_error", "low_weight": 1.0, "labels": "total", "metric": "mape",
        "batch_size": 256, "learning_rate": 0.001, "decay": "none", "epochs": 100, "patience": None, "seed": 0,
    },
    potentials.LennardJones: {"sigma": 1.0, "epsilon": 1.0},
    potentials.Morse: {"depth": 1.0, "stiffness": 6.0, "distance": 1.0},
    potentials.Mie: {"repulsive": 12.0, "attractive": 6.0, "sigma": 1.0, "epsilon": 1.0},
    potentials.AxilrodTeller: {},
    potentials.FromASE: {"symbols": "X", "parameters": {}, "zero": "atoms", "scales": None, "files": None},
    potentials.PairTable: {"units": [1.0, 1.0, "σ", "ε"]},
    search.Problem: {"dimensions": 2},
    search.BasinHopping: {
        "temperature": 0.4, "surface": 1.0, "atoms": 2, "shake": 0.4, "tolerance": 0.001, "pockets": False,
        "patience": None,
    },
    search.CMAES: {"width": 0.5, "calls": 1000000},
    search.OnSurrogate: {
        "method": {"kind": "BasinHopping"}, "starts": 2, "hops": 300, "keep": 5, "relaxed": 2,
        "together": False,
    },
    search.Committee: {"closest": 0.0, "farthest": None, "spread": None},
    search.Descents: {"steps": 10, "widest": 6.0},
    search.DescentLearner: {"seed": 0},
    search.NetworkEnergies: {"bounded": True, "forces": False},
    search.Multistart: {"tolerance": 0.001},
    search.PairSpline: {"pieces": 60, "scaled": False},
    search.ForceNetwork: {"epochs": 40, "again": 10, "learning_rate": 0.003, "seed": 0},
    search.InRounds: {
        "method": {"kind": "BasinHopping"},
        "descents": 1, "steps": 10, "starts": 2, "hops": 100, "keep": 2, "relaxed": 1, "together": False,
    },
}  # fmt: skip


@pytest.mark.parametrize("kind", DEFAULTS, ids=lambda kind: kind.__name__)
def test_defaults_are_those_with_which_results_were_stored(kind):
    found = {}
    for field in dataclasses.fields(kind):
        if not field.init:
            continue
        if field.default is not dataclasses.MISSING:
            found[field.name] = plain.described(field.default)
        elif field.default_factory is not dataclasses.MISSING:
            found[field.name] = plain.described(field.default_factory())
    assert found == DEFAULTS[kind]
