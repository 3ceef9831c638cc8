"""What searches learn: from which labels, how many, how often."""

import dataclasses

import numpy as np
import pytest

from surrogates import data, models, potentials, search, training
from surrogates.search import learners
from surrogates.store import plain
from surrogates.training import learned as forces
from surrogates.training import runs
from tests.search import THREE_BODIES

LOW = data.Data("low", sizes=(300, 20, 1))
DESCENTS = search.Descents(starts=20, steps=8)
FIT = training.Fit(target="linear-log", loss="mean_absolute_error", metric="mae", batch_size=16, epochs=1)
PAIRS = models.Pairs(hidden=(8,), gaussians=8)
GCN = models.GCN(1, 8, "atoms", (8,), 8.0, "inverse", ("sorted",))
SIX = search.Problem(potentials.LennardJones(), 6, -9.0)


def test_a_spline_says_what_it_is_and_what_it_cost():
    learner = search.SplineFit(LOW, 200)
    described = {"kind": "SplineFit", "data": {"kind": "Data", "energies": "low", "sizes": [300, 20, 1]}}
    assert plain.described(learner) == described | {"structures": 200}
    assert learner.labels(SIX) == data.labels_needed(LOW, 200)
    committee = learner.committee(SIX)
    train = data.simulate(LOW).train
    assert committee.closest == potentials.closest_pair(train.positions[:200]).min()
    expected = potentials.fit_spline(data.Structures(train.positions[:200], train.energies[:200]))
    start = search.random_start(6, np.random.default_rng(0))
    assert expected(start)[0] == committee.members[0](start)[0]
    with pytest.raises(ValueError, match="^structures = 301: the data set has 300 for training"):
        search.SplineFit(LOW, 301)


def test_what_is_learned_of_the_labels_alone_is_learned_once(monkeypatch):
    made, fit = [], potentials.fit_spline

    def counted(*given, **others):
        made.append(1)
        return fit(*given, **others)

    monkeypatch.setattr(potentials, "fit_spline", counted)
    learner = search.SplineFit(LOW, 50)
    for n_atoms in (4, 5):
        assert learner.committee(search.lennard_jones_problem(n_atoms)) is learner.committee(SIX)
    assert made == [1]


def test_labels_of_all_kinds_of_data():
    full = dataclasses.replace(LOW, energies="full")
    assert learners.labels_of(full, "train", 300) == 300
    low = data.labels_needed(LOW, 300)
    assert low > 300
    assert learners.labels_of(dataclasses.replace(LOW, energies="both"), "train", 300) == 300 + low


def test_a_run_says_what_it_cost(run):
    n_train, n_validation, _ = run.config.data.sizes
    assert run.config.fit.patience is not None
    assert learners.labels_of_run(run) == n_train + n_validation, "validation decided when it ended"


@pytest.mark.parametrize("bounded", [True, False])
def test_energies_alone_are_those_of_the_run(pairs, positions, bounded):
    learner = search.NetworkEnergies(pairs, bounded)
    committee = learner.committee(SIX)
    closest = float(potentials.closest_pair(pairs.data.train.positions).min())
    assert committee.closest == (closest if bounded else 0.0)
    (member,) = committee.members
    np.testing.assert_allclose(member(positions)[0], forces.Learned(pairs)(positions)[0], rtol=1e-4, atol=1e-5)
    energy, none = member(positions[0])
    assert np.ndim(energy) == 0
    assert none.shape == positions[0].shape
    assert np.isnan(none).all()
    with pytest.raises(ValueError, match="gives energies without forces"):
        search.relax(committee, positions[0])
    with pytest.raises(ValueError, match="6"):
        member(positions[:, :5])
    assert plain.described(learner) == {
        "kind": "NetworkEnergies",
        "run": plain.described(pairs.config),
        **({} if bounded else {"bounded": False}),
    }


