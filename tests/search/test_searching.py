"""What the page on finding structures is made of: many searches, small enough for a test."""

import dataclasses
import inspect

import numpy as np
import pytest

from surrogates import data, potentials, search
from surrogates.search import searching, structures, trials
from surrogates.training import learned as forces

LJ = potentials.LennardJones()

SEEDS = range(2)


@pytest.fixture(scope="module")
def fitted():
    return potentials.fit_spline(data.simulate(data.Data("low", sizes=(300, 1, 1))).train)


def perfect():
    return search.Guarded([LJ], closest=0.9)


def test_the_searches_are_made_once_for_each_number_of_atoms(store, monkeypatch):
    settings = {4: structures.Hopping(), 5: structures.Hopping(temperature=0.2)}

    def every():
        return (
            searching.without_surrogate("small/hopping", settings, 2000, SEEDS),
            searching.without_surrogate("small/cma", {4: structures.Evolution()}, 500, SEEDS),
            searching.with_surrogate(
                "small/learned", perfect, {"from": "nothing"}, 12, settings, searching.Options(1, 20), SEEDS
            ),
        )

    first = every()
    assert {n: len(tried) for n, tried in first[0].items()} == {4: 2, 5: 2}
    assert first[0][4][0] == trials.without_surrogate(4, 0, settings[4], searching.goal(4), 2000)
    assert first[0][5][1] == trials.without_surrogate(5, 1, settings[5], searching.goal(5), 2000)
    assert first[1][4][1] == trials.without_surrogate(4, 1, structures.Evolution(), searching.goal(4), 500)
    assert first[2][5][0].found == 1
    assert first[2][5][0].labels == 12
    for method in ("without_surrogate", "with_surrogate"):
        monkeypatch.setattr(trials, method, None)
    assert every() == first


def test_a_surrogate_is_learned_only_where_a_trial_is_missing(store):
    learned = []

    def learn():
        learned.append(1)
        return perfect()

    def both():
        settings = {4: structures.Hopping(), 5: structures.Hopping()}
        searching.with_surrogate("small/learned", learn, {}, 1, settings, searching.Options(1, 5), SEEDS)

    both()
    both()
    assert learned == [1]


def test_another_potential_and_another_goal(store):
    true = LJ + potentials.AxilrodTeller(3.0)
    found = searching.without_surrogate("small/three", {5: structures.Hopping()}, 3000, SEEDS, {5: -5.07}, true)
    for tried in found[5]:
        assert tried.energy == pytest.approx(true(np.array(tried.positions))[0], abs=1e-3)


def test_a_network_without_a_bound_is_driven_to_where_it_is_wrong():
    def close_is_good(positions):
        return potentials.pair_distances(positions).sum(axis=-1) - 100.0, np.full(np.shape(positions), np.nan)

    evolution, aim = structures.Evolution(calls=2000), searching.goal(4)
    free = searching.drive(search.Guarded([close_is_good]), 4, 0, evolution, aim)
    assert free.closest < 0.1
    assert free.true > 1e3
    assert free.learned < -99
    assert 0 < free.trial.counts["calls"] < 2020  # a generation may be begun
    assert free.trial.counts["calls beyond the range"] == 0
    bound = searching.drive(search.Guarded([close_is_good], closest=0.95), 4, 0, evolution, aim)
    assert bound.closest >= 0.95, "the end lies within the range, whatever lay beyond"
    assert bound.true < free.true
    assert bound.learned == pytest.approx(close_is_good(np.array(bound.positions))[0], abs=1e-3)
    assert bound.trial.counts["calls beyond the range"] > bound.trial.counts["too close"] > 0
    never = searching.drive(search.Guarded([close_is_good], closest=50.0), 4, 0, structures.Evolution(calls=30), aim)
    assert (never.learned, never.true, never.positions) == (None, None, [])
    assert never.trial.calls == 0
    assert never.trial.counts["too close"] == never.trial.counts["minima"]


def test_random_atoms_relaxed_at_once_begin_as_the_searches_do():
    ends = searching.relaxed_starts(7, range(3))
    assert len({end.energy for end in ends}) == 3
    again = structures.relax(LJ, structures.random_start(7, np.random.default_rng([2, 7])))
    assert ends[2].energy == again.energy < 0


def test_atoms_in_one_place_are_an_end_as_well(store):
    def nothing(positions):
        return np.zeros(np.shape(positions)[:-2]), np.zeros(np.shape(positions))

    def infinite(positions):
        return np.full(np.shape(positions)[:-2], np.inf)[()], np.zeros(np.shape(positions))

    def driven(learn):
        evolution = structures.Evolution(calls=20)
        return searching.driven("small/driven", learn, {"no": "network"}, 3, evolution, 0, range(1), -2.9)

    (end,) = driven(lambda: search.Guarded([nothing]))
    assert [end] == driven(lambda: 1 / 0), "it is stored"
    end = searching.drive(search.Guarded([nothing]), 3, 0, structures.Evolution(calls=20), -2.9, true=infinite)
    assert end.true == searching.LARGEST
    assert end.trial.energy is None
    assert end.trial.counts[trials.TRUE_NOT_FINITE] == end.trial.calls > 0


