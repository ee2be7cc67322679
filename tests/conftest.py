"""What every test may ask for: a private PostGIS server of its own worker, and districts on it."""

import gc
import os
import shutil
import tempfile
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import NamedTuple

import pytest
from argon2 import PasswordHasher
from hypothesis import settings
from sqlalchemy import make_url, text
from sqlalchemy.orm import Session

from webmap.loading import loading

with loading():
    from databases import Shelf

    from geodata.cluster import Cluster
    from geodata.db import make_engine, session_on
    from geodata.demo import build_demo
    from geodata.services import users
    from geodata.services.installation import init_district

ROOT = Path(__file__).parent.parent
DEMO_NOW = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)
DISTRICT = {"code": "310112", "name": "试验区", "metre_crs": "EPSG:4549"}

# A server that lives for one test run need not survive a power cut.
FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    # every site in a browser keeps its own
    "max_connections": "300",
    # databases of a second's life need no care
    "autovacuum": "off",
    # a worker process takes longer to start than any query of a small district
    "max_parallel_workers_per_gather": "0",
    # each connection would else load it by itself
    "shared_preload_libraries": "postgis-3",
}

# Nor need it reach a disk: in memory, a database is copied in a twentieth of the time. With less room than this
# there, it lies with all temporary files.
MEMORY = Path("/dev/shm")  # noqa: S108 - the folder made in it has a name of its own and is ours alone
ROOM_BYTES = 4 * 1024**3

# The same examples everywhere, on a machine of CI or not, and many more of them with --slow;
# `--hypothesis-profile=wander` looks for new ones.
settings.register_profile("seeded", derandomize=True, deadline=None, database=None, max_examples=50)
settings.register_profile("thorough", settings.get_profile("seeded"), max_examples=300)
settings.register_profile("wander", deadline=None, print_blob=True, max_examples=100)
settings.load_profile("seeded")


def pytest_addoption(parser):
    parser.addoption("--slow", action="store_true", help="run the drills of some minutes too")
    parser.addoption("--pictures", action="store_true", help="keep pictures of pages in test-results/screens")


def pytest_configure(config):
    """Laws are tried on more examples in the drills."""
    if config.getoption("--slow"):
        settings.load_profile("thorough")


def pytest_sessionstart():
    """Modules and tests stay to the end: the collector of garbage need not look through them again and again."""
    gc.disable()


def pytest_collection_finish():
    """From now on garbage is made."""
    gc.freeze()
    gc.enable()


def pytest_collection_modifyitems(config, items):
    """Leave the drills out unless they are asked for, by the option or by a marker."""
    if config.getoption("--slow") or config.getoption("-m"):
        return
    drills = [item for item in items if item.get_closest_marker("slow")]
    if drills:
        config.hook.pytest_deselected(items=drills)
        items[:] = [item for item in items if item not in set(drills)]


