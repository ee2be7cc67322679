"""GeoParquet as geopandas, GDAL and DuckDB write it, and as nobody should."""

import json
import struct
from datetime import UTC, date, datetime, time
from decimal import Decimal

import files
import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from pyproj import CRS

from geodata import formats
from geodata.formats import parquet, wkb
from geodata.formats.errors import FileRefused, LayerNeeded, TooLarge, Unreadable

POINT = shapely.to_wkb(shapely.Point(1, 2))
META = {"version": "1.0.0", "primary_column": "geometry", "columns": {"geometry": {"encoding": "WKB"}}}


POINTS = (shapely.Point(1, 2), None, shapely.Point(3, 4))


def layer(geometries=POINTS, crs=4549, **columns):
    return gpd.GeoDataFrame({"code": ["0501", None, "𠮷"], **columns}, geometry=list(geometries), crs=crs)


def read(tmp_path, frame, **options):
    return formats.read(files.geoparquet(tmp_path / "a.parquet", frame, **options))


def raw(path, meta=META, /, *, packing=None, **columns):
    """A file of these columns with this `geo` member; a geometry for each row, unless given."""
    count = len(next(iter(columns.values()))) if columns else 1
    table = pa.table({**columns, "geometry": columns.get("geometry", pa.array([POINT] * count))})
    text = meta if isinstance(meta, str) else json.dumps(meta)
    pq.write_table(table.replace_schema_metadata({} if meta is None else {"geo": text}), path, **(packing or {}))
    return path


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({}, id="as geopandas has it"),
        pytest.param({"geometry_encoding": "geoarrow", "schema_version": "1.1.0"}, id="points as numbers"),
        pytest.param({"write_covering_bbox": True, "schema_version": "1.1.0"}, id="with boxes"),
        pytest.param({"index": True}, id="with an index"),
        pytest.param({"compression": "gzip", "data_page_version": "2.0"}, id="packed otherwise"),
        pytest.param({"use_dictionary": False}, id="each value written out"),
        pytest.param({"row_group_size": 1}, id="many row groups"),
    ],
)
def test_it_works(options, tmp_path):
    table = read(tmp_path, layer(), **options)
    assert table.rows == [{"code": "0501"}, {"code": None}, {"code": "𠮷"}]
    assert (table.declared_crs, table.fixed_datum) == ("EPSG:4549", None)
    assert [None if one is None else one.wkt for one in table.geometries] == ["POINT (1 2)", None, "POINT (3 4)"]
    assert (table.numbers, table.faults, table.notes) == ([1, 2, 3], [], [])


def test_either_ending_will_do(tmp_path):
    path = files.geoparquet(tmp_path / "a.parquet", layer())
    assert len(formats.read(path.rename(tmp_path / "a.geoparquet")).rows) == 3


def test_mixed_geometries_and_more_than_one_batch(tmp_path):
    shapes = [shapely.Point(i, 0) if i % 2 else shapely.box(i, 0, i + 1, 1) for i in range(12_000)]
    table = read(tmp_path, gpd.GeoDataFrame({"n": range(12_000)}, geometry=shapes, crs=4326), row_group_size=7000)
    assert [row["n"] for row in table.rows] == list(range(12_000))
    assert shapely.equals(table.geometries, np.array(shapes)).all()


def test_an_empty_file_has_its_columns_and_no_rows(tmp_path):
    table = read(tmp_path, layer().head(0))
    assert (table.columns, table.rows, len(table.geometries)) == (("code",), [], 0)


def test_a_table_of_geometry_alone_has_rows(tmp_path):
    table = read(tmp_path, layer()[["geometry"]])
    assert (table.columns, table.rows) == ((), [{}, {}, {}])


@pytest.mark.parametrize("options", [{}, {"geometry_encoding": "geoarrow", "schema_version": "1.1.0"}])
def test_heights_are_dropped_with_a_note(options, tmp_path):
    table = read(tmp_path, layer([shapely.Point(1, 2, 3), None, shapely.Point(4, 5, 6)]), **options)
    assert [None if one is None else one.wkt for one in table.geometries] == ["POINT (1 2)", None, "POINT (4 5)"]
    assert [(note.word, note.facts["count"]) for note in table.notes] == [("heights_dropped", 2)]


