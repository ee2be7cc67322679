"""OpenStreetMap extracts: both forms read alike, and nothing but them passes."""

import numpy as np
import pytest
import shapely
from osm_files import osm_pbf, osm_xml

from geodata import formats
from geodata.formats import gdal, osm
from geodata.formats.errors import LayerNeeded, TooLarge, Unreadable, WrongFormat

NODES = {1: (121.40, 31.10), 2: (121.42, 31.10), 3: (121.42, 31.12), 4: (121.40, 31.12), 5: (121.41, 31.11)}
WAYS = [
    (10, [1, 2, 3], {"highway": "primary", "name": "春申路"}),
    (11, [1, 3, 1], {"highway": "residential"}),
    (12, [1, 2, 3, 1], {"building": "yes"}),
    (13, [1, 2, 3, 4, 1], {}),
    (14, [2, 3], {"barrier": "fence"}),
]
RELATIONS = [(20, [(13, "outer")], {"type": "multipolygon", "natural": "water", "water": "lake"})]


@pytest.fixture(params=["pbf", "osm"])
def extract(request, tmp_path):
    """The same small extract in each form."""
    if request.param == "pbf":
        return osm_pbf(tmp_path / "town.osm.pbf", NODES, WAYS, RELATIONS)
    return osm_xml(tmp_path / "town.osm", NODES, WAYS, RELATIONS)


def test_lines_and_areas_come_with_their_tags(extract):
    table = formats.read(extract)
    told = {row["id"]: {key: value for key, value in row.items() if value and key != "id"} for row in table.rows}
    assert told == {
        "way/10": {"name": "春申路", "highway": "primary"},
        "way/11": {"highway": "residential"},
        "relation/20": {"natural": "water", "water": "lake"},
        "way/12": {"building": "yes"},
    }
    shapes = {row["id"]: shape for row, shape in zip(table.rows, table.geometries, strict=True)}
    assert list(shapes["way/10"].coords) == [NODES[1], NODES[2], NODES[3]]
    assert shapes["relation/20"].geom_type == "MultiPolygon"
    assert table.fixed_datum == "wgs84"


def test_one_of_its_layers_can_be_named(extract):
    assert [row["id"] for row in formats.read(extract, layer="lines").rows] == ["way/10", "way/11"]
    with pytest.raises(LayerNeeded, match="multipolygons"):
        formats.read(extract, layer="points")


def test_a_file_without_anything_to_draw_is_empty(tmp_path):
    assert formats.read(osm_pbf(tmp_path / "a.osm.pbf", NODES)).rows == []


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param("a.pbf", b"\x00\x00\x00\x0d\x0a\x07OSMData", id="no header block"),
        pytest.param("a.pbf", b'<osm version="0.6"></osm>', id="XML that says it is packed"),
        pytest.param("a.osm", b'{"type":"FeatureCollection","features":[]}', id="GeoJSON"),
        pytest.param("a.osm", b"<gml><osm/></gml>", id="another document"),
        pytest.param("a.osm", b'<!DOCTYPE osm [<!ENTITY a "b">]><osm></osm>', id="entities"),
        pytest.param("a.osm", b'<!-- <osm --><!DOCTYPE osm [<!ENTITY a "b">]><osm></osm>', id="entities behind"),
        pytest.param("a.osm", '<osm version="0.6"></osm>'.encode("utf-16"), id="another encoding"),
        pytest.param("a.osm", b"", id="empty"),
    ],
)
def test_what_only_has_the_ending_is_refused(name, content, tmp_path):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(WrongFormat, match="OpenStreetMap"):
        formats.read(tmp_path / name)


def test_a_comment_before_the_root_is_fine(tmp_path):
    path = osm_xml(tmp_path / "a.osm", NODES, WAYS[:1], head="<!-- made by hand -->")
    assert len(formats.read(path).rows) == 1


def test_a_damaged_extract_is_refused(tmp_path):
    path = osm_pbf(tmp_path / "a.osm.pbf", NODES, WAYS)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(Unreadable, match=r"a\.osm\.pbf"):
        formats.read(path)


def test_an_extract_of_a_country_is_too_large(tmp_path, monkeypatch):
    monkeypatch.setattr(osm, "MAX_BYTES", 100)
    with pytest.raises(TooLarge, match="split it"):
        formats.read(osm_pbf(tmp_path / "a.osm.pbf", NODES, WAYS))


