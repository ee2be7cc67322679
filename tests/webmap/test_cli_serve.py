"""`wangge serve` as a process of its own: it answers, and takes its database with it when it goes."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest

from geodata.cluster import Cluster

PATIENCE_S = 60.0


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def answers(url):
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own server
            return answer.status == 200
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def wait_until(claim):
    """Ask again until it holds; a loop with a limit, as a server starts when it starts."""
    give_up = time.monotonic() + PATIENCE_S
    while time.monotonic() < give_up:
        if claim():
            return True
    return False


@pytest.fixture
def environment(data_root):
    plain = {name: value for name, value in os.environ.items() if not name.startswith("WANGGE_")}
    folder = data_root / "serve"
    yield {**plain, "WANGGE_DATA": str(folder)}, folder
    Cluster(folder).stop()


def wangge(environment, *arguments):
    return subprocess.run(  # noqa: S603 - ourselves
        [sys.executable, "-m", "webmap.cli", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_it_serves_until_told_to_stop_and_stops_the_database_it_started(environment):
    env, folder = environment
    made = wangge(env, "init", "--code", "310112", "--name", "试验区", "--metre-crs", "EPSG:4549")
    assert made.returncode == 0, made.stderr
    assert not Cluster(folder).status().is_running
    port = free_port()
    command = [sys.executable, "-m", "webmap.cli", "serve", "--port", str(port), "--workers", "1"]
    with subprocess.Popen(command, env=env) as server:  # noqa: S603 - ourselves
        try:
            assert wait_until(lambda: answers(f"http://127.0.0.1:{port}/readyz"))
            # a second command works beside it and leaves the database running
            assert wangge(env, "user", "list").returncode == 0
            assert answers(f"http://127.0.0.1:{port}/readyz")
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(timeout=PATIENCE_S)
    assert server.returncode == 0
    assert not Cluster(folder).status().is_running


def test_a_metre_crs_in_degrees_is_refused(environment):
    env, _ = environment
    answer = wangge(env, "init", "--code", "310112", "--name", "试验区", "--metre-crs", "EPSG:4326")
    assert answer.returncode == 1
    assert answer.stderr.startswith("wangge: ")
    assert answer.stderr.count("\n") == 1
