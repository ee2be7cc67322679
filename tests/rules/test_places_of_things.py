"""Habits of the house that no linter knows."""

import ast
import re
import shutil
import subprocess
from functools import cache

import pytest
from sources import ROOT, of_each, where

SOURCES = sorted(p for package in ("spatial", "geodata", "webmap") for p in (ROOT / package).rglob("*.py"))

# The connection asks the database one thing before any query can run; migrations and models are the
# schema itself.
SQL_HOMES = ("geodata/queries/", "geodata/migrations/", "geodata/models/", "geodata/db.py")

STATEMENT = re.compile(r"\b(SELECT\s.+\sFROM|INSERT\s+INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM|COPY\s+\w+)\b", re.S)


@cache
def parsed(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def strings(tree):
    """String constants of a module that are not docstrings."""
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.value


@of_each([p for p in SOURCES if not where(p).startswith(SQL_HOMES)])
def test_sql_stands_only_in_the_queries(path):
    tree = parsed(path)
    assert [text for text in strings(tree) if STATEMENT.search(text)] == []
    called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    imported = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "sqlalchemy"
        for alias in node.names
    }
    assert "text" not in called & imported


@of_each([p for p in SOURCES if where(p) != "webmap/params.py"])
def test_query_strings_are_read_only_in_params(path):
    reads = [
        node.attr
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Attribute)
        and node.attr in {"args", "values", "query_string"}
        and isinstance(node.value, ast.Name)
        and node.value.id == "request"
    ]
    assert reads == []


@of_each([*SOURCES, *sorted((ROOT / "tests").rglob("*.py"))])
def test_nobody_takes_the_day_of_utc_for_the_districts(path):
    """East of Greenwich they differ for hours of every day: ask `clocks.day_of`, in tests `makers.today`."""
    assert not re.search(r"now\((UTC|tz=UTC|timezone\.utc)\)\.date\(", path.read_text(encoding="utf-8"))


@of_each(SOURCES)
def test_no_file_grows_without_end(path):
    lines = path.read_text(encoding="utf-8").count("\n")
    assert lines <= 450 or "/migrations/versions/" in where(path), f"{lines} lines: which noun is missing?"


@of_each(SOURCES)
def test_no_drawer_for_odds_and_ends(path):
    assert path.stem not in {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers"}


@of_each(SOURCES)
def test_an_error_is_never_swallowed(path):
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.ExceptHandler):
            broad = node.type is None or (
                isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"}
            )
            assert not (broad and all(isinstance(line, ast.Pass) for line in node.body)), node.lineno


FORBIDDEN = [
    # built from parts, so that this file does not hold what it looks for
    "/" + "work/main",
    "/" + "work/shared",
    "python" + "hosted.org",
    "py" + "pi.org",
    "registry." + "npmjs",
    "deb." + "debian.org",
    "/" + "tmp/bash_jobs",
]


@pytest.fixture(scope="module")
def tracked():
    git = shutil.which("git")
    assert git, "git is needed to know which files are tracked"
    listing = subprocess.run([git, "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)  # noqa: S603 - our words only
    names = listing.stdout.decode()
    return [ROOT / name for name in names.split("\0") if name and (ROOT / name).is_file()]


def test_no_tracked_file_names_a_machine_or_a_registry(tracked):
    assert len(tracked) > 50
    found = []
    for path in tracked:
        content = path.read_bytes()
        found += [(where(path), word) for word in FORBIDDEN if word.encode() in content]
    assert found == []


def test_no_tracked_file_is_large(tracked):
    assert [where(path) for path in tracked if path.stat().st_size > 400_000] == []


# What converts bare numbers, and so could convert them twice. `in_box` says where the shift applies and moves nothing.
RAW = {"spatial.conversion": set(), "spatial.decoding": set(), "spatial.gcj02": {"in_box"}}


@of_each([p for p in SOURCES if not where(p).startswith("spatial/")])
def test_coordinates_are_converted_by_their_type_alone(path):
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            assert not {alias.name for alias in node.names} & RAW.keys(), node.lineno
        if not isinstance(node, ast.ImportFrom):
            continue
        names = {alias.name for alias in node.names}
        assert names <= RAW.get(node.module or "", names), node.lineno
        if node.module == "spatial":
            assert not {f"spatial.{name}" for name in names} & RAW.keys(), node.lineno
        if node.module == "spatial.crs":
            assert not names & {"move", "pair", "on_globe"}, node.lineno
