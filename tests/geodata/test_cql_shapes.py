"""Geometries of filters that no filter can have."""

import pytest
from filters import asked
from refusing import refused

from geodata.queries.cql import condition
from geodata.record_errors import FilterRefused


@pytest.fixture(scope="module", autouse=True)
def warm():
    """What is loaded at the first filter is no part of any figure."""
    asked("S_INTERSECTS(geom, POINT(624160 3431699))", srid=4549)
    asked({"op": "s_intersects", "args": [{"property": "geom"}, {"bbox": [1, 2, 3, 4]}]})


# -- geometries -------------------------------------------------------------------------------------

GARDEN = [
    ("POLYGON((0 0,2 2,2 0,0 2,0 0))", "invalid"),
    ("POLYGON((0 0,9 0,9 9,0 9,0 0),(20 20,21 20,21 21,20 20))", "invalid"),
    ("POLYGON((0 0,0 0,0 0,0 0))", "invalid"),
    ("POLYGON((0 0,1 0,2 0,0 0))", "invalid"),
    ("POLYGON((0 0,1 0,1 1,0 1))", "open_ring"),
    ("POLYGON((0 0,1 0,0 0))", "few"),
    ("POLYGON((0 0))", "few"),
    ("POLYGON(0 0,1 0,1 1,0 0)", "position"),
    ("POLYGON((0 0,1 0,1 1 1 1,0 0))", "syntax"),
    ("LINESTRING(0 0)", "few"),
    ("LINESTRING(0 0,0 0)", "invalid"),
    ("LINESTRING((0 0,1 1))", "position"),
    ("POINT((1 2))", "position"),
    ("POINT(1 2,3 4)", "position"),
    ("POINT(1)", "syntax"),
    ("POINT()", "syntax"),
    ("POINT EMPTY", "syntax"),
    ("POINT M (1 2 3)", "operator"),
    ("SRID=4326;POINT(1 2)", "syntax"),
    ("MULTIPOINT(1 2,(3 4),((5 6)))", "position"),
    ("MULTIPOLYGON(((0 0,2 0,2 2,0 2,0 0)),((1 1,3 1,3 3,1 3,1 1)))", "invalid"),
    ("MULTIPOLYGON((0 0,1 0,1 1,0 0))", "position"),
    ("GEOMETRYCOLLECTION((0 0))", "position"),
    ("GEOMETRYCOLLECTION(POLYGON((0 0,2 2,2 0,0 2,0 0)))", "invalid"),
    ("POINT(181 31)", "place"),
    ("POINT(31 121)", "place"),
    ("POINT(1e308 0)", "place"),
    ("POINT(1e309 0)", "number"),
    ("POINT(NaN 0)", "syntax"),
    ("POINT(Infinity 0)", "syntax"),
    ("POINT(1.2.3 4)", "sign"),
    ("POINT(1-2)", "arithmetic"),
    ("CIRCULARSTRING(0 0,1 1,2 2)", "operator"),
    ("BBOX(1,2,3)", "box"),
    ("BBOX(1,2,3,4,5)", "box"),
    ("BBOX(1,5,3,4)", "box"),
    ("BBOX(1,2,3,91)", "place"),
    ("BBOX(1,2,3,NaN)", "syntax"),
    ("BBOX('1','2','3','4')", "syntax"),
]


@pytest.mark.parametrize(("shape", "word"), GARDEN)
def test_a_geometry_that_is_none_is_refused_with_the_reason(shape, word):
    assert refused(f"S_INTERSECTS(geom, {shape})").word == word


