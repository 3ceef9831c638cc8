"""How predictions change under operations that leave the energy as it is."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from surrogates.analysis import invariance
from surrogates.data import symmetry
from surrogates.store.provenance import root
from surrogates.training import runs
from tests.conftest import SMALL_RUN


def counted_up(scale: float, positions: np.ndarray):
    """A run whose prediction grows with the x of the first atom."""

    def predict(positions, warn):
        return scale * positions[:, 0, 0]

    data = SimpleNamespace(test=SimpleNamespace(positions=positions))
    config = SMALL_RUN.replace({"fit.seed": int(scale)})
    return SimpleNamespace(predict=predict, data=data, config=config, metrics={"test": {"mae": 2.0}})


def test_changes_are_shares_of_the_error_and_of_the_spread(positions, store):
    one, three = counted_up(1.0, positions), counted_up(3.0, positions)
    table = invariance.audit("small/audit", [one, three])
    assert list(table.index) == list(symmetry.OPERATIONS)
    x = positions[:, 0, 0]
    mirrored = np.abs(6.0 - 2 * x).mean()
    assert table["change"]["reflection"] == pytest.approx(2 * mirrored)  # of 1 and 3 times
    assert table["of error"]["reflection"] == pytest.approx(2 * mirrored / 2.0)
    assert table["of spread"]["reflection"] == pytest.approx(mirrored / x.std())
    assert (table["change"] > 0.1).all()
    one.predict = three.predict = None
    pd.testing.assert_frame_equal(invariance.audit("small/audit", [one, three]), table)


@pytest.mark.parametrize("model", ["mlp", "cnn", "gcn"])
def test_the_published_changes_follow_from_the_weights(model, monkeypatch, tmp_path):
    monkeypatch.chdir(root())
    run = runs.load(f"{model}/paper/seed-0")
    with monkeypatch.context() as patch:
        patch.setattr(symmetry, "changes", lambda *given: pytest.fail("it is not stored"))
        stored = invariance.stored_changes("comparison/paper/seed-0/invariance", run)
    run.data, run.surrogate  # noqa: B018 (read while the store is there)
    monkeypatch.setenv("SURROGATES_RUNS", str(tmp_path / "runs"))
    assert invariance.stored_changes("anew", run) == pytest.approx(stored, rel=1e-3, abs=1e-5)


def test_changes_are_shown_with_their_share_of_the_error(positions, store):
    audits = {"one": invariance.audit("small/audit", [counted_up(1.0, positions)])}
    (row,) = invariance.audit_table(audits, {"one": 2.0}).to_numpy().tolist()
    change = audits["one"]["change"]["reflection"]
    assert row[0] == "one" and row[-1] == "2.000"
    assert row[4] == f"{change:#.3g} ({change / 2:#.3g})"


def test_bars_of_changes_are_grouped_by_surrogate():
    changes = pd.DataFrame({"MLP": [0.5, 0.1], "GCN": [0.0, 2.0]}, index=["permutation", "rotation"])
    (axes,) = invariance.bars({name: changes[[name]].set_axis(["of error"], axis=1) for name in changes}).axes
    bars = {(group.get_label(), i): bar for group in axes.containers for i, bar in enumerate(group)}
    heights = {key: bar.get_height() for key, bar in bars.items()}
    assert (heights[("permutation", 0)], heights[("rotation", 0)]) == (0.5, 0.1)
    assert heights[("rotation", 1)] == 2.0
    assert heights[("permutation", 1)] == axes.get_ylim()[0], "no change is drawn at the lower edge"
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["MLP", "GCN"]
    for i, place in enumerate(axes.get_xticks()):
        sides = [bars[(operation, i)] for operation in changes.index]
        middle = (sides[0].get_x() + sides[-1].get_x() + sides[-1].get_width()) / 2
        assert place == pytest.approx(middle), "the name stands under the middle of its group"


def test_numbers_of_the_page_are_those_of_the_audits():
    operations = ["permutation", "translation", "rotation"]
    of = {"MLP": [2.5, 1.0, 1.0], "CNN": [0.0, 0.777, 1.0], "GCN": [1e-6, 2e-6, 3e-6]}
    audits = {name: pd.DataFrame({"change": pd.Series(values, operations)}) for name, values in of.items()}
    assert invariance.changes_numbers(audits, {"GCN": 0.256}) == {
        "mlp_permuted": "2.50",
        "cnn_permuted": "0",
        "cnn_translated": "0.777",
        "gcn_largest": "less than 0.001",
        "gcn_error": "0.26",
    }


def test_the_error_is_the_mean_over_the_runs():
    runs = [SimpleNamespace(metrics={"test": {"mae": mae}}) for mae in (1.0, 2.0)]
    assert invariance.mean_errors({"GCN": runs}) == {"GCN": 1.5}
