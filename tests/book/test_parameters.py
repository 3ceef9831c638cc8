"""What a page accepts, and what it says to anything else."""

import ast
import re
from types import SimpleNamespace

import pytest

from surrogates.book import pages, parameters
from surrogates.store.provenance import root

GIVEN = {"profile": "quick", "seed": 0, "epochs": {"paper": 500, "quick": 40, "smoke": 2}}


def shell(monkeypatch, *cells):
    """A notebook in which these cells have been executed."""
    fake = SimpleNamespace(user_ns={"In": ["", *cells]})
    monkeypatch.setattr("IPython.get_ipython", lambda: fake)


def test_values_of_the_profile_are_chosen():
    assert parameters.check(**GIVEN).epochs == 40
    assert parameters.check(**GIVEN | {"profile": "paper"}).epochs == 500
    assert parameters.check(**GIVEN | {"epochs": 3}).epochs == 3
    assert parameters.check(**GIVEN).sizes == (5_000, 1_000, 1_000)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("profile", "fast"),
        ("seed", -1),
        ("seed", 1.5),
        ("seed", "7"),
        ("n_atoms", 0),
        ("box", 0),
        ("box", -3.0),
        ("cells", 0),
        ("configurations", -1),
        ("layers", 3),
        ("nodes", []),
        ("seeds", 0),
        ("further_seeds", -1),
        ("scheduler", ""),
        ("scheduler", "somewhere"),
    ],
)
def test_a_value_that_cannot_be_meant_is_refused(name, value):
    with pytest.raises(ValueError, match=re.escape(f"{name} = {value!r}: give ")):
        parameters.check(**GIVEN | {name: value})


def test_a_name_that_the_page_does_not_have_is_refused(monkeypatch):
    shell(monkeypatch, "seed = 0", "# Parameters\nseed = 7\nsead = 8\n")
    with pytest.raises(ValueError, match="no parameter 'sead'. It accepts: profile, seed, epochs"):
        parameters.check(**GIVEN)


def test_other_names_of_a_notebook_are_no_parameters(monkeypatch):
    shell(monkeypatch, "seed = 0", "# Parameters\nseed = 7\n", "anything = 5")
    assert parameters.check(**GIVEN).seed == 0


@pytest.mark.parametrize("source", pages.sources(root() / "book"), ids=lambda path: path.stem)
def test_each_page_checks_every_one_of_its_parameters(source):
    cells = pages.read(source).cells
    (declared,) = [cell for cell in cells if "parameters" in cell.metadata.get("tags", [])]
    names = [node.targets[0].id for node in ast.parse(declared.source).body]
    (check,) = [cell for cell in cells if "parameters.check(" in cell.source]
    (call,) = [
        node for node in ast.walk(ast.parse(check.source)) if isinstance(node, ast.Call) and node.func.attr == "check"
    ]
    assert [keyword.arg for keyword in call.keywords] == names
    assert all(keyword.value.id == keyword.arg for keyword in call.keywords)
    assert cells.index(check) == cells.index(declared) + 1, "something slow may stand between the two"
