"""The server around a piece of work: started, stopped by whoever started it, backed up and restored."""

import subprocess

import pytest
from sqlalchemy import text

from geodata.cluster import Cluster
from geodata.cluster_errors import ClusterCommandFailed
from geodata.db import open_engine, private_cluster, session_on
from geodata.errors import NotInitialised, Refused
from geodata.services import server
from geodata.services.installation import init_district
from geodata.settings import Settings


@pytest.fixture
def settings(data_root, request):
    """A data folder of this test's own; its server is stopped afterwards."""
    made = Settings(data_dir=data_root / f"server-{abs(hash(request.node.name))}")
    yield made
    Cluster(made.data_dir).stop()


@pytest.fixture(scope="module")
def made(data_root):
    """A folder with a district and one user in it, its server stopped; it is only copied."""
    settings = Settings(data_dir=data_root / "server-made")
    with server.running(settings):
        engine = open_engine(settings)
        init_district(engine, code="310112", name="试验区", metre_crs="EPSG:4549")
        add_user(engine, "zhang")
        engine.dispose()
    return settings.data_dir


@pytest.fixture
def district(settings, made):
    """A folder of this test's own with them in it."""
    subprocess.run(["/bin/cp", "-a", made, settings.data_dir], check=True)  # noqa: S603 - it keeps the owners
    return settings


def add_user(engine, name):
    with session_on(engine) as session:
        session.execute(
            text("INSERT INTO user_account (name, password_hash, stamp, role) VALUES (:name, '-', '-', 'viewer')"),
            {"name": name},
        )


def names(settings):
    with server.records(settings) as engine, session_on(engine) as session:
        return list(session.scalars(text("SELECT name FROM user_account ORDER BY name")))


def test_whoever_starts_the_server_stops_it(district):
    with server.records(district):
        assert private_cluster(district).status().is_running
        with server.records(district):
            pass
        assert private_cluster(district).status().is_running
    assert not private_cluster(district).status().is_running


def test_a_server_that_others_use_by_now_stays(district, monkeypatch):
    monkeypatch.setattr(server, "LEAVING_S", 0.2)
    with server.running(district):
        engine = open_engine(district)
        held = engine.connect()
    assert private_cluster(district).status().is_running
    held.close()
    engine.dispose()


def test_an_empty_folder_is_left_empty(settings):
    with pytest.raises(NotInitialised), server.records(settings):
        pass
    assert not settings.data_dir.exists()


def test_status_tells_of_server_schema_and_district(district):
    stopped = server.status(district)
    assert (stopped.state, stopped.schema, stopped.district) == ("stopped", None, None)
    with server.running(district):
        found = server.status(district)
    assert (found.kind, found.state, found.district) == ("private", "running", ("310112", "试验区"))
    assert found.schema == found.schema_wanted


def test_a_backup_restored_elsewhere_is_the_same(district, data_root):
    path = data_root / "one.dump"
    assert server.backup(district, path) == path.stat().st_size > 0
    other = Settings(data_dir=data_root / "server-restored")
    try:
        server.restore(other, path)
        assert names(other) == ["zhang"]
        with server.records(other) as engine, session_on(engine) as session:
            assert session.execute(text("SHOW timezone")).scalar_one() == "Asia/Shanghai"
    finally:
        Cluster(other.data_dir).stop()


def test_a_district_is_replaced_only_when_told_to(district, data_root):
    path = data_root / "two.dump"
    server.backup(district, path)
    with server.records(district) as engine:
        add_user(engine, "li")
    with pytest.raises(Refused, match="--replace"):
        server.restore(district, path)
    assert names(district) == ["li", "zhang"]
    server.restore(district, path, replace=True)
    assert names(district) == ["zhang"]


def test_a_file_that_is_no_backup_replaces_nothing(district, data_root):
    path = data_root / "junk.dump"
    path.write_text("junk")
    with pytest.raises(ClusterCommandFailed):
        server.restore(district, path, replace=True)
    assert names(district) == ["zhang"]


def test_a_named_server_is_not_started_or_stopped_from_here(settings):
    named = Settings(data_dir=settings.data_dir, database_url="postgresql://nobody@localhost/none")
    for verb in (server.start, server.stop):
        with pytest.raises(Refused, match="WANGGE_DATABASE_URL"):
            verb(named)


def test_a_named_server_is_backed_up_and_restored_too(district, data_root):
    path = data_root / "three.dump"
    with server.running(district):
        named = Settings(data_dir=district.data_dir, database_url=private_cluster(district).url("wangge"))
        server.backup(named, path)
        engine = open_engine(named)
        add_user(engine, "li")
        engine.dispose()
        server.restore(named, path, replace=True)
        assert names(named) == ["zhang"]
