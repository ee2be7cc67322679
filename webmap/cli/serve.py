"""`wangge serve`: the web server, with the private database around it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from geodata.services.destinations import allowed_hosts
from geodata.services.server import records, running
from geodata.settings import DATA_VARIABLE, Settings
from webmap.cli.options import data_option

TARGET = "webmap.wsgi:app"

# Requests under way get this long to end when the server is stopped; one sent by half would never end.
STOP_LIMIT_S = 5

STOPPING = (signal.SIGINT, signal.SIGTERM)


@click.command(epilog="\b\nExample: wangge serve --port 8000\nCtrl-C stops it, and the private database with it.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="Port.")
@click.option("--workers", type=click.IntRange(1, 64), default=2, show_default=True, help="Processes.")
@data_option
def command(*, host: str, port: int, workers: int, data: Path | None) -> None:
    """Serve the map and the pages until stopped."""
    settings = Settings.from_environment(data)
    with records(settings):
        click.echo(f"serving http://{host}:{port}, stop with Ctrl-C", err=True)
        serve(settings, host=host, port=port, workers=workers)


def serve(settings: Settings, *, host: str, port: int, workers: int) -> None:
    """Serve until a signal ends it, with a process beside for what is done in the background.

    The database keeps running meanwhile. Raises BadSetting for a list of hosts that cannot be read.
    """
    allowed_hosts(settings.webhook_hosts)
    # the workers are processes of their own and read their settings from the environment
    os.environ[DATA_VARIABLE] = str(settings.data_dir)
    os.register_at_fork(before=_hold_signals, after_in_parent=_release_signals, after_in_child=_hear_one_signal)
    with running(settings), _errands():
        Granian(
            TARGET,
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=workers,
            blocking_threads=4,
            respawn_failed_workers=True,
            workers_kill_timeout=STOP_LIMIT_S,
            log_level=LogLevels.warning,
        ).serve()


@contextmanager
def _errands() -> Iterator[None]:
    """`wangge errands` as a process of its own, so that no page waits for it.

    In a session of its own it hears no Ctrl-C, and ends when it is told to, or when it finds this process gone.
    """
    command = [sys.executable, "-m", "webmap.cli", "errands", "--with-process", str(os.getpid())]
    beside = None
    try:
        # told to stop between its birth and its name, it would live on and hold the database
        with told_later():
            beside = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)  # noqa: S603 - ourselves
        yield
    finally:
        if beside is not None:
            _end(beside)


def _end(beside: subprocess.Popen[bytes]) -> None:
    beside.terminate()
    try:
        beside.wait(STOP_LIMIT_S)
    except subprocess.TimeoutExpired:
        # a message under way is sent again
        beside.kill()
        beside.wait()


@contextmanager
def told_later() -> Iterator[None]:
    """Let nothing interrupt a few lines: what told us to stop meanwhile does so at their end."""
    told: list[int] = []
    before = {number: signal.signal(number, lambda told_by, _: told.append(told_by)) for number in STOPPING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if told:
        raise KeyboardInterrupt


def _hold_signals() -> None:
    """Let SIGTERM wait while a worker splits off: told before it is itself, it would note the signal as the server."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})


def _release_signals() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})


def _hear_one_signal() -> None:
    """Make a worker end at SIGTERM from its first moment, and leave Ctrl-C to the server.

    It begins as a copy of the server, which only notes a signal: until the worker serves, SIGTERM would be
    noted there and forgotten. Ctrl-C reaches every process of a terminal and the server hands it on as SIGTERM;
    told twice, a worker of granian often hangs.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _release_signals()
