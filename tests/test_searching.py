"""What the page on finding structures is made of: many searches, small enough for a test."""

import dataclasses

import numpy as np
import pytest

from surrogates import (
    datasets,
    forces,
    models,
    potential,
    search,
    searching,
    splines,
    structures,
    three_body,
    training,
    trials,
)  # fmt: skip

SEEDS = range(2)
DESCENTS = searching.Descents(starts=20, steps=8)
FIT = training.Fit(target="linear-log", loss="mean_absolute_error", metric="mae", batch_size=16, epochs=1)


@pytest.fixture(scope="module")
def fitted():
    return splines.fit(datasets.simulate(datasets.Data("low", sizes=(300, 1, 1))).train)


def perfect():
    return search.Guarded([potential.energy_and_forces], closest=0.9)


def trial(found, calls, labels=0, energy=-1.0, **counts):
    return trials.Trial(found, calls, energy, ((calls, energy),), [[0.0, 0.0], [1.0, 0.0]], labels, counts)


def test_the_searches_are_made_once_for_each_number_of_atoms(store, monkeypatch):
    settings = {4: structures.Hopping(), 5: structures.Hopping(temperature=0.2)}

    def every():
        return (
            searching.by_hopping("small/hopping", settings, 2000, SEEDS),
            searching.by_evolution("small/cma", [4], 0.5, 500, SEEDS),
            searching.by_surrogate(
                "small/learned", perfect, {"from": "nothing"}, 12, settings, searching.Options(1, 20), SEEDS
            ),
        )

    first = every()
    assert {n: len(tried) for n, tried in first[0].items()} == {4: 2, 5: 2}
    assert first[0][4][0] == trials.hopping(4, 0, settings[4], searching.goal(4), 2000)
    assert first[0][5][1] == trials.hopping(5, 1, settings[5], searching.goal(5), 2000)
    assert first[1][4][1] == trials.evolution(4, 1, 0.5, searching.goal(4), 500)
    assert first[2][5][0].found == 1
    assert first[2][5][0].labels == 12
    for method in ("hopping", "evolution", "with_surrogate"):
        monkeypatch.setattr(trials, method, None)
    assert every() == first


def test_a_surrogate_is_learned_only_where_a_trial_is_missing(store):
    learned = []

    def learn():
        learned.append(1)
        return perfect()

    def both():
        settings = {4: structures.Hopping(), 5: structures.Hopping()}
        searching.by_surrogate("small/learned", learn, {}, 1, settings, searching.Options(1, 5), SEEDS)

    both()
    both()
    assert learned == [1]


def test_another_potential_and_another_goal(store):
    true = three_body.AxilrodTeller(3.0)
    found = searching.by_hopping("small/three", {5: structures.Hopping()}, 3000, SEEDS, {5: -5.07}, true)
    for tried in found[5]:
        assert tried.energy == pytest.approx(true(np.array(tried.positions))[0], abs=1e-3)
    reference = searching.reference(true, 5, range(10, 14), hops=30)
    assert reference["energy"] == pytest.approx(-5.0743, abs=1e-3)
    assert reference["energy"] == pytest.approx(true(np.array(reference["positions"]))[0], abs=1e-4)
    assert 1 <= reference["seeds"] <= 4


def test_a_network_without_a_bound_is_driven_to_where_it_is_wrong():
    def close_is_good(positions):
        return potential.pair_distances(positions).sum(axis=-1) - 100.0, np.full(np.shape(positions), np.nan)

    free = searching.drive(close_is_good, 4, seed=0, width=0.5, calls=2000)
    assert free.closest < 0.1
    assert free.true > 1e3
    assert free.learned < -99
    assert 0 < free.trial.counts["calls"] < 2020  # a generation may be begun
    bound = searching.drive(close_is_good, 4, seed=0, width=0.5, calls=2000, closest=0.95)
    assert bound.closest > 0.9
    assert bound.true < free.true
    assert bound.learned == pytest.approx(close_is_good(np.array(bound.positions))[0], abs=1e-3)


