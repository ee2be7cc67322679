"""Indices as page, JSON and table: every figure opens just its tickets."""

import csv
import html
import io
import re
from datetime import date

import openpyxl
import pytest
from histories import add_histories
from makers import add_areas, add_unit, square

from geodata.db import session_on
from geodata.models import CellVisit, DutyGrid, DutyGridCell, GridCell
from geodata.services.indices import INDICES
from geodata.services.users import add_user
from geodata.settings import Settings
from webmap.app import create_app

WEST_TOWN, VILLAGE = "310112101000", "310112101001"
HOSTILE = '=HYPERLINK("http://x")</script><script>alert(1)</script>'
LINK = re.compile(r'<a href="(/(?:tickets|indices/cells)\?[^"]*part=[^"]*)"[^>]*>\s*([\d,]+)\s*</a>')


@pytest.fixture(scope="module")
def app(clone, tmp_path_factory):
    """The application on a district with a winter's tickets, two units and a walked duty grid."""
    engine = clone()
    with session_on(engine) as session:
        add_areas(session)
        for code, name in (("U1", HOSTILE), ("U2", "清运站")):
            add_unit(session, code, 0.5, 1.1, town_code=WEST_TOWN, name=name)
        add_histories(session, 120, seed=3)
        grid = DutyGrid(scheme="责任网格", code="D1", name="一号网格", town_code=WEST_TOWN, geom=square(0, 0, 2, 1))
        session.add(grid)
        for code in ("C1", "C2"):
            session.add(GridCell(code=code, town_code=WEST_TOWN, village_code=VILLAGE, geom=square(0, 0, 1, 1)))
        session.flush()
        session.add_all(DutyGridCell(duty_grid_id=grid.id, cell_code=code) for code in ("C1", "C2"))
        session.add(CellVisit(day=date(2026, 1, 9), cell_code="C1"))
        for role in ("district", "viewer"):
            add_user(session, role, password="a long password", role=role)
    made = create_app(Settings(data_dir=tmp_path_factory.mktemp("indices")), engine=engine, testing=True)
    made.config["WTF_CSRF_ENABLED"] = False
    return made


@pytest.fixture
def enter(app):
    """A function from a role to a browser signed in with it."""

    def start(role="district"):
        browser = app.test_client()
        assert browser.post("/login", data={"name": role, "password": "a long password"}).status_code == 302
        return browser

    return start


def links(page):
    """Addresses of the rows behind figures, and the figures."""
    return [(html.unescape(path), int(number.replace(",", ""))) for path, number in LINK.findall(page)]


def listed(browser, path):
    """How many rows an address of the page lists."""
    if path.startswith("/indices/cells"):
        return browser.get(path).text.count('<th scope="row"')
    return int(re.search(r"共 ([\d,]+) 件", browser.get(path).text).group(1).replace(",", ""))


def test_it_works(enter):
    page = enter().get("/indices?period=2026-01&lang=zh_Hans")
    assert page.status_code == 200
    for each in INDICES:
        assert each.zh.name in page.text
        assert html.escape(each.zh.formula) in page.text
    assert "2026年1月" in page.text
    assert "西镇" in page.text


def test_every_figure_of_the_overview_opens_as_many_rows(enter):
    browser = enter()
    page = browser.get("/indices?period=2026-01&lang=zh_Hans").text
    found = links(page)
    assert len(found) > 20
    for path, number in found:
        assert (path, listed(browser, path)) == (path, number)


@pytest.mark.parametrize(
    ("index", "level"),
    [
        ("closing_in_time", "town"),
        ("filing", "village"),
        ("returned", "unit"),
        ("missed", "post"),
        ("checks", "category"),
        ("patrol", "post"),
    ],
)
def test_every_figure_of_a_level_is_the_same_in_list_counts_export_and_json(enter, index, level):
    browser = enter()
    address = f"index={index}&level={level}&period=2026-01&lang=zh_Hans"
    page = browser.get(f"/indices?{address}").text
    told = browser.get(f"/api/indices?{address}").get_json()
    rows = [*told["rows"], *told["together"]]
    figures = {row["href"][part]: row[part] for row in rows for part in ("numerator", "denominator")}
    found = dict(links(page))
    assert found
    for path, number in found.items():
        assert figures.get(path, number) == number
        assert (path, listed(browser, path)) == (path, number)
        if path.startswith("/tickets"):
            query = path.split("?")[1]
            assert browser.get(f"/api/tickets/counts?{query}").get_json()["total"] == number
            assert browser.get(f"/api/list/tickets?{query}").get_json()["total"] == number
            assert len(browser.get(f"/export/tickets.geojson?{query}").get_json(force=True)["features"]) == number


