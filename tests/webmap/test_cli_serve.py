"""`wangge serve` as a process of its own: it answers, and takes its database with it when it goes."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from receivers import receiver

from geodata.cluster import Cluster
from webmap.cli import INTERRUPTED
from webmap.cli.serve import STOP_LIMIT_S, STOPPING, told_later

PATIENCE_S = 60.0
BREATH, BREATH_S = threading.Event(), 0.01


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
        # what is waited for needs the processor more than who asks
        BREATH.wait(BREATH_S)
    return False


def environment(folder):
    """What a command finds around it: the data folder, and no other setting of ours."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("WANGGE_")}
    return {**plain, "WANGGE_DATA": str(folder)}


def wangge(env, *arguments):
    return subprocess.run(  # noqa: S603 - ourselves
        [sys.executable, "-m", "webmap.cli", *arguments],
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.fixture(scope="module")
def made_district(data_root):
    folder = data_root / "serve"
    env = environment(folder)
    made = wangge(env, "init", "--code", "310112", "--name", "试验区", "--metre-crs", "EPSG:4549")
    assert made.returncode == 0, made.stderr
    assert not Cluster(folder).status().is_running
    return env, folder


@pytest.fixture
def district(made_district):
    """The environment of a data folder with a district in it, and the folder; its database is stopped.

    It is stopped afterwards too, so that one server that failed to do so fails one test.
    """
    yield made_district
    Cluster(made_district[1]).stop()


@contextmanager
def serving(env, port):
    """A server in a process group of its own, as a terminal starts it; killed where it does not stop."""
    command = [sys.executable, "-m", "webmap.cli", "serve", "--port", str(port), "--workers", "1"]
    with subprocess.Popen(  # noqa: S603 - ourselves
        command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    ) as server:
        try:
            yield server
        finally:
            with suppress(ProcessLookupError):
                os.killpg(server.pid, signal.SIGKILL)


def ends(server):
    """A server that was told to stop does so by itself, and kills no worker for sitting still until the limit."""
    told_at = time.monotonic()
    told = server.communicate(timeout=PATIENCE_S)[0]
    took_s = time.monotonic() - told_at
    assert server.returncode in {0, INTERRUPTED}, told
    # granian asks only once whether a worker has gone: on a busy machine it complains of one that is just going
    assert "refused" not in told or took_s < STOP_LIMIT_S, told


def is_closed(port):
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5):
            return False
    except OSError:
        return True


def has_been_read(asking):
    """Whether the server has taken all that was sent: nothing waits at its end, which is on this machine too."""
    (_, port), (_, ours) = asking.getpeername(), asking.getsockname()
    for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]:
        _, local, remote, _, queues, *_ = line.split()
        if (int(local.split(":")[1], 16), int(remote.split(":")[1], 16)) == (port, ours):
            return int(queues.split(":")[1], 16) == 0
    return False


HALF_A_REQUEST, OTHER_HALF = b"POST /login HTTP/1.1\r\nHost: here\r\nContent-Length: 10\r\n\r\nname=", b"zhang"


def test_it_serves_until_told_to_stop_and_stops_the_database_it_started(district):
    env, folder = district
    port = free_port()
    with serving(env, port) as server:
        assert wait_until(lambda: answers(f"http://127.0.0.1:{port}/readyz"))
        # a second command works beside it and leaves the database running
        assert wangge(env, "user", "list").returncode == 0
        assert answers(f"http://127.0.0.1:{port}/readyz")
        with (
            socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as resting,
            socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as asking,
        ):
            # a browser keeps its connection for the next question, and a request under way is still answered
            resting.sendall(b"GET /healthz HTTP/1.1\r\nHost: here\r\n\r\n")
            assert resting.recv(15) == b"HTTP/1.1 200 OK"
            asking.sendall(HALF_A_REQUEST)
            # what is still on its way when the listener closes was never begun
            assert wait_until(lambda: has_been_read(asking))
            # Ctrl-C in a terminal reaches the workers as well as the server
            os.killpg(server.pid, signal.SIGINT)
            assert wait_until(lambda: is_closed(port))
            asking.sendall(OTHER_HALF)
            assert asking.recv(9) == b"HTTP/1.1 "
            ends(server)
    assert not Cluster(folder).status().is_running


