from concurrent.futures import ThreadPoolExecutor

import pytest
from makers import add_areas, add_block, add_unit

from geodata.services.tickets import Position, open_ticket


def fill(session):
    add_areas(session)
    add_unit(session, "U1", 0.5, 0.5, name="兰亭学校", kind="school", town_code="310112101000")
    add_unit(session, "U2", name="兰亭无址单位", kind="market")
    add_block(session, "B1", 0, 0, 1, 1)
    place = Position(121.405, 31.105, "wgs84")
    open_ticket(session, category="0501", title="兰亭旁摆摊", actor="o", position=place)


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
