"""A filter means the same rows as text, as JSON, and in plain Python."""

import operator
import re
import subprocess
import sys
from datetime import UTC, date, datetime

import pytest
import shapely
from filters import asked, both, either, fits, found, known, meant, midnight, negated, stored
from makers import add_areas, add_point, add_unit
from pyproj import Transformer
from sources import ROOT
from sqlalchemy import text

from geodata.catalog import COLLECTIONS, collection
from geodata.queries.cql import GEOMETRY_NAMES, condition
from geodata.queries.sources import source
from geodata.record_errors import FilterRefused


@pytest.fixture(scope="module")
def things(engine):
    with stored(engine) as session:
        yield session


def p(name):
    return {"property": name}


def op(name, *args):
    return {"op": name, "args": list(args)}


def casei(value):
    return op("casei", value)


def day(value):
    return {"date": value}


def moment(value):
    return {"timestamp": value}


def is_(name, rule, *others):
    """A rule of a column's value and others, for known values only."""
    return lambda row: known(rule, row[name], *others)


SECOND = date(2026, 3, 2)
NOON = datetime(2026, 3, 2, 6, 30, tzinfo=UTC)
ITS = "it's :name %(x)s"

IS_OPEN = {"op": "=", "args": [p("is_open"), True]}
IS_SHUT = {"op": "=", "args": [p("is_open"), False]}
NOT_OPEN = {"op": "<>", "args": [p("is_open"), True]}

COMPARISONS = [
    ("name = 'East Market'", op("=", p("name"), "East Market"), is_("name", operator.eq, "East Market")),
    ("name <> 'East Market'", op("<>", p("name"), "East Market"), is_("name", operator.ne, "East Market")),
    ("'East Market' = name", op("=", "East Market", p("name")), is_("name", operator.eq, "East Market")),
    ("name > 'a'", op(">", p("name"), "a"), is_("name", operator.gt, "a")),
    ("name <= '100%'", op("<=", p("name"), "100%"), is_("name", operator.le, "100%")),
    ("name = '东川路100号'", op("=", p("name"), "东川路100号"), is_("name", operator.eq, "东川路100号")),
    ("name='\U00020bb7野家'", op("=", p("name"), "\U00020bb7野家"), is_("name", operator.eq, "\U00020bb7野家")),
    ("name = 'O''Brien''s'", op("=", p("name"), "O'Brien's"), is_("name", operator.eq, "O'Brien's")),
    (r"name = 'O\'Brien\'s'", op("=", p("name"), "O'Brien's"), is_("name", operator.eq, "O'Brien's")),
    ("name = 'it''s :name %(x)s'", op("=", p("name"), ITS), is_("name", operator.eq, ITS)),
    ("name = ''", op("=", p("name"), ""), is_("name", operator.eq, "")),
    (r"name = 'a\b'", op("=", p("name"), "a\\b"), is_("name", operator.eq, "a\\b")),
    ("code = '0301'", op("=", p("code"), "0301"), is_("code", operator.eq, "0301")),
    ("\"code\" = '301'", op("=", p("code"), "301"), is_("code", operator.eq, "301")),
    ("name = nick", op("=", p("name"), p("nick")), lambda r: known(operator.eq, r["name"], r["nick"])),
    ("people = 5", op("=", p("people"), 5), is_("people", operator.eq, 5)),
    ("people >= -3", op(">=", p("people"), -3), is_("people", operator.ge, -3)),
    ("people < 3.5", op("<", p("people"), 3.5), is_("people", operator.lt, 3.5)),
    ("people < 1e3", op("<", p("people"), 1e3), is_("people", operator.lt, 1000)),
    ("people < 99999999999999999999", op("<", p("people"), 10**20 - 1), is_("people", operator.lt, 10**20 - 1)),
    ("people = places", op("=", p("people"), p("places")), lambda r: known(operator.eq, r["people"], r["places"])),
    ("people < share", op("<", p("people"), p("share")), lambda r: known(operator.lt, r["people"], r["share"])),
    ("share = .5", op("=", p("share"), 0.5), is_("share", operator.eq, 0.5)),
    ("share = 12", op("=", p("share"), 12), is_("share", operator.eq, 12)),
    ("share > +1E-10", op(">", p("share"), 1e-10), is_("share", operator.gt, 1e-10)),
    ("share < -2.", op("<", p("share"), -2), is_("share", operator.lt, -2)),
    ("is_open = TRUE", IS_OPEN, lambda r: r["is_open"]),
    ("is_open = false", IS_SHUT, lambda r: negated(r["is_open"])),
    ("is_open <> true", NOT_OPEN, lambda r: negated(r["is_open"])),
    ("1 = 1", op("=", 1, 1), lambda _r: True),
    ("'b' < 'a'", op("<", "b", "a"), lambda _r: False),
    ("TRUE", True, lambda _r: True),
    ("FALSE OR people = 5", {"op": "or", "args": [False, op("=", p("people"), 5)]}, is_("people", operator.eq, 5)),
]