@pytest.mark.parametrize(
    ("shape", "word"),
    [
        ({"type": "Point"}, "form"),
        ({"type": "Point", "coordinates": None}, "form"),
        ({"type": "Point", "coordinates": []}, "position"),
        ({"type": "Point", "coordinates": [1]}, "position"),
        ({"type": "Point", "coordinates": [1, 2, 3, 4]}, "position"),
        ({"type": "Point", "coordinates": ["1", "2"]}, "position"),
        ({"type": "Point", "coordinates": [True, False]}, "position"),
        ({"type": "Point", "coordinates": [1, 2], "crs": {"type": "link"}}, "form"),
        ({"type": "Point", "geometries": []}, "form"),
        ({"type": "point", "coordinates": [1, 2]}, "form"),
        ({"type": ["Point"], "coordinates": [1, 2]}, "form"),
        ({"type": "Polygon", "coordinates": []}, "few"),
        ({"type": "Polygon", "coordinates": [[]]}, "few"),
        ({"type": "Polygon", "coordinates": [1, 2]}, "position"),
        ({"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], 5]]}, "position"),
        ({"type": "MultiPoint", "coordinates": []}, "few"),
        ({"type": "MultiPoint", "coordinates": {"a": 1}}, "form"),
        ({"type": "GeometryCollection", "geometries": []}, "few"),
        ({"type": "GeometryCollection", "geometries": [5]}, "form"),
        ({"type": "GeometryCollection", "geometries": [{"property": "geom"}]}, "form"),
        ({"type": "Feature", "geometry": {"type": "Point", "coordinates": [1, 2]}}, "form"),
        ({"bbox": "1,2,3,4"}, "box"),
        ({"bbox": [1, 2, 3]}, "box"),
        ({"bbox": [1, 2, 3, None]}, "box"),
        ({"bbox": [True, 2, 3, 4]}, "box"),
        ({"bbox": []}, "box"),
    ],
)
def test_a_geometry_of_json_that_is_none_is_refused_with_the_reason(shape, word):
    assert refused({"op": "s_intersects", "args": [{"property": "geom"}, shape]}).word == word


@pytest.mark.parametrize(
    ("shape", "srid", "is_yx", "told"),
    [
        ("POINT(121.4 31.1)", 4326, True, "121.4, 31.1 is no place on the globe in EPSG:4326; check the order"),
        ("POINT(121.4 31.1)", 4490, True, "121.4, 31.1 is no place on the globe in EPSG:4490"),
        ("POINT(1e9 1e9)", 4549, False, "is no place"),
        ("POINT(3e7 0)", 3857, False, "is no place"),
        ("POINT(1e300 0)", 3857, False, "is no place"),
        ("BBOX(3e7,0,4e7,1)", 3857, False, "is no place"),
        ("BBOX(624000,3431000,623000,3432000)", 4549, False, "a box has four numbers"),
        ("LINESTRING(0 0,20000000 0)", 3857, False, "more than 5000 km in all"),
        ("POLYGON((0 0,20000000 0,20000000 20000000,0 20000000,0 0))", 3857, False, "more than 5000 km in all"),
    ],
)
def test_a_place_that_is_none_in_its_crs_is_refused(shape, srid, is_yx, told):
    error = refused(f"S_INTERSECTS(geom, {shape})", srid=srid, is_yx=is_yx)
    with pytest.raises(FilterRefused, match=told):
        raise error


def test_bends_of_long_edges_are_counted_over_the_whole_filter():
    far = "S_INTERSECTS(geom, LINESTRING(0 0,4000000 0))"
    asked(far, srid=3857)
    assert refused(" OR ".join([far] * 64), srid=3857).word == "vertices"


def test_the_whole_world_is_a_box_in_web_mercator():
    asked("S_INTERSECTS(geom, BBOX(-20037508,-20037508,20037508,20037508))", srid=3857)


@pytest.mark.parametrize("relation", ["S_EQUALS", "S_TOUCHES", "S_CROSSES", "S_OVERLAPS", "S_WITHIN", "S_CONTAINS"])
def test_a_mixed_collection_is_refused_where_the_database_could_not_answer(relation):
    assert refused(f"{relation}(geom, GEOMETRYCOLLECTION(POINT(1 2),LINESTRING(3 4,5 6)))").word == "collection"


def test_names_of_the_catalogue_are_looked_at_too():
    from geodata.catalog.properties import Property  # noqa: PLC0415 - of this test alone

    bad = {"a": Property('a" OR 1=1 --', "text", "", "")}
    with pytest.raises(ValueError, match="no name of a column"):
        condition("a = 'x'", language="cql2-text", queryables=bad)
