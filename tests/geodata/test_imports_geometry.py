"""The geometry garden: shapes as they come, repaired with a report or refused with reason and place."""

import json

import files
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from geodata.formats import geojson
from geodata.models import Area
from geodata.queries.references import area_shapes
from geodata.queries.stamping import today
from geodata.services.imports import import_file
from spatial.crs import geodesic_area_m2

RING = files.ring(0, 0, 2, 2)
HOLE = files.ring(0.5, 0.5, 1, 1)[::-1]
BOX = {"type": "Polygon", "coordinates": [RING]}


def polygon(*rings):
    return {"type": "Polygon", "coordinates": [list(map(list, ring)) for ring in rings]}


def multi(*polygons):
    return {"type": "MultiPolygon", "coordinates": [one["coordinates"] for one in polygons]}


def collection(*members):
    return {"type": "GeometryCollection", "geometries": list(members)}


def at(*steps):
    """Positions from (east, north) pairs in hundredths of a degree."""
    return [[round(files.WEST + east / 100, 6), round(files.SOUTH + north / 100, 6)] for east, north in steps]


def take(session, tmp_path, geometry, **options):
    path = files.geojson(tmp_path / "towns.geojson", ({"code": "310112101000", "name": "西镇"}, geometry))
    return import_file(session, "areas", path, level="town", datum="wgs84", **options)


def stored(session):
    return area_shapes(session, "town", today(session))["310112101000"]


BOX_M2 = float(geodesic_area_m2([shapely.box(*at((0, 0))[0], *at((2, 2))[0])])[0])
HOLE_M2 = float(geodesic_area_m2([shapely.box(*at((0.5, 0.5))[0], *at((1, 1))[0])])[0])


@pytest.mark.parametrize(
    ("geometry", "repairs", "area_m2"),
    [
        pytest.param(BOX, [], BOX_M2, id="a box"),
        pytest.param(polygon(RING, HOLE), [], BOX_M2 - HOLE_M2, id="a hole"),
        pytest.param(polygon(RING[:-1]), ["ring_closed"], BOX_M2, id="a ring left open"),
        pytest.param(polygon(RING[::-1]), ["winding"], BOX_M2, id="clockwise"),
        pytest.param(polygon(RING, HOLE[::-1]), ["winding"], BOX_M2 - HOLE_M2, id="a hole counter-clockwise"),
        pytest.param(polygon([RING[0], *RING]), ["duplicate_vertex"], BOX_M2, id="a vertex twice"),
        pytest.param(
            polygon(at((0, 0), (2, 0), (2, 2), (2, 5), (2, 2), (0, 2), (0, 0))), ["spike"], BOX_M2, id="a spike"
        ),
        pytest.param(
            polygon(at((0, 0), (2, 2), (2, 0), (0, 2), (0, 0))), ["self_intersection"], BOX_M2 / 2, id="a bow-tie"
        ),
        pytest.param(polygon(RING, files.ring(5, 5, 6, 6)[::-1]), ["self_intersection"], None, id="a hole outside"),
        pytest.param(multi(BOX, BOX), ["self_intersection"], BOX_M2, id="a part twice"),
        pytest.param(multi(BOX, polygon(files.ring(3, 0, 3.0005, 0.0005))), ["sliver_dropped"], BOX_M2, id="a sliver"),
        pytest.param(polygon([[*position, 4.5] for position in RING]), ["z_dropped"], BOX_M2, id="heights"),
        pytest.param(
            polygon([[*position, 4.5, 1.0] for position in RING]), ["z_dropped"], BOX_M2, id="heights and measures"
        ),
        pytest.param(
            collection(BOX, {"type": "Point", "coordinates": RING[0]}),
            ["not_area_dropped"],
            BOX_M2,
            id="a point beside",
        ),
        pytest.param(
            collection(BOX, {"type": "LineString", "coordinates": RING}),
            ["not_area_dropped"],
            BOX_M2,
            id="a line beside",
        ),
        pytest.param(collection(collection(BOX)), [], BOX_M2, id="a collection in a collection"),
    ],
)
def test_a_shape_is_taken_and_every_repair_told(geometry, repairs, area_m2, session, tmp_path):
    report = take(session, tmp_path, geometry)
    assert (report.stored, report.problems) == (1, [])
    told = {repair.what for repair in report.repairs}
    assert set(repairs) <= told <= {*repairs, "winding"}  # mending may leave a ring to be turned
    assert {repair.row for repair in report.repairs} <= {1}
    kept = stored(session)
    assert kept.is_valid
    assert kept.geom_type == "MultiPolygon"
    assert all(part.exterior.is_ccw for part in kept.geoms)
    if area_m2 is not None:
        assert float(geodesic_area_m2([kept])[0]) == pytest.approx(area_m2, rel=1e-3)
        assert session.scalars(select(Area.area_m2).where(Area.level == "town")).one() == pytest.approx(
            area_m2, rel=1e-3
        )