TIMES = [
    ("held_on = DATE('2026-03-02')", op("=", p("held_on"), day("2026-03-02")), is_("held_on", operator.eq, SECOND)),
    ("held_on < '2026-03-02'", op("<", p("held_on"), "2026-03-02"), is_("held_on", operator.lt, SECOND)),
    (
        "held_on = date('2024-02-29')",
        op("=", p("held_on"), day("2024-02-29")),
        is_("held_on", operator.eq, date(2024, 2, 29)),
    ),
    (
        "held_at > TIMESTAMP('2026-03-02T06:30:00Z')",
        op(">", p("held_at"), moment("2026-03-02T06:30:00Z")),
        is_("held_at", operator.gt, NOON),
    ),
    (
        "held_at > '2026-03-02T14:30:00+08:00'",
        op(">", p("held_at"), "2026-03-02T14:30:00+08:00"),
        is_("held_at", operator.gt, NOON),
    ),
    (
        "held_at = TIMESTAMP('2026-03-02T06:30:00.5Z')",
        op("=", p("held_at"), moment("2026-03-02T06:30:00.5Z")),
        is_("held_at", operator.eq, NOON.replace(microsecond=500000)),
    ),
    (
        "held_at >= DATE('2026-03-02')",
        op(">=", p("held_at"), day("2026-03-02")),
        is_("held_at", operator.ge, midnight(SECOND)),
    ),
    ("held_at < '2026-03-02'", op("<", p("held_at"), "2026-03-02"), is_("held_at", operator.lt, midnight(SECOND))),
    (
        "held_on < TIMESTAMP('2026-03-01T16:00:00Z')",
        op("<", p("held_on"), moment("2026-03-01T16:00:00Z")),
        lambda r: known(lambda one: midnight(one) < midnight(SECOND), r["held_on"]),
    ),
    (
        "held_on < held_at",
        op("<", p("held_on"), p("held_at")),
        lambda r: known(lambda one, other: one < other, r["held_on"] and midnight(r["held_on"]), r["held_at"]),
    ),
    (
        "held_at BETWEEN DATE('2026-03-02') AND TIMESTAMP('2026-03-02T07:00:00Z')",
        op("between", p("held_at"), day("2026-03-02"), moment("2026-03-02T07:00:00Z")),
        is_("held_at", lambda one: midnight(SECOND) <= one <= datetime(2026, 3, 2, 7, tzinfo=UTC)),
    ),
    (
        "held_on IN (DATE('2026-03-01'), '2024-02-29')",
        op("in", p("held_on"), [day("2026-03-01"), "2024-02-29"]),
        is_("held_on", lambda one: one in {date(2026, 3, 1), date(2024, 2, 29)}),
    ),
    (
        "held_at IN (DATE('2026-03-02'), TIMESTAMP('2026-03-01T15:59:59Z'))",
        op("in", p("held_at"), [day("2026-03-02"), moment("2026-03-01T15:59:59Z")]),
        is_("held_at", lambda one: one <= midnight(SECOND)),
    ),
    ("held_on > '0001-01-01'", op(">", p("held_on"), "0001-01-01"), is_("held_on", operator.gt, date(1, 1, 1))),
]

