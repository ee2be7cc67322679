"""Open311: updates told to other systems, and heard from them: moves where they may, else notes."""

from datetime import UTC, datetime, timedelta

import pytest
from applications import BASE, VENDOR, add_application, as_text, fill, key_of, read
from makers import at
from open311_answers import wrong
from pictures import large_form, photo_bytes
from sqlalchemy import func, select

from geodata.models import Photo, ServiceUpdate, Ticket, TicketEvent
from geodata.services import workflow
from geodata.services.history import events
from geodata.services.service_updates import MOVES_BY_STATUS
from geodata.services.tickets import Position, open_ticket

FILLED_BY = {"app": fill}

SAID_AT = "2026-03-02T14:00:00+08:00"


@pytest.fixture(autouse=True)
def people(app, records):
    with records() as session:
        for name, role, how in (
            ("district", "district", {}),
            ("west", "town_office", {"area_code": "310112101000"}),
            ("east", "town_office", {"area_code": "310112102000"}),
            ("market", "unit", {"unit": "MARKET"}),
            ("planner", "planner", {}),
        ):
            add_application(session, name, role, **how)


@pytest.fixture
def number(client):
    """A request that the market has been given."""
    answer = client.post(f"{BASE}/requests.json", data=VENDOR | {"api_key": key_of("district")})
    return answer.json[0]["service_request_id"]


@pytest.fixture
def push(client, number):
    """A function that sends an update of it, as FixMyStreet does."""

    def send(form="json", by="west", photos=(), **fields):
        told = {
            "api_key": key_of(by),
            "jurisdiction_id": "310112",
            "service_request_id": number,
            "update_id": "u1",
            "updated_datetime": SAID_AT,
            "status": "IN_PROGRESS",
            "description": "已到现场，正在劝离",
            "first_name": "王",
            "last_name": "小明",
            "email": "wang@example.cn",
            **fields,
        }
        told = {name: value for name, value in told.items() if value is not None}
        return client.post(f"{BASE}/servicerequestupdates.{form}", **large_form(told, photos))

    return send


def taken(answer):
    assert answer.status_code == 200, answer.text
    (told,) = read(answer)
    return told


def history(records):
    with records() as session:
        ticket = session.scalars(select(Ticket)).one()
        return ticket.state, [(one.action, one.actor, one.facts) for one in events(session, ticket)]


def pulled(client, **query):
    told = [client.get(f"{BASE}/servicerequestupdates.{form}", query_string=query) for form in ("json", "xml")]
    assert [one.status_code for one in told] == [200, 200], told[0].text
    assert as_text(read(told[0])) == read(told[1])
    return read(told[0])


# --- heard ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["json", "xml"])
def test_an_update_is_a_move_where_the_role_may(push, records, number, form):
    told = taken(push(form))
    assert told["service_request_id"] == number
    state, past = history(records)
    assert state == "handling"
    action, actor, facts = past[-1]
    assert (action, actor, facts["reason"]) == ("handle", "west", "已到现场，正在劝离")
    assert {name: facts[name] for name in ("update_id", "status")} == {"update_id": "u1", "status": "in_progress"}
    assert datetime.fromisoformat(facts["said_at"]) == datetime.fromisoformat(SAID_AT)
    assert "小明" not in str(facts)
    assert "example" not in str(facts)


def test_the_number_of_an_update_is_the_one_it_is_told_by(push, client):
    told = taken(push())
    newest = pulled(client, api_key=key_of("west"))[0]
    assert newest["update_id"] == told["update_id"]
    assert "正在劝离" in newest["description"]


def test_the_same_update_is_not_taken_twice(push, records):
    taken(push())
    (told,) = wrong(push(status="FIXED"))
    assert "received before" in told
    state, past = history(records)
    assert state == "handling"
    assert [action for action, *_ in past].count("handle") == 1
    # of another sender it is another one
    taken(push(by="district", status="open"))


def test_an_update_that_was_refused_may_come_again(push):
    wrong(push(status="wrong"))
    taken(push())


WAYS = [
    ("OPEN", "note", "dispatched"),
    ("CONFIRMED", "note", "dispatched"),
    ("INVESTIGATING", "accept", "accepted"),
    ("FOR_TRIAGE", "note", "dispatched"),
    ("IN_PROGRESS", "handle", "handling"),
    ("in progress", "handle", "handling"),
    ("ACTION_SCHEDULED", "accept", "accepted"),
    ("INTERNAL_REFERRAL", "note", "dispatched"),
    ("DUPLICATE", "note", "dispatched"),
    ("NOT_COUNCILS_RESPONSIBILITY", "return", "returned"),
    ("NO_FURTHER_ACTION", "cancel", "cancelled"),
    ("CANCELLED", "cancel", "cancelled"),
    # nobody has taken it yet
    ("FIXED", "note", "dispatched"),
    ("CLOSED", "note", "dispatched"),
    ("REOPEN", "note", "dispatched"),
]


@pytest.mark.parametrize(("status", "action", "state"), WAYS, ids=lambda one: one)
def test_every_status_finds_its_move_or_is_a_note(push, records, status, action, state):
    taken(push(status=status))
    now, past = history(records)
    assert (now, past[-1][0]) == (state, action)


def test_a_request_goes_all_its_way_by_updates(push, records):
    picture = ("media", photo_bytes(), "x.jpg")
    for n, (by, status, *photos) in enumerate(
        [
            ("market", "INVESTIGATING"),
            ("market", "IN_PROGRESS"),
            # the filing rule asks for a picture of the result
            ("market", "FIXED"),
            ("market", "FIXED", picture),
            # whoever handled it may not close it
            ("market", "CLOSED"),
            ("west", "CLOSED"),
            ("west", "OPEN"),
        ]
    ):
        taken(push(by=by, status=status, update_id=f"u{n}", photos=photos))
    state, past = history(records)
    assert [action for action, *_ in past[2:]] == ["accept", "handle", "note", "done", "note", "close", "reopen"]
    assert state == "reopened"