# -- values ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "wanted"),
    [
        pytest.param(pa.array(["0501", " ", None]), ["0501", None, None], id="text"),
        pytest.param(pa.array(["0501", "a", "a"]).dictionary_encode(), ["0501", "a", "a"], id="categories"),
        pytest.param(pa.array(["x", None], pa.large_string()), ["x", None], id="large text"),
        pytest.param(pa.array([2**53 + 1, None]), [2**53 + 1, None], id="large numbers stay whole"),
        pytest.param(pa.array([2**64 - 1], pa.uint64()), [2**64 - 1], id="without sign"),
        pytest.param(pa.array([True, None, False]), [True, None, False], id="yes and no"),
        pytest.param(pa.array([1.5, None, float("nan")]), [1.5, None, None], id="NaN is nothing"),
        pytest.param(pa.array([1.5, None], pa.float16()), [1.5, None], id="half floats"),
        pytest.param(pa.array([Decimal("1.50"), Decimal("-2.00"), None]), ["1.50", -2, None], id="decimals"),
        pytest.param(pa.array([date(2024, 1, 2), None]), [date(2024, 1, 2), None], id="days"),
        pytest.param(pa.array([date(2024, 1, 2)], pa.date64()), [date(2024, 1, 2)], id="days in milliseconds"),
        pytest.param(
            pa.array([datetime(2024, 1, 2, 3)], pa.timestamp("ns")),  # noqa: DTZ001 - without zone
            [datetime(2024, 1, 2, 3)],  # noqa: DTZ001 - without zone
            id="moments",
        ),
        pytest.param(
            pa.array([1704164645123], pa.timestamp("ms", tz="Asia/Shanghai")),
            [datetime(2024, 1, 2, 3, 4, 5, 123000, tzinfo=UTC)],
            id="moments with a zone",
        ),
        pytest.param(pa.array([time(1, 2, 3)], pa.time64("us")), [time(1, 2, 3)], id="times"),
        pytest.param(pa.nulls(2), [None, None], id="nothing"),
    ],
)
def test_cells(cells, wanted, tmp_path):
    read = [row["x"] for row in formats.read(raw(tmp_path / "a.parquet", x=cells)).rows]
    assert read == wanted
    assert [type(one) for one in read] == [type(one) for one in wanted]


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        pytest.param(pa.array([1.0, float("inf")]), "no finite number", id="infinite"),
        pytest.param(pa.array([0, 2**31 - 1], pa.date32()), "no day or time", id="a day beyond the calendar"),
        pytest.param(pa.array([0, 2**62], pa.timestamp("us")), "no day or time", id="a moment beyond it"),
    ],
)
def test_cells_that_no_value_can_be_made_of_are_faults(cells, reason, tmp_path):
    table = formats.read(raw(tmp_path / "a.parquet", x=cells))
    assert [(fault.index, fault.field) for fault in table.faults] == [(1, "x")]
    assert reason in table.faults[0].reason
    assert table.rows[1] == {"x": None}


def test_lists_structures_and_bytes_are_left_out_with_a_note(tmp_path):
    odd = {
        "l": pa.array([[1]]),
        "s": pa.array([{"a": 1, "b": [2]}]),
        "b": pa.array([b"x"]),
        "m": pa.array([[("k", 1)]], pa.map_(pa.string(), pa.int8())),
    }
    table = formats.read(raw(tmp_path / "a.parquet", **odd, last=["z"]))
    assert table.rows == [{"last": "z"}]
    assert [(note.word, note.facts["columns"]) for note in table.notes] == [("columns_left_out", ["l", "s", "b", "m"])]


def test_a_column_of_pandas_categories_beside_missing_numbers(tmp_path):
    frame = layer(kind=pd.Categorical(["a", None, "a"]), n=pd.array([1, None, 3], dtype="Int32"))
    assert read(tmp_path, frame).rows[1:] == [
        {"code": None, "kind": None, "n": None},
        {"code": "𠮷", "kind": "a", "n": 3},
    ]


# -- what the file says of its coordinates --------------------------------------------------------


