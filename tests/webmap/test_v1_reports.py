"""Reports of other systems: the form of the pages, filled in by a program, stored once."""

import io
import json
from datetime import datetime, timedelta

import pytest
from makers import ZONE, at
from pictures import photo_bytes
from sqlalchemy import func, select
from two_towns import OWN_TOWN, PASSWORD

from geodata.models import Photo, Ticket
from webmap.bodies import LARGEST_JSON_BYTES

LON, LAT = at(0.5, 1.5)
HERE = {"category": "0501", "lon": LON, "lat": LAT}
KEY = {"Idempotency-Key": "a-key-made-at-random"}
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def count(records):
    """A function that tells how many rows a table has."""

    def rows(model=Ticket):
        with records() as session:
            return session.scalar(select(func.count()).select_from(model))

    return rows


def test_a_report_becomes_a_ticket_with_its_areas_and_unit(program):
    answer = program("officer").post("/tickets", HERE | {"title": "占道", "description": "门口", "address": "东川路"})
    assert answer.status_code == 201
    told = answer.json["ticket"]
    assert (told["title"], told["description"], told["place"]["town"]["code"]) == ("占道", "门口", OWN_TOWN)
    assert (told["source"], told["reported_by"], told["state"]) == ("map", "officer", "dispatched")
    assert answer.headers["Location"] == f"/api/v1/tickets/{told['number']}"
    assert answer.headers["ETag"] == f'"{told["version"]}"'
    assert program("officer").get(f"/tickets/{told['number']}").json == told


def test_a_report_without_a_title_has_the_name_of_its_kind(program):
    told = program("officer").post("/tickets?lang=en", HERE).json["ticket"]
    assert told["title"] == told["category"]["name"]


def test_a_key_that_only_reports_is_told_the_number_and_nothing_else(program, count):
    answer = program("officer", "report").post("/tickets", HERE)
    assert (answer.status_code, count()) == (201, 4)
    number = answer.json["number"]
    assert answer.json == {"number": number, "version": 2, "ticket": None, "similar": []}
    assert answer.headers["Location"] == f"/api/v1/tickets/{number}"


def test_tickets_like_it_are_told_beside_it(program, towns, count):
    near = HERE | dict(zip(("lon", "lat"), at(0.5, 0.5), strict=True))
    answer = program("officer").post("/tickets", near)
    assert [one["number"] for one in answer.json["similar"]] == [towns["OWN"]]
    assert (answer.status_code, count()) == (201, 4)


def test_a_report_that_is_to_be_new_is_not_stored_beside_one_like_it(program, towns, count):
    near = HERE | dict(zip(("lon", "lat"), at(0.5, 0.5), strict=True)) | {"unless_similar": True}
    answer = program("officer").post("/tickets", near)
    assert (answer.status_code, answer.mimetype, count()) == (409, "application/problem+json", 3)
    assert [one["number"] for one in answer.json["similar"]] == [towns["OWN"]]
    assert program("officer").post("/tickets", near | {"seen": [towns["OWN"]]}).status_code == 201


def test_a_report_that_is_sent_twice_under_a_key_is_stored_once(program, count):
    asked, sent = program("officer"), HERE | {"unless_similar": True}
    first, again = (asked.post("/tickets", sent, headers=KEY) for _ in range(2))
    assert (first.status_code, again.status_code, count()) == (201, 201, 4)
    assert (first.data, first.headers["Location"]) == (again.data, again.headers["Location"])
    assert asked.post("/tickets", sent | {"title": "另一件"}, headers=KEY).status_code == 422


def test_photos_come_as_parts_of_a_form(program, count):
    form = {"facts": json.dumps(HERE), "photos": [(io.BytesIO(photo_bytes(c)), f"{c}.jpg") for c in ("red", "blue")]}
    answer = program("officer").ask("POST", "/tickets", data=form)
    assert (answer.status_code, count(Photo)) == (201, 4)
    number = answer.json["ticket"]["number"]
    assert [one["kind"] for one in program("officer").get(f"/tickets/{number}/photos").json["items"]] == ["report"] * 2


def test_what_was_put_right_at_once_comes_with_both_photos(program):
    form = {"facts": json.dumps(HERE | {"handled": True}), "before": (io.BytesIO(photo_bytes("red")), "a.jpg")}
    assert "photos" in program("officer").ask("POST", "/tickets", data=form).json["errors"]
    form = {"facts": json.dumps(HERE | {"handled": True})}
    form |= {name: (io.BytesIO(photo_bytes(name_)), "a.jpg") for name, name_ in (("before", "red"), ("after", "blue"))}
    assert program("officer").ask("POST", "/tickets", data=form).json["ticket"]["is_self_handled"] is True


# -- what offices hear of ------------------------------------------------------------------------------------

HEARD = HERE | {"source": "hotline", "source_ref": "12345-7", "title": "噪声"}


def test_an_office_writes_down_what_the_hotline_heard_when_and_with_its_number(program):
    heard_at = (datetime.now(ZONE) - timedelta(hours=3)).isoformat(timespec="seconds")
    told = program("town_office").post("/tickets", HEARD | {"reported_at": heard_at}).json["ticket"]
    assert (told["source"], told["source_ref"], told["reported_at"]) == ("hotline", "12345-7", heard_at)


def test_the_same_number_of_a_source_is_not_written_down_twice(program, count):
    first = program("town_office").post("/tickets", HEARD).json["ticket"]["number"]
    again = program("town_office").post("/tickets", HEARD)
    assert (again.status_code, count()) == (409, 4)
    assert first in again.json["detail"]


def test_what_has_no_place_is_the_districts(program):
    sent = {"category": "0501", "source": "resident", "title": "不知何处", "nowhere": True}
    told = program("district").post("/tickets", sent).json["ticket"]
    assert (told["place"]["lon"], told["place"]["town"]) == (None, None)


