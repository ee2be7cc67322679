"""Files made to do harm: refused, quickly, with nothing fetched, followed or written elsewhere."""

import socket
import stat
import subprocess
import sys
import threading
import time
import zipfile

import files
import geopandas as gpd
import openpyxl
import pytest
import shapely

from geodata import formats
from geodata.formats import archives, gdal, geojson, strict_xml, xlsx
from geodata.formats.errors import FileRefused, TooLarge, Unreadable, UnsafeArchive

SECRET = "the-secret-of-the-house"
BOX = gpd.GeoDataFrame({"code": ["1"]}, geometry=[shapely.box(0, 0, 1, 1)], crs=4326)


@pytest.fixture
def sentinel():
    """A port on this machine that counts who calls; in the end nobody must have."""
    calls = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)
        done = threading.Event()

        def listen():
            while not done.is_set():
                try:
                    caller, _ = server.accept()
                except TimeoutError:
                    continue
                calls.append(caller)
                caller.close()

        thread = threading.Thread(target=listen)
        thread.start()
        yield server.getsockname()[1]
        done.set()
        thread.join()
    assert calls == []


# -- S7: GDAL chooses its driver by content -------------------------------------------------------


def foreign_documents(secret, port):
    """Documents that other drivers of GDAL would follow."""
    inner = f'<OGRVRTLayer name="a"><SrcDataSource>{secret}</SrcDataSource></OGRVRTLayer>'
    return {
        "vrt": f"<OGRVRTDataSource>{inner}</OGRVRTDataSource>",
        "wfs": f"<OGRWFSDataSource><URL>http://127.0.0.1:{port}/wfs</URL></OGRWFSDataSource>",
        "oapif": f"OAPIF:http://127.0.0.1:{port}/",
        "postgres": f"PG:host=127.0.0.1 port={port} dbname=wangge",
        "vsicurl": f"/vsicurl/http://127.0.0.1:{port}/a.gpkg",
        "esri json": '{"geometryType": "esriGeometryPoint", "features": []}',
        "topojson": '{"type": "Topology", "objects": {}, "arcs": []}',
        "gdalg": f'{{"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline ! read {secret}"}}',
    }


NEWER = [".fgb", ".parquet", ".kml", ".kmz", ".gpx"]


@pytest.mark.parametrize("name", list(foreign_documents("", 0)))
@pytest.mark.parametrize("suffix", [".gpkg", ".zip", ".geojson", ".xlsx", ".json", *NEWER])
def test_a_document_of_another_driver_is_refused(name, suffix, tmp_path, sentinel):
    secret = files.table(tmp_path / "secret.csv", "x", SECRET)
    path = tmp_path / f"a{suffix}"
    path.write_text(foreign_documents(secret, sentinel)[name])
    with pytest.raises(FileRefused) as refused:
        formats.read(path)
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize("name", list(foreign_documents("", 0)))
def test_a_document_of_another_driver_inside_a_zip_is_refused(name, tmp_path, sentinel):
    secret = files.table(tmp_path / "secret.csv", "x", SECRET)
    content = foreign_documents(secret, sentinel)[name].encode()
    made = files.archive(tmp_path / "a.zip", [("a.shp", content), ("a.shx", content), ("a.dbf", content)])
    with pytest.raises(FileRefused, match="no shapefile"):
        formats.read(made)


def test_only_the_allowed_drivers_are_loaded():
    # in a process of its own, as another test may have loaded GDAL before us
    program = "from geodata.formats import gdal; print(sorted(gdal.pyogrio.list_drivers()), end='')"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - our own words
    assert done.stdout == str(sorted(gdal.ALLOWED))
    assert done.stderr == ""  # GDAL complains of names it does not know


def test_a_path_that_is_no_file_on_disk_never_reaches_gdal(sentinel):
    for name in (f"/vsicurl/http://127.0.0.1:{sentinel}/a.gpkg", "/vsimem/a.gpkg", "/vsizip/a.zip/a.gpkg"):
        with pytest.raises(FileNotFoundError):
            gdal.layers(gdal.Path(name), driver="GPKG", file="a.gpkg")


