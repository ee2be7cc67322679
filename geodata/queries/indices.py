"""The figures of indices: for each town, village, post, unit or category, in one period or in several in a row."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple, Protocol

from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.queries.index_conditions import KEYS, MEASURES, NO_KEY, OfEvents, OfTickets
from geodata.queries.plans import counting
from geodata.queries.ticket_filter import NO_FILTER, TicketFilter

# Days are the district's, whose zone every connection has; a period that is not over reaches to this moment.
BOUNDS = text("""
    SELECT CAST(d.since AS timestamptz) AS start, LEAST(CAST(d.until + 1 AS timestamptz), now()) AS by
      FROM unnest(CAST(:sinces AS date[]), CAST(:untils AS date[])) AS d (since, until)
     ORDER BY 1
""")

# Periods in a row are one stretch of time, read once: the bounds say which of them a moment belongs to.
OF_TICKETS = """
    SELECT b.number, CAST({key} AS text) AS whose, {counts}
      FROM ticket AS i {join}
     CROSS JOIN LATERAL (SELECT width_bucket({moment}, CAST(:starts AS timestamptz[])) AS number) AS b
     CROSS JOIN LATERAL (SELECT (CAST(:bys AS timestamptz[]))[b.number] AS by) AS p
     WHERE {moment} >= :first AND {moment} < :last
       AND {condition}
     GROUP BY 1, 2
     ORDER BY 1, 2
"""
# All indices of the same moment are told by one reading.
COUNT = """count(*) FILTER (WHERE {among} AND NOT {left_out}),
           count(*) FILTER (WHERE {among} AND NOT {left_out} AND ({found}) IS TRUE),
           count(*) FILTER (WHERE {among} AND {left_out})"""

OF_EVENTS = """
    SELECT c.number, c.whose, count(*) FILTER (WHERE NOT c.is_left_out),
           count(*) FILTER (WHERE NOT c.is_left_out AND {is_counted}), count(*) FILTER (WHERE c.is_left_out)
      FROM (SELECT width_bucket(e.at, CAST(:starts AS timestamptz[])) AS number, CAST({key} AS text) AS whose, i.id,
                   bool_or({found}) AS is_found, bool_or({left_out}) AS is_left_out
              FROM ticket_event AS e
              JOIN ticket AS i ON i.id = e.ticket_id {join}
             WHERE {among}
               AND e.at >= :first AND e.at < :last
               AND {condition}
             GROUP BY 1, 2, 3) AS c
     GROUP BY 1, 2
     ORDER BY 1, 2
"""

UNIT_OF_TICKET = "LEFT JOIN member_unit AS u ON u.id = i.unit_id"

# Duty cells are those of today: nobody writes down who had which cell before. Where no walk was ever written down,
# there is nothing to tell of.
DUTY_CELLS = """
             FROM duty_grid_cell AS m
             JOIN duty_grid AS x ON x.id = m.duty_grid_id
             JOIN grid_cell AS g ON g.code = m.cell_code AND g.valid_to IS NULL
            WHERE EXISTS (SELECT FROM cell_visit)
              AND (cardinality(CAST(:areas AS text[])) = 0
                   OR g.town_code = ANY(CAST(:areas AS text[])) OR g.village_code = ANY(CAST(:areas AS text[])))
              AND (CAST(:scope_towns AS text[]) IS NULL OR g.town_code = ANY(CAST(:scope_towns AS text[])))
              AND (CAST(:scope_villages AS text[]) IS NULL OR g.village_code = ANY(CAST(:scope_villages AS text[])))
              AND (CAST(:scope_grids AS integer[]) IS NULL OR x.id = ANY(CAST(:scope_grids AS integer[])))
"""
WALKED = "g.code IN (SELECT v.cell_code FROM cell_visit AS v WHERE v.day >= {since} AND v.day <= {until})"
CELL_KEYS = {"district": "''", "town": "g.town_code", "village": "g.village_code", "post": "x.code"}

OF_CELLS = """
    SELECT d.number, c.whose, count(*), count(*) FILTER (WHERE c.is_walked), 0
      FROM unnest(CAST(:sinces AS date[]), CAST(:untils AS date[])) WITH ORDINALITY AS d (since, until, number)
     CROSS JOIN LATERAL (
           SELECT DISTINCT CAST({key} AS text) AS whose, g.code, {walked} AS is_walked
           {cells}) AS c
     GROUP BY d.number, c.whose
     ORDER BY d.number, c.whose
"""

CELLS = """
    SELECT g.code, t.name AS town_name, n.name AS village_name,
           (SELECT max(v.day) FROM cell_visit AS v WHERE v.cell_code = g.code AND v.day <= :until) AS last_walked,
           ST_X(ST_PointOnSurface(g.geom)) AS lon, ST_Y(ST_PointOnSurface(g.geom)) AS lat
      FROM (SELECT DISTINCT g.id
            {cells}
              AND {whose}
              AND {part}) AS chosen
      JOIN grid_cell AS g ON g.id = chosen.id
      LEFT JOIN area AS t
        ON t.level = 'town' AND t.code = g.town_code
       AND t.valid_from <= CURRENT_DATE AND (t.valid_to IS NULL OR t.valid_to > CURRENT_DATE)
      LEFT JOIN area AS n
        ON n.level = 'village' AND n.code = g.village_code
       AND n.valid_from <= CURRENT_DATE AND (n.valid_to IS NULL OR n.valid_to > CURRENT_DATE)
     ORDER BY g.code
     LIMIT :limit OFFSET :skip
