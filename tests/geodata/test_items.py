"""Pages of features: each once, in order, meant and told."""

import json
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pyproj
import pytest
import shapely
from makers import add_areas, add_point, add_unit, at, square
from sqlalchemy import text

from geodata.catalog import COLLECTIONS, collection
from geodata.models import Demand, Project
from geodata.queries.item_conditions import BoxIn, ItemFilter, Times
from geodata.queries.item_order import By
from geodata.queries.items import Item, Told, extent, item, matched, page, reworded
from geodata.queries.scope import Condition
from spatial.crs_uris import named, offered
from spatial.errors import NoSuchPlace

NOBODY = Told()
UNITS, PROJECTS, TOWNS = collection("units"), collection("projects"), collection("towns")


def keys(session, which, **asked):
    """Keys of all pages, one after another."""
    found, after = [], None
    while True:
        one = page(session, which, told=NOBODY, after=after, **{"limit": 3, **asked})
        assert len(one.items) <= 3
        found += [each.key for each in one.items]
        after = one.next
        if after is None:
            return found


def hit(session, which, **conditions):
    """Keys of what conditions leave."""
    return keys(session, which, asked=ItemFilter(**conditions))


def add_units(session, count=10):
    for number in range(count):
        add_unit(session, f"U{number:02}", 0.1 * number, 0.5, capacity=[None, 3, 1][number % 3])


def test_pages_follow_one_another_without_a_gap(session):
    add_units(session)
    first = page(session, UNITS, told=NOBODY, limit=4)
    assert [each.key for each in first.items] == ["U00", "U01", "U02", "U03"]
    assert first.next == ["U03"]
    assert keys(session, UNITS) == [f"U{number:02}" for number in range(10)]
    last = page(session, UNITS, told=NOBODY, limit=4, after=["U05"])
    assert ([each.key for each in last.items], last.next) == (["U06", "U07", "U08", "U09"], None)


def test_a_feature_is_its_key_its_place_and_its_properties(session):
    add_unit(session, "U𠮷", 0.25, 0.5, name='名"\\\n𠮷')
    (only,) = page(session, UNITS, told=NOBODY, limit=1).items
    lon, lat = at(0.25, 0.5)
    assert json.loads(only.geometry) == {"type": "Point", "coordinates": [pytest.approx(lon), pytest.approx(lat)]}
    assert json.loads(only.properties)["name"] == '名"\\\n𠮷'
    assert list(json.loads(only.properties)) == list(UNITS.names)


@pytest.mark.parametrize(
    ("told", "written"),
    [
        ("30", "30.0"),
        ("0.1", "0.1"),
        ("-3", "-3.0"),
        ("1234567.891", "1234567.891"),
        ("1e300", "1e+300"),
        (None, "null"),
    ],
)
def test_numbers_are_written_with_their_point_and_exactly(session, told, written):
    add_unit(session, "U1", 1, 1)
    session.execute(text("UPDATE member_unit SET accuracy_m = CAST(:told AS float8)"), {"told": told})
    (only,) = page(session, UNITS, told=NOBODY, limit=1).items
    assert f'"accuracy_m":{written},' in only.properties


@pytest.mark.parametrize(
    "by",
    [
        [By("capacity")],
        [By("capacity", is_down=True)],
        [By("capacity"), By("name", is_down=True)],
        [By("is_active"), By("capacity", is_down=True)],
        [By("code", is_down=True)],
        [By("code"), By("capacity")],
        [By("accuracy_m", is_down=True), By("capacity")],
    ],
    ids=lambda by: "-".join(f"{'-' if one.is_down else ''}{one.name}" for one in by),
)
def test_any_order_is_kept_over_pages_with_unknown_values_too(session, by):
    add_units(session, 11)
    session.execute(text("UPDATE member_unit SET accuracy_m = 0.1 WHERE code > 'U05'"))
    order = ", ".join(f"{one.name}{' DESC' if one.is_down else ''}" for one in by)
    expected = session.scalars(text(f"SELECT code FROM member_unit ORDER BY {order}, code")).all()
    assert keys(session, UNITS, by=by) == expected