# -- S8: zip files --------------------------------------------------------------------------------


def bomb(size):
    return files.packed([("a.shp", b"\0" * size)])


def entry(name, *, mode=0o644):
    made = zipfile.ZipInfo(name)
    made.external_attr = mode << 16
    made.compress_type = zipfile.ZIP_DEFLATED
    return made


def link():
    return entry("a.shp", mode=stat.S_IFLNK | 0o777)


@pytest.mark.parametrize(
    ("entries", "reason"),
    [
        pytest.param([(entry("../../x.shp"), b"")], "points outside", id="parent folder"),
        pytest.param([(entry("/etc/x.shp"), b"")], "points outside", id="absolute"),
        pytest.param([(entry("..\\..\\x.shp"), b"")], "points outside", id="backslashes"),
        pytest.param([(entry("C:/x.shp"), b"")], "points outside", id="a drive"),
        pytest.param([(link(), b"/etc/passwd")], "is a link", id="a symlink"),
        pytest.param([(entry("a.shp"), b"\0" * 20_000_000)], "suspiciously many", id="a high ratio"),
        pytest.param([(entry("a.shp"), b"1"), (entry("a.shp"), b"2")], "twice", id="duplicate names"),
        pytest.param([(entry("in.zip"), bomb(1000))], r"no \.shp", id="a zip in a zip is not opened"),
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
def test_a_zip_nobody_should_unpack_is_refused(entries, reason, tmp_path):
    made = tmp_path / "job" / "a.zip"
    made.parent.mkdir()
    with pytest.raises(FileRefused, match=reason):
        formats.read(files.archive(made, entries))
    assert [one.name for one in tmp_path.rglob("*")] == ["job", "a.zip"]


def test_a_name_with_nul_is_refused(tmp_path):
    # zipfile cuts a name at its NUL when it writes, so one is put in afterwards
    content = files.packed([("aXb.shp", b"1")]).replace(b"aXb.shp", b"a\0b.shp")
    path = tmp_path / "a.zip"
    path.write_bytes(content)
    with pytest.raises(UnsafeArchive, match="points outside"):
        formats.read(path)


def test_too_many_entries_are_refused(tmp_path):
    made = files.archive(tmp_path / "a.zip", [(f"{i}.txt", b"") for i in range(archives.MAX_ENTRIES + 1)])
    with pytest.raises(TooLarge, match=r"1,001 entries.*1,000"):
        formats.read(made)


def test_too_many_bytes_are_refused_before_any_is_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "unpack", None)
    noise = bytes(range(256)) * 16
    made = files.archive(tmp_path / "a.zip", [(f"{i}.shp", noise) for i in range(3)])
    with (
        pytest.raises(TooLarge, match=r"12,288 bytes.*10,000"),
        archives.opened(made, max_bytes=10_000),
    ):
        pass


def test_an_entry_larger_than_it_says_stops_where_it_said(tmp_path):
    # both places that tell the size of the unpacked entry are changed to ten bytes
    content = bytearray(files.packed([("a.shp", b"x" * 100_000)]))
    real, told = (100_000).to_bytes(4, "little"), (10).to_bytes(4, "little")
    assert content.count(real) == 2
    path = tmp_path / "a.zip"
    path.write_bytes(bytes(content).replace(real, told))
    target = tmp_path / "out"
    with pytest.raises(Unreadable), archives.opened(path) as archive:
        archives.unpack(archive, archive.infolist()[0], target)
    assert target.stat().st_size <= 10


def test_a_locked_zip_is_refused(tmp_path):
    content = bytearray(files.packed([("a.shp", b"1")]))
    for mark in (b"PK\x03\x04", b"PK\x01\x02"):
        at = content.index(mark) + (6 if mark == b"PK\x03\x04" else 8)
        content[at] |= 1
    path = tmp_path / "a.zip"
    path.write_bytes(bytes(content))
    with pytest.raises(UnsafeArchive, match="password"):
        formats.read(path)


def test_gbk_names_in_a_zip_are_read(tmp_path):
    plain = files.zipped_shapefile(tmp_path / "plain.zip", BOX, name="XXXX")
    renamed = plain.read_bytes().replace(b"XXXX.", "闵行".encode("gbk") + b".")
    path = tmp_path / "a.zip"
    path.write_bytes(renamed)
    assert len(formats.read(path, layer="闵行").rows) == 1


# -- S9: XML --------------------------------------------------------------------------------------

LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "' + "&a;" * 50 + '"><!ENTITY c "' + "&b;" * 50 + '">]>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("entities", [pytest.param(LAUGHS, id="billion laughs"), pytest.param(OUTSIDE, id="external")])
@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/styles.xml"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_workbook_with_entities_is_refused_at_once(entities, part, encoding, tmp_path):
    plain = files.workbook(tmp_path / "plain.xlsx", ["x"], ["1"])
    with zipfile.ZipFile(plain) as pack:
        parts = {name: pack.read(name) for name in pack.namelist()}
    body = parts[part].decode().removeprefix('<?xml version="1.0" encoding="UTF-8"?>')
    head = f'<?xml version="1.0" encoding="{encoding.upper()}"?>'
    parts[part] = f"{head}{entities}{body}".encode(encoding)
    made = files.archive(tmp_path / "a.xlsx", list(parts.items()))
    start = time.monotonic()
    with pytest.raises(Unreadable):
        formats.read(made)
    assert time.monotonic() - start < 1.0


