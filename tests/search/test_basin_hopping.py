"""Basin hopping, its moves and its settings."""

import numpy as np
import pytest

from surrogates import potentials, search
from surrogates.search import minima, moves

LJ = potentials.LennardJones()
LOWEST_OF_7 = search.lowest_known(7)
LOWEST_OF_13_IN_SPACE = search.lowest_known(13, dimensions=3)


@pytest.mark.parametrize("n_atoms", [0, 1])
@pytest.mark.parametrize("method", [search.BasinHopping(), search.CMAES()])
def test_one_atom_is_nothing_to_search(n_atoms, method):
    with pytest.raises(ValueError, match="give positions .* of two atoms or more"):
        method.minimise(LJ, np.zeros((n_atoms, 2)), np.random.default_rng(0))


@pytest.mark.parametrize("dimensions", [2, 3])
def test_a_surface_step_moves_atoms_to_the_outside(dimensions):
    rng = np.random.default_rng(0)
    cluster = search.relax(LJ, search.random_start(19, rng, dimensions=dimensions)).positions
    for atoms in (1, 2, 3):
        moved = moves.over_the_surface(cluster, atoms, rng)
        changed = (moved != cluster).any(axis=1)
        assert 1 <= changed.sum() <= atoms
        assert potentials.pair_distances(moved).min() > 0.5
    for _ in range(5):
        one = moves.over_the_surface(cluster, 1, rng)
        (which,) = np.flatnonzero((one != cluster).any(axis=1))
        rest = np.delete(one, which, axis=0)
        assert np.linalg.norm(rest - one[which], axis=1).min() == pytest.approx(1.0, abs=1e-9), "it touches the rest"


def test_atoms_fall_from_all_directions_of_space():
    rng = np.random.default_rng(0)
    pair = np.array([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0]])
    ends = np.array([moves.over_the_surface(pair, 1, rng) for _ in range(400)])
    directions = ends[:, 1] - ends[:, 0]
    assert np.abs(directions.mean(axis=0)).max() < 0.15
    np.testing.assert_allclose((directions**2).mean(axis=0), 1 / 3, atol=0.06)


@pytest.mark.parametrize("dimensions", [2, 3])
@pytest.mark.parametrize("scale", [1.0, 2.5])
def test_pockets_touch_as_many_atoms_as_there_are_dimensions(dimensions, scale):
    corners = scale * np.array([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.5, np.sqrt(3 / 4), 0.0]])[:dimensions, :dimensions]
    places = moves.pockets(corners, scale)
    assert len(places) == 2, "one on either side"
    np.testing.assert_allclose(np.linalg.norm(places[:, None] - corners, axis=-1), scale)
    assert np.linalg.norm(places[0] - places[1]) > scale


@pytest.mark.parametrize("dimensions", [2, 3])
def test_a_step_into_pockets_knows_no_unit_of_length(dimensions):
    rng = np.random.default_rng(0)
    cluster = search.relax(LJ, search.random_start(19, rng, dimensions=dimensions)).positions
    moved, scaled = (moves.into_pockets(scale * cluster, 2, np.random.default_rng(3)) / scale for scale in (1.0, 2.5))
    np.testing.assert_allclose(moved, scaled)
    assert 1 <= (moved != cluster).any(axis=1).sum() <= 2
    assert potentials.pair_distances(moved).min() > 0.9
    assert LJ.energy(moved) < -0.6 * len(cluster), "a compact structure as before, without relaxing it"


def test_where_there_is_no_pocket_the_atoms_stay():
    pair = np.array([[0.0, 0.0], [1.0, 0.0]])
    np.testing.assert_array_equal(moves.into_pockets(pair, 1, np.random.default_rng(0)), pair)
    row = np.array([[0.6 * k, 0.0, 0.0] for k in range(4)])
    assert np.isfinite(moves.into_pockets(row, 1, np.random.default_rng(0))).all()


@pytest.mark.parametrize("settings", [{"surface": 0.0}, {}, {"pockets": True}])
def test_basin_hopping_finds_the_hexagon(settings):
    counted, rng = potentials.Counted(LJ), np.random.default_rng(1)
    visited = search.BasinHopping(**settings).minimise(
        counted,
        search.random_start(7, rng),
        rng,
        hops=500,
        stop=lambda found: found.energy <= LOWEST_OF_7 + 1e-4,
    )
    assert visited[-1].energy == pytest.approx(LOWEST_OF_7, abs=1e-4)
    assert all(found.energy > LOWEST_OF_7 + 1e-4 for found in visited[:-1])
    assert counted.until(LOWEST_OF_7 + 1e-4) <= counted.calls["search"]
    assert min(found.energy for found in visited) == visited[-1].energy


def test_basin_hopping_takes_as_many_hops_as_asked_for():
    start = search.random_start(5, np.random.default_rng(0))
    visited, again = (search.BasinHopping().minimise(LJ, start, np.random.default_rng(0), hops=4) for _ in range(2))
    assert len(visited) == 5
    assert [found.energy for found in visited] == [found.energy for found in again]


