"""A changed policy tried over past tickets: what would have moved, by the facts of then."""

from datetime import UTC, datetime, timedelta

import pytest
from makers import add_areas, add_unit, at
from sqlalchemy import func, select, text

from geodata.models import Assignment, TicketEvent
from geodata.services.assignment import assign, choose
from geodata.services.batches import assign_batch
from geodata.services.dry_runs import dry_run
from geodata.services.moves import move_ticket
from geodata.services.tickets import Position, open_ticket
from spatial.assign import USUAL_ORDER, Policy

WEST_TOWN, EAST_TOWN = "310112101000", "310112102000"
NOON = datetime(2026, 1, 14, 4, 0, tzinfo=UTC)
DAY = timedelta(days=1)
USUAL = Policy()


def in_town(session, code, east, north, **facts):
    village = "310112101001" if east < 1 else "310112101002"
    return add_unit(session, code, east, north, **{"town_code": WEST_TOWN, "village_code": village, **facts})


def given(session, east, north, *, when=NOON):
    """A ticket at a place, reported and assigned at a moment."""
    ticket = open_ticket(
        session,
        category="0102",
        title="路边垃圾",
        actor="officer",
        position=Position(*at(east, north), "wgs84"),
        reported_at=when,
        assign_now=False,
    )
    assign(session, ticket, actor="officer", at=when)
    return ticket


def tried(session, policy, *, town_code=WEST_TOWN, since=NOON - 9 * DAY, until=NOON + 9 * DAY, **options):
    return dry_run(session, policy, town_code=town_code, since=since, until=until, **options)


def counted(run):
    return {outcome: number for outcome, number in run.counts.items() if number}


@pytest.fixture
def street(session):
    """U1 in the village of the ticket but 1,000 m away, U2 in the next at 500 m; a second ticket has nobody near."""
    add_areas(session)
    in_town(session, "U1", 0.9, 1.9)
    in_town(session, "U2", 1.05, 0.55)
    return given(session, 0.9, 1.0), given(session, 0.1, 0.02)


def test_the_policy_of_then_moves_nothing(session, street):
    run = tried(session, USUAL)
    assert (run.tickets, counted(run), run.moved) == (2, {"same_unit": 2}, ())
    assert run.metres_before == run.metres_after > 0


def test_another_order_sends_a_ticket_to_another_unit_and_tells_the_metres(session, street):
    run = tried(session, Policy(order=("metres",)))
    assert counted(run) == {"same_unit": 1, "other_unit": 1}
    (moved,) = run.moved
    assert (moved.number, moved.before.code, moved.after.code) == (street[0].number, "U1", "U2")
    assert (moved.before.metres, moved.after.metres) == (pytest.approx(998, abs=1), pytest.approx(519, abs=1))
    assert run.metres_before - run.metres_after == pytest.approx(479, abs=1)
    assert not moved.is_from_today
    assert (moved.lon, moved.lat) == pytest.approx(at(0.9, 1.0))


def test_a_shorter_reach_sends_tickets_to_the_office(session, street):
    run = tried(session, Policy(400))
    assert counted(run) == {"to_office": 2}
    assert {one.after for one in run.moved} == {None}
    assert run.metres_before == run.metres_after == 0


def test_a_longer_reach_finds_units_for_tickets_that_lay_with_the_office(session):
    add_areas(session)
    in_town(session, "U1", 0.9, 1.9)
    session.execute(text("UPDATE installation SET max_distance_m = 500"))
    session.expire_all()
    ticket = given(session, 0.9, 1.0)
    assert ticket.office_code == WEST_TOWN
    run = tried(session, Policy(1500))
    assert counted(run) == {"to_unit": 1}
    assert (run.moved[0].before, run.moved[0].after.code, run.moved[0].is_from_today) == (None, "U1", False)
    assert counted(tried(session, Policy(500))) == {"same_office": 1}


def test_weights_are_weighed_with_the_load_of_then(session):
    add_areas(session)
    in_town(session, "U1", 0.5, 1.1)
    in_town(session, "U2", 0.5, 1.2)
    first, second = (given(session, 0.5, 1.0, when=NOON + n * DAY) for n in range(2))
    for action in ("accept", "done"):
        told = {"actor": "officer", "role": "officer", "at": NOON + 2 * DAY, "photos": ("after",)}
        move_ticket(session, first.number, action, **told)
    run = tried(session, Policy(order=("score",), weights={"load": 200}))
    assert [one.number for one in run.moved] == [second.number]
    assert (run.moved[0].before.code, run.moved[0].after.code) == ("U1", "U2")


