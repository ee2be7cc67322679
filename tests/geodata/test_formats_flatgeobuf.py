"""FlatGeobuf as QGIS and GDAL write it."""

import files
import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geodata import formats
from geodata.formats import flatgeobuf
from geodata.formats.errors import LayerNeeded, TooLarge, Unreadable, WrongFormat

POINTS = [shapely.Point(1, 2), None, shapely.Point(3, 4)]


def layer(geometries=POINTS, crs=4549, **columns):
    return gpd.GeoDataFrame({"code": ["0501", None, "𠮷"][: len(geometries)], **columns}, geometry=geometries, crs=crs)


def read(tmp_path, frame, **options):
    return formats.read(files.flatgeobuf(tmp_path / "a.fgb", frame), **options)


def test_it_works(tmp_path):
    table = read(tmp_path, layer())
    assert table.rows == [{"code": "0501"}, {"code": None}, {"code": "𠮷"}]
    assert (table.declared_crs, table.fixed_datum) == ("EPSG:4549", None)
    assert [None if one is None else one.wkt for one in table.geometries] == ["POINT (1 2)", None, "POINT (3 4)"]
    assert (table.numbers, table.faults, table.notes) == ([1, 2, 3], [], [])


def test_values_keep_their_types_also_beside_missing_ones(tmp_path):
    frame = layer(
        n=pd.array([2**53 + 1, None, -3], dtype="Int64"),
        b=pd.array([True, False, None], dtype="boolean"),
        f=[1.5, None, np.nan],
        t=pd.to_datetime(["2024-01-02T03:04:05+08:00", None, "2024-01-02T00:00:00+08:00"]),
    )
    rows = read(tmp_path, frame).rows
    assert [row["n"] for row in rows] == [2**53 + 1, None, -3]
    assert [row["b"] for row in rows] == [True, False, None]
    assert [row["f"] for row in rows] == [1.5, None, None]
    assert [row["t"] for row in rows] == ["2024-01-02T03:04:05+08:00", None, "2024-01-02T00:00:00+08:00"]


def test_heights_are_dropped_with_a_note(tmp_path):
    table = read(tmp_path, layer([shapely.Point(1, 2, 3), shapely.Point(4, 5, 6)]))
    assert [one.wkt for one in table.geometries] == ["POINT (1 2)", "POINT (4 5)"]
    assert [(note.word, note.facts["count"]) for note in table.notes] == [("heights_dropped", 2)]


def test_mixed_geometries_and_more_than_one_batch(tmp_path):
    shapes = [shapely.Point(i, 0) if i % 2 else shapely.box(i, 0, i + 1, 1) for i in range(12_000)]
    frame = gpd.GeoDataFrame({"n": range(12_000)}, geometry=shapes, crs=4326)
    table = read(tmp_path, frame)
    assert [row["n"] for row in table.rows] == list(range(12_000))
    assert shapely.equals(table.geometries, np.array(shapes)).all()


@pytest.mark.filterwarnings("ignore:'crs' was not provided:UserWarning")
def test_a_file_with_an_index_is_read_in_its_own_order(tmp_path):
    frame = layer([shapely.Point(9, 9), shapely.Point(1, 1)], crs=None)
    path = tmp_path / "a.fgb"
    files.gdal.pyogrio.write_dataframe(frame, path, driver="FlatGeobuf")
    table = formats.read(path)
    assert {(row["code"], one.x) for row, one in zip(table.rows, table.geometries, strict=True)} == {
        ("0501", 9),
        (None, 1),
    }
    assert table.declared_crs is None


def test_an_empty_file_has_its_columns_and_no_rows(tmp_path):
    table = read(tmp_path, layer([shapely.Point(1, 2)]).head(0))
    assert (table.columns, table.rows, len(table.geometries)) == (("code",), [], 0)


def test_the_layer_may_be_named(tmp_path):
    assert len(read(tmp_path, layer(), layer="a").rows) == 3
    with pytest.raises(LayerNeeded, match=r"no layer 'b'.*: a"):
        formats.read(tmp_path / "a.fgb", layer="b")


def test_too_large_a_file_is_refused_unread(tmp_path, monkeypatch):
    monkeypatch.setattr(flatgeobuf, "MAX_BYTES", 10)
    with pytest.raises(TooLarge, match="limit is 10"):
        read(tmp_path, layer())


def test_a_header_that_tells_of_more_features_than_fit_is_refused(tmp_path):
    path = files.flatgeobuf(tmp_path / "a.fgb", layer([shapely.Point(1, 2)] * 3))
    content = path.read_bytes()
    told, lie = (3).to_bytes(8, "little"), (1000).to_bytes(8, "little")
    assert content.count(told) == 1
    path.write_bytes(content.replace(told, lie))
    with pytest.raises(Unreadable, match="1,000 features"):
        formats.read(path)


def test_a_file_cut_off_is_refused(tmp_path):
    path = files.flatgeobuf(tmp_path / "a.fgb", layer([shapely.Point(1, 2)] * 3))
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(Unreadable):
        formats.read(path)


def test_an_older_version_is_refused(tmp_path):
    path = tmp_path / "a.fgb"
    path.write_bytes(b"fgb\x02fgb\x00" + bytes(100))
    with pytest.raises(WrongFormat, match="FlatGeobuf"):
        formats.read(path)
