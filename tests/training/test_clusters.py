"""The ways to a cluster that the book describes, tried on this machine, with stand-ins for what it lacks."""

import contextlib
import os
import re
import socket
import subprocess
import sys

import psutil
import pytest
import yaml

from surrogates.store import cluster, names, provenance
from surrogates.store.provenance import root

TEXT = (root() / "book" / "clusters.md").read_text()
STAND_INS = """
ssh() { shift 2; sh -c "$*"; }
srun() { "$@"; }
hostname() { echo 127.0.0.1; }
kubectl() { case "$1" in apply) "$PYTHON" apply.py "$3";; port-forward) sleep 600;; esac; }
papermill() { "$PYTHON" sweep.py "$@"; }
"""
SWEEP = """
import sys

from surrogates import training
from tests.conftest import SMALL_RUN
from tests.training.test_sweeps import grid

given = sys.argv[1:]
address = given[given.index("scheduler") + 1]
training.sweep(grid(SMALL_RUN, seeds=(0,)), address)
"""
APPLY = """
import os, subprocess, sys, yaml

for part in yaml.safe_load_all(open(sys.argv[1])):
    if part["kind"] == "Deployment":
        (container,) = part["spec"]["template"]["spec"]["containers"]
        given = {variable["name"]: variable["value"] for variable in container.get("env", ())}
        subprocess.Popen(container["command"], env=os.environ | given, cwd="companion")
"""

with socket.create_server((cluster.LOOPBACK, 0)) as server:
    PORT = server.getsockname()[1]  # free now


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)


def here(text: str) -> str:
    """The same with the addresses of this machine, a free port for the scheduler, and no second node."""
    text = re.sub(r"10\.0\.0\.1|(?<=tcp://)scheduler", cluster.LOOPBACK, text)
    return text.replace("8786", str(PORT)).replace(":8787", ":0").replace("node1 node2", "node1")


@pytest.fixture
def folder(tmp_path):
    """The folder of the example, with the repository as `companion` and its environment."""
    (tmp_path / "companion").symlink_to(root())
    (tmp_path / ".venv").symlink_to(root() / ".venv")
    (tmp_path / "sweep.py").write_text(SWEEP)
    (tmp_path / "apply.py").write_text(APPLY)
    return tmp_path


def bash(script: str, folder, store) -> str:
    """Run a script and end what it has started; returns what it printed."""
    environment = {
        "PYTHON": sys.executable,
        "PYTHONPATH": str(root()),
        names.VARIABLE: str(store),
        "SLURM_JOB_ID": f"{PORT}",
    }
    with (folder / "log").open("w") as log:
        command = ["bash", "-c", f"{STAND_INS}\n{script}"]
        done = subprocess.Popen(command, cwd=folder, env=os.environ | environment, stdout=log, stderr=log)
        try:
            done.wait(timeout=200)
        finally:
            _end(store)
    return (folder / "log").read_text()


def _end(store):
    """Kill all processes that were given this store: what a script has started is no longer below it in the tree."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.pid != os.getpid() and process.environ().get(names.VARIABLE) == str(store):
                process.kill()


@pytest.mark.parametrize("way", ["ssh", "srun", "kubectl"])
def test_the_example_trains_a_sweep(way, folder, store):
    (script,) = (block for block in blocks("bash") if re.search(rf"\b{way} ", block))
    (manifest,) = blocks("yaml")
    (folder / "cluster.yaml").write_text(here(manifest))
    report = bash(here(script), folder, store)
    trained = sorted(path.name for path in (store / "gcn" / "sweep").glob("*"))
    assert trained == ["rate-0.001-seed-0", "rate-0.01-seed-0"], report[-3000:]


def test_the_service_leads_to_the_scheduler():
    (manifest,) = blocks("yaml")
    service, scheduler, workers = yaml.safe_load_all(manifest)
    assert service["spec"]["selector"] == scheduler["spec"]["template"]["metadata"]["labels"]
    (container,) = workers["spec"]["template"]["spec"]["containers"]
    assert f"tcp://{service['metadata']['name']}:{service['spec']['ports'][0]['port']}" in container["command"]
    for part in (scheduler, workers):
        assert part["spec"]["selector"]["matchLabels"] == part["spec"]["template"]["metadata"]["labels"]


def test_workers_have_one_thread_in_every_example():
    (manifest,) = blocks("yaml")
    texts = [manifest, *(block for block in blocks("bash") if "dask worker" in block)]
    assert len(texts) == 3
    for text in texts:
        assert re.search(r'--nthreads,? "?1\b', text)
        assert all(re.search(rf'{name}(, value: "|=)1\b', text) for name in provenance.THREADS)
