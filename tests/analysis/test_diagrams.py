"""A diagram has everything that its model has."""

import re

import pytest

from surrogates import models
from surrogates.analysis import diagrams


@pytest.mark.parametrize("model", [models.MLP(), models.CNN(), models.GCN()], ids=["mlp", "cnn", "gcn"])
def test_a_diagram_shows_every_layer_its_weights_and_its_connections(model):
    surrogate = models.build(model, 32, 32.0, 0)
    core = surrogate.get_layer("core")
    (axes,) = diagrams.architecture(core).axes
    labels = [text.get_text() for text in axes.texts if text.get_text()]
    assert len(labels) == len(core.operations) == len(axes.patches)
    weights = [int(found[1].replace(",", "")) for label in labels if (found := re.search(r"([\d,]+) weights", label))]
    assert sum(weights) == models.count_weights(surrogate)
    arrows = [text for text in axes.texts if not text.get_text()]
    connections = [len(node.input_tensors) for layer in core.operations for node in layer._inbound_nodes]
    assert len(arrows) == sum(connections)
    assert "\n1, " in labels[-1], "the last layer gives one energy"