def test_loose_relaxations_take_fewer_calls_and_the_lowest_minimum_is_relaxed_to_the_end():
    def visited(tolerance):
        counted, rng = potentials.Counted(LJ), np.random.default_rng(1)
        start = search.random_start(13, rng)
        found = search.BasinHopping(tolerance=tolerance).minimise(counted, start, rng, hops=40)
        return counted.calls["search"], min(found, key=lambda one: one.energy)

    fine, loose = visited(1e-3), visited(0.1)
    assert loose[0] < 0.9 * fine[0]
    assert np.abs(LJ(loose[1].positions)[1]).max() <= 1e-3


def test_a_temperature_of_zero_accepts_no_step_up():
    started = []

    class Noted(search.BasinHopping):
        def step(self, positions, rng, length=1.0):
            started.append(LJ(positions)[0])
            return super().step(positions, rng, length)

    rng = np.random.default_rng(0)
    Noted(0.0).minimise(LJ, search.random_start(9, rng), rng, hops=30)
    assert np.all(np.diff(started) <= 1e-6) and started[-1] < started[0]
    started.clear()
    Noted(0.0).walks(LJ, search.Problem(LJ, 9, -99.0), [rng], hops=30)
    assert np.all(np.diff(started) <= 1e-6) and started[-1] < started[0]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("temperature", -0.1),
        ("shake", -1.0),
        ("atoms", 0),
        ("surface", 1.5),
        ("surface", -0.1),
        ("pockets", 2),
        ("patience", 0),
    ],
)
def test_a_setting_that_cannot_be_meant_is_refused(name, value):
    with pytest.raises(ValueError, match=f"^{name} = {value}: give "):
        search.BasinHopping(**{name: value})


@pytest.mark.parametrize("strategy", [search.BasinHopping(), search.CMAES()])
def test_a_search_that_would_never_end_is_refused(strategy):
    with pytest.raises(ValueError, match="^calls = None: give a whole number"):
        search.trials_of(search.lennard_jones_problem(4), strategy, 0)


def test_the_icosahedron_is_found_in_space():
    problem = search.Problem(LJ, 13, LOWEST_OF_13_IN_SPACE + 1e-4, dimensions=3)
    (trial,) = search.trials_of(problem, search.BasinHopping(), 0, 20_000)
    assert trial.energy == pytest.approx(LOWEST_OF_13_IN_SPACE, abs=1e-4)
    assert np.shape(trial.positions) == (13, 3)
    assert potentials.pair_distances(np.array(trial.positions)).max() < 2.5
    assert trial.found <= trial.calls
    start, rng = search.seeded_start(13, 0, dimensions=3)
    same = search.BasinHopping().minimise(LJ, start, rng, 10**4, lambda one: one.energy <= problem.goal)
    assert trial.counts["quenches"] == len(same), "the last one is the one that comes to the goal"


def test_a_potential_of_the_plane_is_not_searched_in_space():
    class Planar:
        dimensions = (2,)

    with pytest.raises(ValueError, match="^dimensions = 3: give one of 2"):
        search.Problem(Planar(), 13, -44.0, dimensions=3)
    with pytest.raises(ValueError, match="^goal = inf: give the energy"):
        search.Problem(LJ, 13, np.inf)
    with pytest.raises(ValueError, match="^n_atoms = 1: give a whole number, 2 or more"):
        search.Problem(LJ, 1, 0.0)


def test_a_loose_minimum_that_may_come_out_lowest_is_relaxed_to_the_end():
    start = search.seeded_start(7, 3)[0]
    end = search.relax(LJ, start)
    loose, left = minima.descend(LJ, start, 0.5)
    assert loose.energy > end.energy
    assert left > 0.2 * (loose.energy - end.energy), "about what it still falls by"
    visited = search.BasinHopping(tolerance=0.5, pockets=True).minimise(LJ, start, np.random.default_rng(0), hops=60)
    assert min(found.energy for found in visited) == pytest.approx(LOWEST_OF_7, abs=1e-4)


def test_random_atoms_relaxed_one_after_the_other_come_to_the_triangle():
    problem = search.lennard_jones_problem(3)
    (trial,) = search.trials_of(problem, search.Multistart(), 0, 500)
    assert trial.found is not None
    (trial,) = search.trials_of(search.Problem(LJ, 7, -99.0), search.Multistart(), 0, 300)
    assert trial.found is None
    assert 300 <= trial.calls < 600


def test_a_walk_without_progress_ends_and_the_search_begins_anew():
    start, hopping = search.seeded_start(7, 1)[0], search.BasinHopping(pockets=True, patience=4)
    visited = [found.energy for found in hopping.minimise(LJ, start, np.random.default_rng(1))]
    lowest = np.minimum.accumulate(visited)
    assert len(visited) < 1000
    assert visited[-5] < lowest[-6] if len(visited) > 5 else True, "the fifth last was progress"
    assert lowest[-1] > lowest[-5] - 1e-4, "the last four were none"
    starts = []

    class Noted(search.Problem):
        def start(self, rng):
            starts.append(super().start(rng))
            return starts[-1]

    (trial,) = search.trials_of(Noted(LJ, 7, -99.0), hopping, 0, 2000)
    assert trial.calls >= 2000 and trial.energy == pytest.approx(LOWEST_OF_7, abs=1e-4)
    assert 3 < len(starts) < trial.counts["quenches"] / 5
    assert not np.allclose(starts[0], starts[1])
    again, _ = len(starts), search.trials_of(Noted(LJ, 7, -99.0), search.BasinHopping(pockets=True), 0, 2000)
    assert len(starts) == again + 1, "without patience there is one walk"
