"""A filter means the same rows as text, as JSON, and in plain Python."""

import re
import subprocess
import sys
from datetime import date

import pytest
import shapely
from filter_cases import COMPARISONS, JOINED, OTHERS, TIMES, op, p
from filters import asked, found, known, meant, stored
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