def test_random_atoms_relaxed_at_once_begin_as_the_searches_do():
    ends = searching.relaxed_starts(7, range(3))
    assert len({end.energy for end in ends}) == 3
    again = structures.relax(potential.energy_and_forces, structures.random_start(7, np.random.default_rng([2, 7])))
    assert ends[2].energy == again.energy < 0


def test_atoms_in_one_place_are_an_end_as_well(store):
    def nothing(positions):
        return np.zeros(np.shape(positions)[:-2]), np.zeros(np.shape(positions))

    def infinite(positions):
        return np.full(np.shape(positions)[:-2], np.inf)[()], np.zeros(np.shape(positions))

    given = {"n_atoms": 3, "width": 0.5, "calls": 20, "learned": {"no": "network"}}
    (end,) = searching.driven("small/driven", lambda: nothing, given, range(1))
    assert (end,) == tuple(searching.driven("small/driven", lambda: 1 / 0, given, range(1))), "it is stored"
    end = searching.drive(nothing, 3, 0, 0.5, 20, true=infinite)
    assert end.true == searching.LARGEST
    assert end.trial.energy is None


def test_energies_alone_are_those_of_the_run(pairs, positions):
    learned = searching.energies_of(pairs)
    np.testing.assert_allclose(learned(positions)[0], forces.of(pairs)(positions)[0], rtol=1e-4, atol=1e-5)
    energy, none = learned(positions[0])
    assert np.ndim(energy) == 0
    assert none.shape == positions[0].shape
    assert np.isnan(none).all()


def test_random_atoms_become_the_minimum(fitted):
    moving = searching.becoming(fitted, 7, 0, structures.Hopping(), hops=60)
    frames = np.array(moving["frames"])
    assert len(moving["captions"]) == len(frames) > 5
    assert moving["energy"] == pytest.approx(trials.known(7), abs=1e-4)
    assert potential.energy(frames[-1]) == pytest.approx(trials.known(7), abs=0.02)
    assert moving["captions"][0].startswith("random atoms: V = ")
    assert moving["captions"][-1] == "relaxed on the true potential: V = −12.53"
    assert 0 < moving["calls"] < 50
    start = structures.random_start(7, np.random.default_rng([0, 7]))
    np.testing.assert_allclose(frames[0], start, atol=0.006)


def test_labels_from_descents_are_counted_and_kept_together():
    true = structures.Counted(three_body.AxilrodTeller(3.0))
    known, asked = DESCENTS(true, 5, seed=1)
    assert asked == true.calls["search"] <= 20 * 8
    assert len(known.energies) == len(known.positions) <= asked
    assert potential.pair_distances(known.positions).max() <= DESCENTS.widest
    np.testing.assert_allclose(three_body.AxilrodTeller(3.0)(known.positions)[0], known.energies)
    again, _ = DESCENTS(true, 5, seed=1)
    np.testing.assert_array_equal(again.positions, known.positions)
    other, _ = DESCENTS(true, 5, seed=2)
    assert not np.array_equal(other.positions[0], known.positions[0])


@pytest.mark.parametrize(
    "model",
    [models.Pairs(hidden=(8,), gaussians=8), models.GCN(1, 8, "atoms", (8,), 8.0, "inverse", ("sorted",))],
)
def test_both_models_learn_a_task_and_stay_within_it(store, model):
    task = searching.Task(three_body.AxilrodTeller(3.0), 4, DESCENTS, 0)
    made = []

    def once():
        made.append(1)
        return task

    def twice():
        return searching.by_task(
            "small/task", once, model, FIT, {"task": 4}, structures.Hopping(), searching.Options(1, 2), SEEDS, -9.0
        )

    tried, errors = twice()
    assert made
    made.clear()
    assert (tried, errors) == twice()
    assert not made, "nothing is learned again"
    assert errors.keys() == {"training", "test"}
    assert all(error > 0 for error in errors.values())
    assert tried[0].labels == task.known[1]
    learned, _ = task.teach(model, FIT)
    low = potential.pair_distances(task.known[0].positions[task.known[0].energies < 0])
    assert (learned.closest, learned.farthest) == (low.min(), low.max())