def test_what_has_changed_since_then_changes_nothing_of_what_would_have_been(session, street):
    nearer = in_town(session, "U0", 0.9, 1.001)
    session.execute(text("UPDATE member_unit SET is_active = false, capacity = 0 WHERE code IN ('U1', 'U2')"))
    session.expire_all()
    assert counted(tried(session, USUAL)) == {"same_unit": 2}
    run = tried(session, Policy(order=("metres",)))
    assert [one.after.code for one in run.moved] == ["U2"]
    assert nearer.code not in {one.after.code for one in run.moved}


def test_units_behind_the_last_one_kept_are_asked_with_the_records_of_today(session):
    add_areas(session)
    for number in range(6):
        in_town(session, f"U{number}", 0.5, 1.1 + number / 10)
    in_town(session, "V0", 1.2, 1.0)
    given(session, 0.99, 1.0)
    run = tried(session, Policy(order=("metres",)))
    assert counted(run) == {"other_unit": 1}
    assert (run.moved[0].before.code, run.moved[0].after.code) == ("U0", "V0")
    assert run.moved[0].is_from_today
    assert run.from_today == 1
    assert counted(tried(session, USUAL)) == {"same_unit": 1}


def test_units_too_far_then_and_not_kept_are_asked_with_the_load_of_then(session):
    add_areas(session)
    for number in range(25):
        in_town(session, f"B{number:02}", 0.5, 1.0 + number / 1000, kind="bank", is_active=False)
    for number in range(6):
        in_town(session, f"N{number}", 0.5, 1.01, is_active=False)
    far = in_town(session, "U1", 0.5, 1.9, capacity=1)
    session.execute(text("UPDATE installation SET max_distance_m = 100"))
    session.expire_all()
    first, second = given(session, 0.5, 1.0), given(session, 0.5, 1.0, when=NOON + DAY)
    choose(session, first.number, far.code, reason="只有它", actor="town", role="town_office", at=NOON + DAY / 2)
    run = tried(session, Policy(1500))
    assert counted(run) == {"to_unit": 1, "same_office": 1}
    assert (run.moved[0].number, run.moved[0].is_from_today) == (first.number, True)
    assert second.number not in {one.number for one in run.moved}


def test_choices_by_hand_are_counted_and_left_alone(session, street):
    choose(session, street[0].number, "U2", reason="近", actor="town", role="town_office", at=NOON + DAY)
    run = tried(session, USUAL)
    assert (run.tickets, run.by_hand) == (2, 1)


def test_only_decisions_of_the_period_and_the_town_count_and_the_newest_first(session, street):
    add_unit(session, "U5", 3.5, 1.0, town_code=EAST_TOWN)
    late = given(session, 3.5, 1.1, when=NOON + 2 * DAY)
    later = given(session, 3.5, 1.2, when=NOON + 3 * DAY)
    assert tried(session, USUAL).tickets == 2
    assert tried(session, USUAL, town_code=None).tickets == 4
    assert tried(session, USUAL, town_code=EAST_TOWN, until=NOON + 3 * DAY).tickets == 1
    run = tried(session, Policy(100), town_code=None, limit=2)
    assert (run.tickets, run.left_out) == (2, 2)
    assert [one.number for one in run.moved] == [later.number, late.number]


def test_decisions_of_a_batch_are_tried_by_what_the_rule_said_at_their_turn(session):
    add_areas(session)
    in_town(session, "U1", 0.2, 1.0, capacity=1)
    in_town(session, "U2", 0.9, 1.0, capacity=1)
    for east in (0.6, 0.95):
        open_ticket(
            session,
            category="0102",
            title="垃圾",
            actor="anna",
            position=Position(*at(east, 1.0), "wgs84"),
            reported_at=NOON,
            assign_now=False,
        )
    assign_batch(session, actor="town", at=NOON)
    run = tried(session, Policy(order=USUAL_ORDER))
    assert counted(run) == {"same_unit": 2}


def test_nothing_is_stored(session, street):
    def stored():
        return [session.scalar(select(func.count()).select_from(model)) for model in (Assignment, TicketEvent)]

    before = stored()
    tried(session, Policy(100))
    assert stored() == before
    assert not session.dirty
