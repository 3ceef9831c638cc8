"""Trained surrogates in the optimisers, the dynamics and the vibrations of ASE, and in files of Keras."""

import subprocess
import sys
import warnings

import numpy as np
import pytest
from ase import Atoms, units
from ase.md.velocitydistribution import MaxwellBoltzmannDistribution
from ase.md.verlet import VelocityVerlet
from ase.optimize import BFGS
from ase.vibrations import Vibrations

from surrogates import data, models, potentials, search, training
from surrogates.models.backend import keras
from tests.conftest import SMALL_MODELS

LJ = potentials.LennardJones()


def drift(calculator, start, steps=150):
    """The change of the total energy in molecular dynamics, over the mean kinetic energy."""
    atoms = Atoms("Ar" * len(start), start, calculator=calculator)
    atoms.set_masses(np.ones(len(start)))
    MaxwellBoltzmannDistribution(atoms, temperature_K=0.05 / units.kB, rng=np.random.default_rng(0))
    momenta = atoms.get_momenta()
    momenta[:, 2] = 0
    atoms.set_momenta(momenta)
    totals, kinetic = [], []
    dynamics = VelocityVerlet(atoms, 0.005)
    dynamics.attach(lambda: totals.append(atoms.get_total_energy()))
    dynamics.attach(lambda: kinetic.append(atoms.get_kinetic_energy()))
    dynamics.run(steps)
    return np.ptp(totals) / np.mean(kinetic)


def planar(potential, n_atoms=6):
    start = search.relax(potential, search.random_start(n_atoms, np.random.default_rng(1))).positions
    return np.pad(start, ((0, 0), (0, 1)))


def test_smooth_surrogates_keep_the_energy_of_dynamics_and_the_graph_network_does_not(run, pairs):
    """The drift is at most 2 % of the kinetic energy, that of the true potential with the same step 1 %."""
    start = planar(LJ)
    assert drift(potentials.as_calculator(LJ, dimensions=2), start) < 0.01
    smooth = models.build(SMALL_MODELS["messages"], 6, 6.0, seed=1)
    learned = (
        training.Learned(pairs, warn=False),
        training.OfSurrogate(smooth, "linear-log"),
    )
    for potential in learned:
        assert drift(potentials.as_calculator(potential), start) < 0.02
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        counted = training.Learned(run, warn=False)
    assert drift(potentials.as_calculator(counted), start) > 0.1


def test_an_optimiser_and_vibrations_on_what_a_published_run_has_learned(tmp_path, monkeypatch):
    table = training.pair_table(training.load("one_surrogate/paper/pairs-seed-0"), closest=0.8)
    monkeypatch.chdir(tmp_path)  # ASE keeps its displacements there
    found = {}
    for name, potential in (("true", LJ), ("learned", table)):
        atoms = Atoms("Ar4", [[0, 0, 0], [1.1, 0, 0], [0, 1.2, 0], [0.1, 0, 1.1]])
        atoms.calc = potentials.as_calculator(potential)
        BFGS(atoms, logfile=None).run(fmax=1e-4, steps=200)
        vibrations = Vibrations(atoms, name=name, delta=0.005)
        vibrations.run()
        found[name] = atoms.get_potential_energy(), np.abs(vibrations.get_energies())[-6:]
    assert found["learned"][0] == pytest.approx(-6.0, abs=0.01)
    np.testing.assert_allclose(found["learned"][1], found["true"][1], rtol=0.05)


def test_a_calculator_says_that_a_structure_is_outside(pairs):
    learned = training.Learned(pairs, warn=False)
    atoms = Atoms("Ar6", np.pad(0.1 * pairs.data.train.positions[0], ((0, 0), (0, 1))))
    atoms.calc = potentials.as_calculator(learned)
    atoms.get_potential_energy()
    assert "neighbours" in atoms.calc.results["outside"]


def test_structures_outside_are_warned_of_once_where_forces_are_asked_for(pairs):
    training.ranges._WARNED.discard(pairs.path)
    learned = training.Learned(pairs)
    with pytest.warns(training.OutsideRange, match="this structure lies outside"):
        learned(0.1 * pairs.data.train.positions[0])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        learned(0.1 * pairs.data.train.positions[0])


@pytest.mark.parametrize("kind", ["mlp", "cnn-nearest", "gcn", "pairs", "messages"])
def test_a_surrogate_that_keras_has_saved_is_loaded(kind, tmp_path, positions):
    surrogate = models.build(SMALL_MODELS[kind], 6, 6.0, length=1.5)
    surrogate.save(tmp_path / "mine.keras")
    again = models.load_surrogate(tmp_path / "mine.keras")
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(again(positions)), np.asarray(surrogate(positions)))
    np.testing.assert_array_equal(training.predict(again, positions), training.predict(surrogate, positions))


def test_a_new_process_loads_a_graph_network(tmp_path):
    models.build(SMALL_MODELS["gcn"], 6, 6.0).save(tmp_path / "mine.keras")
    code = f"from surrogates import models; models.load_surrogate({str(tmp_path / 'mine.keras')!r})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    with pytest.raises(ValueError, match=r"other\.keras is no file"):
        models.load_surrogate(tmp_path / "other.keras")


def test_a_calculator_makes_a_data_set_that_is_trained_and_stored(store):
    copper = potentials.FromASE("ase.calculators.emt.EMT", "Cu")
    known = data.Data(n_atoms=3, box=8.0, sizes=(24, 8, 8), potential=copper, dimensions=3)
    fit = training.Fit(target="linear-log", metric="mae", batch_size=8, epochs=2)
    run = training.fit_or_load("copper/seed-0", training.Config(known, SMALL_MODELS["messages"], fit))
    again = training.load("copper/seed-0")
    assert again.config == run.config
    assert again.config.data.potential == copper
    assert any(layer.name == "lengths" for layer in again.surrogate.layers)  # it sees distances in units of its own
    np.testing.assert_array_equal(again.data.test.energies, copper.energy(again.data.test.positions))
    assert again.evaluate()["test"]["mae"] == pytest.approx(run.metrics["test"]["mae"], rel=1e-4)
    assert training.Learned(again, warn=False).units == copper.units


def test_a_network_learns_from_descents_of_a_calculator():
    """Whose energies are above 0 where its atoms are not those of a solid."""
    problem = search.Problem(potentials.FromASE("ase.calculators.emt.EMT", "Cu"), 4, -6.0, dimensions=3)
    fit = training.Fit(target="linear-log", metric="mae", batch_size=8, epochs=1)
    committee = search.DescentLearner(SMALL_MODELS["messages"], fit, search.Descents(10)).committee(problem)
    assert committee.closest > 1.0  # in Å
    assert np.isfinite(committee(problem.start(problem.random(0)))[0])
    raw = potentials.FromASE("ase.calculators.emt.EMT", "Cu", zero="calculator")
    with pytest.raises(ValueError, match="no structure of .* has V < 0.*shift its energies"):
        search.DescentLearner(SMALL_MODELS["messages"], fit, search.Descents(10)).committee(
            search.Problem(raw, 4, 1.0, dimensions=3)
        )
