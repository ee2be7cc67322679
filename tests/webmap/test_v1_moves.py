"""What other systems do with tickets: once, by what they have seen, and nothing that pages would not do."""

import io
import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from pictures import photo_bytes
from sqlalchemy import func, select
from two_towns import OWN_TOWN

from geodata.models import Photo, Ticket, TicketEvent

KEY = {"Idempotency-Key": "a-key-made-at-random"}


@pytest.fixture
def own(towns):
    return f"/tickets/{towns['OWN']}"


@pytest.fixture
def events(records, towns):
    """A function that tells the actions of a ticket in their order."""

    def told(name="OWN"):
        asked = select(TicketEvent.action).join(Ticket, Ticket.id == TicketEvent.ticket_id).order_by(TicketEvent.seq)
        with records() as session:
            return list(session.scalars(asked.where(Ticket.number == towns[name])))

    return told


def test_a_ticket_is_accepted_and_told_as_it_is_then(program, own, events):
    answer = program("officer").post(f"{own}/moves", {"action": "accept"})
    assert answer.status_code == 200
    told = answer.json
    assert (told["event"]["action"], told["event"]["by"], told["ticket"]["state"]) == ("accept", "officer", "accepted")
    assert (told["version"], answer.headers["ETag"]) == (3, '"3"')
    assert events() == ["report", "note", "accept"]


@pytest.mark.parametrize("how", ["header", "member"])
def test_a_ticket_that_has_changed_since_is_left_alone(program, own, events, how):
    seen = program("town_office").get(own).json["version"]
    program("town_office").post(f"{own}/comments", {"text": "等一等"})
    by_header = how == "header"
    answer = program("officer").post(
        f"{own}/moves",
        {"action": "accept", **({} if by_header else {"version": seen})},
        headers={"If-Match": f'"{seen}"'} if by_header else {},
    )
    assert (answer.status_code, answer.mimetype) == (412, "application/problem+json")
    assert "version 3" in answer.json["detail"]
    assert events() == ["report", "note", "note"]


@pytest.mark.parametrize(
    ("tag", "status"), [('"2"', 200), ("*", 200), ('"1", "2"', 200), ('W/"2"', 412), ("x", 412), ('""', 412)]
)
def test_if_match_is_read_as_http_has_it(program, own, tag, status):
    answer = program("officer").post(f"{own}/moves", {"action": "accept"}, headers={"If-Match": tag})
    assert answer.status_code == status


def test_a_header_and_a_member_that_contradict_are_refused(program, own):
    sent = {"action": "accept", "version": 2}
    assert program("officer").post(f"{own}/moves", sent, headers={"If-Match": '"1"'}).status_code == 422


def test_g3_of_thirty_who_take_a_ticket_at_once_one_has_it(program, own, events):
    asked = program("officer")
    seen = asked.get(own).headers["ETag"]
    with ThreadPoolExecutor(30) as many:
        answers = list(
            many.map(lambda _n: asked.post(f"{own}/moves", {"action": "accept"}, headers={"If-Match": seen}), range(30))
        )
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 29
    assert events() == ["report", "note", "accept"]


def test_without_a_version_the_second_is_refused_by_the_state(program, own):
    asked = program("officer")
    assert asked.post(f"{own}/moves", {"action": "accept"}).status_code == 200
    late = asked.post(f"{own}/moves", {"action": "accept"})
    assert late.status_code == 409
    assert "accepted" in late.json["detail"]


def test_a_move_that_is_sent_twice_under_a_key_is_made_once(program, own, events):
    asked = program("unit")
    sent = {"action": "return", "reason": "不归我们", "code": "other"}
    first, again = (asked.post(f"{own}/moves", sent, headers=KEY) for _ in range(2))
    assert (first.status_code, first.data, first.headers["ETag"]) == (200, again.data, again.headers["ETag"])
    # with the office now, and no longer the unit's to see
    assert first.json["ticket"] is None
    assert events() == ["report", "note", "return"]


def test_photos_come_with_a_move_as_parts_of_a_form(program, own, records):
    asked = program("officer")
    asked.post(f"{own}/moves", {"action": "accept"})
    form = {"facts": json.dumps({"action": "done"}), "photo": (io.BytesIO(photo_bytes()), "a.jpg")}
    answer = asked.ask("POST", f"{own}/moves", data=form)
    assert (answer.status_code, answer.json["ticket"]["state"]) == (200, "done")
    with records() as session:
        assert session.scalars(select(Photo.kind).order_by(Photo.id)).all()[-1] == "after"


