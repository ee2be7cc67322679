from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest
from makers import add_areas, add_block, add_unit, square

from geodata.models import Demand, Meeting, Pledge, Project, Region, Resource, ServiceTeam
from geodata.services.tickets import Position, open_ticket


def fill(session):
    add_areas(session)
    add_unit(session, "U1", 0.5, 0.5, name="兰亭学校", kind="school", town_code="310112101000")
    add_unit(session, "U2", name="兰亭无址单位", kind="market")
    add_block(session, "B1", 0, 0, 1, 1)
    place = Position(121.405, 31.105, "wgs84")
    open_ticket(session, category="0501", title="兰亭旁摆摊", actor="o", position=place)


TOWN = "310112101000"
FILLED_BY = {"town": fill}


@pytest.fixture
def town(ground):
    return ground.told


def ask(client, typed, **more):
    return client.get("/api/search", query_string={"q": typed, **more})


def test_hits_come_with_a_note_a_place_and_a_page(client, town):
    answer = ask(client, "兰亭", lang="en").get_json()
    assert answer == {
        "query": "兰亭",
        "hits": [
            {
                "kind": "unit",
                "key": "U1",
                "collection": "units",
                "title": "兰亭学校",
                "note": "School · 西镇",
                "lon": 121.405,
                "lat": 31.105,
                "box": [121.405, 31.105, 121.405, 31.105],
                "href": "/units/U1",
            },
            {
                "kind": "unit",
                "key": "U2",
                "collection": "units",
                "title": "兰亭无址单位",
                "note": "Market · place not known",
                "lon": None,
                "lat": None,
                "box": None,
                "href": "/units/U2",
            },
        ],
    }


def test_notes_are_in_the_readers_language(client, town):
    def notes(typed):
        return [hit["note"] for hit in ask(client, typed, lang="zh_Hans").get_json()["hits"]]

    assert notes("一村") == ["居村 · 西镇"]
    assert notes("区块") == ["无人负责（空白）"]
    assert notes("31.105, 121.405") == ["纬度写在了前面，已按“经度，纬度”读取。"]


def test_only_those_who_may_read_tickets_find_them(client, town, signed_in):
    def kinds(browser):
        return {hit["kind"] for hit in ask(browser, "兰亭").get_json()["hits"]}

    assert kinds(client) == {"unit"}
    assert kinds(signed_in("viewer")) == {"unit", "ticket"}


def test_the_note_of_a_ticket_begins_with_its_number(client, town, signed_in):
    (hit,) = [
        hit for hit in ask(signed_in("viewer"), "旁摆摊", lang="en").get_json()["hits"] if hit["kind"] == "ticket"
    ]
    assert hit["note"] == f"{hit['key']} · unlicensed street vending · dispatched · 西镇"


HOSTILE = "</script><img src=x onerror=alert(1)>{{7*7}}"


def fill_joint(session):
    add_areas(session)
    unit = add_unit(session, "U1", 0.5, 0.5, name="市民中心", town_code=TOWN)
    village = {"level": "village", "area_code": "310112101001"}
    noon = datetime(2026, 3, 2, 4, tzinfo=UTC)
    session.add_all(
        [
            Region(code="R1", name="兰亭片区", town_code=TOWN, geom=square(0, 0, 1, 1)),
            ServiceTeam(code="T1", name="兰亭团队", town_code=TOWN),
            Project(code="J1", name="兰亭共建", joint="welfare", level="town", lead_unit_id=unit.id, stage="running"),
            Resource(code="S1", name="兰亭讲堂", kind_code="free_clinic", unit_id=unit.id),
            Demand(code="D1", name="兰亭义诊", kind_code="free_clinic", posted_by="officer", **village),
            Pledge(code="L1", name="兰亭三包", unit_id=unit.id, valid_from=date(2020, 1, 1)),
            Meeting(
                code="M1",
                name="兰亭议事",
                body="village_meeting",
                held_at=noon,
                **village,
            ),
            Project(code="J2", name=HOSTILE, joint="culture", level="town", lead_unit_id=unit.id),
        ]
    )