def test_all_moves_of_updates_are_moves_by_hand():
    named = {action for actions in MOVES_BY_STATUS.values() for action in actions}
    assert {action for action in named if workflow.MOVES[action].is_by_rule} == set()


def test_a_unit_that_may_not_cancel_says_so_in_a_note(push, records):
    taken(push(by="market", status="NO_FURTHER_ACTION"))
    state, past = history(records)
    assert (state, past[-1][0], past[-1][2]["status"]) == ("dispatched", "note", "no_further_action")


def test_pictures_and_addresses_of_pictures_come_with_an_update(client, push, records):
    taken(push(update_id="u2", photos=[("media", photo_bytes(), "x.jpg")]))
    taken(push(update_id="u3", status="OPEN", media_url="https://example.cn/b.jpg"))
    with records() as session:
        assert session.scalar(select(func.count()).select_from(Photo)) == 1
    newest, before, *_ = pulled(client, api_key=key_of("west"))
    assert newest["media_url"] == "https://example.cn/b.jpg"
    assert before["media_url"].startswith("http://localhost/tickets/")
    assert {one["media_url"] for one in pulled(client)} == {None}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        *(({name: None}, f"{name} is required") for name in ("service_request_id", "update_id", "updated_datetime")),
        *(({name: ""}, f"{name} is required") for name in ("status", "description")),
        ({"status": "gone"}, "status must be one of OPEN"),
        ({"updated_datetime": "yesterday"}, "updated_datetime cannot be used"),
        ({"description": "x" * 4001}, "description cannot be used"),
        ({"media_url": "javascript:alert(1)"}, "media_url cannot be used"),
        ({"update_id": "x" * 300}, "update_id"),
    ],
)
def test_an_update_that_cannot_be_used_is_refused(push, records, fields, words):
    told = wrong(push(**fields))
    assert any(words in one for one in told)
    assert len(history(records)[1]) == 2
    with records() as session:
        assert session.scalars(select(ServiceUpdate)).all() == []


@pytest.mark.parametrize(
    ("by", "status"), [("nobody", 403), ("planner", 403), ("east", 404)], ids=["wrong key", "no handler", "elsewhere"]
)
def test_who_may_not_update_changes_nothing(push, records, by, status):
    wrong(push(by=by), status)
    assert len(history(records)[1]) == 2


def test_an_update_without_a_key_is_refused(push, signed_in):
    wrong(push(api_key=None), 403)


def test_a_request_that_is_none_is_not_there(push):
    wrong(push(service_request_id="20200101-000001"), 404)


# --- told -------------------------------------------------------------------------------------------


def test_updates_are_what_happened_the_newest_first(client, number):
    dispatched, reported = pulled(client)
    assert sorted(dispatched) == sorted(
        [
            *("update_id", "service_request_id", "status", "updated_datetime", "description", "media_url"),
            "external_status_code",
        ]
    )
    assert (reported["external_status_code"], dispatched["external_status_code"]) == ("reported", "dispatched")
    assert {dispatched["status"], reported["status"]} == {"open"}
    assert {dispatched["service_request_id"], reported["service_request_id"]} == {number}
    assert int(dispatched["update_id"]) > int(reported["update_id"])


def test_visitors_are_told_of_steps_and_of_no_reasons(client, push, number):
    taken(push(status="OPEN", description="内部说明", update_id="u8"))
    taken(push(status="NOT_COUNCILS_RESPONSIBILITY", description="业主王小明不配合", update_id="u9"))
    assert "王小明" not in str(pulled(client))
    assert [one["external_status_code"] for one in pulled(client)] == ["returned", "dispatched", "reported"]
    told = pulled(client, api_key=key_of("west"))
    assert ["王小明" in one["description"] for one in told] == [True, False, False, False]
    assert told[1]["description"] == "内部说明"


def test_updates_of_a_window_and_of_some_requests(client, records, number):
    with records() as session:
        old = open_ticket(
            session,
            category="0102",
            title="旧案",
            actor="somebody",
            position=Position(*at(3.5, 0.5), "wgs84"),
            reported_at=datetime.now(UTC) - timedelta(days=30),
            assign_now=False,
        ).number
    assert {one["service_request_id"] for one in pulled(client)} == {old, number}
    assert {one["service_request_id"] for one in pulled(client, service_request_id=old)} == {old}
    assert {one["service_request_id"] for one in pulled(client, jurisdiction_id="310112102000")} == {old}
    assert {one["service_request_id"] for one in pulled(client, api_key=key_of("west"))} == {number}
    start = f"{datetime.now(UTC) - timedelta(days=31):%Y-%m-%dT%H:%M:%SZ}"
    end = f"{datetime.now(UTC) - timedelta(days=29):%Y-%m-%dT%H:%M:%SZ}"
    assert {one["service_request_id"] for one in pulled(client, start_date=start, end_date=end)} == {old}
    assert len(pulled(client, page_size="1")) == 1
    assert pulled(client, page_size="1", page="2")[0] == pulled(client)[1]


def test_the_history_stays_whole(push, records):
    taken(push())
    with records() as session:
        seqs = session.scalars(select(TicketEvent.seq).order_by(TicketEvent.id)).all()
    assert seqs == [1, 2, 3]
