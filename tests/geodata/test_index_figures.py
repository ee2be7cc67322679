"""Each figure of an index is the number of tickets behind it: listed, exported, and counted a second way."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from histories import add_histories
from makers import add_areas, add_unit

from geodata.catalog import collection
from geodata.models import MemberUnit, Ticket, TicketEvent
from geodata.queries.facets import ticket_counts
from geodata.queries.features import stream_geojson
from geodata.queries.index_conditions import LEVELS, NO_KEY, PARTS, IndexPart
from geodata.queries.indices import Figure, figures
from geodata.queries.listing import listing
from geodata.queries.ticket_filter import TicketFilter
from geodata.services.indices import INDICES
from geodata.services.periods import period

WEST_TOWN = "310112101000"
FEBRUARY = period("2026-02")
OF_TICKETS = [each for each in INDICES if each.is_of_tickets]


@pytest.fixture
def town(session):
    """Two towns, and two units in the western one."""
    add_areas(session)
    for code in ("U1", "U2"):
        add_unit(session, code, 0.5, 1.1, town_code=WEST_TOWN)
    return session


def counted(session, id_, tickets):
    return figures(session, [id_], level="district", periods=[FEBRUARY], tickets=tickets)[id_].get("", [Figure()])[0]


PERIODS = [period(word) for word in ("2026-02", "2025-Q4", "2026-02-03..2026-02-16")]


class Plain:
    """Indices counted in Python, from the events of each ticket and the facts that no event tells."""

    def __init__(self, session, start, end):
        self.start, self.end = start, end
        self.units = {unit.id: unit.code for unit in session.query(MemberUnit)}
        events = {}
        for event in session.query(TicketEvent).order_by(TicketEvent.ticket_id, TicketEvent.seq):
            events.setdefault(event.ticket_id, []).append(event)
        self.tickets = [(ticket, events[ticket.id]) for ticket in session.query(Ticket).all()]

    def inside(self, moment):
        return moment is not None and self.start <= moment < self.end

    def early(self, moment):
        return moment is not None and moment < self.end

    def units_of(self, id_, ticket, events):
        if id_ != "returned":
            return {self.units.get(ticket.unit_id, NO_KEY)}
        return {self.unit_of(e) for e in events if self.is_move(e)}

    def unit_of(self, event):
        return event.facts.get("returned_by") or event.facts.get("unit_code") or NO_KEY

    def is_move(self, event):
        given = event.action in {"assign", "choose"} and "unit_code" in event.facts
        return (event.action == "return" or given) and self.inside(event.at)

    def numbers(self, id_, level, of):
        """Numbers of the tickets of each part."""
        parts = {part: set() for part in PARTS}
        for ticket, events in self.tickets:
            keys = {
                "district": {""},
                "town": {ticket.town_code or NO_KEY},
                "village": {ticket.village_code or NO_KEY},
                "post": {ticket.duty_grid_code or NO_KEY},
                "category": {ticket.category_code},
                "unit": self.units_of(id_, ticket, events),
            }[level]
            if of not in keys:
                continue
            own = id_ == "returned" and level == "unit"
            answer = getattr(self, id_)(ticket, [e for e in events if not own or self.unit_of(e) == of])
            if answer is None:
                continue
            void = ticket.state in {"cancelled", "merged"} and id_ in VOID_COUNTS
            if void or any(e.action == "grant_appeal" for e in events):
                parts["excluded"].add(ticket.number)
                continue
            parts["denominator"].add(ticket.number)
            parts["numerator" if answer else "rest"].add(ticket.number)
        return parts

    # each answers None (not looked at), False or True

    def last(self, events, undone, *actions):
        """Moment of the last such event that none of `undone` follows."""
        moment = None
        for event in events:
            if event.action in actions:
                moment = event.at
            elif event.action in undone:
                moment = None
        return moment

    def filed_at(self, events):
        return next((e.at for e in events if e.action in {"file", "assign", "choose", "self_handle"}), None)

    def filed_by_then(self, events):
        return self.early(self.filed_at(events))

    def filing(self, ticket, events):
        return self.filed_by_then(events) if self.inside(ticket.reported_at) else None

    def valid_reporting(self, ticket, events):
        return self.filing(ticket, events) if ticket.source in {"patrol", "map"} else None

    def missed(self, ticket, events):
        if not self.filing(ticket, events) or ticket.duty_grid_code is None:
            return None
        return ticket.source in {"hotline", "resident", "video"}

    def self_handling(self, ticket, events):
        if not self.filing(ticket, events) or ticket.source not in {"patrol", "map"}:
            return None
        return any(e.action == "self_handle" for e in events)

    def dispatch(self, _ticket, events):
        if any(e.action == "self_handle" for e in events) or not self.inside(self.filed_at(events)):
            return None
        then = [e for e in events if self.early(e.at)]
        return any(e.action in {"assign", "choose"} for e in then) and not any(e.action == "return" for e in then)

    def returned(self, _ticket, events):
        moves = [e for e in events if self.is_move(e)]
        return any(e.action == "return" for e in moves) if moves else None

    def done_at(self, events):
        return self.last(events, {"rework", "reopen"}, "done", "self_handle")

    def closed_at(self, events):
        return self.last(events, {"reopen"}, "close")

    def handling(self, ticket, events):
        return self.early(self.done_at(events)) if self.inside(ticket.due_at) else None

    def handling_in_time(self, ticket, events):
        done = self.done_at(events)
        return (done is not None and done <= ticket.due_at) if self.inside(ticket.due_at) else None

    def closing(self, ticket, events):
        return self.early(self.closed_at(events)) if self.inside(ticket.due_at) else None

    def closing_in_time(self, ticket, events):
        done = self.closed_at(events)
        return (done is not None and done <= ticket.due_at) if self.inside(ticket.due_at) else None

    def rework(self, _ticket, events):
        return any(e.action == "rework" for e in events) if self.inside(self.done_at(events)) else None

    def checks(self, _ticket, events):
        found = [e for e in events if e.action in {"close", "rework"} and self.inside(e.at)]
        return all(e.action == "close" for e in found) if found else None

    def repeated(self, ticket, events):
        again = ticket.merged_into_id is not None or any(e.action == "reopen" for e in events)
        return again if self.inside(ticket.reported_at) else None

    def satisfaction(self, _ticket, events):
        found = [e for e in events if e.action == "visit" and self.inside(e.at)]
        return all(e.facts["satisfied"] for e in found) if found else None


VOID_COUNTS = {"dispatch", "handling", "handling_in_time", "closing", "closing_in_time"}


def exported(session, tickets):
    whole = b"".join(stream_geojson(session.connection(), collection("tickets"), tickets=tickets))
    return {feature["id"] for feature in json.loads(whole)["features"]}


# the shortest, and all of them with --slow
@pytest.mark.parametrize(
    "within",
    [
        pytest.param(one, id=one.word, marks=[pytest.mark.slow] * (one.word in {"2026-02", "2025-Q4"}))
        for one in PERIODS
    ],
)
def test_each_figure_is_the_number_of_tickets_that_are_listed_exported_and_counted_another_way(town, within):
    add_histories(town, 150, seed=7)
    shanghai = timedelta(hours=8)
    plain = Plain(
        town,
        datetime.combine(within.since, datetime.min.time(), UTC) - shanghai,
        datetime.combine(within.until + timedelta(days=1), datetime.min.time(), UTC) - shanghai,
    )
    seen = 0
    for each in OF_TICKETS:
        for level in each.levels:
            found = figures(town, [each.id], level=level, periods=[within], tickets=TicketFilter())[each.id]
            nobody = {} if level == "district" else {"nobody": [Figure()]}
            for of, (figure,) in {**nobody, **found}.items():
                by_hand = plain.numbers(each.id, level, of)
                rest = figure.denominator - figure.numerator
                told = zip(PARTS, (figure.numerator, figure.denominator, rest, figure.excluded), strict=True)
                for part, number in told:
                    tickets = TicketFilter(index=IndexPart(each.id, part, within.since, within.until, level, of))
                    listed = listing(town, collection("tickets"), box=None, limit=1000, tickets=tickets)
                    numbers = {row.properties["number"] for row in listed.rows}
                    assert (each.id, level, of, part, numbers) == (each.id, level, of, part, by_hand[part])
                    assert listed.total == len(numbers) == number
                    seen += 1
                assert exported(town, tickets) == numbers
                assert ticket_counts(town, tickets).total == len(numbers)
    assert seen > 400


def test_periods_in_a_row_are_each_told_as_if_alone(town):
    add_histories(town, 120, seed=11)
    months = FEBRUARY.up_to(12)
    for level in LEVELS:
        ids = [each.id for each in OF_TICKETS if level in each.levels]
        together = figures(town, ids, level=level, periods=months, tickets=TicketFilter())
        for number, month in enumerate(months):
            alone = figures(town, ids, level=level, periods=[month], tickets=TicketFilter())
            row = {
                id_: {of: told[number] for of, told in found.items() if told[number] != Figure()}
                for id_, found in together.items()
            }
            assert row == {id_: {of: told[0] for of, told in found.items()} for id_, found in alone.items()}


def test_the_rows_of_a_table_add_up_to_its_total(town):
    add_histories(town, 120, seed=5)
    ids = [each.id for each in OF_TICKETS]
    total = figures(town, ids, level="district", periods=[FEBRUARY], tickets=TicketFilter())
    for level in ("town", "village", "post", "category"):
        found = figures(town, ids, level=level, periods=[FEBRUARY], tickets=TicketFilter())
        for id_ in ids:
            summed = [sum(numbers) for numbers in zip(*(told[0] for told in found[id_].values()), strict=True)]
            assert Figure(*summed) == total[id_][""][0]


def test_a_filter_narrows_the_figures_as_it_narrows_the_list(town):
    add_histories(town, 120, seed=3)
    narrow = TicketFilter(areas=(WEST_TOWN,), categories=("01",), states=("closed", "work"))
    for each in OF_TICKETS:
        found = counted(town, each.id, narrow)
        part = IndexPart(each.id, "denominator", FEBRUARY.since, FEBRUARY.until)
        listed = listing(
            town,
            collection("tickets"),
            box=None,
            limit=1,
            tickets=TicketFilter(areas=(WEST_TOWN,), categories=("01",), states=("closed", "work"), index=part),
        )
        assert listed.total == found.denominator