def test_energies_alone_are_those_of_the_run(pairs, positions):
    learned = forces.EnergiesOnly(pairs)
    np.testing.assert_allclose(learned(positions)[0], forces.Learned(pairs)(positions)[0], rtol=1e-4, atol=1e-5)
    energy, none = learned(positions[0])
    assert np.ndim(energy) == 0
    assert none.shape == positions[0].shape
    assert np.isnan(none).all()


def test_random_atoms_become_the_minimum(fitted):
    learned = search.Guarded([fitted], fitted.closest)
    moving = searching.becoming(learned, 7, 0, structures.Hopping(), hops=60)
    frames = np.array(moving["frames"])
    assert len(moving["captions"]) == len(frames) > 5
    assert moving["energies"][-1] == pytest.approx(trials.known(7), abs=1e-4)
    assert len(moving["energies"]) == len(frames)
    assert LJ.energy(frames[-1]) == pytest.approx(trials.known(7), abs=0.02)
    assert moving["captions"][0] == "random atoms"
    assert moving["captions"][-1] == "relaxed on the true potential"
    assert 0 < moving["calls"] < 50
    start = structures.random_start(7, np.random.default_rng([0, 7]))
    np.testing.assert_allclose(frames[0], start, atol=0.006)
    assert not np.allclose(frames[1], frames[0])
    refusing = search.Guarded([fitted], fitted.closest, farthest=2.0)  # a hexagon is 2.2 wide
    moving = searching.becoming(refusing, 7, 0, structures.Hopping(), hops=5)
    assert not any(caption.startswith("hop") for caption in moving["captions"]), "none is shown that it objects to"


def test_an_options_field_is_one_of_the_search():
    asked = inspect.signature(search.search).parameters
    options = dataclasses.asdict(searching.Options())
    assert {name: asked[name].default for name in options} == options


def test_what_determines_a_search_is_part_of_its_name(store):
    """Or a stored one of another kind would be shown."""
    made = []

    def learn():
        made.append(1)
        return perfect()

    def tried(labels=1, origin="a", hops=2, goal=-1.0, true=LJ):
        methods, options = {4: structures.Hopping()}, searching.Options(1, hops)
        given = {"from": origin}, labels, methods, options, range(1), {4: goal}, true
        return searching.with_surrogate("small/keys", learn, *given)

    tried()
    changes = (
        {"labels": 2},
        {"origin": "b"},
        {"hops": 3},
        {"goal": -2.0},
        {"true": (LJ + potentials.AxilrodTeller(1.0))},
    )
    for number, change in enumerate(changes, 1):
        tried(**change)
        tried()
        assert len(made) == number + 1, change


def test_finalists_are_tried_again_with_other_seeds(store):
    tried = [structures.Hopping(shake=shake, surface=0.0) for shake in (0.05, 0.3, 0.5)]
    tolerances = (1e-3, 0.1)
    tuning = searching.Tuning(2000, range(3), 2, range(10, 14), tolerances)
    chosen, spent = searching.tuned("small/tuning", tried, [4, 5], tuning)
    assert chosen.keys() == {4, 5}
    for n, method in chosen.items():
        all_tried = trials.tuned("a", n, tried, searching.goal(n), 2000, range(3))
        best = [dataclasses.replace(one, tolerance=t) for one in list(all_tried)[:2] for t in tolerances]
        finals = trials.tuned("b", n, best, searching.goal(n), 2000, range(10, 14))
        assert method == next(iter(finals))
        spent -= sum(outcome["spent"] for found in (all_tried, finals) for outcome in found.values())
    assert spent == 0
    alone, spent = searching.tuned(
        "small/tuning", tried, [4], dataclasses.replace(tuning, finalists=1, tolerances=(0.1,))
    )
    first = trials.tuned("a", 4, tried, searching.goal(4), 2000, range(3))
    assert alone[4] == dataclasses.replace(next(iter(first)), tolerance=0.1)
    assert spent == sum(outcome["spent"] for outcome in first.values()), "a single finalist is not tried again"
    widths = [structures.Evolution(width) for width in (0.1, 0.5)]
    one = dataclasses.replace(tuning, finalists=1)
    alone, spent = searching.tuned("small/cma", widths, [4], one)
    first = trials.tuned("c", 4, widths, searching.goal(4), 2000, range(3))
    assert alone[4] == next(iter(first))
    assert spent == sum(outcome["spent"] for outcome in first.values()), "CMA-ES relaxes nothing on its way"
    with pytest.raises(ValueError, match="^finalists = 0: give"):
        dataclasses.replace(tuning, finalists=0)


def test_rounds_are_made_once_and_come_by_round(store):
    known = data.simulate(data.Data("low", 5, 8.0, sizes=(20, 1, 1))).train

    def rounds(learn):
        return searching.in_rounds(
            "small/rounds", learn, known, {}, 20, 5, structures.Hopping(), searching.Options(1, 2), 2, SEEDS, -9.0
        )

    found = rounds(lambda known: perfect())
    assert [len(of_round) for of_round in found] == [2, 2]
    (alone,) = trials.in_rounds(5, 1, lambda known: perfect(), known, 20, -9.0, 1, starts=1, hops=2)
    assert found[0][1] == alone
    assert rounds(None) == found
