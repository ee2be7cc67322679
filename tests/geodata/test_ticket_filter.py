"""One filter means the same tickets wherever it is used."""

import json
import math
import random
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import mapbox_vector_tile
import pytest
from makers import SOUTH, WEST, add_areas, add_unit
from sqlalchemy import text

from geodata.catalog import collection
from geodata.models import Ticket
from geodata.queries.facets import ticket_counts
from geodata.queries.features import stream_geojson
from geodata.queries.listing import listing
from geodata.queries.scope import ALL, Scope
from geodata.queries.sources import DEADLINE
from geodata.queries.ticket_filter import DEADLINES, DESKS, GROUPS, TicketFilter
from geodata.queries.tiles import tile
from geodata.services.workflow import ENDED, STATES

NOW = datetime.now(UTC)
TOWNS = ("310112101000", "310112102000")
VILLAGES = ("310112101001", "310112101002", "310112102001")
CATEGORIES = ("0101", "0102", "0201", "0501")
SCOPES = (ALL, ALL, Scope(towns=TOWNS[:1]), Scope(towns=TOWNS, villages=VILLAGES[:2]))


def add_tickets(session, number, *, seed=1, hours=(-200, 200)):
    """Made-up tickets of every kind, a few of them without a place; seeded."""
    add_areas(session)
    units = [add_unit(session, f"U{i}", 1, 1) for i in range(3)]
    draw = random.Random(seed)  # noqa: S311 - made-up records, no secret
    for i in range(number):
        village = draw.choice(VILLAGES)
        reported = NOW - timedelta(days=draw.uniform(0, 60))
        state = draw.choice(STATES)
        east, north = draw.uniform(0, 4), draw.uniform(0, 2)
        session.add(
            Ticket(
                number=f"T{i:04}",
                source="patrol",
                category_code=draw.choice(CATEGORIES),
                title="t",
                state=state,
                reported_at=reported,
                due_at=None if draw.random() < 0.2 else NOW + timedelta(hours=draw.uniform(*hours)),
                closed_at=NOW - timedelta(hours=draw.uniform(0, 100)) if state in ENDED else None,
                pending=draw.choice([None, None, "extend", "suspend", "appeal", "referee"]),
                is_supervised=draw.random() < 0.1,
                rework_count=draw.choice([0, 0, 0, 1]),
                return_count=draw.choice([0, 0, 1, 2]),
                unit_id=draw.choice([None, *(unit.id for unit in units)]),
                town_code=village[:9] + "000",
                village_code=village,
                cell_code=f"{village}{draw.randrange(3)}",
                geom=None if draw.random() < 0.1 else f"SRID=4326;POINT({WEST + east / 100} {SOUTH + north / 100})",
            )
        )
    session.flush()


def random_filter(draw):
    def some(values, most=3):
        return tuple(draw.sample(values, draw.randint(1, min(most, len(values))))) if draw.random() < 0.4 else ()

    days = sorted(draw.randint(0, 60) for _ in range(2))
    corner = draw.uniform(0, 2)
    ring = [(corner, 0.2), (corner + 1.5, 0.1), (corner + 1.2, 1.5), (corner + 0.4, 1.1), (corner, 0.2)]
    drawn = ", ".join(f"{WEST + east / 100:.5f} {SOUTH + north / 100:.5f}" for east, north in ring)
    return TicketFilter(
        states=some(tuple(GROUPS), 4),
        desks=some(tuple(DESKS)),
        categories=some(("01", "02", "0501", "0102", "9999")),
        due=some(DEADLINES),
        units=some(("U0", "U1", "none", "nobody")),
        areas=some((*TOWNS, *VILLAGES, "3101121010010")),
        since=NOW.date() - timedelta(days=days[1]) if draw.random() < 0.3 else None,
        until=NOW.date() - timedelta(days=days[0]) if draw.random() < 0.3 else None,
        closed_since=NOW.date() - timedelta(days=3) if draw.random() < 0.1 else None,
        closed_until=NOW.date() - timedelta(days=1) if draw.random() < 0.1 else None,
        within=f"POLYGON (({drawn}))" if draw.random() < 0.4 else None,
        scope=draw.choice(SCOPES),
    )


def on_tiles(session, tickets, z=14):
    """Features of all tiles of a zoom that touch the district: numbers, or how many are counted."""
    x0, x1 = (int((lon + 180) / 360 * 2**z) for lon in (WEST, WEST + 0.04))
    y0, y1 = (int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**z) for lat in (SOUTH + 0.02, SOUTH))
    found = []
    for x in range(x0, x1 + 1):
        for y in range(y0, y1 + 1):
            content = tile(session, collection("tickets"), z=z, x=x, y=y, tickets=tickets)
            features = mapbox_vector_tile.decode(content)["tickets"]["features"] if content else []
            found += [feature["properties"] for feature in features]
    return found


