"""Predictions that stand beside networks, as ``comparison.beside_all`` gives them."""

from surrogates.analysis import report

BESIDE = {
    "best constant": {"train": [40.0], "validation": [41.0], "test": [42.0]},
    report.TOLD_DISTANCES: {"train": [0.5, 0.7], "validation": [0.6, 0.6], "test": [0.7, 0.9]},
}