OTHERS = [
    ("name LIKE 'East%'", op("like", p("name"), "East%"), lambda r: fits(r["name"], "East%")),
    ("name NOT LIKE 'East%'", op("not", op("like", p("name"), "East%")), lambda r: negated(fits(r["name"], "East%"))),
    ("name LIKE 'a_b'", op("like", p("name"), "a_b"), lambda r: fits(r["name"], "a_b")),
    (r"name LIKE 'a\_b'", op("like", p("name"), r"a\_b"), lambda r: fits(r["name"], r"a\_b")),
    (r"name LIKE '100\%'", op("like", p("name"), r"100\%"), lambda r: fits(r["name"], r"100\%")),
    (r"name LIKE 'a\\b'", op("like", p("name"), r"a\\b"), lambda r: fits(r["name"], r"a\\b")),
    (r"name LIKE '\\%'", op("like", p("name"), r"\\%"), lambda r: fits(r["name"], r"\\%")),
    ("name LIKE '_野家'", op("like", p("name"), "_野家"), lambda r: fits(r["name"], "_野家")),
    ("name LIKE '%''%'", op("like", p("name"), "%'%"), lambda r: fits(r["name"], "%'%")),
    ("name LIKE ''", op("like", p("name"), ""), lambda r: fits(r["name"], "")),
    ("name LIKE 'EAST%'", op("like", p("name"), "EAST%"), lambda _r: False),
    (
        "CASEI(name) LIKE casei('EAST%')",
        op("like", casei(p("name")), casei("EAST%")),
        lambda r: known(lambda one: one.lower().startswith("east"), r["name"]),
    ),
    (
        "CASEI(name) = CASEI('EAST MARKET')",
        op("=", casei(p("name")), casei("EAST MARKET")),
        lambda r: known(lambda one: one.lower() == "east market", r["name"]),
    ),
    (
        "CASEI(name) = 'EAST MARKET'",
        op("=", casei(p("name")), "EAST MARKET"),
        lambda r: known(lambda one: one.lower() == "east market", r["name"]),
    ),
    (
        "name = CASEI(nick)",
        op("=", p("name"), casei(p("nick"))),
        lambda r: known(lambda one, other: one.lower() == other.lower(), r["name"], r["nick"]),
    ),
    (
        "casei(name) in (casei('EAST MARKET'), 'AXB')",
        op("in", casei(p("name")), [casei("EAST MARKET"), "AXB"]),
        lambda r: known(lambda one: one.lower() in {"east market", "axb"}, r["name"]),
    ),
    ("people BETWEEN -3 AND 5", op("between", p("people"), -3, 5), is_("people", lambda one: -3 <= one <= 5)),
    (
        "people NOT BETWEEN 0 AND 5",
        op("not", op("between", p("people"), 0, 5)),
        is_("people", lambda one: not 0 <= one <= 5),
    ),
    (
        "share BETWEEN 0 AND places",
        op("between", p("share"), 0, p("places")),
        lambda r: both(known(operator.ge, r["share"], 0), known(operator.le, r["share"], r["places"])),
    ),
    (
        "code IN ('0301', '0508')",
        op("in", p("code"), ["0301", "0508"]),
        is_("code", lambda one: one in {"0301", "0508"}),
    ),
    (
        "people not in (5, 12.0)",
        op("not", op("in", p("people"), [5, 12.0])),
        is_("people", lambda one: one not in {5, 12}),
    ),
    (
        "nick IN (name, 'axb')",
        op("in", p("nick"), [p("name"), "axb"]),
        lambda r: either(known(operator.eq, r["nick"], r["name"]), known(operator.eq, r["nick"], "axb")),
    ),
    ("is_open IN (TRUE)", op("in", p("is_open"), [True]), lambda r: r["is_open"]),
    ("name IS NULL", op("isNull", p("name")), lambda r: r["name"] is None),
    ("held_at IS NOT NULL", op("not", op("isNull", p("held_at"))), lambda r: r["held_at"] is not None),
    ("geom IS NULL", op("isNull", p("geom")), lambda r: r["geom"] is None),
    ("CASEI(nick) IS NULL", op("isNull", casei(p("nick"))), lambda r: r["nick"] is None),
    ("'x' is null", op("isNull", "x"), lambda _r: False),
]

