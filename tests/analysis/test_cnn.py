"""How far the score of the convolutional network swings."""

from types import SimpleNamespace

import pandas as pd

from surrogates.analysis import cnn
from tests.analysis.beside import BESIDE


def test_the_range_of_several_networks_is_that_of_their_means():
    runs = {
        name: [SimpleNamespace(metrics={"train": {"mape": low}, "validation": {"mape": high}})]
        for name, low, high in (("a", 3.0, 86.0), ("b", 28.0, 70.0))
    }
    assert cnn.range_of(runs) == {"few_train": "3 to 28", "few_validation": "70 to 86"}


def test_the_last_epochs_of_all_seeds_count():
    runs = [
        SimpleNamespace(
            history=pd.DataFrame({"val_mape": [99.0, 60.0, 70.0 + extra]}),
            metrics={split: {"mape": 50.0 + extra} for split in ("train", "validation")},
            n_weights=1234,
        )
        for extra in (0.0, 10.0)
    ]
    report, ours, constant, _ = cnn.swings_table({"ours": runs}, 2, BESIDE).to_numpy().tolist()
    assert constant == ["best constant", "40.0", "41.0", "–", "–"]
    assert report == ["the report", "29", "81", "–", "–"]
    assert [cell.replace("\u00a0", " ") for cell in ours] == [
        "ours", "55.0 ± 7.1", "55.0 ± 7.1", "67.5 (60 to 80)", "1,234",
    ]  # fmt: skip
