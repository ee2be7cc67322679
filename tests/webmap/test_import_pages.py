"""A file brought in by hand: sent, looked at, changed, imported; and all that is refused on the way."""

import json
import re
import time
from io import BytesIO

import makers
import pytest
from sqlalchemy import func, select
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from geodata.formats.delimited import disarmed
from geodata.models import Area, ImportRun, MemberUnit, Project
from geodata.services import import_files, import_work
from webmap.pages import import_kinds, imports
from webmap.pages.import_preview import LEFT_OUT

HEAD = "编码,名称,类型,地址,经度,纬度"
GOOD = f"{HEAD}\nA1,甲小学,学校,,121.405,31.105\nA2,乙,其他,,,\n"
HALF = f"{GOOD}A3,,其他,,121.41,31.11\n"


@pytest.fixture
def planner(signed_in, records):
    """A planner's browser, in a district with areas."""
    with records() as session:
        makers.add_areas(session)
    return signed_in("planner")


@pytest.fixture
def send():
    """A function that sends a file and returns the answer."""

    def sent(browser, content=GOOD, name="单位.csv", kind="units", **form):
        content = content.encode() if isinstance(content, str) else content
        # the client itself would leave a large form open in a file
        boundary, body = encode_multipart({"kind": kind, "file": FileStorage(BytesIO(content), name), **form})
        return browser.post("/import", data=body, content_type=f"multipart/form-data; boundary={boundary}")

    return sent


@pytest.fixture
def look(send):
    """A function that sends a file, and chooses options where some are given; returns its address and the page."""

    def looked(browser, content=GOOD, *, name="单位.csv", kind="units", form=None, **options):
        answer = send(browser, content, name, kind, **(form or {}))
        assert answer.status_code == 302, answer.text
        if options:
            answer = browser.post(answer.location, data=options)
            assert answer.status_code == 302, answer.text
        return answer.location, browser.get(answer.location).text

    return looked


def version(page):
    return re.search(r'name="version" value="(\w+)"', page)[1]


def take(browser, address, page, **form):
    return browser.post(f"{address}/run", data={"version": version(page), **form})


@pytest.fixture
def count(records):
    """A function that counts rows of a table."""

    def counted(model=MemberUnit):
        with records() as session:
            return session.scalar(select(func.count()).select_from(model))

    return counted


def figures(page):
    """The figures at the top, in their order: rows, new, changed, unchanged, bad."""
    return [int(number) for number in re.findall(r"<dd>(\d+)</dd>", page)[:5]]


# -- the ordinary way --------------------------------------------------------------------------------------


def test_a_file_is_sent_looked_at_and_imported(planner, look, count, records):
    address, page = look(planner, datum="wgs84")
    assert figures(page) == [2, 2, 0, 0, 0]
    assert (count(), count(ImportRun)) == (0, 0)
    answer = take(planner, address, page)
    assert (answer.status_code, answer.location) == (302, address)
    answer = planner.get(address)
    assert answer.location == "/imports/1"
    told = planner.get(answer.location).text
    assert (count(), count(ImportRun)) == (2, 1)
    assert figures(told) == [2, 2, 0, 0, 0]
    assert 'href="/units"' in told
    with records() as session:
        run = session.get(ImportRun, 1)
        assert (run.actor, run.file_name, run.datum) == ("planner", "单位.csv", "wgs84")


def test_the_form_offers_what_may_be_brought_and_says_what_each_is(planner):
    page = planner.get("/import").text
    offered = set(re.findall(r'<option value="(\w+)"', page)) - {"district", "town", "village"}
    assert offered == {
        *("areas", "grid", "units", "gazetteer", "basemap", "duty_grids"),
        *("teams", "regions", "blocks", "points", "deputies"),
    }
    assert "单位名称" in page


def test_every_kind_is_offered_to_the_administrator(signed_in):
    page = signed_in("admin").get("/import?lang=en").text
    assert set(import_kinds.ACTIONS) <= set(re.findall(r'<option value="(\w+)"', page))
    assert set(re.findall(r'data-kind="(\w+)"', page)) == set(import_kinds.ACTIONS)