def test_times_and_days_keep_their_order_over_pages(session):
    add_areas(session)
    for number in range(7):
        day = date(2026, 3, 1) + timedelta(days=number % 3)
        session.add(
            Project(code=f"P{number}", name="x", joint="welfare", stage="agreed", level="district", starts_on=day)
        )
    session.flush()
    assert keys(session, PROJECTS, by=[By("starts_on", is_down=True)]) == ["P2", "P5", "P1", "P4", "P0", "P3", "P6"]


def test_what_comes_and_goes_meanwhile_moves_nothing(session):
    add_units(session)
    first = page(session, UNITS, told=NOBODY, limit=4)
    session.execute(text("DELETE FROM member_unit WHERE code IN ('U00', 'U03')"))
    add_unit(session, "U005", 1, 1)
    rest = page(session, UNITS, told=NOBODY, limit=20, after=first.next)
    assert [each.key for each in rest.items] == [f"U{number:02}" for number in range(4, 10)]


@pytest.mark.parametrize("which", COLLECTIONS, ids=lambda one: one.id)
def test_every_collection_gives_pages_extents_and_counts(session, which):
    add_areas(session)
    found = page(session, which, told=NOBODY, limit=1000)
    assert len({each.key for each in found.items}) == len(found.items)
    assert matched(session, which, told=NOBODY, within_ms=2000) == len(found.items)
    extent(session, which, told=NOBODY)


# --- in a box --------------------------------------------------------------------------------------


def test_a_box_leaves_what_it_touches_and_what_has_no_place(session):
    for code, east in (("IN", 0.5), ("EDGE", 1.0), ("OUT", 1.5)):
        add_unit(session, code, east, 0.5)
    add_unit(session, "NOWHERE")
    (west, south), (east, north) = at(0, 0), at(1, 1)
    assert hit(session, UNITS, box=BoxIn(west, south, east, north)) == ["EDGE", "IN", "NOWHERE"]


def test_a_box_beside_a_bent_shape_does_not_touch_it(session):
    add_areas(session)
    bent = "ST_Difference(ST_GeomFromEWKT(:whole), ST_GeomFromEWKT(:rest))"
    session.execute(
        text(f"UPDATE area SET geom = ST_Multi({bent}) WHERE level = 'town'"),
        {"whole": square(0, 0, 4, 4), "rest": square(1, 1, 4, 4)},
    )
    (west, south), (east, north) = at(2, 2), at(3, 3)
    assert hit(session, TOWNS, box=BoxIn(west, south, east, north)) == []
    (west, south), (east, north) = at(0.5, 2), at(3, 3)
    assert hit(session, TOWNS, box=BoxIn(west, south, east, north)) == ["310112101000", "310112102000"]


def test_a_box_may_go_around_the_back_of_the_world(session):
    for code, lon in (("FIJI", 179.0), ("SAMOA", -172.0), ("HERE", 121.4)):
        add_unit(session, code, 1, 1)
        session.execute(
            text("UPDATE member_unit SET geom = ST_SetSRID(ST_MakePoint(:lon, -14), 4326) WHERE code = :code"),
            {"lon": lon, "code": code},
        )
    assert hit(session, UNITS, box=BoxIn(177.0, -65.0, -170.0, 70.0)) == ["FIJI", "SAMOA"]
    assert hit(session, UNITS, box=BoxIn(-180.0, -90.0, 180.0, -10.0)) == ["FIJI", "HERE", "SAMOA"]


@pytest.mark.parametrize("near", [True, False], ids=["by the index", "without"])
def test_a_box_in_metres_is_straight_in_metres(session, near):
    add_units(session)
    crs = named(4549)
    move = pyproj.Transformer.from_crs(4326, crs.srid, always_xy=True)
    (x0, y0), (x1, y1) = (move.transform(*at(east, 0.5)) for east in (0.15, 0.55))
    box = BoxIn(x0, y0 - 50, x1, y1 + 50, srid=4549, near=(121.0, 30.0, 122.0, 32.0) if near else None)
    assert hit(session, UNITS, box=box) == ["U02", "U03", "U04", "U05"]