JOINED = [
    (
        "people = 5 OR code = '0301' AND is_open = TRUE",
        op("or", op("=", p("people"), 5), op("and", op("=", p("code"), "0301"), IS_OPEN)),
        lambda r: either(known(operator.eq, r["people"], 5), both(known(operator.eq, r["code"], "0301"), r["is_open"])),
    ),
    (
        "(people = 5 OR code = '0301') AND is_open = TRUE",
        op("and", op("or", op("=", p("people"), 5), op("=", p("code"), "0301")), IS_OPEN),
        lambda r: both(either(known(operator.eq, r["people"], 5), r["code"] == "0301"), r["is_open"]),
    ),
    (
        "not name = 'axb' and people > 0",
        op("and", op("not", op("=", p("name"), "axb")), op(">", p("people"), 0)),
        lambda r: both(known(operator.ne, r["name"], "axb"), known(operator.gt, r["people"], 0)),
    ),
    (
        "NOT (people > 0 AND share > 0)",
        op("not", op("and", op(">", p("people"), 0), op(">", p("share"), 0))),
        lambda r: negated(both(known(operator.gt, r["people"], 0), known(operator.gt, r["share"], 0))),
    ),
    (
        "NOT NOT is_open = TRUE",
        op("not", op("not", IS_OPEN)),
        lambda r: r["is_open"],
    ),
    (
        "people=0 or people=5 or people=12 or share is null",
        op("or", *(op("=", p("people"), n) for n in (0, 5, 12)), op("isNull", p("share"))),
        lambda r: either(known(lambda one: one in {0, 5, 12}, r["people"]), r["share"] is None),
    ),
    (
        "\n\tname\r\n=\t'axb'\nAnD(people>0)",
        op("and", op("=", p("name"), "axb"), op(">", p("people"), 0)),
        lambda r: both(known(operator.eq, r["name"], "axb"), known(operator.gt, r["people"], 0)),
    ),
]

SQUARE = "POLYGON((121.4 31.1,121.43 31.1,121.43 31.13,121.4 31.13,121.4 31.1))"
HOLED = (
    "POLYGON((121.3 31.0,121.5 31.0,121.5 31.2,121.3 31.2,121.3 31.0),"
    "(121.44 31.14,121.44 31.16,121.46 31.16,121.46 31.14,121.44 31.14))"
)
TWO = (
    "MULTIPOLYGON(((121.4 31.1,121.42 31.1,121.42 31.12,121.4 31.12,121.4 31.1)),"
    "((121.44 31.14,121.46 31.14,121.46 31.16,121.44 31.16,121.44 31.14)))"
)
RELATIONS = [
    ("S_INTERSECTS", "POINT(121.41 31.11)"),
    ("S_INTERSECTS", "point(121.41 31.11)"),
    ("S_INTERSECTS", "POINT Z (121.41 31.11 4)"),
    ("S_INTERSECTS", SQUARE),
    ("s_intersects", HOLED),
    ("S_INTERSECTS", TWO),
    ("S_INTERSECTS", "LINESTRING(121.4 31.1,121.45 31.15)"),
    ("S_INTERSECTS", "MULTILINESTRING((121.4 31.1,121.41 31.11),(121.45 31.14,121.45 31.17))"),
    ("S_INTERSECTS", "MULTIPOINT((121.41 31.11),(121.45 31.15))"),
    ("S_INTERSECTS", "MULTIPOINT(121.41 31.11,121.45 31.15)"),
    ("S_INTERSECTS", "GEOMETRYCOLLECTION(POINT(121.45 31.15),LINESTRING(121.43 31.1,121.43 31.12))"),
    ("S_DISJOINT", "GEOMETRYCOLLECTION(POINT(121.45 31.15),LINESTRING(121.43 31.1,121.43 31.12))"),
    (
        "S_WITHIN",
        f"GEOMETRYCOLLECTION({SQUARE},POLYGON((121.42 31.1,121.48 31.1,121.48 31.2,121.42 31.2,121.42 31.1)))",
    ),
    ("S_DISJOINT", SQUARE),
    ("S_EQUALS", "POINT(121.45 31.15)"),
    ("S_EQUALS", "POLYGON((121.42 31.12,121.4 31.12,121.4 31.1,121.42 31.1,121.42 31.12))"),
    ("S_TOUCHES", "POINT(121.4 31.11)"),
    ("S_CROSSES", "LINESTRING(121.41 31.0,121.41 31.2)"),
    ("S_OVERLAPS", "POLYGON((121.41 31.11,121.43 31.11,121.43 31.13,121.41 31.13,121.41 31.11))"),
    ("S_WITHIN", SQUARE),
    ("S_CONTAINS", "POINT(121.45 31.15)"),
]


