"""The report's models have the configurations that their stored runs have."""

import pytest

from surrogates.book import parameters
from surrogates.store.provenance import root
from surrogates.training import reported, runs


@pytest.fixture(autouse=True)
def published(monkeypatch):
    monkeypatch.chdir(root())


@pytest.mark.parametrize("model", reported.TABLE_1)
def test_the_models_of_table_1(model):
    page = parameters.published(model, "paper")
    for seed in range(page.seed, page.seed + page.seeds):
        config = reported.TABLE_1[model](page, seed)
        assert runs.load(f"{model}/paper/seed-{seed}").config == config
        assert reported.name(model, page, seed) == f"{model}/paper/seed-{seed}"
    assert reported.TABLE_1[model](page) == reported.TABLE_1[model](page, page.seed)


def test_the_search_for_a_low_energy_model():
    page = parameters.published("low_energy", "paper")
    configs = reported.low_energy(page)
    assert len(configs) == page.configurations == 24
    for key, config in configs.items():
        assert runs.load(reported.low_energy_name(key, page)).config == config
    key = (0.0001, 3, 128)
    for seed in (1, 2):
        run = runs.load(reported.low_energy_name(key, page, seed))
        assert run.config == reported.with_seed(configs[key], seed)


def test_another_profile_has_fewer_models():
    quick, paper = (parameters.published("low_energy", profile) for profile in ("quick", "paper"))
    few, all_of_them = reported.low_energy(quick), reported.low_energy(paper)
    assert list(few) == list(all_of_them)[: quick.configurations]
    assert reported.name("gcn", quick) == "gcn/quick/seed-0"


def test_the_best_low_energy_model_has_its_weights():
    best = reported.low_energy_best(parameters.published("low_energy", "paper"))
    assert best.metrics["validation"]["mae"] == min(
        runs.load(reported.low_energy_name(key, parameters.published("low_energy"))).metrics["validation"]["mae"]
        for key in reported.low_energy(parameters.published("low_energy"))
    )
    assert best.surrogate


def test_readings_and_further_trainings_have_names_of_their_own():
    for name, config in reported.gcn_further(parameters.published("gcn", "paper")).items():
        assert runs.load(name).config == config
    readings = reported.mlp_readings(parameters.published("mlp", "paper"))
    assert [len(of_seeds) for of_seeds in readings.values()] == [3, 1, 1, 1, 1, 1]
    networks = reported.cnn_few(parameters.published("cnn", "paper"))
    for of_seeds in (*readings.values(), *networks.values()):
        for name, config in of_seeds.items():
            assert runs.load(name).config == config


def test_the_report_s_best_low_energy_model_has_all_seeds():
    page = parameters.published("low_energy", "paper")
    found = reported.low_energy_same(page)
    assert len(found) == 1 + page.further_seeds
    for name, config in found.items():
        assert runs.load(name).config == config
        assert (config.model.n_layers, config.model.n_nodes, config.fit.learning_rate) == (2, 128, 0.001)
