"""Experiments that change one thing: what they show, and what the claims ask of them."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from surrogates import data, models, training
from surrogates.analysis import causes, one_surrogate
from surrogates.store.provenance import root
from surrogates.training import runs, told
from tests.analysis.beside import BESIDE

pytestmark = pytest.mark.usefixtures("store")

DATA = data.Data(n_atoms=6, box=6.0, sizes=(64, 16, 16))


def config(network, **fit):
    return training.Config(DATA, network, training.Fit(**fit))


def run(mape=10.0, best=9.0, network=None):
    return SimpleNamespace(
        config=config(network or models.MLP(hidden=(4,))),
        metrics={"validation": {"mape": mape, "mae": mape / 10}},
        history=pd.DataFrame({"val_mape": [20.0, best, mape]}),
    )


def same(network) -> set[str]:
    return {name for name, unchanged in causes.invariances(config(network)).items() if unchanged}


def test_invariances_are_those_of_what_a_network_is_told():
    everything = {"permutation", "translation", "rotation", "reflection"}
    assert same(models.MLP(hidden=(8,))) == set()
    assert same(models.MLP(hidden=(8,), permutations=0, inputs="centred")) == {"translation"}
    assert same(models.MLP(hidden=(8,), permutations=0, inputs="distances")) == everything - {"permutation"}
    assert same(models.MLP(hidden=(8,), permutations=0, inputs="sorted-log-distances")) == everything
    assert same(models.GCN(n_nodes=8, hidden=(8,), features=("sorted", "coordinates"), pooling="mean")) == {
        "permutation"
    }


def test_what_a_network_was_told_stands_beside_its_error():
    table = causes.told_table({"coordinates": [run(10.0, 8.0), run(12.0, 9.0)]}, BESIDE)
    row, constant, _ = table.to_numpy().tolist()
    assert [cell.replace("\u00a0", " ") for cell in row] == [
        "coordinates", "no", "no", "no", "11.0 ± 1.4", "8.5 ± 0.7",
    ]  # fmt: skip
    assert constant == ["(best constant)", "yes", "yes", "yes", "41.0", "–"]


def test_a_dot_for_each_seed_filled_where_it_is_invariant():
    invariant = models.MLP(hidden=(4,), permutations=0, inputs="sorted-distances")
    kinds = {"MLP": {"coordinates": [run(80.0), run(70.0)], "distances": [run(5.0, network=invariant)]}}
    (axes,) = causes.told_figure(kinds, best_constant=40.0).axes
    coordinates, distances = axes.lines[:2]
    np.testing.assert_array_equal(coordinates.get_xdata(), [80.0, 70.0])
    assert (coordinates.get_fillstyle(), distances.get_fillstyle()) == ("none", "full")
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["MLP: coordinates", "MLP: distances"]


def experiments(**scores):
    return {name.replace("_", " "): [run(score) for score in of] for name, of in scores.items()}


def test_the_gain_of_depth_is_that_of_equal_seeds():
    depth = {f"Lennard-Jones, all features, {n} layers": [run(10.0 / n), run(40.0 / n)] for n in (1, 2, 3)}
    np.testing.assert_allclose(causes.gains(depth)["Lennard-Jones, all features"], [3.0, 3.0])
    table = causes.gains_table(depth)
    assert table.columns.tolist() == ["Potential and features", "1 layer", "2 layers", "3 layers", "1 over 3"]
    assert table.iloc[0, -1].replace("\u00a0", " ") == "3.00 ± 0.00"


def test_what_the_claims_ask():
    mlp = experiments(coordinates=[80.0, 40.0], canonical=[60.0, 50.0])
    cnn = experiments(occupancy=[80.0], occupancy_in_eight_orientations=[40.0], distance=[100.0])
    gcn = experiments(distances=[10.0], distances_and_coordinates=[11.0])
    names = ("V, V below 0", "log V, V below 0", "V, all energies", "log V, all energies")
    low = dict(zip(names, np.array([[4.0], [5.0], [6.0], [60.0]]), strict=True))
    assert causes.low_table(low).to_numpy().tolist() == [["V", "4.000", "6.000"], ["log V", "5.000", "60.000"]]
    depth = {
        f"{of}, all features, {n} layers": [run(score / n**power)]
        for of, score, power in (("Lennard-Jones", 9.0, 1), ("longer range", 9.0, 2))
        for n in (1, 2, 3)
    }
    found = causes.causes_measured(mlp, cnn, gcn, low, depth)
    transform = found.pop("low_transform")
    assert (transform.main, transform.others) == ([1.25], {"trained on all energies": [10.0]})
    turned = found.pop("cnn_turned")
    np.testing.assert_allclose([turned.main, *turned.others.values()], [[0.5], [1.0]])
    np.testing.assert_allclose(found["mlp_invariant"], [0.75, 1.25])
    assert {name: float(values[0]) for name, values in found.items()} == pytest.approx(
        {
            "mlp_invariant": 0.75,
            "dense_grid": 1.25,
            "gcn_not_invariant": 1.1,
            "depth_range": 3.0,
        }
    )


def test_low_energies_are_judged_by_v_whatever_the_target():
    network = models.MLP(hidden=(8,), permutations=0)
    for energies, target in (("low", "energy"), ("low", "scaled-log"), ("both", "linear-log")):
        of = data.Data(energies, n_atoms=6, box=6.0, sizes=(64, 16, 16))
        test = data.simulate(data.Data("low", n_atoms=6, box=6.0, sizes=(64, 16, 16))).test
        trained = SimpleNamespace(
            config=training.Config(of, network, training.Fit(target=target)),
            predict_energy=lambda positions, warn, test=test: np.full(
                len(positions), -1.0 if np.allclose(positions, test.positions) else 99.0
            ),
            provenance={},
        )
        expected = np.abs(test.energies + 1).mean()
        np.testing.assert_allclose(causes.low_errors("small/low", [trained]), expected)
        trained.predict_energy = None
        np.testing.assert_allclose(causes.low_errors("small/low", [trained]), expected, err_msg="it is not stored")


@pytest.mark.parametrize("experiment", ["v-all-energies", "log-v-v-below-0"])
def test_the_published_errors_follow_from_the_weights(experiment, monkeypatch):
    with monkeypatch.context() as published:
        published.delenv("SURROGATES_RUNS")
        published.chdir(root())
        run = runs.load(f"causes/paper/low/{experiment}-seed-0")
        published.setattr(one_surrogate, "both_errors", lambda *given: pytest.fail("it is not stored"))
        stored = causes.low_errors("causes/paper/seed-0/low", [run])
        run.surrogate  # noqa: B018 (read while the store is there)
    np.testing.assert_allclose(causes.low_errors("anew", [run]), stored, rtol=1e-3)


@pytest.mark.parametrize("of", ["mlp/canonical", "cnn/sparse-nearest", "gcn/distances-and-coordinates"])
def test_the_published_invariances_are_those_of_the_networks(of, monkeypatch):
    with monkeypatch.context() as published:
        published.delenv("SURROGATES_RUNS")
        published.chdir(root())
        config = runs.load(f"causes/paper/{of}-seed-0").config
        published.setattr(training.Config, "build", lambda config: pytest.fail("it is not stored"))
        stored = causes.invariances.__wrapped__(config)
    assert causes.invariances.__wrapped__(config) == stored


def test_operations_of_a_perceptron_are_two_for_each_weight():
    surrogate = models.build(models.MLP(hidden=(64, 32)), 32, 32.0)
    multiplied = 64 * 64 + 64 * 32 + 32
    assert causes.operations(surrogate) == pytest.approx(2 * multiplied, rel=0.05)


def test_costs_are_counted_and_timed_once(monkeypatch):
    networks = {"perceptron": models.MLP(hidden=(64, 32))}
    table = causes.costs_table(networks, 32, 32.0)
    assert table.Operations[0] == "5,952" and float(table.Ratio[1]) == pytest.approx(2 * 6176 / 5952, abs=1)
    measured = causes.time_ratios(networks, 32, 32.0)
    assert measured["perceptron"] > 0
    monkeypatch.setattr(causes, "time_ratio", None)
    assert causes.time_ratios(networks, 32, 32.0) == measured, "it is not measured again"


def test_experiments_change_one_thing_and_have_all_seeds():
    page = SimpleNamespace(
        profile="mine", seed=4, seeds=2, n_atoms=32, box=32.0, sizes=(50, 10, 10), structures=100, mlp_epochs=6,
        nearest_epochs=6, smooth_epochs=1, cnn_epochs=30, gcn_epochs=4, low_epochs=4, depth_epochs=4, graph_epochs=4,
    )  # fmt: skip
    further = {
        "nearest": told.shortest_distances(page), "smooth": told.smooth_networks(page), "graph": told.levers(page),
    }  # fmt: skip
    for kind, configs in (told.of_causes(page) | further).items():
        named = told.by_seed(f"causes/{kind}", configs, page, page.seeds)
        assert named.keys() == configs.keys()
        for of_seeds in named.values():
            assert [(c.data.seed, c.fit.seed) for c in of_seeds.values()] == [(4, 4), (5, 5)]
            assert all(name.startswith(f"causes/mine/{kind}/") for name in of_seeds)
        every = [name for of_seeds in named.values() for name in of_seeds]
        assert len(every) == len(set(every))