def test_without_a_datum_the_page_says_what_it_looks_like_and_offers_no_import(planner, look, count):
    address, page = look(planner)
    assert 'data-word="DatumNeeded"' in page
    assert 'name="datum" value="gcj02"' in page
    assert 'name="datum" value="epsg:4549"' in page
    assert 'name="version"' not in page
    planner.post(f"{address}/run", data={"version": "x"})
    assert count() == 0


def test_a_file_without_places_asks_for_no_datum(planner, look):
    _address, page = look(planner, "编码,名称\nA1,甲\n")
    assert 'name="datum"' not in page
    assert figures(page) == [1, 1, 0, 0, 0]


def test_areas_have_a_level_and_a_first_day(planner, look, count, records):
    feature = {"type": "Feature", "properties": {"name": "南镇", "code": "310112103000"}, "geometry": None}
    content = json.dumps({"type": "FeatureCollection", "features": [feature]})
    form = {"level": "town", "valid_from": "2020-01-01"}
    address, page = look(planner, content, name="towns.geojson", kind="areas", form=form, datum="wgs84", **form)
    assert figures(page)[:2] == [1, 1]
    take(planner, address, page)
    with records() as session:
        made = session.scalars(select(Area).where(Area.code == "310112103000")).one()
        assert (made.level, made.valid_from.isoformat()) == ("town", "2020-01-01")


# -- columns -------------------------------------------------------------------------------------------------


def test_a_heading_that_nobody_knows_is_given_a_field(planner, look, count):
    address, page = look(planner, "甲,乙\nU1,某单位\n")
    assert 'data-word="FieldsMissing"' in page
    answer = planner.post(address, data={"column_0": "code", "column_1": "name", "value_kind": "学校"})
    page = planner.get(answer.location).text
    assert figures(page) == [1, 1, 0, 0, 0]
    assert '<option value="name" selected>' in page
    take(planner, address, page)
    assert count() == 1


def test_a_column_is_left_out_and_taken_in_again(planner, look):
    address, page = look(planner, "编码,名称,地址\nA1,甲,路1号\n")
    assert '<option value="address" selected>' in page
    data = {"column_0": "code", "column_1": "name", "column_2": LEFT_OUT}
    page = planner.get(planner.post(address, data=data).location).text
    assert '<option value="address" selected>' not in page
    page = planner.get(planner.post(address, data={**data, "column_2": "address"}).location).text
    assert '<option value="address" selected>' in page


def test_what_was_recognised_stays_open_to_the_datum(planner, look):
    content = "名称,lng_wgs84,lat_wgs84,lng_gcj02,lat_gcj02\n甲,121.405,31.105,121.4096,31.1029\n"
    address, page = look(planner, content)
    recognised = dict(re.findall(r'name="column_(\d)">.*?<option value="(\w*)" selected>', page, re.S))
    data = {f"column_{number}": field for number, field in recognised.items()}
    page = planner.get(planner.post(address, data={**data, "datum": "gcj02"}).location).text
    shown = re.findall(r'name="column_(\d)">.*?<option value="([\w-]*)" selected>', page, re.S)
    assert [number for number, field in shown if field in {"lon", "lat"}] == ["3", "4"]


def test_two_columns_for_one_field_are_told(planner, look):
    address, _page = look(planner, "甲,乙,名称\nU1,某单位,x\n")
    answer = planner.post(address, data={"column_0": "name", "column_1": "name"})
    assert answer.status_code == 422


# -- problems and places -----------------------------------------------------------------------------------


def test_bad_rows_are_listed_and_left_out_only_when_that_is_ticked(planner, look, count):
    address, page = look(planner, HALF, datum="wgs84")
    assert figures(page) == [3, 2, 0, 0, 1]
    assert "为空" in page
    take(planner, address, page)
    assert (planner.get(address).status_code, count()) == (200, 0)
    take(planner, address, page, skip_bad="yes")
    assert count() == 2


def test_all_problems_are_a_sheet_and_turn_page_by_page(planner, look):
    rows = "".join(f"A{n},,其他,,,\n" for n in range(120))
    address, page = look(planner, f"{HEAD}\n{rows}", datum="wgs84")
    assert ">2</td>" in page
    assert ">52</td>" not in page
    assert ">52</td>" in planner.get(f"{address}?page=2").text
    answer = planner.get(f"{address}/problems.csv")
    assert answer.mimetype == "text/csv"
    assert len(answer.data.decode("utf-8-sig").splitlines()) == 121


