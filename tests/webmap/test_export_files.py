"""Every format over HTTP: who gets what, what is refused, and what stays behind."""

import csv
import io
import json
import os
import re
import stat
import time
import zipfile

import openpyxl
import pyarrow.parquet as pq
import pytest
from makers import add_areas, add_unit, spot
from sqlalchemy import text

from geodata.catalog import COLLECTIONS
from geodata.db import make_engine
from geodata.export_errors import ExportCancelled, ExportsBusy, ExportTooLong
from geodata.formats.errors import Unwritable
from geodata.formats.writing import WRITERS
from geodata.models import Project, Ticket
from geodata.services import export_files, exports
from webmap.errors import status_of
from webmap.records import ENGINE

ID = "an-id-of-16-signs-or-more"
FILES = [form for form, writer in WRITERS.items() if not writer.streams]
MEDIA = {
    "geojson": "application/geo+json",
    "geojsonseq": "application/geo+json-seq",
    "gpkg": "application/geopackage+sqlite3",
    "shp": "application/zip",
    "fgb": "application/flatgeobuf",
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
    "kml": "application/vnd.google-earth.kml+xml",
}
ENDINGS = {"shp": "zip", "geojsonseq": "geojsons"}


@pytest.fixture
def units(records):
    with records() as session:
        add_areas(session)
        add_unit(session, "007", 1, 1, name="𠮷野家")
        add_unit(session, "OUT", 3, 1)


@pytest.fixture
def left(app):
    """A function that lists what lies in the folder of exports."""
    return lambda: sorted(p.name for p in (app.config["DATA_DIR"] / "exports").glob("*"))


@pytest.mark.parametrize("form", list(WRITERS))
def test_every_format_has_its_media_type_and_name(client, units, left, form):
    answer = client.get(f"/export/units.{form}?bbox=121.40,31.10,121.42,31.12")
    assert answer.status_code == 200
    assert answer.mimetype == MEDIA[form]
    name = re.fullmatch(r'attachment; filename="units-\d{8}\.(\w+)"', answer.headers["Content-Disposition"])
    assert name[1] == ENDINGS.get(form, form)
    assert len(answer.data) == int(answer.headers.get("Content-Length", len(answer.data)))
    assert len(answer.data) > 100
    assert "X-Left-Out" not in answer.headers
    if form in FILES:
        assert left() == []


@pytest.mark.parametrize("form", FILES)
def test_a_file_needs_one_connection_alone_and_none_while_it_is_sent(app, fresh_engine, client, units, form):
    alone = make_engine(fresh_engine.url.render_as_string(hide_password=False), statement_timeout_s=9.0, pool_size=1)
    app.extensions[ENGINE] = alone
    try:
        # read by nobody yet, as by a slow reader
        answer = client.get(f"/export/units.{form}", buffered=False)
        assert answer.status_code == 200
        assert alone.pool.checkedout() == 0
        assert answer.data
        answer.close()
    finally:
        alone.dispose()


