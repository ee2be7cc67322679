"""The private server: made, started, stopped, and brought back after every kind of accident."""

import os
import select
import shutil
import signal
import stat
import subprocess
import sys
from itertools import count
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from geodata.cluster import Cluster
from geodata.cluster_errors import ClusterCommandFailed, DataFolderRefused, ServerAccountMissing, VersionMismatch
from geodata.postgres import find_binaries, is_server, server_account, server_processes

ROOT = Path(__file__).parents[2]
FAST = {"fsync": "off", "shared_buffers": "32MB"}
NUMBERS = count(1)
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as somebody else")


@pytest.fixture
def make_cluster(data_root):
    """A function that names a new data folder under one the server's account can reach."""
    made = []

    def make(name="", **options):
        folder = data_root / f"case-{next(NUMBERS)}{name}"
        made.append(Cluster(folder, **{"settings": FAST, **options}))
        return made[-1]

    yield make
    for one in made:
        if (one.pgdata / "PG_VERSION").exists():
            one.stop()
        shutil.rmtree(one.data_dir, ignore_errors=True)


@pytest.fixture(scope="session")
def blank(data_root):
    """A server made once, to be copied where making it is not what a test is about."""
    one = Cluster(data_root / "blank", settings=FAST)
    one.create()
    return one


@pytest.fixture
def running(make_cluster, blank):
    one = make_cluster()
    subprocess.run(["/bin/cp", "-a", blank.data_dir, one.data_dir], check=True)  # noqa: S603 - it keeps the owners
    with one:
        yield one


def connect(cluster, dbname="postgres"):
    where = make_url(cluster.url(dbname))
    return psycopg.connect(
        host=where.query["host"], port=where.query["port"], user=where.username, dbname=dbname, autocommit=True
    )


def ask(cluster, question, dbname="postgres"):
    with connect(cluster, dbname) as connection:
        return connection.execute(question).fetchone()[0]


def kill_server(cluster):
    """Kill it as a crash would, and return when it is gone."""
    pid = cluster.status().pid
    handle = os.pidfd_open(pid)
    os.kill(pid, signal.SIGKILL)
    assert select.select([handle], [], [], 30)[0]
    os.close(handle)


# --- the ordinary life --------------------------------------------------------------------------


def test_it_works(make_cluster):
    one = make_cluster()
    assert one.status().state == "absent"
    one.create()
    assert one.status().state == "stopped"
    one.start()
    assert one.status().is_running
    assert one.status().version == one.binaries().version
    assert ask(one, "SELECT 1") == 1
    one.stop()
    assert one.status().state == "stopped"
    assert server_processes(one.pgdata) == []


def test_what_was_stored_is_there_after_a_restart(running):
    assert running.create_database("wangge")
    with connect(running, "wangge") as connection:
        connection.execute("CREATE TABLE town AS SELECT '莘庄镇' AS name")
    running.stop()
    running.ensure()
    assert ask(running, "SELECT name FROM town", "wangge") == "莘庄镇"


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        pytest.param("SHOW server_encoding", "UTF8", id="text is UTF-8"),
        pytest.param("SHOW lc_ctype", "C.UTF-8", id="letters are Unicode's"),
        pytest.param("SHOW data_checksums", "on", id="pages carry checksums"),
        pytest.param("SHOW listen_addresses", "", id="no network"),
        pytest.param("SHOW jit", "off", id="no compiled queries"),
        pytest.param("SHOW timezone", "UTC", id="clock in UTC"),
        pytest.param(
            "SELECT count(*)::int FROM pg_available_extensions WHERE name IN ('postgis', 'pg_trgm')",
            2,
            id="PostGIS and trigrams at hand",
        ),
    ],
)
def test_the_server_is_set_up_for_us(cluster, question, answer):
    assert ask(cluster, question) == answer


def test_writes_are_flushed_unless_a_test_says_otherwise(make_cluster):
    with make_cluster(settings=None) as one:
        assert [ask(one, f"SHOW {name}") for name in ("fsync", "synchronous_commit", "full_page_writes")] == ["on"] * 3


def test_only_its_own_account_may_enter(running):
    found = running.status().socket_dir.stat()
    assert stat.S_IMODE(found.st_mode) == 0o700
    assert found.st_uid == server_account(running.pgdata).uid
    assert stat.S_IMODE(running.pgdata.stat().st_mode) == 0o700


def test_ensure_twice_leaves_the_same_server(running):
    before = running.status().pid
    running.ensure()
    running.start()
    running.create()
    assert running.status().pid == before


def test_stopping_twice_is_no_mistake(make_cluster):
    one = make_cluster()
    one.stop()
    one.ensure()
    one.stop()
    one.stop()
    assert one.status().state == "stopped"