"""

AREAS = """
    SELECT a.code, a.name, COALESCE(a.name_en, a.name), p.name, a.area_m2
      FROM area AS a
      LEFT JOIN area AS p
        ON p.level = 'town' AND p.code = a.parent_code AND a.level = 'village'
       AND p.valid_from <= CURRENT_DATE AND (p.valid_to IS NULL OR p.valid_to > CURRENT_DATE)
     WHERE a.level = :level
       AND a.valid_from <= CURRENT_DATE AND (a.valid_to IS NULL OR a.valid_to > CURRENT_DATE)
       AND (cardinality(CAST(:areas AS text[])) = 0
            OR a.code = ANY(CAST(:areas AS text[])) OR a.parent_code = ANY(CAST(:areas AS text[])))
     ORDER BY a.code
"""

# Schemes may share a code; the ground of both is the code's.
POSTS = """
    SELECT g.code, min(g.name), min(g.name), min(t.name), sum(ST_Area(CAST(g.geom AS geography)))
      FROM duty_grid AS g
      LEFT JOIN area AS t
        ON t.level = 'town' AND t.code = g.town_code
       AND t.valid_from <= CURRENT_DATE AND (t.valid_to IS NULL OR t.valid_to > CURRENT_DATE)
     WHERE g.code = ANY(CAST(:codes AS text[]))
     GROUP BY g.code
     ORDER BY g.code
"""

UNITS = """
    SELECT u.code, u.name, u.name, t.name, NULL
      FROM member_unit AS u
      LEFT JOIN area AS t
        ON t.level = 'town' AND t.code = u.town_code
       AND t.valid_from <= CURRENT_DATE AND (t.valid_to IS NULL OR t.valid_to > CURRENT_DATE)
     WHERE u.code = ANY(CAST(:codes AS text[]))
     ORDER BY u.code
"""

CATEGORIES = """
    SELECT k.code, k.name_zh, k.name_en, NULL, NULL
      FROM category AS k
     WHERE k.code = ANY(CAST(:codes AS text[]))
     ORDER BY k.code
