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
# Tuning on low energies

:::{admonition} In short
:class: in-short

Trained on $V < 0$ alone, the report's best model has a mean absolute error of {glue:text}`report_validation` ε on validation and
{glue:text}`report_test` ε on test structures. The same model here has {glue:text}`same_validation` ε and {glue:text}`same_test` ε. Our
best of 24 is deeper, {glue:text}`best_layers` × {glue:text}`best_nodes`, with {glue:text}`best_validation` ε and
{glue:text}`best_test` ε. At equal width, three graph convolutions have {glue:text}`depth` times the error of one or two.
:::
"""

# %% tags=["parameters"]
profile = "paper"
seed = 0
n_atoms = 32
box = 32.0
sizes = [50000, 10000, 10000]
learning_rates = [0.001, 0.0001, 0.00001, 0.000001]
layers = [1, 2, 3]
nodes = [32, 128]
configurations = 24
further_seeds = 2
pooling = "sort"
batch_size = 256
epochs = 100
patience = 10
scheduler = None

# %% tags=["hide-input"]
from surrogates import checks
from surrogates.book import parameters

page = parameters.of(
    globals(),
    "low_energy",
    further_seeds=checks.not_negative,
    scheduler=parameters.scheduler,
)

# %% tags=["hide-input"]
from surrogates import training
from surrogates.analysis import claims, low_energy, plots, report
from surrogates.analysis.formatting import whole
from surrogates.book import glue
from surrogates.training import reported

configs = reported.low_energy(page)
wanted = {
    key: {
        reported.low_energy_name(key, page, seed): reported.with_seed(
            config, seed
        )
        for seed in low_energy.seeds(key, page)
    }
    for key, config in configs.items()
}
sweep = training.sweep(
    {name: config for of in wanted.values() for name, config in of.items()},
    page.scheduler,
)
trained = {
    key: [sweep[name] for name in names] for key, names in wanted.items()
}

# %% tags=["hide-input", "remove-output"]
table = low_energy.ranking(trained)
best = training.with_weights(trained[low_energy.first(table)][0])
constant = report.constant_error([best], "median", "mae")
glue.numbers(
    **low_energy.ranking_numbers(table, constant),
    trained=whole(len(table)),
    grid=whole(low_energy.in_grid(page)),
    n_train=whole(page.sizes[0]),
    n_seeds=whole(1 + page.further_seeds),
    n_epochs=whole(page.epochs),
    cut_off=whole((table.epochs >= page.epochs).sum()),
)
glue.table("table-report-search", low_energy.same_models_table(table))

# %% [markdown]
r"""
::::{table} The report's Table 2 and the same models here: MAE of $V$ in units of $\varepsilon$, mean and standard deviation over seeds. The report gives a test error for its best model only, and does not say on how many structures its models were trained; ours are trained on {glue:text}`n_train`.
:name: table-report-search

```{glue:md} table-report-search
:format: myst
```
::::

## What the report did

A model that is trained on $\log(V+32)$ over all energies is poor where $V<0$ ({doc}`error_analysis`). So {cite:t}`chitturi-gui`
train graph networks on the low-energy set alone. The target is $V$ itself, the score the mean absolute error (MAE). They try
every combination of four learning rates, one to three graph convolutions, and 32 or 128 units in each: 24 models. Each has at
most 100 epochs with batches of 256 and stops when the validation score has not improved for 10. Their Table 2 lists the first
five.

The report states neither the loss of this part nor the size of the low-energy set. We take the mean squared error, and as
many structures as the full-energy set has.

## What we did

The models of the grid are trained several at a time, on the cores of this machine or on a cluster ({ref}`choose-a-cluster`). A
profile may take only the first models of the grid, those with the largest learning rates. The models of the report's Table 2,
and all with the largest rate, are trained with {glue:text}`n_seeds` seeds. Each seed draws its own structures and initial
weights. Models are ranked by their means over seeds.
"""

# %% tags=["hide-input", "remove-output"]
glue.table("table-search", low_energy.ranking_table(table, page.epochs))

# %% [markdown]
r"""
::::{table} Our search over the {glue:text}`grid` models. MAE of $V$ on validation, mean and standard deviation over seeds; “Report” is that of the same model in Table 2. A + marks trainings that early stopping had not ended by epoch {glue:text}`n_epochs`.
:name: table-search
:class: compact

```{glue:md} table-search
:format: myst
```
::::

The median of the training energies, predicted for every structure, has an error of {glue:text}`constant` ε.
"""

# %% tags=["hide-input", "remove-output"]
lines = {"median as prediction": constant}
glue.figure("fig-search-grid", low_energy.by_learning_rate(table, lines))

# %% [markdown]
r"""
:::{glue:figure} fig-search-grid
:name: fig-search-grid
:alt: Validation error against learning rate on logarithmic axes, one line for each number and width of graph convolutions; open symbols are the five models of the report's Table 2; a horizontal line is the constant prediction.

