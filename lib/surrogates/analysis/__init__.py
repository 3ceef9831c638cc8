"""What the pages show: tables, figures and verdicts, a module for each page that has some of its own.

Shared are :mod:`formatting` (numbers and lists as text), :mod:`plots` (style and common figures), :mod:`report` (the
report's tables, and models beside them), :mod:`claims` (with the rows in :mod:`statements`, the rules in
:mod:`verdicts`, its tables and figure in :mod:`claims_shown`), :mod:`searches` (the pages on searches),
:mod:`diagrams`. Parts of a page stand in :mod:`invariance` (comparison),
:mod:`animation` (surrogate_search).
"""
