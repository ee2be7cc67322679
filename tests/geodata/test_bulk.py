"""One move for many tickets: each for itself, and what happened to each."""

import threading
from datetime import UTC, datetime

import pytest
from makers import add_areas, add_unit, at
from sqlalchemy.orm import Session

from geodata.db import session_on
from geodata.errors import MoveRefused, NotFound, TooMany
from geodata.services.bulk import MOST_AT_ONCE, Wish, move_many, possible
from geodata.services.moves import move_ticket
from geodata.services.tickets import Position, events, open_ticket, ticket
from spatial.errors import WanggeError

NOW = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)


class NotYours(WanggeError):
    """Stands for what the web says of another town's ticket."""


def allow(_ticket):
    """Everything is allowed."""


def report(session, *, east=0.5, north=0.5, category="0501"):
    lon, lat = at(east, north)
    made = open_ticket(
        session, category=category, title="占道", actor="anna", position=Position(lon, lat, "wgs84"),
        assign_now=False, reported_at=NOW,
    )  # fmt: skip
    return made.number


@pytest.fixture
def town(session):
    """A market in the western town that takes street trading."""
    add_areas(session)
    add_unit(session, "U1", 0.6, 0.5, kind="market", town_code="310112101000", village_code="310112101001")
    return session


def wish(action, *, role="town_office", actor="zhao", **facts):
    return Wish(action, actor, role, at=NOW, **facts)


def told(outcomes):
    return [(each.number, each.action, each.state, type(each.refusal).__name__) for each in outcomes]


def test_each_ticket_is_moved_or_refused_for_itself(town):
    one, two, three = (report(town) for _ in range(3))
    move_ticket(town, two, "file", actor="anna", role="town_office", at=NOW)
    found = move_many(town, [one, two, "20000101-000001", three], wish("file"), permit=allow)
    assert told(found) == [
        (one, "file", "filed", "NoneType"),
        (two, "file", None, "MoveRefused"),
        ("20000101-000001", "file", None, "NotFound"),
        (three, "file", "filed", "NoneType"),
    ]
    # who came first is told
    assert found[1].refusal.word == "state"
    assert (found[1].refusal.state, found[1].refusal.by) == ("filed", "anna")
    assert [len(events(town, ticket(town, number))) for number in (one, two, three)] == [2, 2, 2]


def test_assigning_by_the_rule_says_who_has_each(town):
    near, far = report(town), report(town, east=3.5)
    found = move_many(town, [far, near], wish("assign"), permit=allow)
    assert [(each.number, each.state, each.given_to) for each in found] == [
        (far, "dispatched", None),
        (near, "dispatched", "单位U1"),
    ]
    assert ticket(town, far).office_code == "310112102000"


def test_grant_and_refuse_answer_whatever_was_asked_for(town):
    numbers = [report(town) for _ in range(3)]
    move_many(town, numbers, wish("assign"), permit=allow)
    for number in numbers[:2]:
        move_ticket(town, number, "accept", actor="omar", role="officer", at=NOW)
    longer = {"reason": "缺料", "facts": {"amount": 8.0}}
    move_ticket(town, numbers[0], "ask_extend", actor="omar", role="officer", at=NOW, **longer)
    move_ticket(town, numbers[1], "ask_suspend", actor="omar", role="officer", reason="汛期", at=NOW)
    found = move_many(town, numbers, wish("grant"), permit=allow)
    assert [(each.action, each.state) for each in found] == [
        ("grant_extend", "accepted"),
        ("grant_suspend", "waiting"),
        ("grant", None),
    ]
    assert found[2].refusal.word == "not_asked"


def test_what_the_person_may_not_do_is_refused_and_leaves_no_trace(town):
    west, east = report(town), report(town, east=3.5)

    def own_town(held):
        if held.town_code != "310112101000":
            raise NotYours(held.number)

    found = move_many(town, [east, west], wish("cancel", reason="重复"), permit=own_town)
    assert told(found) == [(east, "cancel", None, "NotYours"), (west, "cancel", "cancelled", "NoneType")]
    assert [event.action for event in events(town, ticket(town, east))] == ["report"]


