"""Move results from one file each to the rows of experiments, described as they are now.

Until commit c6e82e3 each result was a file of its own below ``data/results``. Kept as the record of how the 1,284 of
them came to where they are; ``tests/search/test_results_before.py`` compares them with ``results_before.csv``, which
this wrote. From the root of the repository:

    mkdir before && git archive c6e82e3 data/results | tar -x -C before
    PYTHONPATH=lib python tools/migrate_results.py before/data/results

Results keep their values and their provenance. What was one file with the outcomes of many seeds becomes a row for each
seed, which shares its seconds.
"""

import csv
import hashlib
import json
import sys
from pathlib import Path

from surrogates import data, models, potentials, search, training
from surrogates.store import plain, results
from surrogates.training import runs

STRATEGY = ("temperature", "surface", "atoms", "shake", "tolerance")
PAGE = "structure_search/paper/seed-0/"


def digest(result) -> str:
    """Of a result as its file had it."""
    return hashlib.sha256(json.dumps(result, sort_keys=True).encode()).hexdigest()[:16]


def true_of(described: dict):
    pairs = potentials.LennardJones()
    return pairs + potentials.AxilrodTeller(described["strength"]) if "strength" in described else pairs


def method_of(settings: dict):
    if "width" in settings:
        return search.CMAES(settings["width"], settings["calls"])
    return search.BasinHopping(*(settings[name] for name in STRATEGY))


def data_of(content: dict) -> data.Data:
    if content["three_body"]:
        raise ValueError(f"three_body = {content['three_body']}: no data set of a stored result has it.")
    return data.Data(**{name: value for name, value in content.items() if name != "three_body"})


def run_of(name: str, content: dict) -> runs.Run:
    """The run of a name, which has to be the one of a stored configuration."""
    run = runs.load(name)
    kind = models.KINDS[content["model"]["kind"]]
    model = kind(**{name: value for name, value in content["model"].items() if name != "kind"})
    config = training.Config(data_of(content["data"]), model, training.Fit(**content["fit"]))
    if plain.described(run) != plain.described(config):
        raise ValueError(f"{name} has another configuration than the result that was made with it.")
    return run


def learner_of(name: str, settings: dict):
    learned = settings["learned"] if "learned" in settings else settings["spline"]
    if "structures" in learned:
        return search.SplineFit(data_of(learned["data"]), learned["structures"])
    if "runs" in learned:
        members = [run_of(f"surrogate_search/paper/pairs-seed-{k}", one) for k, one in enumerate(learned["runs"])]
        return search.PairCommittee(members, learned["spread"])
    run = run_of("low_energy/paper/rate-0.001-layers-3-nodes-128-seed-0", learned["run"])
    return search.NetworkEnergies(run, bounded=learned["closest"] > 0)


def descents_of(settings: dict) -> search.DescentLearner:
    task, model = settings["task"], dict(settings["model"])
    kind = models.KINDS[model.pop("kind")]
    descents = search.Descents(task["starts"], task["steps"], task["widest"])
    model = kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in model.items()})
    return search.DescentLearner(model, training.Fit(**settings["fit"]), descents, task["seed"])


def trial_row(trial: dict, candidate: dict | None = None) -> dict:
    restored = search.Trial.restored(trial | ({"candidate": candidate} if candidate else {}))
    row = json.loads(json.dumps(restored.row()))
    if search.Trial.restored(row) != restored:
        raise ValueError(f"{trial} is not what comes back.")
    return row


def moved(name: str, settings: dict, result) -> tuple[str, list[tuple[dict, int | None, object]]]:
    """The experiment of a result, and its rows there: settings, seed, result."""
    if name.startswith("regimes/"):
        run = run_of(name.removeprefix("regimes/"), settings["run"])
        given = plain.described({"run": run, "data": data_of(settings["data"])})
        return "one_surrogate/paper/seed-0/scores", [(given, None, result)]

    name, seed = name.removeprefix(PAGE), settings.get("seed")
    kind, _, rest = name.removeprefix("three-body/").partition("/")
    folder = f"{'three_bodies' if name.startswith('three-body/') else 'surrogate_search'}/paper/seed-0"
    if kind == "lowest":
        given = {"potential": true_of(settings["true"]), "n_atoms": settings["n_atoms"]}
        given |= {"seeds": settings["seeds"], "hops": settings["hops"]}
        return f"{folder}/lowest", [(plain.described(given), None, result)]
    if rest.endswith("errors"):
        task = settings["task"]
        given = {"potential": true_of(task["true"]), "n_atoms": task["n_atoms"], "learner": descents_of(settings)}
        return f"{folder}/errors", [(plain.described(given), None, result)]

    of = settings.get("task", settings)
    true, n_atoms = true_of(of["true"]), of["n_atoms"]
    goal = settings["goal"] if "goal" in settings else search.lennard_jones_problem(n_atoms).goal
    problem = search.Problem(true, n_atoms, goal)
    if kind == "becoming":
        given = {"problem": problem, "learner": learner_of(name, settings), "method": method_of(settings)}
        return f"{folder}/trajectory", [(plain.described(given | {"hops": settings["hops"]}), seed, result)]
    if kind == "tuning":
        given = {**search.benchmark_settings(problem, method_of(settings), settings["most"]), "kept": "outcome"}
        rows = [dict(zip(("found", "calls", "energy"), outcome, strict=True)) for outcome in result]
        return f"{folder}/tuning", [(given, *row) for row in zip(settings["seeds"], rows, strict=True)]

    if kind.startswith("driven"):
        one = {"starts": 1, "keep": 1, "relaxed": 1}
        strategy = search.OnSurrogate(learner_of(name, settings), method_of(settings), **one)
        end = {key: result[key] for key in ("learned", "true", "closest", "positions")}
        row = trial_row(result["trial"], end if end["positions"] else None)
        return "fooled/paper/seed-0/driven", [(search.benchmark_settings(problem, strategy), seed, row)]
    if "most" in settings:
        given = search.benchmark_settings(problem, method_of(settings), settings["most"])
        return f"{folder}/searches", [(given, seed, trial_row(result))]

    learner = descents_of(settings) if "task" in settings else learner_of(name, settings)
    numbers = {key: settings[key] for key in ("starts", "hops", "keep", "relaxed")}
    strategy = search.OnSurrogate(learner, method_of(settings), **numbers, rounds=settings.get("times", 1))
    given = search.benchmark_settings(problem, strategy)
    if kind == "rounds":
        return "fooled/paper/seed-0/rounds", [(given, seed, [trial_row(trial) for trial in result])]
    return f"{folder}/searches", [(given, seed, trial_row(result))]


def main(old: Path):
    listed = []
    for path in sorted(old.rglob("*.json")):
        content = json.loads(path.read_text())
        name = path.relative_to(old).with_suffix("").as_posix()
        experiment, rows = moved(name, content["settings"], content["result"])
        origin = content["provenance"] | {"seconds": round(content["provenance"]["seconds"] / len(rows), 3)}
        for settings, seed, result in rows:
            results.add(experiment, settings, result, origin, seed)
        listed.append((name, experiment, digest(content["result"])))
    with Path("tests/search/results_before.csv").open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([("name", "experiment", "sha256"), *listed])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
