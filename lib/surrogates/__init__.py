"""Helpers of the executable companion to *Deep Surrogate Models for Atomic Systems*.

A surrogate is a Keras model from positions ``(batch, atoms, d)`` to one energy per structure; a potential gives
energies and forces of positions, and a trained surrogate is one. The rooms, from low to high: ``store``,
``potentials``, ``data``, ``models``, ``training``, ``search``, ``analysis`` (what the pages show) and ``book``
(parameters, execution, rendering).
"""

import os

# TensorFlow reads these when it is first imported. Its start-up notes would otherwise stand in every page,
# with times and process numbers that differ from one execution to the next.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