def test_an_extract_under_another_ending_is_refused(tmp_path):
    path = osm_xml(tmp_path / "a.osm", NODES, WAYS)
    with pytest.raises(WrongFormat):
        formats.read(path.rename(tmp_path / "a.gpkg"))


def test_what_an_editor_saved_in_no_order_is_read(tmp_path):
    nodes = {9: (121.4, 31.1), 2: (121.41, 31.1), -5: (121.42, 31.1, {"shop": "yes", "name": "新店"})}
    path = osm_xml(tmp_path / "edited.osm", nodes, [(7, [9, 2], {"highway": "primary", "name": "东路"})])
    assert [row["id"] for row in formats.read(path).rows] == ["way/7"]
    assert [(row["id"], row["what"]) for row in formats.read(path, named=True).rows] == [
        ("way/7", "highway=primary"),
        ("node/-5", "shop=yes"),
    ]


def test_named_features_tell_the_first_tag_that_says_what_they_are(tmp_path):
    nodes = {
        **NODES,
        6: (121.40, 31.11, {"name": "小店", "building": "yes", "shop": "kiosk"}),
        7: (121.41, 31.12, {"addr:housenumber": "9", "addr:street": "春申路"}),
        8: (121.41, 31.13, {"shop": "kiosk"}),
    }
    path = osm_pbf(tmp_path / "town.osm.pbf", nodes, WAYS, RELATIONS)
    table = formats.read(path, named=True)
    assert [(row["id"], row["what"]) for row in table.rows] == [
        ("way/10", "highway=primary"),
        ("node/6", "shop=kiosk"),
        ("node/7", None),
    ]
    with pytest.raises(LayerNeeded):
        formats.read(path, named=True, layer="multilinestrings")


def shop(number):
    return {"shop": "yes", "name": f"店{number}", **({"ref": "甲"} if number % 3 else {})}


SHOPS = {number: (121.40 + number * 1e-4, 31.1, shop(number)) for number in range(50)}


def test_in_batches_the_same_comes(tmp_path, monkeypatch):
    monkeypatch.setattr(gdal, "BATCH", 7)
    path = osm_pbf(tmp_path / "town.osm.pbf", SHOPS | {100 + key: place for key, place in NODES.items()}, [])
    whole = formats.read(path, named=True)
    with formats.in_batches(path) as extract:
        assert (extract.head.columns, extract.head.rows, extract.total) == (whole.columns, [], 50)
        tables = list(extract.tables)
    assert len(tables) == 8
    assert [row for table in tables for row in table.rows] == whole.rows
    assert [number for table in tables for number in table.numbers] == whole.numbers
    assert [shape for table in tables for shape in table.geometries] == list(whole.geometries)


@pytest.mark.parametrize("ending", ["pbf", "osm"])
def test_a_damaged_extract_gives_no_batch(ending, tmp_path):
    path = (osm_pbf if ending == "pbf" else osm_xml)(tmp_path / f"a.{ending}", SHOPS)
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(Unreadable, match=r"cannot be read"), formats.in_batches(path):
        pytest.fail("it was opened")


def test_batches_that_break_off_are_noticed(tmp_path, monkeypatch):
    path = osm_pbf(tmp_path / "a.osm.pbf", SHOPS)
    monkeypatch.setattr(gdal, "count_features", lambda *_, **__: 51)
    with pytest.raises(Unreadable, match="after 50 of 51"), formats.in_batches(path, layer="points") as extract:
        list(extract.tables)


def test_what_does_not_fit_into_memory_is_read_alike(tmp_path, monkeypatch):
    """Their nodes take more than a megabyte, packed or not, and then lie in a file."""
    places = np.array([121, 31]) + np.random.default_rng(3).random((200_000, 2)).round(7)
    nodes = dict(enumerate(map(tuple, places.tolist()), start=1))
    ways = [(way, range(way * 1000 - 999, way * 1000 + 1), {"highway": "primary"}) for way in range(1, 201)]
    path = osm_pbf(tmp_path / "city.osm.pbf", nodes, ways)
    assert path.stat().st_size > 1024**2
    whole = formats.read(path)
    monkeypatch.setattr(osm, "MOST_MEMORY_MB", 1)
    little = formats.read(path)
    assert little.rows == whole.rows
    assert len(little.rows) == 200
    assert shapely.equals_exact(little.geometries, whole.geometries, tolerance=0).all()