def test_places_are_given_to_the_map(planner, look):
    address, page = look(planner, HALF, datum="wgs84")
    found = planner.get(f"{address}/places.geojson").json["features"]
    assert [one["properties"]["standing"] for one in found] == ["new", "bad"]
    assert "map-config" in page


def test_rows_outside_the_district_are_marked(planner, look):
    lines = "".join(f"B{n},乙{n},其他,,121.4{n},31.105\n" for n in range(1, 4))
    _address, page = look(planner, f"{HEAD}\n{lines}C1,丙,其他,,121.6,31.5\n", datum="wgs84")
    assert figures(page)[1] == 4
    assert "区外" in page


# -- refusals ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "name", "form", "status"),
    [
        pytest.param(GOOD, "x.exe", {}, 422, id="an ending that is not read"),
        pytest.param(GOOD, "", {}, 422, id="no file"),
        pytest.param(GOOD, "a.csv", {"kind": "people"}, 422, id="no kind"),
        pytest.param(GOOD, "a.csv", {"kind": ""}, 422, id="an empty kind"),
        pytest.param(GOOD, "a.csv", {"kind": "areas"}, 422, id="areas without level"),
        pytest.param(GOOD, "a.csv", {"kind": "areas", "level": "planet"}, 422, id="a level there is not"),
        pytest.param(GOOD, "a.csv", {"kind": "areas", "level": "town", "valid_from": "x"}, 422, id="no day"),
        pytest.param(GOOD, "a.csv", {"kind": "projects"}, 403, id="what a planner may not set by hand"),
    ],
)
def test_a_form_that_cannot_be_used_keeps_nothing(planner, send, app, content, name, form, status):
    answer = send(planner, content, name, **form)
    assert answer.status_code == status
    assert not any(path.is_dir() for path in (app.config["DATA_DIR"] / "imports").glob("*"))


def test_a_file_about_persons_is_refused_and_deleted(planner, look, app):
    address, page = look(planner, "名称,身份证号\n甲,310112199001011234\n")
    assert 'data-word="PersonalData"' in page
    assert "310112199001011234" not in page
    assert list((app.config["DATA_DIR"] / address[1:].replace("import", "imports")).glob("data.*")) == []


def test_a_file_is_larger_than_other_forms_and_not_than_the_limit(planner, send, app):
    rows = "".join(f"A{n},unit{n},other,,,\n" for n in range(100_000))
    app.config["IMPORT_MB"] = 1
    assert send(planner, f"{HEAD}\n{rows[:1_000_000]}\n").status_code == 302
    assert send(planner, f"{HEAD}\n{rows[: 1024 * 1024 + 200]}\n").status_code == 422
    assert send(planner, f"{HEAD}\n{rows}").status_code == 413


def test_who_may_not_import_has_no_room_for_a_file(app, signed_in, send):
    officer = signed_in("officer")
    large = "x" * (3 * 1024 * 1024)
    assert send(officer, large).status_code == 413
    assert send(app.test_client(), large).status_code == 413
    assert send(officer).status_code == 403


def test_the_sixth_file_that_waits_is_refused(planner, send):
    for _ in range(import_files.MOST_FILES):
        assert send(planner).status_code == 302
    assert send(planner).status_code == 409


def test_a_full_disk_is_told_and_nothing_is_kept(planner, send, monkeypatch):
    def full(*_args, **_how):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(import_files, "_copy", full)
    answer = send(planner)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    monkeypatch.undo()
    assert send(planner).status_code == 302


def test_a_form_of_another_site_is_refused(app, planner, send):
    app.config["WTF_CSRF_ENABLED"] = True
    assert send(planner).status_code == 403
    assert planner.post(f"/import/{'0' * 32}/run").status_code == 403


def test_a_file_of_somebody_else_is_not_there(planner, look, signed_in):
    address, page = look(planner, datum="wgs84")
    other = signed_in("admin")
    for path in ("", "/standing", "/places.geojson", "/problems.csv"):
        assert other.get(address + path).status_code == 404
    for path in ("", "/run", "/discard"):
        assert other.post(address + path, data={"version": version(page)}).status_code == 404
    assert planner.get(address).status_code == 200
    assert other.get("/import").text.count(address) == 0


