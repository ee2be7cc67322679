"""The guide for connecting other programs: each of its commands is run, and gives what is stored."""

import csv
import io
import json
import re
import shlex
import shutil
import subprocess
import sys
from typing import NamedTuple

import openpyxl
import pytest
from gdal_programs import count_in, environment, gdal, read_frame
from servers import serving_apart
from sources import ROOT
from sqlalchemy import text

from geodata.db import session_on
from geodata.services import api_keys

GUIDES = {lang: (ROOT / "docs" / lang / "connect.md").read_text(encoding="utf-8") for lang in ("zh", "en")}
BLOCK = re.compile(r"^```(sh|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(language):
    return [(kind, code) for kind, code in BLOCK.findall(GUIDES[language])]


COMMANDS = [line for kind, code in blocks("en") if kind == "sh" for line in code.splitlines()]
SCRIPTS = [code for kind, code in blocks("en") if kind == "python"]


class Place(NamedTuple):
    """The made-up district on a server, a key for it, and how many of each there are."""

    host: str
    key: str
    counts: dict

    def of(self, command):
        """A command of the guide for this server."""
        return command.replace("HOST", self.host).replace("KEY", self.key)


COUNTS = text("""
    SELECT 'units', count(*) FROM member_unit
     UNION ALL SELECT 'units s', count(*) FROM member_unit WHERE kind LIKE 's%'
     UNION ALL SELECT 'schools', count(*) FROM member_unit WHERE kind = 'school'
     UNION ALL SELECT 'villages', count(*) FROM area WHERE level = 'village' AND valid_to IS NULL AND geom IS NOT NULL
     UNION ALL SELECT 'towns', count(*) FROM area WHERE level = 'town' AND valid_to IS NULL AND geom IS NOT NULL
     UNION ALL SELECT 'tickets', count(*) FROM ticket
     UNION ALL SELECT 'closed', count(*) FROM ticket WHERE state = 'closed'""")


@pytest.fixture(scope="module")
def place(made_up, tmp_path_factory):
    engine = made_up()
    with session_on(engine) as session:
        counts = dict(session.execute(COUNTS).all())
        assert all(counts.values())
        # the guide writes the code of Minhang where the made-up district has its own
        counts["district"] = session.scalar(text("SELECT code FROM area WHERE level = 'district'"))
        key = api_keys.issue(session, "planner", name="guide", scopes=("read",))[1]
    with serving_apart(engine, tmp_path_factory.mktemp("guide")) as url:
        yield Place(url.removeprefix("http://"), key, counts)


def test_both_guides_say_the_same_in_code():
    assert blocks("zh") == blocks("en")
    assert len(COMMANDS) > 8
    assert len(SCRIPTS) == 4


def run(place, command, folder):
    """What a command of the guide prints."""
    program, *words = shlex.split(place.of(command).replace("310112", place.counts["district"]))
    if program != "curl":
        return gdal(program, *words, cwd=folder)
    found = shutil.which("curl")
    assert found, "curl is missing"
    done = subprocess.run([found, *words], cwd=folder, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603 - as the guide says it
    assert done.returncode == 0, (command, done.stderr)
    return done.stdout


def rows(told):
    return len(list(csv.reader(io.StringIO(told)))) - 1


# What each command must show, by what it ends with: a measure of what it prints, and its value or the name of a count.
SHOWS = {
    "/ogc": (lambda told: "units (title" in told, True),
    "/ogc units": (count_in, "units"),
    '%25%27"': (count_in, "units s"),
    "discovery.json": (lambda told: len(json.loads(told)["endpoints"]) > 0, True),
    ".atom": (lambda told: "<entry>" in told, True),
    'application/json"': (lambda told: json.loads(told)["is_inside"], True),
    "towns.csv": (rows, "towns"),
    'KEY"': (rows, "tickets"),
    'kind=school"': (lambda told: json.loads(told)["numberMatched"], "schools"),
    "openapi.json": (lambda told: json.loads(told)["openapi"][:3], "3.0"),
}
FILES = ("ogr2ogr",)


@pytest.mark.parametrize("command", [line for line in COMMANDS if not line.startswith(FILES)])
def test_a_command_shows_what_is_stored(place, tmp_path, command):
    ((measure, expected),) = [shown for ending, shown in SHOWS.items() if command.endswith(ending)]
    assert measure(run(place, command, tmp_path)) == place.counts.get(expected, expected)


@pytest.mark.parametrize("command", [line for line in COMMANDS if line.startswith(FILES)])
def test_a_command_makes_a_file_of_what_is_stored(place, tmp_path, command):
    (tmp_path / "key.txt").write_text(f"Authorization: Bearer {place.key}\n")
    run(place, command, tmp_path)
    (made,) = set(tmp_path.iterdir()) - {tmp_path / "key.txt"}
    if made.suffix == ".gpkg":
        assert len(read_frame(made)) == place.counts["units"]
    else:
        assert openpyxl.load_workbook(made).active.max_row == place.counts["closed"] + 1


@pytest.mark.parametrize(
    ("script", "name"), list(zip(SCRIPTS, ("units", "villages", "tickets", "closed"), strict=True))
)
def test_a_script_counts_what_is_stored(place, tmp_path, script, name):
    done = subprocess.run(  # noqa: S603 - as the guide says it
        [sys.executable, "-c", place.of(script)],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) == place.counts[name]
