"""Files as people send them, in every family."""

import csv
import io
import sqlite3
from contextlib import suppress
from datetime import date, datetime

import files
import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geodata import formats
from geodata.errors import NotFound
from geodata.formats import delimited, xlsx
from geodata.formats.errors import FileRefused, LayerNeeded, UnknownFormat, Unreadable, WrongFormat

BOX = shapely.box(121.40, 31.10, 121.42, 31.12)


@pytest.fixture
def towns():
    """Two towns as a layer."""
    boxes = [BOX, shapely.box(121.42, 31.10, 121.44, 31.12)]
    return gpd.GeoDataFrame(
        {"code": ["310112101000", "310112102000"], "name": ["西镇", "东镇"]}, geometry=boxes, crs=4326
    )


def csv_file(folder, _towns):
    return files.table(folder / "a.csv", "code,name", "310112101000,西镇", "310112102000,东镇")


def xlsx_file(folder, _towns):
    return files.workbook(folder / "a.xlsx", ["code", "name"], ["310112101000", "西镇"], ["310112102000", "东镇"])


def geojson_file(folder, towns):
    return files.geojson(
        folder / "a.geojson",
        *[({"code": row.code, "name": row.name_}, row.geometry.__geo_interface__) for row in _rows(towns)],
    )


def _rows(towns):
    return towns.rename(columns={"name": "name_"}).itertuples()


def shp_file(folder, towns):
    return files.zipped_shapefile(folder / "a.zip", towns)


def gpkg_file(folder, towns):
    return files.geopackage(folder / "a.gpkg", towns=towns)


def fgb_file(folder, towns):
    return files.flatgeobuf(folder / "a.fgb", towns)


def parquet_file(folder, towns):
    return files.geoparquet(folder / "a.parquet", towns)


@pytest.mark.parametrize(
    ("make", "has_shapes", "first_row"),
    [
        pytest.param(csv_file, False, 2, id="csv"),
        pytest.param(xlsx_file, False, 2, id="xlsx"),
        pytest.param(geojson_file, True, 1, id="geojson"),
        pytest.param(shp_file, True, 1, id="shapefile"),
        pytest.param(gpkg_file, True, 1, id="geopackage"),
        pytest.param(fgb_file, True, 1, id="flatgeobuf"),
        pytest.param(parquet_file, True, 1, id="geoparquet"),
    ],
)
def test_every_family_gives_the_same_table(make, has_shapes, first_row, tmp_path, towns):
    read = formats.read(make(tmp_path, towns))
    assert read.columns == ("code", "name")
    assert [(row["code"], row["name"]) for row in read.rows] == [("310112101000", "西镇"), ("310112102000", "东镇")]
    assert read.numbers == [first_row, first_row + 1]
    assert read.faults == []
    assert (read.geometries is not None) == has_shapes
    if has_shapes:
        assert shapely.equals(read.geometries[0], BOX)


def test_an_unknown_ending_is_refused_with_those_known(tmp_path):
    with pytest.raises(UnknownFormat, match=r"\.dwg.*\.geojson.*\.fgb.*\.parquet.*\.kmz.*\.gpx.*\.xlsx"):
        formats.read(files.table(tmp_path / "a.dwg", "x"))


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(NotFound, match="no file"):
        formats.read(tmp_path / "none.csv")


NEWER = [".fgb", ".parquet", ".geoparquet", ".kml", ".kmz", ".gpx"]


@pytest.mark.parametrize("wrong", [".zip", ".gpkg", ".xlsx", ".geojson", *NEWER])
def test_a_csv_under_another_name_is_refused(wrong, tmp_path):
    with pytest.raises(WrongFormat):
        formats.read(files.table(tmp_path / f"a{wrong}", "code,name", "1,西镇"))


