"""What a page accepts, and what it says to anything else."""

import ast
import importlib
import inspect
import re
from types import SimpleNamespace

import pytest

from surrogates import checks
from surrogates.book import parameters, settings, sources
from surrogates.store.provenance import root

BOOK = root() / "book"
CELL = """\
profile = "quick"
seed = 0
epochs = 500
further_seeds = 2
box = 32.0
pooling = "sort"
layers = [1, 2]
weights = [0.5]
colds = [0.0, 0.1]
mirrored = True
scheduler = None
"""
PROFILES = """\
# a comment
quick:
  every page: {layers: [1], sizes: [5]}
  here: {epochs: 40}

smoke:
  here:
    epochs: 2
"""
EXCEPTIONS = {"further_seeds": checks.not_negative, "scheduler": parameters.scheduler}


@pytest.fixture
def book(tmp_path, monkeypatch):
    """A book of one page, "here", whose parameters stand in CELL, and one with sizes of its own."""
    folder = tmp_path / "book"
    folder.mkdir()
    (folder / "profiles.yml").write_text(PROFILES)
    (folder / "here.py").write_text(
        f'# %% [markdown]\n# # Here\n\n# %% tags=["parameters"]\n{CELL}\n# %%\nprint(seed)\n'
    )
    (folder / "there.py").write_text(
        '# %% tags=["hide-input", "parameters"]\nprofile = "paper"\nseed = 0\nsizes = [9]\n'
    )
    monkeypatch.chdir(tmp_path)
    return folder


def notebook(monkeypatch, *cells):
    """What `parameters.of` gives in a notebook in which these cells have been executed after that of the parameters."""
    executed = ["", "import os", "%matplotlib inline", CELL, *cells]
    names = {"In": executed}
    monkeypatch.setattr("surrogates.book.parameters.get_ipython", lambda: SimpleNamespace(user_ns=names))
    for cell in executed:
        if not cell.startswith("%"):
            exec(cell, names)
    return parameters.of(names, "here", **EXCEPTIONS)


def test_a_value_is_the_cell_s_then_the_profile_s_then_what_papermill_was_given(book, monkeypatch):
    page = notebook(monkeypatch)
    assert (page.profile, page.seed, page.epochs, page.box, page.layers) == ("quick", 0, 40, 32.0, (1,))
    assert notebook(monkeypatch, "# Parameters\nprofile = 'paper'\n").epochs == 500
    assert notebook(monkeypatch, "# Parameters\nprofile = 'paper'\n").layers == (1, 2)
    assert notebook(monkeypatch, "# Parameters\nprofile = 'smoke'\n").epochs == 2
    assert notebook(monkeypatch, "# Parameters\nprofile = 'smoke'\nepochs = 3\n").epochs == 3
    given = notebook(monkeypatch, "# Parameters\nepochs = 500\n")
    assert given.epochs == 500, "the value of the cell, given on purpose"


def test_a_cell_that_is_executed_again_counts_alone(book, monkeypatch):
    page = notebook(monkeypatch, "# Parameters\nepochs = 3\n", CELL.replace("32.0", "16.0"))
    assert (page.epochs, page.box) == (40, 16.0)


def test_other_names_of_a_notebook_are_no_parameters(book, monkeypatch):
    page = notebook(monkeypatch, "# Parameters\nseed = 7\n", "anything = 5")
    assert vars(page).keys() == parameters.published("here").__dict__.keys()
    with pytest.raises(AttributeError, match="no parameter 'anything': write it into the cell tagged `parameters`"):
        _ = page.anything


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("profile", "fast", "give one of 'paper', 'quick', 'smoke'."),
        ("seed", -1, "give a whole number, 0 or more."),
        ("seed", 1.5, "give a whole number, 0 or more."),
        ("seed", "7", "give a whole number, 0 or more."),
        ("epochs", 0, "give a whole number, 1 or more."),
        ("epochs", 16.5, "give a whole number, 1 or more."),
        ("epochs", True, "give a whole number, 1 or more."),
        ("epochs", None, "give a whole number, 1 or more."),
        ("box", 0, "give a finite number above 0."),
        ("box", -3.0, "give a finite number above 0."),
        ("box", float("inf"), "give a finite number above 0."),
        ("pooling", 3, "give a word."),
        ("mirrored", 1, "give True or False."),
        ("layers", 3, "give a list of one value or more."),
        ("layers", [], "give a list of one value or more."),
        ("further_seeds", -1, "give a whole number, 0 or more."),
        ("scheduler", "", "give the address of a Dask scheduler"),
        ("scheduler", "somewhere", "give the address of a Dask scheduler"),
    ],
)
def test_a_value_that_cannot_be_meant_is_refused(book, monkeypatch, name, value, message):
    with pytest.raises(ValueError, match=re.escape(f"{name} = {value!r}: {message}")):
        notebook(monkeypatch, f"# Parameters\n{name} = {value!r}\n".replace("= inf", "= float('inf')"))


