"""What each index of an evaluation counts, as the records behind it: the figure is their sum, so both always agree.

Every statement gives rows of one index: whose (`code`), which record, on which day, and what it adds to numerator and
denominator. A period has the moments from `:start` to before `:by`, and the days from `:since` to before `:until`.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.queries.index_conditions import MEASURES, OfTickets
from geodata.queries.registrations import SMALL
from geodata.queries.resolutions import BECAME, STATE
from geodata.queries.scope import Scope

TODAY = "{row}.valid_from <= CURRENT_DATE AND ({row}.valid_to IS NULL OR {row}.valid_to > CURRENT_DATE)"

# The town of what is of an area on any level, `v` being the village that it may be of.
VILLAGE = f"LEFT JOIN area AS v ON v.level = 'village' AND v.code = {{code}} AND {TODAY.format(row='v')}"

_TICKETS = """
    SELECT {code} AS code, 'ticket' AS kind, i.number AS record, i.title AS name, CAST({moment} AS date) AS day,
           CASE WHEN {found} THEN 1.0 ELSE 0.0 END AS num, 1.0 AS den
      FROM ticket AS i
      LEFT JOIN member_unit AS u ON u.id = i.unit_id
     WHERE {moment} >= :start AND {moment} < :by
       AND {among} AND NOT {left_out}
       AND {scope}
"""

_PLEDGES = """
    SELECT {code} AS code, 'pledge' AS kind, p.code AS record, p.name AS name, p.valid_from AS day,
           CASE WHEN EXISTS (SELECT FROM pledge_kept AS k
                              WHERE k.pledge_id = p.id AND k.at >= :start AND k.at < :by)
                THEN 1.0 ELSE 0.0 END AS num,
           1.0 AS den
      FROM pledge AS p
      JOIN member_unit AS u ON u.id = p.unit_id
     WHERE p.valid_from < :until AND (p.valid_to IS NULL OR p.valid_to > :since)
"""

_PROJECTS = """
    SELECT {code} AS code, 'project' AS kind, p.code AS record, p.name AS name, p.ends_on AS day,
           CASE WHEN p.stage = 'done' THEN 1.0 ELSE 0.0 END AS num, 1.0 AS den
      FROM project AS p
      {join}
     WHERE p.ends_on >= :since AND p.ends_on < :until AND p.stage <> 'stopped'
       AND {code} IS NOT NULL
"""
_OF_UNITS = """
      JOIN (SELECT j.id AS project_id, j.lead_unit_id AS unit_id FROM project AS j WHERE j.lead_unit_id IS NOT NULL
            UNION SELECT r.project_id, r.unit_id FROM project_partner AS r) AS x ON x.project_id = p.id
      JOIN member_unit AS u ON u.id = x.unit_id
"""

_RESOURCES = """
    SELECT {code} AS code, 'resource' AS kind, r.code AS record, r.name AS name, r.valid_from AS day,
           CASE WHEN EXISTS (SELECT FROM joint_match AS m
                              WHERE m.resource_id = r.id AND m.state = 'accepted' AND m.at >= :start AND m.at < :by)
                THEN 1.0 ELSE 0.0 END AS num,
           1.0 AS den
      FROM resource AS r
      JOIN member_unit AS u ON u.id = r.unit_id
     WHERE (r.valid_from IS NULL OR r.valid_from < :until) AND (r.valid_to IS NULL OR r.valid_to > :since)
"""

_ATTENDANCE = """
    SELECT u.code AS code, 'meeting' AS kind, g.code AS record, g.name AS name, CAST(g.held_at AS date) AS day,
           CASE WHEN s.attended THEN 1.0 ELSE 0.0 END AS num, 1.0 AS den
      FROM meeting_seat AS s
      JOIN meeting AS g ON g.id = s.meeting_id
      JOIN member_unit AS u ON u.id = s.unit_id
     WHERE g.state = 'held' AND s.attended IS NOT NULL AND g.held_at >= :start AND g.held_at < :by
"""

_RESOLUTIONS = f"""
    SELECT {{code}} AS code, 'meeting' AS kind, g.code AS record, r.words AS name, CAST(g.held_at AS date) AS day,
           CASE WHEN {STATE} = 'done' THEN 1.0 ELSE 0.0 END AS num, 1.0 AS den
      FROM resolution AS r
      JOIN meeting AS g ON g.id = r.meeting_id
      {BECAME}
      {VILLAGE.format(code="g.area_code")} AND g.level = 'village'
     WHERE g.held_at >= :start AND g.held_at < :by AND r.state <> 'dropped' AND g.level = ANY(:levels)
