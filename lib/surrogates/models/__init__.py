"""Networks from positions to energies."""

from surrogates.models.networks import *  # noqa: F403
from surrogates.models.networks import ATOMS, KINDS, layers, ops  # noqa: F401
