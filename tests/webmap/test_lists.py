import math
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from makers import add_areas, add_block, add_point, add_unit, spot, square
from sqlalchemy import text

from geodata.catalog import COLLECTIONS
from geodata.models import (
    BasemapFeature,
    Demand,
    DutyGrid,
    GridCell,
    Meeting,
    MemberUnit,
    Pledge,
    Project,
    Region,
    RegistrationCount,
    Resource,
    ServiceTeam,
    Ticket,
    WhistleCall,
)
from geodata.services.coverage import coverage
from geodata.services.stamps import stamp

WEST_TOWN, FIRST_VILLAGE = "310112101000", "310112101001"


@pytest.fixture
def district(records):
    """One of everything, and five tickets against their deadlines."""
    with records() as session:
        add_areas(session)
        unit = add_unit(session, "U1", 0.6, 0.5, kind="sanitation")
        add_unit(session, "U2", 2.6, 0.5, kind="school", is_active=False)
        add_block(session, "B1", 0, 0, 1, 1)
        add_point(session, "P1", 0.6, 0.5, unit, address="甲路1号")
        session.add_all(
            [
                GridCell(code="C1", village_code=FIRST_VILLAGE, town_code=WEST_TOWN, geom=square(0, 0, 1, 1)),
                DutyGrid(scheme="责任网格", code="D1", name="一号网格", post="网格员", geom=square(0, 0, 2, 1)),
                Region(code="R1", name="一片", town_code=WEST_TOWN, geom=square(0, 0, 2, 2)),
                Project(code="J1", name="项目", joint="welfare", level="town", lead_unit_id=unit.id),
                Resource(code="S1", name="会议室", unit_id=unit.id, available="工作日"),
                Pledge(code="L1", name="门前三包", unit_id=unit.id, valid_from=date(2020, 1, 1)),
                Demand(
                    code="D1",
                    name="老年人义诊",
                    kind_code="free_clinic",
                    level="village",
                    area_code=FIRST_VILLAGE,
                    posted_by="officer",
                ),
                ServiceTeam(code="T1", name="一队", town_code=WEST_TOWN),
                Meeting(
                    code="M1",
                    name="议事会",
                    body="village_meeting",
                    level="village",
                    area_code=FIRST_VILLAGE,
                    held_at=datetime(2026, 3, 2, 6, 0, tzinfo=UTC),
                ),
                WhistleCall(
                    code="W1",
                    reason="后巷堆物",
                    level="town",
                    area_code=WEST_TOWN,
                    called_by="x",
                    meet_at=datetime(2026, 3, 3, 6, 0, tzinfo=UTC),
                ),
                RegistrationCount(
                    of_kind="village", of_code=FIRST_VILLAGE, period="2015", members_total=40, members_registered=30
                ),
                *basemap(),
                *tickets(unit.id),
            ]
        )
        session.flush()
        stamp(session, MemberUnit)
        coverage(session, radius_m=500, publish=True)


def basemap():
    line = "SRID=4326;MULTILINESTRING((121.40 31.10, 121.41 31.11))"
    shapes = dict.fromkeys(("road", "rail", "waterway"), line) | {
        theme: square(0, 0, 1, 1) for theme in ("water", "green", "building")
    }
    return [
        BasemapFeature(theme=theme, name=theme, from_zoom=0, source="t", source_ref=theme, geom=shape)
        for theme, shape in shapes.items()
    ]


def tickets(unit_id):
    now = datetime.now(UTC)
    made = []
    for number, (state, hours, east) in enumerate(
        [
            ("handling", 6.5, 0.5),
            ("handling", -49, 1.5),
            ("closed", -80, 0.5),
            ("reported", None, 0.5),
            ("done", 60, None),
        ]
    ):
        place = {} if east is None else {"geom": spot(east, 0.5), "village_code": FIRST_VILLAGE}
        made.append(
            Ticket(
                number=f"T{number}",
                source="s",
                category_code="0102",
                title=f"第{number}单",
                state=state,
                reported_at=now - timedelta(days=number),
                due_at=None if hours is None else now + timedelta(hours=hours),
                closed_at=now - timedelta(hours=70) if state == "closed" else None,
                unit_id=unit_id,
                **place,
            )
        )
    return made


def test_every_collection_has_a_list(district, signed_in):
    browser = signed_in("district")
    lists = {c.id: browser.get(f"/api/list/{c.id}").get_json() for c in COLLECTIONS}
    assert all(found["total"] == len(found["rows"]) > 0 for found in lists.values())
    rows = [row for found in lists.values() for row in found["rows"]]
    assert {tuple(row) for row in rows} == {("key", "title", "note", "lon", "lat", "href")}
    assert all(row["title"] and "\n" not in row["note"] for row in rows)


