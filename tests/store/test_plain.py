"""What tells one thing from another: descriptions, digests and what is refused a name."""

import dataclasses
import json
import subprocess
import sys
import textwrap

import numba
import numpy as np
import pytest

from surrogates import models, training
from surrogates.store import plain
from surrogates.store.provenance import root

LIMIT = 3


@dataclasses.dataclass(frozen=True)
class Part:
    weight: float = 1.0
    sizes: tuple[int, ...] = (2, 3)


@dataclasses.dataclass(frozen=True)
class Whole:
    name: str
    part: Part = Part()
    parts: tuple[Part, ...] = ()
    table: np.ndarray | None = None
    options: dict = dataclasses.field(default_factory=dict)
    cached: int = dataclasses.field(default=0, compare=False)


@dataclasses.dataclass
class Changeable:
    weight: float = 1.0


def helper(x):
    return LIMIT * x


def formula(x):
    return helper(x) + 1


@numba.njit
def compiled(x):
    return 2 * x


class Speaking:
    def description(self):
        return {"kind": "Speaking", "part": Part(2.0)}


KINDS = {"Part": Part, "Whole": Whole, "GCN": models.GCN, "Fit": training.Fit}


def without_source(content):
    """What a description of this file's classes says besides their source."""
    if isinstance(content, dict):
        return {key: without_source(value) for key, value in content.items() if key != "source"}
    return [without_source(value) for value in content] if isinstance(content, list) else content


def test_a_setting_at_its_default_is_left_out():
    assert plain.described(models.GCN()) == {"kind": "GCN"}
    assert plain.described(models.GCN(n_layers=3, hidden=(128, 64, 32, 20))) == {"kind": "GCN", "n_layers": 3}
    assert without_source(plain.described(Whole("a", cached=7))) == {"kind": "Whole", "name": "a"}
    assert without_source(plain.described(Whole("a", options={}))) == {"kind": "Whole", "name": "a"}


def test_a_complete_description_has_the_defaults_too():
    content = plain.described(models.GCN(n_layers=3), complete=True)
    assert content["n_layers"] == 3 and content["cutoff"] == 2.0
    assert len(content) == 1 + len(dataclasses.fields(models.GCN))
    assert plain.restored(content, KINDS) == models.GCN(n_layers=3)


def test_a_new_field_with_a_default_changes_no_digest():
    fields = [("weight", float, dataclasses.field(default=1.0))]
    more = [
        *fields,
        ("power", int, dataclasses.field(default=2)),
        ("parts", list, dataclasses.field(default_factory=list)),
    ]
    old, new = (dataclasses.make_dataclass("Grown", which, frozen=True) for which in (fields, more))
    for kind in (old, new):
        kind.__module__ = "surrogates.grown"
    assert plain.described(old(2.0)) == plain.described(new(2.0)) == {"kind": "Grown", "weight": 2.0}
    assert plain.digest(plain.described(old(2.0))) == plain.digest(plain.described(new(2.0)))
    assert plain.digest(plain.described(old(2.0))) != plain.digest(plain.described(new(2.0, power=3)))


def test_dataclasses_within_dataclasses_and_tuples():
    content = plain.described(Whole("a", Part(2.0), (Part(), Part(sizes=(4,)))))
    assert without_source(content) == {
        "kind": "Whole", "name": "a",
        "part": {"kind": "Part", "weight": 2.0},
        "parts": [{"kind": "Part"}, {"kind": "Part", "sizes": [4]}],
    }  # fmt: skip
    assert plain.described(Whole("a", Part(sizes=[2, 3]))) == plain.described(Whole("a"))  # a tuple is a list
    assert json.loads(json.dumps(content)) == content


@pytest.mark.parametrize("thing", [Whole("a", Part(2.0), (Part(), Part(sizes=(4,)))), models.GCN(hidden=(4,)), Part()])
def test_what_is_described_is_restored(thing):
    for complete in (False, True):
        content = json.loads(json.dumps(plain.described(thing, complete)))
        assert plain.restored(content, KINDS) == thing


def test_numpy_s_numbers_are_plain_numbers():
    content = plain.described({"a": np.float64(0.5), "b": np.int64(2), "c": np.bool_(True), "d": (np.float32(0.5),)})
    assert content == {"a": 0.5, "b": 2, "c": True, "d": [0.5]}
    assert [type(value) for value in content.values()] == [float, int, bool, list]


def test_arrays_are_told_apart_by_their_digest():
    table = np.arange(6.0).reshape(2, 3)
    content = plain.described(table)
    assert content.keys() == {"sha256", "shape"} and content["shape"] == [2, 3] and len(content["sha256"]) == 64
    assert plain.described(table.copy(order="F")) == content
    assert plain.described(table.astype(">f8")) == content
    others = table + np.array([0, 0, 1e-15]), table.reshape(3, 2), table.astype(np.float32), table[::-1]
    assert len({plain.digest(plain.described(other)) for other in (table, *others)}) == 5
    with pytest.raises(ValueError, match="array of object is no plain data"):
        plain.described(np.array([Part()]))
    with pytest.raises(ValueError, match=r"array of shape \(2, 3\) is not restored"):
        plain.restored(plain.described(Whole("a", table=table)), KINDS)


def test_an_object_says_what_it_is():
    content = plain.described(Speaking())
    assert without_source(content) == {"kind": "Speaking", "part": {"kind": "Part", "weight": 2.0}}


def test_a_function_of_a_module_is_named_and_of_the_library_without_its_source():
    content = plain.described(formula)
    assert content["kind"] == f"{__name__}.formula" and len(content["source"]) == 8
    assert plain.described(compiled)["kind"] == f"{__name__}.compiled"
    assert plain.described(plain.digest) == {"kind": "digest"}


