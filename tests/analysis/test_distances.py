"""The perceptron on the shortest distances beside others, and what could be wrong with it."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from surrogates import data, models, potentials, training
from surrogates.analysis import distances, error_analysis, one_surrogate
from surrogates.analysis.distances import OnScales
from surrogates.book import parameters
from surrogates.store import results
from surrogates.store.provenance import root
from surrogates.training import runs

SMALL = data.Data("full", n_atoms=6, box=6.0, sizes=(200, 40, 40))


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """A perceptron on the sorted distances of six atoms, trained for a moment."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SURROGATES_RUNS", str(tmp_path_factory.mktemp("distances") / "runs"))
        network = models.MLP(hidden=(16,), permutations=0, inputs="sorted-log-distances", kept=6)
        run = runs.fit_or_load("told", training.Config(SMALL, network, training.Fit(epochs=8, batch_size=32)))
        run.predictions, run.data, run.surrogate  # noqa: B018 (read while the store is there)
        yield run


def test_scores_of_one_network_for_both_scales_and_of_one_for_each(monkeypatch):
    def computed(name, run, of):
        return one_surrogate.both_errors(run.predict_energy, *one_surrogate.both_sets(of))

    monkeypatch.setattr(distances, "stored_errors", computed)
    apart = OnScales(
        [SimpleNamespace(metrics={"test": {"mape": 6.0, "mae": 1.0}})],
        [SimpleNamespace(metrics={"test": {"mape": 99.0, "mae": 0.2}})],
    )
    assert distances.on_scales(apart) == {"mape": [6.0], "mae": [0.2]}
    of = data.Data("both", n_atoms=6, box=6.0, sizes=(20, 10, 10))
    true = SimpleNamespace(
        name="true", predict_energy=potentials.LennardJones().energy, config=SimpleNamespace(data=of)
    )
    both = OnScales(runs_of := [true, true], runs_of)
    assert distances.on_scales(both) == {"mape": [0.0, 0.0], "mae": [0.0, 0.0]}


def test_predictions_without_a_network():
    found = distances.without_network(SMALL)
    splits = data.simulate(data.Data("low", n_atoms=6, box=6.0, sizes=SMALL.sizes))
    median = np.median(splits.train.energies)
    assert found["best constant"]["mae"] == [pytest.approx(np.abs(splits.test.energies - median).mean())]
    assert found["closest pair alone"]["mape"][0] < found["best constant"]["mape"][0]
    weights = SimpleNamespace(metrics={"test": {"mape": 6.0, "mae": 1.0}}, n_weights=1234)
    table = distances.networks_table(found | {"ours": {"mape": [6.0], "mae": []}}, {"ours": OnScales([weights], [])})
    assert table.iloc[-1].tolist() == ["ours", "6.00", "–", "1,234", "1"]
    assert table.Weights[:2].tolist() == ["–", "–"]


def test_a_network_is_compared_with_looking_up_the_nearest(told):
    found = distances.looked_up(told)
    known = np.sort(potentials.pair_distances(told.data.train.positions), axis=1)[:, :6]
    asked = np.sort(potentials.pair_distances(told.data.test.positions), axis=1)[:, :6]
    known, asked = np.log(known), np.log(asked)
    shift, scale = known.mean(axis=0), known.std(axis=0)
    apart = np.linalg.norm((asked[:, None] - known) / scale, axis=-1)
    truth = told.targets["test"]
    expected = 100 * np.mean(np.abs(told.targets["train"][apart.argmin(axis=1)] / truth - 1))
    assert found["error"] == pytest.approx(expected, rel=1e-3) and np.isfinite(shift).all()
    assert found["network"] == pytest.approx(told.evaluate()["test"]["mape"])
    assert 0 < found["closest"] < 1


def test_errors_by_range_of_the_energy(told, store):
    table = distances.ranges_table("small/ranges", {"told": [told, told]})
    energies, truth = told.data.test.energies, told.targets["test"]
    among = (energies >= -1) & (energies < 0)
    shares = 100 * np.abs(told.predictions["test"] - truth) / truth
    row = table[table.V == "−1\u00a0to\u00a00"].iloc[0]
    assert row.Structures == str(among.sum())
    assert row.told.replace("\u00a0", " ") == f"{shares[among].mean():.2f} ± 0.00"
    alone = error_analysis.baselines(told, "test")["closest pair alone"]
    assert row["closest pair alone"] == f"{100 * np.mean(np.abs(alone / truth - 1)[among]):.2f}"
    found = distances.stored_by_range("small/ranges", SimpleNamespace(config=told.config))
    assert found[row.name] == pytest.approx(shares[among].mean()), "it is not computed again"


@pytest.mark.parametrize("name", ["gcn/paper/seed-0", "causes/paper/nearest/full-energies-seed-0"])
def test_the_published_errors_by_range_follow_from_the_weights(name, monkeypatch, tmp_path):
    monkeypatch.chdir(root())
    monkeypatch.delenv("SURROGATES_RUNS", raising=False)
    run = runs.load(name)
    with monkeypatch.context() as patch:
        patch.setattr(error_analysis, "mape_by_range", lambda *given: pytest.fail("it is not stored"))
        stored = distances.stored_by_range("distances/paper/seed-0/ranges", run)
    run.surrogate  # noqa: B018 (read while the store is there)
    monkeypatch.setenv("SURROGATES_RUNS", str(tmp_path / "runs"))
    np.testing.assert_allclose(distances.stored_by_range("anew", run), stored, rtol=1e-3)