def test_one_filter_means_the_same_tickets_in_list_tiles_export_and_counts(session):
    add_tickets(session, 400)
    draw = random.Random(7)  # noqa: S311 - made-up conditions, no secret
    seen = set()
    for tickets in [TicketFilter(), *(random_filter(draw) for _ in range(20))]:
        exported = json.loads(b"".join(stream_geojson(session.connection(), collection("tickets"), tickets=tickets)))
        features = exported["features"]
        numbers = {feature["id"] for feature in features}
        placed = {feature["id"] for feature in features if feature["geometry"]}
        counts = ticket_counts(session, tickets)
        listed = listing(session, collection("tickets"), box=None, limit=1000, tickets=tickets)
        assert (counts.total, counts.placed) == (len(numbers), len(placed)), tickets
        assert {row.properties["number"] for row in listed.rows} == numbers
        assert listed.total == len(numbers)
        assert {properties["number"] for properties in on_tiles(session, tickets)} == placed
        assert sum(p["count"] for p in on_tiles(session, tickets, z=11)) == len(placed)
        seen.add(len(numbers))
    assert len(seen) > 8


def plainly(session, value, tickets):
    """Counts by one value, from a statement that asks for nothing else."""
    statement = text(f"SELECT {value}, count(*) FROM ticket AS i WHERE {tickets.clause()} GROUP BY 1")
    return {found: number for found, number in session.execute(statement, tickets.values()) if found is not None}


UNIT_CODE = "(SELECT m.code FROM member_unit AS m WHERE m.id = i.unit_id)"
MONDAY = "CAST(date_trunc('week', i.reported_at) AS date)"


def test_every_count_is_that_of_a_plain_statement_without_its_own_condition(session):
    add_tickets(session, 400, seed=3)
    draw = random.Random(11)  # noqa: S311 - made-up conditions, no secret
    seen = set()
    for tickets in [TicketFilter(), *(random_filter(draw) for _ in range(40))]:
        counts = ticket_counts(session, tickets)
        told = {
            "states": counts.state,
            "due": counts.deadline,
            "categories": {facet.value: facet.count for facet in counts.category if facet.count},
            "areas": {facet.value: facet.count for facet in counts.town if facet.count},
            "units": {facet.value: facet.count for facet in counts.unit if facet.count and facet.value != "none"},
            "period": {week.start: week.count for week in counts.weeks if week.count},
        }
        plain = {name: plainly(session, value, tickets.without(name)) for name, value in VALUES.items()}
        assert told == plain, tickets
        seen.add(str(told))
    assert len(seen) > 30


VALUES = {
    "states": "i.state",
    "due": DEADLINE,
    "categories": "i.category_code",
    "areas": "i.town_code",
    "units": UNIT_CODE,
    "period": MONDAY,
}


def test_counting_leaves_the_planner_as_it_was(session):
    add_tickets(session, 3)
    names = ("random_page_cost", "enable_sort", "enable_indexscan")
    asked = text("SELECT " + ", ".join(f"current_setting('{name}')" for name in names))
    before = session.execute(asked).one()
    ring = "POLYGON ((121.4 31.1, 121.41 31.1, 121.41 31.11, 121.4 31.1))"
    for tickets in (TicketFilter(), TicketFilter(within=ring)):
        ticket_counts(session, tickets)
        listing(session, collection("tickets"), box=None, limit=1, tickets=tickets)
        on_tiles(session, tickets, z=11)
        assert session.execute(asked).one() == before


def test_the_pages_of_a_list_follow_one_another(session):
    add_tickets(session, 60)
    tickets = TicketFilter(states=("new", "work", "check", "closed"))
    whole = listing(session, collection("tickets"), box=None, limit=100, tickets=tickets)
    pages = [
        listing(session, collection("tickets"), box=None, limit=25, skip=skip, tickets=tickets)
        for skip in (0, 25, 50, 75)
    ]
    assert [row for page in pages for row in page.rows] == whole.rows
    assert {page.total for page in pages} == {60}


