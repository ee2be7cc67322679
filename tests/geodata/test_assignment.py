"""Who gets a ticket, what is kept of the decision, and that nothing is lost."""

import threading
from datetime import UTC, datetime

import pytest
from makers import add_areas, add_block, add_point, add_unit, at
from sqlalchemy import event, func, select, text
from sqlalchemy.orm import Session

from geodata.db import session_on
from geodata.errors import MoveRefused, NotFound
from geodata.models import Area, Assignment, DutyRule, FilingRule, Membership, Ticket, TicketEvent
from geodata.queries.duty_list import Wanted, handling
from geodata.services.assignment import assign, choose, given, latest, replay, weigh
from geodata.services.clocks import clocks_of
from geodata.services.history import events
from geodata.services.moves import move_ticket
from geodata.services.policies import in_force, set_policy
from geodata.services.tickets import Position, open_ticket
from spatial.assign import Policy

WEST_TOWN, EAST_TOWN = "310112101000", "310112102000"
# Wednesday noon in Shanghai.
NOON = datetime(2026, 1, 14, 4, 0, tzinfo=UTC)
LATER = datetime(2026, 1, 15, 4, 0, tzinfo=UTC)
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
        move_ticket(session, first.number, action, actor="officer", role="officer", photos=("after",))
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


def test_a_unit_that_returned_the_ticket_is_refused_with_that_reason(session):
    add_areas(session)
    in_town(session, "U1", 0.5, 1.1)
    in_town(session, "U2", 0.5, 1.5)
    ticket = report(session, assign_now=True)
    move_ticket(session, ticket.number, "return", actor="officer", role="officer", reason="不归我们管", at=NOON)
    assert ticket.office_code == WEST_TOWN
    decision = assign(session, ticket, actor="town", at=LATER)
    assert decision.chosen.unit.code == "U2"
    assert [(refusal.unit.code, words(refusal)) for refusal in decision.rejected] == [("U1", ["returned_it"])]
    assert decision.rejected[0].reasons[0].facts == {"time": "2026-01-14T12:00:00+08:00"}


def test_who_returned_the_ticket_is_told_from_any_distance_and_without_a_place(session):
    add_areas(session)
    far = add_unit(session, "U9", 9.0, 9.0)
    far.memberships.append(Membership(level="town", area_code=WEST_TOWN))
    for number in range(6):
        in_town(session, f"U{number}", 0.5, 1.0 + number / 10)
    ticket = report(session)
    choose(session, ticket.number, "U9", reason="熟悉情况", actor="town", role="town_office", at=NOON)
    move_ticket(session, ticket.number, "return", actor="officer", role="officer", reason="太远", at=NOON)
    told = assign(session, ticket, actor="town", at=LATER, dry_run=True)
    assert ("U9", ["returned_it", "too_far"]) in [(refusal.unit.code, words(refusal)) for refusal in told.rejected]
    session.execute(text("UPDATE ticket SET geom = NULL"))
    session.expire_all()
    told = assign(session, ticket, actor="town", at=LATER, dry_run=True)
    assert [(refusal.unit.code, words(refusal)) for refusal in told.rejected] == [
        ("U9", ["returned_it", "no_position"])
    ]


def test_the_last_return_of_a_ticket_of_the_category_is_told_and_weighs_where_the_policy_says_so(session):
    add_areas(session)
    in_town(session, "U1", 0.5, 1.1)
    in_town(session, "U2", 0.5, 1.15)
    bounced = report(session, assign_now=True)
    move_ticket(session, bounced.number, "return", actor="officer", role="officer", reason="不归我们管", at=NOON)
    ticket, other_kind = report(session), report(session, category="0101")
    decision = assign(session, ticket, actor="town", at=LATER, dry_run=True)
    assert decision.chosen.unit.code == "U1"
    last = next(reason for reason in decision.chosen.reasons if reason.word == "last_return")
    assert last.facts == {"time": "2026-01-14T12:00:00+08:00"}
    other = assign(session, other_kind, actor="town", at=LATER, dry_run=True)
    assert not any("last_return" in words(told) for told in (*other.candidates, *other.rejected))
    set_policy(session, WEST_TOWN, Policy(order=("score",), weights={"returned": 100}), actor="town", at=NOON)
    assert assign(session, ticket, actor="town", at=LATER, dry_run=True).chosen.unit.code == "U2"


@pytest.fixture
def two(session):
    """A ticket with a unit near by and another, of the wrong kind, across the district."""
    add_areas(session)
    in_town(session, "U1", 0.5, 1.1)
    add_unit(session, "U2", 3.5, 1.0, kind="bank", town_code=EAST_TOWN)
    return report(session)


