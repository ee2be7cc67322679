"""Many tickets at once: the same as one by one where in turn, better at its best, and nothing left without a word."""

import json
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from makers import add_areas, add_block, add_point, add_unit, at
from sqlalchemy import func, select

from geodata.errors import MoveRefused, NotFound
from geodata.models import Assignment, DutyRule, FilingRule, Membership, MemberUnit, Pledge, Ticket
from geodata.services.assignment import assign, given, latest, replay
from geodata.services.batches import assign_batch, assign_selection, propose
from geodata.services.chain import verify
from geodata.services.clocks import clocks_of
from geodata.services.history import events
from geodata.services.moves import move_ticket
from geodata.services.policies import set_policy
from geodata.services.tickets import Position, Report, open_tickets
from spatial.assign import Decision, Policy

WEST_TOWN, EAST_TOWN = "310112101000", "310112102000"
NOON = datetime(2026, 1, 14, 4, 0, tzinfo=UTC)
METRES = Policy(order=("metres",))


def report(session, *places, category="0102", since=NOON - timedelta(days=2)):
    """Tickets at the places, a minute apart, none of them assigned; a place may be None."""
    made = [
        Report(
            category=category,
            title="路边垃圾",
            actor="officer",
            reported_at=since + timedelta(minutes=minute),
            position=Position(*at(*place), "wgs84") if place else None,
        )
        for minute, place in enumerate(places)
    ]
    return open_tickets(session, made)


def in_town(session, code, east, north, **facts):
    village = "310112101001" if east < 1 else "310112101002"
    return add_unit(session, code, east, north, **{"town_code": WEST_TOWN, "village_code": village, **facts})


def units_of(session, tickets):
    """Codes of the units that have the tickets, None for an office."""
    codes = dict(session.execute(select(MemberUnit.id, MemberUnit.code)).all())
    return [codes.get(session.get(Ticket, each.id, populate_existing=True).unit_id) for each in tickets]


@pytest.fixture
def crossed(session):
    """Two tickets and two units in a row, each with room for one: the first ticket stands between them."""
    add_areas(session)
    set_policy(session, WEST_TOWN, METRES, actor="town", at=NOON - timedelta(days=9))
    in_town(session, "U1", 0.2, 1.0, capacity=1)
    in_town(session, "U2", 0.9, 1.0, capacity=1)
    return report(session, (0.6, 1.0), (0.95, 1.0))


def test_at_its_best_the_first_leaves_the_room_to_the_second(session, crossed):
    summary = assign_batch(session, WEST_TOWN, actor="town", role="town_office", at=NOON)
    assert units_of(session, crossed) == ["U1", "U2"]
    assert (summary.tickets, summary.to_unit, summary.to_office, summary.gaps) == (2, 2, 0, {})
    assert summary.proposal.is_proven
    assert summary.proposal.total_best.metres == pytest.approx(382 + 48, abs=2)
    assert summary.proposal.total_in_turn.metres == pytest.approx(286 + 716, abs=2)
    assert summary.proposal.metres_saved == pytest.approx(572, abs=3)


def test_in_turn_the_first_takes_the_nearest(session, crossed):
    summary = assign_batch(session, WEST_TOWN, method="greedy", actor="town", role="town_office", at=NOON)
    assert units_of(session, crossed) == ["U2", "U1"]
    assert summary.method == "greedy"


def test_a_proposal_shows_both_and_changes_nothing(session, crossed):
    proposal = propose(session, WEST_TOWN, role="town_office", at=NOON)
    assert [one.number for one in proposal.tickets] == [each.number for each in crossed]
    assert [choice.unit_code for choice in proposal.in_turn] == ["U2", "U1"]
    assert [choice.unit_code for choice in proposal.best] == ["U1", "U2"]
    assert session.scalar(select(func.count()).select_from(Assignment)) == 0
    assert [each.state for each in crossed] == ["reported", "reported"]


def test_a_dry_run_decides_and_leaves_no_trace(session, crossed):
    summary = assign_batch(session, actor="system", dry_run=True, at=NOON)
    assert [turn.given.unit.code for turn in summary.decisions.values()] == ["U1", "U2"]
    assert session.scalar(select(func.count()).select_from(Assignment)) == 0
    assert len(events(session, crossed[0])) == 1


def test_what_the_optimum_chose_is_kept_beside_what_the_rule_said_at_that_turn(session, crossed):
    assign_batch(session, WEST_TOWN, actor="town", role="town_office", at=NOON)
    kept = latest(session, crossed[0])
    assert (kept.method, kept.outcome, kept.record["candidates"][0]["unit"]["code"]) == ("optimum", "unit", "U2")
    assert given(kept)["unit"]["code"] == "U1"
    assert given(kept)["refusals"] == []
    assert kept.policy_id is not None
    event = events(session, crossed[0])[-1]
    assert (event.action, event.to_state, event.actor) == ("assign", "dispatched", "town")
    assert event.facts["method"] == "optimum"
    assert event.facts["unit_code"] == "U1"


