"""Configurations: what they refuse, how they stand in a file, which are equal."""

import dataclasses
import json

import numpy as np
import pytest

from surrogates import data, models, potentials, training
from surrogates.store import files, plain
from surrogates.training import runs
from tests.conftest import SMALL_DATA, SMALL_MODELS

SUMMED = training.Fit(target="linear-log", metric="mae")


@dataclasses.dataclass(frozen=True)
class Well(potentials.Potential):
    """A potential of a builder's own: each atom in a well at the origin, alone."""

    depth: float = 1.0
    dimensions = (2,)

    def compute(self, structures):
        return self.depth * (structures**2).sum((-2, -1)), -2 * self.depth * structures


def of(potential, **fit) -> training.Config:
    return training.Config(
        dataclasses.replace(SMALL_DATA, potential=potential), SMALL_MODELS["gcn"], training.Fit(**fit)
    )


def test_the_file_is_complete(config):
    content = config.to_dict()
    assert content["data"].keys() == {field.name for field in dataclasses.fields(data.Data)}
    assert content["data"]["potential"] == {"kind": "LennardJones", "sigma": 1.0, "epsilon": 1.0}
    assert content["model"].keys() == {"kind", *(field.name for field in dataclasses.fields(models.GCN))}
    assert content["fit"].keys() == {field.name for field in dataclasses.fields(training.Fit)}
    assert json.loads(json.dumps(content)) == content


TRUE = potentials.LennardJones(epsilon=2.0) + potentials.AxilrodTeller(3.0), potentials.Morse(stiffness=5.0), Well(0.5)


@pytest.mark.parametrize("potential", TRUE, ids=repr)
def test_a_configuration_survives_the_file(potential):
    config = of(potential)
    again = training.Config.from_dict(json.loads(json.dumps(config.to_dict())))
    assert again == config and again.data.potential == potential and hash(again) == hash(config)
    assert again.digest == config.digest != of(potentials.LennardJones()).digest


def test_missing_settings_are_at_their_default_and_unknown_ones_are_refused(config):
    content = config.to_dict()
    del (
        content["fit"]["decay"],
        content["data"]["dimensions"],
        content["data"]["potential"],
        content["model"]["pooling"],
    )
    assert training.Config.from_dict(content) == config
    for part, refusal in (("data", "Data has energies"), ("model", "GCN has n_layers"), ("fit", "Fit has target")):
        with pytest.raises(ValueError, match=rf"three_body = 0\.0: {refusal}"):
            training.Config.from_dict(content | {part: content[part] | {"three_body": 0.0}})


def test_a_setting_at_its_default_does_not_enter_the_digest(config):
    assert plain.described(config)["data"] == {
        "kind": "Data",
        "n_atoms": 6,
        "box": 6.0,
        "sizes": [96, 32, 32],
        "seed": 3,
    }
    assert config.digest == plain.digest(plain.described(config))[:8]
    assert config.replace({"fit.decay": "none"}) == config != config.replace({"fit.decay": "cosine"})


def test_a_data_set_that_is_none_is_refused():
    for given in ("mine.extxyz", SMALL_DATA.__dict__, data.Data):
        with pytest.raises(
            ValueError, match=r"data = .*: give a data\.Data.*another energy is given as Data\(potential"
        ):
            training.Config(given, models.GCN(), training.Fit())


def test_a_model_that_is_none_is_refused():
    with pytest.raises(ValueError, match="model = 'gcn': give one of .*GCN"):
        training.Config(SMALL_DATA, "gcn", training.Fit())


def test_a_potential_that_does_not_say_what_it_is_is_refused():
    with pytest.raises(ValueError, match="made inside a function"):
        of(lambda positions: (positions.sum((-2, -1)), positions))


def test_the_potential_decides_about_energies_of_atoms():
    for potential in (Well(), potentials.LennardJones() + potentials.AxilrodTeller(1.0), np.cos):
        with pytest.raises(ValueError, match="labels = 'atoms': .* has no share for each atom; give 'total'"):
            of_atoms(potential)
    config = of_atoms(potentials.LennardJones(epsilon=2.0))
    positions = np.random.default_rng(0).random((4, 6, 2)) * 6
    assert config.atom_energies(positions).sum(-1) == pytest.approx(config.data.energy(positions))


def of_atoms(potential):
    fit = dataclasses.replace(SUMMED, labels="atoms")
    return training.Config(dataclasses.replace(SMALL_DATA, potential=potential), SMALL_MODELS["pairs"], fit)


def test_settings_of_a_potential_have_names_too(config):
    other = config.replace({"data.potential.epsilon": 2.0, "data.seed": 4})
    assert other.data.potential == potentials.LennardJones(epsilon=2.0) and other.data.seed == 4
    exchanged = config.replace({"data.potential": potentials.Morse()})
    assert exchanged.replace({"data.potential.stiffness": 5.0}).data.potential == potentials.Morse(stiffness=5.0)
    with pytest.raises(
        ValueError, match=r"setting = 'data\.potential\.depth': this configuration has .*potential\.epsilon"
    ):
        config.replace({"data.potential.depth": 2.0})


def test_a_run_of_an_edited_potential_is_another_run(store):
    config = of(Well(), epochs=1, batch_size=16)
    run = runs.fit_or_load("gcn/well", config)
    assert runs.fit_or_load("gcn/well", config).path == run.path and run.config.data.potential == Well()
    content = files.read_json(run.path / "config.json")
    content["data"]["potential"]["source"] = "01234567"  # as it would be had the class been edited since
    files.write_json(run.path / "config.json", content)
    checksums = run.provenance["sha256"] | {"config.json": files.sha256(run.path / "config.json")}
    files.write_json(run.path / "provenance.json", run.provenance | {"sha256": checksums})
    with pytest.raises(files.DamagedFile, match="The source of Well is .* now, and was 01234567"):
        runs.load("gcn/well")
    assert runs.folder("gcn/well", config).name == f"well-{config.digest}"


def test_a_single_atom_has_nothing_to_learn():
    with pytest.raises(ValueError, match="n_atoms = 1: one atom has the same energy wherever it is"):
        training.Config(data.Data(n_atoms=1), models.GCN(), training.Fit())


def test_a_network_for_the_plane_is_refused_in_space():
    with pytest.raises(ValueError, match=r"dimensions = 3: CNN\(.* takes 2\. .*GCN, .*Messages, .*Pairs.* take 3"):
        training.Config(data.Data(dimensions=3), models.CNN(), training.Fit())
