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
# The report's claims

Every quantitative or comparative statement of {cite:t}`chitturi-gui` is a row in one of the tables below, with what we
measure, the rule for the verdict, the verdict, and the page whose code decides it. Statements and rules stand in the file
`data/claims.csv`, whose history the repository keeps. They were written when most numbers of the page {doc}`simulation` and
those of smaller trainings were known, and before any training at the report's scale had ended. Later, when the first
graph network of that scale was known, some rules were made stricter, and measures that could not decide their statement
were exchanged for others, or for none; a few of these changes were taken back when the perceptron of that scale was known
too, and wordings were made clearer after that. The rule for the order of the models in Table 2 came last, when three of its
five had been trained here, with one seed each. No verdict is typed by hand.

A statement *holds* where its rule does. It *holds in part* where only the looser rule does. It *cannot be decided* where
nothing measures it, or where the page that would decide it was not executed with the profile and the seed of this one.
Scores are judged at the profile `paper` only, the report's own number of structures; other profiles decide what does not
depend on that number. For the graph networks the rule asks whether we reach the report's score, for the models that fail
whether we come near it on either side.
"""

# %% tags=["parameters"]
profile = "paper"
seed = 0

# %% tags=["hide-input"]
from surrogates.book import parameters

page = parameters.of(globals(), "claims")

# %%
from surrogates.analysis import claims
from surrogates.analysis.formatting import whole
from surrogates.book import glue

decided = claims.from_pages(page.profile, page.seed, glue.recorded)

# %% tags=["hide-input"]
counts = decided.verdict.value_counts()
glue.numbers(
    statements=whole(len(decided)),
    holds=whole(counts.get("holds", 0)),
    part=whole(counts.get("holds in part", 0)),
    fails=whole(counts.get("fails", 0)),
    undecided=whole(counts.get("cannot be decided", 0)),
)

# %% [markdown]
r"""
Of {glue:text}`statements` statements, {glue:text}`holds` hold, {glue:text}`part` hold in part, {glue:text}`fails`
fail and {glue:text}`undecided` cannot be decided.

## What fails
"""

# %% tags=["hide-input", "remove-output"]
glue.table(
    "table-claims-fail",
    claims.verdict_table(decided, "fails"),
    text=True,
)

# %% [markdown]
r"""
::::{table} Statements of the report that do not hold here, by the section of the report.
:name: table-claims-fail
:class: statements

```{glue:md} table-claims-fail
:format: myst
```
::::

## What holds in part
"""

# %% tags=["hide-input", "remove-output"]
glue.table(
    "table-claims-part",
    claims.verdict_table(decided, "holds in part"),
    text=True,
)

# %% [markdown]
r"""
::::{table} Statements for which only the looser rule holds.
:name: table-claims-part
:class: statements

```{glue:md} table-claims-part
:format: myst
```
::::

## What holds
"""

# %% tags=["hide-input", "remove-output"]
glue.table(
    "table-claims-hold",
    claims.verdict_table(decided, "holds"),
    text=True,
)

# %% [markdown]
r"""
::::{table} Statements that hold.
:name: table-claims-hold
:class: statements

```{glue:md} table-claims-hold
:format: myst
```
::::

## What cannot be decided
"""

# %% tags=["hide-input", "remove-output"]
glue.table(
    "table-claims-undecided",
    claims.verdict_table(decided, "cannot be decided"),
    text=True,
)

# %% [markdown]
r"""
::::{table} Statements without a verdict, and why.
:name: table-claims-undecided
:class: statements

```{glue:md} table-claims-undecided
:format: myst
```
::::
"""

# %% [markdown]
"""
:::{admonition} Where these numbers come from
:class: provenance

Each from the page that its row names; the foot of that page names the runs. This page reads what the executed pages have
kept. `make book PROFILE=paper SEED=7` decides the statements with other seeds, after some hours of training; see
{doc}`reproduce`.
:::
"""

# %% tags=["remove-cell"]
glue.listing()
