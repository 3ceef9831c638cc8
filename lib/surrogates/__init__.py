"""Helpers of the executable companion to *Deep Surrogate Models for Atomic Systems*.

A surrogate is a Keras model from positions ``(batch, atoms, 2)`` to one energy per structure. From low to high:
``potential`` (true energy and forces), ``data``, ``representations``, ``models``, ``training``, ``runs``
(the store of trained surrogates), ``figures``, ``parameters`` (what a page accepts) and ``pages`` (execute, render).
"""

import os

# TensorFlow reads these when it is first imported. Its start-up notes would otherwise stand in every page,
# with times and process numbers that differ from one execution to the next.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