@pytest.mark.parametrize("make", [xlsx_file, geojson_file, shp_file, gpkg_file, fgb_file, parquet_file])
def test_another_family_named_csv_is_refused(make, tmp_path, towns):
    made = make(tmp_path, towns)
    with pytest.raises(WrongFormat, match="CSV"):
        formats.read(made.rename(tmp_path / "b.csv"))


# -- CSV ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encoding", "noted"),
    [
        pytest.param("utf-8", [], id="UTF-8"),
        pytest.param("utf-8-sig", [], id="UTF-8 with mark"),
        pytest.param("gb18030", ["encoding"], id="GB18030"),
        pytest.param("utf-16", ["encoding"], id="UTF-16"),
    ],
)
def test_csv_encodings(encoding, noted, tmp_path):
    read = formats.read(files.table(tmp_path / "a.csv", "编码,名称", "1,莘庄镇", encoding=encoding))
    assert read.rows == [{"编码": "1", "名称": "莘庄镇"}]
    assert [note.word for note in read.notes] == noted


def test_csv_in_no_known_encoding_is_refused(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"name\n\xff\xff\xff")
    with pytest.raises(Unreadable, match="neither UTF-8 nor GB18030"):
        formats.read(path)


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_csv_delimiters(mark, tmp_path):
    read = formats.read(files.table(tmp_path / "a.csv", mark.join(("a", '"x,;|y"', "c")), mark.join("123")))
    assert read.columns == ("a", "x,;|y", "c")
    assert list(read.rows[0].values()) == ["1", "2", "3"]


def test_csv_cells_stay_text(tmp_path):
    read = formats.read(files.table(tmp_path / "a.csv", "code,door,n,empty", "0501,1-2,3.10112E+11,"))
    assert read.rows == [{"code": "0501", "door": "1-2", "n": "3.10112E+11", "empty": None}]


def test_csv_quotes_follow_the_standard(tmp_path):
    read = formats.read(files.table(tmp_path / "a.csv", "name,say", '"a ""b"", c","two', 'lines"', "next,x"))
    assert read.rows[0] == {"name": 'a "b", c', "say": "two\nlines"}
    assert read.numbers == [2, 3]  # rows as a spreadsheet counts them, not lines


def test_csv_with_a_broken_quote_is_refused_with_its_row(tmp_path):
    with pytest.raises(Unreadable, match="row 3"):
        formats.read(files.table(tmp_path / "a.csv", "name", "a", '"never closed'))


def test_csv_rows_without_content_are_passed_over_but_counted(tmp_path):
    read = formats.read(files.table(tmp_path / "a.csv", "a,b", "1,2", ",", "", "3,4"))
    assert read.numbers == [2, 5]


def test_csv_row_with_too_many_cells_is_a_fault(tmp_path):
    read = formats.read(files.table(tmp_path / "a.csv", "a,b", "1,2,3", "1,2"))
    assert [(fault.index, fault.value) for fault in read.faults] == [(0, "3")]


def test_repeated_headings_are_numbered_and_told(tmp_path):
    read = formats.read(files.table(tmp_path / "a.csv", "name,name", "a,b"))
    assert read.rows == [{"name": "a", "name (2)": "b"}]
    assert [note.word for note in read.notes] == ["repeated_heading"]


def test_an_empty_csv_is_refused(tmp_path):
    with pytest.raises(Unreadable, match="no row of headings"):
        formats.read(files.table(tmp_path / "a.csv"))


