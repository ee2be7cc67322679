"""Features as they are sent to be stored: their types, their JSON, their outlines."""

import json

import pytest
from editing import FIRST, GEOJSON, PATCH, SECOND, as_read, fill, point
from makers import at

FILLED_BY = {"filled_ground": fill}


# --- what is sent --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "kind", "status"),
    [
        ("POST", "blocks/items", "text/plain", 415),
        ("POST", "blocks/items", PATCH, 415),
        ("POST", "blocks/items", "application/x-www-form-urlencoded", 415),
        ("PUT", "blocks/items/B001", "application/gml+xml", 415),
        ("PATCH", "blocks/items/B001", GEOJSON, 415),
        ("PATCH", "blocks/items/B001", "application/json", 415),
        ("PUT", "blocks/items/B001", "application/geo+json; charset=utf-8", 422),
        ("PUT", "blocks/items/B001", "application/json", 422),
    ],
)
def test_the_type_of_what_is_sent(send, method, path, kind, status):
    assert send(method, path, "{}", kind=kind, match="*").status_code == status


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        "null",
        '"x"',
        "[" * 100_000,
        '{"a":' * 100_000,
        "[" * 100_000 + "]" * 100_000,
        '{"type":"Feature","type":"Feature"}',
        '{"geometry":{"type":"Point","coordinates":[NaN,1]}}',
        '{"geometry":{"type":"Point","coordinates":[1e999,1]}}',
        '{"geometry":{"type":"Point","coordinates":[Infinity,1]}}',
        '{"properties":{"name":"\\ud800"}}',
        b"\xff\xfe{}",
        b"\x00",
    ],
)
@pytest.mark.parametrize(("method", "path"), [("POST", "blocks/items"), ("PATCH", "points/items/P001")])
def test_s3_what_is_no_json_is_400(send, method, path, body):
    answer = send(method, path, body, match="*")
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")


def test_what_is_too_large_is_413(send):
    assert send("POST", "blocks/items", b" " * (3 * 1024 * 1024)).status_code == 413


def ring(*corners):
    return [list(at(*corner)) for corner in corners]


def polygon(*rings):
    return {"type": "Polygon", "coordinates": list(rings)}


SQUARE = ring((1, 0), (2, 0), (2, 2), (1, 2), (1, 0))
GARDEN = {
    "bow tie": polygon(ring((1, 0), (2, 2), (2, 0), (1, 2), (1, 0))),
    "hole outside": polygon(SQUARE, ring((3, 0), (3.5, 0), (3.5, 1), (3, 0))),
    "hole over the edge": polygon(SQUARE, ring((1.5, 0.5), (2.5, 0.5), (2.5, 1), (1.5, 0.5))),
    "two points": polygon(ring((1, 0), (2, 0), (1, 0))),
    "one point": polygon(ring((1, 0))),
    "no area": polygon(ring((1, 0), (2, 0), (1.5, 0), (1, 0))),
    "empty": {"type": "Polygon", "coordinates": []},
    "empty ring": polygon([]),
    "empty of many": {"type": "MultiPolygon", "coordinates": []},
    "no coordinates": {"type": "Polygon"},
    "null coordinates": {"type": "Polygon", "coordinates": None},
    "text": polygon([["a", "b"], ["c", "d"], ["e", "f"], ["a", "b"]]),
    "bools": polygon([[True, False], [False, True], [True, True], [True, False]]),
    "numbers": {"type": "Polygon", "coordinates": [1, 2, 3]},
    "deep": {"type": "Polygon", "coordinates": [[[[1, 2]]]]},
    "one number": polygon([[1], [2], [3], [1]]),
    "huge": polygon([[1e308, 1], [1, 1e308], [2, 2], [1e308, 1]]),
    "a point": point(1.5, 1),
    "a line": {"type": "LineString", "coordinates": SQUARE},
    "a collection": {"type": "GeometryCollection", "geometries": [polygon(SQUARE)]},
    "nested collections": {
        "type": "GeometryCollection",
        "geometries": [{"type": "GeometryCollection", "geometries": []}],
    },
    "no type": {"coordinates": [SQUARE]},
    "a list as type": {"type": ["Polygon"], "coordinates": [SQUARE]},
    "no object": "Polygon",
    "a list": [SQUARE],
    "the other order": polygon([[lat, lon] for lon, lat in SQUARE]),
    "elsewhere": polygon([[lon - 100, lat] for lon, lat in SQUARE]),
    "around the back": polygon([[179, 31], [-179, 31], [-179, 32], [179, 31]]),
    "around the pole": polygon([[-180, 80], [180, 80], [180, 90], [-180, 90], [-180, 80]]),
    "many corners": polygon([list(at(1 + step / 20_001, step % 2)) for step in range(20_001)] + [list(at(1, 0))]),
    "over itself": {"type": "MultiPolygon", "coordinates": [[SQUARE], [SQUARE]]},
}


@pytest.mark.parametrize("name", GARDEN)
@pytest.mark.parametrize("path", ["blocks/items/B002", f"villages/items/{SECOND}", f"grid_cells/items/{FIRST}002"])
def test_s11_what_is_no_outline_is_refused_and_says_why(send, records, path, name):
    before = send("GET", path).text
    answer = send("PUT", path, {**as_read(send, path), "geometry": GARDEN[name]})
    assert answer.status_code == 422, (name, answer.text)
    assert len(json.loads(answer.text)["detail"]) > 30
    assert send("GET", path).text == before


MENDED = {
    "spike": (polygon(ring((1, 0), (2, 0), (2, 1), (2.0, 1.5), (2, 1), (2, 2), (1, 2), (1, 0))), "spike"),
    "repeated": (polygon(ring((1, 0), (1, 0), (2, 0), (2, 2), (2, 2), (1, 2), (1, 0))), "duplicate"),
    "open": (polygon(ring((1, 0), (2, 0), (2, 2), (1, 2))), "open ring"),
    "heights": (polygon([[*corner, 4.0] for corner in SQUARE]), "heights"),
    "heights and more": (polygon([[*corner, 4.0, 5.0] for corner in SQUARE]), "heights"),
    "a sliver": (
        {"type": "MultiPolygon", "coordinates": [[SQUARE], [ring((2.5, 0.5), (2.500001, 0.5), (2.5, 0.500001))]]},
        "sliver",
    ),
    "the other way round": (polygon(SQUARE[::-1]), None),
}


@pytest.mark.parametrize("name", MENDED)
def test_s11_what_is_mended_keeps_its_area_and_is_told(send, name):
    shape, word = MENDED[name]
    answer = send("PATCH", f"villages/items/{SECOND}", {"geometry": shape, "properties": {"name": "改"}})
    assert answer.status_code == 200, answer.text
    told = json.loads(answer.text)
    assert word is None or any(word in note for note in told["warnings"])
    whole = json.loads(send("GET", f"villages/items/{FIRST}").text)["properties"]["area_m2"]
    assert told["properties"]["area_m2"] == pytest.approx(whole, rel=1e-3)
