"""What the pages show: tables, figures and verdicts.

One module named for each page that needs its own; what several pages share is in :mod:`formatting` (numbers and lists
as text), :mod:`plots` (style and shared figures), :mod:`report` (the report's tables and comparisons with them),
:mod:`claims`, :mod:`diagrams` and :mod:`animation`.
"""

__all__ = [
    "ablations",
    "animation",
    "claims",
    "diagrams",
    "error_analysis",
    "fooled",
    "formatting",
    "gcn",
    "invariance",
    "labels",
    "low_energy",
    "one_surrogate",
    "open_choices",
    "open_models",
    "plots",
    "report",
    "searches",
    "simulation",
    "surrogate_search",
    "three_bodies",
]