@pytest.mark.parametrize(
    ("geometry", "reason"),
    [
        pytest.param(polygon(at((0, 0), (1, 1), (0, 0))), "at least three different vertices", id="two vertices"),
        pytest.param(polygon(at((0, 0), (1, 1))), "at least three different vertices", id="a line closed"),
        pytest.param(polygon([[0, 0]]), "three different vertices", id="one vertex"),
        pytest.param(polygon(at((0, 0), (1, 0), (2, 0), (0, 0))), "no area is left", id="no area"),
        pytest.param(
            polygon([[31.1, 121.4], [31.2, 121.4], [31.2, 121.5], [31.1, 121.4]]), "(31.1, 121.4)", id="swapped"
        ),
        pytest.param(polygon([[1e308, 1e308], [0, 1], [1, 1], [1e308, 1e308]]), "no place on the globe", id="huge"),
        pytest.param(polygon([[634100, 3443000], [634200, 3443000], [634200, 3443100]]), "no place", id="metres"),
        pytest.param({"type": "Point", "coordinates": [121.4, 31.1]}, "no area is left", id="a point"),
        pytest.param({"type": "LineString", "coordinates": RING}, "no area is left", id="a line"),
        pytest.param({"type": "Circle", "coordinates": [1, 2]}, "'Circle' is not a type", id="an unknown type"),
        pytest.param({"type": "Polygon", "coordinates": RING}, "a list is missing", id="a polygon one level short"),
        pytest.param({"type": "MultiPolygon", "coordinates": [RING]}, "a list is missing", id="a multi-polygon short"),
        pytest.param(multi(BOX) | {"type": "Polygon"}, "is not a position", id="a polygon one level deep"),
        pytest.param(polygon([["121", "31"], ["122", "31"], ["122", "32"]]), "is not a position", id="numbers as text"),
        pytest.param(polygon([[121], [122], [123]]), "is not a position", id="one number"),
        pytest.param(polygon([[None, None], [1, 1], [2, 2]]), "is not a position", id="nulls"),
        pytest.param(polygon([[True, 1], [1, 1], [2, 2]]), "is not a position", id="yes and no"),
        pytest.param({"type": "Polygon", "coordinates": "x"}, "a list is missing", id="text"),
        pytest.param({"type": "Polygon", "coordinates": {"a": 1}}, "a list is missing", id="an object"),
        pytest.param({"type": "GeometryCollection"}, "without a list of geometries", id="an empty collection"),
        pytest.param("POLYGON EMPTY", "is not a type", id="a text for a geometry"),
    ],
)
def test_a_hopeless_shape_is_a_problem_with_its_reason(geometry, reason, session, tmp_path):
    report = take(session, tmp_path, geometry)
    assert [(problem.row, problem.field) for problem in report.problems] == [(1, "geometry")]
    assert reason in report.problems[0].reason
    assert report.stored == 0


@pytest.mark.parametrize("kind", ["Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"])
def test_an_empty_shape_of_any_type_is_a_missing_boundary(kind, session, tmp_path):
    report = take(session, tmp_path, {"type": kind, "coordinates": []})
    assert (report.stored, report.problems) == (1, [])
    assert "boundary_missing" in report.words()


def test_one_bad_shape_does_not_hide_the_others(session, tmp_path):
    names = [{"code": f"3101121{i:02}000", "name": f"第{i}镇"} for i in range(4)]
    shapes = [BOX, polygon(at((0, 0), (1, 1))), polygon(RING[:-1]), {"type": "Point", "coordinates": [121.4, 31.1]}]
    path = files.geojson(tmp_path / "a.geojson", *zip(names, shapes, strict=True))
    report = import_file(session, "areas", path, level="town", datum="wgs84", skip_bad=True)
    assert [problem.row for problem in report.problems] == [2, 4]
    assert [repair.row for repair in report.repairs] == [3]
    assert report.stored == 2


def test_a_shape_that_crosses_the_antimeridian_lies_elsewhere(session, tmp_path):
    report = take(session, tmp_path, polygon([[179, 31], [-179, 31], [-179, 32], [179, 32], [179, 31]]))
    assert "far outside the area of EPSG:4549" in report.refused


def test_a_shape_around_the_pole_lies_elsewhere(session, tmp_path):
    report = take(session, tmp_path, polygon([[-180, 80], [180, 80], [180, 90], [-180, 90], [-180, 80]]))
    assert "far outside the area of EPSG:4549" in report.refused


def test_a_ring_of_many_vertices_is_taken(session, tmp_path):
    circle = shapely.Point(121.41, 31.11).buffer(0.01, quad_segs=50_000)
    report = take(session, tmp_path, json.loads(shapely.to_geojson(circle)))
    assert report.stored == 1


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=3),
        lambda inner: st.lists(inner, max_size=4),
        max_leaves=30,
    ),
    st.sampled_from(["Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"]),
)
@settings(max_examples=300)
def test_whatever_coordinates_come_a_table_comes_out(tmp_path_factory, coordinates, kind):
    path = tmp_path_factory.mktemp("any") / "a.geojson"
    files.geojson(path, ({"n": 1}, {"type": kind, "coordinates": coordinates}))
    read = geojson.read(path)
    assert len(read.rows) == 1
    assert (read.geometries[0] is not None) + len(read.faults) <= 1
