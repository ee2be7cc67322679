"""A file brought in by hand: sent, looked at, changed, imported; and all that is refused on the way."""

import json
import re
import time

import pytest
from import_forms import GOOD, HEAD, take, version
from sqlalchemy import select

from geodata.models import Area, ImportRun
from geodata.services import import_files
from webmap.pages import import_kinds
from webmap.pages.import_preview import LEFT_OUT

HALF = f"{GOOD}A3,,其他,,121.41,31.11\n"


def figures(page):
    """The figures at the top, in their order: rows, new, changed, unchanged, bad."""
    return [int(number) for number in re.findall(r"<dd>(\d+)</dd>", page)[:5]]


# -- the ordinary way --------------------------------------------------------------------------------------


def test_a_file_is_sent_looked_at_and_imported(planner, look_at_file, unit_count, records):
    address, page = look_at_file(planner, datum="wgs84")
    assert figures(page) == [2, 2, 0, 0, 0]
    assert (unit_count(), unit_count(ImportRun)) == (0, 0)
    answer = take(planner, address, page)
    assert (answer.status_code, answer.location) == (302, address)
    answer = planner.get(address)
    assert answer.location == "/imports/1"
    told = planner.get(answer.location).text
    assert (unit_count(), unit_count(ImportRun)) == (2, 1)
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


def test_without_a_datum_the_page_says_what_it_looks_like_and_offers_no_import(planner, look_at_file, unit_count):
    address, page = look_at_file(planner)
    assert 'data-word="DatumNeeded"' in page
    assert 'name="datum" value="gcj02"' in page
    assert 'name="datum" value="epsg:4549"' in page
    assert 'name="version"' not in page
    planner.post(f"{address}/run", data={"version": "x"})
    assert unit_count() == 0


def test_a_file_without_places_asks_for_no_datum(planner, look_at_file):
    _address, page = look_at_file(planner, "编码,名称\nA1,甲\n")
    assert 'name="datum"' not in page
    assert figures(page) == [1, 1, 0, 0, 0]


def test_areas_have_a_level_and_a_first_day(planner, look_at_file, unit_count, records):
    feature = {"type": "Feature", "properties": {"name": "南镇", "code": "310112103000"}, "geometry": None}
    content = json.dumps({"type": "FeatureCollection", "features": [feature]})
    form = {"level": "town", "valid_from": "2020-01-01"}
    address, page = look_at_file(planner, content, name="towns.geojson", kind="areas", form=form, datum="wgs84", **form)
    assert figures(page)[:2] == [1, 1]
    take(planner, address, page)
    with records() as session:
        made = session.scalars(select(Area).where(Area.code == "310112103000")).one()
        assert (made.level, made.valid_from.isoformat()) == ("town", "2020-01-01")


# -- columns -------------------------------------------------------------------------------------------------


def test_a_heading_that_nobody_knows_is_given_a_field(planner, look_at_file, unit_count):
    address, page = look_at_file(planner, "甲,乙\nU1,某单位\n")
    assert 'data-word="FieldsMissing"' in page
    answer = planner.post(address, data={"column_0": "code", "column_1": "name", "value_kind": "学校"})
    page = planner.get(answer.location).text
    assert figures(page) == [1, 1, 0, 0, 0]
    assert '<option value="name" selected>' in page
    take(planner, address, page)
    assert unit_count() == 1


def test_a_column_is_left_out_and_taken_in_again(planner, look_at_file):
    address, page = look_at_file(planner, "编码,名称,地址\nA1,甲,路1号\n")
    assert '<option value="address" selected>' in page
    data = {"column_0": "code", "column_1": "name", "column_2": LEFT_OUT}
    page = planner.get(planner.post(address, data=data).location).text
    assert '<option value="address" selected>' not in page
    page = planner.get(planner.post(address, data={**data, "column_2": "address"}).location).text
    assert '<option value="address" selected>' in page


def test_what_was_recognised_stays_open_to_the_datum(planner, look_at_file):
    content = "名称,lng_wgs84,lat_wgs84,lng_gcj02,lat_gcj02\n甲,121.405,31.105,121.4096,31.1029\n"
    address, page = look_at_file(planner, content)
    recognised = dict(re.findall(r'name="column_(\d)">.*?<option value="(\w*)" selected>', page, re.S))
    data = {f"column_{number}": field for number, field in recognised.items()}
    page = planner.get(planner.post(address, data={**data, "datum": "gcj02"}).location).text
    shown = re.findall(r'name="column_(\d)">.*?<option value="([\w-]*)" selected>', page, re.S)
    assert [number for number, field in shown if field in {"lon", "lat"}] == ["3", "4"]


def test_two_columns_for_one_field_are_told(planner, look_at_file):
    address, _page = look_at_file(planner, "甲,乙,名称\nU1,某单位,x\n")
    answer = planner.post(address, data={"column_0": "name", "column_1": "name"})
    assert answer.status_code == 422


# -- problems and places -----------------------------------------------------------------------------------


def test_bad_rows_are_listed_and_left_out_only_when_that_is_ticked(planner, look_at_file, unit_count):
    address, page = look_at_file(planner, HALF, datum="wgs84")
    assert figures(page) == [3, 2, 0, 0, 1]
    assert "为空" in page
    take(planner, address, page)
    assert (planner.get(address).status_code, unit_count()) == (200, 0)
    take(planner, address, page, skip_bad="yes")
    assert unit_count() == 2


