"""Pledges: whom they bring before the ordinary choice, and when they count as kept."""

from datetime import UTC, date, datetime, timedelta

import pytest
from makers import add_areas, add_unit, at, spot
from sqlalchemy import select

from geodata.models import Assignment, MemberUnit, Pledge, PledgeKept, Ticket, TicketEvent
from geodata.queries import pledges as pledge_queries
from geodata.services.assignment import assign, replay
from geodata.services.batches import assign_batch
from geodata.services.dry_runs import dry_run
from geodata.services.moves import move_ticket
from geodata.services.tickets import Position, open_ticket
from spatial.assign import Policy

NOON = datetime(2024, 5, 6, 4, 0, tzinfo=UTC)
DAY = date(2024, 5, 6)
WEST_TOWN, EAST_TOWN = "310112101000", "310112102000"
WEST_VILLAGE = "310112101001"


@pytest.fixture
def place(session):
    """Two towns; a property manager near by that handles rubbish, and a bank farther off that does not."""
    add_areas(session)
    add_unit(session, "NEAR", 1.0, 1.0, kind="property", town_code=WEST_TOWN)
    add_unit(session, "BANK", 1.3, 1.0, kind="bank", town_code=WEST_TOWN)
    return session


def pledge(session, code="L001", unit="BANK", **facts):
    unit_id = session.scalars(select(MemberUnit.id).where(MemberUnit.code == unit)).one()
    told = {"name": "门前三包", "category_codes": ["0102"], "radius_m": 400.0, "valid_from": date(2024, 1, 1)}
    made = Pledge(code=code, unit_id=unit_id, **(told | facts))
    session.add(made)
    session.flush()
    return made


def report(session, east=1.1, north=1.0, *, category="0102"):
    where = Position(*at(east, north), "wgs84")
    facts = {"category": category, "title": "路边垃圾", "actor": "officer", "reported_at": NOON, "assign_now": False}
    return open_ticket(session, position=where, **facts)


def chosen(session, held, *, when=NOON):
    decision = assign(session, held, actor="town", dry_run=True, at=when)
    return decision.chosen.unit.code if decision.chosen else None


def test_without_a_pledge_the_ordinary_choice_stands(place):
    assert chosen(place, report(place)) == "NEAR"


def test_who_has_pledged_it_comes_first_though_its_kind_is_not_on_the_list(place):
    pledge(place)
    held = report(place)
    decision = assign(place, held, actor="town", dry_run=True, at=NOON)
    assert decision.chosen is not None
    assert decision.chosen.unit.code == "BANK"
    first = decision.chosen.reasons[0]
    assert (first.word, first.facts) == ("pledged", {"code": "L001", "name": "门前三包"})
    assert [candidate.unit.code for candidate in decision.candidates] == ["BANK", "NEAR"]


@pytest.mark.parametrize(
    ("facts", "who"),
    [
        pytest.param({"category_codes": ["0501"]}, "NEAR", id="for another kind of issue"),
        pytest.param({"category_codes": []}, "NEAR", id="for no issue"),
        pytest.param({"radius_m": 50.0}, "NEAR", id="not so far"),
        pytest.param({"radius_m": None}, "NEAR", id="reaching nowhere"),
        pytest.param({"radius_m": None, "level": "town", "area_code": WEST_TOWN}, "BANK", id="for its whole town"),
        pytest.param({"radius_m": None, "level": "town", "area_code": EAST_TOWN}, "NEAR", id="for another town"),
        pytest.param({"radius_m": None, "level": "district", "area_code": "310112"}, "BANK", id="for the district"),
        pytest.param({"valid_from": date(2024, 6, 1)}, "NEAR", id="from later on"),
        pytest.param({"valid_to": DAY}, "NEAR", id="until yesterday"),
        pytest.param({"hours": "Mo-Fr 08:00-18:00"}, "BANK", id="in its hours"),
        pytest.param({"hours": "22:00-06:00"}, "NEAR", id="out of its hours"),
        pytest.param({"geom": spot(3.9, 1.9)}, "NEAR", id="around a place of its own that is far"),
    ],
)
def test_a_pledge_counts_for_its_kind_place_hours_and_days(place, facts, who):
    pledge(place, **facts)
    assert chosen(place, report(place)) == who


def test_the_hours_of_the_pledge_stand_in_place_of_the_units(place):
    place.scalars(select(MemberUnit).where(MemberUnit.code == "BANK")).one().opening_hours = "Mo-Fr 09:00-17:00"
    pledge(place, hours="18:00-08:00", name="夜间开放停车场")
    night = NOON + timedelta(hours=9)
    assert chosen(place, report(place), when=night) == "BANK"


