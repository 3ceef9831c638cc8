"""A potential of one's own, from its formula to searches.

Atoms are bound by the energy of Morse. The second time this file is run
everything is loaded; an edited formula is another potential.
"""

from dataclasses import dataclass

import numpy as np
from numba import njit

from surrogates import data, models, potentials, search, testing, training


@njit
def bond(r, parameters):
    """The energy of a pair, and its derivative by the distance."""
    (stiffness,) = parameters
    decay = np.exp(-stiffness * (r - 1))
    return decay * (decay - 2), 2 * stiffness * decay * (1 - decay)


@dataclass(frozen=True)
class Bonds(potentials.PairPotential):
    stiffness: float = 6.0
    pair = bond


if __name__ == "__main__":
    bonds = Bonds()
    testing.check_potential(bonds)

    sizes = (2000, 200, 200)
    known = data.Data("low", 7, 6.0, sizes=sizes, potential=bonds)
    network = models.GCN(
        n_nodes=32, pooling="atoms", cutoff=6.0, features=("sorted",)
    )
    fit = training.Fit(target="linear-log", metric="mae", epochs=5)
    config = training.Config(known, network, fit)
    run = training.fit_or_load("gcn/bonds/seed-0", config)
    print(f"MAE of V < 0, test: {run.metrics['test']['mae']:.3f}")

    lowest = search.reference(
        bonds, 5, seeds=range(100, 110), hops=20, name="bonds/lowest"
    )
    goal = lowest["energy"] + search.TOLERANCE
    problem = search.Problem(bonds, n_atoms=5, goal=goal)
    learner = search.DescentLearner(network, fit, search.Descents(200))
    strategies = {
        "basin hopping": search.BasinHopping(),
        "on a network": search.OnSurrogate(learner, starts=1, hops=5),
    }
    for name, strategy in strategies.items():
        trials = search.benchmark(
            "bonds/searches", problem, strategy, seeds=range(3), calls=2000
        )
        found = search.summary(trials)
        print(f"{name}: {found['successes']} of 3 successful,")
        print(f"{trials[0].labels} labels, {found['made']:.0f} calls each")