def found():
    return {
        "hopping": {7: [trial(100, 120), trial(300, 310)], 32: [trial(5000, 5100), trial(None, 3000)]},
        "other hopping": {7: [trial(None, 900)] * 2, 32: [trial(None, 900)] * 2},
        "spline": {
            7: [trial(20, 30, 1000, minima=9, candidates=2), trial(None, 40, 1000, minima=8, duplicates=5)],
            32: [trial(30, 40, 1000)] * 2,
        },
    }


def test_whether_the_labels_are_worth_it():
    table = searching.worth(found(), ["hopping", "other hopping"], ["spline"])
    assert table.rival.tolist() == [215, 8100]
    assert table.calls.tolist() == [70, 40]
    assert table.share.tolist() == [70 / 215, 40 / 8100]
    assert table.one.tolist() == [False, True]
    assert table.pays.tolist() == [np.ceil(1000 / 145), 1]
    shown = searching.worth_table(table)
    assert shown["Worth it from"].tolist() == ["7 searches", "the first"]
    assert searching.worth_said(table) == (
        "The labels of the spline are worth it for a single search of 32 atoms, not of 7."
    )
    assert "not worth it for a single search of 7 and 32 atoms" in searching.worth_said(table.assign(one=False))
    assert "worth it even for a single search of 7 and 32" in searching.worth_said(table.assign(one=True))


def test_a_surrogate_that_never_succeeds_is_never_worth_it():
    searches = {"hopping": {7: [trial(100, 120)]}, "bad": {7: [trial(None, 40, 10)]}}
    table = searching.worth(searches, ["hopping"], ["bad"])
    assert table.pays.tolist() == [np.inf]
    assert searching.worth_table(table).iloc[0].tolist() == ["bad", "7", "120", "–", "10", "no", "never"]


def test_tables_of_all_searches():
    table = searching.table(found())
    assert table.Atoms.tolist() == ["7", "7", "7", "32", "32", "32"]
    assert table.iloc[2].tolist()[:4] == ["spline", "7", "1 of 2", "70"]
    assert searching.objections(found()["spline"]) == 0
    assert searching.objections({7: [trial(None, 3, 9, **{"minima": 4, "too close": 2, "not finite": 1})]}) == 3
    table = searching.refused({"spline": found()["spline"]})
    assert table.iloc[0].tolist() == ["spline", "7", "17", "2", "5", "0", "0", "0", "0"]


def test_the_lowest_of_several_searches():
    searches = {"a": [trial(1, 2, energy=-3.0)], "b": [trial(1, 2, energy=-4.0), trial(None, 0, energy=None)]}
    assert searching.lowest(searches).energy == -4.0
    assert searching.lowest({"b": [trial(None, 0, energy=None)]}) is None


def test_what_fooled_the_network_is_shown():
    ends = [
        searching.Driven(-90.0, 1e30, 0.02, [[0.0, 0.0], [0.0, 0.02]], trial(None, 90, energy=-30.0)),
        searching.Driven(-20.0, -16.0, 1.0, [[0.0, 0.0], [0.0, 1.0]], trial(50, 90, energy=-83.0)),
    ]
    table = searching.fooled_table({"unguarded": ends})
    assert table.iloc[0].tolist() == ["unguarded", "−90.00", "1.0e+30", "0.02", "−83.00", "1 of 2"]
    (axes,) = searching.fooled({"unguarded": ends}, -82.97).axes
    assert axes.lines[0].get_xydata().tolist() == [[1e12, -90.0], [-16.0, -20.0]]


def test_settings_and_verdicts_as_text():
    tuned = {"a": {7: structures.Hopping(0.1, 0.0, shake=0.3)}, "b": {7: structures.Hopping(0.2, 1.0, atoms=1)}}
    assert searching.settings_table(tuned).values.tolist() == [
        ["a", "7", "0.1", "shifts up to 0.3 σ"],
        ["b", "7", "0.2", "1 atom moved"],
    ]
    table = searching.verdicts([("this", "1 of 2", True), ("that", "0 of 2", False)])
    assert table.Verdict.tolist() == ["reached", "missed"]


def test_an_options_field_is_one_of_the_search():
    assert dataclasses.asdict(searching.Options()) == {"starts": 2, "hops": 300, "keep": 5, "relaxed": 2}