def geojson(wkt):
    return shapely.geometry.mapping(shapely.from_wkt(wkt.upper()))


@pytest.mark.parametrize(
    ("as_text", "as_json", "rule"),
    [pytest.param(*case, id=case[0]) for case in (*COMPARISONS, *TIMES, *OTHERS, *JOINED)],
)
def test_a_filter_means_the_same_rows_in_text_json_and_python(things, as_text, as_json, rule):
    assert found(things, as_text) == meant(rule)
    assert found(things, as_json) == meant(rule)


def test_the_rows_tell_most_filters_apart(things):
    """Only those that are meant to find nothing, or everything, do."""
    counts = {case[0]: len(meant(case[2])) for case in (*COMPARISONS, *TIMES, *OTHERS, *JOINED)}
    assert len(counts) >= 60
    same = {one for one, count in counts.items() if count in {0, 40}}
    assert same == {"1 = 1", "'b' < 'a'", "TRUE", "name LIKE 'EAST%'", "'x' is null"}


@pytest.mark.parametrize(("relation", "wkt"), RELATIONS)
def test_geometries_are_related_as_shapely_relates_them(things, relation, wkt):
    other = shapely.union_all([shapely.from_wkt(wkt.upper())])
    rule = getattr(shapely, relation.lower().removeprefix("s_"))
    wanted = meant(lambda row: known(lambda one: rule(one, other), row["geom"]))
    assert 0 < len(wanted) < 40
    assert found(things, f"{relation}(geom, {wkt})") == wanted
    assert found(things, op(relation.lower(), p("geometry"), geojson(wkt))) == wanted


def test_the_geometry_may_stand_on_the_other_side(things):
    wanted = meant(lambda row: known(lambda one: one.contains(shapely.Point(121.45, 31.15)), row["geom"]))
    assert found(things, "S_WITHIN(POINT(121.45 31.15), geom)") == wanted
    assert found(things, "S_EQUALS(geom, geometry)") == meant(lambda row: row["geom"] is not None)
    assert len(found(things, f"S_INTERSECTS(POINT(121.41 31.11), {SQUARE})")) == 40


@pytest.mark.parametrize(
    ("corners", "wanted"),
    [
        pytest.param([121.4, 31.1, 121.42, 31.12], shapely.box(121.4, 31.1, 121.42, 31.12), id="a box"),
        pytest.param([121.4, 31.1, -9, 121.42, 31.12, 9], shapely.box(121.4, 31.1, 121.42, 31.12), id="with heights"),
        pytest.param([121.41, 31.11, 121.41, 31.11], shapely.Point(121.41, 31.11), id="no width, no height"),
        pytest.param([121.41, 31.0, 121.41, 31.2], shapely.LineString([(121.41, 31), (121.41, 31.2)]), id="no width"),
        pytest.param([121.44, 31.0, -170, 31.2], shapely.box(121.44, 31.0, 180, 31.2), id="across the antimeridian"),
        pytest.param([-180, -90, 180, 90], shapely.box(-180, -90, 180, 90), id="the globe"),
    ],
)
def test_a_box_is_the_area_within_it(things, corners, wanted):
    ids = meant(lambda row: known(wanted.intersects, row["geom"]))
    assert ids
    assert found(things, f"S_INTERSECTS(geom, BBOX({','.join(map(str, corners))}))") == ids
    assert found(things, op("s_intersects", p("geom"), {"bbox": corners})) == ids


