"""A potential of one's own: atoms bound by the energy of Morse, from its formula to a search on a surrogate of it."""

from dataclasses import dataclass

import numpy as np
from numba import njit

from surrogates import data, models, potentials, search, testing, training


@njit
def bond(r, parameters):  # the energy of a pair, and its derivative by the distance
    (stiffness,) = parameters
    decay = np.exp(-stiffness * (r - 1))
    return decay * (decay - 2), 2 * stiffness * decay * (1 - decay)


@dataclass(frozen=True)
class Bonds(potentials.PairPotential):
    stiffness: float = 6.0
    pair = bond


if __name__ == "__main__":
    bonds = Bonds()
    testing.check_potential(bonds)  # shapes, forces, symmetries

    config = training.Config(
        data.Data("low", n_atoms=7, box=6.0, sizes=(2000, 200, 200), potential=bonds),
        models.GCN(n_nodes=32, pooling="atoms", cutoff=6.0, edge_weight="inverse"),
        training.Fit(target="linear-log", loss="mean_absolute_error", metric="mae", epochs=5),
    )
    run = training.fit_or_load("gcn/bonds/seed-0", config)  # trained the first time, loaded ever after
    print("MAE of V < 0 on test structures:", round(run.metrics["test"]["mae"], 3))
