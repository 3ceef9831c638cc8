"""Time the library beside its peers and print one table.

Run from the repository's root, best on a machine that does nothing else:

    .venv/bin/python benchmarks/run.py                 # everything: about 22 minutes
    .venv/bin/python benchmarks/run.py energies mlp    # some parts
    .venv/bin/python benchmarks/run.py graphs --structures 2000
"""

import argparse
import os
import platform
from importlib.metadata import version

PARTS = ("energies", "evaluations", "graphs", "mlp", "processes", "searches")
COLUMNS = ("what", "ours", "peer", "ratio", "goal", "met")


def main():
    parser = argparse.ArgumentParser(description="Time the library beside its peers and print one table.")
    parser.add_argument("parts", nargs="*", metavar="part", help=f"of {', '.join(PARTS)}; all by default")
    parser.add_argument("--structures", type=int, default=50_000, help="for graphs (default: the report's 50,000)")
    options = parser.parse_args()
    unknown = set(options.parts) - set(PARTS)
    if unknown:
        parser.error(f"there is no part {', '.join(sorted(unknown))}: give some of {', '.join(PARTS)}, or none for all")
    if options.structures < 256:
        parser.error(f"--structures {options.structures} is less than one batch: give 256 or more")

    rows = []
    for part in options.parts or PARTS:
        if part == "energies":
            import energies

            rows += energies.rows()
        elif part == "evaluations":
            import evaluations

            rows += evaluations.rows()
        elif part == "graphs":
            import graphs

            rows += graphs.rows(options.structures)
        elif part == "processes":
            import processes

            rows += processes.rows()
        elif part == "searches":
            import searches

            rows += searches.rows()
        else:
            import mlp

            rows += mlp.rows()
    print(table(rows))
    packages = ", ".join(f"{name} {version(name)}" for name in ("numpy", "numba", "tensorflow", "keras"))
    print(f"\n{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, {packages}")


def table(rows) -> str:
    lines = [COLUMNS, ["---"] * len(COLUMNS)]
    for row in rows:
        ratio = "" if row.ratio is None else f"{row.ratio:.2g}" if row.ratio < 10 else f"{row.ratio:,.0f}"
        goal = "" if row.goal is None else f"{row.goal:.2g} or {'less' if row.at_most else 'more'}"
        met = {None: "", True: "met", False: "not met"}[row.met]
        lines.append([row.what, row.ours, row.peer, ratio, goal, met])
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


if __name__ == "__main__":
    main()