def test_a_number_that_is_text_is_answered_with_the_number(book, monkeypatch):
    with pytest.raises(ValueError, match=r"box = '3\.2e1': give .* It is text: write 32\.0\."):
        notebook(monkeypatch, "# Parameters\nbox = '3.2e1'\n")


def test_what_papermill_itself_injects_is_no_parameter(book, monkeypatch):
    page = notebook(monkeypatch, "# Parameters\nPAPERMILL_INPUT_PATH = 'a'\nPAPERMILL_OUTPUT_PATH = 'b'\nseed = 7\n")
    assert page.seed == 7 and "PAPERMILL_INPUT_PATH" not in vars(page)


def test_each_value_of_a_list_is_checked(book, monkeypatch):
    with pytest.raises(ValueError, match=re.escape("layers = 0: give a whole number, 1 or more.")):
        notebook(monkeypatch, "# Parameters\nlayers = [1, 0]\n")
    with pytest.raises(ValueError, match=re.escape("weights = 'x': give a finite number above 0.")):
        notebook(monkeypatch, "# Parameters\nweights = [1, 'x']\n")


def test_a_default_of_zero_says_that_zero_is_accepted(book, monkeypatch):
    assert notebook(monkeypatch, "# Parameters\ncolds = [0, 2.5]\n").colds == (0.0, 2.5)
    with pytest.raises(ValueError, match=re.escape("colds = -1.0: give a finite number above 0.") + ".*Or give 0"):
        notebook(monkeypatch, "# Parameters\ncolds = [0.1, -1.0]\n")


def test_a_list_given_as_text_is_refused_with_the_option_that_gives_lists(book, monkeypatch):
    with pytest.raises(
        ValueError, match=re.escape("layers = '[64, 32]': give a list of one value or more.")
    ) as refusal:
        notebook(monkeypatch, '# Parameters\nlayers = "[64, 32]"\n')
    assert '-y "layers: [1, 2]"' in str(refusal.value)


def test_what_is_accepted(book, monkeypatch):
    page = notebook(
        monkeypatch,
        "# Parameters\nbox = 3\nfurther_seeds = 0\nlayers = [3]\nweights = [1]\nscheduler = 'tcp://a:1'\nseed = 7\n",
    )
    assert page.box == 3.0 and page.further_seeds == 0 and page.layers == (3,) and page.weights == (1.0,)
    assert page.scheduler == "tcp://a:1" and page.seed == 7


def test_a_name_that_the_page_does_not_have_is_refused(book, monkeypatch):
    with pytest.raises(ValueError, match="no parameter 'sead'. It accepts: profile, seed, epochs"):
        notebook(monkeypatch, "# Parameters\nseed = 7\nsead = 8\n")


def test_a_check_of_a_parameter_that_does_not_exist_is_refused(book, monkeypatch):
    with pytest.raises(ValueError, match="a check for 'epoch'"):
        parameters.of({"seed": 3}, "here", epoch=checks.count)


def test_outside_of_a_notebook_the_source_says_what_the_parameters_are(book):
    page = parameters.of({"seed": 3, "epochs": 500, "other": 1}, "here")
    assert (page.seed, page.epochs) == (3, 40)


def test_values_of_another_page(book):
    assert parameters.published("here").epochs == 40
    assert parameters.published("here", "paper").epochs == 500
    assert parameters.published("here", "smoke").epochs == 2
    assert parameters.published("here", "smoke", 7).seed == 7
    assert parameters.published("there").sizes == (9,)
    with pytest.raises(ValueError, match="There is no page 'nowhere'"):
        parameters.published("nowhere")


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("here: {epochs", "hare: {epochs", "quick: there is no page 'hare', only here, there"),
        ("{epochs: 40}", "{epoch: 40}", "quick, here: the page has no parameter 'epoch', only profile, seed, epochs"),
        ("epochs: 2", "epoch: 2", "smoke, here: the page has no parameter 'epoch'"),
        ("sizes: [5]", "size: [5]", "quick, every page: no page has size"),
        ("smoke:", "smoke: [here]\nother:", "profiles.yml, smoke: smoke is ['here']: give pages with what changes"),
        ("here: {epochs: 40}", "here: 40", "profiles.yml, quick: here is 40: give pages with what changes on them"),
        ("epochs: 2", "epochs: many", "profiles.yml, smoke, here: epochs = 'many', where the page has 500"),
    ],
)
def test_profiles_name_pages_and_parameters_that_exist(book, before, after, message):
    parameters.check_profiles(book)
    file = book / "profiles.yml"
    file.write_text(file.read_text().replace(before, after))
    with pytest.raises(ValueError, match=re.escape(message)):
        parameters.check_profiles(book)


