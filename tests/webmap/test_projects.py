"""The pages of joint projects: four views of one set of conditions, who may change what, and what is refused."""

import re
from datetime import date, timedelta
from html import unescape

import pytest
from makers import add_areas, add_unit, at, spot, today
from sqlalchemy import select

from geodata.models import Demand, JointMatch, Project, ProjectPartner, Resource
from geodata.services import projects

WEST, EAST = "310112101000", "310112102000"
VILLAGE = "310112101001"
VIEWS = ("board", "calendar", "list", "map")
FORM = {"name": "夜间停车共享", "joint": "governance", "area": f"town:{WEST}", "stage": "proposed"}


@pytest.fixture(autouse=True)
def town(records):
    """Two towns with a unit each, and four projects: J1 and J4 of the west, J2 of the east, J3 of the district."""
    with records() as session:
        add_areas(session)
        units = [add_unit(session, code, east, 1, name=name) for code, east, name in UNITS]
        for code, name, joint, level, area, stage, facts in PROJECTS:
            made = Project(code=code, name=name, joint=joint, level=level, area_code=area, stage=stage, **facts)
            made.ends_on = made.ends_on or (three_days_ago() if stage == "running" else None)
            made.lead_unit_id = units[1 if area == EAST else 0].id
            session.add(made)
        session.flush()
        first = session.scalars(select(Project).where(Project.code == "J1")).one()
        session.add(ProjectPartner(project_id=first.id, unit_id=units[1].id, part="support"))


def three_days_ago():
    return today() - timedelta(days=3)


UNITS = (("U1", 0.5, "春申医院"), ("U2", 3.5, "东镇学校"))
PROJECTS = (
    ("J1", "西镇义诊", "welfare", "town", WEST, "running", {"geom": spot(1.5, 1)}),
    ("J2", "东镇停车", "governance", "town", EAST, "proposed", {}),
    (
        *("J3", "全区文化周", "culture", "district", "310112", "done"),
        {"outcome": "演出十场", "people_served": 1200, "starts_on": date(2025, 3, 1), "ends_on": date(2025, 6, 30)},
    ),
    ("J4", "一村读书会", "culture", "village", VILLAGE, "agreed", {"starts_on": date(2025, 11, 1)}),
)


def text_of(answer):
    page = re.sub(r"<(script|style)\b.*?</\1>", " ", answer.text, flags=re.S)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", page)))


def names(answer):
    """Names of the projects that the page shows, each once."""
    shown = text_of(answer)
    return {name for _, name, *_ in PROJECTS if name in shown}


def stored(records, code):
    with records() as session:
        found = projects.project(session, code)
        stages = [one.to_stage for one in projects.events(session, found)]
        session.expunge(found)
        return found, stages


@pytest.mark.parametrize("view", VIEWS)
def test_each_view_shows_all_projects_to_everybody(client, view):
    # a calendar shows the year of what is late by three days, and tells what has no day; others are of their own year
    answer = client.get(f"/projects?view={view}" + (f"&year={three_days_ago().year}" if view == "calendar" else ""))
    assert answer.status_code == 200
    wanted = {"西镇义诊", "东镇停车", "全区文化周", "一村读书会"}
    assert names(answer) == ({"西镇义诊", "东镇停车"} if view == "calendar" else wanted)


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("joint=culture", {"全区文化周", "一村读书会"}),
        ("level=town", {"西镇义诊", "东镇停车"}),
        ("stage=done", {"全区文化周"}),
        # a town has its villages' too
        (f"area={WEST}", {"西镇义诊", "一村读书会"}),
        (f"area={VILLAGE}", {"一村读书会"}),
        # it leads one and supports another
        ("unit=U2", {"西镇义诊", "东镇停车"}),
        ("q=义诊", {"西镇义诊"}),
        ("q=j3", {"全区文化周"}),
        ("q=%25", set()),
        ("q=_", set()),
        ("joint=culture&level=district&year=2025", {"全区文化周"}),
        ("area=999999", set()),
    ],
)
def test_one_set_of_conditions_narrows_every_view(client, view, query, shown):
    of_year = {"全区文化周": 2025, "一村读书会": 2025, "西镇义诊": three_days_ago().year, "东镇停车": None}
    year = 2025 if "year" in query else today().year
    wanted = {name for name in shown if view != "calendar" or of_year[name] in {year, None}}
    assert names(client.get(f"/projects?view={view}&{query}")) == wanted