def test_two_folders_side_by_side(make_cluster):
    with make_cluster() as left, make_cluster() as right:
        left.create_database("only_left")
        assert ask(right, "SELECT count(*) FROM pg_database WHERE datname = 'only_left'") == 0
        left.stop()
        assert left.status().state == "stopped"
        assert right.status().is_running


def test_settings_of_the_caller_do_not_lead_elsewhere(make_cluster, monkeypatch):
    for name, value in {"PGPORT": "1", "PGHOST": "nowhere", "PGDATA": "/nowhere", "PGUSER": "x"}.items():
        monkeypatch.setenv(name, value)
    one = make_cluster()
    one.ensure()
    assert one.create_database("wangge")
    one.stop()


# --- databases ----------------------------------------------------------------------------------


def test_a_database_is_made_once(running):
    assert running.create_database("wangge") is True
    assert running.create_database("wangge") is False


def test_a_database_is_cloned_from_a_template(running):
    running.create_database("first")
    with connect(running, "first") as connection:
        connection.execute("CREATE TABLE village AS SELECT 7 AS number")
    running.create_database("second", template="first")
    assert ask(running, "SELECT number FROM village", "second") == 7


def test_a_dropped_database_is_gone_and_may_be_dropped_again(running):
    running.create_database("wangge")
    with connect(running, "wangge"):
        running.drop_database("wangge")
    running.drop_database("wangge")
    assert running.create_database("wangge")


def test_a_clone_of_nothing_is_refused(running):
    with pytest.raises(ClusterCommandFailed, match="nowhere"):
        running.create_database("copy", template="nowhere")


# --- folders of every name ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "is_inside"),
    [
        pytest.param(" 闵行 网格", True, id="spaces and Chinese"),
        pytest.param(" it's $HOME `x` %d", True, id="signs a shell would read"),
        pytest.param(' "quoted", and comma', False, id="signs a socket list would read"),
        pytest.param("-" + "long" * 30, False, id="too long for a socket"),
    ],
)
def test_the_folder_may_have_any_name(make_cluster, name, is_inside):
    with make_cluster(name) as one:
        place = one.status().socket_dir
        assert (place.parent == one.data_dir) == is_inside
        assert stat.S_IMODE(place.stat().st_mode) == 0o700
        one.create_database("wangge")
        assert ask(one, "SELECT current_database()", "wangge") == "wangge"
    assert is_inside or not place.exists()


def test_a_short_socket_folder_is_used_again_after_a_crash(make_cluster):
    one = make_cluster("-" + "long" * 30)
    one.ensure()
    before = one.status().socket_dir
    kill_server(one)
    one.ensure()
    assert one.status().socket_dir == before


def test_a_socket_folder_that_others_may_enter_is_not_used(make_cluster):
    one = make_cluster("-" + "long" * 30)
    one.ensure()
    opened = one.status().socket_dir
    kill_server(one)
    opened.chmod(0o777)
    one.ensure()
    assert one.status().socket_dir != opened
    assert ask(one, "SELECT 1") == 1
    shutil.rmtree(opened)


# --- accidents ----------------------------------------------------------------------------------


def test_a_killed_server_comes_back_with_all_that_was_committed(make_cluster):
    one = make_cluster(settings={"shared_buffers": "32MB"})
    one.ensure()
    with connect(one) as connection:
        connection.execute("CREATE TABLE ticket (number int)")
        for number in range(100):
            connection.execute("INSERT INTO ticket VALUES (%s)", [number])
    kill_server(one)
    one.ensure()
    assert ask(one, "SELECT count(*) FROM ticket") == 100


def test_a_killed_server_comes_back_although_a_long_query_goes_on(make_cluster):
    one = make_cluster()
    one.ensure()
    connection = connect(one)
    busy = connection.info.backend_pid
    connection.pgconn.send_query(b"SELECT count(*) FROM generate_series(1, 100000000000)")
    kill_server(one)
    assert is_server(busy, one.pgdata)
    one.ensure()
    assert ask(one, "SELECT 1") == 1
    assert busy not in server_processes(one.pgdata)
    connection.close()


def test_a_pid_that_another_program_has_now_is_seen_through(running):
    left_behind = (running.pgdata / "postmaster.pid").read_text().splitlines()
    running.stop()
    account = server_account(running.pgdata)
    other = subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE, user=account.uid, group=account.gid)
    try:
        note = running.pgdata / "postmaster.pid"
        note.write_text("\n".join([str(other.pid), *left_behind[1:]]) + "\n")
        os.chown(note, account.uid, account.gid)
        assert running.status().state == "stopped"
        running.stop()
        running.ensure()
        assert ask(running, "SELECT 1") == 1
        assert other.poll() is None
    finally:
        other.communicate()


