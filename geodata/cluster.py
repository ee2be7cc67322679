"""The private PostgreSQL + PostGIS server that lives in the data folder.

    <data>/postgres/          the server's own files (PGDATA)
    <data>/run/               its unix socket, the only way in
    <data>/log/postgres.log   what it says
    <data>/cluster.lock       held while somebody creates, starts or stops it
    <data>/socket.path        where the socket is, when <data>/run is too long a name for one

There is no password and no port: whoever may enter the socket folder (mode 0700) is the owner.
"""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

from sqlalchemy import URL

from geodata.cluster_errors import (
    ClusterBusy,
    ClusterCommandFailed,
    DataFolderRefused,
    PostgresMissing,
    VersionMismatch,
)
from geodata.datafolder import (
    PORT,
    check_reach,
    hold,
    make_private,
    place_socket,
    remove_short_socket,
    socket_dir,
)
from geodata.postgres import (
    SETTINGS,
    SUPERUSER,
    Account,
    Binaries,
    demand,
    find_binaries,
    initdb,
    is_server,
    run_as,
    server_account,
    server_processes,
)

START_LIMIT_S = 300.0
STOP_LIMIT_S = 60.0
ORPHAN_LIMIT_S = 30.0
LOG_LIMIT_BYTES = 10_000_000

State = Literal["absent", "stopped", "starting", "running", "stopping"]

# what the server writes into the last line of postmaster.pid
_STATES: Mapping[str, State] = {"starting": "starting", "ready": "running", "stopping": "stopping"}


@dataclass(frozen=True)
class ClusterStatus:
    """How the cluster stands.

    version  the PostgreSQL major version that made the folder, None while absent.
    pid      the server's process, None while absent or stopped.
    """

    state: State
    data_dir: Path
    socket_dir: Path
    log: Path
    version: int | None = None
    pid: int | None = None

    @property
    def is_running(self) -> bool:
        """The server takes connections."""
        return self.state == "running"


