"""The figure of atoms that a reader can move: what the browser needs to run stored networks, and a Sphinx directive.

The scripts are in ``book/_static/atoms``; this module gives them the weights, and those without scripts a picture and
the table as it is at first.
"""

import base64
import functools
import html
import json
import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, NamedTuple

import numpy as np
from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.directives.patches import Figure
from sphinx.util import logging

from surrogates import data
from surrogates.analysis import formatting
from surrogates.store import files, names, plain

FOLDER = "_static/atoms"  # of the pages' source and of the site: the scripts, and there also the weights
SCRIPTS = ("numbers.js", "networks.js", "motion.js", "figure.js")
_LOG = logging.getLogger(__name__)


class Shown(NamedTuple):
    """A stored run that the figure shows: its key in the scripts, its label, and its name in the store."""

    key: str
    label: str
    run: str


IN_BROWSER = (
    Shown("mlp", "Perceptron", "mlp/paper/seed-0"),
    Shown("cnn", "Convolutional network", "cnn/paper/seed-0"),
    Shown("gcn", "Graph network", "gcn/paper/seed-0"),
    Shown("pairs", "Pair network", "one_surrogate/paper/pairs-seed-0"),
)


_LARGE = 500_000  # weights of a kernel
_WHOLE = 2**15 - 1


def encoded(array: np.ndarray) -> str | dict:
    """Weights as base64 of float32; a large kernel ``(inputs, outputs)`` as whole numbers and a scale per output.

    Only the first dense layer of the graph network is large. Each of its outputs sums thousands of inputs, so that the
    rounding to 16 bits averages out; that of a smaller kernel, or of what is sorted afterwards, would be seen.
    """
    if array.size < _LARGE:
        return _base64(array.astype("<f4"))
    scale = np.maximum(np.abs(array).max(axis=0), np.finfo("float32").tiny) / _WHOLE  # an output may have no weights
    return {"scale": _base64(scale.astype("<f4")), "whole": _base64(np.round(array / scale).astype("<i2"))}


def _base64(array: np.ndarray) -> str:
    return base64.b64encode(array.tobytes()).decode()


def exported(run) -> dict:
    """A trained network as plain data for the scripts: what it is, its target, and its weights."""
    from surrogates.models import representations

    settings = plain.described(run.config.model, complete=True)
    arrays = files.read_arrays(run.path / "weights.npz")
    return {
        "settings": settings,
        "target": run.config.fit.target,
        "box": run.config.data.box,
        "radii": representations.RADII.astype("float32").tolist(),
        "weights": {path: encoded(array) for path, array in arrays.items()},
    }


def script(key: str, run) -> str:
    """The file that gives the scripts a network by a tag, as a page opened from a disk may not fetch."""
    return f"surrogateWeights[{json.dumps(key)}] = {json.dumps(exported(run), separators=(',', ':'))};\n"


class Start(NamedTuple):
    """What the figure shows at first: a structure ``(atoms, 2)``, its energy, what the networks make of it.

    ``missing`` holds a sentence for each network whose weights are not in the store; ``sizes`` are the bytes that the
    browser has to load of the others.
    """

    positions: np.ndarray
    box: float
    energy: float
    predictions: dict[str, float]
    missing: dict[str, str]
    sizes: dict[str, int]

    def of(self, keys: Iterable[str]) -> "Start":
        """The same with these networks alone, in this order."""
        parts = ("predictions", "missing", "sizes")
        return self._replace(
            **{part: {key: of[key] for key in keys if key in (of := getattr(self, part))} for part in parts}
        )


def prepared(scripts: Path, picture: Path) -> Start:
    """Write the weights of all networks and the still picture; the first structure is the first of the test split.

    None of the networks was trained on it.
    """
    from surrogates import models, training
    from surrogates.analysis.simulation import structure_and_grid
    from surrogates.models import representations

    structures = data.simulate(replace(data.Data(), sizes=(1, 1, 1))).test
    predictions, missing, sizes = {}, {}, {}
    for key, label, name in IN_BROWSER:
        try:
            run = training.load(name)
            predictions[key] = float(run.predict_energy(structures.positions)[0])
            text = script(key, run)
            files.write_text(scripts / f"weights-{key}.js", text)
            sizes[key] = len(text)
        except FileNotFoundError:
            missing[key] = f"{label}: left out, as the store has no weights of the run {name}."
    positions, box, energy = structures.positions[0], data.Data().box, float(structures.energies[0])
    grid = representations.arrays(models.OccupancyGrid(box, int(box)), structures.positions)[0, ..., 0]
    structure_and_grid(positions, grid, box, energy).savefig(picture, dpi=200)
    return Start(positions, box, energy, predictions, missing, sizes)