def test_each_condition_narrows_by_what_it_says(session):
    add_tickets(session, 300)
    for lost in session.query(Ticket).limit(9):
        lost.town_code = lost.village_code = lost.cell_code = None
    session.flush()
    rows = session.query(Ticket).all()

    def numbers(**conditions):
        return {
            row.properties["number"]
            for row in listing(
                session, collection("tickets"), box=None, limit=1000, tickets=TicketFilter(**conditions)
            ).rows
        }

    def meant(claim):
        return {row.number for row in rows if claim(row)}

    assert numbers(states=("new", "closed")) == meant(lambda t: t.state in GROUPS["new"] + GROUPS["closed"])
    assert numbers(categories=("01",)) == meant(lambda t: t.category_code.startswith("01"))
    assert numbers(categories=("0201",)) == meant(lambda t: t.category_code == "0201")
    assert numbers(units=("none",)) == meant(lambda t: t.unit_id is None)
    assert numbers(areas=("none",)) == meant(lambda t: t.town_code is None) != set()
    assert numbers(areas=("none", VILLAGES[1])) == meant(lambda t: t.town_code is None or t.village_code == VILLAGES[1])
    assert numbers(areas=(VILLAGES[1],)) == meant(lambda t: t.village_code == VILLAGES[1])
    assert numbers(due=("none",)) == meant(lambda t: t.due_at is None)
    open_ = numbers(states=("new", "work", "check"))
    assert numbers(due=("soon",)) == meant(
        lambda t: t.number in open_ and t.due_at and NOW <= t.due_at < NOW + timedelta(hours=24)
    )
    assert numbers(due=DEADLINES) == numbers()


IS_OPEN = {state for group in ("new", "work", "check") for state in GROUPS[group]}
DESK_CLAIMS = {
    "file": lambda t: t.state in {"reported", "verifying"},
    "assign": lambda t: t.state in {"filed", "returned", "reopened"} and t.pending != "referee",
    "referee": lambda t: t.pending == "referee",
    "approve": lambda t: t.pending in {"extend", "suspend", "appeal"},
    "own": lambda t: t.state in {"dispatched", "accepted", "handling", "waiting"} and t.unit_id is None,
    "check": lambda t: t.state in GROUPS["check"],
    "accept": lambda t: t.state == "dispatched",
    "handle": lambda t: t.state in {"accepted", "handling", "waiting"},
    "returned": lambda t: t.state == "returned",
    "late": lambda t: t.state in IS_OPEN and t.due_at is not None and t.due_at < NOW,
    "supervised": lambda t: t.is_supervised,
    "reworked": lambda t: t.rework_count > 0,
    "bounced": lambda t: t.return_count > 0,
}


@pytest.mark.parametrize("name", DESKS)
def test_what_waits_at_a_desk_is_what_its_name_says(session, name):
    add_tickets(session, 300)
    rows = session.query(Ticket).all()
    listed = listing(session, collection("tickets"), box=None, limit=1000, tickets=TicketFilter(desks=(name,)))
    meant = {row.number for row in rows if DESK_CLAIMS[name](row)}
    assert {row.properties["number"] for row in listed.rows} == meant
    assert 0 < len(meant) < 300


def test_several_desks_are_any_of_them_and_hold_beside_the_other_conditions(session):
    add_tickets(session, 300)
    tickets = TicketFilter(desks=("check", "late"), states=("check",))
    both = {row.number for row in session.query(Ticket).all() if row.state in GROUPS["check"]}
    found = listing(session, collection("tickets"), box=None, limit=1000, tickets=tickets).rows
    assert {row.properties["number"] for row in found} == both


def test_the_days_of_closing_leave_out_what_is_not_closed(session):
    add_areas(session)
    midnight = datetime(2026, 3, 2, tzinfo=UTC) - timedelta(hours=8)
    for number, minutes in (("BEFORE", -1), ("FIRST", 0), ("LAST", 24 * 60 - 1), ("AFTER", 24 * 60), ("OPEN", None)):
        closed = None if minutes is None else midnight + timedelta(minutes=minutes)
        told = {"source": "s", "category_code": "0101", "title": "t", "reported_at": NOW}
        session.add(Ticket(number=number, closed_at=closed, state="closed" if closed else "filed", **told))
    session.flush()
    day = date(2026, 3, 2)
    tickets = TicketFilter(closed_since=day, closed_until=day)
    found = listing(session, collection("tickets"), box=None, limit=9, tickets=tickets)
    assert sorted(row.properties["number"] for row in found.rows) == ["FIRST", "LAST"]
    assert ticket_counts(session, TicketFilter(closed_since=day)).total == 3


