"""Structures in files: a data set from one's own, and what is written for other programs."""

from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.calculators.singlepoint import SinglePointCalculator
from ase.io import read as of_ase
from ase.io import write as by_ase

from surrogates import data, models, potentials, search, training
from surrogates.store import files, plain
from surrogates.training import runs
from tests.conftest import SMALL_MODELS

ARGON = potentials.LennardJones(3.4, 0.0104)
FIT = training.Fit(target="linear-log", metric="mae", batch_size=8, epochs=2)


def positions(n=30, atoms=5, seed=0):
    rng = np.random.default_rng(seed)
    return np.stack([3.4 * search.random_start(atoms, rng, dimensions=3) for _ in range(n)])


@pytest.fixture
def mine(tmp_path):
    """A file of thirty structures of argon."""
    given = positions()
    data.write_structures(tmp_path / "mine.xyz", given, *ARGON(given), "Ar")
    return str(tmp_path / "mine.xyz")


def test_what_is_written_is_read_again_by_us_and_by_ase(mine):
    given = positions()
    frames = data.read_structures(mine)
    np.testing.assert_allclose(frames.positions, given, atol=1e-7)
    np.testing.assert_allclose(frames.energies, ARGON.energy(given), atol=1e-7)
    np.testing.assert_allclose(frames.forces, ARGON(given)[1], atol=1e-7)
    assert frames.symbols == ("Ar",) * 5
    last = of_ase(mine, index=-1)
    assert last.get_potential_energy() == pytest.approx(ARGON.energy(given[-1]))


def test_planar_structures_and_notes_are_written(tmp_path):
    given = positions()[..., :2]
    data.write_structures(tmp_path / "flat.xyz", given, np.arange(30.0), outside=["", "far, away"] * 15)
    flat = data.FromFile(tmp_path / "flat.xyz")
    assert (flat.dimensions, flat.n_atoms, flat.symbols) == (2, 5, ("X",) * 5)
    assert of_ase(tmp_path / "flat.xyz", index=1).info["outside"] == "far, away"


def test_a_file_is_a_data_set(mine):
    own = data.FromFile(mine, seed=1)
    assert own.sizes == (24, 3, 3)
    assert own.units[:2] == (pytest.approx(3.4, rel=0.15), 1.0)
    splits = data.simulate(own)
    assert [len(part.energies) for part in splits] == [24, 3, 3]
    np.testing.assert_allclose(ARGON.energy(splits.train.positions), splits.train.energies, atol=1e-6)
    assert len(np.unique(np.concatenate([part.energies for part in splits]))) == 30
    assert plain.described(own) != plain.described(data.FromFile(mine, seed=2))
    lower = data.simulate(data.FromFile(mine, seed=1, zero=2.0))
    np.testing.assert_allclose(lower.train.energies, splits.train.energies - 5 * 2.0)


def test_it_is_trained_stored_and_evaluated_as_any_other(mine, store):
    config = training.Config(data.FromFile(mine), SMALL_MODELS["messages"], FIT)
    run = runs.fit_or_load("own/seed-0", config)
    again = runs.fit_or_load("own/seed-0", training.Config(data.FromFile(mine), SMALL_MODELS["messages"], FIT))
    assert again.path == run.path
    for split, errors in run.evaluate().items():
        assert errors == pytest.approx(run.metrics[split], rel=1e-4)
    table = training.sweep_table(training.sweep({"own/seed-0": config}))
    assert len(table) == 1
    given = positions(3, seed=9)
    expected = run.predict_energy(given, warn=False)
    file = Path(mine)
    file.write_text(2 * file.read_text(encoding="utf-8"), encoding="utf-8")
    changed = runs.load("own/seed-0")  # its weights answer without the file; its structures do not
    np.testing.assert_allclose(changed.predict_energy(given, warn=False), expected)
    assert changed.range == run.range
    with pytest.raises(ValueError, match="is another file than the one that this data set was made from"):
        changed.data  # noqa: B018
    assert runs.folder("own/seed-0", training.Config(data.FromFile(mine), SMALL_MODELS["messages"], FIT)) != run.path


def frame(symbols="Ar2", distance=3.8, energy=-0.01, forces=None, **others):
    atoms = Atoms(symbols, [[k * distance, 0, 0] for k in range(len(Atoms(symbols)))], **others)
    atoms.calc = None if energy is None else SinglePointCalculator(atoms, energy=energy, forces=forces)
    return atoms


