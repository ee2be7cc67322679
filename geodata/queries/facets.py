"""How many tickets there are by state, deadline, category, town and unit, and week by week."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from geodata.queries.plans import counting, within
from geodata.queries.scope import Scope
from geodata.queries.sources import DEADLINE
from geodata.queries.ticket_filter import NO_UNIT, TicketFilter

MOST_UNITS = 20
MOST_WEEKS = 104

# By the condition that each leaves out.
SPREADS = {
    "states": "i.state",
    "due": DEADLINE,
    "categories": "i.category_code",
    "areas": "i.town_code",
}

# Spreads about which the filter says nothing are of the same tickets, and so are read together: they
# have few values, and so few combinations. Grouping sets would tell each by itself, in three times the time.
COMBINED = "SELECT {values}, count(*), {placed} FROM ticket AS i WHERE {condition} GROUP BY {columns}"
TOTAL = "SELECT count(*), {placed} FROM ticket AS i WHERE {condition}"

# Asked for only where it is told: without it, one column is often read from an index alone.
PLACED, UNASKED = "count(i.geom)", "0"

# Units are many: combined with anything else there would be as many rows as tickets.
BY_UNIT = "SELECT i.unit_id, count(*) FROM ticket AS i WHERE {condition} GROUP BY 1"

# Mondays are worked out once and each ticket is only compared with them: to ask the calendar for each
# takes ten times as long. Number 0 is before the first of them.
WEEKS = """
    SELECT width_bucket(i.reported_at, CAST(:mondays AS timestamptz[])), count(*)
      FROM ticket AS i
     WHERE {condition}
     GROUP BY 1
"""

# The clock is the district's.
MONDAYS = """
    SELECT CAST(w.start AS date) AS day, CAST(w.start AS timestamptz) AS begin
      FROM (SELECT date_trunc('week', CAST(max(i.reported_at) AS timestamp)) AS monday
              FROM ticket AS i
             WHERE {scope}) AS n
     CROSS JOIN LATERAL generate_series(n.monday - (:most - 1) * INTERVAL '7 days', n.monday, INTERVAL '7 days')
        AS w(start)
     ORDER BY 1
"""

CATEGORIES = text("""
    SELECT k.code, k.name_zh, k.name_en
      FROM category AS k
     WHERE k.code = ANY(CAST(:codes AS text[]))
     ORDER BY k.code
""")

TOWNS = text("""
    SELECT a.code, a.name, COALESCE(a.name_en, a.name)
      FROM area AS a
     WHERE a.level = 'town'
       AND a.valid_from <= CURRENT_DATE AND (a.valid_to IS NULL OR a.valid_to > CURRENT_DATE)
       AND a.code = ANY(CAST(:codes AS text[]))
     ORDER BY a.code
""")

UNITS = text("""
    SELECT u.id, u.code, u.name
      FROM member_unit AS u
     WHERE u.id = ANY(CAST(:ids AS integer[]))
        OR u.code = ANY(CAST(:codes AS text[]))
     ORDER BY u.code
""")


@dataclass(frozen=True)
class Facet:
    """One value and how many tickets have it; titles are None where the word is not the records' own."""

    value: str
    title_zh: str | None
    title_en: str | None
    count: int


@dataclass(frozen=True)
class Week:
    """Tickets reported in the week that begins on this Monday."""

    start: date
    count: int


class TicketCounts(NamedTuple):
    """Tickets that fit a filter, and how they are spread.

    total, placed   with all conditions; `placed` have a place.
    state           single states, not groups.
    unit            at most MOST_UNITS, those picked first, then the busiest.
    weeks           every Monday from the first week with such tickets to the last, within the newest
                    MOST_WEEKS of all that the filter's scope holds; may be none.

    Each spread counts with all conditions except its own (town without the areas, weeks without the
    days), so that one sees what another choice would give.
    """

    total: int
    placed: int
    state: dict[str, int]
    deadline: dict[str, int]
    category: list[Facet]
    town: list[Facet]
    unit: list[Facet]
    weeks: list[Week]


def ticket_counts(session: Session, tickets: TicketFilter) -> TicketCounts:
    """All the counts of a filter."""
    mondays = _mondays(session, tickets.scope)
    together: dict[TicketFilter, list[str]] = {tickets: []}
    for name in SPREADS:
        together.setdefault(tickets.without(name), []).append(name)
    with counting(session, by_place=tickets.within is not None):
        found = {
            each: _combined(session, each, names, placed=PLACED if each == tickets else UNASKED)
            for each, names in together.items()
        }
        by_unit = dict(_pairs(session, BY_UNIT, tickets.without("units")))
        weeks = _weeks(session, tickets.without("period"), mondays)
    spread = {name: counts for each in found.values() for name, counts in each.spreads.items()}
    return TicketCounts(
        total=found[tickets].total,
        placed=found[tickets].placed,
        state=spread["states"],
        deadline=spread["due"],
        category=_named(session, CATEGORIES, spread["categories"], kept=tickets.categories),
        town=_named(session, TOWNS, spread["areas"], kept=tickets.areas),
        unit=_units(session, by_unit, kept=tickets.units),
        weeks=weeks,
    )