def test_the_definition_stands_below_with_all_four_parts(enter):
    browser = enter()
    page = browser.get("/indices?index=handling_in_time&period=2026-01&lang=zh_Hans").text
    for words in ("按期处置率 = 按期处置 ÷ 应处置", "办结期限落在期内的工单", "申诉成立的", "越高越好"):
        assert words in page
    assert {part for part in ("numerator", "denominator", "rest", "excluded") if f"part={part}" in page} == {
        *("numerator", "denominator", "rest", "excluded")
    }


def test_where_there_is_nothing_to_divide_by_the_reason_stands(enter):
    page = enter().get("/indices?period=2030-01&lang=zh_Hans").text
    assert "期内没有上报的工单" in page
    assert "期内没有到期的工单" in page
    told = enter().get("/api/indices?index=filing&period=2030-01&lang=zh_Hans").get_json()
    assert [row["share"] for row in told["together"]] == [None]
    assert told["together"][0]["reason"] == "期内没有上报的工单"


def test_json_tells_definition_trend_and_rates(enter):
    told = enter().get("/api/indices?index=filing&level=town&period=2026-01").get_json()
    assert [index["id"] for index in told["indices"]] == ["filing"]
    assert told["periods"][-1] == "2026-01"
    assert len(told["periods"]) == 12
    west = next(row for row in told["rows"] if row["of"] == WEST_TOWN)
    assert len(west["trend"]) == 12
    assert west["trend"][-1]["share"] == west["share"] == west["numerator"] / west["denominator"]
    assert west["per_hectare"] > 0
    assert west["per_thousand"] > 0


def test_an_area_narrows_the_rows_and_the_sums(enter):
    browser = enter()
    whole = browser.get("/api/indices?index=filing&level=village&period=2026-01").get_json()
    west = browser.get(f"/api/indices?index=filing&level=village&period=2026-01&area={WEST_TOWN}").get_json()
    assert {row["of"] for row in west["rows"]} - {"none"} == {"310112101001", "310112101002"}
    assert 0 < west["together"][0]["denominator"] < whole["together"][0]["denominator"]
    assert f"area={WEST_TOWN}" in west["together"][0]["href"]["numerator"]


def test_the_table_leaves_as_csv_and_as_a_workbook_without_a_formula(enter):
    browser = enter()
    address = "level=unit&period=2026-01&lang=zh_Hans"
    answer = browser.get(f"/indices/table.csv?{address}")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="indices-unit-2026-01.csv"'
    lines = list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    assert lines[0][:5] == ["指标", "公式", "层级", "编码", "名称"]
    hostile = [line for line in lines if "HYPERLINK" in line[4]]
    assert hostile
    assert all(line[4].startswith("'=") for line in hostile)
    book = openpyxl.load_workbook(io.BytesIO(browser.get(f"/indices/table.xlsx?{address}").get_data()))
    rows = list(book.active.iter_rows())
    assert len(rows) == len(lines)
    assert {cell.data_type for row in rows for cell in row if cell.value is not None} <= {"s", "n"}
    told = browser.get(f"/api/indices?{address}").get_json()
    by_json = {(row["index"], row["of"]): row["numerator"] for row in told["rows"]}
    names = {each.zh.name: each.id for each in INDICES}
    by_csv = {(names[line[0]], line[3]): int(line[8]) for line in lines[1:] if line[2] == "单位"}
    assert by_csv == by_json


