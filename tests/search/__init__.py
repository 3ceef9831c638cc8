"""What the tests of searches share."""

from surrogates import potentials

LJ = potentials.LennardJones()
THREE_BODIES = LJ + potentials.AxilrodTeller(3.0)
