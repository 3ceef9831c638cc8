"""Bring the configurations of stored runs to their present form: ``python -m surrogates.training.migrate``.

Until November 2026 a data set had a ``three_body`` strength where it now has a ``potential``, and a network's kind was
its name in small letters. The configuration is written anew and complete, as :class:`surrogates.training.Config` has
it, and its checksum in ``provenance.json``; weights, history and metrics stay the same bytes. Runs in the present form
are left alone, so that it can be called again. It goes through ``data/runs``, or the folder that SURROGATES_RUNS names.
"""

import sys
from pathlib import Path

from surrogates import models, potentials
from surrogates.store import files, names, plain
from surrogates.training.config import Config
from surrogates.training.runs import Run


def migrate(folder: Path) -> bool:
    """Bring one run to the present form; False where it has it already.

    Raises :class:`surrogates.store.files.DamagedFile` for a run that is not what was once written, before anything is
    changed.
    """
    path, provenance = folder / "config.json", files.read_json(folder / "provenance.json")
    if files.sha256(path) != provenance["sha256"]["config.json"]:
        raise files.DamagedFile(f"{path} is not the file that this run wrote: restore it.")
    stored = files.read_json(path)
    config = Config.from_dict(present(stored)).to_dict()
    if config == stored:
        return False
    before = path.read_bytes()
    files.write_json(path, config)
    checksums = provenance["sha256"] | {"config.json": files.sha256(path)}
    files.write_json(folder / "provenance.json", provenance | {"sha256": checksums})
    try:
        Run(folder)
    except files.DamagedFile:
        path.write_bytes(before)
        files.write_json(folder / "provenance.json", provenance)
        raise
    return True


def present(content: dict) -> dict:
    """A configuration in the form that :meth:`surrogates.training.Config.from_dict` takes."""
    data, model = dict(content["data"]), dict(content["model"])
    strength = data.pop("three_body", 0.0)
    if strength:
        true = potentials.LennardJones() + potentials.AxilrodTeller(strength)
        data["potential"] = plain.described(true)
    if model["kind"] in models.NETWORKS:
        model["kind"] = models.NETWORKS[model["kind"]].__name__
    return content | {"data": data, "model": model}


def main() -> int:
    """Migrate every run of the store, and say how many there were."""
    folders = sorted(path.parent for path in names.runs_folder().rglob("provenance.json"))
    changed = [folder for folder in folders if migrate(folder)]
    print(f"{len(changed)} of {len(folders)} runs were brought to the present form.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
