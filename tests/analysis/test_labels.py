"""How few labels it takes."""

import re
from types import SimpleNamespace

import numpy as np
import pytest

from surrogates import data, models, potentials, training
from surrogates.analysis import labels


def test_errors_by_number_of_structures():
    errors = {"a": {300: 0.1, 1000: 0.05}, "b": {300: 0.00123, 1000: 0.001}}
    (axes,) = labels.by_number_of_labels(errors, 0.75).axes
    assert [line.get_label() for line in axes.lines] == ["a", "b", "median as prediction"]
    assert axes.lines[1].get_xydata().tolist() == [[300, 0.00123], [1000, 0.001]]
    table = labels.labels_table(errors)
    assert list(table.columns) == ["Model, labels", "300", "1,000"]
    assert table.iloc[1].tolist() == ["b", "0.0012", "0.001"]


def test_how_much_harder_totals_are_is_a_median_of_ratios():
    total, atoms = {10: 6.0, 20: 2.0, 30: 1.0}, {10: 2.0, 20: 1.0, 30: 1.0}
    errors = {"pairs": atoms, "pairs, atoms": atoms, "graph": total, "graph, atoms": atoms, "spline": atoms}
    assert labels.label_ratio(errors) == 2.0
    numbers = labels.label_numbers(errors)
    assert (numbers["few"], numbers["many"], numbers["gcn_few"], numbers["gcn_atoms_few"]) == (
        "10",
        "30",
        "6.000",
        "2.000",
    )


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
    assert errors[600] == pytest.approx(np.abs(energies - splits.test.energies).mean())
    assert errors[600] < errors[100] < 0.1


def configs():
    both, fit = data.Data("both", 6, 6.0, 3, (600, 60, 40)), training.Fit(target="linear-log", batch_size=16, seed=3)
    networks = {
        "sum-over-pairs": (training.Config(both, models.Pairs(), fit), 500),
        "graph-network": (training.Config(both, models.GCN(pooling="atoms"), fit), 50),
    }
    return labels.label_configs("here", networks, (10, 200), 40)


def test_each_training_sees_as_many_examples_however_few_the_structures():
    found = configs()
    assert len(found) == 8 and next(iter(found)) == "here/sum-over-pairs-total-10-seed-3"
    few, many = found["here/sum-over-pairs-atoms-10-seed-3"], found["here/sum-over-pairs-atoms-200-seed-3"]
    assert (few.fit.epochs, few.fit.batch_size, few.fit.labels) == (50, 10, "atoms")
    assert (many.fit.epochs, many.fit.batch_size) == (2, 16)
    assert (few.data.energies, few.data.sizes, many.data.sizes) == ("low", (10, 100, 40), (200, 100, 40))
    assert found["here/graph-network-total-200-seed-3"].fit.epochs == 1


def test_errors_stand_by_network_label_and_number():
    runs = [
        SimpleNamespace(config=config, metrics={"test": {"mae": float(i)}})
        for i, config in enumerate(configs().values())
    ]
    low = data.simulate(data.Data("low", 6, 6.0, 3, (200, 1, 40)))
    errors = labels.label_errors(runs, low)
    assert errors.pop("spline, energies of structures").keys() == {10, 200}
    assert errors == {
        "sum over pairs, energies of structures": {10: 0.0, 200: 1.0},
        "sum over pairs, energies of atoms": {10: 2.0, 200: 3.0},
        "graph network, energies of structures": {10: 4.0, 200: 5.0},
        "graph network, energies of atoms": {10: 6.0, 200: 7.0},
    }
    expected = np.abs(low.test.energies - np.median(low.train.energies)).mean()
    assert labels.median_on_test(low) == pytest.approx(expected)
