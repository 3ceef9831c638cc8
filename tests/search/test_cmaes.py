"""CMA-ES: what it finds without forces, its restarts, its settings."""

import numpy as np
import pytest

from surrogates import potentials, search

LJ = potentials.LennardJones()


def test_cma_es_leaves_the_global_random_numbers_alone():
    before = np.random.get_state()[1]  # noqa: NPY002
    start = search.random_start(3, np.random.default_rng(0))

    def end(seed):
        return search.CMAES(calls=200).minimise(LJ, start, np.random.default_rng(seed))[-1].energy

    ends = [end(5), end(5)]
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002
    assert ends[0] == ends[1] != end(6)


def test_cma_es_needs_no_forces():
    counted = potentials.Counted(lambda positions: (LJ(positions)[0], None))
    better = search.CMAES(calls=3000).minimise(
        counted,
        search.random_start(4, np.random.default_rng(2)),
        np.random.default_rng(0),
        stop=lambda best: best.energy < -5.07,
    )
    energies, found = [found.energy for found in better], better[-1]
    assert energies == sorted(energies, reverse=True)
    assert found.energy == pytest.approx(-5.073421, abs=4e-3)
    assert counted.calls["search"] <= 3000 + 20
    assert found.energy == pytest.approx(LJ(found.positions)[0], abs=1e-12)


@pytest.mark.parametrize(("name", "value"), [("width", 0), ("width", np.nan), ("calls", 0), ("calls", 1.5)])
def test_an_evolution_that_cannot_be_meant_is_refused(name, value):
    with pytest.raises(ValueError, match=f"^{name} = {value}: give "):
        search.CMAES(**{name: value})


def test_cma_es_starts_again_until_the_goal(monkeypatch):
    starts, minimise = [], search.CMAES.minimise

    def recorded(self, potential, start, *others, **options):
        starts.append(start)
        return minimise(self, potential, start, *others, **options)

    monkeypatch.setattr(search.CMAES, "minimise", recorded)
    short = search.CMAES(calls=40)  # what it finds is far from the goal, before and after its relaxation
    problem = search.lennard_jones_problem(7)
    (trial,) = search.trials_of(problem, short, 1, 30_000)
    assert trial.found is not None
    assert trial.energy <= problem.goal
    assert len(starts) >= 2
    assert not np.array_equal(starts[0], starts[1])


def test_the_end_of_cma_es_is_relaxed():
    (trial,) = search.trials_of(search.lennard_jones_problem(4), search.CMAES(calls=300), 1, 20_000)
    assert trial.found is not None
    assert trial.found < 3000, "by itself it takes thousands of calls to come that near"


def test_cma_es_in_space():
    problem = search.Problem(LJ, 4, -6 + 1e-3, dimensions=3)
    (trial,) = search.trials_of(problem, search.CMAES(), 0, 20_000)
    assert trial.energy == pytest.approx(-6, abs=1e-3), "a tetrahedron"
    assert np.shape(trial.positions) == (4, 3)
