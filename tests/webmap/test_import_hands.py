"""The web import under quick hands, hostile words and many files; and the imports that were made."""

import re

import makers
import pytest
from import_forms import take

from geodata.formats.delimited import disarmed
from geodata.models import ImportRun, Project
from geodata.services import import_files, import_work
from webmap.pages import imports

# -- hands that are quick, and many -------------------------------------------------------------------------


def test_pressed_twice_it_is_imported_once(planner, look_at_file, unit_count):
    address, page = look_at_file(planner, datum="wgs84")
    assert take(planner, address, page).location == take(planner, address, page).location
    assert unit_count(ImportRun) == 1
    assert planner.get(address).location == "/imports/1"


def test_what_another_tab_changed_is_looked_at_again(planner, look_at_file, unit_count):
    address, page = look_at_file(planner, datum="wgs84")
    planner.post(address, data={"datum": "gcj02"})
    take(planner, address, page)
    assert unit_count() == 0
    again = planner.get(address).text
    assert "预览" in again
    take(planner, address, again)
    assert unit_count() == 1 + 1


def test_long_work_is_waited_for_on_a_page_of_its_own(planner, look_at_file, monkeypatch, unit_count):
    address, page = look_at_file(planner, datum="wgs84")
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


def test_work_that_was_broken_off_can_be_taken_up_again(planner, look_at_file):
    address, _page = look_at_file(planner, datum="wgs84")
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
def test_what_a_file_says_is_text(planner, look_at_file, words):
    quoted = '"' + words.replace('"', '""') + '"'
    content = f"编码,名称,{quoted}\n{quoted},{quoted},{quoted}\nA2,{quoted},\n"
    address, page = look_at_file(planner, content, name=words.replace('"', "") + ".csv")
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
def test_a_name_leads_nowhere(planner, look_at_file, app, name):
    address, page = look_at_file(planner, name=name)
    folder = app.config["DATA_DIR"] / "imports" / address.rpartition("/")[2]
    assert (folder / "data.csv").exists()
    assert str(app.config["DATA_DIR"]) not in page
    assert {path.name for path in app.config["DATA_DIR"].iterdir()} <= {"imports"}


def test_no_error_tells_a_path(planner, look_at_file, app):
    for content, name in ((b"PK\x03\x04", "a.zip"), (b"\x00", "a.xlsx"), (b"{", "a.geojson"), (b"SQLite", "a.gpkg")):
        _address, page = look_at_file(planner, content, name=name)
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


def test_a_district_imports_projects(signed_in, look_at_file, unit_count, records):
    with records() as session:
        makers.add_areas(session)
    district = signed_in("district")
    content = "编码,名称,六联,层级,区域编码\nJ9,停车,社会治理联抓,区级,310112\n"
    address, page = look_at_file(district, content, kind="projects")
    take(district, address, page)
    assert unit_count(Project) == 1
