"""GeoJSON: rings, the CRS member, and JSON that is none."""

import files
import pytest
import shapely

from geodata import formats
from geodata.formats import geojson
from geodata.formats.errors import Unreadable

BOX = shapely.box(121.40, 31.10, 121.42, 31.12)


def test_geojson_rings_left_open_are_closed_and_told(tmp_path):
    shape = files.polygon(0, 0, 1, 1)
    shape["coordinates"][0].pop()
    read = formats.read(files.geojson(tmp_path / "a.geojson", ({"n": 1}, shape), ({"n": 2}, files.polygon(1, 0, 2, 1))))
    assert list(read.closed_rings) == [0]
    assert read.closed_rings[0] == pytest.approx(1109, rel=0.01)  # 0.01° of latitude
    assert shapely.area(read.geometries[0]) == pytest.approx(1e-4)


@pytest.mark.parametrize(
    ("crs", "declared", "noted"),
    [
        pytest.param(None, None, [], id="none"),
        pytest.param("urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326", [], id="CRS84"),
        pytest.param("urn:ogc:def:crs:EPSG::4549", "EPSG:4549", [], id="EPSG by urn"),
        pytest.param("http://localhost:1/crs", None, ["crs_ignored"], id="a link is never followed"),
        pytest.param("+proj=longlat +nadgrids=/etc/passwd", None, ["crs_ignored"], id="no string reaches PROJ"),
    ],
)
def test_geojson_crs_member(crs, declared, noted, tmp_path):
    member = {} if crs is None else {"crs": {"type": "name", "properties": {"name": crs}}}
    read = formats.read(files.geojson(tmp_path / "a.geojson", ({}, None), **member))
    assert read.declared_crs == declared
    assert [note.word for note in read.notes] == noted


def test_geojson_written_is_read_back(tmp_path):
    path = tmp_path / "a.geojson"
    path.write_bytes(b"".join(geojson.write([({"name": '西"镇'}, BOX), ({"name": "无界"}, None)])))
    read = formats.read(path)
    assert read.rows == [{"name": '西"镇'}, {"name": "无界"}]
    assert shapely.equals(read.geometries[0], BOX)
    assert read.geometries[1] is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param(
            '{"a": 1, "\\u0061": 2}', 'key "a" stands twice in one object at line 1, column 10', id="in two ways"
        ),
        pytest.param('{"a": NaN}', "NaN is not JSON at line 1, column 7", id="NaN"),
        pytest.param('{"a":\n -Infinity}', "-Infinity is not JSON at line 2, column 2", id="infinity"),
        pytest.param('{"a": 1e999}', "too large at line 1, column 7", id="a number beyond a float"),
        pytest.param(
            '{"a": 1, "b": {"a": 1}, "a": 2}', 'key "a" stands twice in one object at line 1, column 25', id="twice"
        ),
        pytest.param('{"a": ' + "[" * 100 + "]" * 100 + "}", "64 levels of nesting", id="nesting"),
        pytest.param('{"a": ' + "[" * 200_000, "64 levels of nesting", id="nesting without end"),
        pytest.param('{"a": "\\ud800"}', "half a character", id="half a character"),
        pytest.param('{"a": ' + "1" * 5000 + "}", "more than 300 digits", id="an endless number"),
        pytest.param('{"a": 1,}', "line 1", id="a comma too many"),
        pytest.param('{"type": "Topology"}', "not a GeoJSON feature collection", id="other JSON"),
        pytest.param('{"type": "FeatureCollection", "features": [1]}', "not a feature at feature 1", id="no feature"),
    ],
)
def test_json_that_is_not_json_is_refused_with_its_place(text, reason, tmp_path):
    path = tmp_path / "a.geojson"
    path.write_text(text)
    with pytest.raises(Unreadable) as refused:
        formats.read(path)
    assert reason in str(refused.value)


def test_geojson_must_be_utf8(tmp_path):
    path = tmp_path / "a.geojson"
    path.write_bytes('{"type":"FeatureCollection","name":"闵行","features":[]}'.encode("gb18030"))
    with pytest.raises(Unreadable, match="must be UTF-8"):
        formats.read(path)
