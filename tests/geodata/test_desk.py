"""The order of a desk, its pages, and its counts."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from makers import SOUTH, WEST, add_areas, add_unit
from sqlalchemy import text

from geodata.models import Ticket, TicketEvent
from geodata.queries.desk import Mark, desk_counts, desk_lines
from geodata.queries.ticket_filter import DESKS, TicketFilter
from geodata.services.workflow import HANDLING

NOW = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)
OPEN = TicketFilter(states=("new", "work", "check"))
TODO = ("file", "assign", "approve", "own", "check")


def add(session, number, *, due=None, reported=0, **facts):
    """A ticket; `due` and `reported` in hours from now."""
    told = {"source": "s", "category_code": "0102", "title": "垃圾", "state": "reported", "town_code": "310112101000"}
    made = Ticket(
        number=number,
        reported_at=NOW + timedelta(hours=reported),
        due_at=None if due is None else NOW + timedelta(hours=due),
        **{**told, **facts},
    )
    session.add(made)
    session.flush()
    return made


def numbers(lines):
    return [each.line.number for each in lines]


def test_what_is_due_first_stands_first_and_of_equals_the_oldest(session):
    add(session, "NONE", reported=-9)
    add(session, "SOON", due=3)
    add(session, "LATE", due=-30)
    add(session, "EQUAL-NEW", due=8, reported=-1)
    add(session, "EQUAL-OLD", due=8, reported=-5)
    add(session, "ENDED", due=-90, state="cancelled")
    found = desk_lines(session, TicketFilter(), limit=10)
    assert numbers(found) == ["LATE", "SOON", "EQUAL-OLD", "EQUAL-NEW", "NONE", "ENDED"]
    newest = desk_lines(session, TicketFilter(), order="reported", limit=10)
    assert numbers(newest) == ["SOON", "LATE", "ENDED", "EQUAL-NEW", "EQUAL-OLD", "NONE"]


def test_a_line_says_who_has_it_what_it_waits_for_and_where_it_is(session):
    add_areas(session)
    unit = add_unit(session, "U1", 1, 1)
    place = f"SRID=4326;POINT({WEST + 0.01} {SOUTH + 0.01})"
    add(
        session, "T1", geom=place, unit_id=unit.id, office_code="310112101000", pending="extend", return_count=1,
        is_supervised=True, rework_count=2, address="东川路1号", cell_code="3101121010010001", state="handling",
    )  # fmt: skip
    (found,) = desk_lines(session, OPEN, limit=10)
    assert (found.line.unit_name, found.line.office_name, found.line.town_name) == ("单位U1", "西镇", "西镇")
    assert (found.pending, found.is_supervised, found.return_count, found.rework_count) == ("extend", True, 1, 2)
    assert (found.address, found.cell_code) == ("东川路1号", "3101121010010001")
    assert (found.lon, found.lat) == pytest.approx((WEST + 0.01, SOUTH + 0.01))
    x, y = session.execute(text("SELECT ST_X(geom_m), ST_Y(geom_m) FROM ticket")).one()
    assert (found.x, found.y) == (x, y)


def strew(session, count, seed=5):
    """Tickets of every kind; many share a deadline, some a moment of report."""
    draw = random.Random(seed)  # noqa: S311 - made-up records, no secret
    for number in range(count):
        add(
            session,
            f"T{number:03}",
            due=draw.choice([None, None, -5, -5, 0.25, 3, 40]),
            reported=draw.randint(-8, 0),
            state=draw.choice(["reported", "filed", "dispatched", "handling", "done", "closed", "cancelled"]),
            pending=draw.choice([None, None, None, "extend", "appeal", "referee"]),
            is_supervised=draw.random() < 0.2,
        )


@pytest.mark.parametrize("order", ["due", "reported"])
@pytest.mark.parametrize("size", [1, 7, 25])
def test_pages_one_after_another_are_the_whole_list_once(session, order, size):
    strew(session, 60)
    whole = numbers(desk_lines(session, TicketFilter(), order=order, limit=100))
    found, mark = [], None
    while page := desk_lines(session, TicketFilter(), order=order, limit=size, after=mark):
        found += numbers(page)
        # as the address has it
        mark = Mark.parse(str(page[-1].mark))
    assert found == whole
    assert len(whole) == 60


def test_a_page_goes_on_where_it_ended_though_its_tickets_have_moved_on(session):
    strew(session, 40)
    whole = numbers(desk_lines(session, OPEN, limit=100))
    first = desk_lines(session, OPEN, limit=10)
    session.execute(text("UPDATE ticket SET state = 'cancelled' WHERE number = ANY(:numbers)"), {"numbers": whole[:10]})
    assert numbers(desk_lines(session, OPEN, limit=100, after=first[-1].mark)) == whole[10:]


@pytest.mark.parametrize(
    "told", ["", "x", "0_1_2", "2_1_2_T1", "0_a_2_T1", "0__2_", "0_1_T1_", f"0_{10**30}_1_T1", "0_1_2.5_T1"]
)
def test_a_mark_that_nobody_wrote_is_refused(told):
    with pytest.raises(ValueError):  # noqa: PT011 - any text may stand in it
        Mark.parse(told)


def test_counts_are_those_of_the_filter_and_each_ticket_is_to_be_done_once(session):
    strew(session, 80)
    counts = desk_counts(session, TicketFilter(states=("closed",), desks=("late",)), todo=TODO)
    assert counts.open == len(desk_lines(session, OPEN, limit=200))
    for name in DESKS:
        assert counts.desks[name] == len(desk_lines(session, TicketFilter(desks=(name,)), limit=200)), name
    assert counts.todo == len(desk_lines(session, TicketFilter(desks=TODO), limit=200))
    assert counts.todo < sum(counts.desks[name] for name in TODO)
    elsewhere = desk_counts(session, TicketFilter(areas=("310112102000",)), todo=())
    assert (elsewhere.open, elsewhere.todo, set(elsewhere.desks.values())) == (0, 0, {0})


def test_nobody_is_asked_to_check_what_went_through_their_own_hands(session):
    mine, other = add(session, "MINE", state="done"), add(session, "OTHER", state="done")
    add(session, "IN-HAND", state="handling")
    for held, actor in ((mine, "anna"), (other, "bert")):
        facts = {"from_state": None, "to_state": "done", "facts": {}}
        session.add(TicketEvent(ticket_id=held.id, seq=1, action="done", actor=actor, **facts))
    session.flush()
    found = desk_lines(session, OPEN, limit=9, handler="anna", handling=HANDLING)
    assert sorted(numbers(found)) == ["IN-HAND", "OTHER"]
    assert sorted(numbers(desk_lines(session, OPEN, limit=9))) == ["IN-HAND", "MINE", "OTHER"]
    counts = desk_counts(session, OPEN, todo=("check",), handler="anna", handling=HANDLING)
    assert (counts.desks["check"], counts.todo, counts.open) == (1, 1, 2)
