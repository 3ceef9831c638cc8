"""An edit executes those pages again that it can change, and no others."""

import pytest

from surrogates.book import dependencies

LIBRARY = {
    "surrogates/__init__.py": "",
    "surrogates/checks.py": "",
    "surrogates/store/__init__.py": "",
    "surrogates/store/files.py": "",
    "surrogates/potentials/__init__.py": "from surrogates.potentials.base import Potential\nfrom .sums import Sum",
    "surrogates/potentials/base.py": "import numpy\n\nfrom surrogates import checks",
    "surrogates/potentials/sums.py": "",
    "surrogates/potentials/morse.py": "",
    "surrogates/data/__init__.py": "",
    "surrogates/data/sampling.py": "def simulate():\n    import surrogates.potentials.morse",
    "surrogates/search/__init__.py": "from ..store import files",
}
SOURCE = '# %% tags=["parameters"]\nprofile = "paper"\nseed = 0\nepochs = 3\n\n# %%\n{}\n'


@pytest.fixture
def root(tmp_path, monkeypatch):
    for name, text in LIBRARY.items():
        path = tmp_path / "lib" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for name in ("data", "book"):
        (tmp_path / name).mkdir()
    (tmp_path / "data/claims.csv").write_text("a\n")
    (tmp_path / "requirements.lock").write_text("numpy==2\n")
    (tmp_path / "book/profiles.yml").write_text("quick:\n  one: {epochs: 2}\n  two: {epochs: 2}\n")
    (tmp_path / "book/one.py").write_text(SOURCE.format("%matplotlib inline\nfrom surrogates import potentials"))
    (tmp_path / "book/two.py").write_text(SOURCE.format("from surrogates.data import sampling"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def keys(root, **given):
    return [dependencies.key(root / f"book/{name}.py", given, root) for name in ("one", "two")]


@pytest.mark.parametrize(
    ("code", "reached"),
    [
        ("import numpy", []),
        ("from surrogates import checks", ["__init__", "checks"]),
        (
            "from surrogates import potentials",
            ["__init__", "checks", "potentials/__init__", "potentials/base", "potentials/sums"],
        ),
        ("import surrogates.search as s", ["__init__", "search/__init__", "store/__init__", "store/files"]),
        (
            "def f():\n    from surrogates.data.sampling import simulate",
            [
                *("__init__", "checks", "data/__init__", "data/sampling", "potentials/__init__", "potentials/base"),
                *("potentials/morse", "potentials/sums"),
            ],
        ),
    ],
)
def test_modules_that_code_reaches(root, code, reached):
    found = dependencies.modules(code, root / "lib")
    assert [str(path.relative_to(root / "lib/surrogates"))[:-3] for path in found] == sorted(reached)


@pytest.mark.parametrize(
    ("path", "changed"),
    [
        ("lib/surrogates/potentials/base.py", [True, True]),
        ("lib/surrogates/potentials/morse.py", [False, True]),
        ("lib/surrogates/data/__init__.py", [False, True]),
        ("lib/surrogates/store/files.py", [False, False]),
        ("lib/surrogates/search/__init__.py", [False, False]),
        ("data/claims.csv", [True, True]),
        ("requirements.lock", [True, True]),
        ("book/one.py", [True, False]),
    ],
)
def test_an_edit_reaches_the_pages_that_use_it(root, path, changed):
    before = keys(root)
    with (root / path).open("a") as file:
        file.write("\n# an edit\n")
    assert [one != other for one, other in zip(before, keys(root), strict=True)] == changed


def test_profiles_and_parameters_count_by_page(root):
    before = keys(root)
    assert keys(root) == before != keys(root, seed=7)
    profiles = root / "book/profiles.yml"
    profiles.write_text(profiles.read_text().replace("two: {epochs: 2}", "two: {epochs: 1}"))
    assert [one == other for one, other in zip(before, keys(root), strict=True)] == [True, False]


def test_what_a_page_has_read_counts(root):
    record, notebook, run = root / "one.json", root / "one.ipynb", root / "run"
    run.mkdir()
    (run / "config.json").write_text("{}")
    assert not dependencies.up_to_date(record, notebook, "key")
    notebook.touch()
    dependencies.note(record, "key", [str(run), str(root / "book/two.py")])
    assert dependencies.up_to_date(record, notebook, "key")
    assert not dependencies.up_to_date(record, notebook, "other")
    (run / "config.json").write_text("{ }")
    assert not dependencies.up_to_date(record, notebook, "key")