def test_tickets_are_filed_and_their_clocks_started_as_one_by_one(session):
    add_areas(session)
    in_town(session, "U1", 0.5, 1.0)
    alone, *many = report(session, (0.5, 1.1), (0.5, 1.1), (0.5, 1.1))
    assign(session, alone, actor="town", at=NOON)
    assign_batch(session, actor="town", at=NOON)
    for each in many:
        assert (each.state, each.rule_id, each.due_at) == (alone.state, alone.rule_id, alone.due_at)
        assert (each.filed_at, each.dispatched_at, each.office_code) == (NOON, NOON, None)
        mine, other = ([(c.stage, c.due_at, c.stopped_at) for c in clocks_of(session, one)] for one in (each, alone))
        assert mine == other
        facts, others = events(session, each)[-1].facts, events(session, alone)[-1].facts
        assert facts == others | {"method": "optimum"}
    assert verify(session).is_whole


def test_none_is_left_without_a_word(session):
    add_areas(session)
    in_town(session, "U1", 0.5, 1.1, capacity=2)
    made = report(session, *[(0.5, 1.0)] * 3, (3.0, 1.0), None)
    summary = assign_batch(session, actor="system", at=NOON)
    assert (summary.tickets, summary.to_unit, summary.to_office) == (5, 2, 3)
    assert summary.gaps == {WEST_TOWN: 1, EAST_TOWN: 1, "310112": 1}
    assert units_of(session, made) == ["U1", "U1", None, None, None]
    assert [each.office_code for each in made] == [None, None, WEST_TOWN, EAST_TOWN, "310112"]
    assert [latest(session, each).record["is_gap"] for each in made] == [False, False, True, True, True]
    assert assign_batch(session, actor="system").tickets == 0


def test_a_town_s_batch_leaves_other_towns_alone(session):
    add_areas(session)
    in_town(session, "U1", 0.5, 1.0)
    west, east = report(session, (0.5, 1.1), (3.0, 1.0))
    assert assign_batch(session, WEST_TOWN, actor="town", role="town_office", at=NOON).tickets == 1
    assert (west.state, east.state) == ("dispatched", "reported")


def test_what_waits_for_the_referee_is_left_to_the_referee(session):
    add_areas(session)
    for number in range(4):
        in_town(session, f"U{number}", 0.5, 1.0 + number / 100)
    disputed, plain = report(session, (0.5, 1.1), (0.5, 1.1))
    for _ in range(2):
        assign(session, disputed, actor="town", role="district", at=NOON)
        move_ticket(session, disputed.number, "return", actor="officer", role="officer", reason="不归我们", at=NOON)
    assert disputed.pending == "referee"
    summary = assign_batch(session, WEST_TOWN, actor="town", role="town_office", at=NOON)
    assert (summary.tickets, summary.for_referee) == (1, 1)
    assert (disputed.state, plain.state) == ("returned", "dispatched")
    assert assign_batch(session, actor="centre", role="district", at=NOON).tickets == 1
    assert disputed.is_binding
    assert units_of(session, [disputed]) == ["U1"]


def test_each_town_follows_its_own_policy_and_load_is_carried_over(session):
    add_areas(session)
    both = add_unit(session, "U1", 1.95, 1.0, capacity=1)
    both.memberships.append(Membership(level="district", area_code="310112"))
    set_policy(session, EAST_TOWN, Policy(300, order=("metres",)), actor="town", at=NOON - timedelta(days=9))
    west, east, far = report(session, (1.9, 1.0), (2.1, 1.0), (2.9, 1.0))
    summary = assign_batch(session, actor="system", at=NOON)
    assert units_of(session, [west, east, far]) == ["U1", None, None]
    words = [reason.word for reason in summary.decisions[east.number].weighed.decision.rejected[0].reasons]
    assert words == ["full"]
    assert latest(session, west).policy_id is None
    assert latest(session, east).policy_id is not None


def test_tickets_picked_by_hand_are_given(session, crossed):
    summary = assign_selection(session, [crossed[1].number], actor="town", role="town_office")
    assert summary.tickets == 1
    assert [each.state for each in crossed] == ["reported", "dispatched"]


def test_a_pick_is_refused_as_a_whole_where_one_does_not_wait(session, crossed):
    first, second = (each.number for each in crossed)
    assign(session, crossed[0], actor="town", at=NOON)
    with pytest.raises(MoveRefused, match=first):
        assign_selection(session, [second, first], actor="town", role="town_office")
    with pytest.raises(NotFound, match="20200101-000001"):
        assign_selection(session, [second, "20200101-000001"], actor="town", role="town_office")
    assert crossed[1].state == "reported"


def test_an_unknown_method_is_refused(session):
    with pytest.raises(NotFound, match="optimum"):
        assign_batch(session, method="luck", actor="system")


# ---- against one by one


