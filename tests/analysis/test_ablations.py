"""What a single choice changes."""

import itertools
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from surrogates import models
from surrogates.analysis import ablations
from surrogates.training import told
from tests.analysis.beside import BESIDE
from tests.analysis.drawn import lines


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
    assert ablations.clear_difference(np.array(base), np.array(other)) == word


def test_chance_is_that_of_all_orders_of_the_seeds():
    orders = list(itertools.permutations(range(6)))
    split = [order for order in orders if max(order[:3]) < min(order[3:]) or min(order[:3]) > max(order[3:])]
    assert ablations.chance(3) == pytest.approx(len(split) / len(orders))


def test_variants_beside_the_base():
    trained = {"base": variant(1.0, 2.0, 3.0), "less": variant(0.5, 0.6, 0.7), "more": variant(4.0, 4.0, 4.0)}
    table = ablations.variant_scores(trained)
    assert table.verdict.tolist() == ["", "better", "worse"]
    assert table.change.tolist() == pytest.approx([0.0, -70.0, 100.0])
    assert table.epochs.tolist() == [5.0] * 3
    np.testing.assert_array_equal(table.training["less"], [0.25, 0.3, 0.35])
    text = ablations.variants_table(table, 2).map(lambda cell: cell.replace("\u00a0", " "))
    assert text.iloc[0].tolist() == ["base", "1.00 ± 0.50", "2.00 ± 1.00", "–", "–", "1,234", "5"]
    assert text.iloc[1].tolist()[3:5] == ["−70 %", "better"]
    *_, last = (
        ablations.variants_table(table, 2, {"constant": {"train": [40.0], "validation": [41.0]}}).to_numpy().tolist()
    )
    assert last == ["constant", "40.0", "41.0", "–", "–", "–", "–"]


def test_how_far_the_choices_reach():
    trained = {"base": variant(9.0, 9.1), "less": variant(0.5, 0.7), "more": variant(4.0, 4.0)}
    table = ablations.variant_scores(trained)
    said = [ablations.led_to(table, lowest).replace("\u00a0", " ") for lowest in (True, False)]
    assert said == ["“less” leads down to 0.600 ± 0.141 ε", "“more” leads up to 4.000 ± 0.000 ε"], "the base is none"


def test_each_lever_is_beside_the_one_before():
    scores = {"first": (8.0, 12.0), "second": (2.0, 3.0), "third": (1.0, 6.0)}
    errors = {name: [{"train": train, "validation": value}] for name, (train, value) in scores.items()}
    table = ablations.levers_table(errors, BESIDE)
    assert table["Divided by"].tolist() == ["–", "4.0", "0.5", "–", "–"]
    assert table.iloc[3].tolist() == ["best constant", "40.0", "41.0", "–"]
    assert table.iloc[1].tolist() == ["second", "2.00", "3.00", "4.0"]


def test_the_error_of_the_logarithm_does_not_depend_on_the_target(run, pairs, monkeypatch, tmp_path):
    assert ablations.errors_of_log("unused", run)["train"] == run.metrics["train"]["mape"]
    found = ablations.errors_of_log("ablations/test/levers", pairs)
    structures = pairs.data.validation
    predicted = np.maximum(pairs.predict_energy(structures.positions), -31)
    truth = np.log(structures.energies + 32)
    expected = 100 * np.mean(np.abs(np.log(predicted + 32) - truth) / truth)
    assert found["validation"] == pytest.approx(expected)
    monkeypatch.setattr(ablations.one_surrogate, "error_of_log", lambda *given: pytest.fail("it is stored"))
    assert ablations.errors_of_log("ablations/test/levers", pairs) == found


def test_variants_as_words():
    words = ["", "better", "worse", "better", "better"]
    table = pd.DataFrame({"verdict": words}, index=["base", "a", "b", "c", "d"])
    assert ablations.with_verdict(table, "better") == "“a”, “c” and “d”"
    assert ablations.with_verdict(table, "worse") == "“b”"
    assert ablations.with_verdict(table, "open") == "none"


@pytest.mark.parametrize(("wanted", "width"), [(1_000, 11), (1_000_000, 690), (1, 1)])
def test_the_width_is_the_one_that_comes_nearest(wanted, width):
    assert told.equal_widths(wanted, n_atoms=32) == (width,) * 3


def test_the_number_of_weights_is_that_of_the_network():
    widths = told.equal_widths(10_000, n_atoms=32)
    core = models.build(models.MLP(hidden=widths), 32, 32.0).get_layer("core")
    around = [
        models.count_weights(models.build(models.MLP(hidden=(widths[0] + i,) * 3), 32, 32.0).get_layer("core"))
        for i in (-1, 1)
    ]
    assert abs(models.count_weights(core) - 10_000) < min(abs(count - 10_000) for count in around)


def test_how_many_would_be_found_by_chance():
    assert "one variant in 10 there by chance: 1 of these 10" in ablations.chance_sentence(3, 10)
    assert "takes 3 seeds" in ablations.chance_sentence(1, 10)


def test_ablations_show_every_seed_and_the_range_of_the_base():
    scores = [np.array([0.3, 0.4, 0.35]), np.array([0.5, 0.6, 0.7])]
    table = pd.DataFrame({"validation": scores}, index=["base", "other"])
    (axes,) = ablations.by_variant(table, "MAE", {"median": 0.8}).axes
    seeds = [line.get_xydata() for line in axes.lines if line.get_label() == "one seed"]
    np.testing.assert_array_equal(seeds[0], [[0.3, 1], [0.4, 1], [0.35, 1]])
    np.testing.assert_array_equal(seeds[1], [[0.5, 0], [0.6, 0], [0.7, 0]])
    (band,) = axes.patches
    assert (band.get_x(), band.get_x() + band.get_width()) == pytest.approx((0.3, 0.4))
    assert [label.get_text() for label in axes.get_yticklabels()] == ["base", "other"]


def test_sizes_are_drawn_by_their_number_of_weights():
    table = pd.DataFrame(
        {
            "weights": [200, 1000, 10],
            "training": [np.array([5.0, 7.0]), np.array([3.0, 3.0]), np.array([9.0, 9.0])],
            "validation": [np.array([80.0, 82.0]), np.array([70.0, 70.0]), np.array([90.0, 92.0])],
        },
        index=["own", "large", "small"],
    )
    (axes,) = ablations.by_weights(table, "own", "MAPE", {"mean": 75.0}).axes
    drawn = lines(axes)
    np.testing.assert_array_equal(drawn["validation"], [[10, 91], [1000, 70]])
    np.testing.assert_array_equal(drawn["training"], [[10, 9], [1000, 3]])
    squares = [line.get_xydata().tolist() for line in axes.lines if line.get_marker() == "s"]
    assert squares == [[[200, 5], [200, 7]], [[200, 80], [200, 82]]]