@pytest.mark.parametrize(
    ("srid", "is_yx"),
    [(4326, False), (4326, True), (4490, True), (4490, False), (4549, True), (4549, False), (3857, False)],
)
def test_geometries_of_a_filter_may_be_in_another_crs(things, srid, is_yx):
    move = Transformer.from_crs(4326, srid, always_xy=True).transform

    def written(wkt):
        def turned(x, y):
            x, y = move(x, y)
            return (y, x) if is_yx else (x, y)

        return shapely.transform(shapely.from_wkt(wkt), turned, interleaved=False)

    # edges a little aside, so that no bit of rounding decides
    aside = "POLYGON((121.3991 31.0992,121.4307 31.0993,121.4309 31.1302,121.3993 31.1307,121.3991 31.0992))"
    wanted = meant(lambda row: known(shapely.from_wkt(aside).contains, row["geom"]))
    assert 0 < len(wanted) < 40
    how = {"srid": srid, "is_yx": is_yx}
    assert found(things, f"S_WITHIN(geom, {written(aside).wkt})", **how) == wanted
    assert found(things, op("s_within", p("geom"), shapely.geometry.mapping(written(aside))), **how) == wanted
    (a, b), (c, d) = shapely.get_coordinates(written("LINESTRING(121.3991 31.0992,121.4307 31.1302)")).tolist()
    assert found(things, f"S_WITHIN(geom, BBOX({a},{b},{c},{d}))", **how) == wanted


def test_a_long_edge_of_a_projected_crs_is_bent_as_it_is_on_the_ground(things):
    """At 40 km an edge along the same northing lies 19 m beside the straight one in degrees."""
    move = Transformer.from_crs(4326, 4549, always_xy=True)
    west, east = move.transform(121.2, 31.11)[0], move.transform(121.62, 31.11)[0]
    _x, y = move.transform(121.41, 31.11)
    near = f"POLYGON(({west} {y - 9000},{east} {y - 9000},{east} {y + 1},{west} {y + 1},{west} {y - 9000}))"
    short = near.replace(str(y + 1), str(y - 1))
    assert 0 in found(things, f"S_INTERSECTS(geom, {near})", srid=4549)
    assert 0 not in found(things, f"S_INTERSECTS(geom, {short})", srid=4549)


def test_values_are_bound_and_no_word_of_a_filter_is_in_the_sql():
    where = asked("name = 'secret' AND people IN (7, 8) AND held_on < '2026-03-02'", prefix="own")
    assert where.text == (
        '((s."name" = CAST(:own_0 AS text)) AND (s."people" IN (CAST(:own_1 AS bigint), CAST(:own_2 AS bigint)))'
        ' AND (s."held_on" < CAST(:own_3 AS date)))'
    )
    assert where.values == {"own_0": "secret", "own_1": 7, "own_2": 8, "own_3": date(2026, 3, 2)}


def test_a_filter_goes_through_copy_as_well(things):
    """Exports are sent by the driver itself, which writes values into the statement."""
    filter_ = f"S_INTERSECTS(geom, {SQUARE}) AND name <> '100%' AND held_at > '2026-01-01' AND is_open = TRUE"
    where = asked(filter_)
    connection = things.connection()
    statement = text(f"SELECT s.id FROM thing AS s WHERE {where.text} ORDER BY s.id").compile(
        dialect=connection.dialect
    )
    driver = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY ({statement}) TO STDOUT", where.values) as copy:
        ids = [int(bytes(row)) for row in copy]
    assert ids
    assert ids == found(things, filter_)


@pytest.mark.parametrize("collection_id", [one.id for one in COLLECTIONS])
def test_every_property_of_every_collection_can_be_asked_for(session, collection_id):
    add_areas(session)
    queryables = {one.name: one for one in collection(collection_id).properties}
    assert not queryables.keys() & set(GEOMETRY_NAMES)
    values = {"text": "'x'", "integer": "5", "number": "0.5", "boolean": "TRUE", "date": "'2026-03-02'"}
    values["datetime"] = values["date"]
    parts = [f'"{one.name}" = {values[one.kind]} OR "{one.name}" IS NULL' for one in queryables.values()]
    for part in ("S_INTERSECTS(geom, BBOX(121,31,122,32)) OR geom IS NULL", *parts):
        where = condition(part, language="cql2-text", queryables=queryables)
        # registrations are handed in by whoever asks, as not everybody is told the same
        rows = text(f"SELECT count(*) FROM ({source(collection_id)}) AS s WHERE {where.text}")
        session.execute(rows, {**where.values, "told": "[]"})


