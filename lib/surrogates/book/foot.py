"""The foot of a page: what its numbers come from."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from surrogates.store.progress import duration

BAR = re.compile(r"(?<!\\)\|")
MANY = 8  # runs of one folder, for which the folder is named instead


def cell(text) -> str:
    """A text as a cell of a Markdown table: on one line, and what would end the cell escaped.

    >>> cell("the norm |V - W|")
    'the norm \\\\|V - W\\\\|'
    """
    return BAR.sub(r"\|", " ".join(str(text).splitlines()))


def _names(names: list[str]) -> str:
    """The names of runs, or their number and folder where they are many."""
    folders = {}
    for name in names:
        folders.setdefault(name.rpartition("/")[0], []).append(name)
    parts = []
    for folder, members in folders.items():
        if len(members) > MANY:
            parts.append(f"{len(members)} in `{folder}/`, from `{members[0].rpartition('/')[2]}` on")
        else:
            parts += [f"`{name}`" for name in members]
    return ", ".join(parts)


def _counts(names: Iterable[str]) -> str:
    """How many results there are in each of the topmost folders of their store."""
    folders = Counter(name.partition("/")[0] for name in names)
    return ", ".join(f"{number:,} in `data/results/{folder}/`" for folder, number in folders.items())


def provenance_table(*runs, results: Mapping[tuple, dict] | None = None) -> str:
    """Markdown table of the runs that a page shows: their names, seeds, when and on what they were trained.

    ``results`` are the provenances of what it has from the store, such as :data:`surrogates.store.results.loaded`.
    """
    rows, trained = [], [run.provenance for run in runs]
    if runs:
        others = ", likewise each of the others" if len(runs) > 1 else ""
        rows = [
            ("Runs", _names([run.name for run in runs])),
            ("Train again", f"`make retrain RUN={runs[0].name}`{others}"),
            ("Seeds", ", ".join(sorted({str(run.config.fit.seed) for run in runs}))),
            ("Trained", _dates(trained)),
        ]
    made = list((results or {}).values())
    if made:
        counts = _counts(name for name, *_ in results)
        says = "each says" if len(made) > 1 else "it says"
        rows += [("Results", f"{counts}; {says} what it was made from"), ("Made", _dates(made))]
    origins = trained + made
    # A training that was interrupted names the commits of its beginning and its end.
    commits = sorted({commit for origin in origins for commit in origin["commit"].split(" to ")})
    rows.append(("Commit", ", ".join(commits)))
    for label, key in (("Machine", "machine"), ("Python", "python")):
        rows.append((label, ", ".join(sorted({origin[key] for origin in origins}))))
    packages = sorted({f"{name} {version}" for origin in origins for name, version in origin["packages"].items()})
    rows += [("Packages", ", ".join(packages))]
    if runs:
        rows += [("Training time", duration(sum(origin["training_seconds"] for origin in trained)))]
    if made:
        rows += [("Time of results", duration(sum(origin["seconds"] for origin in made)))]
    return "\n".join(["| | |", "|---|---|", *(f"| {label} | {cell(text)} |" for label, text in rows)])


def _dates(origins: Iterable[dict]) -> str:
    dates = sorted(origin["started"] for origin in origins)
    return dates[0] if dates[0] == dates[-1] else f"{dates[0]} to {dates[-1]}"
