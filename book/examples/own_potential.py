"""A potential of one's own: atoms bound by the energy of Morse, from its formula to a search on a surrogate of it."""

from dataclasses import dataclass

import numpy as np
from numba import njit

from surrogates import data, models, potentials, search, testing, training


@njit
def bond(
    r, parameters
):  # the energy of a pair, and its derivative by the distance
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
        data.Data(
            "low",
            n_atoms=7,
            box=6.0,
            sizes=(2000, 200, 200),
            potential=bonds,
        ),
        models.GCN(
            n_nodes=32,
            pooling="atoms",
            cutoff=6.0,
            edge_weight="inverse",
            features=("sorted",),
        ),
        training.Fit(
            target="linear-log",
            loss="mean_absolute_error",
            metric="mae",
            epochs=5,
        ),
    )
    run = training.fit_or_load(
        "gcn/bonds/seed-0", config
    )  # trained the first time, loaded ever after
    print(
        f"MAE of V < 0 on test structures: {run.metrics['test']['mae']:.3f}"
    )

    lowest = search.reference(
        bonds, n_atoms=7, seeds=range(100, 110), hops=50
    )
    problem = search.Problem(
        bonds, n_atoms=7, goal=lowest["energy"] + search.TOLERANCE
    )
    trusted = float(potentials.closest_pair(run.data.train.positions).min())
    committee = search.Committee((training.Learned(run),), closest=trusted)
    strategies = {
        "basin hopping": search.BasinHopping(),
        "on the network": search.OnSurrogate(
            search.Given(committee, taken=2000), starts=1, hops=5
        ),
    }
    for name, strategy in strategies.items():
        trials = search.benchmark(
            "bonds/searches", problem, strategy, seeds=range(2), calls=2000
        )
        found = search.summary(trials)
        print(
            f"{name}: {found['successes']} of {found['trials']}, {sum(trial.calls for trial in trials)} calls"
        )
