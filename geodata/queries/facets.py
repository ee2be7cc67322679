"""How many tickets there are by state, deadline, category, town and unit, and week by week."""

from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from geodata.queries.sources import DEADLINE
from geodata.queries.ticket_filter import NO_UNIT, TicketFilter

MOST_UNITS = 20
MOST_WEEKS = 104

TOTAL = "SELECT count(*), count(i.geom) FROM ticket AS i WHERE {condition}"

# One column at a time: most of them are read from an index alone, which is half the cost of reading
# the tickets once for all.
SPREAD = "SELECT {value}, count(*) FROM ticket AS i WHERE {condition} GROUP BY 1"

# By the condition that each leaves out.
SPREADS = {
    "states": "i.state",
    "due": DEADLINE,
    "categories": "i.category_code",
    "areas": "i.town_code",
    "units": "i.unit_id",
}

# Mondays are worked out once and each ticket is only compared with them: to ask the calendar for each
# takes ten times as long. Number 0 is before the first of them.
WEEKS = """
    SELECT width_bucket(i.reported_at, CAST(:mondays AS timestamptz[])), count(*)
      FROM ticket AS i
     WHERE {condition}
     GROUP BY 1
"""

# The clock is the district's.
MONDAYS = text("""
    SELECT CAST(w.start AS date), CAST(w.start AS timestamptz)
      FROM (SELECT date_trunc('week', CAST(max(t.reported_at) AS timestamp)) AS monday FROM ticket AS t) AS n
     CROSS JOIN LATERAL generate_series(n.monday - (:most - 1) * INTERVAL '7 days', n.monday, INTERVAL '7 days')
        AS w(start)
     ORDER BY 1
""")

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
                    MOST_WEEKS there are any tickets of; may be none.

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
    number, placed = _rows(session, TOTAL, tickets)[0]
    categories, towns = (_spread(session, name, tickets) for name in ("categories", "areas"))
    return TicketCounts(
        total=number,
        placed=placed,
        state=by_state(session, tickets),
        deadline=by_deadline(session, tickets),
        category=_named(session, CATEGORIES, categories, kept=tickets.categories),
        town=_named(session, TOWNS, towns, kept=tickets.areas),
        unit=_units(session, _spread(session, "units", tickets), kept=tickets.units),
        weeks=_weeks(session, tickets.without("period")),
    )


def by_state(session: Session, tickets: TicketFilter) -> dict[str, int]:
    """How many tickets are in each state, whatever states the filter asks for; those without any are absent."""
    return _spread(session, "states", tickets)


def by_deadline(session: Session, tickets: TicketFilter) -> dict[str, int]:
    """How many tickets that fit stand how against their deadline, whichever the filter asks for."""
    return _spread(session, "due", tickets)


def total(session: Session, tickets: TicketFilter) -> int:
    """How many tickets fit."""
    return int(_rows(session, TOTAL, tickets)[0][0])


def _rows(session: Session, statement: str, tickets: TicketFilter, **values: object) -> list[tuple[Any, ...]]:
    found = session.execute(text(statement.format(condition=tickets.clause())), {**tickets.values(), **values})
    return [tuple(row) for row in found]


def _spread(session: Session, name: str, tickets: TicketFilter) -> dict[Any, int]:
    """How many have each value of what one condition is about, that condition left out; None is a value too."""
    statement = SPREAD.format(value=SPREADS[name], condition="{condition}")
    return {value: number for value, number in _rows(session, statement, tickets.without(name))}  # noqa: C416 - rows are of any length to mypy


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


def _weeks(session: Session, tickets: TicketFilter) -> list[Week]:
    mondays = session.execute(MONDAYS, {"most": MOST_WEEKS}).all()
    if not mondays:
        return []
    begins = [begin for _day, begin in mondays]
    counts = {
        number: count for number, count in _rows(session, WEEKS, tickets, mondays=begins) if number
    }  # 0 is before
    if not counts:
        return []
    first, last = min(counts), max(counts)
    return [Week(mondays[number - 1][0], counts.get(number, 0)) for number in range(first, last + 1)]
