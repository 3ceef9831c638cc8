"""The numbers of a figure are those that were drawn."""

import io
import itertools

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from surrogates.analysis import plots
from surrogates.book import figure_data


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def read(drawn):
    text = figure_data.as_csv(drawn)
    about = list(itertools.takewhile(lambda line: line.startswith("#"), text.splitlines()))
    return about, pd.read_csv(io.StringIO(text), comment="#")


def test_lines_have_their_names_and_one_across_the_panel_has_one_coordinate():
    figure, (left, right) = plots.blank(2)
    left.plot([1, 2, 3], [0.5, np.nan, 123456.7], label="ours, now")
    left.set(xlabel="epoch", ylabel="MAPE / %", title="training")
    right.axhline(4.25, label="best constant")
    right.axvline(-2)
    about, table = read(figure)
    assert about == ["# panel 1: training, x is epoch, y is MAPE / %", "# panel 2: without names"]
    ours = table[table.series == "ours, now"]
    assert ours.panel.eq(1).all() and ours.x.tolist() == [1, 2, 3]
    np.testing.assert_allclose(ours.y, [0.5, np.nan, 123456.7], rtol=1e-4)
    across = table[table.panel == 2].set_index("series")
    assert np.isnan(across.x["best constant"]) and across.y["best constant"] == 4.25
    assert across.x["line 2"] == -2 and np.isnan(across.y["line 2"])


def test_points_bars_cells_and_atoms_are_there():
    figure, axes = plots.blank(3)
    axes[0].scatter([1, 2], [3, 4], label="structures")
    axes[1].barh([0, 1], [5, 7], label="holds")
    axes[1].set_yticks([0, 1], ["numbers", "causes"])
    axes[2].imshow([[0, 1], [0, 2]])
    about, table = read(figure)
    assert table.loc[table.series == "structures", ["x", "y"]].to_numpy().tolist() == [[1, 3], [2, 4]]
    assert table.loc[table.series == "holds", ["x", "y"]].to_numpy().tolist() == [[5, 0], [7, 1]]
    assert table.loc[table.panel == 3, ["x", "y", "z"]].to_numpy().tolist() == [[1, 0, 1], [1, 1, 2]]
    assert "# panel 2: y 0 is numbers, 1 is causes" in about
    atoms = read(plots.gallery({"a cluster": np.array([[0.0, 0], [1, 0]])}))
    assert atoms[0] == ["# panel 1: a cluster"] and atoms[1][["x", "y"]].to_numpy().tolist() == [[-0.5, 0], [0.5, 0]]


def test_of_many_points_some_stand_there_and_it_is_said():
    figure, axes = plots.blank()
    axes.scatter(np.arange(2500), np.arange(2500), label="structures")
    about, table = read(figure)
    assert table.x.tolist() == list(range(0, 2500, 3))
    assert about[-1] == f"# panel 1, structures: {len(table)} of 2500 points"


def test_a_diagram_has_no_numbers():
    figure, axes = plots.blank()
    axes.plot([0, 1], [0, 1])
    axes.set_axis_off()
    assert figure_data.as_csv(figure) == ""
