"""What the pages show: tables, figures and verdicts, a module for each page that has some of its own.

Shared are :mod:`formatting` (numbers and lists as text), :mod:`plots` (style and common figures), :mod:`report` (the
report's tables, and models beside them), :mod:`claims` (with the rows in :mod:`statements`, the rules in
:mod:`verdicts`, its tables and figure in :mod:`claims_shown`), :mod:`searches` (the pages on searches),
:mod:`diagrams`. Parts of a page stand in :mod:`labels` (one_surrogate), :mod:`invariance` (comparison),
:mod:`animation` (surrogate_search).
"""

__all__ = [
    "ablations",
    "animation",
    "causes",
    "claims",
    "claims_shown",
    "cnn",
    "comparison",
    "diagrams",
    "distances",
    "error_analysis",
    "fooled",
    "formatting",
    "gcn",
    "invariance",
    "labels",
    "low_energy",
    "mlp",
    "one_surrogate",
    "open_choices",
    "plots",
    "published_prices",
    "report",
    "searches",
    "simulation",
    "statements",
    "surrogate_search",
    "three_bodies",
    "verdicts",
    "your_own_system",
]