@pytest.mark.parametrize("rest", [pytest.param("", id="empty"), pytest.param("999999999\n", id="nobody's number")])
def test_a_useless_pid_file_is_seen_through(running, rest):
    running.stop()
    account = server_account(running.pgdata)
    note = running.pgdata / "postmaster.pid"
    note.write_text(rest)
    os.chown(note, account.uid, account.gid)
    running.ensure()
    assert running.status().is_running


def test_a_creation_that_was_killed_is_begun_anew(make_cluster):
    one = make_cluster()
    half = one.data_dir / "postgres.making"
    half.mkdir(parents=True)
    one.data_dir.chmod(0o711)
    (half / "PG_VERSION").write_text("15\n")
    assert one.status().state == "absent"
    one.ensure()
    assert ask(one, "SELECT 1") == 1
    assert not half.exists()


def test_many_starters_at_once_make_one_server(make_cluster):
    one = make_cluster()
    program = (
        "import sys; from pathlib import Path; from geodata.cluster import Cluster; "
        "one = Cluster(Path(sys.argv[1]), settings={'fsync': 'off'}); one.ensure(); print(one.status().pid)"
    )
    starters = [
        subprocess.Popen(  # noqa: S603 - this very Python and a program written above
            [sys.executable, "-c", program, one.data_dir], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    said = {starter.communicate()[0].strip() for starter in starters}
    assert [starter.returncode for starter in starters] == [0, 0, 0, 0]
    assert said == {str(one.status().pid)}


def test_a_log_that_grew_large_is_put_aside(running):
    running.stop()
    with running.log.open("ab") as log:
        log.truncate(11_000_000)
    running.ensure()
    assert running.log.stat().st_size < 100_000
    assert running.log.with_suffix(".log.1").stat().st_size == 11_000_000


# --- refusals -----------------------------------------------------------------------------------


def test_a_server_that_will_not_start_says_why(make_cluster):
    one = make_cluster(settings={"shared_buffers": "plenty"})
    with pytest.raises(ClusterCommandFailed, match="shared_buffers") as refusal:
        one.ensure()
    assert str(one.log) in str(refusal.value)
    assert one.status().state == "stopped"


def test_starting_what_was_never_made_is_refused(make_cluster):
    with pytest.raises(DataFolderRefused, match="wangge init"):
        make_cluster().start()


def test_a_folder_of_another_version_is_refused_by_name(make_cluster):
    one = make_cluster()
    one.create()
    (one.pgdata / "PG_VERSION").write_text("9\n")
    with pytest.raises(VersionMismatch, match="made by PostgreSQL 9") as refusal:
        Cluster(one.data_dir).start()
    assert refusal.value.made_by == 9
    assert refusal.value.found == find_binaries().version


def test_files_of_somebody_else_are_left_alone(make_cluster):
    one = make_cluster()
    one.pgdata.mkdir(parents=True)
    one.data_dir.chmod(0o711)
    note = one.pgdata / "letter.txt"
    note.write_text("mine")
    with pytest.raises(DataFolderRefused, match="no database"):
        one.ensure()
    assert note.read_text() == "mine"


def test_a_data_folder_inside_a_file_is_refused(data_root):
    file = data_root / f"file-{next(NUMBERS)}"
    file.write_text("")
    with pytest.raises(DataFolderRefused, match="choose another"):
        Cluster(file / "data").ensure()


@as_root
def test_a_folder_the_account_cannot_reach_is_refused_with_the_remedy(data_root):
    closed = data_root / f"closed-{next(NUMBERS)}"
    closed.mkdir(mode=0o700)
    with pytest.raises(DataFolderRefused, match=f"chmod o\\+x {closed}"):
        Cluster(closed / "data").ensure()


@as_root
def test_a_closed_data_folder_of_our_own_is_opened_for_passing_only(make_cluster):
    one = make_cluster()
    one.data_dir.mkdir(mode=0o700)
    one.create()
    assert stat.S_IMODE(one.data_dir.stat().st_mode) == 0o711


@as_root
def test_without_the_account_the_package_is_named(make_cluster, monkeypatch):
    monkeypatch.setattr("geodata.postgres.SERVER_ACCOUNT", "nobody-of-this-name")
    with pytest.raises(ServerAccountMissing, match="nobody-of-this-name"):
        make_cluster().create()


@as_root
def test_the_server_never_runs_as_root(running):
    assert Path("/proc", str(running.status().pid)).stat().st_uid != 0


def test_no_port_is_opened(running):
    links = [entry.readlink().name for entry in Path("/proc", str(running.status().pid), "fd").iterdir()]
    sockets = {name[len("socket:[") : -1] for name in links if name.startswith("socket:")}
    tables = [Path("/proc/net", name).read_text().splitlines()[1:] for name in ("tcp", "tcp6", "udp", "udp6")]
    assert sockets
    assert not sockets & {line.split()[9] for table in tables for line in table}
