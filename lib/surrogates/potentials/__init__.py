"""Potentials: energies and forces of positions."""