@pytest.mark.parametrize("line", ["half = 1 / 2", "a, b = 1, 2", "epochs += 1", "import os"])
def test_the_cell_has_plain_values_only(book, line):
    page = book / "here.py"
    page.write_text(page.read_text().replace("box = 32.0", line))
    with pytest.raises(ValueError, match="lines such as `epochs = 200` only"):
        parameters.published("here")


def test_one_cell_is_tagged(book):
    page = book / "here.py"
    page.write_text(page.read_text().replace('"parameters"', '"parameter"'))
    with pytest.raises(ValueError, match="0 cells tagged `parameters`"):
        parameters.published("here")


def test_the_profiles_are_known_without_any_package(book):
    assert settings.profiles() == ["paper", "quick", "smoke"]


def test_the_profiles_of_the_book_are_in_order():
    parameters.check_profiles(BOOK)
    assert settings.profiles() == ["paper", "quick", "smoke"]
    sizes = [parameters.published("gcn", profile).sizes for profile in settings.profiles()]
    assert sizes == [(50_000, 10_000, 10_000), (5_000, 1_000, 1_000), (300, 100, 100)]


def asked_of(tree: ast.AST, variable: str, functions: dict[str, str]) -> set[str]:
    """The attributes that code asks of a variable, also where it hands it to a function.

    ``functions`` are the modules that define what the code calls, by what stands before the point in it.
    """
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == variable:
            found.add(node.attr)
        if isinstance(node, ast.Call) and variable in map(ast.unparse, node.args):
            place = [ast.unparse(argument) for argument in node.args].index(variable)
            called, _, function = ast.unparse(node.func).rpartition(".")
            module = importlib.import_module(functions[called])
            if not hasattr(module, function):  # chosen when it runs, as from a table of functions
                continue
            body = ast.parse(inspect.getsource(getattr(module, function))).body[0]
            its_own = imported(ast.parse(inspect.getsource(module))) | {"": module.__name__}
            found |= asked_of(body, body.args.args[place].arg, its_own)
    return found


def imported(tree: ast.AST) -> dict[str, str]:
    """The modules that code imports with ``from``, by their names in it."""
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return {alias.asname or alias.name: f"{node.module}.{alias.name}" for node in nodes for alias in node.names}


def test_a_page_that_is_handed_to_the_library_is_asked_there():
    tree = ast.parse("from surrogates.training import reported\nreported.name('mlp', page)\nreported.mlp(page)")
    found = asked_of(tree, "page", imported(tree))
    assert found == {
        "profile", "seed", "n_atoms", "box", "sizes", "hidden", "permutations", "scale_inputs", "batch_size",
        "learning_rate", "epochs",
    }  # fmt: skip


@pytest.mark.parametrize("source", sources.in_order(BOOK), ids=lambda path: path.stem)
def test_each_page_reads_its_parameters_at_once(source):
    cells = sources.read(source).cells
    (tagged,) = [cell for cell in cells if "parameters" in cell.metadata.get("tags", [])]
    names = parameters.declared(source.read_text(), source.stem)
    assert list(names) == [node.targets[0].id for node in ast.parse(tagged.source).body]
    (reading,) = [cell for cell in cells if "parameters.of(" in cell.source]
    assert cells.index(reading) == cells.index(tagged) + 1, "something slow may stand between the two"
    (call,) = [node for node in ast.walk(ast.parse(reading.source)) if isinstance(node, ast.Call) and node.args]
    assert [ast.unparse(argument) for argument in call.args] == ["globals()", repr(source.stem)]
    tree = ast.parse("\n".join(cell.source for cell in cells if cell.cell_type == "code"))
    used = asked_of(tree, "page", imported(tree))
    assert used - names.keys() == set(), "the page asks for what it has not"
    assert names.keys() - used - {"profile", "seed"} == set(), "no cell of the page uses this parameter"