class Cluster:
    """The server of one data folder; as many folders as wanted may run side by side.

    binaries  the installation to use; None takes the one that fits the folder.
    settings  lines of postgresql.conf that replace ours; they count from the next start.
    """

    def __init__(
        self, data_dir: Path, *, binaries: Binaries | None = None, settings: Mapping[str, str] | None = None
    ) -> None:
        self.data_dir = data_dir.expanduser().absolute()
        self.pgdata = self.data_dir / "postgres"
        self.log = self.data_dir / "log" / "postgres.log"
        self._binaries = binaries
        self._settings = dict(SETTINGS) | dict(settings or {})

    def __enter__(self) -> Self:
        """The cluster, running."""
        self.ensure()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it again."""
        self.stop()

    # --- what is there ---------------------------------------------------------------------------

    def status(self) -> ClusterStatus:
        """How it stands now; changes nothing and needs no PostgreSQL programs."""
        version = self._made_by()
        pid, line = self._postmaster()
        state: State = "absent" if version is None else "stopped"
        if pid is not None:
            state = _STATES.get(line, "starting")
        return ClusterStatus(
            state=state,
            data_dir=self.data_dir,
            socket_dir=socket_dir(self.data_dir),
            log=self.log,
            version=version,
            pid=pid,
        )

    def url(self, dbname: str = "wangge") -> str:
        """SQLAlchemy address (psycopg 3) of one of its databases, valid while it runs."""
        where = {"host": str(socket_dir(self.data_dir)), "port": str(PORT)}
        address = URL.create("postgresql+psycopg", username=SUPERUSER, database=dbname, query=where)
        return address.render_as_string(hide_password=False)

    def binaries(self) -> Binaries:
        """The installation that serves this folder; raises PostgresMissing or VersionMismatch."""
        made_by = self._made_by()
        if self._binaries is None:
            try:
                self._binaries = find_binaries(made_by)
            except PostgresMissing:
                # tells of no PostgreSQL at all; otherwise only the version is wrong
                self._binaries = find_binaries()
        if made_by is not None and made_by != self._binaries.version:
            raise VersionMismatch(str(self.data_dir), made_by, self._binaries.version)
        return self._binaries

    # --- what it can do --------------------------------------------------------------------------

    def ensure(self) -> None:
        """Make it run: create it where absent, start it where stopped. Safe to call from many processes."""
        if self.status().is_running:
            return
        with hold(self.data_dir):
            self._create()
            self._start()

    def create(self) -> None:
        """Make the server's files; nothing to do where they are."""
        with hold(self.data_dir):
            self._create()

    def start(self) -> None:
        """Start it and wait until it takes connections; nothing to do where it runs."""
        if self._made_by() is None:
            raise DataFolderRefused(str(self.data_dir), "holds no database yet", "create it first: wangge init")
        with hold(self.data_dir):
            self._start()

    def stop(self) -> None:
        """Stop this folder's server, and no other; open connections are closed, nothing is lost."""
        if self.status().pid is None:
            return
        with hold(self.data_dir):
            self._stop()

    def create_database(self, name: str, template: str | None = None) -> bool:
        """Make a database, a copy of `template` if given; False where one of that name exists."""
        source = ["--template", template] if template else []
        answer = self._client("createdb", *source, "--", name)
        if answer.returncode != 0 and "already exists" in answer.stderr:
            return False
        demand(answer, f"create database {name}", self.data_dir)
        return True

    def drop_database(self, name: str) -> None:
        """Remove a database with all in it; its connections are closed, and it may be absent."""
        demand(
            self._client("dropdb", "--if-exists", "--force", "--", name),
            f"drop database {name}",
            self.data_dir,
        )

    # --- creating --------------------------------------------------------------------------------

    def _create(self) -> None:
        if self._made_by() is not None:
            return
        binaries = self.binaries()
        account = server_account(self.pgdata)
        check_reach(self.data_dir, account)
        if self.pgdata.exists() and any(self.pgdata.iterdir()):
            raise DataFolderRefused(
                str(self.pgdata),
                "holds files that are no database",
                "move them away or choose another --data",
            )
        # Made beside its place and renamed when whole: a killed initdb leaves no half-made cluster.
        making = self.data_dir / "postgres.making"
        if making.exists():
            shutil.rmtree(making)
        make_private(making, account)
        initdb(binaries, account, folder=making, sync=self._settings.get("fsync") != "off")
        with (making / "postgresql.conf").open("a", encoding="utf-8") as conf:
            conf.write("\n# written at every start\ninclude_if_exists 'wangge.conf'\n")
        making.rename(self.pgdata)

    # --- starting and stopping -------------------------------------------------------------------

    def _start(self) -> None:
        if self.status().pid is not None and self._wait_for_other():
            return
        binaries = self.binaries()
        account = server_account(self.pgdata)
        check_reach(self.data_dir, account)
        make_private(self.log.parent, account)
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))
        self._write_settings(account, place_socket(self.data_dir, account))
        # pg_ctl pastes its arguments into a shell line; with PGDATA and a relative log name
        # no character of the folder's name ever gets there.
        limit = f"--timeout={START_LIMIT_S:.0f}"
        command = [binaries.program("pg_ctl"), "start", "--wait", limit, "--log=log/postgres.log"]
        give_up = time.monotonic() + ORPHAN_LIMIT_S
        while True:
            self._drop_stale_pid()
            seen = self.log.stat().st_size if self.log.exists() else 0
            answer = run_as(
                account,
                command,
                cwd=self.data_dir,
                env={"PGDATA": str(self.pgdata)},
                limit_s=START_LIMIT_S + 30,
            )
            if answer.returncode == 0:
                return
            said = self._last_words(seen)
            left_behind = self._orphans() or "shared memory block" in said
            if not left_behind or time.monotonic() > give_up:
                raise ClusterCommandFailed("start the database", str(self.data_dir), said)
            self._end_orphans()

    def _wait_for_other(self) -> bool:
        """True once a server already under way takes connections; False if it goes away instead."""
        give_up = time.monotonic() + START_LIMIT_S
        while (now := self.status()).pid is not None:
            if now.is_running:
                return True
            if time.monotonic() > give_up:
                raise ClusterBusy(str(self.data_dir), START_LIMIT_S)
            time.sleep(0.1)
        return False

    def _stop(self) -> None:
        # Fast: connections are closed and all is written out. Immediate, should that not end: the
        # log is replayed at the next start, so this loses nothing either.
        for way in (signal.SIGINT, signal.SIGQUIT):
            pid = self.status().pid
            if pid is not None:
                _signal(pid, way)
            if self._gone_within(STOP_LIMIT_S):
                break
        else:
            raise ClusterCommandFailed(
                "stop the database", str(self.data_dir), f"process {pid} does not end; look at it, or kill it"
            )
        remove_short_socket(self.data_dir)

    def _gone_within(self, limit_s: float) -> bool:
        give_up = time.monotonic() + limit_s
        while self.status().pid is not None:
            if time.monotonic() > give_up:
                return False
            time.sleep(0.05)
        return True

    def _write_settings(self, account: Account, socket: Path) -> None:
        """Write our part of the configuration, whole or not at all, owned by the server's account."""
        lines = self._settings | {
            "listen_addresses": "",
            "port": str(PORT),
            "unix_socket_directories": f'"{socket}"',
            "unix_socket_permissions": "0700",
        }
        text = "".join("{} = '{}'\n".format(name, value.replace("'", "''")) for name, value in lines.items())
        draft = self.pgdata / "wangge.conf.new"
        draft.unlink(missing_ok=True)
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            if account.is_other:
                os.fchown(file.fileno(), account.uid, account.gid)
        draft.replace(self.pgdata / "wangge.conf")

    def _last_words(self, seen: int) -> str:
        """What the server wrote into its log since position `seen`, its last lines at most."""
        if not self.log.exists():
            return ""
        with self.log.open("rb") as file:
            file.seek(seen)
            lines = file.read().decode("utf-8", errors="replace").splitlines()
        return " / ".join(line.split("] ", 1)[-1].strip() for line in lines[-4:])

    # --- processes -------------------------------------------------------------------------------

    def _made_by(self) -> int | None:
        try:
            return int((self.pgdata / "PG_VERSION").read_text(encoding="ascii").split(".")[0])
        except (FileNotFoundError, NotADirectoryError):
            return None
        except PermissionError as error:
            raise DataFolderRefused(
                str(self.data_dir), "belongs to another user", "start as that user, or choose another --data"
            ) from error

    def _postmaster(self) -> tuple[int | None, str]:
        """Process and state of this folder's living server; (None, "") when there is none."""
        try:
            text = (self.pgdata / "postmaster.pid").read_text(encoding="utf-8", errors="replace")
            lines = text.splitlines()
            pid = int(lines[0])
        except (FileNotFoundError, NotADirectoryError, IndexError, ValueError):
            return None, ""
        if not is_server(pid, self.pgdata):
            return None, ""
        return pid, lines[7].strip() if len(lines) > 7 else ""

    def _orphans(self) -> list[int]:
        """Processes of this folder whose server was killed."""
        return [] if self.status().pid is not None else server_processes(self.pgdata)

    def _end_orphans(self) -> None:
        """Tell processes left behind to quit, and give them a moment.

        They leave by themselves when idle, but one in a long query keeps the server's memory
        attached, and no new server starts on it until that query ends.
        """
        for pid in self._orphans():
            _signal(pid, signal.SIGQUIT)
        time.sleep(0.25)

    def _drop_stale_pid(self) -> None:
        """Forget a dead server whose number another program has now.

        The server itself sees through a number that nobody has, but takes any living process of
        its own user for a server, and an empty file for one that is being written, and refuses to start.
        """
        if self.status().pid is None and not self._orphans():
            (self.pgdata / "postmaster.pid").unlink(missing_ok=True)
            (socket_dir(self.data_dir) / f".s.PGSQL.{PORT}.lock").unlink(missing_ok=True)

    def _client(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """What a client program says that is pointed at this cluster."""
        account = server_account(self.pgdata)
        where = ["--host", str(socket_dir(self.data_dir)), "--port", str(PORT), "--username", SUPERUSER]
        return run_as(account, [self.binaries().program(program), *where, *arguments], cwd=self.data_dir)


def _signal(pid: int, number: signal.Signals) -> None:
    """Send a signal to a process that may just have ended."""
    with suppress(ProcessLookupError):
        os.kill(pid, number)
