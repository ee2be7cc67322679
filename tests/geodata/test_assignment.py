"""Who gets a ticket, what is kept of the decision, and that nothing is lost."""

import threading
from datetime import UTC, datetime

import pytest
from makers import add_areas, add_block, add_point, add_unit, at
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from geodata.db import session_on
from geodata.errors import MoveRefused
from geodata.models import Area, Assignment, Membership, Ticket, TicketEvent
from geodata.services.assignment import assign, assign_open, latest, replay
from geodata.services.history import events
from geodata.services.moves import move_ticket
from geodata.services.tickets import Position, open_ticket

WEST_TOWN, EAST_TOWN = "310112101000", "310112102000"
# Wednesday noon in Shanghai.
NOON = datetime(2026, 1, 14, 4, 0, tzinfo=UTC)
# The village of the western column, and the place of the ticket in it.
HERE = (0.5, 1.0)


def report(session, east=HERE[0], north=HERE[1], *, category="0102", assign_now=False, **facts):
    lon, lat = at(east, north)
    return open_ticket(
        session,
        category=category,
        title="路边垃圾",
        actor="officer",
        position=Position(lon, lat, "wgs84"),
        reported_at=NOON,
        assign_now=assign_now,
        **facts,
    )


def in_town(session, code, east, north, **facts):
    """A unit of the western town, in the village of its column."""
    village = "310112101001" if east < 1 else "310112101002"
    return add_unit(session, code, east, north, **{"town_code": WEST_TOWN, "village_code": village, **facts})


def words(choice):
    return [reason.word for reason in choice.reasons]


def test_the_nearest_unit_of_the_right_kind_in_the_village_gets_it(session):
    add_areas(session)
    in_town(session, "U1", 0.5, 1.9)
    near = in_town(session, "U2", 0.5, 1.2)
    ticket = report(session)
    decision = assign(session, ticket, actor="officer", at=NOON)
    assert decision.chosen.unit.code == "U2"
    assert [candidate.unit.code for candidate in decision.candidates] == ["U2", "U1"]
    assert decision.chosen.metres == pytest.approx(222, abs=1)
    assert (ticket.state, ticket.unit_id, ticket.office_code) == ("dispatched", near.id, None)


@pytest.mark.parametrize(
    ("winner", "loser"),
    [
        pytest.param({"east": 0.5, "north": 1.9}, {"east": 1.1, "north": 1.0}, id="same village before metres"),
        pytest.param({"east": 0.6, "north": 1.0}, {"east": 0.7, "north": 1.0}, id="metres decide in one village"),
        pytest.param({"east": 0.6, "north": 1.0}, {"east": 0.6, "north": 1.0}, id="the lower code at one place"),
    ],
)
def test_the_order_of_the_rule(session, winner, loser):
    add_areas(session)
    in_town(session, "U1", winner["east"], winner["north"])
    in_town(session, "U2", loser["east"], loser["north"])
    assert assign(session, report(session), actor="officer", at=NOON).chosen.unit.code == "U1"


@pytest.mark.parametrize("kind", ["point", "block"])
def test_the_holder_of_the_point_or_block_at_the_place_comes_first_from_any_distance(session, kind):
    add_areas(session)
    in_town(session, "U1", 0.5, 1.0)
    holder = add_unit(session, "U9", 9.0, 9.0)
    holder.memberships.append(Membership(level="town", area_code=WEST_TOWN))
    if kind == "point":
        add_point(session, "P1", 0.501, 1.0, holder, radius_m=50.0)
    else:
        add_block(session, "B1", 0, 0, 1, 2, holder)
    decision = assign(session, report(session), actor="officer", at=NOON)
    assert decision.chosen.unit.code == "U9"
    assert f"holds_{kind}" in words(decision.chosen)


def test_a_point_whose_radius_does_not_reach_the_place_gives_its_holder_nothing(session):
    add_areas(session)
    holder = in_town(session, "U9", 0.5, 1.9)
    in_town(session, "U1", 0.5, 1.1)
    add_point(session, "P1", 0.51, 1.0, holder, radius_m=5.0)
    add_point(session, "P2", 0.9, 1.9, holder, radius_m=200.0)
    assert assign(session, report(session), actor="officer", at=NOON).chosen.unit.code == "U1"


