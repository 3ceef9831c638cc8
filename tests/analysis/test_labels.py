"""How few labels it takes."""

import re
from types import SimpleNamespace

import numpy as np
import pytest

from surrogates import data, models, potentials, training
from surrogates.analysis import labels
from tests.analysis.drawn import lines


def test_errors_by_number_of_structures():
    errors = {"a": {300: [0.1], 1000: [0.05]}, "b": {300: [0.00123], 1000: [0.001]}, "c": {1000: [0.1, 0.3]}}
    errors |= {"d": {300: [0.2], 1000: [0.2]}, "e": {300: [0.3], 1000: [0.3]}}  # as many as on the page
    (axes,) = labels.by_number_of_labels(errors, 0.75).axes
    drawn = lines(axes)
    assert [name for name in drawn if not name.startswith("_")] == [*"abcde", "median as prediction"]
    assert drawn["b"].tolist() == [[300, 0.00123], [1000, 0.001]] and drawn["c"].tolist() == [[1000, 0.2]]
    seeds = [line.get_xydata().tolist() for line in axes.lines if line.get_marker() == "."]
    assert [[1000, 0.1], [1000, 0.3]] in seeds
    table = labels.labels_table(errors)
    assert list(table.columns) == ["Model, labels", "300", "1,000"]
    assert table.iloc[1].tolist() == ["b", "0.0012", "0.0010"]
    assert table.iloc[2].tolist() == ["c", "–", "0.200\u00a0±\u00a00.141"]


def test_how_much_harder_totals_are():
    total, atoms = {10: [6.0, 8.0], 20: [2.0, 3.0], 30: [1.0, 1.0]}, {10: [2.0, 2.0], 20: [1.0, 1.0], 30: [1.0, 1.0]}
    errors = {"pairs": atoms, "pairs, atoms": atoms, "graph": total, "graph, atoms": atoms, "spline": atoms}
    ratios = labels.label_ratios(errors)
    assert ratios == {10: [3.0, 4.0], 20: [2.0, 3.0], 30: [1.0, 1.0]}
    words = labels.ratios_in_words(ratios).replace("\u00a0", " ")
    assert words.startswith(
        "3.50 ± 0.71 times that with one for each atom from 10 structures, 2.50 ± 0.71 times from 20 "
    )
    numbers = labels.label_numbers(errors)
    names = ("few", "many", "gcn_many", "gcn_atoms_many", "pair_few")
    expected = ["10", "30", "1.000 ± 0.000", "1.000 ± 0.000", "2.0000 ± 0.0000"]
    assert [numbers[name].replace("\u00a0", " ") for name in names] == expected


def test_trainings_that_came_to_their_last_epoch_are_counted():
    config = SimpleNamespace(fit=SimpleNamespace(epochs=3))
    trained = [SimpleNamespace(config=config, history=[0] * epochs) for epochs in (3, 2, 3)]
    assert (
        labels.reached_the_end(trained) == "2 of 3 trainings came to that limit, and might have come lower beyond it."
    )
    assert labels.reached_the_end(trained[1:2]) == "None of 1 trainings came to that limit."


@pytest.mark.parametrize(
    ("total", "atoms", "expected"),
    [
        (
            {300: 0.5, 1000: 0.3, 3000: 0.2},
            {300: 0.3, 1000: 0.1, 3000: 0.1},
            "What 300 .* atoms, about 3.3 times as many",
        ),
        ({300: 0.8, 1000: 0.4, 4000: 0.1}, {300: 0.2, 1000: 0.1, 4000: 0.1}, "What 300 .*, about 6.7 times"),
        ({300: 0.5, 1000: 0.4}, {300: 0.3, 1000: 0.1}, "What 300 structures .*, 1,000 do not"),
        ({300: 0.2, 1000: 0.1}, {300: 0.3, 1000: 0.2}, "Nowhere"),
    ],
)
def test_what_energies_of_atoms_are_worth(total, atoms, expected):
    assert re.match(expected, labels.equal_labels(total, atoms))


def test_errors_of_splines_are_those_of_fits_to_the_first_structures():
    splits = data.simulate(data.Data("low", sizes=(600, 1, 500)))
    fitted = potentials.fit_spline(splits.train)
    errors = labels.spline_errors(splits.train, splits.test, [100, 600])
    energies, _ = fitted(splits.test.positions)
    assert errors[600] == pytest.approx([np.abs(energies - splits.test.energies).mean()])
    assert errors[600] < errors[100] < [0.1]


def configs():
    both, fit = data.Data("both", 6, 6.0, 3, (600, 60, 40)), training.Fit(target="linear-log", batch_size=16, seed=3)
    pairs, atoms = (training.Config(both, model, fit) for model in (models.Pairs(), models.GCN(pooling="atoms")))
    return labels.label_configs("here", "sum-over-pairs", pairs, (10, 200), 500) | labels.label_configs(
        "here", "graph-network", atoms, (10,), 5000, patience=100, seeds=2
    )


def test_each_training_sees_as_many_examples_however_few_the_structures():
    found = configs()
    assert len(found) == 8 and next(iter(found)) == "here/sum-over-pairs-total-10-seed-3"
    few, many = found["here/sum-over-pairs-atoms-10-seed-3"], found["here/sum-over-pairs-atoms-200-seed-3"]
    assert (few.fit.epochs, few.fit.batch_size, few.fit.labels, few.fit.patience) == (50, 10, "atoms", None)
    assert (many.fit.epochs, many.fit.batch_size) == (2, 16)
    assert (few.data.energies, few.data.sizes, many.data.sizes) == ("low", (10, 100, 40), (200, 100, 40))


def test_a_training_stops_after_as_many_examples_that_bring_nothing():
    first, second = (configs()[f"here/graph-network-total-10-seed-{seed}"] for seed in (3, 4))
    assert (first.fit.epochs, first.fit.patience) == (500, 10)
    assert (second.data.seed, second.fit.seed) == (4, 4)


def test_errors_stand_by_network_label_number_and_seed():
    runs = [
        SimpleNamespace(config=config, metrics={"test": {"mae": float(i)}})
        for i, config in enumerate(configs().values())
    ]
    low = data.simulate(data.Data("low", 6, 6.0, 3, (200, 1, 40)))
    errors = labels.label_errors(runs, low, (10, 200))
    assert errors.pop("spline, energies of structures").keys() == {10, 200}
    assert errors == {
        "sum over pairs, energies of structures": {10: [0.0], 200: [1.0]},
        "sum over pairs, energies of atoms": {10: [2.0], 200: [3.0]},
        "graph network, energies of structures": {10: [4.0, 6.0]},
        "graph network, energies of atoms": {10: [5.0, 7.0]},
    }
    expected = np.abs(low.test.energies - np.median(low.train.energies)).mean()
    assert labels.median_on_test(low) == pytest.approx(expected)