def test_a_photo_that_is_none_is_refused_and_nothing_done(program, own, events):
    form = {"facts": json.dumps({"action": "accept"}), "photo": (io.BytesIO(b"<svg/>"), "a.svg")}
    assert program("officer").ask("POST", f"{own}/moves", data=form).status_code == 422
    assert events() == ["report", "note"]


def test_a_ticket_is_put_elsewhere_and_stamped_anew(program, own):
    answer = program("town_office").post(f"{own}/moves", {"action": "place", "lon": 121.415, "lat": 31.105})
    assert answer.json["ticket"]["place"]["village"] == {"code": "310112101002", "name": "二村"}


def test_a_ticket_ends_in_another(program, own, towns):
    sent = {"action": "merge", "into": towns["OTHER"], "reason": "同一件"}
    assert program("town_office").post(f"{own}/moves", sent).status_code == 404
    told = program("district").post(f"{own}/moves", sent).json["ticket"]
    assert (told["state"], told["merged_into"]) == ("merged", towns["OTHER"])


def test_a_note_stands_in_the_history(program, own):
    answer = program("unit").post(f"{own}/comments", {"text": "已联系"})
    assert (answer.status_code, answer.json["event"]["reason"]) == (201, "已联系")


@pytest.mark.parametrize(
    ("role", "sent", "status"),
    [
        pytest.param("unit", {"action": "close"}, 409, id="from another state"),
        pytest.param("officer", {"action": "cancel", "reason": "x"}, 409, id="not this role's"),
        pytest.param("town_office", {"action": "cancel"}, 409, id="without a reason"),
        pytest.param("viewer", {"action": "accept"}, 403, id="not a worker"),
        pytest.param("officer", {"action": "assign"}, 422, id="not made by hand"),
        pytest.param("officer", {"action": "fly"}, 422, id="no move"),
        pytest.param("officer", {}, 422, id="no action"),
        pytest.param("officer", {"action": "accept", "amount": 3}, 422, id="of another move"),
        pytest.param("officer", {"action": "accept", "into": "x"}, 422, id="of a merger"),
        pytest.param("officer", {"action": "place", "lon": 121.4}, 422, id="half a place"),
        pytest.param("officer", {"action": "merge"}, 422, id="into nothing"),
        pytest.param("officer", {"action": "ask_extend", "reason": "x", "amount": 10**9}, 422, id="for ever"),
        pytest.param("officer", {"action": "return", "reason": "x", "code": "nosuch"}, 404, id="no such reason"),
        pytest.param("officer", {"action": "note", "reason": "x" * 501}, 422, id="too long"),
        pytest.param("officer", {"action": "note", "reason": None}, 422, id="null"),
        pytest.param("officer", {"action": "accept", "version": True}, 422, id="no version"),
    ],
)
def test_what_cannot_be_done_is_said_and_not_done(program, own, events, role, sent, status):
    answer = program(role).post(f"{own}/moves", sent)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert events() == ["report", "note"]


SMUGGLED = (
    "role",
    "actor",
    "state",
    "by",
    "at",
    "id",
    "number",
    "unit_id",
    "town_code",
    "scope",
    "reported_by",
    "photos",
)


@pytest.mark.parametrize("name", SMUGGLED)
def test_s20_nothing_is_smuggled_in_with_a_move(program, own, events, name):
    answer = program("unit").post(f"{own}/moves", {"action": "accept", name: "admin"})
    assert answer.status_code == 422
    assert events() == ["report", "note"]


@pytest.mark.parametrize("rest", ["moves", "comments", "assignment"])
def test_another_towns_ticket_is_not_there_to_be_moved(program, towns, records, rest):
    sent = {"moves": {"action": "accept"}, "comments": {"text": "x"}, "assignment": {}}[rest]
    with records() as session:
        before = session.scalar(select(func.count()).select_from(TicketEvent))
    answer = program("town_office").post(f"/tickets/{towns['OTHER']}/{rest}", sent)
    assert answer.status_code == 404
    with records() as session:
        assert session.scalar(select(func.count()).select_from(TicketEvent)) == before
    assert OWN_TOWN not in answer.text
