"""The datum of every shared file, told by the other files alone; nothing says it beforehand."""

import csv
import logging
from collections import Counter

import numpy as np
import pytest
from sqlalchemy.orm import Session

from geodata.db import session_on
from geodata.services.datum_detection import detect_file
from geodata.services.imports import import_file
from spatial.coordinates import Coordinates
from spatial.crs import Datum
from spatial.readings import Reading

pytestmark = pytest.mark.real

LOG = logging.getLogger(__name__)

TOWNS = "minhang-boundaries/minhang_towns_gcj02.geojson"
DISTRICT = "minhang-boundaries/minhang_district_gcj02.geojson"
STATIONS = "minhang-points/energy_stations_bd09.csv"
ESTATES = "minhang-points/rental_estates_gcj02.csv"
METRO = "minhang-points/metro_stations_gcj02.csv"
BUS = "minhang-points/bus_stops_wgs84.csv"
ELSEWHERE = "shanghai-stations/energy_stations_bd09_other_districts.csv"

# What each file is taken in as, and its datum.
KINDS = {
    TOWNS: ("areas", "gcj02", {"level": "town"}),
    DISTRICT: ("areas", "gcj02", {"level": "district"}),
    STATIONS: ("units", "bd09", {"mapping": {"kind": "=station"}}),
    ESTATES: ("points", "gcj02", {}),
    METRO: ("gazetteer", "gcj02", {}),
    BUS: ("gazetteer", "wgs84", {}),
    ELSEWHERE: ("units", "bd09", {"mapping": {"kind": "=station"}}),
}
EVIDENCE = (TOWNS, STATIONS, ESTATES, METRO, BUS)


@pytest.fixture(scope="module")
def informed(clone, real_data):
    """A function that gives a district with some of the files taken in, each in its true datum; made once."""
    known = {}

    def make(*names):
        if names not in known:
            engine = clone(name="闵行区")
            for name in names:
                kind, datum, options = KINDS[name]
                with session_on(engine) as session:
                    report = import_file(session, kind, real_data / name, datum=datum, skip_bad=True, **options)
                assert report.refused is None, report.refused
            known[names] = engine
        return known[names]

    return make


@pytest.fixture
def knowing(informed):
    """A function that gives a session on such a district, whose every trace is undone."""
    sessions = []

    def make(*names):
        sessions.append(Session(informed(*names)))
        return sessions[-1]

    yield make
    for session in sessions:
        session.rollback()
        session.close()


def all_but(name):
    left_out = {name, TOWNS} if name in {TOWNS, DISTRICT} else {name}
    return [one for one in EVIDENCE if one not in left_out]


@pytest.mark.parametrize(
    "name", [STATIONS, ESTATES, METRO, BUS, ELSEWHERE, TOWNS, DISTRICT], ids=lambda n: n.split("/")[1]
)
def test_the_datum_of_a_file_is_told_by_the_others(knowing, real_data, name):
    session = knowing(*all_but(name))
    found = detect_file(session, real_data / name)
    LOG.info("%s: lead %.1f nats; %s", name, found.detection.lead_nats, found.detection.says())
    assert found.detection.reading is not None, found.detection.says()
    assert (found.detection.reading.datum.name, found.detection.reading.is_plain) == (KINDS[name][1], True)


WRONG = [
    (name, datum)
    for name in KINDS
    for datum in ("wgs84", "gcj02", "bd09")
    if name != ELSEWHERE and datum != KINDS[name][1]
]


@pytest.mark.parametrize(("name", "wrong"), WRONG, ids=lambda v: v.split("/")[-1])
def test_a_wrong_datum_is_contradicted_and_nothing_is_stored(knowing, real_data, tmp_path, name, wrong):
    session = knowing(*all_but(name))
    kind, right, options = KINDS[name]
    path = tmp_path / name.split("/")[1]
    # the headings say it in most files, and must not help
    path.write_text((real_data / name).read_text("utf-8").replace(f"_{right}", ""), "utf-8")
    report = import_file(session, kind, path, datum=wrong, skip_bad=True, **options)
    LOG.info("%s as %s: %s", name, wrong, report.refused)
    assert report.refused is not None
    assert f"look like {Datum(right)}" in report.refused or f"looks like {Datum(right)}" in report.refused
    assert report.stored == 0


def flipped(path, datum, rows, to, target):
    """Some rows of a file with their positions written in another datum, under headings that say nothing."""
    with path.open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    lon, lat = f"lng_{datum}", f"lat_{datum}"
    chosen = [table[i] for i in rows]
    places = Coordinates([float(row[lon]) for row in chosen], [float(row[lat]) for row in chosen], Datum(datum))
    raw = places.to_wgs84().written_in(Datum(to))
    other = [name for name in table[0] if name not in {lon, lat} and "first_pass" not in name]
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*other, "lng", "lat"])
        for row, x, y in zip(chosen, raw.x, raw.y, strict=True):
            writer.writerow([*(row[name] for name in other), f"{x:.6f}", f"{y:.6f}"])
    return target


@pytest.mark.parametrize("name", [STATIONS, ESTATES, METRO, BUS, ELSEWHERE], ids=lambda n: n.split("/")[1])
def test_a_hidden_flip_of_a_few_real_rows_is_told_or_left_open(knowing, real_data, tmp_path, name):
    session = knowing(*all_but(name))
    path, datum = real_data / name, KINDS[name][1]
    count = len(path.read_text("utf-8").splitlines()) - 1
    rng = np.random.default_rng(1)
    for size in (5, 10, 20, 40):
        told = Counter()
        for to in ("wgs84", "gcj02", "bd09"):
            rows = rng.choice(count, size, replace=False)
            target = flipped(path, datum, rows, to, tmp_path / path.name)
            reading = detect_file(session, target).detection.reading
            told["open" if reading is None else reading == Reading(Datum(to))] += 1
        LOG.info("%s, %s rows: %s", path.name, size, dict(told))
        assert told[False] == 0
