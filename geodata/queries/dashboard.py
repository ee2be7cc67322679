"""How the towns stand side by side now, in one reading of the tickets."""

from datetime import date
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.queries.plans import counting
from geodata.queries.sources import DEADLINE
from geodata.queries.ticket_filter import CLOSED_SINCE, DESKS, GROUPS, OPEN_GROUPS

_WEEK, _MONTH, _LATELY = (CLOSED_SINCE.replace(":closed_since", name) for name in (":week", ":month", ":lately"))
_HOURS = "CAST(EXTRACT(EPOCH FROM {last} - {first}) / 3600 AS float8)"

# Each figure is counted by the very condition with which the list of tickets is opened for it. The last row is the
# district's, so that medians and tickets without a town are in it too.
FIGURES = text(f"""
    SELECT i.town_code, GROUPING(i.town_code) = 1 AS is_whole,
           count(*) FILTER (WHERE i.state = ANY(CAST(:open_states AS text[]))) AS open,
           count(*) FILTER (WHERE {DESKS["late"]}) AS late,
           count(*) FILTER (WHERE {DESKS["assign"]}) AS to_assign,
           count(*) FILTER (WHERE {DESKS["check"]}) AS to_check,
           count(*) FILTER (WHERE {_WEEK}) AS closed_week,
           count(*) FILTER (WHERE {_MONTH}) AS closed_month,
           count(*) FILTER (WHERE {_LATELY}) AS closed,
           count(*) FILTER (WHERE {_LATELY} AND ({DEADLINE}) = 'ontime') AS in_time,
           count(*) FILTER (WHERE {_LATELY} AND ({DEADLINE}) = 'late') AS too_late,
           count(*) FILTER (WHERE {_LATELY} AND {DESKS["reworked"]}) AS reworked,
           count(*) FILTER (WHERE {_LATELY} AND {DESKS["bounced"]}) AS bounced,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY {_HOURS.format(first="i.reported_at", last="i.dispatched_at")})
               FILTER (WHERE {_LATELY}) AS dispatch_h,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY {_HOURS.format(first="i.dispatched_at", last="i.done_at")})
               FILTER (WHERE {_LATELY}) AS done_h
      FROM ticket AS i
     GROUP BY GROUPING SETS ((i.town_code), ())
     ORDER BY 2, 1
""")


class TownFigures(NamedTuple):
    """Tickets of one town as they stand; `town_code` None are those without a town, or all for the whole district.

    closed, in_time, too_late, reworked, bounced   of those closed lately; only those with a deadline are in time or
                                                   too late.
    dispatch_h, done_h                             median hours from report to dispatch and from there to done, of
                                                   those closed lately; None where there are none.
    """

    town_code: str | None
    is_whole: bool
    open: int
    late: int
    to_assign: int
    to_check: int
    closed_week: int
    closed_month: int
    closed: int
    in_time: int
    too_late: int
    reworked: int
    bounced: int
    dispatch_h: float | None
    done_h: float | None


def town_figures(session: Session, *, week: date, month: date, lately: date) -> list[TownFigures]:
    """Figures by town, and last those of the whole district.

    week, month, lately   the first days from which on a ticket counts as closed this week, this month, lately.
    """
    open_states = [state for group in sorted(OPEN_GROUPS) for state in GROUPS[group]]
    values = {"week": week, "month": month, "lately": lately, "open_states": open_states}
    with counting(session, by_place=False):
        return [TownFigures(*row) for row in session.execute(FIGURES, values)]