def test_a_row_leads_to_the_page_of_what_has_one(district, signed_in):
    browser = signed_in("district")
    joint = ("projects", "resources", "demands", "pledges", "meetings", "whistle_calls", "regions", "duty_teams")
    towns = ("registrations_of_towns", 2)
    for id_, many in (("units", 2), ("tickets", 5), ("blocks", 1), ("points", 1), towns, *((id_, 1) for id_ in joint)):
        links = [row["href"] for row in browser.get(f"/api/list/{id_}").get_json()["rows"]]
        assert [browser.get(link).status_code for link in links] == [200] * many
    assert browser.get("/api/list/towns").get_json()["rows"][0]["href"] is None


def test_a_demand_says_what_it_is_of_whom_and_how_it_stands(district, signed_in):
    (row,) = signed_in("viewer").get("/api/list/demands").get_json()["rows"]
    assert (row["title"], row["note"]) == ("老年人义诊", "义诊健康 · 一村 · 待对接")
    # in the middle of its village
    assert (row["lon"], row["lat"]) == (121.405, 31.11)


@pytest.mark.parametrize(
    ("id_", "title", "note"),
    [
        ("duty_teams", "一队", "无人负责 · 西镇 · 以所在街镇为范围"),
        ("meetings", "议事会", "村居共治会议 · 一村 · 2026-03-02 14:00 · 待召开"),
        ("whistle_calls", "后巷堆物", "W1 · 待到场 · 2026-03-03 14:00 · 已到 0/0 · 西镇"),
        ("registrations", "一村", "西镇 · 2015 · 报到率 75.0 %"),
        ("registrations_of_towns", "西镇", "2015 · 报到率 75.0 %"),
        ("unit_density", "一村", "西镇 · 1 个单位 · 每平方千米 0.5 个"),
    ],
)
def test_records_of_co_governance_say_what_they_are_and_how_they_stand(district, signed_in, id_, title, note):
    rows = signed_in("district").get(f"/api/list/{id_}").get_json()["rows"]
    assert {row["title"]: row["note"] for row in rows}[title] == note


def test_what_is_to_be_done_first_stands_first_and_says_until_when(district, signed_in):
    rows = signed_in("viewer").get("/api/list/tickets").get_json()["rows"]
    assert [row["key"] for row in rows] == ["T1", "T0", "T4", "T3", "T2"]
    assert [row["note"] for row in rows] == [
        "暴露垃圾 · 处置中 · 超期 2 天 · 一村",
        "暴露垃圾 · 处置中 · 还剩 6 小时 · 一村",
        "暴露垃圾 · 已处置 · 还剩 2 天 · 位置未知",
        "暴露垃圾 · 已上报 · 一村",
        "暴露垃圾 · 已结案 · 已超期 · 一村",
    ]


def test_a_ticket_on_the_map_has_a_place_though_no_village_is_known(district, records, signed_in):
    with records() as session:
        session.execute(text("UPDATE ticket SET village_code = NULL, town_code = :town"), {"town": WEST_TOWN})
        session.execute(text("UPDATE ticket SET town_code = NULL WHERE number IN ('T3', 'T4')"))
    rows = signed_in("viewer").get("/api/list/tickets").get_json()["rows"]
    ends = {row["key"]: row["note"].rpartition(" · ")[2] for row in rows}
    assert ends == {"T0": "西镇", "T1": "西镇", "T2": "西镇", "T3": "已上报", "T4": "位置未知"}


def test_a_list_takes_the_filter_a_box_and_a_page(district, signed_in):
    browser = signed_in("viewer")

    def keys(query):
        found = browser.get(f"/api/list/tickets?{query}").get_json()
        return found["total"], [row["key"] for row in found["rows"]]

    assert keys("state=new,work,check&due=late") == (1, ["T1"])
    assert keys("state=work&limit=1&skip=1") == (2, ["T0"])
    assert keys("skip=5") == (5, [])
    assert keys("bbox=121.41,31.10,121.42,31.12") == (1, ["T1"])
    assert keys("within=121.41,31.10;121.411,31.10;121.41,31.12") == (0, [])
    assert keys("within=121.41,31.10;121.43,31.10;121.41,31.12") == (1, ["T1"])