@pytest.mark.parametrize("view", VIEWS)
def test_a_year_has_what_runs_in_it_and_the_calendar_tells_what_has_no_day(client, view):
    undated = {"东镇停车"} if view == "calendar" else set()
    assert names(client.get(f"/projects?view={view}&year=2025")) == {"全区文化周", "一村读书会"} | undated


def test_the_calendar_leads_to_no_year_that_there_is_not(client):
    first, last = (client.get(f"/projects?view=calendar&year={year}").text for year in (2000, 2099))
    assert ("year=1999" in first, "year=2001" in first) == (False, True)
    assert ("year=2098" in last, "year=2100" in last) == (True, False)


@pytest.mark.parametrize(
    "query",
    ["view=tree", "joint=sport", "level=x", "stage=1", "year=nan", "year=1e9", "q=%00", "q=" + "a" * 201, "by=x"],
)
def test_a_condition_that_means_nothing_is_refused(client, query):
    assert client.get(f"/projects?{query}").status_code == 400


def test_figures_say_how_many_there_are_of_each_joint_and_level(client):
    page = text_of(client.get("/projects"))
    assert "共 4 项" in page
    assert "区级 1 项 街镇级 2 项 居村级 1 项 实施中 1 项 已完成 1 项 服务人次 1,200 人次" in page
    assert "区 0 0 0 0 1 0 1 街镇 0 1 0 1 0 0 2 居村 0 0 0 0 1 0 1 合计 0 1 0 1 2 0 4" in page


def test_what_is_behind_its_day_says_so(client):
    page = text_of(client.get("/projects"))
    assert "超期 3 天" in page
    assert "应于" in page


def test_a_visitor_sees_no_way_to_move_and_an_office_only_at_its_own(client, signed_in):
    assert "/move" not in client.get("/projects").text
    office = signed_in("town_office", area_code=WEST).get("/projects").text
    assert "?move=done#move-done" in office
    assert 'action="/projects/J4/move"' in office
    assert 'action="/projects/J2/move"' not in office
    assert "/projects/J2?move" not in office


def test_the_map_has_a_symbol_for_each_that_leads_to_its_page(client):
    page = client.get("/projects?view=map").text
    assert sorted(re.findall(r'<a href="/projects/(J\d)"><title>', page)) == ["J1", "J2", "J3", "J4"]
    assert "4 个共建项目的地图" in page


def test_without_any_place_the_map_says_so(client, records):
    with records() as session:
        for one in session.scalars(select(Project).where(Project.code == "J2")):
            one.lead_unit_id = None
    assert "另有 1 项无法上图" in text_of(client.get("/projects?view=map"))


def test_a_project_tells_what_who_where_and_what_happened(client, records):
    with records() as session:
        projects.move(session, "J1", "stopped", actor="town", note="请拨 13800001234 另约")
    page = text_of(client.get("/projects/J1"))
    for words in ("西镇义诊", "公益服务联做", "春申医院", "东镇学校", "支持", "已中止", "中止 → 已中止 town"):
        assert words in page
    assert "13800001234" not in page
    assert client.get("/projects/J9").status_code == 404


def test_where_it_comes_from_is_told(client, records):
    with records() as session:
        made = projects.project(session, "J1")
        wanted = Demand(
            code="D1",
            name="缺义诊",
            kind_code="free_clinic",
            level="town",
            area_code=WEST,
            posted_by="town",
            state="met",
        )
        lent = Resource(code="S1", name="义诊车", unit_id=made.lead_unit_id)
        session.add_all([wanted, lent])
        session.flush()
        made.demand_id = wanted.id
        match = JointMatch(demand_id=wanted.id, resource_id=lent.id, state="accepted", decided_by="town")
        match.project_id = made.id
        session.add(match)
    page = text_of(client.get("/projects/J1"))
    assert "来自需求 缺义诊 D1 已满足" in page
    assert "使用资源 义诊车 S1 · 春申医院" in page


