"""Collections in every format, read back by readers that are not ours and compared with the database."""

import csv
import io
import json
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime
from xml.etree import ElementTree as ET

import geopandas
import openpyxl
import pyarrow.parquet as pq
import pyogrio
import pyproj
import pytest
import shapely
from exported import plain, read, table_of
from makers import ZONE, add_areas, add_unit, spot
from sqlalchemy import text

from geodata.catalog import COLLECTIONS, collection
from geodata.db import session_on
from geodata.errors import BadSetting, NotFound
from geodata.export_errors import ExportTooLong
from geodata.formats import gdal
from geodata.formats.errors import Unwritable
from geodata.formats.writing import WRITERS, writer
from geodata.formats.writing.shapefile import short_names
from geodata.models import Area, Installation, Ticket
from geodata.queries.features import WGS84, Selection
from geodata.queries.scope import Condition
from geodata.services import exports
from spatial.errors import UnknownCrs

# As a person may write: beyond the basic plane, quotes, breaks, marks of XML, formulas, letters that XML cannot hold.
NAMES = {
    "007": "𠮷野家（七宝店）",
    "008": 'quoted "twice", and, commas;',
    "009": "two\nlines\r\nand\ttab",
    "010": "back\\slash \\N \\. </name>&amp;]]>",
    "011": '=HYPERLINK("http://x","y")',
    "012": "＋1",
    "013": "-cmd|' /C calc'!A0",
    "014": "#N/A",
    "015": "bell\x07",
    "016": "长" * 200,
    "017": " ",
}
REPORTED = datetime(2026, 3, 2, 23, 30, 5, tzinfo=UTC)
GDAL_FORMS = ("gpkg", "fgb", "shp", "parquet")
PLACE = Installation(metre_srid=4549, timezone="Asia/Shanghai")
SRIDS = (4326, 4490, 4549, 3857)


@pytest.fixture(scope="module")
def engine_of(clone):
    """A district with odd names, codes that begin with zeros, features without a place, and tickets."""
    engine = clone()
    with session_on(engine) as session:
        add_areas(session)
        for number, (code, name) in enumerate(NAMES.items()):
            where = () if code == "013" else (0.1 + number / 100, 0.3)
            add_unit(session, code, *where, name=name, capacity=number or None, address="路" if number else None)
        for number in range(3):
            facts = {"source": "s", "category_code": "0102", "title": "电话13812345678", "state": "reported"}
            where = None if number == 1 else spot(1.1, 1)
            session.add(Ticket(number=f"0{number}", geom=where, reported_at=REPORTED, **facts))
        town = session.query(Area).filter_by(code="310112101000").one()
        town.valid_from = date(2020, 2, 29)
    return engine


@pytest.fixture
def made(engine_of, tmp_path):
    """A function that writes a collection into a file and returns (path, layer)."""

    def make(form, id_="units", *, engine=engine_of, reword=None, progress=None, **asked):
        chosen = {name: asked.pop(name) for name in ("crs", "geometry") if name in asked}
        wanted = exports.order(Selection(collection(id_), **asked), writer(form), place=PLACE, reword=reword, **chosen)
        path = tmp_path / f"{id_}{wanted.writer.suffix}"
        return path, exports.make(engine, wanted, path, progress)

    return make


@pytest.fixture(scope="module")
def rows_of(engine_of):
    """A function from a statement to what the database says."""

    def rows(statement):
        with engine_of.connect() as connection:
            return connection.execute(text(statement)).mappings().all()

    return rows