def test_structures_on_the_way_to_a_minimum():
    found = distances.relaxing(n_atoms=5, seed=0, descents=3)
    assert len(found.energies) > 20 and found.energies.max() < 0
    np.testing.assert_allclose(potentials.LennardJones().energy(found.positions), found.energies)


def committee(*offsets):
    """Runs whose energies are off by a constant each, for any number of atoms."""
    true = potentials.LennardJones()
    config = SimpleNamespace(data=SMALL)
    return [SimpleNamespace(config=config, offset=offset, energy=true.energy) for offset in offsets]


def test_errors_and_spreads_beyond_the_range(monkeypatch):
    monkeypatch.setattr(
        distances, "energies_of", lambda runs, at: np.array([run.energy(at) + run.offset for run in runs])
    )
    structures = distances.relaxing(n_atoms=5, seed=0, descents=4)
    edges = np.linspace(structures.energies.min(), 0.0, 3)
    table = distances.beyond_range({"two": committee(1.0, -2.0), "one": committee(0.5)}, structures, edges)
    values = table.set_index(["network", "what"])["value"]
    np.testing.assert_allclose(values["two", "error"], 1.5)
    np.testing.assert_allclose(values["two", "spread"], np.std([1.0, -2.0], ddof=1))
    assert values["one", "spread"].isna().all()
    said = distances.at_the_lowest(table, {"pair": "two", "alone": "one"})
    assert (said["pair_error"], said["pair_spread"], said["alone_error"]) == ("1.5", "2.1", "0.5")
    assert table["V"].iloc[0] == (edges[0] + edges[1]) / 2, "a value stands in the middle of its bin"
    other = distances.other_atoms({"one": committee(0.5)}, [4, 8], seed=0, count=20)
    np.testing.assert_allclose(other.error, [0.5 / 4, 0.5 / 8])
    left, right = distances.beyond_figure(table, other, limit=-3.0, trained_on=6).axes
    np.testing.assert_array_equal(right.lines[1].get_xdata(), [4, 8])
    assert "one" in [line.get_label() for line in left.lines]


def test_a_number_of_atoms_that_a_network_does_not_take_has_no_error(told):
    class Fixed(SimpleNamespace):
        pass

    coordinates = runs.Config(SMALL, models.MLP(hidden=(4,), permutations=0), training.Fit(epochs=1))
    surrogate = coordinates.build()
    fixed = Fixed(config=coordinates, surrogate=surrogate, name="fixed", inverse=lambda targets: targets)
    table = distances.other_atoms({"told": [told], "fixed": [fixed]}, [5, 8], seed=0, count=5)
    errors = table.set_index(["network", "atoms"])["error"]
    assert np.isfinite(errors["told", 8]) and np.isnan(errors["fixed", 8])


def test_what_lies_beyond_is_stored(told, store, monkeypatch):
    networks = {"told": [told]}
    by_atoms = distances.stored_other_atoms("small/atoms", networks, [3, 8], seed=0, count=5)
    pd.testing.assert_frame_equal(by_atoms, distances.other_atoms(networks, [3, 8], seed=0, count=5))
    assert by_atoms.error.isna().tolist() == [True, False], "it is told of more distances than three atoms have"
    by_energy = distances.stored_beyond("small/beyond", networks, 5, seed=0, descents=2)
    assert len(by_energy) == 2 * distances.BINS and by_energy["value"].notna().any()
    for name in ("relaxing", "other_atoms"):
        monkeypatch.setattr(distances, name, lambda *given: pytest.fail("it is not stored"))
    pd.testing.assert_frame_equal(distances.stored_beyond("small/beyond", networks, 5, 0, 2), by_energy)
    pd.testing.assert_frame_equal(distances.stored_other_atoms("small/atoms", networks, [3, 8], 0, 5), by_atoms)


def test_the_published_errors_beyond_follow_from_the_weights(monkeypatch):
    """Those of the sum over pairs, which is the fastest."""
    monkeypatch.chdir(root())
    monkeypatch.delenv("SURROGATES_RUNS", raising=False)
    page, label = parameters.published("distances"), "sum over pairs"
    networks = {label: [runs.load("one_surrogate/paper/pairs-seed-0")]}
    structures = distances.relaxing(page.n_atoms, page.seed, page.descents)
    for name, column, found in (
        ("beyond", "value", distances.beyond_range(networks, structures, distances.edges_of(structures))),
        ("other-atoms", "error", distances.other_atoms(networks, page.other_numbers, page.seed, page.other_structures)),
    ):
        (stored,) = results.frame(f"distances/paper/seed-0/{name}").result
        stored = [row[column] for row in stored if row["network"] == label]
        np.testing.assert_allclose(found[column], np.array(stored, dtype=float), rtol=1e-3)
