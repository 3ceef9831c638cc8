"""Structures and their energies: sampling, splits, targets, symmetry operations."""