def test_a_unit_lists_the_projects_it_leads_or_takes_part_in(client):
    page = text_of(client.get("/units/U2"))
    assert "西镇义诊 支持 · 实施中" in page
    assert "东镇停车 牵头 · 申报" in page
    assert "全区文化周" not in page


def test_an_office_starts_a_project(signed_in, records):
    office = signed_in("town_office", area_code=WEST)
    form = {
        **FORM,
        "lead": "春申医院",
        "partner": ["东镇学校（U2）", "", " "],
        "starts_on": "2026-03-01",
        "ends_on": "2026-12-31",
        "lon": str(at(1.5, 1)[0]),
        "lat": str(at(1.5, 1)[1]),
        "note": "联席会议提出",
    }
    answer = office.post("/projects/new", data=form)
    assert (answer.status_code, answer.location) == (302, "/projects/J005")
    made, stages = stored(records, "J005")
    assert (made.name, made.level, made.area_code, made.starts_on) == (FORM["name"], "town", WEST, date(2026, 3, 1))
    assert (stages, made.town_code) == (["proposed"], WEST)
    page = text_of(office.get("/projects/J005"))
    assert "项目已建档，编号 J005。" in page
    assert "联席会议提出" in page
    assert "东镇学校" in page


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "长" * 201}, "name"),
        ({"name": "\x07"}, "name"),
        ({"joint": "sport"}, "joint"),
        ({"area": ""}, "area"),
        ({"area": "town:310112101001"}, "area"),
        ({"area": "province:1"}, "area"),
        ({"stage": "done"}, "stage"),
        ({"lead": "无名医院"}, "lead"),
        ({"partner": ["U1", "无名医院"]}, "partner"),
        ({"lead": "U1", "partner": ["春申医院"]}, "partner"),
        ({"starts_on": "2026-02-30"}, "starts_on"),
        ({"starts_on": "2026-02-02", "ends_on": "2026-02-01"}, "ends_on"),
        ({"people_served": "-1"}, "people_served"),
        ({"people_served": "nan"}, "people_served"),
        ({"lon": "nan", "lat": "31.1"}, "place"),
        ({"lon": "1e999", "lat": "31.1"}, "place"),
        ({"lon": "10", "lat": "31.1"}, "place"),
        ({"lon": "121.41"}, "place"),
    ],
)
def test_a_wrong_form_comes_again_with_what_was_typed_and_what_is_wrong(signed_in, records, wrong, field):
    office = signed_in("district")
    answer = office.post("/projects/new", data={**FORM, "address": "临河路1号", **wrong})
    assert answer.status_code == 422
    assert f'id="wrong-{field}"' in answer.text
    assert "临河路1号" in answer.text
    with records() as session:
        assert len(session.scalars(select(Project)).all()) == len(PROJECTS)


def test_a_name_that_two_units_share_asks_which(signed_in, records):
    with records() as session:
        add_unit(session, "U3", name="春申医院")
    office = signed_in("district")
    assert "春申医院（U1）、春申医院（U3）" in text_of(office.post("/projects/new", data={**FORM, "lead": "春申医院"}))
    assert office.post("/projects/new", data={**FORM, "lead": "春申医院（U3）"}).status_code == 302


@pytest.mark.parametrize("area", [f"town:{EAST}", "village:310112102001", "district:310112", "town:999999999999"])
def test_no_office_starts_a_project_elsewhere(signed_in, area):
    office = signed_in("town_office", area_code=WEST)
    assert office.post("/projects/new", data={**FORM, "area": area}).status_code == 403


def test_no_office_gives_its_project_away(signed_in, records):
    office = signed_in("town_office", area_code=WEST)
    answer = office.post("/projects/J1/edit", data={**FORM, "area": f"town:{EAST}"})
    assert answer.status_code == 403
    assert stored(records, "J1")[0].area_code == WEST


def test_the_form_offers_an_office_its_own_areas_alone(signed_in):
    page = signed_in("town_office", area_code=WEST).get("/projects/new").text
    assert re.findall(r'value="((?:district|town|village):\d+)"', page) == [
        f"town:{WEST}",
        f"village:{VILLAGE}",
        "village:310112101002",
    ]