All models of the search: validation error against learning rate, by the number and the units of the graph convolutions. Open
symbols are the report's.
:::
"""

# %% tags=["hide-input", "remove-output"]
glue.figure("fig-search", low_energy.curves_by_rate(table, constant))

# %% [markdown]
r"""
:::{glue:figure} fig-search
:name: fig-search
:alt: Validation error by epoch, a panel for each learning rate and a curve for each number and width of graph convolutions, with a horizontal line for the constant prediction.

Validation error by epoch, a panel for each learning rate. A curve ends where its training was stopped; its lowest point is
the model that was kept. The thin line is the median as prediction.
:::

Of the {glue:text}`trained` models, {glue:text}`cut_off` were trained to the last epoch; the others were stopped earlier. The
worst model, with a learning rate of {glue:text}`worst_rate`, has an MAE of {glue:text}`worst` ε.

## Does depth help?
"""

# %% tags=["hide-input", "remove-output"]
glue.table("table-search-depth", low_energy.depth_table(table))

# %% [markdown]
r"""
::::{table} MAE of $V$ on validation by the number of graph convolutions at equal width, learning rate and seeds ({glue:text}`n_seeds`).
:name: table-search-depth

```{glue:md} table-search-depth
:format: myst
```
::::

From one training of each model, the report sees no clear gain from depth. Here, at equal width, three graph convolutions have
{glue:text}`depth` times the MAE of one or two, whichever is lower. {doc}`causes` tests whether that has to do with the range
of the potential, as the report thinks.

## Where the best model errs
"""

# %% tags=["hide-input", "remove-output"]
panels = low_energy.parity_panels(best)
glue.figure("fig-search-parity", plots.parity(panels, "V / ε"))

# %% [markdown]
r"""
:::{glue:figure} fig-search-parity
:name: fig-search-parity
:alt: Two scatter plots of predicted against true energy, training structures on the left and test structures on the right, with the diagonal.

Predicted against true energies of the best model.
:::
"""

# %% tags=["hide-input", "remove-output"]
binned = low_energy.errors_by_energy(best, fewest=20)
glue.numbers(**low_energy.by_energy_numbers(best, binned), fewest=whole(20))
drawn = plots.error_by_bin([binned], "MAE of V / ε")
glue.figure("fig-search-by-energy", drawn)

# %% [markdown]
r"""
:::{glue:figure} fig-search-by-energy
:name: fig-search-by-energy
:alt: Mean absolute error by true energy on a logarithmic axis, for training and test structures and for the median as a constant prediction.

Error of the best model by the true energy, where there are at least {glue:text}`fewest` structures.
:::

Of the {glue:text}`n_train` training structures, {glue:text}`rare` have an energy below {glue:text}`middle`. In the lowest range
with enough test structures, from {glue:text}`lowest_from` to {glue:text}`lowest_to`, the error is {glue:text}`lowest_training`
for training and {glue:text}`lowest_test` for test structures. It is this end that a search is after.

(verdicts-low_energy)=

## What the report says, and whether it holds

{doc}`claims` explains the rules and collects the verdicts of all pages.
"""

# %% tags=["hide-input", "remove-output"]
architectures = {}  # by their stored scores; one that is missing is trained
for model, config in reported.TABLE_1.items():
    other = parameters.published(model, page.profile, page.seed)
    architectures[model] = training.fit_or_load(
        reported.name(model, other), config(other)
    )
found = claims.decide(
    "low_energy",
    page.profile,
    page.seed,
    unstable=low_energy.instability(best),
    **low_energy.ranking_measured(table, constant, architectures),
)
glue.record(claims.RECORD, found.record)
glue.table("table-low-energy-verdicts", found.table, text=True)

# %% [markdown]
r"""
::::{table} The statements of the report that this page decides.
:name: table-low-energy-verdicts
:class: statements

```{glue:md} table-low-energy-verdicts
:format: myst
```
::::

## What follows

The report finds the first five of its 24 models close together, {glue:text}`report_spread` apart; our first
{glue:text}`counted` are {glue:text}`spread` apart. Which of the other choices matter for these models is the subject of
{doc}`ablations`.
"""

# %% [markdown]
"""
:::{admonition} Where these numbers come from
:class: provenance

```{glue:md} provenance
:format: gfm
```

To run the page again with another seed, see {doc}`reproduce`.
:::
"""

# %% tags=["remove-cell"]
glue.provenance(*sweep.values(), *architectures.values())
glue.listing()