@pytest.mark.parametrize(
    "facts", [{"is_active": False}, {"capacity": 0}, {"town_code": EAST_TOWN}], ids=["inactive", "full", "elsewhere"]
)
def test_what_else_stands_against_a_unit_still_does(place, facts):
    unit = place.scalars(select(MemberUnit).where(MemberUnit.code == "BANK")).one()
    for name, value in facts.items():
        setattr(unit, name, value)
    pledge(place)
    assert chosen(place, report(place)) == "NEAR"


def test_of_several_pledges_of_a_unit_the_first_in_time_is_named(place):
    pledge(place, "L002", name="第二条")
    pledge(place, "L001", name="第一条", hours="22:00-06:00")
    decision = assign(place, report(place), actor="town", dry_run=True, at=NOON)
    assert decision.chosen is not None
    assert decision.chosen.unit.pledge == "L002"


@pytest.mark.parametrize("method", ["greedy", "optimum"])
def test_a_batch_gives_it_to_the_same_unit_with_the_same_record(place, method):
    pledge(place)
    held = [report(place, 1.0 + number / 20, 1.0) for number in range(4)]
    single = [assign(place, one, actor="town", dry_run=True, at=NOON).to_record() for one in held]
    done = assign_batch(place, method=method, actor="town", dry_run=True, at=NOON)
    for one, record in zip(held, single, strict=True):
        turn = done.decisions[one.number]
        assert turn.given is not None
        assert turn.given.unit.code == "BANK"
        assert turn.given.unit.pledge == "L001"
        assert [c["unit"]["code"] for c in record["candidates"]] == [
            candidate.unit.code for candidate in turn.weighed.decision.candidates
        ]


def test_a_stored_decision_replays_and_tries_under_other_policies_with_its_pledge(place):
    pledge(place)
    held = report(place)
    assign(place, held, actor="town", at=NOON)
    record = place.scalars(select(Assignment.record).where(Assignment.ticket_id == held.id)).one()
    again = replay(record)
    assert again.chosen is not None
    assert (again.chosen.unit.code, again.chosen.unit.pledge_name) == ("BANK", "门前三包")
    tried = dry_run(
        place,
        Policy(800, order=("metres",)),
        town_code=None,
        since=NOON - timedelta(days=1),
        until=NOON + timedelta(days=1),
    )
    assert tried.counts["same_unit"] == 1


def test_decisions_from_before_pledges_are_read_as_ever(place):
    held = report(place)
    assign(place, held, actor="town", at=NOON)
    record = place.scalars(select(Assignment.record).where(Assignment.ticket_id == held.id)).one()
    assert all("pledge" not in one["unit"] for one in record["candidates"])
    assert replay(record).chosen is not None


def worked(session, held, *, until="done"):
    for action in ("accept", "handle", "done"):
        photos = ("after",) if action == "done" else ()
        role, when = "officer", datetime.now(UTC)
        move_ticket(session, held.number, action, actor="li", role=role, photos=photos, at=when)
        if action == until:
            return


def kept(session):
    return session.execute(select(PledgeKept.ticket_id, PledgeKept.event_seq)).all()


def test_a_ticket_reported_done_by_who_pledged_it_is_kept_with_its_event(place):
    pledge(place)
    held = report(place)
    assign(place, held, actor="town", at=NOON)
    worked(place, held, until="handle")
    assert kept(place) == []
    photos = ("after",)
    move_ticket(place, held.number, "done", actor="li", role="officer", photos=photos)
    ((ticket_id, seq),) = kept(place)
    event = place.scalars(select(TicketEvent).where(TicketEvent.ticket_id == ticket_id, TicketEvent.seq == seq)).one()
    assert (ticket_id, event.action) == (held.id, "done")


def test_what_was_chosen_for_another_reason_keeps_no_pledge(place):
    held = report(place)
    assign(place, held, actor="town", at=NOON)
    # promised only after it was given
    pledge(place, unit="NEAR")
    worked(place, held)
    assert kept(place) == []
    assert place.get(Ticket, held.id).state == "done"


def test_the_pledge_of_a_unit_that_is_no_longer_active_brings_nothing_and_says_so(place):
    made = pledge(place)
    assert chosen(place, report(place)) == "BANK"
    place.scalars(select(MemberUnit).where(MemberUnit.code == "BANK")).one().is_active = False
    place.flush()
    assert chosen(place, report(place)) == "NEAR"
    line = pledge_queries.one(place, made.code)
    assert (line.unit_code, line.is_active) == ("BANK", False)
