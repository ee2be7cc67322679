"""What a unit has to do and how it did lately, in a few figures."""

from datetime import date
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.queries.scope import Scope
from geodata.queries.sources import DEADLINE
from geodata.queries.ticket_filter import CLOSED_SINCE, DESKS, GROUPS, OPEN_GROUPS

_LATELY = CLOSED_SINCE.replace(":closed_since", ":lately")

# By the conditions of the lists that the figures open. A return takes the ticket from the unit, so the history says it.
FIGURES = f"""
    SELECT count(*) FILTER (WHERE i.state = ANY(CAST(:open_states AS text[]))) AS open,
           count(*) FILTER (WHERE {DESKS["late"]}) AS late,
           count(*) FILTER (WHERE {DESKS["accept"]}) AS to_accept,
           count(*) FILTER (WHERE {_LATELY}) AS closed,
           count(*) FILTER (WHERE {_LATELY} AND ({DEADLINE}) = 'ontime') AS in_time,
           count(*) FILTER (WHERE {_LATELY} AND ({DEADLINE}) = 'late') AS too_late,
           count(*) FILTER (WHERE {_LATELY} AND {DESKS["reworked"]}) AS reworked,
           (SELECT count(*)
              FROM ticket_event AS e
              JOIN ticket AS i ON i.id = e.ticket_id
             WHERE e.action = 'return'
               AND CAST(e.facts ->> 'returned_by_id' AS integer) = :unit_id
               AND e.at >= CAST(CAST(:lately AS date) AS timestamptz)
               AND {{returns}}) AS returned
      FROM ticket AS i
     WHERE i.unit_id = :unit_id AND {{scope}}
"""


class UnitFigures(NamedTuple):
    """Tickets that lie with a unit now; those it closed lately, and tickets it has returned since then."""

    open: int
    late: int
    to_accept: int
    closed: int
    in_time: int
    too_late: int
    reworked: int
    returned: int

    @property
    def in_time_share(self) -> float | None:
        """Share 0..1 of those closed lately, with a deadline, that were in time; None where there are none."""
        with_deadline = self.in_time + self.too_late
        return self.in_time / with_deadline if with_deadline else None


def unit_figures(session: Session, unit_id: int, *, lately: date, scope: Scope, is_own: bool = False) -> UnitFigures:
    """The figures of one unit.

    lately   first day of closing and of returns, in the district's zone.
    scope    of the tickets, and of those that were returned.
    is_own   asked by the unit itself, which knows what it returned wherever that lies now.
    """
    open_states = [state for group in sorted(OPEN_GROUPS) for state in GROUPS[group]]
    values = {"unit_id": unit_id, "lately": lately, "open_states": open_states, **scope.values()}
    returns = "TRUE" if is_own else scope.clause()
    statement = text(FIGURES.format(scope=scope.clause(), returns=returns))
    return UnitFigures(*session.execute(statement, values).one())