"""

NAMES = {"town": AREAS, "village": AREAS, "district": AREAS, "post": POSTS, "unit": UNITS, "category": CATEGORIES}

# Not an index: how many tickets were reported in a period, left-out ones too.
REPORTED = "reported"
ALL_REPORTED = OfTickets("i.reported_at", "TRUE", left_out="FALSE")


class Days(Protocol):
    """First and last day of a period, both included."""

    @property
    def since(self) -> date:
        """The first day."""

    @property
    def until(self) -> date:
        """The last day."""


class Figure(NamedTuple):
    """Numbers of tickets (of cells for `patrol`); `excluded` are those that were left out of both."""

    numerator: int = 0
    denominator: int = 0
    excluded: int = 0

    @property
    def share(self) -> float | None:
        """0..1; None where there is nothing to divide by."""
        return self.numerator / self.denominator if self.denominator else None


class Named(NamedTuple):
    """What a row of a table is of; `within` names the town it lies in, `area_m2` is geodesic, None without ground."""

    of: str
    name_zh: str
    name_en: str
    within: str | None
    area_m2: float | None


class DutyCell(NamedTuple):
    """A cell of a duty grid, the day it was last walked (None: never, or nobody wrote it down), and a point on it."""

    code: str
    town_name: str | None
    village_name: str | None
    last_walked: date | None
    lon: float
    lat: float


# By index and code on the level: a figure for each period, in their order.
Figures = dict[str, dict[str, list[Figure]]]


def figures(
    session: Session, ids: Iterable[str], *, level: str, periods: Sequence[Days], tickets: TicketFilter
) -> Figures:
    """Figures of indices (and of REPORTED, whose numerator is the denominator) among the tickets of a filter.

    periods   one, or several in a row without a gap, the oldest first.

    Codes without any such ticket in any of the periods are absent; NO_KEY stands for tickets without a code.
    Of the filter, cells heed the areas and the scope alone.
    """
    found: Figures = {id_: {} for id_ in ids}
    by_moment: dict[str, list[str]] = {}
    asked = _Asked(session, level, periods, tickets)
    with counting(session, by_place=tickets.within is not None):
        for id_ in found:
            measure = ALL_REPORTED if id_ == REPORTED else MEASURES[id_]
            if isinstance(measure, OfTickets):
                by_moment.setdefault(measure.moment, []).append(id_)
            elif isinstance(measure, OfEvents):
                _take(found, [id_], asked.of_events(measure), len(periods))
            elif level in CELL_KEYS:
                _take(found, [id_], asked.of_cells(), len(periods))
        for moment, of_moment in by_moment.items():
            _take(found, of_moment, asked.of_tickets(moment, of_moment), len(periods))
    return found


def names(session: Session, level: str, *, codes: Iterable[str], areas: Sequence[str] = ()) -> list[Named]:
    """Names by code: of areas all of a level within `areas` (all there are without), of others those with a code."""
    values: dict[str, Any] = {"codes": sorted(codes)}
    if NAMES[level] is AREAS:
        values = {"level": level, "areas": list(areas)}
    return [Named(*row) for row in session.execute(text(NAMES[level]), values)]


def cells(
    session: Session,
    part: str,
    *,
    days: Days,
    level: str,
    of: str,
    tickets: TicketFilter = NO_FILTER,
    limit: int,
    skip: int = 0,
) -> list[DutyCell]:
    """The cells behind a figure of `patrol`, by code: numerator, denominator or rest; of the filter see `figures`."""
    walked = WALKED.format(since=":since", until=":until")
    parts = {"numerator": walked, "denominator": "TRUE", "rest": f"NOT {walked}", "excluded": "FALSE"}
    key = CELL_KEYS[level]
    whose = "TRUE" if level == "district" else f"{key} IS NULL" if of == NO_KEY else f"{key} = :of"
    values = {"since": days.since, "until": days.until, "limit": limit, "skip": skip, **_cell_limits(tickets)}
    statement = CELLS.format(cells=DUTY_CELLS, whose=whose, part=parts[part])
    bound = {**values, **({"of": of} if whose.endswith(":of") else {})}
    return [DutyCell(*row) for row in session.execute(text(statement), bound)]


Rows = list[tuple[int, str, list[Figure]]]


class _Asked(NamedTuple):
    """One question; its answers are (number of the period from 0, code, figures)."""

    session: Session
    level: str
    periods: Sequence[Days]
    tickets: TicketFilter

    def of_tickets(self, moment: str, ids: Sequence[str]) -> Rows:
        """Figures of indices of one moment, in the order of `ids`."""
        counts = []
        for id_ in ids:
            measure = MEASURES.get(id_, ALL_REPORTED)
            if isinstance(measure, OfTickets):
                counts.append(COUNT.format(among=f"({measure.among})", left_out=measure.left_out, found=measure.found))
        statement = OF_TICKETS.format(
            moment=moment,
            key="u.code" if self.level == "unit" else KEYS[self.level],
            join=UNIT_OF_TICKET if self.level == "unit" else "",
            counts=", ".join(counts).format(by="p.by"),
            condition=self.tickets.clause(),
        )
        return self._rows(statement, {**self.tickets.values(), **self._bounds()})

    def of_events(self, measure: OfEvents) -> Rows:
        """The figure of an index over events."""
        of_event = self.level == "unit" and measure.unit is not None
        statement = OF_EVENTS.format(
            key=measure.unit if of_event else "u.code" if self.level == "unit" else KEYS[self.level],
            join=UNIT_OF_TICKET if self.level == "unit" and not of_event else "",
            among=measure.among,
            found=measure.found,
            left_out=measure.left_out,
            is_counted="NOT c.is_found" if measure.is_never else "c.is_found",
            condition=self.tickets.clause(),
        )
        return self._rows(statement, {**self.tickets.values(), **self._bounds()})

    def of_cells(self) -> Rows:
        """The figure of the index over cells."""
        walked = WALKED.format(since="d.since", until="d.until")
        statement = OF_CELLS.format(key=CELL_KEYS[self.level], walked=walked, cells=DUTY_CELLS)
        return self._rows(statement, {**_cell_limits(self.tickets), **self._days()})

    def _rows(self, statement: str, values: Mapping[str, Any]) -> Rows:
        return [
            (number - 1, NO_KEY if whose is None else whose, _triples(counts))
            for number, whose, *counts in self.session.execute(text(statement), values)
        ]

    def _days(self) -> dict[str, Any]:
        return {"sinces": [each.since for each in self.periods], "untils": [each.until for each in self.periods]}

    def _bounds(self) -> dict[str, Any]:
        bounds = self.session.execute(BOUNDS, self._days()).all()
        starts, bys = [row.start for row in bounds], [row.by for row in bounds]
        return {"starts": starts, "bys": bys, "first": starts[0], "last": bys[-1]}


def _cell_limits(tickets: TicketFilter) -> dict[str, list[Any] | None]:
    """Which ground a filter means, as the cells are asked for it."""
    scope = tickets.scope
    return {
        "areas": list(tickets.areas),
        "scope_towns": None if scope.towns is None else list(scope.towns),
        "scope_villages": None if scope.villages is None else list(scope.villages),
        "scope_grids": None if scope.duty_grids is None else list(scope.duty_grids),
    }


def _triples(counts: Sequence[int]) -> list[Figure]:
    return [
        Figure(numerator, denominator, excluded)
        for denominator, numerator, excluded in zip(counts[::3], counts[1::3], counts[2::3], strict=True)
    ]


def _take(found: Figures, ids: Sequence[str], rows: Rows, periods: int) -> None:
    for number, whose, told in rows:
        for id_, figure in zip(ids, told, strict=True):
            if figure != Figure():
                found[id_].setdefault(whose, [Figure()] * periods)[number] = figure