def test_units_and_points_are_found_by_what_they_are(session):
    add_areas(session)
    add_unit(session, "U1", 0.5, 0.5, name="东川路物业", capacity=4, is_active=True, town_code="310112101000")
    add_unit(session, "U2", 2.5, 0.5, name="Market Hall", capacity=None, is_active=True, town_code="310112102000")
    add_unit(session, "U3", name="没有位置", capacity=9, is_active=False)
    add_point(session, "P1", 0.5, 0.5, radius_m=100.0)
    queryables = {one.name: one for one in collection("units").properties}

    def units(filter_):
        where = condition(filter_, language="cql2-text", queryables=queryables)
        rows = f"SELECT s.code FROM ({source('units')}) AS s WHERE {where.text} ORDER BY s.code"
        return list(session.scalars(text(rows), where.values))

    assert units("town_name = '西镇'") == ["U1"]
    assert units("casei(name) LIKE 'market%'") == ["U2"]
    assert units("capacity > 3 AND is_active = TRUE") == ["U1"]
    assert units("NOT capacity > 3") == []
    assert units("capacity IS NULL OR geom IS NULL") == ["U2", "U3"]
    assert units("S_INTERSECTS(geom, BBOX(121.40, 31.10, 121.42, 31.12))") == ["U1"]


def test_a_collection_without_geometry_has_none_to_ask_for():
    with pytest.raises(FilterRefused, match="there is no property 'geom'; it may be code, name"):
        asked("geom IS NULL", geometry=False)


@pytest.mark.parametrize(
    "moment_", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59.999999-23:59", "2026-03-02T06:30:00.000001-00:00"]
)
def test_moments_at_the_ends_of_the_calendar_reach_the_database(things, moment_):
    assert found(things, f"held_at = TIMESTAMP('{moment_}') AND held_on < '{moment_}'") == []
    assert found(things, f"held_at IN ('{moment_}', '9999-12-31')") == []


@pytest.mark.parametrize("relation", ["S_INTERSECTS", "S_WITHIN", "S_CONTAINS", "S_EQUALS", "S_TOUCHES"])
def test_a_place_is_found_by_the_index(things, relation):
    where = asked(f"{relation}(geom, {SQUARE}) AND name = 'axb'")
    with things.begin_nested() as undone:
        things.execute(text("CREATE INDEX ON thing USING gist (geom)"))
        things.execute(text("SET LOCAL enable_seqscan = off"))
        plan = "".join(things.scalars(text(f"EXPLAIN SELECT s.id FROM thing AS s WHERE {where.text}"), where.values))
        undone.rollback()
    assert "Index Cond" in plan


def examples(language):
    """What the guide shows between backquotes that is a filter."""
    guide = (ROOT / "docs" / language / "planner.md").read_text(encoding="utf-8")
    heading = {"en": "\n## Filters\n", "zh": "\n## 筛选条件\n"}[language]
    chapter = guide.partition(heading)[2].partition("\n## ")[0]
    spans = re.findall(r"`([^`]+)`", chapter)
    return [
        one.replace("(…)", "(0 0,1 0,1 1,0 0)")
        for one in spans
        if re.search(r" (LIKE|IN|IS|[<>=]+|BETWEEN) |^S_\w+\(|^{", one)
    ]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_guide_shows_filters_that_can_be_asked(language):
    queryables = {one.name: one for id_ in ("towns", "tickets", "units") for one in collection(id_).properties}
    shown = examples(language)
    assert len(shown) >= 18
    for example in shown:
        condition(example, language="cql2-json" if example.startswith("{") else "cql2-text", queryables=queryables)


def test_nothing_is_loaded_for_text_before_a_filter_is_read():
    """The command line starts without a parser that it does not need."""
    code = "import sys, geodata.queries.cql as c; print('lark' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 - our own words
    assert done.stdout.strip() == "False"