def test_names_are_text_on_the_page(enter):
    page = enter().get("/indices?index=returned&level=unit&period=2026-01").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_cells_open_on_a_page_of_their_own(enter):
    browser = enter()
    page = browser.get("/indices/cells?part=rest&level=post&of=D1&since=2026-01-01&until=2026-01-31&lang=zh_Hans").text
    assert "C2" in page
    assert "C1" not in page
    assert "还没有" in page
    assert "没有符合的网格" in browser.get("/indices/cells?part=numerator&since=2025-01-01&until=2025-01-31").text


def test_the_list_says_which_figure_it_opens_and_keeps_it(enter):
    browser = enter()
    address = f"index=filing&part=rest&level=town&of={WEST_TOWN}&since=2026-01-01&until=2026-01-31"
    page = browser.get(f"/tickets?{address}&lang=zh_Hans").text
    assert "立案率 · “立案”以外的 · 西镇 · 2026年1月" in page
    for name in ("index", "part", "level", "of", "since", "until"):
        assert f'<input type="hidden" name="{name}"' in page
    assert 'type="date"' not in page
    state = next(html.unescape(path) for path in re.findall(r'href="(/tickets\?[^"]*state=closed[^"]*)"', page))
    assert all(part in state for part in address.split("&"))
    # what drops it drops its days too
    assert re.search(r'href="/tickets" aria-current="true">立案率', page)


@pytest.mark.parametrize(
    "address",
    [
        "/indices?index=quality",
        "/indices?level=moon",
        "/indices?index=patrol&level=unit",
        "/indices?index=filing&level=unit",
        "/indices?period=2026-13",
        "/indices?period=2026-01&since=2026-01-01&until=2026-01-02",
        "/indices?since=2026-01-01",
        "/indices?since=2026-01-02&until=2026-01-01",
        "/indices?colour=red",
        "/indices/cells?level=post",
        "/indices/cells?of=D1",
        "/indices/cells?part=all",
        "/api/indices?period=x",
        "/tickets?index=filing",
        "/tickets?index=filing&since=2026-01-01",
        "/tickets?index=patrol&since=2026-01-01&until=2026-01-31",
        "/tickets?index=filing&part=all&since=2026-01-01&until=2026-01-31",
        "/tickets?index=filing&level=town&since=2026-01-01&until=2026-01-31",
        "/tickets?index=filing&of=310112101000&since=2026-01-01&until=2026-01-31",
        "/tickets?index=filing&since=1900-01-01&until=2026-01-31",
        "/tickets?part=numerator",
        "/tickets?of=310112101000",
        "/tickets?index=filing'; DROP TABLE ticket&since=2026-01-01&until=2026-01-31",
    ],
)
def test_what_cannot_be_used_is_refused(enter, address):
    assert enter().get(address, headers={"Accept": "text/html"}).status_code == 400


def test_an_unknown_area_is_not_there(enter):
    assert enter().get("/indices?area=nowhere").status_code == 404


def test_a_code_that_nobody_has_opens_nothing(enter):
    query = "index=returned&part=denominator&level=unit&of=%27%20OR%201%3D1&since=2026-01-01&until=2026-01-31"
    assert listed(enter(), f"/tickets?{query}&lang=zh_Hans") == 0


PATHS = ("/indices", "/indices/cells", "/indices/table.csv", "/indices/table.xlsx", "/api/indices")


@pytest.mark.parametrize("path", PATHS)
def test_figures_are_for_those_who_may_read_tickets(app, enter, path):
    assert app.test_client().get(path).status_code == 401
    assert enter("viewer").get(path).status_code == 200


def test_an_empty_district_has_a_page_all_the_same(signed_in_to_nothing):
    page = signed_in_to_nothing.get("/indices?lang=zh_Hans")
    assert page.status_code == 200
    assert "期内没有上报的工单" in page.text


@pytest.fixture
def signed_in_to_nothing(fresh_engine, tmp_path):
    """A browser of somebody of a district without any records."""
    made = create_app(Settings(data_dir=tmp_path), engine=fresh_engine, testing=True)
    made.config["WTF_CSRF_ENABLED"] = False
    with session_on(fresh_engine) as session:
        add_user(session, "district", password="a long password", role="district")
    browser = made.test_client()
    browser.post("/login", data={"name": "district", "password": "a long password"})
    return browser