@pytest.mark.parametrize("form", GDAL_FORMS)
def test_a_file_for_gis_holds_what_the_database_holds(made, rows_of, form):
    path, layer = made(form)
    columns, shapes = read(path, form)
    wanted = {
        row["code"]: row
        for row in rows_of("SELECT code, name, capacity, is_active, ST_AsBinary(geom) AS geom FROM member_unit")
    }
    short = (
        short_names(collection("units").names)
        if form == "shp"
        else dict(zip(collection("units").names, collection("units").names, strict=True))
    )
    assert set(columns) == set(short.values())
    found = dict(zip(columns["code"], range(len(shapes)), strict=True))
    assert set(found) == set(wanted)
    for code, row in wanted.items():
        at = found[code]
        name = row["name"]
        if form == "shp":
            name = name.encode()[:254].decode(errors="ignore").rstrip(" ") or None
        assert columns["name"][at] == name
        assert plain(columns["capacity"][at]) == row["capacity"]
        assert bool(columns[short["is_active"]][at]) == row["is_active"]
        assert (shapes[at] is None) == (row["geom"] is None)
        assert row["geom"] is None or shapes[at].equals(shapely.from_wkb(row["geom"]))
    assert layer.lost == ({"text": 1} if form == "shp" else {})


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_table_holds_what_the_database_holds(made, rows_of, form):
    path, _ = made(form)
    found = table_of(path, form)
    wanted = rows_of("SELECT code, name, capacity, ST_X(geom) AS lon, ST_Y(geom) AS lat FROM member_unit ORDER BY code")
    assert [row["code"] for row in found] == [row["code"] for row in wanted]
    for row, known in zip(found, wanted, strict=True):
        name = known["name"]
        if form == "csv" and name.startswith(("=", "-", "＋")):
            name = f"'{name}"
        assert row["name"] == (name.replace("\x07", "_x0007_") if form == "xlsx" else name)
        for column in ("capacity", "lon", "lat"):
            if known[column] is None:
                assert row[column] in {None, ""}
            else:
                assert float(row[column]) == pytest.approx(known[column], abs=5e-8)


def test_rows_of_csv_end_as_rfc_4180_says(made):
    path, _ = made("csv", "towns")
    lines = path.read_bytes().split(b"\r\n")
    assert len(lines) == 4
    assert not any(b"\n" in line for line in lines)


def test_formulas_codes_and_numbers_are_what_they_are_in_a_workbook(made):
    path, _ = made("xlsx")
    page = openpyxl.load_workbook(path).active
    kinds = {page.cell(row, 1).value: page.cell(row, 2).data_type for row in range(2, page.max_row + 1)}
    assert kinds == dict.fromkeys(NAMES, "s")
    heads = [cell.value for cell in page[1]]
    assert page.cell(3, heads.index("capacity") + 1).data_type == "n"
    assert page.cell(2, 1).value == "007"


def test_kml_is_whole_and_holds_every_property(made, rows_of):
    path, _ = made("kml")
    space = {"k": "http://www.opengis.net/kml/2.2"}
    root = ET.parse(path)  # noqa: S314 - our own file
    marks = root.findall(".//k:Placemark", space)
    found = {}
    for mark in marks:
        facts = {one.get("name"): one.text for one in mark.findall(".//k:SimpleData", space)}
        found[facts["code"]] = (facts, mark.find(".//k:coordinates", space))
    for row in rows_of("SELECT code, name, ST_X(geom) AS lon, ST_Y(geom) AS lat FROM member_unit"):
        facts, place = found[row["code"]]
        assert facts["name"] == row["name"].replace("\x07", "\ufffd")
        assert (place is None) == (row["lon"] is None)
        if place is not None:
            assert [float(part) for part in place.text.split(",")] == pytest.approx([row["lon"], row["lat"]], abs=5e-8)
    assert len(found) == len(NAMES)


def test_gdal_reads_the_kml_with_the_names_of_its_properties(made):
    path, _ = made("kml", "towns")
    meta, _, wkb, fields = pyogrio.raw.read(path)
    columns = dict(zip(meta["fields"], fields, strict=True))
    assert list(columns["code"]) == ["310112101000", "310112102000"]
    assert list(columns["Name"]) == ["西镇", "东镇"]
    assert {shape.geom_type for shape in shapely.from_wkb(wkb)} <= {"Polygon", "MultiPolygon"}