@pytest.mark.parametrize(
    ("facts", "word"),
    [
        pytest.param({"kind": "bank"}, "wrong_kind", id="of another kind"),
        pytest.param({"is_active": False}, "inactive", id="not active"),
        pytest.param({"opening_hours": "Sa-Su 09:00-17:00"}, "closed", id="closed at that hour"),
        pytest.param({"capacity": 0}, "full", id="no room"),
        pytest.param({"town_code": EAST_TOWN}, "elsewhere", id="of another town"),
    ],
)
def test_who_may_not_is_refused_with_the_reason_and_the_town_office_takes_it(session, facts, word):
    add_areas(session)
    in_town(session, "U1", 0.5, 1.1, **facts)
    ticket = report(session)
    decision = assign(session, ticket, actor="officer", at=NOON)
    assert decision.outcome == "town_office"
    assert [words(refusal) for refusal in decision.rejected] == [[word]]
    assert (ticket.state, ticket.unit_id, ticket.office_code) == ("dispatched", None, WEST_TOWN)
    kept = latest(session, ticket)
    assert (kept.outcome, kept.office_code, kept.record["is_gap"]) == ("town_office", WEST_TOWN, True)


def test_beyond_the_limit_of_the_district_a_unit_is_too_far(session):
    add_areas(session)
    session.execute(text("UPDATE installation SET max_distance_m = 100"))
    session.expire_all()
    in_town(session, "U1", 0.5, 1.2)
    decision = assign(session, report(session), actor="officer", at=NOON)
    assert [words(refusal) for refusal in decision.rejected] == [["too_far"]]


def test_unknown_hours_do_not_refuse(session):
    add_areas(session)
    in_town(session, "U1", 0.5, 1.1)
    decision = assign(session, report(session), actor="officer", at=NOON)
    assert "hours_unknown" in words(decision.chosen)


def test_hours_are_those_of_the_districts_clock(session):
    add_areas(session)
    in_town(session, "U1", 0.5, 1.1, opening_hours="Mo-Fr 11:30-12:30")
    decision = assign(session, report(session), actor="officer", at=NOON)
    until = next(reason for reason in decision.chosen.reasons if reason.word == "open_until")
    assert until.facts["time"] == "2026-01-14T12:30:00+08:00"


@pytest.mark.parametrize(
    ("memberships", "serves"),
    [
        pytest.param([], True, id="none: the town it stands in"),
        pytest.param([("town", WEST_TOWN)], True, id="of the town"),
        pytest.param([("district", "310112")], True, id="of the district"),
        pytest.param([("village", "310112101002")], True, id="of a village in the town"),
        pytest.param([("town", EAST_TOWN)], False, id="of another town, though it stands here"),
        pytest.param([("village", "310112102001")], False, id="of a village in another town"),
    ],
)
def test_which_units_serve_the_town(session, memberships, serves):
    add_areas(session)
    unit = in_town(session, "U1", 0.5, 1.1)
    unit.memberships = [Membership(level=level, area_code=code) for level, code in memberships]
    session.flush()
    assert (assign(session, report(session), actor="officer", at=NOON).chosen is not None) is serves


def test_a_unit_takes_no_more_than_it_has_room_for_and_gets_room_back(session):
    add_areas(session)
    in_town(session, "U1", 0.5, 1.1, capacity=1)
    first = report(session, assign_now=True)
    second = report(session, assign_now=True)
    assert first.unit_id is not None
    assert second.office_code == WEST_TOWN
    for action in ("accept", "done"):
        move_ticket(session, first.number, action, actor="officer", role="officer")
    assert report(session, assign_now=True).unit_id == first.unit_id


def test_the_whole_decision_is_stored_and_deciding_again_from_it_gives_the_same(session):
    add_areas(session)
    holder = in_town(session, "U5", 0.9, 0.2, opening_hours="24/7")
    add_block(session, "B1", 0, 0, 1, 2, holder)
    for number in range(1, 5):
        in_town(session, f"U{number}", 0.2 * number, 1.0, kind=("property", "bank")[number % 2])
    ticket = report(session)
    decision = assign(session, ticket, actor="officer", at=NOON)
    session.expire_all()
    record = latest(session, ticket).record
    again = replay(record)
    assert again.chosen == decision.chosen
    assert again.candidates == decision.candidates
    assert record["place"]["category"] == "0102"
    assert record["is_gap"] is False


