"""The database server around a piece of work: started if need be, stopped again, backed up, restored."""

import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from sqlalchemy import Engine, inspect, make_url, select
from sqlalchemy.orm import Session

from geodata import migrations
from geodata.cluster import Cluster
from geodata.cluster_errors import ClusterCommandFailed
from geodata.db import DATABASE, make_engine, open_engine, open_records, private_cluster, server_url, session_on
from geodata.errors import NotInitialised, Refused
from geodata.models import Installation
from geodata.postgres import find_binaries, server_account
from geodata.queries.server import other_clients, rename_database
from geodata.services.installation import is_initialised, plant_missing
from geodata.settings import URL_VARIABLE, Settings

# Programs that have ended are still counted until the server notices, which takes a busy machine a second or more.
LEAVING_S = 5.0

RESTORING = f"{DATABASE}_restoring"


@dataclass(frozen=True)
class ServerStatus:
    """How the database stands.

    kind      `private` (the cluster of the data folder) or `named` (by WANGGE_DATABASE_URL).
    state     `absent`, `stopped`, `starting` or `running`; a named server is `running` when it answers.
    schema    name of the schema found, None when the server is not running or empty.
    district  code and name, None while there is none.
    """

    kind: str
    state: str
    where: str
    version: int | None
    pid: int | None
    schema: str | None
    schema_wanted: str
    district: tuple[str, str] | None


@contextmanager
def running(settings: Settings) -> Iterator[bool]:
    """Keep the server running; yields whether this call had to start it.

    Whoever started it stops it at the end, unless others are connected by then. A server named
    by WANGGE_DATABASE_URL is left alone.
    """
    if settings.database_url:
        yield False
        return
    cluster = private_cluster(settings)
    was_running = cluster.status().is_running
    try:
        cluster.ensure()
        yield not was_running
    finally:
        if not was_running:
            _stop_unless_used(cluster)


@contextmanager
def records(settings: Settings) -> Iterator[Engine]:
    """An engine on the district's records for the length of a piece of work; see `running`.

    Raises NotInitialised where there is no district yet, and what open_records raises.
    """
    if not settings.database_url and private_cluster(settings).status().state == "absent":
        raise NotInitialised
    with running(settings):
        engine = open_engine(settings)
        try:
            if not is_initialised(engine):
                raise NotInitialised
        finally:
            engine.dispose()
        engine = open_records(settings)
        try:
            yield engine
        finally:
            engine.dispose()


def start(settings: Settings) -> None:
    """Create the private server where there is none, and start it. Raises Refused for a named one."""
    _own(settings).ensure()


def stop(settings: Settings) -> None:
    """Stop the private server; nothing to do where it does not run. Raises Refused for a named one."""
    _own(settings).stop()


def status(settings: Settings) -> ServerStatus:
    """How it stands; changes nothing."""
    if settings.database_url:
        where = make_url(settings.database_url).render_as_string(hide_password=True)
        return _with_schema(settings, ServerStatus("named", "running", where, None, None, None, "", None))
    found = private_cluster(settings).status()
    plain = ServerStatus(
        "private", found.state, str(found.data_dir), found.version, found.pid, None, migrations.newest(), None
    )
    return _with_schema(settings, plain) if found.is_running else plain


def upgrade(settings: Settings) -> tuple[str | None, str]:
    """Bring the schema up to date; returns its name before and after. Raises NotInitialised."""
    with running(settings):
        engine = open_engine(settings)
        try:
            if not is_initialised(engine):
                raise NotInitialised
            with engine.connect() as connection:
                before = migrations.current(connection)
            migrations.upgrade(engine)
            with session_on(engine) as session:
                plant_missing(session)
        finally:
            engine.dispose()
    return before, migrations.newest()


def backup(settings: Settings, path: Path) -> int:
    """Write all records into one file of pg_dump's own format; returns its size in bytes.

    The file appears under its name only when it is whole.
    """
    if not settings.database_url and private_cluster(settings).status().state == "absent":
        raise NotInitialised
    draft = path.with_name(f".{path.name}.part")
    with running(settings):
        try:
            with draft.open("wb") as out:
                _run(settings, DATABASE, "pg_dump", ["--format=custom"], stdout=out)
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
    return path.stat().st_size


