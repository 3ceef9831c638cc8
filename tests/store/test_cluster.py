"""Parts of work that a cluster does: how it is reached, and how it is told how far it is."""

import re

import dask
import distributed  # it brings its settings, which are not to be read within other ones
import pytest

from surrogates.store import cluster


def test_settings_of_dask_that_require_encryption_are_said():
    with dask.config.set({"distributed.comm.require-encryption": True}):
        for given, message in ((None, "Dask's settings require encryption.*'tls://"), ("tcp://127.0.0.1:9", "reached")):
            with pytest.raises(RuntimeError, match=message), cluster.connected(given, 1):
                pass


def test_the_cluster_of_this_machine_listens_on_the_loopback_interface_only():
    with cluster.connected(None, 1) as client:
        info = client.scheduler_info()
        addresses = [info["address"], *info["workers"], client.dashboard_link]
        assert len(info["workers"]) == 1
    assert all(re.match(r"(tcp|http)://127\.0\.0\.1:\d+", address) for address in addresses), addresses


def test_a_machine_that_stood_still_for_a_moment_is_asked_once_more(monkeypatch):
    started = []

    def start(**settings):
        started.append(settings)
        assert len(started) > 1, "as Dask says it of a thread that has not begun"
        return "a cluster"

    monkeypatch.setattr(distributed, "LocalCluster", start)
    assert cluster._local_cluster(1) == "a cluster"
    assert started[0] == started[1] and started[0]["n_workers"] == 1


def test_work_without_workers_says_so(capsys):
    follower = cluster.Follower("sweep", {"a": 10}, 1)
    follower.report(lambda: pytest.fail("nothing to say yet"))
    follower.printed -= cluster.LINE_EVERY
    follower.report(lambda: 0)
    follower.report(lambda: pytest.fail("no second line so soon"))
    assert capsys.readouterr().err == (
        "sweep: 0 of 1 done, 0 running, 1 left, no worker: start one, or stop this with Ctrl-C\n"
    )


def test_progress_is_one_line():
    follower = cluster.Follower("sweep", dict.fromkeys("abc", 10), 4)
    follower.heard((0, {"part": "a", "done": 0, "of": 10}))
    assert follower.line(seconds=3.0) == "1 of 4 done, 1 running, 2 left", "no epoch to go by"
    follower.heard((0, {"part": "a", "done": 5, "of": 10}))
    follower.heard((0, {"part": "b", "done": 1, "of": 10}))
    assert follower.line(seconds=6.0) == "1 of 4 done, 2 running, 1 left, 1 min 12 s left at most"
    follower.ended("a", True)
    follower.ended("b", False)
    follower.heard((0, {"part": "b", "done": 2, "of": 10}))  # late
    assert follower.line(seconds=9.0) == "2 of 4 done, 0 running, 1 left, 1 failed"