@pytest.fixture(scope="session", autouse=True)
def quick_passwords():
    """Passwords that take no time to check, in this process; yields what hashes them really, for tests of that."""
    really = users._hasher
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(users, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield really


@pytest.fixture(scope="session")
def data_root():
    """A folder that the server's account can reach, which pytest's own temporary folders are not for root."""
    has_room = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM_BYTES
    folder = Path(tempfile.mkdtemp(prefix="wangge-test-", dir=MEMORY if has_room else None))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def cluster(data_root):
    """A running private server, one for each test worker; without PostgreSQL this fails, it never skips."""
    with Cluster(data_root / "cluster", settings=FAST) as running:
        yield running


@pytest.fixture(scope="session")
def server_url(cluster):
    """Address of the server's maintenance database."""
    return cluster.url("postgres")


@pytest.fixture(scope="session")
def admin(server_url):
    """An engine that makes and drops databases."""
    engine = make_engine(server_url).execution_options(isolation_level="AUTOCOMMIT")
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def make_database(admin, cluster):
    """A function that makes a database, empty or as a copy of a named one, and says where it is."""
    made = count(1)

    def make(template: str = "template0") -> str:
        name = f"test_{next(made)}"
        # copying files is three times as fast as writing everything through the log
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy"))
        return cluster.url(name)

    return make


@pytest.fixture(scope="session")
def templates(make_database):
    """Migrated and seeded databases by district, made once and then only copied."""
    known = {}

    def template_for(**changes) -> str:
        district = {**DISTRICT, **changes}
        key = tuple(sorted(district.items()))
        if key not in known:
            url = make_database()
            engine = make_engine(url)
            init_district(engine, **district)
            engine.dispose()
            known[key] = make_url(url).database
        return known[key]

    return template_for


@pytest.fixture(scope="session")
def clone(templates, make_database):
    """A function from a district's settings to an engine on a database that stays for all tests of a worker."""
    engines = []

    def make(**changes):
        engines.append(make_engine(make_database(templates(**changes))))
        return engines[-1]

    yield make
    for engine in engines:
        engine.dispose()


@pytest.fixture(scope="session")
def moment():
    """When the tests began: what a district of that moment waits for is still to come, and it is made once."""
    return datetime.now(UTC)


@pytest.fixture(scope="session")
def made_up(make_database):
    """A function that copies the small made-up district, as it is at a moment, and returns an engine on the copy."""
    engines = []
    known = {}

    def make(now=DEMO_NOW, **how):
        if now not in known:
            url = make_database()
            made = make_engine(url)
            build_demo(made, now=now, small=True)
            made.dispose()
            known[now] = make_url(url).database
        engines.append(make_engine(make_database(known[now]), **how))
        return engines[-1]

    yield make
    for engine in engines:
        engine.dispose()


@pytest.fixture(scope="session")
def engine(clone):
    """An empty district shared by the tests of a worker, all of which undo what they did."""
    return clone()


@pytest.fixture
def new_database(make_database, cluster):
    """A function that makes a database which is dropped after the test."""
    urls = []

    def make(template: str = "template0") -> str:
        urls.append(make_database(template))
        return urls[-1]

    yield make
    for url in urls:
        cluster.drop_database(make_url(url).database)


@pytest.fixture
def make_bare_engine():
    """A function from an address to an engine that is closed after the test."""
    engines = []

    def make(url):
        engines.append(make_engine(url))
        return engines[-1]

    yield make
    for engine in engines:
        engine.dispose()


@pytest.fixture
def make_district(templates, new_database, make_bare_engine):
    """A function that makes a district of this test's own: code, name, metre_crs, timezone, code_pattern."""
    return lambda **changes: make_bare_engine(new_database(templates(**changes)))


class Filled(NamedTuple):
    """A district that has been filled: its database, to be copied, and what filling it returned."""

    database: str
    told: object


@pytest.fixture(scope="session")
def filled(templates, make_database):
    """A function from what fills a district with records to a district filled with them, made once."""
    known = {}

    def make(fill) -> Filled:
        if fill not in known:
            engine = make_engine(make_database(templates()))
            with session_on(engine) as session:
                told = fill(session)
            engine.dispose()
            known[fill] = Filled(engine.url.database, told)
        return known[fill]

    return make


@pytest.fixture
def ground(request, filled):
    """The district that a test's file fills for it, None where it wants an empty one.

    `FILLED_BY` of the file says by which function for each fixture that stands on it.
    """
    by = getattr(request.module, "FILLED_BY", {})
    found = [fill for name, fill in by.items() if name in request.fixturenames]
    return filled(*found) if found else None


@pytest.fixture(scope="session")
def shelf(make_database, cluster):
    """Copies of districts, each put back as it was after its test."""
    kept = Shelf(make_database, cluster.drop_database)
    yield kept
    kept.close()


@pytest.fixture
def fresh_engine(ground, templates, shelf):
    """A district of this test's own, for what must really be committed; empty unless its file fills it."""
    copy = shelf.take(ground.database if ground else templates())
    yield copy.engine
    shelf.put_back(copy)


@pytest.fixture
def session(engine):
    """A session whose every trace is undone afterwards, commits included."""
    with engine.connect() as connection:
        outer = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint") as inner:
            yield inner
        outer.rollback()


@pytest.fixture(scope="session")
def real_data():
    """The folder of real data; where it is promised (CI), a missing one is a failure."""
    folder = Path(os.environ.get("WANGGE_REAL_DATA") or ROOT.parent / "shared" / "data")
    if not folder.is_dir():
        if os.environ.get("WANGGE_REQUIRE_REAL") == "1":
            pytest.fail(f"real data was promised and {folder} is not there")
        pytest.skip(f"no real data at {folder}; name its folder in WANGGE_REAL_DATA")
    return folder
