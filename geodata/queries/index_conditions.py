"""What each index counts, as conditions in SQL: the figure and the list of its tickets come from the same text.

Every index is a share. Of the tickets that belong to a period and are looked at (the denominator) it counts those
for which something was found (the numerator); so the numerator is always a part of the denominator. A period begins
at `{start}` and reaches to before `{by}`: its end, or this moment while it is not over. How tickets stood is judged
as of `{by}` where the ticket or its events still tell.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

PARTS = ("numerator", "denominator", "rest", "excluded")

# Which tickets are one row of a table: by what they are stamped with, lie with, or are about.
LEVELS = ("district", "town", "village", "post", "unit", "category")
KEYS = {
    "district": "''",
    "town": "i.town_code",
    "village": "i.village_code",
    "post": "i.duty_grid_code",
    "category": "i.category_code",
}
# The one row of those that have no such code.
NO_KEY = "none"

UNIT_IDS = "(SELECT m.id FROM member_unit AS m WHERE m.code = :index_of)"

# An appeal was granted: it counts against nobody, and so for nobody.
EXCUSED = "i.is_excused"
# Nothing was, or is, to be handled under this number.
VOID = "(i.is_excused OR i.state IN ('cancelled', 'merged'))"

# Officers find what they see on their way and report from the map; all these were found by others.
BY_OFFICERS = "i.source IN ('patrol', 'map')"
BY_OTHERS = "i.source IN ('hotline', '12345', 'resident', 'media', 'higher_office', 'video')"

# Other systems tell when a ticket was closed, and often nothing else; what was closed had been filed and done.
FILED_BY_THEN = "COALESCE(i.filed_at, i.closed_at) < {by}"
DONE = "COALESCE(i.done_at, i.closed_at)"

# The ticket's own columns tell of its last dispatch and of how often it was returned. Only where they leave open what
# was by `{by}` are its events asked; as values, because an EXISTS would be prepared for all tickets at once.
FIRST = """(SELECT min(e.at) FROM ticket_event AS e
             WHERE e.ticket_id = i.id AND e.action IN ({actions}))"""
DISPATCHED_BY_THEN = f"""(i.dispatched_at < {{by}}
            OR (i.dispatched_at IS NOT NULL AND {FIRST.format(actions="'assign', 'choose'")} < {{by}}))"""
NOT_RETURNED_BY_THEN = f"""(i.return_count = 0 OR {FIRST.format(actions="'return'")} >= {{by}})"""


@dataclass(frozen=True)
class OfTickets:
    """An index over rows `i` of `ticket`.

    moment    the column that says to which period a ticket belongs.
    among     which of these tickets are looked at.
    found     which of them are counted.
    left_out  which are left out of both.
    """

    moment: str
    found: str
    among: str = "TRUE"
    left_out: str = EXCUSED


@dataclass(frozen=True)
class OfEvents:
    """An index over rows `e` of `ticket_event` of the period, of which each ticket counts once.

    among      which events are looked at; it names their actions.
    found      a ticket is counted when one of these events is such,
    is_never   or, where this is set, when none is.
    unit       code of the unit that an event is about, where it tells; None: the unit the ticket lies with now.
    """

    among: str
    found: str
    is_never: bool = False
    unit: str | None = None
    left_out: str = EXCUSED


@dataclass(frozen=True)
class OfCells:
    """The index over cells of duty grids: which of them were walked in the period."""


Measure: TypeAlias = OfTickets | OfEvents | OfCells


def _due(found: str) -> OfTickets:
    return OfTickets("i.due_at", found, left_out=VOID)


MEASURES: Mapping[str, Measure] = {
    "filing": OfTickets("i.reported_at", FILED_BY_THEN),
    "valid_reporting": OfTickets("i.reported_at", FILED_BY_THEN, among=BY_OFFICERS),
    "missed": OfTickets("i.reported_at", BY_OTHERS, among=f"{FILED_BY_THEN} AND i.duty_grid_code IS NOT NULL"),
    "patrol": OfCells(),
    "self_handling": OfTickets("i.reported_at", "i.is_self_handled", among=f"{FILED_BY_THEN} AND {BY_OFFICERS}"),
    "dispatch": OfTickets(
        "i.filed_at",
        f"{DISPATCHED_BY_THEN} AND {NOT_RETURNED_BY_THEN}",
        among="NOT i.is_self_handled",
        left_out=VOID,
    ),
    "returned": OfEvents(
        "e.action IN ('assign', 'choose', 'return') AND (e.action = 'return' OR e.facts ->> 'unit_code' IS NOT NULL)",
        "e.action = 'return'",
        unit="COALESCE(e.facts ->> 'returned_by', e.facts ->> 'unit_code')",
    ),
    "handling": _due(f"{DONE} < {{by}}"),
    "handling_in_time": _due(f"{DONE} <= i.due_at"),
    "rework": OfTickets("i.done_at", "i.rework_count > 0"),
    "checks": OfEvents("e.action IN ('close', 'rework')", "e.action = 'rework'", is_never=True),
    "closing": _due("i.closed_at < {by}"),
    "closing_in_time": _due("i.closed_at <= i.due_at"),
    "repeated": OfTickets("i.reported_at", "(i.merged_into_id IS NOT NULL OR i.reopen_count > 0)"),
    "satisfaction": OfEvents("e.action = 'visit'", "e.facts -> 'satisfied' = 'false'", is_never=True),
}

# In a list the days of the period are bound; a day is the district's, whose zone every connection has.
START_BOUND = "CAST(CAST(:index_since AS date) AS timestamptz)"
BY_BOUND = "LEAST(CAST(CAST(:index_until AS date) + 1 AS timestamptz), now())"

EVENT_TICKETS = """i.id IN (
           SELECT e.ticket_id
             FROM ticket_event AS e
            WHERE {among} AND e.at >= {start} AND e.at < {by})"""


@dataclass(frozen=True)
class IndexPart:
    """The tickets behind one figure of an index.

    index          of MEASURES, without those of cells.
    part           of PARTS: `rest` is the denominator less the numerator, `excluded` are those that were left out.
    since, until   first and last day of the period.
    level, of      whose: a level of LEVELS and the code on it, NO_KEY for those without one.
    """

    index: str
    part: str
    since: date
    until: date
    level: str = "district"
    of: str = ""

    def condition(self) -> tuple[str, dict[str, Any]]:
        """The condition in SQL on a row `i` of `ticket`, and what its names (all begin with `index_`) are bound to."""
        measure = MEASURES[self.index]
        if isinstance(measure, OfCells):
            raise TypeError(self.index)
        parts = _of_events(measure, self) if isinstance(measure, OfEvents) else _of_tickets(measure)
        own_unit = isinstance(measure, OfEvents) and measure.unit is not None
        whose = None if self.level == "unit" and own_unit else _whose(self.level, self.of)
        text = "\n       AND ".join([*parts[self.part], *([whose] if whose else [])])
        values: dict[str, Any] = {"index_since": self.since, "index_until": self.until}
        if self.level != "district" and self.of != NO_KEY:
            values["index_of"] = self.of
        return text.format(start=START_BOUND, by=BY_BOUND), values


def in_period(moment: str) -> str:
    """The condition that a moment lies in a period."""
    return f"{moment} >= {{start}} AND {moment} < {{by}}"


def _parts(base: list[str], left_out: str, found: str) -> dict[str, list[str]]:
    kept = [*base, f"NOT {left_out}"]
    return {
        "denominator": kept,
        "numerator": [*kept, f"({found}) IS TRUE"],
        "rest": [*kept, f"({found}) IS NOT TRUE"],
        "excluded": [*base, left_out],
    }


def _of_tickets(measure: OfTickets) -> dict[str, list[str]]:
    return _parts([in_period(measure.moment), f"({measure.among})"], measure.left_out, measure.found)


def _of_events(measure: OfEvents, asked: IndexPart) -> dict[str, list[str]]:
    among = measure.among
    if asked.level == "unit" and measure.unit is not None:
        # whoever gave a ticket back no longer has it: its events know, the ticket does not
        among += f" AND {measure.unit} {'IS NULL' if asked.of == NO_KEY else '= :index_of'}"
    base = EVENT_TICKETS.replace("{among}", among)
    found = EVENT_TICKETS.replace("{among}", f"{among} AND {measure.found}")
    return _parts([base], measure.left_out, f"NOT ({found})" if measure.is_never else found)


def _whose(level: str, of: str) -> str | None:
    if level == "district":
        return None
    if level == "unit":
        return "i.unit_id IS NULL" if of == NO_KEY else f"i.unit_id = {UNIT_IDS}"
    return f"{KEYS[level]} IS NULL" if of == NO_KEY else f"{KEYS[level]} = :index_of"