def test_a_point_a_step_outside_the_box_is_not_in_it(district, records, signed_in):
    edge = 121.41
    with records() as session:
        # nearer than a box of single precision can tell
        session.execute(text("UPDATE ticket SET geom = ST_SetSRID(ST_MakePoint(:lon, 31.105), 4326)"), {"lon": edge})
    browser = signed_in("viewer")
    totals = [
        browser.get(f"/api/list/tickets?bbox=121.40,31.10,{east:.6f},31.11").get_json()["total"]
        for east in (edge - 2e-6, edge, edge + 2e-6)
    ]
    assert totals == [0, 5, 5]


def test_ground_of_two_hundred_corners_is_taken_wherever_it_lies(district, signed_in):
    angles = [i * math.tau / 200 for i in range(200)]
    corners = [(-122.73308 - math.cos(angle), -31.17433 + math.sin(angle)) for angle in angles]
    within = ";".join(f"{lon:.5f},{lat:.5f}" for lon, lat in [*corners, corners[0]])
    answer = signed_in("viewer").get(f"/api/tickets/counts?within={within}")
    assert (answer.status_code, len(within) > 4000) == (200, True)


CONCAVE = (
    "121.40,31.10;121.43,31.10;121.43,31.11;121.428,31.11;121.427,31.101;121.405,31.101;121.404,31.11;121.40,31.11"
)


def test_units_take_the_conditions_that_say_where(district, client):
    def keys(query):
        found = client.get(f"/api/list/units?{query}").get_json()
        exported = client.get(f"/export/units.geojson?{query}").get_json()
        assert [row["key"] for row in found["rows"]] == [each["id"] for each in exported["features"]]
        return found["total"], [row["key"] for row in found["rows"]]

    assert keys("") == (2, ["U1", "U2"])
    # both lie in the bay
    assert keys(f"within={CONCAVE}") == (0, [])
    assert keys("within=121.40,31.10;121.43,31.10;121.43,31.11;121.40,31.11") == (2, ["U1", "U2"])
    assert keys("within=121.406,31.105;121.43,31.10;121.43,31.11") == (2, ["U1", "U2"])
    assert keys(f"area={FIRST_VILLAGE}") == (1, ["U1"])
    assert keys(f"area={WEST_TOWN}&within=121.42,31.10;121.43,31.10;121.43,31.11") == (0, [])
    assert keys("area=nowhere") == (0, [])


def test_the_page_of_a_list_of_units_counts_all(district, client):
    found = client.get("/api/list/units?within=121.40,31.10;121.43,31.10;121.43,31.11;121.40,31.11&limit=1").get_json()
    assert (found["total"], len(found["rows"])) == (2, 1)


@pytest.mark.parametrize("path", ["/api/list/units", "/export/units.geojson"])
@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("within=121,31;122,32;122,31;121,32", "cross or touch"),
        ("within=121,31;125,31;125,35;121,35;121,31;122,32;123,32;123,33;121,31", "cross or touch"),
        ("within=-179,-89;179,-89;179,89;-179,89", "half the world"),
        ("within=121,31;122,31", "3 to 200 corners"),
        ("within=121,31;301,31;301,-31", "-180 to 180"),
        ("state=new", "left out"),
    ],
    ids=["crossing", "with a hole", "around the world", "two corners", "off the globe", "not of units"],
)
def test_ground_that_is_none_is_refused_in_words(client, path, query, said):
    answer = client.get(f"{path}?{query}", headers={"Accept": "application/json"})
    assert answer.status_code == 400
    assert said in client.get(f"{path}?{query}&lang=en", headers={"Accept": "application/json"}).get_json()["detail"]


def test_counts_from_memory_are_those_of_the_records_now(district, records, signed_in):
    browser = signed_in("viewer")

    def total():
        return browser.get("/api/tickets/counts?state=work").get_json()["total"]

    assert (total(), total()) == (2, 2)
    with records() as session:
        session.execute(text("UPDATE ticket SET state = 'handling' WHERE number = 'T3'"))
    assert total() == 3


def test_rows_say_what_matters_of_each_kind(district, client):
    notes = {
        id_: client.get(f"/api/list/{id_}").get_json()["rows"][0]["note"] for id_ in ("villages", "blocks", "units")
    }
    assert notes == {"villages": "西镇", "blocks": "无人负责", "units": "环卫单位 · 一村"}
    english = client.get("/api/list/units?lang=en").get_json()["rows"]
    assert not re.search(r"[\u4e00-\u9fff]", english[0]["note"].split(" · ")[0])