def test_a_day_is_the_districts_and_both_ends_count(session):
    add_areas(session)
    midnight = datetime(2026, 3, 2, tzinfo=UTC) - timedelta(hours=8)
    for number, minutes in (("BEFORE", -1), ("FIRST", 0), ("LAST", 24 * 60 - 1), ("AFTER", 24 * 60)):
        moment = midnight + timedelta(minutes=minutes)
        session.add(Ticket(number=number, source="s", category_code="0101", title="t", reported_at=moment))
    session.flush()
    day = date(2026, 3, 2)
    found = listing(session, collection("tickets"), box=None, limit=9, tickets=TicketFilter(since=day, until=day))
    assert [row.properties["number"] for row in found.rows] == ["LAST", "FIRST"]


def test_the_line_that_was_drawn_belongs_to_the_polygon(session):
    session.add(
        Ticket(
            number="EDGE",
            source="s",
            category_code="0101",
            title="t",
            reported_at=NOW,
            geom="SRID=4326;POINT(121.41 31.10)",
        )
    )
    session.flush()
    ring = "POLYGON ((121.40 31.10, 121.42 31.10, 121.42 31.12, 121.40 31.10))"
    assert ticket_counts(session, TicketFilter(within=ring)).total == 1


def test_counts_leave_out_their_own_condition_and_weeks_have_no_holes(session):
    add_tickets(session, 300)
    everything = ticket_counts(session, TicketFilter())
    counts = ticket_counts(session, TicketFilter(states=("new",), categories=("0501",), units=("U0",)))
    both = ticket_counts(session, TicketFilter(categories=("0501",), units=("U0",)))
    assert counts.state == both.state
    assert sum(counts.state.values()) == both.total > counts.total
    assert {facet.value for facet in counts.category} <= set(CATEGORIES)
    assert sum(facet.count for facet in everything.category) == everything.total == 300
    assert sum(facet.count for facet in everything.unit) == 300
    assert "none" in {facet.value for facet in everything.unit}
    assert sum(week.count for week in everything.weeks) == 300
    starts = [week.start for week in everything.weeks]
    assert {start.weekday() for start in starts} == {0}
    assert {after - before for before, after in pairwise(starts)} == {timedelta(days=7)}
    assert (
        ticket_counts(session, TicketFilter(since=date(2000, 1, 1), until=date(2000, 1, 2))).weeks == everything.weeks
    )


def test_a_value_that_was_picked_is_told_even_with_nothing_left(session):
    add_tickets(session, 30)
    counts = ticket_counts(session, TicketFilter(categories=("0111",), units=("U1",), areas=TOWNS[:1]))
    assert ("0111", 0) in {(facet.value, facet.count) for facet in counts.category}
    assert ("U1", 0) in {(facet.value, facet.count) for facet in counts.unit}
    assert (TOWNS[0], 0) in {(facet.value, facet.count) for facet in counts.town}


@pytest.mark.parametrize(
    ("tickets", "index"),
    [
        pytest.param(TicketFilter(states=("check",)), "ix_ticket_state_reported_at", id="state"),
        pytest.param(TicketFilter(categories=("05",)), "ix_ticket_category_code", id="category"),
        pytest.param(TicketFilter(areas=VILLAGES[:1]), "ix_ticket_village_code", id="area"),
        pytest.param(TicketFilter(units=("U1",)), "ix_ticket_unit_id", id="unit"),
        pytest.param(TicketFilter(due=("soon",)), "ix_ticket_due_at", id="deadline"),
        pytest.param(TicketFilter(since=date(2026, 1, 1)), "ix_ticket_reported_at", id="period"),
        pytest.param(
            TicketFilter(within="POLYGON ((121.4 31.1, 121.41 31.1, 121.41 31.11, 121.4 31.1))"),
            "ix_ticket_geom",
            id="polygon",
        ),
    ],
)
def test_each_condition_can_use_its_index(session, tickets, index):
    session.execute(text("SET LOCAL enable_seqscan = off"))
    session.execute(text("SET LOCAL enable_indexonlyscan = off"))
    # of a small table any index will do; what is asked is whether this one can, beside those of the other areas
    kept = [index, "ix_ticket_town_code", "ix_ticket_cell_code"]
    others = text("""
        SELECT string_agg(format('%I', i.indexrelid::regclass::text), ', ')
          FROM pg_index AS i
         WHERE i.indrelid = 'ticket'::regclass AND NOT i.indisunique AND i.indexrelid::regclass::text <> ALL(:kept)
    """)
    session.execute(text(f"DROP INDEX {session.execute(others, {'kept': kept}).scalar_one()}"))
    statement = text(f"EXPLAIN SELECT i.title FROM ticket AS i WHERE {tickets.clause()}")
    plan = "\n".join(session.execute(statement, tickets.values()).scalars())
    assert index in plan