def test_whoever_lost_the_right_to_a_kind_has_lost_the_file(planner, look, monkeypatch):
    address, _page = look(planner, datum="wgs84")
    monkeypatch.setitem(import_kinds.ACTIONS, "units", "network.set")
    assert planner.get(address).status_code == 403
    assert planner.post(f"{address}/run", data={}).status_code == 403


def test_a_file_of_yesterday_is_gone(planner, look, app):
    address, _page = look(planner, datum="wgs84")
    facts = app.config["DATA_DIR"] / "imports" / address.rpartition("/")[2] / "upload.json"
    told = json.loads(facts.read_text()) | {"sent_at": time.time() - 25 * 3600}
    facts.write_text(json.dumps(told))
    assert planner.get(address).status_code == 404
    assert address not in planner.get("/import").text


def test_a_discarded_file_is_gone(planner, look):
    address, _page = look(planner)
    assert address in planner.get("/import").text
    assert planner.post(f"{address}/discard").location == "/import"
    assert planner.get(address).status_code == 404


HOSTILE_VALUES = (
    *(
        "",
        "\x1b",
        "epsg:99999",
        "EPSG:4326'",
        "epsg:0",
        "local:none",
        "local:../../x",
        "/etc/passwd",
        "+proj=longlat",
        "?",
    ),
    *(
        "9999-12-31",
        "0000-00-00",
        "-",
        "=",
        "=x",
        "{{7*7}}",
        "<b>",
        "x" * 90,
        "x" * 5000,
        "name",
        "geometry",
        "٣",
        "\u202e",
    ),
)


@pytest.mark.parametrize("kind", ["units", "areas"])
def test_whatever_the_options_are_the_program_does_not_err(planner, look, kind, monkeypatch, app):
    monkeypatch.setattr(app, "testing", False)
    form = {"level": "town"} if kind == "areas" else {}
    address, _page = look(planner, kind=kind, form=form)
    names = (
        "datum",
        "datum_other",
        "level",
        "valid_from",
        "layer",
        "source",
        "column_0",
        "column_1",
        "value_kind",
        "page",
    )
    for name in names:
        for value in HOSTILE_VALUES[:: 1 if name == "datum_other" else 6]:
            data = {"datum": "other" if name == "datum_other" else "wgs84", **form, name: value}
            answer = planner.post(address, data=data)
            assert answer.status_code in {302, 422}, (name, value)
            seen = planner.get(address)
            assert seen.status_code == 200, (name, value)
            word = re.search(r'data-word="(\w+)"', seen.text)
            assert word is None or word[1] != "Unexpected", (name, value)


# -- hands that are quick, and many -------------------------------------------------------------------------


def test_pressed_twice_it_is_imported_once(planner, look, count):
    address, page = look(planner, datum="wgs84")
    assert take(planner, address, page).location == take(planner, address, page).location
    assert count(ImportRun) == 1
    assert planner.get(address).location == "/imports/1"


def test_what_another_tab_changed_is_looked_at_again(planner, look, count):
    address, page = look(planner, datum="wgs84")
    planner.post(address, data={"datum": "gcj02"})
    take(planner, address, page)
    assert count() == 0
    again = planner.get(address).text
    assert "预览" in again
    take(planner, address, again)
    assert count() == 1 + 1


def test_long_work_is_waited_for_on_a_page_of_its_own(planner, look, monkeypatch, count):
    address, page = look(planner, datum="wgs84")
    monkeypatch.setattr(imports.import_work, "begin_import", lambda *_args, **_how: False)
    folder_state = {"what": "import", "done": 500, "of": 1000}
    import_id = address.rpartition("/")[2]
    file = import_files.found(planner.application.config["DATA_DIR"], import_id, owner_id=1)
    with file.held():
        file.write("state", folder_state)
        take(planner, address, page)
        waiting = planner.get(address).text
        assert 'id="work"' in waiting
        assert "500" in waiting
        assert planner.get(f"{address}/standing").json == {**folder_state, "is_over": False}
        assert planner.post(address, data={"datum": "gcj02"}).status_code == 503
    assert planner.get(f"{address}/standing").json["is_over"] is True
    assert 'id="options"' in planner.get(address).text