# --- at a time ---------------------------------------------------------------------------------------


@pytest.fixture
def spans(session):
    """Projects of March, of April on, until March, and without days."""
    add_areas(session)
    days = {
        "MARCH": (date(2026, 3, 1), date(2026, 3, 31)),
        "SINCE": (date(2026, 4, 1), None),
        "UNTIL": (None, date(2026, 3, 10)),
        "EVER": (None, None),
    }
    for code, (starts, ends) in days.items():
        facts = {"name": code, "joint": "welfare", "stage": "agreed", "level": "district"}
        session.add(Project(code=code, starts_on=starts, ends_on=ends, **facts))
    session.flush()
    return session


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        (Times(since=datetime(2026, 3, 31, 4, tzinfo=UTC)), "EVER MARCH SINCE"),
        (Times(until=datetime(2026, 2, 1, tzinfo=UTC)), "EVER UNTIL"),
        (Times(since=datetime(2026, 3, 5, tzinfo=UTC), until=datetime(2026, 3, 6, tzinfo=UTC)), "EVER MARCH UNTIL"),
        # midnight of the district, in UTC: the first of April is not in March
        (
            Times(since=datetime(2026, 3, 30, 16, tzinfo=UTC), before=datetime(2026, 3, 31, 16, tzinfo=UTC)),
            "EVER MARCH",
        ),
        (Times(since=datetime(2026, 3, 31, 16, tzinfo=UTC), before=datetime(2026, 4, 1, 16, tzinfo=UTC)), "EVER SINCE"),
        (Times(), "EVER MARCH SINCE UNTIL"),
    ],
    ids=["since", "until", "both", "last day", "first day", "always"],
)
def test_a_period_leaves_what_it_touches_and_what_has_no_time(spans, times, expected):
    assert hit(spans, PROJECTS, times=times) == expected.split()


def test_times_of_a_collection_without_any_leave_everything(session):
    add_units(session, 2)
    assert hit(session, UNITS, times=Times(until=datetime(1990, 1, 1, tzinfo=UTC))) == ["U00", "U01"]


# --- with values -------------------------------------------------------------------------------------


def test_values_and_conditions_must_all_hold(session):
    add_units(session)
    by_name = {one.name: one for one in UNITS.properties}
    assert hit(session, UNITS, equals=[(by_name["capacity"], 3)]) == ["U01", "U04", "U07"]
    assert hit(session, UNITS, equals=[(by_name["capacity"], 3), (by_name["code"], "U04")]) == ["U04"]
    assert hit(session, UNITS, equals=[(by_name["is_active"], False)]) == []
    after = Condition("s.code > :code_0 OR s.code IS NULL", {"code_0": "U04"})
    assert hit(session, UNITS, equals=[(by_name["capacity"], 3)], condition=after) == ["U07"]


# --- one by one --------------------------------------------------------------------------------------


def test_one_feature_is_found_by_its_key(session):
    add_units(session)
    assert item(session, UNITS, "U03", told=NOBODY).key == "U03"
    assert item(session, UNITS, "U99", told=NOBODY) is None
    assert item(session, UNITS, "u03", told=NOBODY) is None


@pytest.mark.parametrize("key", ["x", "1 OR 1=1", "-1", "٣", "9" * 40, "1.0", ""])
def test_a_key_that_is_no_number_finds_nothing_among_numbers(session, key):
    assert item(session, collection("roads"), key, told=NOBODY) is None


def test_free_text_is_told_in_other_words():
    tickets = collection("tickets")
    one = item_of({"title": "打 13812345678", "address": None, "state": "filed"})
    told = json.loads(reworded(one, tickets.free_text, lambda said: said.replace("13812345678", "…")).properties)
    assert told == {"title": "打 …", "address": None, "state": "filed"}
    assert reworded(one, tickets.free_text, None) is one


def item_of(properties):
    return Item("T1", None, json.dumps(properties))


