"""Tickets for other systems: found, paged, looked up, and for nobody who may not see them."""

import pytest
from makers import at
from two_towns import CANARIES, OTHER_TOWN, OWN_TOWN, PASSWORD

from geodata.services.tickets import Position, open_ticket
from geodata.services.users import add_user


@pytest.fixture
def many(records, towns):
    """Seven more tickets in the western town, reported at the same moment or not."""
    with records() as session:
        for n in range(7):
            lon, lat = at(0.2 + n / 10, 1.5)
            open_ticket(
                session,
                category="0102",
                title=f"垃圾{n}",
                actor="somebody",
                position=Position(lon, lat, "wgs84"),
                assign_now=False,
            )
    return 7


def test_the_newest_report_stands_first(program, many):
    titles = [one["title"] for one in program("admin").get("/tickets?category=0102").json["items"]]
    assert titles == [f"垃圾{n}" for n in reversed(range(7))]


@pytest.mark.parametrize("sort", ["reported", "due"])
def test_pages_lose_and_repeat_none(program, many, sort):
    asked = program("admin")
    whole = [one["number"] for one in asked.get(f"/tickets?sort={sort}").json["items"]]
    assert len(whole) == many + 3
    assert [one["number"] for one in asked.all(f"/tickets?sort={sort}&limit=2")] == whole


def test_the_next_page_keeps_the_conditions_and_counts_no_more(program, many):
    asked = program("admin")
    first = asked.get("/tickets?category=0102&limit=3&sort=due&lang=en").json
    assert (len(first["items"]), first["total"]) == (3, many)
    for part in ("category=0102", "limit=3", "sort=due", "lang=en"):
        assert part in first["next"]
    second = asked.get(first["next"].removeprefix("/api/v1")).json
    assert (len(second["items"]), second["total"]) == (3, None)


def test_conditions_are_those_of_the_map(program, towns):
    asked = program("admin")
    for query, names in {
        f"area={OWN_TOWN}": {"OWN"},
        "area=none": {"NOWHERE"},
        "unit=U2": {"OTHER"},
        "state=new": {"NOWHERE"},
        "within=121.40,31.09;121.42,31.09;121.42,31.13;121.40,31.13": {"OWN"},
    }.items():
        assert {one["number"] for one in asked.get(f"/tickets?{query}").json["items"]} == {towns[n] for n in names}, (
            query
        )


def test_a_ticket_tells_where_it_is_with_whom_and_what_may_be_done(program, towns):
    answer = program("officer").get(f"/tickets/{towns['OWN']}?lang=en")
    told = answer.json
    assert told["place"]["town"] == {"code": OWN_TOWN, "name": "西镇"}
    assert (told["place"]["cell"], told["unit"]) == ("310112101001C1", {"code": "U1", "name": "单位U1"})
    assert (told["state"], told["group"], told["category"]["code"]) == ("dispatched", "work", "0501")
    assert {one["action"] for one in told["moves"]} >= {"accept", "return", "note"}
    assert answer.headers["ETag"] == f'"{told["version"]}"'
    assert told["reported_at"].endswith("+08:00")
    assert [one["stage"] for one in told["clocks"]] == ["verify"]


def test_its_history_is_told_in_order(program, towns):
    answer = program("admin").get(f"/tickets/{towns['OWN']}/events?lang=en")
    assert [(one["seq"], one["action"], one["by"]) for one in answer.json["items"]] == [
        (1, "report", "somebody"),
        (2, "note", "somebody"),
    ]
    assert answer.json["items"][1]["reason"] == f"回电{CANARIES['ticket_event.facts']}"
    assert answer.headers["ETag"] == '"2"'


def test_its_photos_come_by_the_same_key(program, towns):
    asked = program("officer")
    (photo,) = asked.get(f"/tickets/{towns['OWN']}/photos").json["items"]
    for name, content in (("href", b"large"), ("small", b"small")):
        answer = asked.get(photo[name].removeprefix("/api/v1"))
        assert (answer.mimetype, answer.data) == ("image/jpeg", content)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("rest", "role"),
    [
        ("", "town_office"),
        ("", "viewer"),
        ("/events", "officer"),
        ("/photos", "unit"),
        ("/photos/2.jpg", "town_office"),
        ("/photos/2-small.jpg", "unit"),
        ("/candidates", "town_office"),
    ],
)
def test_another_towns_ticket_is_not_there(program, towns, rest, role):
    answer = program(role).get(f"/tickets/{towns['OTHER']}{rest}")
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert OTHER_TOWN not in answer.text


def test_lists_hold_ones_own_alone(program, towns):
    for role in ("town_office", "viewer", "unit"):
        assert [one["number"] for one in program(role).get("/tickets").json["items"]] == [towns["OWN"]]


def test_words_are_masked_for_those_who_may_not_read_them(program, towns):
    asked = program("viewer")
    for address in ("/tickets", f"/tickets/{towns['OWN']}", f"/tickets/{towns['OWN']}/events"):
        text = asked.get(address).text
        assert not [number for number in CANARIES.values() if number in text]
    assert CANARIES["ticket.title"] in program("town_office").get(f"/tickets/{towns['OWN']}").text


def test_a_key_without_work_reads_masked_words(program, towns):
    assert CANARIES["ticket.title"] not in program("unit", "read").get(f"/tickets/{towns['OWN']}").text


@pytest.mark.parametrize(
    ("scopes", "method", "address", "lacking"),
    [
        (("report",), "GET", "/tickets", "read"),
        (("read",), "POST", "/tickets", "report"),
        (("read", "report"), "POST", "/tickets/OWN/moves", "work"),
        (("read", "report"), "POST", "/assignments", "work"),
        (("work",), "POST", "/assignments", "read"),
        (("work",), "POST", "/tickets/OWN/comments", "read"),
    ],
)
def test_a_key_is_told_which_scope_it_lacks(program, towns, scopes, method, address, lacking):
    answer = program("admin", *scopes).ask(method, address.replace("OWN", towns["OWN"]), json={"text": "x"})
    assert answer.status_code == 403
    assert f"'{lacking}'" in answer.json["detail"]
    assert f'scope="{lacking}"' in answer.headers["WWW-Authenticate"]


def test_whoever_has_no_key_signs_in_first(app, towns):
    answer = app.test_client().get("/api/v1/tickets")
    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")


@pytest.mark.parametrize(
    "query",
    ["nosuch=1", "limit=0", "limit=501", "limit=x", "after=x", "sort=title", "state=x", "since=yesterday", "page=2"],
)
def test_what_no_list_knows_is_refused(program, query):
    answer = program("admin").get(f"/tickets?{query}")
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert query.partition("=")[0] in answer.json["detail"]


def test_no_other_site_may_read_an_answer(program):
    answer = program("admin").get("/tickets", headers={"Origin": "https://example.org"})
    assert not [name for name, _value in answer.headers if name.startswith("Access-Control")]
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_me_tells_whom_the_key_stands_for(program, records):
    assert program("town_office", "read", "work").get("/me").json == {
        "name": "town_office",
        "role": "town_office",
        "area": OWN_TOWN,
        "unit": None,
        "is_by_key": True,
        "scopes": ["read", "work"],
    }
    with records() as session:
        add_user(session, "second", password=PASSWORD, role="unit", unit="U2")
    assert program("second").get("/me").json["unit"] == {"code": "U2", "name": "单位U2"}