@given(st.lists(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0\r")), min_size=2, max_size=2)))
def test_csv_written_by_anybody_is_read_back(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    lines = io.StringIO(newline="")
    csv.writer(lines).writerows([["first", "second"], *rows])
    path.write_bytes(lines.getvalue().encode())
    wanted = [tuple(cell if cell.strip() else None for cell in row) for row in rows if any(c.strip() for c in row)]
    assert [tuple(row.values()) for row in formats.read(path).rows] == wanted


# -- XLSX -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "wanted"),
    [
        pytest.param("0501", "0501", id="text keeps its zeros"),
        pytest.param("1-2", "1-2", id="text that looks like a date"),
        pytest.param(310112101000, 310112101000, id="a code typed as number"),
        pytest.param(4.0, 4, id="a whole number has no .0"),
        pytest.param(121.4, 121.4, id="a fraction"),
        pytest.param(date(2024, 1, 2), datetime(2024, 1, 2), id="a date is a date"),  # noqa: DTZ001 - cells have no zone
        pytest.param(True, True, id="yes"),
        pytest.param("   ", None, id="blank"),
    ],
)
def test_xlsx_cells(cell, wanted, tmp_path):
    read = formats.read(files.workbook(tmp_path / "a.xlsx", ["x", "y"], [cell, "z"]))
    assert read.rows[0]["x"] == wanted
    assert type(read.rows[0]["x"]) is type(wanted)


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        pytest.param(3101121010001234567, "fifteen digits", id="a number rounded by the sheet"),
        pytest.param("#N/A", "error of the spreadsheet", id="an error"),
    ],
)
def test_xlsx_cells_that_cannot_be_trusted_are_faults(cell, reason, tmp_path):
    read = formats.read(files.workbook(tmp_path / "a.xlsx", ["x"], ["ok"], [cell], ["ok"]))
    assert [(fault.index, fault.field) for fault in read.faults] == [(1, "x")]
    assert reason in read.faults[0].reason


def test_xlsx_sheets(tmp_path):
    path = files.workbook(tmp_path / "a.xlsx", ["x"], ["first"], sheet="一")
    book = openpyxl.load_workbook(path)
    book.create_sheet("二").append(["y"])
    book["二"].append(["second"])
    book.save(path)
    assert formats.read(path).rows == [{"x": "first"}]
    assert formats.read(path, layer="二").rows == [{"y": "second"}]
    with pytest.raises(LayerNeeded, match=r"no layer '三'.*一, 二"):
        formats.read(path, layer="三")


def test_xlsx_rows_are_numbered_as_the_sheet_shows_them(tmp_path):
    read = formats.read(files.workbook(tmp_path / "a.xlsx", ["x"], ["a"], [None], ["b"]))
    assert read.numbers == [2, 4]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@a", "＝1", "\t=1"])
def test_text_that_looks_like_a_formula_is_written_harmless(text, tmp_path):
    book = tmp_path / "a.xlsx"
    book.write_bytes(xlsx.write(["x", "n"], [[text, -5]]))
    page = openpyxl.load_workbook(book).active
    assert (page["A2"].value, page["A2"].data_type, page["B2"].value) == (text, "s", -5)
    written = b"".join(delimited.write(["x", "n"], [[text, -5]])).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(written)))[1] == [f"'{text}", "-5"]


# -- Shapefile and GeoPackage ---------------------------------------------------------------------


def test_shapefile_text_without_cpg_is_found_to_be_gbk(tmp_path, towns):
    made = files.zipped_shapefile(tmp_path / "a.zip", towns, encoding="gb18030", leave_out=(".cpg",))
    read = formats.read(made)
    assert [row["name"] for row in read.rows] == ["西镇", "东镇"]
    assert [note.word for note in read.notes] == ["encoding"]


def test_shapefile_cpg_is_honoured(tmp_path, towns):
    made = files.zipped_shapefile(tmp_path / "a.zip", towns, encoding="gb18030")
    assert [row["name"] for row in formats.read(made).rows] == ["西镇", "东镇"]


def test_shapefile_prj_is_told_and_not_believed(tmp_path, towns):
    assert formats.read(files.zipped_shapefile(tmp_path / "a.zip", towns)).declared_crs == "EPSG:4326"
    without = files.zipped_shapefile(tmp_path / "b.zip", towns, leave_out=(".prj",))
    assert formats.read(without).declared_crs is None


@pytest.mark.parametrize("part", [".shx", ".dbf"])
def test_shapefile_without_a_part_is_refused(part, tmp_path, towns):
    with pytest.raises(Unreadable, match=rf"lacks its \{part}"):
        formats.read(files.zipped_shapefile(tmp_path / "a.zip", towns, leave_out=(part,)))


