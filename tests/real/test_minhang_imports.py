"""Minhang as published: towns in GCJ-02, villages of two years, stations in BD-09, places in three datums."""

from datetime import date

import pytest
import shapely
from sqlalchemy import func, select

from geodata.models import Area, GazetteerEntry, MemberUnit, ResponsibilityPoint
from geodata.queries.references import area_shapes
from geodata.queries.stamping import today
from geodata.services.imports import import_file
from geodata.services.stamps import check_stamps

pytestmark = pytest.mark.real

Y2013, Y2014, Y2023 = date(2013, 1, 1), date(2014, 1, 1), date(2023, 1, 1)


@pytest.fixture
def take(session, real_data):
    """A function that imports one of the real files."""
    return lambda kind, name, **options: import_file(session, kind, real_data / name, **options)


@pytest.fixture
def towns(take):
    """The 14 towns, taken in."""
    return take("areas", "minhang-boundaries/minhang_towns_gcj02.geojson", level="town", datum="gcj02")


def note(report, word):
    return next(note for note in report.notes if note.word == word)


def km2(session, level="town"):
    return session.scalar(select(func.sum(Area.area_m2)).where(Area.level == level)) / 1e6


def test_fourteen_towns_are_the_district(session, towns):
    assert (towns.stored, towns.problems) == (14, [])
    assert km2(session) == pytest.approx(372.79, abs=0.05)
    assert km2(session, "district") == pytest.approx(372.79, abs=0.05)
    assert "overlaps" not in towns.words()
    assert note(towns, "gaps").facts["count"] == 1
    assert note(towns, "gaps").facts["hectares"] == pytest.approx(2.1, abs=0.2)


def test_the_towns_again_change_nothing(take, towns):
    again = take("areas", "minhang-boundaries/minhang_towns_gcj02.geojson", level="town", datum="gcj02")
    assert (again.stored, again.changed, again.unchanged) == (0, 0, 14)


def test_the_open_rings_give_the_same_areas_after_reported_repairs(session, take, towns):
    day = today(session)
    before = area_shapes(session, "town", day)
    report = take("areas", "minhang-boundaries/minhang_towns_source_open_rings.geojson", level="town", datum="gcj02")
    assert (report.stored, report.bad) == (0, 0)
    assert report.changed + report.unchanged == 14
    closed = [repair for repair in report.repairs if repair.what == "ring_closed"]
    assert {repair.row for repair in closed} == set(range(1, 15))
    after = area_shapes(session, "town", day)
    assert all(shapely.equals(before[code], after[code]) for code in before)
    assert km2(session) == pytest.approx(372.79, abs=0.05)


def test_the_towns_read_in_another_datum_lie_half_a_kilometre_away(session, take, towns):
    west = select(func.min(func.ST_XMin(Area.geom))).where(Area.level == "town")
    right = session.scalar(west)
    take("areas", "minhang-boundaries/minhang_towns_gcj02.geojson", level="town", datum="wgs84")
    assert session.scalar(west) - right == pytest.approx(0.0045, abs=0.0003)


def test_villages_of_2023_join_their_towns_without_boundary(session, take, towns):
    report = take("areas", "minhang-villages/minhang_villages_2023.csv", level="village", valid_from=Y2023)
    assert (report.stored, report.problems) == (596, [])
    assert note(report, "parents").facts == {"column": 596}
    assert note(report, "boundary_missing").facts == {"count": 596}
    parents = select(Area.parent_code).where(Area.level == "village").distinct()
    assert len(session.scalars(parents).all()) == 14
    assert "parents_made" not in report.words()