def test_labels_from_descents_are_counted_and_kept_together():
    problem = search.Problem(THREE_BODIES, 5, -5.0)
    known, asked = DESCENTS.structures(problem, seed=1)
    assert asked <= 20 * 8
    assert len(known.energies) == len(known.positions) <= asked
    assert potentials.pair_distances(known.positions).max() <= DESCENTS.widest
    np.testing.assert_allclose(THREE_BODIES(known.positions)[0], known.energies)
    again, _ = DESCENTS.structures(problem, seed=1)
    np.testing.assert_array_equal(again.positions, known.positions)
    start = search.random_start(5, np.random.default_rng([1, 5, 1]))
    np.testing.assert_array_equal(known.positions[0], start)
    assert not np.array_equal(start, search.seeded_start(5, 1)[0]), "no search begins with the atoms of a descent"
    other, _ = DESCENTS.structures(problem, seed=2)
    assert not np.array_equal(other.positions[0], known.positions[0])


@pytest.mark.parametrize("model", [PAIRS, GCN])
def test_both_models_learn_of_descents_and_stay_within_them(store, monkeypatch, model):
    learner = search.DescentLearner(model, FIT, DESCENTS)
    strategy = search.OnSurrogate(learner, starts=1, hops=2)

    def twice():
        problem = search.Problem(THREE_BODIES, 4, -9.0)
        tried = search.benchmark("small/descents", problem, strategy, range(2))
        return tried, search.learning_errors("small/errors", problem, learner)

    tried, errors = twice()
    with monkeypatch.context() as patch:
        patch.setattr(search.DescentLearner, "learn", None)
        patch.setattr(search.Descents, "structures", None)
        assert (tried, errors) == twice(), "nothing is learned again"
    assert errors.keys() == {"training", "test"}
    assert all(error > 0 for error in errors.values())
    problem = search.Problem(THREE_BODIES, 4, -9.0)
    known, asked = DESCENTS.structures(problem, 0)
    assert tried[0].labels == asked
    committee = learner.committee(problem)
    low = potentials.pair_distances(known.positions[known.energies < 0])
    assert (committee.closest, committee.farthest) == (low.min(), low.max())


def test_a_potential_without_energies_below_zero_is_refused_before_anything_is_trained(monkeypatch):
    def above(positions):
        energies, forces = THREE_BODIES(positions)
        return energies + 1e6, forces

    monkeypatch.setattr(training, "fit", None)
    problem = search.Problem(above, 4, -9.0)
    with pytest.raises(ValueError, match="has V < 0, where a network is trusted; shift its energies"):
        search.DescentLearner(PAIRS, FIT, DESCENTS).committee(problem)


def test_a_potential_without_finite_forces_teaches_nothing():
    problem = search.Problem(lambda positions: (-1.0, np.full_like(positions, np.nan)), 4, -9.0)
    with pytest.raises(ValueError, match="in 20 calls it gave no finite energy with finite forces"):
        DESCENTS.structures(problem, 0)


def test_runs_are_described_by_what_they_are(run, store):
    assert plain.described(run) == plain.described(run.config)
    assert runs.load(run.name).description() == run.description()


def test_descents_in_space_teach_a_network_in_space():
    fit = training.Fit(target="linear-log", metric="mae", epochs=1)
    learner = search.DescentLearner(models.Pairs(hidden=(4,), gaussians=4), fit, search.Descents(6, steps=4))
    problem = search.Problem(potentials.LennardJones(), n_atoms=4, goal=-6.0, dimensions=3)
    learned = learner.committee(problem)
    energies, forces = learned(np.random.default_rng(0).random((2, 4, 3)) + 0.5)
    assert energies.shape == (2,) and forces.shape == (2, 4, 3)


def test_settings_of_a_fit_that_descents_have_no_use_for_are_refused():
    atoms = training.Fit(target="linear-log", labels="atoms")
    with pytest.raises(ValueError, match="labels = 'atoms', permutations = 0, orientations = 1: descents give"):
        search.DescentLearner(models.Pairs(), atoms, search.Descents(1))
    with pytest.raises(ValueError, match="permutations = 19"):
        search.DescentLearner(models.MLP(), training.Fit(), search.Descents(1))
    with pytest.raises(ValueError, match="orientations = 8"):
        search.DescentLearner(models.CNN(orientations=8), training.Fit(), search.Descents(1))
    with pytest.raises(ValueError, match="give a models.Network"):
        search.DescentLearner("gcn", training.Fit(), search.Descents(1))