def restore(settings: Settings, path: Path, *, replace: bool = False) -> None:
    """Read a backup into an empty database, or with `replace` in place of the district that is there.

    With the private server the former records stay until the backup is in. Raises Refused where
    a district is there and `replace` is not given, and ClusterCommandFailed for a file that is no backup.
    """
    with running(settings):
        engine = open_engine(settings)
        is_full = is_initialised(engine) or bool(inspect(engine).get_table_names())
        engine.dispose()
        if is_full and not replace:
            raise Refused("this database is not empty; restore into a new --data folder, or add --replace")
        if settings.database_url:
            clean = ["--clean", "--if-exists"] if is_full else []
            with path.open("rb") as dump:
                options = ["--no-owner", "--single-transaction", "--exit-on-error", *clean]
                _run(settings, DATABASE, "pg_restore", options, stdin=dump)
        else:
            _restore_beside(settings, path)


def _restore_beside(settings: Settings, path: Path) -> None:
    cluster = private_cluster(settings)
    cluster.drop_database(RESTORING)
    cluster.create_database(RESTORING)
    try:
        with path.open("rb") as dump:
            options = ["--no-owner", "--single-transaction", "--exit-on-error"]
            _run(settings, RESTORING, "pg_restore", options, stdin=dump)
    except ClusterCommandFailed:
        cluster.drop_database(RESTORING)
        raise
    cluster.drop_database(DATABASE)
    engine = make_engine(cluster.url("postgres"))
    try:
        rename_database(engine, RESTORING, new=DATABASE)
    finally:
        engine.dispose()


def _own(settings: Settings) -> Cluster:
    if settings.database_url:
        raise Refused(f"{URL_VARIABLE} names a server of its own, which is not started or stopped from here; unset it")
    return private_cluster(settings)


def _stop_unless_used(cluster: Cluster) -> None:
    if not cluster.status().is_running:
        return
    engine = make_engine(cluster.url("postgres"), pool_size=1)
    give_up = time.monotonic() + LEAVING_S
    try:
        with engine.connect() as connection:
            # our own workers have just ended, and the server takes a moment to notice
            while (is_used := other_clients(connection) > 0) and time.monotonic() < give_up:
                time.sleep(0.1)
    finally:
        engine.dispose()
    if not is_used:
        cluster.stop()


def _with_schema(settings: Settings, plain: ServerStatus) -> ServerStatus:
    engine = make_engine(server_url(settings), pool_size=1)
    try:
        with engine.connect() as connection:
            schema = migrations.current(connection)
        district = None
        if is_initialised(engine):
            with Session(engine) as session:
                # these two alone: an older schema lacks other columns
                row = session.execute(select(Installation.code, Installation.name)).one_or_none()
                district = (row.code, row.name) if row else None
    finally:
        engine.dispose()
    return ServerStatus(
        plain.kind, plain.state, plain.where, plain.version, plain.pid, schema, migrations.newest(), district
    )


def _run(
    settings: Settings,
    database: str,
    program: str,
    options: Sequence[str],
    *,
    stdin: IO[bytes] | None = None,
    stdout: IO[bytes] | None = None,
) -> None:
    """Run a client program on a database; files are opened by us, as the server's account may not reach them."""
    own: dict[str, object] = {}
    if settings.database_url:
        url = make_url(settings.database_url)
        path = find_binaries().program(program)
        target = url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
        # not on the command line, where every user of the machine could read it
        secret = {"PGPASSWORD": str(url.password)} if url.password else {}
        where = settings.database_url and "the named server"
    else:
        cluster = private_cluster(settings)
        path = cluster.binaries().program(program)
        target = make_url(cluster.url(database)).set(drivername="postgresql").render_as_string()
        secret = {}
        where = str(settings.data_dir)
        account = server_account(cluster.pgdata)
        if account.is_other:
            own = {"user": account.uid, "group": account.gid, "extra_groups": []}
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    answer = subprocess.run(  # noqa: S603 - a program of the PostgreSQL installation, arguments from us
        [path, f"--dbname={target}", *options],
        stdin=stdin or subprocess.DEVNULL,
        stdout=stdout or subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=clean | {"LC_ALL": "C"} | secret,
        cwd="/",
        check=False,
        **own,  # type: ignore[call-overload]  # user and group exist on every system PostgreSQL runs on
    )
    if answer.returncode != 0:
        said = answer.stderr.decode("utf-8", errors="replace").strip().splitlines()
        raise ClusterCommandFailed(f"run {program}", where, said[-1] if said else "")