def test_work_that_was_broken_off_can_be_taken_up_again(planner, look):
    address, _page = look(planner, datum="wgs84")
    file = import_files.found(planner.application.config["DATA_DIR"], address.rpartition("/")[2], owner_id=1)
    import_work.set_options(file, import_work.Options.of(file))
    page = planner.get(address).text
    assert 'id="options"' not in page
    assert "中断" in page
    planner.post(address, data={"datum": "wgs84"})
    assert 'id="options"' in planner.get(address).text


# -- hostile words ------------------------------------------------------------------------------------------

HOSTILE = (
    "<script>window.__pwned=1</script>",
    '"><img src=x onerror=alert(1)>',
    "{{7*7}}",
    "${alert(1)}",
    "=HYPERLINK(1)",
    "</script><svg onload=alert(1)>",
)


@pytest.mark.parametrize("words", HOSTILE)
def test_what_a_file_says_is_text(planner, look, words):
    quoted = '"' + words.replace('"', '""') + '"'
    content = f"编码,名称,{quoted}\n{quoted},{quoted},{quoted}\nA2,{quoted},\n"
    address, page = look(planner, content, name=words.replace('"', "") + ".csv")
    assert words not in re.sub(r'<script type="application/json".*?</script>', "", page, flags=re.S) or "<" not in words
    assert "49" not in re.findall(r"<h1[^>]*>(.*?)</h1>", page)[0]
    answer = planner.get(f"{address}/problems.csv")
    for line in answer.data.decode("utf-8-sig").splitlines():
        assert not any(disarmed(cell) != cell for cell in line.split(","))
    if 'name="skip_bad"' in page or 'name="version"' in page:
        take(planner, address, page, skip_bad="yes")
        told = planner.get(address, follow_redirects=True).text
        assert words not in told or "<" not in words


@pytest.mark.parametrize("name", ["../../x.csv", "..\\x.csv", "/etc/x.csv", "a\u202ebc.csv"])
def test_a_name_leads_nowhere(planner, look, app, name):
    address, page = look(planner, name=name)
    folder = app.config["DATA_DIR"] / "imports" / address.rpartition("/")[2]
    assert (folder / "data.csv").exists()
    assert str(app.config["DATA_DIR"]) not in page
    assert {path.name for path in app.config["DATA_DIR"].iterdir()} <= {"imports"}


def test_no_error_tells_a_path(planner, look, app):
    for content, name in ((b"PK\x03\x04", "a.zip"), (b"\x00", "a.xlsx"), (b"{", "a.geojson"), (b"SQLite", "a.gpkg")):
        _address, page = look(planner, content, name=name)
        assert str(app.config["DATA_DIR"]) not in page
        assert "data" + name[1:] not in page
        planner.post(f"{_address}/discard")


# -- imports that were made ----------------------------------------------------------------------------------


def test_imports_are_listed_the_newest_first_page_by_page(planner, records):
    with records() as session:
        for n in range(60):
            report = {"rows": n, "stored": n, "changed": 0, "unchanged": 0, "bad": 0, "refused": None}
            session.add(
                ImportRun(kind="units", file_name=f"f{n}.csv", sha256="0" * 64, datum=None, actor="x", report=report)
            )
            session.flush()
    page = planner.get("/imports").text
    assert page.index("f59.csv") < page.index("f58.csv")
    assert "f9.csv" not in page
    assert "f9.csv" in planner.get("/imports?page=2").text
    assert planner.get("/imports?none=1").status_code == 400


def test_a_report_that_was_refused_or_is_of_a_former_kind_is_shown(planner, records):
    with records() as session:
        report = {"rows": 1, "refused": "1 of 1 rows have problems", "problems": [], "notes": []}
        session.add(ImportRun(kind="gone", file_name="<b>", sha256="0" * 64, datum="bd09", actor="x", report=report))
    page = planner.get("/imports/1").text
    assert "&lt;b&gt;" in page
    assert "1 of 1 rows have problems" in page
    assert planner.get("/imports/2").status_code == 404


def test_a_district_imports_projects(signed_in, look, count, records):
    with records() as session:
        makers.add_areas(session)
    district = signed_in("district")
    content = "编码,名称,六联,层级,区域编码\nJ9,停车,社会治理联抓,区级,310112\n"
    address, page = look(district, content, kind="projects")
    take(district, address, page)
    assert count(Project) == 1