"""

_DEMANDS = f"""
    SELECT {{code}} AS code, 'demand' AS kind, d.code AS record, d.name AS name, CAST(d.posted_at AS date) AS day,
           CASE WHEN d.state = 'met' THEN 1.0 ELSE 0.0 END AS num, 1.0 AS den
      FROM demand AS d
      {VILLAGE.format(code="d.area_code")} AND d.level = 'village'
     WHERE d.posted_at >= :start AND d.posted_at < :by AND d.state <> 'withdrawn' AND d.level = ANY(:levels)
"""

# The newest counts that had ended with the period. A town has those of its villages, unless it has counts of its own.
# A count hidden as too small is counted nowhere, and where a town's own would give one away, they count as none.
_REGISTRATION = f"""
    WITH newest AS (
      SELECT DISTINCT ON (n.of_kind, n.of_code) n.*
        FROM registration_count AS n
       WHERE n.last_day < :until AND n.members_total > 0 AND n.members_registered IS NOT NULL
       ORDER BY n.of_kind, n.of_code, n.last_day DESC, n.period DESC, n.id
    ), told AS (
      SELECT w.*
        FROM newest AS w
       WHERE w.members_registered >= :small
         AND NOT EXISTS (SELECT FROM registration_count AS m
                           JOIN area AS b ON b.level = 'village' AND b.code = m.of_code
                          WHERE w.of_kind = 'town' AND b.parent_code = w.of_code
                            AND m.of_kind = 'village' AND m.period = w.period
                            AND (m.members_registered < :small OR m.members_total < :small))
    )
    SELECT {{code}} AS code, 'registration' AS kind, r.of_code AS record, r.period AS name, r.last_day AS day,
           CAST(r.members_registered AS float8) AS num, CAST(r.members_total AS float8) AS den
      FROM told AS r
      {VILLAGE.format(code="r.of_code")} AND r.of_kind = 'village'
     WHERE r.of_kind = ANY(:levels)
       AND NOT ('town' = ANY(:levels) AND r.of_kind = 'village'
                AND EXISTS (SELECT FROM told AS t WHERE t.of_kind = 'town' AND t.of_code = v.parent_code))
"""

_HELD = """
    SELECT o.{code} AS code, 'point' AS kind, o.code AS record, o.name AS name, CAST(NULL AS date) AS day,
           CASE WHEN o.holder_id IS NOT NULL THEN 1.0 ELSE 0.0 END AS num, 1.0 AS den
      FROM responsibility_point AS o
"""

_COVERAGE = """
    SELECT c.code AS code, 'coverage' AS kind, c.code AS record, a.name AS name, CAST(n.at AS date) AS day,
           c.covered_m2 AS num, c.area_m2 AS den
      FROM coverage_area AS c
      JOIN coverage_run AS n ON n.id = c.run_id
      JOIN installation AS s ON s.coverage_radius_m = n.radius_m
      LEFT JOIN area AS a ON a.level = c.level AND a.code = c.code
       AND a.valid_from <= CURRENT_DATE AND (a.valid_to IS NULL OR a.valid_to > CURRENT_DATE)
     WHERE c.level = '{level}' AND n.category_code IS NULL
       AND n.id = (SELECT max(l.id) FROM coverage_run AS l
                    WHERE l.radius_m = s.coverage_radius_m AND l.category_code IS NULL)