@pytest.mark.parametrize(
    ("second", "message"),
    [
        (frame("Ar3"), "frame 2, has 3 atoms, and the first one has 2, ArAr: give a file of the same atoms"),
        (frame("ArKr"), "frame 2, has ArKr, and the first one has 2, ArAr"),
        (frame(energy=None), "frame 2, has no energy: give one in its second line"),
        (frame(energy=np.nan), "frame 2, holds NaN or infinity"),
        (frame(distance=0.0), "frame 2, has two atoms at the same place: move one of them"),
        (frame(forces=[[np.nan, 0, 0], [0, 0, 0]]), "frame 2, holds NaN or infinity: give finite .*forces"),
        (frame(cell=[9, 9, 9], pbc=True), r"frame 2, is periodic \(pbc = \[True, True, True\]\)"),
    ],
)
def test_frames_that_cannot_be_used_are_refused_by_their_number(second, message, tmp_path):
    file = tmp_path / "mine.xyz"
    by_ase(file, [frame(), second, frame()], format="extxyz")
    with pytest.raises(ValueError, match=f"mine.xyz, {message}"):
        data.FromFile(file)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: text[:-30], r"frame 30, cannot be read"),
        (lambda text: text.replace("5\n", "five\n", 1), "frame 1, cannot be read .*ValueError"),
        (lambda text: text.replace("Ar ", "Qq ", 12), "frame 1, cannot be read"),
        (lambda text: "", "holds no structure: give extended XYZ"),
        (lambda text: text.replace("\n5\n", "\n\n5\n", 1), "a blank line stands before frame 2; take it out"),
        (lambda text: "1\nProperties=species:S:1:pos:R:3 energy=1.0\nAr 0 0 0\n", "frame 1, has 1 atom: give"),
    ],
)
def test_a_damaged_file_is_refused_by_the_frame(change, message, mine, store):
    file = Path(mine)
    file.write_text(change(file.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        data.FromFile(mine)


def test_what_cannot_be_meant_is_refused(mine, tmp_path):
    with pytest.raises(ValueError, match="is no file: give the path"):
        data.FromFile(tmp_path / "other.xyz")
    with pytest.raises(ValueError, match=r"sizes = \(30, 1, 1\): .* has 30 frames; give as many or fewer"):
        data.FromFile(mine, (30, 1, 1))
    with pytest.raises(ValueError, match=r"sizes = \(3, 1\): give three numbers"):
        data.FromFile(mine, (3, 1))
    with pytest.raises(ValueError, match="sizes = 30: give three numbers of frames, for train"):
        data.FromFile(mine, 30)
    with pytest.raises(ValueError, match=r"positions of shape \(3,\): give finite"):
        data.write_structures(tmp_path / "no.xyz", np.zeros(3))
    assert not (tmp_path / "no.xyz").exists()


def test_networks_that_take_atoms_for_alike_refuse_several_elements(tmp_path):
    given = positions(10, 3)
    data.write_structures(tmp_path / "alloy.xyz", given, np.zeros(10), symbols=("Cu", "Au", "Cu"))
    own = data.FromFile(tmp_path / "alloy.xyz")
    with pytest.raises(ValueError, match="^symbols = Au, Cu: Messages.* takes all atoms for alike"):
        training.Config(own, models.Messages(), FIT)
    known = models.MLP((4,), permutations=0, inputs="log-distances")
    assert training.Config(own, known, training.Fit(target="energy", metric="mae")).build().input_shape == (None, 3, 3)
    alloy = potentials.FromASE("ase.calculators.emt.EMT", ("Cu", "Au", "Cu"))
    with pytest.raises(ValueError, match="^symbols = Au, Cu"):
        training.Config(data.Data(n_atoms=3, box=9.0, potential=alloy, dimensions=3), models.Pairs(), FIT)


def test_structures_below_the_box_are_refused_where_it_is_seen(tmp_path):
    given = positions(10, 3)[..., :2] - 4.0
    data.write_structures(tmp_path / "low.xyz", given, np.zeros(10))
    own, fit = data.FromFile(tmp_path / "low.xyz"), training.Fit(target="energy")
    with pytest.raises(ValueError, match="has coordinates down to -.*sees a box from 0 on"):
        training.Config(own, SMALL_MODELS["cnn"], fit)
    training.Config(own, SMALL_MODELS["gcn"], fit)


def test_a_checksum_is_part_of_the_configuration(mine):
    assert data.FromFile(mine).sha256 == files.sha256(mine)
    content = training.Config(data.FromFile(mine), SMALL_MODELS["pairs"], FIT).to_dict()
    assert content["data"]["sha256"] == files.sha256(mine)
    assert training.Config.from_dict(content).data == data.FromFile(mine)


def test_what_does_not_belong_to_the_positions_is_not_written(tmp_path):
    positions = np.zeros((2, 3, 2))
    with pytest.raises(ValueError, match=r"^energies of shape \(3,\): give \(2,\), as there are positions"):
        data.write_structures(tmp_path / "a.xyz", positions, [1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match=r"^forces of shape \(2, 3, 3\): give \(2, 3, 2\)"):
        data.write_structures(tmp_path / "a.xyz", positions, forces=np.zeros((2, 3, 3)))
    assert not (tmp_path / "a.xyz").exists()