def test_a_changed_project_keeps_its_stage_and_tells_who_changed_it(signed_in, records):
    office = signed_in("town_office", area_code=WEST)
    page = office.get("/projects/J1/edit").text
    assert 'value="春申医院（U1）"' in page
    assert 'value="东镇学校（U2）"' in page
    answer = office.post("/projects/J1/edit", data={**FORM, "name": "西镇社区义诊", "stage": "done", "lead": "U1"})
    assert (answer.status_code, answer.location) == (302, "/projects/J1")
    made, stages = stored(records, "J1")
    assert (made.name, made.stage, stages) == ("西镇社区义诊", "running", [])
    page = text_of(office.get("/projects/J1"))
    assert "名称 西镇义诊 → 西镇社区义诊" in page
    assert "支持单位 东镇学校 → –" in page


def test_a_project_is_moved_and_the_board_comes_back(signed_in, records):
    office = signed_in("town_office", area_code=WEST)
    back = "/projects?view=board&joint=culture"
    answer = office.post("/projects/J4/move", data={"to_stage": "running", "next": back})
    assert (answer.status_code, answer.location) == (302, back)
    assert stored(records, "J4")[1] == ["running"]
    assert "一村读书会：实施中。" in text_of(office.get(back))
    assert (
        office.post("/projects/J1/move", data={"to_stage": "done", "outcome": "成", "next": "//evil"}).location == "/"
    )


def test_a_move_without_what_it_needs_asks_for_it_and_keeps_what_was_typed(signed_in, records):
    office = signed_in("town_office", area_code=WEST)
    answer = office.post("/projects/J1/move", data={"to_stage": "done", "people_served": "many"})
    assert answer.status_code == 422
    assert 'id="wrong-people_served"' in answer.text
    assert 'value="many"' in answer.text
    answer = office.post("/projects/J1/move", data={"to_stage": "done", "outcome": "  "})
    assert (answer.status_code, 'id="wrong-outcome"' in answer.text) == (422, True)
    answer = office.post("/projects/J1/move", data={"to_stage": "stopped"})
    assert (answer.status_code, answer.text.count('id="wrong-note"')) == (422, 1)
    assert office.post("/projects/J1/move", data={"to_stage": "paused"}).status_code == 422
    assert stored(records, "J1")[1] == []


def test_whoever_comes_second_is_told_and_sees_how_it_stands(signed_in, records):
    office = signed_in("town_office", area_code=WEST)
    assert office.post("/projects/J4/move", data={"to_stage": "running"}).status_code == 302
    answer = office.post("/projects/J4/move", data={"to_stage": "running"})
    assert answer.status_code == 409
    assert 'class="wrong" role="alert"' in answer.text
    assert stored(records, "J4")[1] == ["running"]


def test_no_other_field_of_a_form_reaches_the_record(signed_in, records):
    office = signed_in("town_office", area_code=WEST)
    extra = {"id": "1", "code": "J1", "demand_id": "1", "town_code": EAST, "level": "district"}
    assert office.post("/projects/new", data={**FORM, **extra}).location == "/projects/J005"
    made, _ = stored(records, "J005")
    assert (made.level, made.demand_id, made.town_code) == ("town", None, None)


def test_words_of_users_are_no_markup(signed_in, client):
    office = signed_in("district")
    name = "<script>alert(1)</script>{{7*7}}</svg>"
    form = {**FORM, "name": name, "lead": "U1", "note": name}
    assert office.post("/projects/new", data=form).status_code == 302
    for view in VIEWS:
        page = client.get(
            f"/projects?view={view}&year={today().year}" if view == "calendar" else f"/projects?view={view}"
        )
        assert "<script>alert" not in page.text
    page = client.get("/projects/J005")
    assert "<script>alert" not in page.text
    assert "{{7*7}}" in page.text


def test_in_english_too(client):
    page = text_of(client.get("/projects?lang=en"))
    assert "4 projects in all" in page
    assert "under way" in page
    assert "3 days late" in page