def test_a_sequence_is_a_feature_after_the_other(made):
    path, _ = made("geojsonseq", "tickets")
    texts = path.read_bytes().split(b"\x1e")
    assert texts[0] == b""
    features = [json.loads(one) for one in texts[1:]]
    assert [one["id"] for one in features] == ["00", "01", "02"]
    assert features[1]["geometry"] is None


@pytest.mark.parametrize("form", list(WRITERS))
@pytest.mark.parametrize("id_", [c.id for c in COLLECTIONS])
def test_an_empty_collection_is_a_valid_file_with_its_columns(empty, tmp_path, id_, form):
    about = collection(id_)
    wanted = exports.order(Selection(about), writer(form), place=PLACE)
    path = tmp_path / f"x{wanted.writer.suffix}"
    exports.make(empty, wanted, path)
    names = list(about.names)
    if form in {"csv", "xlsx"}:
        where = ["lon", "lat"] if about.shape == "Point" else ["wkt"]
        if form == "csv":
            assert next(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig")))) == names + where
        else:
            assert [cell.value for cell in openpyxl.load_workbook(path).active[1]] == names + where
    elif form == "parquet":
        file = pq.ParquetFile(path)
        assert (file.schema_arrow.names, file.metadata.num_rows) == ([*names, "geometry"], 0)
    elif form == "geojsonseq":
        assert path.read_bytes() == b""
    elif form == "geojson":
        assert json.loads(path.read_bytes())["features"] == []
    elif form == "kml":
        assert ET.parse(path).getroot().tag.endswith("kml")  # noqa: S314 - our own file
    else:
        info = pyogrio.read_info(f"/vsizip/{path}" if form == "shp" else path, force_feature_count=True)
        assert list(info["fields"]) == (list(short_names(names).values()) if form == "shp" else names)
        assert info["features"] == 0
        # a shapefile has no more words for kinds
        kinds = {"MultiPolygon": "Polygon", "MultiLineString": "LineString"} if form == "shp" else {}
        assert info["geometry_type"] == kinds.get(about.shape, about.shape)


@pytest.fixture(scope="module")
def empty(clone):
    """A district in which there is nothing, and its settings."""
    engine = clone()
    with session_on(engine) as session:
        session.execute(text("DELETE FROM area"))
    return engine


@pytest.mark.parametrize("srid", SRIDS)
@pytest.mark.parametrize("form", GDAL_FORMS)
def test_coordinates_are_within_a_millimetre_of_pyproj(made, rows_of, form, srid):
    path, _ = made(form, "tickets", crs=f"EPSG:{srid}")
    columns, shapes = read(path, form)
    (known,) = rows_of("SELECT ST_X(geom) AS lon, ST_Y(geom) AS lat FROM ticket WHERE number = '00'")
    wanted = pyproj.Transformer.from_crs(4326, srid, always_xy=True).transform(known["lon"], known["lat"])
    found = shapes[list(columns["number"]).index("00")]
    close = 1e-8 if srid in {4326, 4490} else 1e-3
    assert (found.x, found.y) == pytest.approx(wanted, abs=close)
    told = crs_of(path, form)
    # the words of a shapefile have no numbers
    assert told.to_epsg() == srid or (form == "shp" and told.equals(pyproj.CRS(pyproj.CRS(srid).to_wkt("WKT1_ESRI"))))


def crs_of(path, form):
    """What a file says of its coordinates."""
    if form == "parquet":
        about = json.loads(pq.read_metadata(path).metadata[b"geo"])["columns"]["geometry"]
        return pyproj.CRS.from_json_dict(about["crs"]) if "crs" in about else pyproj.CRS.from_epsg(4326)
    return pyproj.CRS.from_user_input(pyogrio.read_info(f"/vsizip/{path}" if form == "shp" else path)["crs"])


@pytest.mark.parametrize("srid", SRIDS)
def test_coordinates_in_text_are_rounded_to_a_centimetre_or_less(made, rows_of, srid):
    (known,) = rows_of("SELECT ST_X(geom) AS lon, ST_Y(geom) AS lat FROM ticket WHERE number = '00'")
    wanted = pyproj.Transformer.from_crs(4326, srid, always_xy=True).transform(known["lon"], known["lat"])
    close = 5.1e-8 if srid in {4326, 4490} else 6e-4
    path, _ = made("geojson", "tickets", crs=f"EPSG:{srid}")
    told = json.loads(path.read_bytes())
    assert told["features"][0]["geometry"]["coordinates"] == pytest.approx(wanted, abs=close)
    assert told.get("crs", {}).get("properties", {}).get("name") == (
        None if srid == WGS84 else f"urn:ogc:def:crs:EPSG::{srid}"
    )
    path, _ = made("csv", "tickets", crs=f"EPSG:{srid}")
    row = table_of(path, "csv")[0]
    names = ("lon", "lat") if srid in {4326, 4490} else ("x", "y")
    assert [float(row[name]) for name in names] == pytest.approx(wanted, abs=close)
    path, _ = made("xlsx", "tickets", crs=f"EPSG:{srid}", geometry="wkt")
    place = shapely.from_wkt(table_of(path, "xlsx")[0]["wkt"])
    assert (place.x, place.y) == pytest.approx(wanted, abs=close)


def test_what_is_no_point_can_be_told_by_a_point_on_it(made):
    path, _ = made("csv", "towns", geometry="lonlat")
    for row, west in zip(table_of(path, "csv"), (121.40, 121.42), strict=True):
        assert west < float(row["lon"]) < west + 0.02
        assert 31.10 < float(row["lat"]) < 31.12


def test_days_and_moments_are_such_where_the_format_knows_them(made):
    path, _ = made("gpkg", "tickets")
    assert read(path, "gpkg")[0]["reported_at"][0] in {
        "2026-03-02T23:30:05Z",
        "2026-03-02T23:30:05+00:00",
        "2026-03-02T23:30:05.000Z",
    }
    assert pq.read_table(made("parquet", "tickets")[0])["reported_at"].to_pylist()[0] == REPORTED
    assert table_of(made("xlsx", "tickets")[0], "xlsx")[0]["reported_at"] == REPORTED.astimezone(ZONE).replace(
        tzinfo=None
    )
    assert table_of(made("csv", "tickets")[0], "csv")[0]["reported_at"] == "2026-03-03T07:30:05+08:00"
    assert read(made("shp", "tickets")[0], "shp")[0]["reported_a"][0] == "2026-03-03T07:30:05+08:00"
    assert pq.read_table(made("parquet", "towns")[0])["valid_from"].to_pylist()[0] == date(2020, 2, 29)
    assert (
        pyogrio.read_dataframe(made("gpkg", "towns")[0], read_geometry=False)["valid_from"][0].strftime("%F")
        == "2020-02-29"
    )


def test_a_shapefile_lists_its_short_names_and_what_it_cut(made):
    path, layer = made("shp")
    with zipfile.ZipFile(path) as archive:
        assert set(archive.namelist()) == {
            "units.shp",
            "units.shx",
            "units.dbf",
            "units.prj",
            "units.cpg",
            "fields.txt",
        }
        assert archive.read("units.cpg").strip() == b"UTF-8"
        words = archive.read("fields.txt").decode("utf-8-sig").split("\r\n")
    assert "village_co\tvillage_code\t居村编码\tVillage code" in words
    assert "village_na\tvillage_name\t居村\tVillage" in words
    assert "016\tname\t600" in words
    assert layer.lost == {"text": 1}


@pytest.mark.parametrize("form", list(WRITERS))
def test_words_are_masked_in_every_format(made, form):
    path, _ = made(form, "tickets", reword=lambda words: words.replace("12345678", "****5678"))
    raw = (
        b"".join(zipfile.ZipFile(path).read(name) for name in zipfile.ZipFile(path).namelist())
        if zipfile.is_zipfile(path)
        else path.read_bytes()
    )
    assert b"12345678" not in raw
    if form != "parquet":
        assert b"138****5678" in raw


@pytest.mark.parametrize("form", list(WRITERS))
def test_codes_and_a_condition_narrow_every_format(made, form):
    kept = Condition("s.name <> :odd_name", {"odd_name": NAMES["008"]})
    ticked = []
    made(
        form, codes=frozenset({"007", "008"}), condition=kept, progress=lambda done, total: ticked.append((done, total))
    )
    assert ticked[-1] == (1, 1)


def test_geoparquet_says_what_it_is(made):
    path, _ = made("parquet", "towns", crs="http://www.opengis.net/def/crs/EPSG/0/4549")
    about = json.loads(pq.read_metadata(path).metadata[b"geo"])
    column = about["columns"]["geometry"]
    assert (about["version"], about["primary_column"]) == ("1.1.0", "geometry")
    assert (column["encoding"], column["geometry_types"]) == ("WKB", ["MultiPolygon"])
    assert column["crs"]["id"] == {"authority": "EPSG", "code": 4549}
    assert len(column["bbox"]) == 4
    assert geopandas.read_parquet(path).crs.to_epsg() == 4549


@pytest.mark.parametrize(
    "crs",
    [
        "EPSG:32651",
        "EPSG:4549 x",
        "epsg:x",
        "4549",
        "http://evil/4549",
        "EPSG:" + "4" * 99,
        "+proj=utm",
        "EPSG:４５４９",
        "",
    ],
)
def test_a_crs_that_is_not_offered_is_refused(made, crs):
    with pytest.raises(UnknownCrs, match="EPSG/0/4549"):
        made("gpkg", crs=crs)


@pytest.mark.parametrize("form", ["kml", "geojsonseq"])
def test_formats_of_one_crs_refuse_another(made, form):
    made(form, crs="EPSG:4326")
    with pytest.raises(BadSetting, match="WGS 84"):
        made(form, crs="EPSG:4549")


def test_only_tables_take_a_way_to_say_where(made):
    with pytest.raises(BadSetting, match="left out"):
        made("gpkg", geometry="wkt")
    with pytest.raises(BadSetting, match="lonlat, wkt"):
        made("csv", geometry="kml")


def test_an_unknown_format_is_not_found():
    with pytest.raises(NotFound, match="geojsonseq"):
        writer("dxf")


def test_more_rows_than_a_sheet_holds_are_refused(made, monkeypatch):
    monkeypatch.setitem(WRITERS, "xlsx", replace(WRITERS["xlsx"], most=3))
    with pytest.raises(BadSetting, match="holds 3"):
        made("xlsx")


def test_a_text_longer_than_a_cell_is_cut_and_counted(clone, made):
    engine = clone()
    with session_on(engine) as session:
        add_unit(session, "U1", 1, 1, name="𠮷" * 20_000)
    path, layer = made("xlsx", engine=engine)
    assert layer.lost == {"text": 1}
    assert table_of(path, "xlsx")[0]["name"] == "𠮷" * 16_383


@pytest.mark.parametrize("form", [*GDAL_FORMS, "xlsx"])
def test_an_error_on_the_way_is_told_as_itself(made, form):
    def stop(done, _total):
        if done:
            raise ExportTooLong(1)

    with pytest.raises(ExportTooLong):
        made(form, progress=stop)


@pytest.mark.parametrize("form", ["gpkg", "fgb", "shp"])
def test_a_file_that_cannot_be_made_is_told(made, tmp_path, form):
    name = {"gpkg": "units.gpkg", "fgb": "units.fgb", "shp": "shapefile"}[form]
    (tmp_path / name).mkdir()
    with pytest.raises((Unwritable, OSError)):
        made(form)


@pytest.mark.parametrize(("left", "error"), [(0, Unwritable), (2**62, OSError)], ids=["room", "full"])
def test_a_full_disk_is_told_as_one(made, monkeypatch, left, error):
    def refuse(_rows, path, **_how):
        raise Unwritable(path.name, "disk I/O error")

    monkeypatch.setattr(gdal, "write_layer", refuse)
    monkeypatch.setattr(exports, "LEAST_ROOM_BYTES", left)
    with pytest.raises(error, match="disk I/O error" if error is Unwritable else "No space left"):
        made("gpkg")