@pytest.fixture
def crowd(session):
    """Two towns with units of several kinds, states and hours, holders, returns, and 60 tickets that wait.

    One town has a duty list of its own, some tickets have been filed under a rule for which more kinds answer, and some
    units have pledged something.
    """
    add_areas(session)
    rng = np.random.default_rng(5)
    hours = (None, "24/7", "Sa-Su 09:00-17:00", "Mo-Fr 08:00-18:00")
    made = []
    for i in range(40):
        east, north = rng.uniform(0, 4), rng.uniform(0, 2)
        unit = add_unit(
            session,
            f"U{i:02}",
            *([] if i == 7 else [east, north]),
            kind=("property", "market", "bank")[i % 3],
            capacity=(None, 1, 3)[i % 3],
            is_active=i % 11 != 0,
            opening_hours=hours[i % 4],
            town_code=WEST_TOWN if east < 2 else EAST_TOWN,
            village_code="310112101001" if east < 1 else None,
        )
        made.append(unit)
    for i, (level, code) in enumerate(
        [("district", "310112"), ("town", EAST_TOWN), ("village", "310112101001"), ("village", "310112999001")]
    ):
        made[3 + 5 * i].memberships.append(Membership(level=level, area_code=code))
    session.add(DutyRule(category_code="0102", unit_kind="bank", role="handle", town_code=EAST_TOWN))
    # under its second filing rule, banks handle it in the west as well
    session.add(DutyRule(category_code="0102", unit_kind="bank", role="handle", rule_code="2"))
    for code, unit, facts in (
        ("L1", made[2], {"radius_m": 900.0}),
        ("L2", made[5], {"level": "town", "area_code": EAST_TOWN}),
        ("L3", made[8], {"level": "district", "area_code": "310112", "hours": "22:00-06:00"}),
    ):
        told = {"name": f"承诺{code}", "category_codes": ["0102"], "valid_from": NOON.date() - timedelta(days=99)}
        session.add(Pledge(code=code, unit_id=unit.id, **told, **facts))
    add_block(session, "B1", 0, 0, 1, 1, made[30])
    add_point(session, "P1", 1.5, 1.0, made[7], radius_m=400)
    places = [(rng.uniform(-0.2, 4), rng.uniform(0, 2)) if i != 13 else None for i in range(60)]
    tickets = report(session, *places[:40]) + report(session, *places[40:], category="0501")
    rules = {rule.code: rule for rule in session.scalars(select(FilingRule).where(FilingRule.category_code == "0102"))}
    for number in range(0, 40, 3):
        tickets[number].rule_id = rules["1" if number % 2 else "2"].id
    for each in (tickets[3], tickets[20], tickets[45]):
        decision = assign(session, each, actor="town", at=NOON - timedelta(days=1))
        assert decision.chosen is not None
        move_ticket(
            session,
            each.number,
            "return",
            actor="officer",
            role="officer",
            reason="不归我们",
            at=NOON - timedelta(hours=20),
        )
    set_policy(
        session,
        EAST_TOWN,
        Policy(1500, order=("holder_point", "score"), weights={"load": 90, "returned": 500, "village": 50}),
        actor="town",
        at=NOON - timedelta(days=9),
    )
    session.flush()
    return tickets


def in_order(tickets):
    return sorted(tickets, key=lambda each: (each.reported_at, each.number))


@pytest.mark.parametrize("town", [WEST_TOWN, EAST_TOWN])
def test_in_turn_a_batch_decides_exactly_as_one_by_one(session, crowd, town):
    mine = [each for each in in_order(crowd) if each.town_code == town]
    with session.begin_nested() as trial:
        batch = assign_batch(session, town, method="greedy", actor="town", at=NOON)
        records = {each.number: latest(session, each).record for each in mine}
        choices = [choice.unit_code for choice in batch.proposal.in_turn]
        trial.rollback()
    session.expire_all()
    one_by_one = {}
    for each in mine:
        assign(session, each, actor="town", at=NOON)
        one_by_one[each.number] = latest(session, each).record
    assert len(mine) > 20
    assert records == one_by_one
    assert choices == [
        record["candidates"][0]["unit"]["code"] if record["candidates"] else None for record in one_by_one.values()
    ]


@pytest.mark.parametrize("method", ["optimum", "greedy"])
def test_every_decision_of_a_batch_is_whole_and_comes_out_the_same_again(session, crowd, method):
    summary = assign_batch(session, method=method, actor="system", at=NOON)
    assert summary.tickets == len(crowd)
    assert summary.to_unit > 20
    assert summary.to_office > 0
    loads = {}
    for each in crowd:
        kept = latest(session, each)
        stored, again = Decision.from_record(kept.record), replay(kept.record)
        assert (again.chosen, again.candidates, again.rejected) == (stored.chosen, stored.candidates, stored.rejected)
        assert stored.candidates or stored.rejected or each.geom is None
        unit = given(kept)
        if unit is not None:
            loads[unit["unit"]["code"]] = loads.get(unit["unit"]["code"], 0) + 1
    for unit in session.scalars(select(MemberUnit)):
        assert unit.capacity is None or loads.get(unit.code, 0) <= unit.capacity
    assert summary.proposal.total_best.assigned >= summary.proposal.total_in_turn.assigned
    told = json.loads(json.dumps(summary.to_json()))
    assert (told["tickets"], told["method"]) == (len(crowd), method)
    assert verify(session).is_whole