def test_zip_without_a_shapefile_is_refused(tmp_path):
    with pytest.raises(Unreadable, match=r"no \.shp"):
        formats.read(files.archive(tmp_path / "a.zip", [("readme.txt", b"hello")]))


def test_several_shapefiles_need_a_name(tmp_path, towns):
    one = files.zipped_shapefile(tmp_path / "one.zip", towns, name="towns")
    parts = [(file.name.replace("towns", name), file.read_bytes()) for name in ("甲", "乙") for file in _parts(one)]
    both = files.archive(tmp_path / "both.zip", [(f"folder/{name}", content) for name, content in parts])
    with pytest.raises(LayerNeeded, match=r"several layers.*乙, 甲"):
        formats.read(both)
    assert len(formats.read(both, layer="甲").rows) == 2
    with pytest.raises(LayerNeeded, match="no layer '丙'"):
        formats.read(both, layer="丙")


def _parts(made):
    return sorted((made.parent / f"{made.stem}-parts").iterdir())


def test_shapefile_numbers_and_dates_keep_their_types(tmp_path):
    frame = gpd.GeoDataFrame({"n": [310112101000], "f": [1.5], "t": ["0501"]}, geometry=[BOX], crs=4326)
    row = formats.read(files.zipped_shapefile(tmp_path / "a.zip", frame)).rows[0]
    assert row == {"n": 310112101000, "f": 1.5, "t": "0501"}


def test_geopackage_layers(tmp_path, towns):
    one = files.geopackage(tmp_path / "one.gpkg", towns=towns)
    assert len(formats.read(one).rows) == 2
    two = files.geopackage(tmp_path / "two.gpkg", 甲=towns, 乙=towns.head(1))
    with pytest.raises(LayerNeeded, match=r"several layers.*甲, 乙"):
        formats.read(two)
    assert len(formats.read(two, layer="乙").rows) == 1


def test_geopackage_numbers_beside_missing_ones_stay_what_they_are(tmp_path):
    columns = {
        "n": pd.array([2**53 + 1, None, -(2**62) - 1], dtype="Int64"),
        "m": pd.array([3, None, 310112101000], dtype="Int64"),
        "b": pd.array([True, None, False], dtype="boolean"),
    }
    frame = gpd.GeoDataFrame(columns, geometry=[BOX, None, BOX], crs=4326)
    rows = formats.read(files.geopackage(tmp_path / "a.gpkg", a=frame)).rows
    assert [row["n"] for row in rows] == [2**53 + 1, None, -(2**62) - 1]
    assert [repr(row["m"]) for row in rows] == ["3", "None", "310112101000"]
    assert [row["b"] for row in rows] == [True, None, False]


def test_reading_a_geopackage_leaves_no_trace(tmp_path, towns):
    made = files.geopackage(tmp_path / "a.gpkg", towns=towns)
    before = made.read_bytes()
    made.chmod(0o444)
    formats.read(made)
    assert [one.name for one in tmp_path.iterdir()] == ["a.gpkg"]
    assert made.read_bytes() == before


def test_sqlite_that_is_no_geopackage_is_refused(tmp_path):
    path = tmp_path / "a.gpkg"
    with sqlite3.connect(path) as base:
        base.execute("CREATE TABLE secret (x)")
    with pytest.raises(WrongFormat, match="GeoPackage"):
        formats.read(path)


@given(st.binary(max_size=300), st.sampled_from([".csv", ".xlsx", ".geojson", ".zip", ".gpkg", *NEWER]))
def test_whatever_bytes_come_the_answer_is_a_table_or_a_refusal(tmp_path_factory, content, suffix):
    path = tmp_path_factory.mktemp("bytes") / f"a{suffix}"
    path.write_bytes(content)
    with suppress(FileRefused):
        assert formats.read(path).rows is not None