def test_the_list_says_what_waits_at_a_desk_and_lets_it_be_dropped(district, signed_in):
    browser = signed_in("viewer")
    page = browser.get("/tickets?desk=file,check&closed_since=2026-03-01").text
    assert "待立案、待核查" in page
    assert "办结 2026-03-01 – …" in page
    assert 'href="/tickets?closed_since=2026-03-01" aria-current="true"' in page
    assert 'name="desk" value="file,check"' in page
    english = browser.get("/tickets?desk=late&lang=en").text
    assert ">overdue <span" in english


def test_counts_speak_the_readers_language(district, signed_in):
    browser = signed_in("viewer")
    found = browser.get("/api/tickets/counts?state=new,work,check").get_json()
    assert (found["total"], found["placed"]) == (4, 3)
    assert {each["value"]: each["count"] for each in found["facets"]["state"]} == {
        "new": 1,
        "work": 2,
        "check": 1,
        "closed": 1,
    }
    assert [each["value"] for each in found["facets"]["due"]] == ["late", "soon", "ontime", "none"]
    assert found["facets"]["category"] == [{"value": "0102", "title": "暴露垃圾", "count": 4}]
    assert found["facets"]["unit"] == [{"value": "U1", "title": "单位U1", "count": 4}]
    english = browser.get("/api/tickets/counts?lang=en").get_json()["facets"]
    assert english["category"][0]["title"] == "exposed rubbish"
    assert english["state"][3] == {"value": "closed", "title": "closed", "count": 1}


@pytest.mark.parametrize("path", ["/api/tickets/counts", "/api/list/tickets"])
def test_tickets_need_a_sign_in_before_anything_is_read(client, path):
    assert client.get(f"{path}?state=nonsense").status_code == 401


UNREADABLE = (
    "state=sleeping",
    "due=later",
    "desk=kitchen",
    "closed_since=2026-03-02&closed_until=2026-03-01",
    "since=yesterday",
    "since=20260302",
    "since=2026-02-30",
    "until=2026-W10-1",
    "since=2026-03-02&until=2026-03-01",
    "within=121,31",
    "within=121,31;122,31",
    "within=121,31;122,32;122,31;121,32",
    "within=121,31;122,31;123,31",
    "within=121,31;nan,31;122,32",
    "within=121,31;999,31;122,32",
    "within=121 31;122 31;122 32",
    "within=" + ";".join(f"{121 + i / 1000:.3f},{31 + i * i / 100000:.5f}" for i in range(201)),
    "within=" + "1" * 5000,
    "category=" + ",".join(f"{i:04}" for i in range(101)),
    "unit=" + "x" * 3000,
    "area=a\x00b",
    "colour=red",
)


@pytest.mark.parametrize(
    "path", ["/api/tickets/counts", "/export/tickets.geojson", "/tickets", "/tiles/tickets/1/0/0.mvt"]
)
def test_a_filter_that_cannot_be_read_is_refused_in_words(signed_in, path):
    browser = signed_in("viewer")
    answers = {query: browser.get(f"{path}?{query}", headers={"Accept": "application/json"}) for query in UNREADABLE}
    assert {query: answer.status_code for query, answer in answers.items()} == dict.fromkeys(UNREADABLE, 400)
    assert all(answer.get_json()["detail"] for answer in answers.values())


def test_a_list_refuses_what_it_does_not_have(client):
    refused = [client.get(f"/api/list/towns?{query}").status_code for query in ("limit=0", "limit=201", "skip=-1")]
    assert refused == [400] * 3
    assert client.get("/api/list/towns?bbox=1,2").status_code == 400
    assert client.get("/api/list/towns?state=work").status_code == 400


def test_a_key_names_one_row_of_any_list(district, signed_in):
    officer = signed_in("officer")
    for name in ("tickets", "units", "villages", "gaps"):
        some = officer.get(f"/api/list/{name}?limit=3").get_json()["rows"]
        for row in some:
            found = officer.get(f"/api/list/{name}", query_string={"key": row["key"]}).get_json()
            assert (found["total"], found["rows"]) == (1, [row]), name
    assert officer.get("/api/list/units?key=%27%20OR%201").get_json()["total"] == 0
    state = officer.get("/api/list/tickets?limit=1&state=closed").get_json()["rows"][0]["key"]
    assert officer.get(f"/api/list/tickets?key={state}&state=new").get_json()["total"] == 0


def test_a_list_of_nothing_known_is_404(client):
    assert client.get("/api/list/nothing").status_code == 404
