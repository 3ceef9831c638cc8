"""What a single choice changes."""

import itertools
from types import SimpleNamespace

import numpy as np
import pytest

from surrogates import models
from surrogates.analysis import ablations


def variant(*validation):
    return [
        SimpleNamespace(
            config=SimpleNamespace(fit=SimpleNamespace(metric="mae")),
            metrics={"train": {"mae": score / 2}, "validation": {"mae": score}},
            n_weights=1234,
            history=[0] * epochs,
        )
        for epochs, score in enumerate(validation, 4)
    ]


@pytest.mark.parametrize(
    ("base", "other", "word"),
    [
        ([3.0, 1.0, 2.0], [0.9, 0.5, 0.7], "better"),
        ([3.0, 1.0, 2.0], [1.0, 0.5, 0.7], "no clear difference"),
        ([3.0, 1.0, 2.0], [3.1, 9.0, 4.0], "worse"),
        ([3.0, 1.0, 2.0], [2.9, 9.0, 4.0], "no clear difference"),
        ([3.0, 1.0, 2.0], [0.9, 0.5], "open"),
        ([3.0], [0.1], "open"),
    ],
)
def test_a_difference_is_one_that_every_seed_shows(base, other, word):
    assert ablations.verdict(np.array(base), np.array(other)) == word


def test_chance_is_that_of_all_orders_of_the_seeds():
    orders = list(itertools.permutations(range(6)))
    split = [order for order in orders if max(order[:3]) < min(order[3:]) or min(order[:3]) > max(order[3:])]
    assert ablations.chance(3) == pytest.approx(len(split) / len(orders))


def test_variants_beside_the_base():
    trained = {"base": variant(1.0, 2.0, 3.0), "less": variant(0.5, 0.6, 0.7), "more": variant(4.0, 4.0, 4.0)}
    table = ablations.scores(trained)
    assert table.verdict.tolist() == ["", "better", "worse"]
    assert table.change.tolist() == pytest.approx([0.0, -70.0, 100.0])
    assert table.epochs.tolist() == [5.0] * 3
    np.testing.assert_array_equal(table.training["less"], [0.25, 0.3, 0.35])
    text = ablations.shown(table, 2).map(lambda cell: cell.replace("\u00a0", " "))
    assert text.iloc[0].tolist() == ["base", "1.00 ± 0.50", "2.00 ± 1.00", "–", "–", "1,234", "5"]
    assert text.iloc[1].tolist()[3:5] == ["−70 %", "better"]


def test_variants_as_words():
    words = ["", "better", "worse", "better", "better"]
    table = ablations.pd.DataFrame({"verdict": words}, index=["base", "a", "b", "c", "d"])
    assert ablations.listed(table, "better") == "“a”, “c” and “d”"
    assert ablations.listed(table, "worse") == "“b”"
    assert ablations.listed(table, "open") == "none"


@pytest.mark.parametrize(("wanted", "width"), [(1_000, 11), (1_000_000, 690), (1, 1)])
def test_the_width_is_the_one_that_comes_nearest(wanted, width):
    assert ablations.equal_widths(wanted, n_atoms=32) == (width,) * 3


def test_the_number_of_weights_is_that_of_the_network():
    widths = ablations.equal_widths(10_000, n_atoms=32)
    core = models.build(models.MLP(hidden=widths), 32, 32.0).get_layer("core")
    around = [
        models.count_weights(models.build(models.MLP(hidden=(widths[0] + i,) * 3), 32, 32.0).get_layer("core"))
        for i in (-1, 1)
    ]
    assert abs(models.count_weights(core) - 10_000) < min(abs(count - 10_000) for count in around)


def test_how_many_would_be_found_by_chance():
    assert "one variant in 10, which makes 1 of the 10" in ablations.by_chance(3, 10)
    assert "takes 3 seeds" in ablations.by_chance(1, 10)
