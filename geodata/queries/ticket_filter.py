"""Which tickets are meant, and which units: one set of conditions for the map, the list, the counts and the export."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from geodata.queries.index_conditions import IndexPart
from geodata.queries.readers import NOBODY, OF_A_READER, CountsTold, Reader
from geodata.queries.scope import ALL, NOTHING, Condition, Scope
from geodata.queries.sources import DEADLINE
from geodata.queries.whistle import CallScope

# The states of a ticket in the four groups that a reader tells apart.
GROUPS: dict[str, tuple[str, ...]] = {
    "new": ("draft", "reported", "verifying", "filed"),
    "work": ("dispatched", "accepted", "handling", "waiting", "returned", "reopened"),
    "check": ("done", "checking"),
    "closed": ("closed", "cancelled", "merged"),
}
OPEN_GROUPS = frozenset({"new", "work", "check"})

DEADLINES = ("late", "soon", "ontime", "none")

# In `units`: with no unit at all, which is an office's.
NO_UNIT = "none"

# In `areas`: in no town that is known, which is the district's own.
NO_AREA = "none"

_OPEN = "i.state NOT IN ('closed', 'cancelled', 'merged')"

# What of the work at a desk a ticket waits for, and by what it stands out there; a ticket may be several of these.
# While the referee is asked for, no town assigns. An appeal is answered whether or not the ticket has ended.
DESKS: dict[str, str] = {
    "file": "i.state IN ('reported', 'verifying')",
    "assign": "i.state IN ('filed', 'returned', 'reopened') AND i.pending IS DISTINCT FROM 'referee'",
    "referee": "i.pending = 'referee'",
    "approve": "i.pending IN ('extend', 'suspend', 'appeal')",
    "own": "i.state IN ('dispatched', 'accepted', 'handling', 'waiting') AND i.unit_id IS NULL",
    "check": "i.state IN ('done', 'checking')",
    "accept": "i.state = 'dispatched'",
    "handle": "i.state IN ('accepted', 'handling', 'waiting')",
    "returned": "i.state = 'returned'",
    "late": f"i.due_at < now() AND {_OPEN}",
    "supervised": "i.is_supervised",
    "reworked": "i.rework_count > 0",
    "bounced": "i.return_count > 0",
}


STATE = "i.state = ANY(CAST(:states AS text[]))"

# The codes are looked up first, so that the index on the ticket's own column serves majors as well.
CATEGORY = """i.category_code = ANY(ARRAY(
           SELECT k.code FROM category AS k
            WHERE k.code = ANY(CAST(:categories AS text[])) OR left(k.code, 2) = ANY(CAST(:categories AS text[]))))"""

DUE = f"({DEADLINE}) = ANY(CAST(:due AS text[]))"

# Follows from the class; said beside it so that the index on `due_at` can be used.
DUE_SOON = "i.due_at >= now() AND i.due_at < now() + INTERVAL '24 hours'"
DUE_NEVER = "i.due_at IS NULL"
DUE_EVER = "i.due_at IS NOT NULL"

UNIT = "i.unit_id = ANY(ARRAY(SELECT m.id FROM member_unit AS m WHERE m.code = ANY(CAST(:units AS text[]))))"
WITHOUT_UNIT = "i.unit_id IS NULL"

AREA = """({row}.town_code = ANY(CAST(:areas AS text[])) OR {row}.village_code = ANY(CAST(:areas AS text[]))
           OR {row}.cell_code = ANY(CAST(:areas AS text[])))"""

WITHOUT_TOWN = "{row}.town_code IS NULL"

# Days are the district's, whose zone every connection has.
SINCE = "i.reported_at >= CAST(CAST(:since AS date) AS timestamptz)"
UNTIL = "i.reported_at < CAST(CAST(:until AS date) + 1 AS timestamptz)"
CLOSED_SINCE = "i.closed_at >= CAST(CAST(:closed_since AS date) AS timestamptz)"
CLOSED_UNTIL = "i.closed_at < CAST(CAST(:closed_until AS date) + 1 AS timestamptz)"

# ST_Covers, not ST_Contains: what lies on the line that was drawn is meant as well.
WITHIN = "ST_Covers(ST_GeomFromText(:within, 4326), {row}.geom)"


def _on_ground(row: str, areas: tuple[str, ...], within: str | None) -> list[Condition]:
    found = [_in_areas(row, areas)] if areas else []
    return [*found, Condition(WITHIN.format(row=row), {"within": within})] if within else found


def _in_areas(row: str, areas: tuple[str, ...]) -> Condition:
    codes = [code for code in areas if code != NO_AREA]
    if not codes:
        return Condition(WITHOUT_TOWN.format(row=row), {})
    known = AREA.format(row=row)
    if len(codes) == len(areas):
        return Condition(known, {"areas": codes})
    return Condition(f"({known} OR {WITHOUT_TOWN.format(row=row)})", {"areas": codes})


def _any_of(desks: tuple[str, ...]) -> str:
    return f"({' OR '.join(f'({DESKS[name]})' for name in desks)})"


def _clause(conditions: list[Condition]) -> str:
    return "\n       AND ".join(each.text for each in conditions) or "TRUE"


def _values(conditions: list[Condition]) -> dict[str, Any]:
    return {name: value for each in conditions for name, value in each.values.items()}


@dataclass(frozen=True)
class TicketFilter:
    """Conditions that all must hold; an empty one is no condition.

    states         groups of states, of GROUPS.
    desks          of DESKS: what waits for any of these at a desk.
    categories     category codes, or majors as their first two digits.
    due            of DEADLINES.
    units          codes of units; NO_UNIT for tickets that lie with an office.
    areas          codes of towns, villages or cells, as the tickets are stamped; NO_AREA for those without a town.
    since          first day of the report, in the district's zone.
    until          last day of the report, itself included.
    closed_since   first day of the closing, likewise; what is not closed is left out.
    closed_until   last day of the closing, itself included.
    within         WKT of a valid polygon, EPSG:4326, edges straight in degrees; its line belongs to it.
                   Tickets without a place are never within.
    scope          which tickets whoever asks may see; not theirs to choose or to drop.
    index          the tickets that a figure of an index counts; it has a period of its own.
    """

    states: tuple[str, ...] = ()
    desks: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    due: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    closed_since: date | None = None
    closed_until: date | None = None
    within: str | None = None
    scope: Scope = ALL
    index: IndexPart | None = None

    @property
    def is_empty(self) -> bool:
        """Whether all tickets there are are meant."""
        return self == NO_FILTER

    @property
    def is_open(self) -> bool:
        """Whether all there are that have not ended are meant, and no other condition is set."""
        return self.without("states").is_empty and frozenset(self.states) == OPEN_GROUPS

    def without(self, name: str) -> "TicketFilter":
        """The same filter less one of its conditions, named as above (`period` is since and until), never the scope."""
        if name == "scope":
            raise KeyError(name)
        names = ("since", "until") if name == "period" else (name,)
        return replace(self, **{each: getattr(NO_FILTER, each) for each in names})

    def clause(self) -> str:
        """A condition in SQL on a row `i` of `ticket`, with the names of `values()` as `:name`."""
        return _clause(self._conditions())

    def values(self) -> dict[str, Any]:
        """What the names of the clause are bound to."""
        return _values(self._conditions())

    def _conditions(self) -> list[Condition]:
        found: list[Condition] = []
        if self.states:
            states = [state for group in self.states for state in GROUPS[group]]
            found.append(Condition(STATE, {"states": states}))
        if self.desks:
            found.append(Condition(_any_of(self.desks), {}))
        if self.categories:
            found.append(Condition(CATEGORY, {"categories": list(self.categories)}))
        if self.due:
            found += self._due()
        if self.units:
            found.append(self._units())
        found += self._days()
        if self.index:
            found.append(Condition(*self.index.condition()))
        found += _on_ground("i", self.areas, self.within)
        scope = self.scope.condition()
        return [*found, scope] if scope else found

    def _days(self) -> list[Condition]:
        known = {"since": SINCE, "until": UNTIL, "closed_since": CLOSED_SINCE, "closed_until": CLOSED_UNTIL}
        return [Condition(clause, {name: day}) for name, clause in known.items() if (day := getattr(self, name))]

    def _due(self) -> list[Condition]:
        asked = set(self.due)
        if asked == set(DEADLINES):
            return []
        found = [Condition(DUE, {"due": list(self.due)})]
        if asked == {"soon"}:
            found.append(Condition(DUE_SOON, {}))
        elif asked == {"none"}:
            found.append(Condition(DUE_NEVER, {}))
        elif "none" not in asked:
            found.append(Condition(DUE_EVER, {}))
        return found

    def _units(self) -> Condition:
        codes = [code for code in self.units if code != NO_UNIT]
        if not codes:
            return Condition(WITHOUT_UNIT, {})
        if len(codes) == len(self.units):
            return Condition(UNIT, {"units": codes})
        return Condition(f"({UNIT} OR {WITHOUT_UNIT})", {"units": codes})


NO_FILTER = TicketFilter()
# For a caller who has not said whom the answer is for.
NO_TICKETS = TicketFilter(scope=NOTHING)


@dataclass(frozen=True)
class UnitFilter:
    """Units on the ground that a filter of tickets means: `areas` and `within` are those of TicketFilter."""

    areas: tuple[str, ...] = ()
    within: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether all units are meant."""
        return self == ALL_UNITS

    def clause(self) -> str:
        """A condition in SQL on a row `u` of `member_unit`, with the names of `values()` as `:name`."""
        return _clause(_on_ground("u", self.areas, self.within))

    def values(self) -> dict[str, Any]:
        """What the names of the clause are bound to."""
        return _values(_on_ground("u", self.areas, self.within))


ALL_UNITS = UnitFilter()


def fitting(
    collection_id: str, tickets: TicketFilter, units: UnitFilter = ALL_UNITS, reader: Reader = NOBODY
) -> TicketFilter | UnitFilter | CallScope | CountsTold:
    """What narrows a published collection: tickets and units have their filters, some the reader, others nothing."""
    if collection_id in OF_A_READER:
        return reader.of(collection_id)
    if collection_id == "tickets":
        return tickets
    return units if collection_id == "units" else ALL_UNITS