def with_crs(crs):
    return {**META, "columns": {"geometry": {"encoding": "WKB", "crs": crs}}}


@pytest.mark.parametrize(
    ("meta", "wanted", "noted"),
    [
        pytest.param(META, "EPSG:4326", [], id="nothing said"),
        pytest.param(with_crs(None), None, ["crs_undefined"], id="said to be unknown"),
        pytest.param(with_crs(CRS(4549).to_json_dict()), "EPSG:4549", [], id="a number"),
        pytest.param(with_crs({"id": {"authority": "OGC", "code": "CRS84"}}), "EPSG:4326", [], id="the default"),
        pytest.param(with_crs({"type": "nonsense"}), None, ["crs_ignored"], id="nonsense"),
        pytest.param(with_crs({"id": {"authority": "EPSG", "code": "../x"}}), None, ["crs_ignored"], id="no number"),
        pytest.param(with_crs("EPSG:4326"), None, ["crs_ignored"], id="text"),
    ],
)
def test_the_crs_is_told_and_not_believed(meta, wanted, noted, tmp_path):
    table = formats.read(raw(tmp_path / "a.parquet", meta))
    assert table.declared_crs == wanted
    assert [note.word for note in table.notes] == noted


def test_a_crs_without_number_is_told_as_wkt(tmp_path):
    own = CRS("+proj=tmerc +lon_0=121.5 +ellps=WGS84").to_json_dict()
    assert CRS.from_wkt(formats.read(raw(tmp_path / "a.parquet", with_crs(own))).declared_crs).is_projected


def test_edges_on_the_globe_are_noted(tmp_path):
    meta = {**META, "columns": {"geometry": {"encoding": "WKB", "edges": "spherical"}}}
    assert [note.word for note in formats.read(raw(tmp_path / "a.parquet", meta)).notes] == ["edges"]


@pytest.mark.parametrize(
    ("meta", "reason"),
    [
        pytest.param(None, "no `geo` metadata", id="plain Parquet"),
        pytest.param("{", "Expecting", id="broken JSON"),
        pytest.param("[]", "do not tell", id="a list"),
        pytest.param({**META, "version": "2.0.0"}, "says it is GeoParquet '2.0.0'", id="another version"),
        pytest.param({**META, "primary_column": "shape"}, "do not tell", id="no such column in the metadata"),
        pytest.param({**META, "primary_column": ["geometry"]}, "do not tell", id="a list for a name"),
        pytest.param({**META, "columns": {"geometry": 1}}, "do not tell", id="a number for a column"),
        pytest.param(
            {**META, "primary_column": "s", "columns": {"s": {"encoding": "WKB"}}}, "no column", id="no column"
        ),
        pytest.param(
            {**META, "primary_column": "x", "columns": {"x": {"encoding": "WKB"}}}, "is not the WKB", id="text"
        ),
        pytest.param(
            {**META, "columns": {"geometry": {"encoding": "polygon"}}}, "write it again as WKB", id="encoding"
        ),
        pytest.param({**META, "columns": {"geometry": {"encoding": "point"}}}, "is not the point", id="no points"),
    ],
)
def test_metadata_that_lead_nowhere_are_refused(meta, reason, tmp_path):
    with pytest.raises(Unreadable, match=reason):
        formats.read(raw(tmp_path / "a.parquet", meta, x=["1"]))


def test_a_layer_cannot_be_named(tmp_path):
    with pytest.raises(LayerNeeded):
        formats.read(raw(tmp_path / "a.parquet"), layer="a")


# -- hostile --------------------------------------------------------------------------------------


def test_damaged_geometry_is_a_fault_of_its_row(tmp_path):
    table = formats.read(raw(tmp_path / "a.parquet", geometry=pa.array([POINT, b"\x01\x02", b"", None])))
    assert [(fault.index, fault.field) for fault in table.faults] == [(1, "geometry"), (2, "geometry")]


@pytest.mark.parametrize("kind", [7, 1007, 60007, 0x80000007, 4])
@pytest.mark.parametrize("order", ["<", ">"])
def test_collections_nested_without_end_are_faults_and_no_crash(kind, order, tmp_path):
    level = struct.pack(f"{order}BII", order == "<", kind, 1)
    table = formats.read(raw(tmp_path / "a.parquet", geometry=pa.array([level * 300_000 + POINT])))
    assert [fault.field for fault in table.faults] == ["geometry"]


