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

:::{admonition} In short
:class: in-short

Of {glue:text}`statements` statements that can fail, {glue:text}`holds` hold, {glue:text}`part` hold in part and
{glue:text}`fails` fail; {glue:text}`surpassed` surpassed, {glue:text}`close` too close to call. Of the {glue:text}`causes`
causes that the report gives for its results, {glue:text}`causes_hold`.
:::

Every quantitative or comparative statement of {cite:t}`chitturi-gui` is a row of {numref}`table-claims`, with the verdict,
what we measure, the rule, and the page whose code decides it. No verdict is typed by hand. The rules were *not
preregistered*: some results were known when they were written or changed ([how they changed](changed-rules)).
"""

# %% tags=["parameters"]
profile = "paper"
seed = 0

# %% tags=["hide-input"]
from surrogates.book import parameters

page = parameters.of(globals(), "claims")

# %% tags=["hide-input"]
from surrogates.analysis import claims
from surrogates.analysis.formatting import are, none_or, whole
from surrogates.book import glue

decided = claims.from_pages(page.profile, page.seed, glue.recorded)

# %% tags=["hide-input", "remove-output"]
counts = claims.counted_verdicts(decided)
constructed = (decided.kind == "construction").sum()
causes = decided[decided.kind == "cause"]
held = (causes.verdict == "holds").sum()
glue.numbers(
    statements=whole(sum(counts.values())),
    constructed=whole(constructed),
    holds=whole(counts["holds"]),
    surpassed=are(counts["surpassed"]),
    part=whole(counts["holds in part"]),
    close=are(counts["too close to call"]),
    fails=whole(counts["fails"]),
    causes=whole(len(causes)),
    causes_hold=f"{none_or(held)} {'hold' if held > 1 else 'holds'}",
)
glue.figure("fig-claims", claims.bar(decided))

# %% [markdown]
r"""
:::{glue:figure} fig-claims
:name: fig-claims
:alt: Four horizontal bars, for numbers of the report, statements, causes, and what is true by construction. Each is divided by verdict, with its count in every part; the counts stand in the table below.

All statements by kind and verdict. What is true by construction cannot fail, and is no success.
:::
"""

# %% tags=["hide-input", "remove-output"]
glue.table("table-claims-counts", claims.counts_table(decided))

# %% [markdown]
r"""
::::{table} How many statements of each kind have each verdict.
:name: table-claims-counts

```{glue:md} table-claims-counts
:format: myst
```
::::

## How a verdict is reached

- A statement *holds* where its rule does, and *holds in part* where only the looser rule does.
- A number that should come near the report's is *surpassed* where ours is better than that.
- It is *too close to call* where another value within the spread (±) would get another verdict: even a mean that is near the
  report's number, if the seeds spread wider than the rule allows.
- It *cannot be decided* where its page was executed with another profile or seed than this one. Some statements are about the
  report's number of structures: only the profile `paper` can judge them.

The spread is the standard deviation of one seed or data set; the number in brackets says over how many of them the value is a
mean. The margin is the distance to the nearest value with another verdict. Where the report can be read in two ways, the first
reading decides; the others are shown beside it.

## All statements
"""

# %% tags=["hide-input", "remove-output"]
glue.table("table-claims", claims.whole_table(decided), text=True)

# %% [markdown]
r"""
::::{table} All statements of the report, numbers first, then what it states and what it gives as causes; what is true by construction comes last: there we check that the code does so. The last column leads to the row on its page; the cell that decides it stands above that table.
:name: table-claims
:class: statements compact

```{glue:md} table-claims
:format: myst
```
::::

(changed-rules)=

## Rules that were changed

The rules stand in the file `data/claims.csv`, whose history the repository keeps. They were written when most numbers of the
page {doc}`simulation` and those of smaller trainings were known, and before any training at the report's scale had ended.
Each later change is a row below, with what was known when it was made.
"""

# %% tags=["hide-input", "remove-output"]
glue.table(
    "table-claims-changes",
    claims.changes_table(claims.changed_rules(), claims.statements()),
    text=True,
)

# %% [markdown]
r"""
:::::{admonition} All changes
:class: dropdown

::::{table} Changes of rules, measures and wordings, oldest first. Where a measure or a wording was changed, it stands before the rule.
:name: table-claims-changes
:class: statements

```{glue:md} table-claims-changes
:format: myst
```
::::
:::::

## What follows

Many of the report's numbers can be reached, by readings that it does not state. The reasons that it gives for them do not
survive experiments that change one thing: {doc}`causes`. What does is on the page {doc}`distances`.
"""

# %% [markdown]
"""
:::{admonition} Where these numbers come from
:class: provenance

Each comes from the page that its row names, and the foot of that page names the runs. This page reads what the executed pages
have kept. `make book PROFILE=paper SEED=7` decides the statements with other seeds, after some hours of training; see
{doc}`reproduce`.
:::
"""

# %% tags=["remove-cell"]
glue.listing()