def test_numbers_of_people_are_hidden_or_kept_on_purpose(program):
    sent = HEARD | {"description": "请回电13812345678"}
    assert "personal" in program("town_office").post("/tickets", sent).json["errors"]
    told = program("town_office").post("/tickets", sent | {"personal": "mask"}).json["ticket"]
    assert "13812345678" not in told["description"]


def test_writing_down_what_others_told_is_for_offices(program, count):
    assert program("officer").post("/tickets", HEARD).status_code == 403
    by_scope = program("town_office", "report").post("/tickets", HEARD)
    assert (by_scope.status_code, count()) == (403, 3)
    assert "'work'" in by_scope.json["detail"]


# -- refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "sent", "status", "word"),
    [
        pytest.param("viewer", HERE, 403, "ticket.report", id="a role that reports nothing"),
        pytest.param("officer", {"lon": LON, "lat": LAT}, 422, "category", id="no category"),
        pytest.param("officer", HERE | {"category": "9999"}, 422, "category", id="unknown category"),
        pytest.param("officer", {"category": "0501"}, 422, "place", id="no place"),
        pytest.param("officer", HERE | {"lon": 10}, 422, "place", id="beyond the district"),
        pytest.param("town_office", HERE | {"lon": at(3.5, 1)[0]}, 422, "place", id="another town"),
        pytest.param("officer", HERE | {"accuracy_m": 500}, 422, "place", id="badly known"),
        pytest.param("officer", HERE | {"datum": "epsg:nowhere"}, 422, "place", id="unknown datum"),
        pytest.param("officer", HERE | {"lon": "121.4"}, 422, "/lon", id="a number as text"),
        pytest.param("officer", HERE | {"title": "x" * 101}, 422, "/title", id="a title too long"),
        pytest.param("officer", HERE | {"title": "a\0b"}, 422, "/title", id="U+0000"),
        pytest.param("officer", HERE | {"source_ref": "1"}, 422, "/source_ref", id="a number of no source"),
        pytest.param("town_office", HEARD | {"reported_at": "2026-03-02T08:00:00"}, 422, "/reported_at", id="no zone"),
        pytest.param("town_office", HEARD | {"reported_at": "1999-03-02T08:00:00Z"}, 422, "reported_at", id="long ago"),
        pytest.param("town_office", HEARD | {"handled": True}, 422, "/handled", id="handled by whom"),
        pytest.param("officer", [], 422, "the body", id="a list"),
    ],
)
def test_what_cannot_be_a_report_is_refused_and_nothing_stored(program, count, role, sent, status, word):
    answer = program(role).post("/tickets", sent)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert word in answer.json["detail"]
    assert count() == 3


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        pytest.param(b"{", JSON, 400, id="not JSON"),
        pytest.param(b"", JSON, 400, id="nothing"),
        pytest.param(b'{"category": NaN}', JSON, 400, id="NaN"),
        pytest.param(b'{"category": "1", "category": "2"}', JSON, 400, id="a key twice"),
        pytest.param(b"[" * 100_000, JSON, 400, id="nested lists"),
        pytest.param(b'{"a":' * 100_000, JSON, 400, id="nested objects"),
        pytest.param(b'{"category": "\xff"}', JSON, 400, id="not UTF-8"),
        pytest.param(b'"' + b"x" * LARGEST_JSON_BYTES + b'"', JSON, 413, id="too large"),
        pytest.param(b"x" * 3 * 2**20, JSON, 413, id="far too large"),
        pytest.param(b"category=0501", {"Content-Type": "application/x-www-form-urlencoded"}, 415, id="a form"),
        pytest.param(b"{}", {"Content-Type": "text/plain"}, 415, id="plain text"),
        pytest.param(b"{}", {}, 415, id="of no type"),
        pytest.param(b"<x/>", {"Content-Type": "application/xml"}, 415, id="XML"),
    ],
)
@pytest.mark.parametrize("key", [{}, KEY], ids=["", "with a key"])
def test_what_is_no_json_is_refused(program, count, content, headers, status, key):
    answer = program("officer").ask("POST", "/tickets", data=content, headers=headers | key)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert count() == 3


@pytest.mark.parametrize(
    "form",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"facts": "{}", "extra": "1"}, id="a field more"),
        pytest.param({"facts": [json.dumps(HERE)] * 2}, id="facts twice"),
        pytest.param({"facts": (io.BytesIO(b"{}"), "facts.json")}, id="facts as a file"),
    ],
)
def test_a_form_that_is_not_as_it_should_be_is_refused(program, count, form):
    answer = program("officer").ask("POST", "/tickets", data=form, content_type="multipart/form-data")
    assert (answer.status_code, count()) == (422, 3)


SMUGGLED = {
    **dict.fromkeys(("id", "number", "state", "role", "actor", "scope", "town_code", "unit", "unit_id"), "x"),
    **dict.fromkeys(("assignee", "reported_by", "created_at", "closed_at", "due_at", "version"), "x"),
}


@pytest.mark.parametrize("name", SMUGGLED)
def test_s20_nothing_is_smuggled_in_with_a_report(program, count, name):
    answer = program("officer").post("/tickets", HERE | {name: SMUGGLED[name]})
    assert (answer.status_code, count()) == (422, 3)
    assert name in answer.json["detail"]


def test_s16_a_sign_in_alone_sends_nothing_from_another_site(app, towns, count):
    app.config["WTF_CSRF_ENABLED"] = False
    browser = app.test_client()
    browser.post("/login", data={"name": "officer", "password": PASSWORD})
    app.config["WTF_CSRF_ENABLED"] = True
    assert (browser.post("/api/v1/tickets", json=HERE).status_code, count()) == (403, 3)