def children(pid):
    """The processes that a process has begun, by what they were called with."""
    numbers = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    found = {}
    for number in numbers:
        # one that has just ended has no name any more
        with suppress(FileNotFoundError):
            found[int(number)] = Path(f"/proc/{number}/cmdline").read_bytes().decode().split("\0")
    return found


def errands(pid):
    """Number of the process beside the server that sends messages and gives warnings; None while there is none."""
    return next((number for number, words in children(pid).items() if "errands" in words), None)


def has_workers(pid):
    """Whether the server has begun its workers, which take a second or two to read the application."""
    return any("errands" not in words for words in children(pid).values())


MOMENTS = {
    "at once": lambda _: True,
    "as its errands are born": children,
    "with its errands": errands,
    "with its workers": has_workers,
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_it_can_be_stopped_while_it_is_starting(district, moment):
    env, folder = district
    with serving(env, free_port()) as server:
        assert "serving" in server.stdout.readline()
        assert wait_until(lambda: MOMENTS[moment](server.pid))
        server.send_signal(signal.SIGTERM)
        ends(server)
    assert not Cluster(folder).status().is_running


@pytest.mark.parametrize("number", STOPPING)
def test_what_stops_it_waits_for_a_few_lines(number):
    done = []
    handler = signal.getsignal(number)

    @told_later()
    def a_few_lines():
        signal.raise_signal(number)
        done.append("all of it")

    with pytest.raises(KeyboardInterrupt):
        a_few_lines()
    assert done == ["all of it"]
    assert signal.getsignal(number) == handler


def has_ended(pid):
    return not Path(f"/proc/{pid}/cmdline").exists() or Path(f"/proc/{pid}/cmdline").read_bytes() == b""


TICKET = "工单号,category,reported_at,lon,lat\nA1,0102,2026-03-02 09:00,121.405,31.11\n"


def test_while_it_serves_messages_are_sent_beside_it(district, tmp_path):
    env, folder = district
    file = tmp_path / "tickets.csv"
    file.write_text(TICKET, encoding="utf-8")
    with receiver() as friend:
        env = {**env, "WANGGE_WEBHOOK_HOSTS": friend.hosts}
        assert wangge(env, "webhook", "add", "oa", friend.url).returncode == 0
        with serving(env, port := free_port()) as server:
            assert wait_until(lambda: answers(f"http://127.0.0.1:{port}/healthz"))
            beside = errands(server.pid)
            assert beside is not None
            answer = wangge(env, "import", "tickets", str(file), "--datum", "wgs84", "--source", "test")
            assert answer.returncode == 0, answer.stderr
            assert wait_until(lambda: friend.got)
            os.killpg(server.pid, signal.SIGINT)
            ends(server)
            assert has_ended(beside)
    assert [got.headers["Wangge-Event"] for got in friend.got] == ["import"]
    assert not Cluster(folder).status().is_running


def test_a_server_that_is_killed_leaves_no_process_behind(district):
    env, _ = district
    with serving(env, port := free_port()) as server:
        assert wait_until(lambda: answers(f"http://127.0.0.1:{port}/healthz"))
        beside = errands(server.pid)
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()
        assert wait_until(lambda: has_ended(beside))


def test_a_metre_crs_in_degrees_is_refused(data_root):
    env = environment(data_root / "degrees")
    answer = wangge(env, "init", "--code", "310112", "--name", "试验区", "--metre-crs", "EPSG:4326")
    assert answer.returncode == 1
    assert answer.stderr.startswith("wangge: ")
    assert answer.stderr.count("\n") == 1