FILLED_BY["joint"] = fill_joint


@pytest.fixture
def joint(ground):
    return ground.told


def test_what_units_do_together_is_told_in_a_line_and_leads_to_its_page(joint, signed_in):
    browser = signed_in("viewer")
    hits = {hit["key"]: hit for hit in ask(browser, "兰亭", lang="zh_Hans").get_json()["hits"]}
    assert {key: hit["note"] for key, hit in hits.items()} == {
        "R1": "无人负责（空白） · 西镇",
        "T1": "无人负责（空白） · 西镇",
        "J1": "实施中 · 市民中心",
        "S1": "义诊健康 · 市民中心 · 西镇",
        "D1": "义诊健康 · 待对接 · 西镇 · 一村",
        "L1": "市民中心 · 西镇",
        "M1": "2026-03-02 · 待召开 · 西镇 · 一村",
    }
    for hit in hits.values():
        page = browser.get(hit["href"])
        assert page.status_code == 200
        assert hit["title"] in page.text


@pytest.mark.parametrize("typed", ["兰亭议事", "M1", "lantingyishi", "ltys"])
def test_a_meeting_is_found_by_no_word_by_those_who_may_not_read_meetings(client, joint, signed_in, typed):
    def kinds(browser):
        return {hit["kind"] for hit in ask(browser, typed).get_json()["hits"]}

    assert "meeting" not in kinds(client)
    assert "meeting" in kinds(signed_in("viewer"))


def test_who_looks_for_a_place_is_not_told_what_is_done_there(client, joint):
    assert ask(client, "兰亭").get_json()["hits"]
    assert ask(client, "兰亭", of="places").get_json()["hits"] == []
    assert ask(client, "兰亭", of="meetings").status_code == 400


@pytest.mark.parametrize("typed", [HOSTILE, "</script>", "onerror", "{{7*7}}", "J2"])
def test_a_hostile_name_is_found_as_a_name_and_nothing_else(client, joint, typed):
    (hit,) = ask(client, typed).get_json()["hits"]
    assert (hit["key"], hit["title"]) == ("J2", HOSTILE)
    page = client.get(hit["href"]).text
    assert HOSTILE not in page
    assert "49" not in page.partition("<h1")[2].partition("</h1>")[0]


@pytest.mark.parametrize(
    "typed",
    ["' UNION SELECT code FROM meeting --", "M1'; DROP TABLE meeting; --", "%' OR kind='meeting", "M_", r"\_1"],
)
def test_no_sign_in_a_question_finds_what_is_not_for_whoever_asks(client, joint, typed):
    assert "meeting" not in {hit["kind"] for hit in ask(client, typed).get_json()["hits"]}


def test_a_hundred_questions_at_once_are_all_answered(client, town):
    app = client.application

    def status(number):
        return ask(app.test_client(), f"兰亭{number % 3 or ''}").status_code

    with ThreadPoolExecutor(16) as many:
        assert set(many.map(status, range(100))) <= {200, 503}


def test_nothing_asked_is_nothing_found(client):
    assert client.get("/api/search").get_json() == {"query": "", "hits": []}
    assert ask(client, " \u3000 ").get_json()["hits"] == []


@pytest.mark.parametrize("query", [{"q": "x" * 201}, {"q": "a\x00b"}, {"q": "a", "limit": "9"}])
def test_what_cannot_be_a_question_is_refused_in_words(client, query):
    answer = client.get("/api/search", query_string=query)
    assert answer.status_code == 400
    assert answer.mimetype == "application/problem+json"


@pytest.mark.parametrize(
    "typed", ["%", "\\", "'", "{{7*7}}", "<script>", "1' OR '1'='1", "\ud800".encode("utf-8", "surrogatepass")]
)
def test_any_text_has_an_answer(client, town, typed):
    assert ask(client, typed).get_json()["hits"] == []