# --- in a CRS ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("crs", offered(32651), ids=lambda crs: crs.uri.rsplit("/", 1)[-1])
def test_coordinates_are_those_of_the_crs_in_its_own_order_to_a_tenth_of_a_millimetre(session, crs):
    add_areas(session)
    west = page(session, TOWNS, told=NOBODY, limit=5, crs=crs).items[0]
    rings = text("SELECT ST_AsBinary(ST_ForcePolygonCCW(geom)) FROM area WHERE code = :code")
    stored = shapely.from_wkb(bytes(session.scalar(rings, {"code": west.key})))
    xy, got = shapely.get_coordinates(stored), shapely.from_geojson(west.geometry)
    move = pyproj.Transformer.from_crs(4326, crs.srid, always_xy=True)
    x, y = move.transform(xy[:, 0], xy[:, 1])
    expected = np.column_stack((y, x) if crs.is_yx else (x, y))
    assert set(json.loads(west.geometry)) == {"type", "coordinates"}
    assert np.abs(shapely.get_coordinates(got) - expected).max() <= (1e-9 if crs.is_degrees else 1e-4)


def test_known_coordinates_of_the_three_degree_zone_are_northing_and_easting(session):
    add_unit(session, "U1", 1, 1)
    session.execute(text("UPDATE member_unit SET geom = ST_SetSRID(ST_MakePoint(121.3, 31.0), 4326)"))
    only = item(session, UNITS, "U1", told=NOBODY, crs=named(4549))
    assert json.loads(only.geometry)["coordinates"] == pytest.approx([3431699.86, 624160.58], abs=0.01)


def test_rings_turn_as_geojson_has_them(session):
    add_areas(session)
    session.execute(text("UPDATE area SET geom = ST_Multi(ST_ForcePolygonCW(geom)) WHERE geom IS NOT NULL"))
    for one in page(session, TOWNS, told=NOBODY, limit=5).items:
        for part in shapely.get_parts(shapely.from_geojson(one.geometry)):
            assert part.exterior.is_ccw


def test_a_place_that_a_crs_does_not_have_is_refused(session):
    add_unit(session, "FAR", 1, 1)
    # on the other side of the globe a transverse Mercator has no numbers near its rim
    session.execute(text("UPDATE member_unit SET geom = ST_SetSRID(ST_MakePoint(40, 0), 4326)"))
    assert item(session, UNITS, "FAR", told=NOBODY, crs=named(4549)).key == "FAR"
    session.begin_nested()
    with pytest.raises(NoSuchPlace, match="do not exist"):
        page(session, UNITS, told=NOBODY, limit=5, crs=named(32651))


# --- in all ------------------------------------------------------------------------------------------


def test_a_count_that_takes_too_long_is_left_out_and_harms_nothing(session):
    add_units(session, 3)
    slow = ItemFilter(condition=Condition("pg_sleep(0.2) IS NOT NULL", {}))
    assert matched(session, UNITS, told=NOBODY, asked=slow, within_ms=50) is None
    assert matched(session, UNITS, told=NOBODY, within_ms=2000) == 3
    assert session.scalar(text("SHOW statement_timeout")) != "50ms"


def test_an_extent_encloses_all_places_and_times(session):
    add_areas(session)
    add_point(session, "P1", 0.5, 1.5)
    add_point(session, "P2", 2.5, 0.5)
    (west, south), (east, north) = at(0.5, 0.5), at(2.5, 1.5)
    found = extent(session, collection("points"), told=NOBODY)
    assert found.box == pytest.approx((west, south, east, north))
    assert (found.begins, found.ends) == (None, None)
    needed = {"kind_code": session.scalar(text("SELECT code FROM resource_kind LIMIT 1")), "level": "town"}
    for code, start, end in (("D1", 3, 9), ("D2", 5, 20)):
        days = {"needed_from": date(2026, 3, start), "needed_until": date(2026, 3, end)}
        session.add(
            Demand(code=code, name=code, area_code="310112101000", state="open", posted_by="anna", **days, **needed)
        )
    session.flush()
    found = extent(session, collection("demands"), told=NOBODY)
    assert (found.begins.day, found.ends.day) == (3, 20)
    session.execute(text("UPDATE demand SET needed_until = NULL WHERE code = 'D1'"))
    assert extent(session, collection("demands"), told=NOBODY).ends is None