def test_all_problems_are_a_sheet_and_turn_page_by_page(planner, look_at_file):
    rows = "".join(f"A{n},,其他,,,\n" for n in range(120))
    address, page = look_at_file(planner, f"{HEAD}\n{rows}", datum="wgs84")
    assert ">2</td>" in page
    assert ">52</td>" not in page
    assert ">52</td>" in planner.get(f"{address}?page=2").text
    answer = planner.get(f"{address}/problems.csv")
    assert answer.mimetype == "text/csv"
    assert len(answer.data.decode("utf-8-sig").splitlines()) == 121


def test_places_are_given_to_the_map(planner, look_at_file):
    address, page = look_at_file(planner, HALF, datum="wgs84")
    found = planner.get(f"{address}/places.geojson").json["features"]
    assert [one["properties"]["standing"] for one in found] == ["new", "bad"]
    assert "map-config" in page


def test_rows_outside_the_district_are_marked(planner, look_at_file):
    lines = "".join(f"B{n},乙{n},其他,,121.4{n},31.105\n" for n in range(1, 4))
    _address, page = look_at_file(planner, f"{HEAD}\n{lines}C1,丙,其他,,121.6,31.5\n", datum="wgs84")
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
def test_a_form_that_cannot_be_used_keeps_nothing(planner, send_file, app, content, name, form, status):
    answer = send_file(planner, content, name, **form)
    assert answer.status_code == status
    assert not any(path.is_dir() for path in (app.config["DATA_DIR"] / "imports").glob("*"))


def test_a_file_about_persons_is_refused_and_deleted(planner, look_at_file, app):
    address, page = look_at_file(planner, "名称,身份证号\n甲,310112199001011234\n")
    assert 'data-word="PersonalData"' in page
    assert "310112199001011234" not in page
    assert list((app.config["DATA_DIR"] / address[1:].replace("import", "imports")).glob("data.*")) == []


def test_a_file_is_larger_than_other_forms_and_not_than_the_limit(planner, send_file, app):
    rows = "".join(f"A{n},unit{n},other,,,\n" for n in range(100_000))
    app.config["IMPORT_MB"] = 1
    assert send_file(planner, f"{HEAD}\n{rows[:1_000_000]}\n").status_code == 302
    assert send_file(planner, f"{HEAD}\n{rows[: 1024 * 1024 + 200]}\n").status_code == 422
    assert send_file(planner, f"{HEAD}\n{rows}").status_code == 413


def test_who_may_not_import_has_no_room_for_a_file(app, signed_in, send_file):
    officer = signed_in("officer")
    large = "x" * (3 * 1024 * 1024)
    assert send_file(officer, large).status_code == 413
    assert send_file(app.test_client(), large).status_code == 413
    assert send_file(officer).status_code == 403


def test_the_sixth_file_that_waits_is_refused(planner, send_file):
    for _ in range(import_files.MOST_FILES):
        assert send_file(planner).status_code == 302
    assert send_file(planner).status_code == 409


def test_a_full_disk_is_told_and_nothing_is_kept(planner, send_file, monkeypatch):
    def full(*_args, **_how):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(import_files, "_copy", full)
    answer = send_file(planner)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    monkeypatch.undo()
    assert send_file(planner).status_code == 302


def test_a_form_of_another_site_is_refused(app, planner, send_file):
    app.config["WTF_CSRF_ENABLED"] = True
    assert send_file(planner).status_code == 403
    assert planner.post(f"/import/{'0' * 32}/run").status_code == 403


def test_a_file_of_somebody_else_is_not_there(planner, look_at_file, signed_in):
    address, page = look_at_file(planner, datum="wgs84")
    other = signed_in("admin")
    for path in ("", "/standing", "/places.geojson", "/problems.csv"):
        assert other.get(address + path).status_code == 404
    for path in ("", "/run", "/discard"):
        assert other.post(address + path, data={"version": version(page)}).status_code == 404
    assert planner.get(address).status_code == 200
    assert other.get("/import").text.count(address) == 0


def test_whoever_lost_the_right_to_a_kind_has_lost_the_file(planner, look_at_file, monkeypatch):
    address, _page = look_at_file(planner, datum="wgs84")
    monkeypatch.setitem(import_kinds.ACTIONS, "units", "network.set")
    assert planner.get(address).status_code == 403
    assert planner.post(f"{address}/run", data={}).status_code == 403


def test_a_file_of_yesterday_is_gone(planner, look_at_file, app):
    address, _page = look_at_file(planner, datum="wgs84")
    facts = app.config["DATA_DIR"] / "imports" / address.rpartition("/")[2] / "upload.json"
    told = json.loads(facts.read_text()) | {"sent_at": time.time() - 25 * 3600}
    facts.write_text(json.dumps(told))
    assert planner.get(address).status_code == 404
    assert address not in planner.get("/import").text


def test_a_discarded_file_is_gone(planner, look_at_file):
    address, _page = look_at_file(planner)
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
def test_whatever_the_options_are_the_program_does_not_err(planner, look_at_file, kind, monkeypatch, app):
    monkeypatch.setattr(app, "testing", False)
    form = {"level": "town"} if kind == "areas" else {}
    address, _page = look_at_file(planner, kind=kind, form=form)
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