def inside():
    def closure(x):
        return x

    @dataclasses.dataclass(frozen=True)
    class Local:
        weight: float = 1.0

    return closure, Local()


@pytest.mark.parametrize("thing", [lambda x: x, *inside()], ids=["lambda", "closure", "local class"])
def test_what_is_made_inside_a_function_is_refused(thing):
    with pytest.raises(ValueError, match="made inside a function.*define it at the top of a file"):
        plain.described(thing)


@pytest.mark.parametrize(
    "thing",
    [Changeable(), object(), {1, 2}, Part, np.sum, 1j],
    ids=["changeable", "object", "set", "class", "ufunc", "complex"],
)
def test_what_does_not_say_what_it_is_is_refused(thing):
    with pytest.raises(ValueError, match="does not say what it is.*frozen dataclass.*description"):
        plain.described({"given": [thing]})


@pytest.mark.parametrize("value", [float("nan"), float("inf"), np.float64("nan"), np.array([1.0])[0] * -np.inf])
def test_numbers_that_are_not_finite_are_refused(value):
    with pytest.raises(ValueError, match="give a finite one, or None"):
        plain.described({"a": value})


def test_keys_are_strings():
    with pytest.raises(ValueError, match=r"The keys \[1\] are not all strings"):
        plain.described({1: 2})


def test_an_unknown_kind_or_field_is_refused_and_the_known_ones_are_named():
    with pytest.raises(ValueError, match="kind = 'Perceptron': give one of 'Part', 'Whole', 'GCN', 'Fit'"):
        plain.restored({"kind": "Perceptron"}, KINDS)
    with pytest.raises(ValueError, match="height = 2: Part has weight, sizes"):
        plain.restored({"kind": "Part", "height": 2}, KINDS)
    with pytest.raises(ValueError, match="height = 2: Part has weight, sizes"):
        plain.restored({"kind": "Whole", "name": "a", "parts": [{"kind": "Part", "height": 2}]}, KINDS)


def test_a_class_whose_source_is_another_one_now_is_refused():
    content = plain.described(Part(2.0)) | {"source": "01234567"}
    with pytest.raises(ValueError, match="source of Part is .* now, and was 01234567.*another name"):
        plain.restored(content, KINDS)


def test_a_digest_is_that_of_the_content_not_of_its_order_or_kind_of_number():
    assert plain.digest({"a": 1, "b": [2.0, 0.1]}) == plain.digest({"b": (2, 0.1), "a": 1.0})
    assert len(plain.digest({})) == 64
    contents = {"a": 1}, {"a": 1.5}, {"a": "1"}, {"a": True}, {"a": None}, {"a": [1]}, {"b": 1}, [1], [1, 2], [2, 1]
    assert len({plain.digest(content) for content in contents}) == len(contents)


SCRIPT = """
import dataclasses, json, sys
import numba
from surrogates.store import plain

DEPTH = 1.0

@numba.njit
def pair(r, stiffness):
    return DEPTH * stiffness * r

@dataclasses.dataclass(frozen=True)
class Base:
    depth: float = 1.0

@dataclasses.dataclass(frozen=True)
class Morse(Base):
    stiffness: float = 6.0

    def __call__(self, positions):
        return pair(positions, self.stiffness)

def unrelated():
    return 1

if __name__ == "__main__":
    print(json.dumps(plain.described(Morse(stiffness=5.0))))
"""


def told(folder, text, name="script.py", command=()):
    (folder / name).write_text(textwrap.dedent(text))
    done = subprocess.run(
        [sys.executable, *(command or [name])], cwd=folder, capture_output=True, text=True,
        env={"PYTHONPATH": str(root() / "lib"), "PATH": ""},
    )  # fmt: skip
    return json.loads(done.stdout) if not done.returncode else done.stderr


def test_a_class_of_a_script_is_told_apart_by_its_source(tmp_path):
    first = told(tmp_path, SCRIPT)
    assert first.keys() == {"kind", "stiffness", "source"}
    assert first["kind"] == "Morse" and first["stiffness"] == 5.0 and len(first["source"]) == 8
    assert told(tmp_path, SCRIPT, "moved.py") == first
    show = "import json, script; from surrogates.store import plain; "
    show += "print(json.dumps(plain.described(script.Morse(stiffness=5.0))))"
    assert told(tmp_path, SCRIPT, command=["-c", show]) == first, "imported, it is the same class"
    kept = SCRIPT.replace("return 1", "return 2"), SCRIPT.replace("5.0))", "5.0)) "), "import os\n" + SCRIPT
    for text in kept:
        assert told(tmp_path, text) == first, "what it does not use is changed"
    edits = (
        ("pair(positions, self.stiffness)", "pair(positions, 2 * self.stiffness)"),
        ("DEPTH * stiffness * r", "DEPTH * stiffness * r * r"),  # in the function that it calls
        ("DEPTH = 1.0", "DEPTH = 2.0"),  # in the constant which that uses
        ("depth: float = 1.0", "depth: float = 3.0"),  # in the class that it comes from
    )
    changed = [told(tmp_path, SCRIPT.replace(*edit)) for edit in edits]
    assert len({content["source"] for content in (first, *changed)}) == 5


def test_a_class_without_a_file_is_refused(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    error = told(tmp_path, SCRIPT, command=["-c", f"exec(open({str(script)!r}).read())"])
    assert "ValueError: The source of Morse cannot be had" in error and "put it in a file of its own" in error
