"""How the towns stand side by side now: one reading of the tickets, and the towns' shapes for a small map."""

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

# As SVG has it: x to the right, y downwards, in metres of the district's CRS. 60 m are less than a pixel there.
SHAPES = text("""
    SELECT s.code, s.name, s.area_m2, ST_AsSVG(s.shape, 0, 0) AS path, ST_X(s.middle) AS x, -ST_Y(s.middle) AS y,
           ST_XMin(s.shape) AS west, -ST_YMax(s.shape) AS north, ST_XMax(s.shape) AS east, -ST_YMin(s.shape) AS south
      FROM (SELECT a.code, a.name, a.area_m2, p.shape, ST_PointOnSurface(p.shape) AS middle
              FROM area AS a
              LEFT JOIN LATERAL (SELECT ST_SimplifyPreserveTopology(a.geom_m, 60) AS shape) AS p ON a.geom IS NOT NULL
             WHERE a.level = 'town'
               AND a.valid_from <= CURRENT_DATE AND (a.valid_to IS NULL OR a.valid_to > CURRENT_DATE)) AS s
     ORDER BY s.code
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


class TownShape(NamedTuple):
    """A town of today; all from `path` on is None where it has no boundary.

    path, x, y, box   data of an SVG path, a point inside, and the box around it: metres, y downwards.
    """

    code: str
    name: str
    area_m2: float | None
    path: str | None
    x: float | None
    y: float | None
    west: float | None
    north: float | None
    east: float | None
    south: float | None


def town_figures(session: Session, *, week: date, month: date, lately: date) -> list[TownFigures]:
    """Figures by town, and last those of the whole district.

    week, month, lately   the first days from which on a ticket counts as closed this week, this month, lately.
    """
    open_states = [state for group in sorted(OPEN_GROUPS) for state in GROUPS[group]]
    values = {"week": week, "month": month, "lately": lately, "open_states": open_states}
    with counting(session, by_place=False):
        return [TownFigures(*row) for row in session.execute(FIGURES, values)]


def town_shapes(session: Session) -> list[TownShape]:
    """The towns of today by code, with or without a boundary."""
    return [TownShape(*row) for row in session.execute(SHAPES)]