def test_a_person_may_choose_any_unit_and_what_the_rule_would_have_done_is_kept(session, two):
    judgement = choose(session, two.number, "U2", reason="U1 正在搬迁", actor="anna", role="town_office", at=NOON)
    assert [refusal.word for refusal in judgement.refusals] == ["wrong_kind", "elsewhere", "too_far"]
    assert (two.state, two.office_code) == ("dispatched", None)
    kept = latest(session, two)
    assert (kept.method, kept.reason, kept.outcome, kept.unit_id) == ("hand", "U1 正在搬迁", "unit", two.unit_id)
    assert given(kept)["unit"]["code"] == "U2"
    assert kept.record["candidates"][0]["unit"]["code"] == "U1"
    event = events(session, two)[-1]
    assert (event.action, event.actor) == ("choose", "anna")
    assert event.facts["by_rule"] == "U1"
    assert event.facts["unit_code"] == "U2"
    assert event.facts["refusals"] == ["wrong_kind", "elsewhere", "too_far"]


def test_looking_at_a_unit_changes_nothing_of_what_the_rule_says(session, two):
    by_rule = assign(session, two, actor="anna", at=NOON, dry_run=True)
    far = add_unit(session, "U0", 0.5, 3.4, town_code=WEST_TOWN, kind="property")
    choose(session, two.number, far.code, reason="试", actor="anna", role="town_office", at=NOON)
    again = replay(latest(session, two).record)
    assert (again.chosen, again.candidates) == (by_rule.chosen, by_rule.candidates)


def test_a_choice_by_hand_files_the_ticket_and_starts_its_clocks_like_the_rule(session, two):
    choose(session, two.number, "U2", reason="近", actor="anna", role="town_office", at=NOON)
    assert two.rule_id is not None
    assert two.filed_at == two.dispatched_at == NOON
    assert {clock.stage for clock in clocks_of(session, two) if clock.stopped_at is None} >= {"accept", "handle"}


@pytest.mark.parametrize(
    ("unit", "change", "error", "match"),
    [
        pytest.param("U2", {"reason": " "}, MoveRefused, "needs a reason", id="without a reason"),
        pytest.param("U2", {"role": "officer"}, MoveRefused, "role", id="by an officer"),
        pytest.param("U7", {}, NotFound, "U7", id="a unit that is not there"),
        pytest.param("U3", {}, MoveRefused, "not active", id="a unit that is not active"),
    ],
)
def test_a_choice_is_refused(session, two, unit, change, error, match):
    in_town(session, "U3", 0.5, 1.0, is_active=False)
    asked = {"reason": "熟悉情况", "actor": "anna", "role": "town_office", "at": NOON, **change}
    with pytest.raises(error, match=match):
        choose(session, two.number, unit, **asked)
    assert two.state == "reported"


def test_a_ticket_is_not_given_again_to_the_unit_that_has_it(session, two):
    choose(session, two.number, "U2", reason="近", actor="anna", role="town_office", at=NOON)
    with pytest.raises(MoveRefused, match="lies with unit U2"):
        choose(session, two.number, "U2", reason="近", actor="anna", role="town_office", at=NOON)
    choose(session, two.number, "U1", reason="还是原来的", actor="anna", role="town_office", at=NOON)
    assert given(latest(session, two))["unit"]["code"] == "U1"


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


def test_what_a_decision_reads_at_once_is_what_each_source_says_alone(session):
    add_areas(session)
    kinds = ("property", "school", "hospital", "market", "shop", "enterprise", "government")
    for kind in kinds:
        in_town(session, kind, 0.5, 1.1, kind=kind)
    rule = session.scalars(select(FilingRule).where(FilingRule.category_code == "0102").order_by(FilingRule.id)).first()
    of_rule = {"role": "handle", "category_code": "0102", "rule_code": rule.code, "valid_from": NOON.date()}
    session.add(DutyRule(unit_kind="hospital", town_code="", **of_rule))
    session.add(DutyRule(unit_kind="school", town_code=WEST_TOWN, **of_rule))
    set_policy(session, "", Policy(1500), actor="centre", at=NOON)
    set_policy(session, WEST_TOWN, Policy(900, order=("metres",)), actor="town", at=LATER)
    found = set()
    for east, filed, moment in ((0.5, None, NOON), (0.5, rule, LATER), (2.5, rule, NOON), (2.5, None, LATER)):
        ticket = report(session, east=east)
        ticket.rule_id = filed.id if filed else None
        weighed = weigh(session, ticket, at=moment)
        town, code = ticket.town_code, filed.code if filed else None
        assert weighed.ruling == in_force(session, town, at=moment)
        assert weighed.place.rule_code == code
        wanted = Wanted("0102", town, code)
        named = handling(session, [wanted], day=moment.date())[wanted]
        assert {unit.kind for unit in weighed.units if unit.handles_category} == named & set(kinds)
        found.add((weighed.ruling.policy.max_distance_m, tuple(sorted(named))))
    assert len(found) == 3


def test_a_decision_is_two_statements_however_much_it_looks_at(session):
    add_areas(session)
    for n in range(9):
        in_town(session, f"U{n}", 0.5, 1 + n / 100)
    ticket = report(session)
    weigh(session, ticket, at=NOON)
    seen = []
    note = lambda *facts: seen.append(facts[2])  # noqa: E731 - it is taken off again by name
    event.listen(session.connection(), "before_cursor_execute", note)
    assert len(weigh(session, ticket, at=NOON).units) == 9
    event.remove(session.connection(), "before_cursor_execute", note)
    assert len(seen) == 2