@pytest.mark.parametrize(
    "shape", [shapely.box(0, 0, 1, 1), shapely.Point(1, 2, 3), shapely.LineString([(1, 2), (3, 4)])]
)
@pytest.mark.parametrize("flavour", ["iso", "extended"])
def test_collections_as_people_have_them_are_not_deep(shape, flavour):
    nest = shapely.GeometryCollection([shapely.GeometryCollection([shape, shapely.MultiPoint([(1, 2)])]), shape])
    for order in (0, 1):
        made = shapely.to_wkb(
            shapely.set_srid(nest, 4326), byte_order=order, flavor=flavour, include_srid=flavour != "iso"
        )
        assert not wkb.is_deep(made)
        assert wkb.shapes_of([made])[1] == []


BIG = "x" * 2_000_000
ONCE = {"compression": "zstd"}
EACH = {"compression": "zstd", "use_dictionary": False}


def test_a_large_text_told_once_for_many_rows_is_held_once(tmp_path):
    cells = pa.DictionaryArray.from_arrays(pa.array([0] * 50_000, pa.int32()), pa.array([BIG]))
    table = formats.read(raw(tmp_path / "a.parquet", packing=ONCE, x=cells))
    assert len({id(row["x"]) for row in table.rows}) <= 50_000 / parquet.BATCH


def test_pages_that_unpack_to_too_much_are_refused_before_any_is_unpacked(tmp_path):
    made = raw(tmp_path / "a.parquet", packing=EACH, x=pa.array([BIG] * 40))
    assert made.stat().st_size < 10_000
    with pytest.raises(TooLarge, match="suspiciously large"):
        formats.read(made)


def test_text_that_grows_out_of_the_one_before_is_refused(tmp_path):
    packing = {**EACH, "column_encoding": {"x": "DELTA_BYTE_ARRAY"}}
    with pytest.raises(Unreadable, match="column x is packed in a way"):
        formats.read(raw(tmp_path / "a.parquet", packing=packing, x=pa.array([BIG] * 40)))


def test_text_packed_by_lengths_is_read(tmp_path):
    packing = {**EACH, "column_encoding": {"x": "DELTA_LENGTH_BYTE_ARRAY"}}
    assert formats.read(raw(tmp_path / "a.parquet", packing=packing, x=["a", "b"])).rows == [{"x": "a"}, {"x": "b"}]


@pytest.mark.parametrize(
    ("limit", "value", "reason"),
    [
        ("MAX_BYTES", 10, "limit is 10"),
        ("MAX_FOOTER", 10, "its footer has"),
        ("MAX_ROWS", 1, "2 rows"),
        ("MAX_COLUMNS", 1, "2 columns"),
        ("MAX_CELLS", 3, "4 cells"),
        ("MAX_PAGES", 2, "too many pages"),
        ("MAX_UNPACKED", 10, "suspiciously large"),
    ],
)
def test_limits(limit, value, reason, tmp_path, monkeypatch):
    monkeypatch.setattr(parquet, limit, value)
    with pytest.raises(TooLarge, match=reason):
        formats.read(raw(tmp_path / "a.parquet", x=["a", "b"]))


def test_a_footer_longer_than_the_file_is_refused(tmp_path):
    made = raw(tmp_path / "a.parquet")
    content = made.read_bytes()
    made.write_bytes(content[:-8] + (2**31).to_bytes(4, "little") + b"PAR1")
    with pytest.raises(Unreadable, match="longer than the file"):
        formats.read(made)


def test_columns_of_one_name_are_refused(tmp_path):
    table = pa.table([pa.array(["a"]), pa.array(["b"]), pa.array([POINT])], names=["x", "x", "geometry"])
    pq.write_table(table.replace_schema_metadata({"geo": json.dumps(META)}), tmp_path / "a.parquet")
    with pytest.raises(FileRefused, match="more than once: x"):
        formats.read(tmp_path / "a.parquet")