def test_tickets_take_a_sign_in_and_their_conditions_in_every_format(client, signed_in, records):
    with records() as session:
        for number, state in enumerate(("reported", "closed")):
            facts = {"source": "s", "category_code": "0102", "title": "t", "reported_at": text("now()")}
            session.add(Ticket(number=f"T{number}", state=state, geom=spot(1, 1), **facts))
    assert {client.get(f"/export/tickets.{form}").status_code for form in WRITERS} == {401}
    browser = signed_in("viewer")
    answer = browser.get("/export/tickets.csv?state=new")
    assert [row["number"] for row in csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")))] == ["T0"]
    answer = browser.get("/export/tickets.xlsx?state=closed")
    page = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    assert [cell.value for cell in page["A"]] == ["number", "T1"]


def test_lists_of_cooperation_take_the_conditions_of_their_pages(client, records):
    with records() as session:
        for code, joint in (("J1", "governance"), ("J2", "culture")):
            session.add(Project(code=code, name=code, joint=joint, level="district", area_code="310112"))

    def codes(query):
        answer = client.get(f"/export/projects.csv?{query}")
        assert answer.status_code == 200
        return [row["code"] for row in csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")))]

    assert codes("") == ["J1", "J2"]
    assert codes("joint=culture") == ["J2"]
    assert codes("joint=culture&crs=EPSG:4549&geometry=wkt") == ["J2"]
    assert codes("q=nothing%20like%20it") == []
    assert client.get("/export/units.csv?joint=culture").status_code == 400


def test_a_filter_in_cql2_narrows_every_format_beside_the_conditions(client, units):
    for form in WRITERS:
        answer = client.get(f"/export/units.{form}", query_string={"filter": "name LIKE '𠮷%'", "progress": ID + form})
        assert answer.status_code == 200, answer.text
        assert client.get(f"/export/progress/{ID}{form}").get_json()["total"] == 1
    asked = '{"op":"=","args":[{"property":"code"},"007"]}'
    both = {"filter": asked, "filter-lang": "cql2-json", "bbox": "121,31,122,32"}
    answer = client.get("/export/units.csv", query_string=both)
    assert answer.data.decode().count("\r\n") == 2
    assert "filter=" in client.get("/exports", query_string={"collection": "units", "filter": "code = '007'"}).text


@pytest.mark.parametrize(
    "asked", ["nothing = 1", "code = ", "pg_sleep(9) = 1", "code = 'x' OR 1=1;drop table area", "(" * 3000]
)
def test_a_filter_that_cannot_be_read_is_refused(client, asked):
    for form in ("geojson", "gpkg"):
        answer = client.get(f"/export/units.{form}", query_string={"filter": asked})
        assert answer.status_code == 400
    assert client.get("/export/units.csv?filter=code%3D1&filter-lang=sql").status_code == 400


def test_nobody_asks_by_words_that_they_may_not_read(signed_in):
    asked = {"filter": "title LIKE '%138%'"}
    answers = [signed_in(role).get("/export/tickets.csv", query_string=asked) for role in ("viewer", "district")]
    assert [answer.status_code for answer in answers] == [400, 200]


def test_a_crs_is_taken_by_each_of_its_names(client, units):
    answers = [
        client.get(f"/export/units.csv?crs={crs}").data
        for crs in ("EPSG:4549", "http://www.opengis.net/def/crs/EPSG/0/4549", "urn:ogc:def:crs:EPSG::4549")
    ]
    assert len(set(answers)) == 1
    assert answers[0].startswith(b"\xef\xbb\xbfcode,")
    assert b",x,y\r\n" in answers[0]


@pytest.mark.parametrize(
    "query",
    [
        "crs=EPSG:2154",
        "crs=%2Bproj%3Dutm",
        "crs=http://evil.example/4549",
        "crs=EPSG:" + "4" * 150,
        "crs=EPSG:٤٥٤٩",
        "crs=1;drop%20table%20area",
        "geometry=wkb",
        "geometry=(select%201)",
        "progress=short",
        "progress=../../../../etc/passwd",
        "progress=" + "a" * 65,
        "progress=aaaaaaaaaaaaaaaaa%2F..%2Fx",
        "sortby=name",
        "bbox=1,2,3",
    ],
)
@pytest.mark.parametrize("form", ["csv", "gpkg"])
def test_what_cannot_be_meant_is_refused(client, left, form, query):
    answer = client.get(f"/export/towns.{form}?{query}")
    assert answer.status_code == 400
    assert answer.mimetype == "application/problem+json"
    assert left() == []


@pytest.mark.parametrize("form", ["geojsonseq", "kml"])
def test_formats_in_wgs_84_alone_say_so(client, form):
    answer = client.get(f"/export/towns.{form}?crs=EPSG:4549")
    assert answer.status_code == 400
    assert "WGS 84" in answer.get_json()["detail"]


@pytest.mark.parametrize("form", ["dxf", "geojson.exe", "..", "GPKG", "csv%00", "x" * 300])
def test_an_unknown_format_is_404(client, form):
    assert client.get(f"/export/towns.{form}").status_code in {400, 404}


def test_what_a_format_cannot_hold_is_said(client, records):
    with records() as session:
        add_unit(session, "U1", 1, 1, name="长" * 200)
    answer = client.get("/export/units.shp")
    assert answer.headers["X-Left-Out"] == "text=1"
    assert "X-Left-Out" not in client.get("/export/units.gpkg").headers


def test_no_more_files_at_once_than_there_are_places(app, client, units, tmp_path):
    with export_files.workroom(tmp_path), export_files.workroom(tmp_path):
        answer = client.get("/export/units.gpkg")
        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == "5"
        # what streams needs no place
        assert client.get("/export/units.geojson").status_code == 200
    assert client.get("/export/units.gpkg").status_code == 200


def test_nothing_stays_after_an_error(client, units, left, monkeypatch):
    def full(*_args, **_how):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(exports, "make", full)
    for _ in range(3):
        answer = client.get("/export/units.gpkg")
        assert answer.status_code == 503
        assert answer.headers["Retry-After"]
    assert left() == []


def test_what_a_crash_left_behind_goes_with_the_next_file(app, client, units, left):
    home = app.config["DATA_DIR"] / "exports"
    home.mkdir()
    for name, age_s in (("file-old", 7200), ("file-new", 60)):
        (home / name).mkdir()
        (home / name / "export.gpkg").write_bytes(b"half")
        then = time.time() - age_s
        os.utime(home / name, (then, then))
    assert client.get("/export/units.gpkg").status_code == 200
    assert left() == ["file-new"]


def test_files_in_the_making_are_for_the_server_alone(app, client, units, monkeypatch):
    seen = []
    really = exports.make

    def make(engine, asked, path, *rest, **how):
        seen.extend(stat.S_IMODE(one.stat().st_mode) for one in (path.parent, path.parent.parent))
        assert app.config["DATA_DIR"] in path.parents
        return really(engine, asked, path, *rest, **how)

    monkeypatch.setattr(exports, "make", make)
    assert client.get("/export/units.fgb").status_code == 200
    assert seen == [0o700, 0o700]


def test_an_export_tells_how_far_it_is(client, units):
    assert client.get(f"/export/progress/{ID}").get_json() == {"state": "waiting", "done": 0, "total": 0}
    assert client.get(f"/export/units.gpkg?progress={ID}").status_code == 200
    assert client.get(f"/export/progress/{ID}").get_json() == {"state": "made", "done": 2, "total": 2}
    answer = client.get(f"/export/units.csv?progress={ID}2")
    assert answer.headers["X-Features"] == "2"
    assert client.get(f"/export/progress/{ID}2").get_json()["state"] == "made"
    assert "X-Features" not in client.get("/export/units.csv").headers


def test_an_export_that_is_cancelled_ends(app, client, units, left, monkeypatch):
    really = export_files.teller

    def teller(data_dir, id_):
        tell = really(data_dir, id_)
        tell(0, 2)
        assert client.post(f"/export/progress/{id_}/cancel").status_code == 200
        return tell

    monkeypatch.setattr(export_files, "teller", teller)
    app.config["WTF_CSRF_ENABLED"] = False
    answer = client.get(f"/export/units.gpkg?progress={ID}")
    assert answer.status_code == 409
    assert not [name for name in left() if name.startswith("file-")]


def test_cancelling_needs_the_token_of_the_page_and_an_export(app, client, left):
    assert client.post(f"/export/progress/{ID}/cancel").status_code == 403
    app.config["WTF_CSRF_ENABLED"] = False
    assert client.post(f"/export/progress/{ID}/cancel").status_code == 200
    assert client.post("/export/progress/x/cancel").status_code == 400
    assert left() == []


@pytest.mark.parametrize("id_", ["x", "a" * 65, "..%2f..%2fetc", "aaaaaaaaaaaaaaaa.json", "a" * 15])
def test_an_id_that_could_be_guessed_or_leads_elsewhere_is_refused(client, id_):
    assert client.get(f"/export/progress/{id_}").status_code in {400, 404}


def test_an_export_that_takes_too_long_is_ended(client, units, left, monkeypatch):
    monkeypatch.setattr(exports, "EXPORT_LIMIT_S", 1e-9)
    monkeypatch.setattr(exports, "limit", lambda *_: None)
    answer = client.get("/export/units.gpkg")
    assert answer.status_code == 503
    assert left() == []


def test_the_first_block_leaves_before_the_last_row_is_read(client, records, monkeypatch):
    with records() as session:
        for number in range(1500):
            add_unit(session, f"U{number:04}", 1, 1, name="长" * 100)
    for form in ("geojson", "geojsonseq", "csv", "kml"):
        answer = client.get(f"/export/units.{form}", buffered=False)
        first = next(answer.iter_encoded())
        assert len(first) < 200_000
        assert not first.count(b"U1499")
        answer.close()


@pytest.mark.parametrize("form", ["csv", "xlsx", "parquet", "kml", "geojsonseq", "shp"])
def test_words_leave_masked_in_every_format(signed_in, records, form):
    with records() as session:
        facts = {"source": "s", "category_code": "0102", "state": "reported", "reported_at": text("now()")}
        session.add(Ticket(number="T0", title="电话13812345678", **facts))
    told = {role: signed_in(role).get(f"/export/tickets.{form}").data for role in ("viewer", "district")}
    if form == "parquet":
        words = {role: pq.read_table(io.BytesIO(raw))["title"].to_pylist() for role, raw in told.items()}
    elif form == "xlsx":
        words = {role: [openpyxl.load_workbook(io.BytesIO(raw)).active["D2"].value] for role, raw in told.items()}
    else:
        raw = {
            role: zipfile.ZipFile(io.BytesIO(data)).read("tickets.dbf") if form == "shp" else data
            for role, data in told.items()
        }
        assert b"138****5678" in raw["viewer"]
        assert b"13812345678" not in raw["viewer"]
        assert b"13812345678" in raw["district"]
        return
    assert words == {"viewer": ["电话138****5678"], "district": ["电话13812345678"]}


def test_the_index_names_the_formats(client):
    for entry in client.get("/export/").get_json():
        assert entry["formats"] == {form: f"/export/{entry['id']}.{form}" for form in WRITERS}


def test_the_page_lists_what_one_may_take(client, signed_in, units):
    page = client.get("/exports").text
    assert "/export/units.gpkg" in page
    assert "/export/tickets." not in page
    assert "/export/registrations." not in page
    page = signed_in("district").get("/exports?form=csv&crs=EPSG:4549&geometry=wkt").text
    assert "/export/tickets.csv?crs=EPSG%3A4549&amp;geometry=wkt" in page
    assert set(re.findall(r"/export/(\w+)\.csv", page)) == {each.id for each in COLLECTIONS}


def test_the_page_keeps_the_conditions_of_its_address(client, units):
    page = client.get("/exports?collection=units&area=310112101000&form=kml&crs=EPSG:4549").text
    assert "/export/units.kml?area=310112101000" in page
    assert "area=310112101000" in page
    assert "/export/towns" not in page


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("collection=nothing", 404),
        ("collection=tickets", 401),
        ("form=dxf", 400),
        ("crs=EPSG:2154", 400),
        ("form=csv&geometry=kml", 400),
        ("state=new", 400),
        ("collection=units&state=new", 400),
        ("collection=units&bbox=1", 400),
    ],
)
def test_the_page_refuses_what_it_does_not_know(client, query, status):
    assert client.get(f"/exports?{query}", headers={"Accept": "application/json"}).status_code == status


def test_conditions_are_shown_as_text(client):
    page = client.get("/exports?collection=projects&q=%3Cscript%3Ealert(1)%3C/script%3E").text
    assert "<script>alert" not in page
    assert json.dumps("<script>") not in page


def test_errors_have_their_statuses():
    found = [
        status_of(error).value for error in (ExportsBusy(), ExportTooLong(1), ExportCancelled(), Unwritable("x", "y"))
    ]
    assert found == [503, 503, 409, 422]