def test_whoever_handled_a_ticket_does_not_close_it_with_the_others(town):
    number = report(town)
    move_many(town, [number], wish("assign"), permit=allow)
    for action in ("accept", "handle", "done"):
        move_ticket(town, number, action, actor="zhao", role="town_office", at=NOW, photos=("after",))
    (found,) = move_many(town, [number], wish("close"), permit=allow)
    assert found.refusal.word == "four_eyes"
    assert ticket(town, number).state == "done"
    (found,) = move_many(town, [number], wish("rework", actor="qian", reason="没扫净"), permit=allow)
    assert (found.state, ticket(town, number).rework_count) == ("handling", 1)


@pytest.mark.parametrize("action", ["cancel", "supervise", "rework"])
def test_where_a_reason_is_needed_one_without_is_refused_each_time(town, action):
    numbers = [report(town), report(town)]
    found = move_many(town, numbers, wish(action), permit=allow)
    assert {type(each.refusal) for each in found} == {MoveRefused}
    assert [ticket(town, number).state for number in numbers] == ["reported", "reported"]


def test_a_number_that_comes_twice_counts_once_and_none_is_nothing(town):
    number = report(town)
    assert told(move_many(town, [number, number], wish("file"), permit=allow)) == [
        (number, "file", "filed", "NoneType")
    ]
    assert move_many(town, [], wish("file"), permit=allow) == []


def test_an_action_that_nobody_can_make_by_hand_is_refused(town):
    (found,) = move_many(town, [report(town)], wish("merge"), permit=allow)
    assert isinstance(found.refusal, NotFound)


@pytest.mark.parametrize(
    ("state", "role", "pending", "has_unit", "able"),
    [
        pytest.param("reported", "town_office", None, False, ["file", "assign", "supervise", "cancel"], id="new"),
        pytest.param("dispatched", "town_office", None, True, ["supervise", "cancel"], id="with a unit"),
        pytest.param("dispatched", "town_office", None, False, ["assign", "supervise", "cancel"], id="with an office"),
        pytest.param("handling", "district", "extend", True, ["grant", "refuse", "supervise", "cancel"], id="asks"),
        pytest.param("closed", "town_office", "appeal", True, [], id="an appeal is the district's"),
        pytest.param("closed", "district", "appeal", True, ["grant", "refuse"], id="and it may answer"),
        pytest.param("returned", "town_office", "referee", False, ["supervise"], id="the referee's"),
        pytest.param("returned", "district", "referee", False, ["assign", "supervise", "cancel"], id="as referee"),
        pytest.param("done", "officer", None, True, ["check", "close", "rework"], id="an officer checks"),
        pytest.param("reported", "viewer", None, False, [], id="may only look"),
    ],
)
def test_what_can_be_done_follows_from_the_table_of_moves(state, role, pending, has_unit, able):
    assert possible(state, role, pending=pending, has_unit=has_unit) == able


def test_more_than_anybody_looks_at_are_refused_before_anything_is_done(town):
    number = report(town)
    with pytest.raises(TooMany, match=f"{MOST_AT_ONCE + 1} tickets are too many"):
        move_many(town, [number, *map(str, range(MOST_AT_ONCE))], wish("file"), permit=allow)
    assert ticket(town, number).state == "reported"


def test_two_desks_that_take_the_same_tickets_at_once_share_them_out(fresh_engine):
    with session_on(fresh_engine) as session:
        add_areas(session)
        numbers = [report(session) for _ in range(6)]
    start, found = threading.Barrier(2), {}

    def work(actor, order):
        with Session(fresh_engine) as session:
            start.wait()
            found[actor] = move_many(session, order, wish("file", actor=actor), permit=allow)
            session.commit()

    desks = [
        threading.Thread(target=work, args=("zhao", numbers)),
        threading.Thread(target=work, args=("qian", numbers[::-1])),
    ]
    for desk in desks:
        desk.start()
    for desk in desks:
        desk.join(timeout=30)
    filed = {actor: {each.number for each in outcomes if each.state} for actor, outcomes in found.items()}
    assert filed["zhao"] | filed["qian"] == set(numbers)
    assert not filed["zhao"] & filed["qian"]
    for actor, outcomes in found.items():
        other = "qian" if actor == "zhao" else "zhao"
        assert {each.refusal.by for each in outcomes if each.refusal} <= {other}
