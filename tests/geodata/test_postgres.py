"""Which PostgreSQL is taken, and how its programs are run."""

from pathlib import Path

import pytest

from geodata.cluster_errors import ClusterCommandFailed, PostgresMissing
from geodata.postgres import Binaries, find_binaries, run_as, server_account


def make_installation(folder, *, version, extensions=("postgis", "pg_trgm")):
    """A folder that looks like an installation, for choosing only."""
    programs = folder / str(version) / "bin"
    share = folder / str(version) / "share" / "extension"
    programs.mkdir(parents=True)
    share.mkdir(parents=True)
    for name in ("initdb", "pg_ctl", "createdb", "dropdb"):
        (programs / name).write_text("#!/bin/sh\n")
    (programs / "postgres").write_text(f"#!/bin/sh\necho 'postgres (PostgreSQL) {version}.3 (Some 1.2)'\n")
    (programs / "pg_config").write_text(f"#!/bin/sh\necho '{share.parent}'\n")
    for program in programs.iterdir():
        program.chmod(0o755)
    for name in extensions:
        (share / f"{name}.control").write_text("")
    return programs


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    """The only place where installations are looked for."""
    monkeypatch.setattr("geodata.postgres._FOLDER_PATTERNS", ((str(tmp_path), "*/bin"),))
    return tmp_path


def test_the_newest_with_postgis_is_taken(shelf):
    make_installation(shelf, version=9)
    middle = make_installation(shelf, version=15)
    make_installation(shelf, version=17, extensions=["pg_trgm"])
    assert find_binaries(env={}) == Binaries(middle, 15)


def test_the_version_asked_for_is_taken(shelf):
    older = make_installation(shelf, version=14)
    make_installation(shelf, version=15)
    assert find_binaries(14, env={}).folder == older


def test_what_is_on_the_path_comes_before_the_usual_folders(shelf, tmp_path_factory):
    own = make_installation(tmp_path_factory.mktemp("own"), version=14)
    make_installation(shelf, version=15)
    assert find_binaries(env={"PATH": str(own)}).folder == own


def test_the_folder_named_is_the_only_one_looked_at(shelf, tmp_path):
    make_installation(shelf, version=15)
    with pytest.raises(PostgresMissing, match="no initdb") as refusal:
        find_binaries(env={"WANGGE_PG_BIN": str(tmp_path)})
    assert refusal.value.looked == (f"{tmp_path}: no initdb",)


def test_nothing_found_names_the_package_to_install(shelf):
    make_installation(shelf, version=15, extensions=[])
    with pytest.raises(PostgresMissing, match=r"15 without postgis.*postgresql-NN-postgis-3"):
        find_binaries(env={})


def test_a_command_that_hangs_is_ended(tmp_path):
    account = server_account(tmp_path / "absent")
    with pytest.raises(ClusterCommandFailed, match="not done after 0 s"):
        run_as(account, ["/bin/sh", "-c", "exec tail -f /dev/null"], cwd=Path("/"), limit_s=0.2)