def by_state(session: Session, tickets: TicketFilter) -> dict[str, int]:
    """How many tickets are in each state, whatever states the filter asks for; those without any are absent."""
    return _spread(session, "states", tickets)


def by_deadline(session: Session, tickets: TicketFilter) -> dict[str, int]:
    """How many tickets that fit stand how against their deadline, whichever the filter asks for."""
    return _spread(session, "due", tickets)


def total(session: Session, tickets: TicketFilter) -> int:
    """How many tickets fit."""
    with counting(session, by_place=tickets.within is not None):
        return _combined(session, tickets, []).total


def total_within(session: Session, tickets: TicketFilter, *, milliseconds: int) -> int | None:
    """How many tickets fit; None where counting them takes longer than it is worth."""
    return within(session, milliseconds, lambda: total(session, tickets))


class _Combined(NamedTuple):
    """How many tickets fit, how many of them have a place, and how many have each value; None is a value too."""

    total: int
    placed: int
    spreads: dict[str, dict[Any, int]]


def _spread(session: Session, name: str, tickets: TicketFilter) -> dict[Any, int]:
    with counting(session, by_place=tickets.within is not None):
        return _combined(session, tickets.without(name), [name]).spreads[name]


def _combined(session: Session, tickets: TicketFilter, names: Sequence[str], *, placed: str = UNASKED) -> _Combined:
    """Spreads of the tickets that fit, from one reading; the filter has no condition of theirs."""
    facts = {
        "values": ", ".join(SPREADS[name] for name in names),
        "columns": ", ".join(str(number) for number in range(1, len(names) + 1)),
        "condition": tickets.clause(),
        "placed": placed,
    }
    total = with_place = 0
    spreads: dict[str, dict[Any, int]] = {name: {} for name in names}
    for *row, here, placed_here in session.execute(
        text((COMBINED if names else TOTAL).format(**facts)), tickets.values()
    ):
        total += here
        with_place += placed_here
        for counts, value in zip(spreads.values(), row, strict=True):
            counts[value] = counts.get(value, 0) + here
    return _Combined(total, with_place, spreads)


def _pairs(session: Session, statement: str, tickets: TicketFilter, **values: object) -> list[tuple[Any, int]]:
    rows = session.execute(text(statement.format(condition=tickets.clause())), {**tickets.values(), **values})
    return [(value, number) for value, number in rows]


def _named(session: Session, statement: TextClause, counts: dict[Any, int], *, kept: tuple[str, ...]) -> list[Facet]:
    """Those counted, and those picked whatever their count, by code; codes without a name today are left out."""
    codes = [code for code in counts if code] + list(kept)
    rows = session.execute(statement, {"codes": codes})
    return [Facet(code, title_zh, title_en, counts.get(code, 0)) for code, title_zh, title_en in rows]


def _units(session: Session, counts: dict[Any, int], *, kept: tuple[str, ...]) -> list[Facet]:
    busiest = sorted((id_ for id_ in counts if id_), key=lambda id_: (-counts[id_], id_))[:MOST_UNITS]
    rows = session.execute(UNITS, {"ids": busiest, "codes": list(kept)})
    found = [Facet(code, name, name, counts.get(id_, 0)) for id_, code, name in rows]
    if None in counts or NO_UNIT in kept:
        found.append(Facet(NO_UNIT, None, None, counts.get(None, 0)))
    found.sort(key=lambda facet: (facet.value not in kept, -facet.count, facet.value))
    return found[:MOST_UNITS]


def _mondays(session: Session, scope: Scope) -> list[tuple[date, datetime]]:
    values = {"most": MOST_WEEKS, **scope.values()}
    return [(row.day, row.begin) for row in session.execute(text(MONDAYS.format(scope=scope.clause())), values)]


def _weeks(session: Session, tickets: TicketFilter, mondays: list[tuple[date, datetime]]) -> list[Week]:
    if not mondays:
        return []
    begins = [begin for _day, begin in mondays]
    # number 0 is before
    counts = {number: count for number, count in _pairs(session, WEEKS, tickets, mondays=begins) if number}
    if not counts:
        return []
    first, last = min(counts), max(counts)
    return [Week(mondays[number - 1][0], counts.get(number, 0)) for number in range(first, last + 1)]
