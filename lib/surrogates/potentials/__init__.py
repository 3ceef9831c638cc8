"""Potentials: energies and forces of positions."""

from surrogates.potentials.potential import LennardJones

__all__ = ["LennardJones"]