INCLUSION = '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/>'


@pytest.mark.parametrize(("make", "name"), [(files.kml, "a.kml"), (files.kml, "a.kmz"), (files.gpx, "a.gpx")])
@pytest.mark.parametrize("entities", [pytest.param(LAUGHS, id="billion laughs"), pytest.param(OUTSIDE, id="external")])
def test_xml_with_entities_is_refused_at_once(entities, make, name, tmp_path):
    start = time.monotonic()
    with pytest.raises(Unreadable, match="document type or entities"):
        formats.read(make(tmp_path / name, "<name>&c;</name>", head=entities))
    assert time.monotonic() - start < 1.0


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_xml_with_entities_in_another_encoding_is_refused(encoding, tmp_path):
    path = tmp_path / "a.kml"
    path.write_bytes(f"{LAUGHS}<kml/>".encode(encoding))
    with pytest.raises(Unreadable, match="document type or entities"):
        formats.read(path)


@pytest.mark.parametrize(("make", "name"), [(files.kml, "a.kml"), (files.gpx, "a.gpx")])
def test_xml_that_includes_other_files_is_refused(make, name, tmp_path):
    with pytest.raises(Unreadable, match="includes other files"):
        formats.read(make(tmp_path / name, INCLUSION))


@pytest.mark.parametrize(("make", "name"), [(files.kml, "a.kml"), (files.gpx, "a.gpx")])
def test_deep_xml_is_refused_at_once(make, name, tmp_path):
    start = time.monotonic()
    with pytest.raises(Unreadable, match="deeper than 64"):
        formats.read(make(tmp_path / name, "<a>" * 1_000_000))
    assert time.monotonic() - start < 1.0


@pytest.mark.parametrize(
    ("make", "name", "part"),
    [(files.kml, "a.kml", "<Placemark>{}</Placemark>"), (files.gpx, "a.gpx", '<trk lon="1" lat="1">{}</trk>')],
)
def test_xml_with_too_many_elements_in_a_feature_is_refused(make, name, part, tmp_path, monkeypatch):
    monkeypatch.setattr(strict_xml, "MAX_ELEMENTS", 100)
    with pytest.raises(TooLarge, match="too many elements"):
        formats.read(make(tmp_path / name, part.format("<a/>" * 100)))