def _energy(value: float) -> str:
    return formatting.fixed(value, 3) if abs(value) < formatting.LARGE else formatting.scientific(value, 3)


def energies_table(shown: Start) -> str:
    """The energies and their errors as HTML, for the scripts to fill in and for those who have none."""
    true = shown.energy
    cells = {"true": [_energy(true), "", ""]}
    for key, predicted in shown.predictions.items():
        relative = abs(data.log_energy(predicted) / data.log_energy(true) - 1)
        error = formatting.percent(relative, 2 if relative < 0.1 else 0)
        cells[key] = [_energy(predicted), formatting.significant(predicted - true), error]
    labels = {"true": "True energy"} | {key: label for key, label, _ in IN_BROWSER}
    rows = "".join(
        f'<tr data-row="{key}"><th scope="row">{html.escape(labels[key])}</th>'
        + "".join(f"<td>{html.escape(text)}</td>" for text in texts)
        + "</tr>"
        for key, texts in cells.items()
    )
    head = "".join(f'<th scope="col">{text}</th>' for text in ("Source", "V / ε", "Error of V", "Error of log(V + 32)"))
    return f'<table class="atoms-table"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'


@functools.cache
def _start(folder: Path) -> Start:
    folder.mkdir(parents=True, exist_ok=True)
    return prepared(folder, folder / "still.png")


def _folder(app) -> Path:
    return Path(app.doctreedir, "atoms")


class MovableAtoms(Figure):
    """``{movable-atoms}``: the figure, with its caption as content and the options of a ``{figure}``.

    The option ``networks`` names those that it shows and loads, in their order: ``:networks: mlp pairs``; without it
    all. Where the store lacks one, the build and the figure say so, and the others are shown.
    """

    required_arguments = 0
    option_spec: ClassVar = {**Figure.option_spec, "networks": directives.unchanged_required}

    def run(self):
        env = self.state.document.settings.env
        runs = {key: name for key, _, name in IN_BROWSER}
        chosen = self.options.pop("networks", " ".join(runs)).split()
        if unknown := set(chosen) - set(runs):
            raise self.error(f"networks: {', '.join(sorted(unknown))} is none of {', '.join(runs)}.")
        shown = _start(_folder(env.app)).of(chosen)
        for key in chosen:
            env.note_dependency(str(names.runs_folder() / runs[key] / "weights.npz"))
        for sentence in shown.missing.values():
            _LOG.info("%s: atoms to move. %s", env.docname, sentence)
        still = _folder(env.app) / "still.png"
        self.arguments = [Path(os.path.relpath(still, Path(env.doc2path(env.docname)).parent)).as_posix()]
        self.options.setdefault(
            "alt", f"{len(shown.positions)} atoms in a box, and the cells of its grid that they fill."
        )
        drawn, *messages = super().run()
        static = "../" * env.docname.count("/") + FOLDER
        drawn.insert(1, nodes.raw("", markup(shown, static), format="html"))
        return [drawn, *messages]


def markup(shown: Start, static: str) -> str:
    """The table and the scripts, which are at ``static``, seen from the page."""
    labels = {key: label for key, label, _ in IN_BROWSER}
    given = {
        "box": shown.box,
        "positions": shown.positions.ravel().tolist(),
        "predictions": shown.predictions,
        "static": static,
        "megabytes": max(0.1, round(sum(shown.sizes.values()) / 1e6, 1)),
        "labels": {key: labels[key] for key in shown.predictions},
    }
    missing = "".join(f"<p>{html.escape(sentence)}</p>" for sentence in shown.missing.values())
    scripts = "".join(f'<script src="{static}/{name}"></script>' for name in SCRIPTS)
    content = energies_table(shown) + missing
    return f'<div class="atoms" data-atoms="{html.escape(json.dumps(given))}">{content}</div>{scripts}'


def copy_weights(app, exception):
    """At the end of a build of HTML: bring the weights to the scripts."""
    if exception or app.builder.format != "html":
        return
    for path in _folder(app).glob("weights-*.js"):
        files.write_text(Path(app.outdir, FOLDER, path.name), path.read_text(encoding="utf8"))
