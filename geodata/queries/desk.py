"""Tickets as a desk works them: in order, page after page, with what each waits for, and how many wait for what."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.queries.plans import counting
from geodata.queries.sources import DEADLINE
from geodata.queries.ticket_filter import DESKS, GROUPS, OPEN_GROUPS, TicketFilter
from geodata.queries.worklist import ENDED, NAMED, TicketLine

# What is to be done first stands first: the open by their deadline, of equals the oldest report.
DUE = f"""{ENDED}, CASE WHEN {ENDED} THEN 'infinity' ELSE COALESCE(i.due_at, 'infinity') END,
              i.reported_at, i.number"""

ORDERS = {"due": DUE, "reported": "i.reported_at DESC, i.number DESC"}

# Whole rows are compared, so that no page depends on how many tickets stand before it.
AFTER = {
    "due": f"""({DUE})
               > (CAST(:after_ended AS boolean), CAST(:after_due AS timestamptz),
                  CAST(:after_reported AS timestamptz), CAST(:after_number AS text))""",
    "reported": """(i.reported_at, i.number)
               < (CAST(:after_reported AS timestamptz), CAST(:after_number AS text))""",
}

LINES = f"""
    SELECT i.number, i.title, i.category_code, c.name_zh, c.name_en, i.state, i.reported_at, i.due_at, {DEADLINE},
           u.code, u.name, o.name, t.name, v.name, i.office_code, i.town_code, i.village_code,
           i.pending, i.is_supervised, i.return_count, i.rework_count, i.address, i.cell_code,
           ST_X(i.geom) AS lon, ST_Y(i.geom) AS lat, ST_X(i.geom_m) AS x, ST_Y(i.geom_m) AS y
      FROM (SELECT i.*
              FROM ticket AS i
             WHERE {{condition}}
             ORDER BY {{order}}
             LIMIT :limit) AS i
{NAMED}
     ORDER BY {{order}}
"""

ONE = "i.number = :number"

# Four eyes: whoever handled a ticket is not asked to check it.
NOT_OWN_CHECK = """(i.state NOT IN ('done', 'checking') OR NOT EXISTS (
           SELECT FROM ticket_event AS e
            WHERE e.ticket_id = i.id AND e.actor = :handler AND e.action = ANY(CAST(:handling AS text[]))))"""

COUNTS = f"""
    SELECT count(*) FILTER (WHERE i.state = ANY(CAST(:open_states AS text[]))) AS open,
           {", ".join(f"count(*) FILTER (WHERE {condition}) AS {name}" for name, condition in DESKS.items())},
           count(*) FILTER (WHERE {{todo}}) AS todo
      FROM ticket AS i
     WHERE {{condition}}
"""

_ZERO = datetime(1970, 1, 1, tzinfo=UTC)


class Mark(NamedTuple):
    """A ticket's place in the orders of a desk; `due_at` None is no deadline, as of all that has ended."""

    has_ended: bool
    due_at: datetime | None
    reported_at: datetime
    number: str

    def __str__(self) -> str:
        """As an address has it: microseconds since 1970 and the number."""
        due = "" if self.due_at is None else str(_microseconds(self.due_at))
        return f"{self.has_ended:d}_{due}_{_microseconds(self.reported_at)}_{self.number}"

    @classmethod
    def parse(cls, told: str) -> "Mark":
        """The mark that was written so. Raises ValueError for anything else."""
        ended, due, reported, number = told.split("_", 3)
        if ended not in {"0", "1"} or not number:
            raise ValueError(told)
        return cls(ended == "1", _moment(due) if due else None, _moment(reported), number)


class DeskLine(NamedTuple):
    """One ticket of a desk.

    line        the ticket as every list has it.
    pending     what somebody has asked for and nobody has answered: extend, suspend, appeal, referee.
    lon, lat    WGS 84 degrees; x, y in the district's metre CRS; all None where the place is not known.
    """

    line: TicketLine
    pending: str | None
    is_supervised: bool
    return_count: int
    rework_count: int
    address: str | None
    cell_code: str | None
    lon: float | None
    lat: float | None
    x: float | None
    y: float | None

    @property
    def mark(self) -> Mark:
        """Its place in the orders."""
        has_ended = self.line.state in GROUPS["closed"]
        return Mark(has_ended, None if has_ended else self.line.due_at, self.line.reported_at, self.line.number)


class DeskCounts(NamedTuple):
    """How many tickets wait for what.

    open   all that have not ended.
    todo   those that wait for any of what was asked about together.
    """

    open: int
    todo: int
    desks: dict[str, int]


def desk_lines(
    session: Session,
    tickets: TicketFilter,
    *,
    order: str = "due",
    limit: int,
    after: Mark | None = None,
    number: str | None = None,
    handler: str | None = None,
    handling: Sequence[str] = (),
) -> list[DeskLine]:
    """Tickets that fit the filter, in an order of ORDERS, from behind `after` on.

    number     of the only one that is meant.
    handler    name of somebody who is not shown what waits for a check and went through their own hands;
               `handling` are the actions by which it did.
    """
    conditions, values = [tickets.clause()], {**tickets.values(), "limit": limit}
    if after is not None:
        conditions.append(AFTER[order])
        values |= {
            "after_ended": after.has_ended,
            "after_due": after.due_at.isoformat() if after.due_at else "infinity",
            "after_reported": after.reported_at,
            "after_number": after.number,
        }
    if number is not None:
        conditions.append(ONE)
        values["number"] = number
    if handler is not None:
        conditions.append(NOT_OWN_CHECK)
        values |= {"handler": handler, "handling": list(handling)}
    statement = text(LINES.format(condition="\n               AND ".join(conditions), order=ORDERS[order]))
    width = len(TicketLine._fields)
    return [DeskLine(TicketLine(*row[:width]), *row[width:]) for row in session.execute(statement, values)]


def desk_counts(
    session: Session,
    tickets: TicketFilter,
    *,
    todo: Sequence[str],
    handler: str | None = None,
    handling: Sequence[str] = (),
) -> DeskCounts:
    """How many tickets wait for what, whatever states and desks the filter asks for.

    todo       names of DESKS that are counted together as well, each ticket once.
    handler    as for `desk_lines`, and `handling` likewise.
    """
    asked = tickets.without("states").without("desks")
    values = {**asked.values(), "open_states": [state for group in OPEN_GROUPS for state in GROUPS[group]]}
    condition = asked.clause()
    if handler is not None:
        condition = f"{condition} AND {NOT_OWN_CHECK}"
        values |= {"handler": handler, "handling": list(handling)}
    together = " OR ".join(f"({DESKS[name]})" for name in todo) or "FALSE"
    statement = text(COUNTS.format(condition=condition, todo=together))
    with counting(session, by_place=asked.within is not None):
        row = session.execute(statement, values).one()
    told = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping begins so
    return DeskCounts(told.pop("open"), told.pop("todo"), told)


def _microseconds(moment: datetime) -> int:
    return (moment - _ZERO) // timedelta(microseconds=1)


def _moment(told: str) -> datetime:
    try:
        return _ZERO + timedelta(microseconds=int(told))
    except OverflowError as error:
        raise ValueError(told) from error