def test_the_assignment_is_an_event_of_the_ticket(session):
    add_areas(session)
    in_town(session, "U1", 0.5, 1.1)
    ticket = report(session, assign_now=True)
    history = events(session, ticket)
    assert [(event.seq, event.action, event.from_state, event.to_state) for event in history] == [
        (1, "report", None, "reported"),
        (2, "assign", "reported", "dispatched"),
    ]
    assert history[1].facts == {"outcome": "unit", "unit_code": "U1", "rule": "1"}


def test_a_ticket_outside_the_district_goes_to_the_districts_office(session):
    add_areas(session)
    ticket = report(session, 9.0, 9.0, assign_now=True)
    assert (ticket.town_code, ticket.office_code) == (None, "310112")


def test_a_ticket_without_a_place_goes_to_the_districts_office_and_says_so(session):
    add_areas(session)
    in_town(session, "U1", 0.5, 1.1)
    ticket = open_ticket(session, category="0102", title="路边垃圾", actor="officer", reported_at=NOON)
    assert ticket.office_code == "310112"
    assert latest(session, ticket).record["place"]["x"] is None


def test_a_dry_run_decides_and_leaves_no_trace(session):
    add_areas(session)
    in_town(session, "U1", 0.5, 1.1)
    ticket = report(session)
    assert assign(session, ticket, actor="officer", at=NOON, dry_run=True).chosen is not None
    assert ticket.state == "reported"
    assert session.scalar(select(func.count()).select_from(Assignment)) == 0
    assert len(events(session, ticket)) == 1


def test_a_ticket_past_being_assigned_is_refused(session):
    add_areas(session)
    in_town(session, "U1", 0.5, 1.1)
    ticket = report(session, assign_now=True)
    move_ticket(session, ticket.number, "accept", actor="officer", role="officer")
    with pytest.raises(MoveRefused, match="accepted"):
        assign(session, ticket, actor="officer")


def test_a_unit_that_returned_the_ticket_is_not_asked_again(session):
    add_areas(session)
    in_town(session, "U1", 0.5, 1.1)
    in_town(session, "U2", 0.5, 1.5)
    ticket = report(session, assign_now=True)
    move_ticket(session, ticket.number, "return", actor="officer", role="officer", reason="不归我们管")
    assert ticket.office_code == WEST_TOWN
    assert assign(session, ticket, actor="town", at=NOON).chosen.unit.code == "U2"


def test_all_that_wait_are_assigned_in_the_order_of_report_and_none_is_left(session):
    add_areas(session)
    # beyond its second ticket the unit has no room
    in_town(session, "U1", 0.5, 1.1, capacity=2)
    made = [report(session) for _ in range(3)]
    made.append(report(session, 3.0, 1.0))
    summary = assign_open(session, actor="system")
    assert (summary.tickets, summary.to_unit, summary.to_office) == (4, 2, 2)
    assert summary.gaps == {WEST_TOWN: 1, EAST_TOWN: 1}
    assert [ticket.unit_id is not None for ticket in made] == [True, True, False, False]
    assert session.scalar(select(func.count()).select_from(Ticket).where(Ticket.state == "reported")) == 0
    assert assign_open(session, actor="system").tickets == 0


def test_two_at_once_assign_a_ticket_only_once(fresh_engine):
    with session_on(fresh_engine) as session:
        add_areas(session)
        in_town(session, "U1", 0.5, 1.1)
        number = report(session).number
    outcomes = []
    gate = threading.Barrier(2)

    def take():
        with Session(fresh_engine) as session:
            ticket = session.scalars(select(Ticket).where(Ticket.number == number)).one()
            gate.wait(timeout=10)
            assign(session, ticket, actor="officer", at=NOON)
            move_ticket(session, number, "accept", actor="officer", role="officer")
            session.commit()

    def run():
        try:
            take()
            outcomes.append("done")
        except MoveRefused:
            outcomes.append("refused")

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(outcomes) == ["done", "refused"]
    with Session(fresh_engine) as session:
        assert session.scalar(select(func.count()).select_from(Assignment)) == 1
        assert list(session.scalars(select(TicketEvent.seq).order_by(TicketEvent.seq))) == [1, 2, 3]


def test_villages_are_looked_up_on_the_day_of_the_ticket(session):
    add_areas(session)
    unit = in_town(session, "U1", 0.5, 1.1)
    unit.memberships = [Membership(level="village", area_code="310112101002")]
    village = session.scalars(select(Area).where(Area.code == "310112101002")).one()
    village.parent_code = EAST_TOWN
    session.flush()
    assert assign(session, report(session), actor="officer", at=NOON).chosen is None
