# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown] tags=["remove-cell"]
"""
This notebook is a page of the executable companion to the report *Deep Surrogate Models for Atomic Systems*. It runs in the
folder `book/` of a copy of the companion's repository, on the packages that `make install` puts into `.venv` there. In the
rendered book each `{glue:…}` of the text is a number, a table or a figure. Here tables and figures stand below the cells that
make them, and the last cell lists the numbers by their names.
"""

# %% [markdown]
r"""
# Two atoms

Two Lennard-Jones atoms attract each other most where their distance is {glue:text}`steepest` σ
({numref}`fig-two-atoms`), which is {glue:text}`ratio` times that of the minimum of the energy ({numref}`table-two-atoms`).
"""

# %% tags=["parameters"]
profile = "paper"
seed = 0
farthest = 2.5

# %% tags=["hide-input"]
import numpy as np
import pandas as pd

from surrogates import potentials
from surrogates.analysis import formatting, plots
from surrogates.book import glue, parameters

page = parameters.of(globals(), "two_atoms")

# %%
distance = np.linspace(0.95, page.farthest, 1000)
pairs = np.zeros((len(distance), 2, 2))
pairs[:, 1, 0] = distance
energies, forces = potentials.LennardJones()(pairs)
pull = forces[:, 0, 0]  # on the first atom, towards the second

# %% tags=["hide-input", "remove-output"]
lowest, steepest = distance[energies.argmin()], distance[pull.argmax()]
glue.numbers(
    steepest=formatting.fixed(steepest, 2),
    ratio=formatting.fixed(steepest / lowest, 2),
)
figure, axes = plots.blank()
axes.plot(distance, pull)
axes.set(
    xlabel="pair distance r / σ",
    ylabel="attraction / (ε / σ)",
    ylim=(-3, 3),
)
glue.figure("fig-two-atoms", figure)

# %% [markdown]
r"""
:::{glue:figure} fig-two-atoms
:name: fig-two-atoms
:alt: The attraction of two atoms against their distance: negative at short distances, then a maximum, then falling to zero.

The attraction of two atoms.
:::
"""

# %% tags=["hide-input", "remove-output"]
rows = [("energy lowest", lowest), ("attraction strongest", steepest)]
table = pd.DataFrame(
    [[where, formatting.fixed(at, 3)] for where, at in rows],
    columns=["Where", "r / σ"],
)
glue.table("table-two-atoms", table)

# %% [markdown]
r"""
::::{table} Two distances.
:name: table-two-atoms

```{glue:md} table-two-atoms
:format: myst
```
::::
"""

# %% tags=["remove-cell"]
glue.listing()