"""

_TICKET_KEYS = {"unit": "u.code", "village": "i.village_code", "town": "i.town_code"}
_TOWN_OR = "COALESCE(v.parent_code, {code})"


def _tickets(measure: str, subject: str, *, is_never: bool = False) -> str:
    conditions = MEASURES[measure]
    if not isinstance(conditions, OfTickets):
        raise TypeError(measure)
    found = conditions.found.format(start=":start", by=":by")
    return _TICKETS.format(
        code=_TICKET_KEYS[subject],
        moment=conditions.moment,
        found=f"NOT ({found})" if is_never else found,
        among=conditions.among.format(start=":start", by=":by"),
        left_out=conditions.left_out,
        scope="{scope}",
    )


def _of_place(statement: str, row: str, subject: str) -> str:
    """A statement about what a unit has: for the unit, or where the thing itself, else its unit, stands."""
    stands = {"unit": "u.code", "village": "COALESCE({r}.village_code, u.village_code)"}
    code = stands.get(subject, "COALESCE({r}.town_code, u.town_code)").format(r=row)
    return statement.format(code=code)


# The rows of each index, by subject.
ROWS: Mapping[str, Mapping[str, str]] = {
    "in_time": {one: _tickets("handling_in_time", one) for one in _TICKET_KEYS},
    "first_pass": {one: _tickets("rework", one, is_never=True) for one in _TICKET_KEYS},
    "pledges": {one: _of_place(_PLEDGES, "p", one) for one in _TICKET_KEYS},
    "projects": {
        "unit": _PROJECTS.format(code="u.code", join=_OF_UNITS),
        "village": _PROJECTS.format(code="CASE WHEN p.level = 'village' THEN p.area_code END", join=""),
        "town": _PROJECTS.format(
            code="CASE WHEN p.level <> 'district' THEN COALESCE(v.parent_code, p.area_code) END",
            join=VILLAGE.format(code="p.area_code") + " AND p.level = 'village'",
        ),
    },
    "resources": {one: _of_place(_RESOURCES, "r", one) for one in ("unit", "town")},
    "attendance": {"unit": _ATTENDANCE},
    "resolutions": {
        "village": _RESOLUTIONS.format(code="g.area_code"),
        "town": _RESOLUTIONS.format(code=_TOWN_OR.format(code="g.area_code")),
    },
    "demands": {
        "village": _DEMANDS.format(code="d.area_code"),
        "town": _DEMANDS.format(code=_TOWN_OR.format(code="d.area_code")),
    },
    "registration": {
        "unit": _REGISTRATION.format(code="r.of_code"),
        "village": _REGISTRATION.format(code="r.of_code"),
        "town": _REGISTRATION.format(code=_TOWN_OR.format(code="r.of_code")),
    },
    "held": {one: _HELD.format(code=f"{one}_code") for one in ("village", "town")},
    "coverage": {one: _COVERAGE.format(level=one) for one in ("village", "town")},
}

# Of which levels records count for a subject.
_LEVELS = {"unit": ["unit"], "village": ["village"], "town": ["town", "village"]}

FIGURES = """
    SELECT r.code, sum(r.num) AS num, sum(r.den) AS den
      FROM ({rows}) AS r
     WHERE r.code IS NOT NULL AND (CAST(:code AS text) IS NULL OR r.code = :code)
     GROUP BY r.code
     ORDER BY r.code
"""

LISTED = """
    SELECT r.kind, r.record, r.name, r.day, r.num, r.den
      FROM ({rows}) AS r
     WHERE r.code = :code
     ORDER BY r.day DESC NULLS LAST, r.record, r.name
     LIMIT :limit
"""

SUBJECTS = {
    "unit": text("""
        SELECT u.code, u.name, u.town_code, u.village_code
          FROM member_unit AS u
         WHERE u.is_active
         ORDER BY u.code
    """),
    "village": text(f"""
        SELECT a.code, a.name, a.parent_code AS town_code, a.code AS village_code
          FROM area AS a
         WHERE a.level = 'village' AND {TODAY.format(row="a")}
         ORDER BY a.code, a.id
    """),
    "town": text(f"""
        SELECT a.code, a.name, a.code AS town_code, CAST(NULL AS text) AS village_code
          FROM area AS a
         WHERE a.level = 'town' AND {TODAY.format(row="a")}
         ORDER BY a.code, a.id
    """),
}


class Span(NamedTuple):
    """A period as the statements want it: moments, days (the last one excluded)."""

    start: datetime
    by: datetime
    since: date
    until: date


class Subject(NamedTuple):
    """A unit or area that is evaluated, and where it lies."""

    code: str
    name: str
    town_code: str | None = None
    village_code: str | None = None


class Figure(NamedTuple):
    """A numerator and its denominator."""

    num: float
    den: float


class Record(NamedTuple):
    """A record behind a figure, and what it adds to numerator and denominator."""

    kind: str
    record: str
    name: str | None
    day: date | None
    num: float
    den: float


def subjects(session: Session, subject: str) -> list[Subject]:
    """All active units, or the villages or towns of today, by code."""
    return [Subject(*row) for row in session.execute(SUBJECTS[subject])]


def figures(session: Session, index: str, subject: str, span: Span, *, code: str | None = None) -> dict[str, Figure]:
    """The figure of an index for each subject that has any, or for one of them."""
    statement = text(FIGURES.format(rows=ROWS[index][subject].replace("{scope}", "TRUE")))
    values = {**span._asdict(), "levels": _LEVELS[subject], "code": code, "small": SMALL}
    return {row.code: Figure(float(row.num or 0), float(row.den or 0)) for row in session.execute(statement, values)}


def records(
    session: Session, index: str, subject: str, span: Span, *, code: str, scope: Scope, limit: int
) -> list[Record]:
    """The records behind a figure, the newest first; of tickets those that a scope holds."""
    statement = text(LISTED.format(rows=ROWS[index][subject].replace("{scope}", scope.clause())))
    values = {**span._asdict(), "levels": _LEVELS[subject], "code": code, "small": SMALL, "limit": limit}
    return [Record(*row) for row in session.execute(statement, {**values, **scope.values()})]