@pytest.mark.parametrize(
    ("make", "name", "part"), [(files.kml, "a.kml", "<Placemark/>"), (files.gpx, "a.gpx", "<wpt/>")]
)
def test_xml_with_too_many_features_is_refused(make, name, part, tmp_path, monkeypatch):
    monkeypatch.setattr(strict_xml, "MAX_TREES", 9)
    with pytest.raises(TooLarge, match="too many features"):
        formats.read(make(tmp_path / name, part * 10))


@pytest.mark.parametrize(("make", "name"), [(files.kml, "a.kml"), (files.kml, "a.kmz"), (files.gpx, "a.gpx")])
def test_xml_too_large_is_refused_unread(make, name, tmp_path, monkeypatch):
    monkeypatch.setattr(strict_xml, "MAX_BYTES", 10)
    with pytest.raises(TooLarge, match="limit is 10"):
        formats.read(make(tmp_path / name))


def test_what_a_kml_links_to_is_noted_and_never_fetched(tmp_path, sentinel):
    link = f"<NetworkLink><Link><href>http://127.0.0.1:{sentinel}/a.kml</href></Link></NetworkLink>"
    picture = f"<GroundOverlay><Icon><href>http://127.0.0.1:{sentinel}/a.png</href></Icon></GroundOverlay>"
    style = f"<Style><IconStyle><Icon><href>http://127.0.0.1:{sentinel}/i.png</href></Icon></IconStyle></Style>"
    schema = f'<ExtendedData><SchemaData schemaUrl="http://127.0.0.1:{sentinel}/s"/></ExtendedData>'
    made = files.kml(tmp_path / "a.kml", link, picture, style, f"<Placemark><name>甲</name>{schema}</Placemark>")
    read = formats.read(made)
    assert read.rows == [{"name": "甲"}]
    assert [dict(note.facts) for note in read.notes] == [{"NetworkLink": 1, "GroundOverlay": 1, "href": 3}]


@pytest.mark.parametrize(
    ("entries", "reason"),
    [
        pytest.param([(entry("../doc.kml"), b"<kml/>")], "points outside", id="parent folder"),
        pytest.param([(entry("doc.kml"), b" " * 20_000_000)], "suspiciously many", id="a high ratio"),
        pytest.param([(entry("in.kmz"), bomb(1000))], "no KML in it", id="a zip in a zip is not opened"),
        pytest.param([(entry("doc.kml"), b"<OGRVRTDataSource/>")], "not KML", id="another document"),
    ],
)
def test_a_kmz_nobody_should_unpack_is_refused(entries, reason, tmp_path):
    with pytest.raises(FileRefused, match=reason):
        formats.read(files.archive(tmp_path / "a.kmz", entries))


def test_a_sheet_that_lies_about_its_size_is_counted(tmp_path):
    plain = files.workbook(tmp_path / "plain.xlsx", ["x"], ["1"])
    with zipfile.ZipFile(plain) as pack:
        parts = {name: pack.read(name) for name in pack.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = parts[sheet].replace(b'ref="A1:A2"', b'ref="A1:XFD1048576"')
    assert b"XFD1048576" in parts[sheet]
    assert formats.read(files.archive(tmp_path / "a.xlsx", list(parts.items()))).rows == [{"x": "1"}]


def test_a_sheet_with_too_many_columns_is_refused(tmp_path):
    book = openpyxl.Workbook()
    book.active.cell(row=1, column=xlsx.MAX_COLUMNS + 1, value="x")
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(TooLarge, match="501 columns"):
        formats.read(tmp_path / "a.xlsx")


# -- size -----------------------------------------------------------------------------------------


def test_json_too_large_is_refused_unread(tmp_path, monkeypatch):
    monkeypatch.setattr(geojson, "MAX_BYTES", 10)
    with pytest.raises(TooLarge, match="split it"):
        formats.read(files.geojson(tmp_path / "a.geojson", ({}, None)))


def test_deep_json_is_refused_at_once(tmp_path):
    path = tmp_path / "a.geojson"
    path.write_text('{"type":' + "[" * 1_000_000)
    start = time.monotonic()
    with pytest.raises(Unreadable, match="nesting"):
        formats.read(path)
    assert time.monotonic() - start < 1.0