def test_villages_of_2013_are_an_earlier_generation_without_pujin(session, take):
    boundaries = "minhang-boundaries/minhang_towns_gcj02.geojson"
    take("areas", boundaries, level="town", datum="gcj02", valid_from=Y2014)
    take("areas", "minhang-villages/minhang_villages_2023.csv", level="village", valid_from=Y2023)
    report = take("areas", "minhang-villages/minhang_villages_2013.csv", level="village", valid_from=Y2013)
    assert (report.stored, report.problems) == (540, [])
    assert note(report, "parents_made").facts["count"] == 13
    then = select(Area.name).where(Area.level == "town", Area.valid_from == Y2013)
    assert "浦锦街道" not in session.scalars(then).all()
    spells = (
        select(Area.level, Area.valid_from, Area.valid_to, func.count())
        .where(Area.level != "district")
        .group_by(Area.level, Area.valid_from, Area.valid_to)
        .order_by(Area.level, Area.valid_from)
    )
    assert [tuple(row) for row in session.execute(spells)] == [
        ("town", Y2013, Y2014, 13),
        ("town", Y2014, None, 14),
        ("village", Y2013, Y2023, 540),
        ("village", Y2023, None, 596),
    ]


@pytest.mark.usefixtures("towns")
def test_sixty_four_stations_lie_in_the_district(session, take):
    report = take("units", "minhang-points/energy_stations_bd09.csv", datum="bd09", mapping={"kind": "=station"})
    assert (report.stored, report.problems, report.refused) == (64, [], None)
    own = report.verdict.weight(report.verdict.declared)
    assert (own.inside, own.inside_of) == (64, 64)
    assert not report.verdict.contradicts
    assert own.named == own.named_of - len([1 for n in report.notes if n.word == "address_elsewhere"])
    assert session.scalar(select(func.count()).where(MemberUnit.town_code.is_not(None))) == 64
    assert check_stamps(session) == []


@pytest.mark.usefixtures("towns")
def test_stations_declared_as_wgs84_are_refused_and_the_reason_told(session, take):
    report = take("units", "minhang-points/energy_stations_bd09.csv", datum="wgs84", mapping={"kind": "=station"})
    weights = {weight.datum.name: (weight.inside, weight.inside_of) for weight in report.verdict.weights}
    assert (weights["wgs84"], weights["bd09"]) == ((57, 64), (64, 64))
    assert report.verdict.contradicts
    assert report.verdict.best.name == "bd09"
    assert "look like BD-09" in report.refused
    assert session.scalar(select(func.count()).select_from(MemberUnit)) == 0


@pytest.mark.usefixtures("towns")
def test_the_places_alone_tell_bd09_without_the_headings(session, take, real_data, tmp_path):
    plain = (real_data / "minhang-points/energy_stations_bd09.csv").read_text("utf-8").replace("_bd09", "")
    path = tmp_path / "stations.csv"
    path.write_text(plain, "utf-8")
    report = import_file(session, "units", path, datum="wgs84")
    assert "Declared as WGS 84, but the positions look like BD-09" in report.refused
    assert import_file(session, "units", path, datum="bd09").refused is None


@pytest.mark.usefixtures("towns")
def test_estates_as_points(session, take):
    report = take("points", "minhang-points/rental_estates_gcj02.csv", datum="gcj02")
    assert (report.stored, report.problems, report.refused) == (311, [], None)
    outside = session.scalar(select(func.count()).where(ResponsibilityPoint.town_code.is_(None)))
    assert outside <= 3
    again = take("points", "minhang-points/rental_estates_gcj02.csv", datum="gcj02")
    assert again.unchanged == 311


@pytest.mark.usefixtures("towns")
def test_metro_and_bus_stops_as_gazetteer(session, take):
    metro = take("gazetteer", "minhang-points/metro_stations_gcj02.csv", datum="gcj02")
    assert (metro.rows, metro.problems, metro.refused) == (594, [], None)
    assert metro.stored + note(metro, "duplicates").facts["count"] == 594
    bus = take("gazetteer", "minhang-points/bus_stops_wgs84.csv", datum="wgs84")
    assert (bus.rows, bus.problems, bus.refused) == (544, [], None)
    crossings = select(func.count()).where(GazetteerEntry.kind == "crossing")
    assert session.scalar(crossings) > 200
    coarse = session.scalars(
        select(GazetteerEntry.accuracy_m).where(GazetteerEntry.source == "bus_stops_wgs84").distinct()
    ).one()
    assert coarse == pytest.approx(48, abs=2)  # longitude to a thousandth of a degree
    assert take("gazetteer", "minhang-points/bus_stops_wgs84.csv", datum="wgs84").unchanged == bus.stored
