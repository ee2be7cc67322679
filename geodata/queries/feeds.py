"""What is new on a piece of ground: tickets, projects, demands, pledges and meetings, the newest first."""

from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.queries.scope import OWN_REPORT, Scope

_TODAY = "a.valid_from <= CURRENT_DATE AND (a.valid_to IS NULL OR a.valid_to > CURRENT_DATE)"

GROUND = text(f"""
    SELECT a.name, a.valid_from
      FROM area AS a
     WHERE a.level = :level AND a.code = :code AND {_TODAY}
     UNION ALL
    SELECT c.code, c.valid_from
      FROM grid_cell AS c
     WHERE :level = 'cell' AND c.code = :code AND c.valid_to IS NULL
     LIMIT 1
""")

# Cells' codes come back when a grid is cut again, so a cell has no tickets from before it was there.
TICKETS_OF = {
    "district": "TRUE",
    "town": "i.town_code = :code",
    "village": "i.village_code = :code",
    "cell": "i.cell_code = :code AND i.reported_at >= CAST(:since AS date)",
}

# What an area has is what lies in it, what is its own, and of a town what is its villages'.
RECORDS_OF = {
    "district": "TRUE",
    "town": f"""(r.town_code = :code OR (r.level = 'town' AND r.area_code = :code) OR EXISTS (
                SELECT FROM area AS a
                 WHERE r.level = 'village' AND a.level = 'village' AND a.code = r.area_code AND a.parent_code = :code
                   AND {_TODAY}))""",
    "village": "(r.village_code = :code OR (r.level = 'village' AND r.area_code = :code))",
    "cell": "r.cell_code = :code",
}

# Tickets are many, and a condition that few of them meet must not be looked for along all of time. So the tickets of a
# small ground or of a narrow scope are gathered first; those of towns are taken from the index of each town, and those
# of the whole district from that of time.
_NEAR = """
       near AS MATERIALIZED (
           SELECT i.id, i.reported_at, i.closed_at
             FROM ticket AS i
            WHERE {near} AND i.state <> 'draft')"""

_NEWEST_NEAR = """
               (SELECT n.id, n.{at} AS at
                  FROM near AS n
                 WHERE n.{at} IS NOT NULL
                 ORDER BY n.{at} DESC, n.id DESC
                 LIMIT :most)"""

_NEWEST_OF_TOWNS = """
               SELECT l.id, l.at
                 FROM unnest(CAST(:towns AS text[])) AS k (code),
                      LATERAL (SELECT i.id, i.{at} AS at
                                 FROM ticket AS i
                                WHERE i.town_code = k.code AND i.{at} IS NOT NULL AND i.state <> 'draft'
                                ORDER BY i.{at} DESC, i.id DESC
                                LIMIT :most) AS l"""

_NEWEST_OF_ALL = """
               (SELECT i.id, i.{at} AS at
                  FROM ticket AS i
                 WHERE i.{at} IS NOT NULL AND i.state <> 'draft'
                 ORDER BY i.{at} DESC, i.id DESC
                 LIMIT :most)"""

_TICKET_PART = """
       (SELECT 'ticket' AS kind, '{what}' AS what, i.number AS code, 0 AS seq, i.title AS name, w.at, i.address,
               i.category_code, i.town_code, i.village_code, i.geom
          FROM ({newest}) AS w
          JOIN ticket AS i ON i.id = w.id
         ORDER BY w.at DESC, w.id DESC
         LIMIT :most)"""

# A pledge without a place of its own is drawn at its unit, and is new on the day from which it is good.
_RECORD_PARTS = """
       (SELECT 'project', CASE WHEN e.seq = 1 THEN 'new' ELSE e.to_stage END, r.code, e.seq, r.name, e.at, r.address,
               NULL, r.town_code, r.village_code, r.geom
          FROM project_event AS e
          JOIN project AS r ON r.id = e.project_id
         WHERE {of} AND (e.seq = 1 OR e.to_stage <> e.from_stage)
         ORDER BY e.at DESC, e.id DESC
         LIMIT :most)
        UNION ALL
       (SELECT 'demand', 'new', r.code, 0, r.name, r.posted_at, r.address, NULL, r.town_code, r.village_code, r.geom
          FROM demand AS r
         WHERE {of}
         ORDER BY r.posted_at DESC, r.id DESC
         LIMIT :most)
        UNION ALL
       (SELECT 'pledge', 'new', r.code, 0, r.name, CAST(r.valid_from AS timestamp) AT TIME ZONE :zone, r.address, NULL,
               r.town_code, r.village_code, r.geom
          FROM (SELECT p.id, p.code, p.name, p.valid_from, COALESCE(p.address, u.address) AS address, p.level,
                       p.area_code, COALESCE(p.geom, u.geom) AS geom,
                       CASE WHEN p.geom IS NULL THEN u.town_code ELSE p.town_code END AS town_code,
                       CASE WHEN p.geom IS NULL THEN u.village_code ELSE p.village_code END AS village_code,
                       CASE WHEN p.geom IS NULL THEN u.cell_code ELSE p.cell_code END AS cell_code
                  FROM pledge AS p
                  JOIN member_unit AS u ON u.id = p.unit_id
                 WHERE p.valid_from > DATE '1900-01-01'
                   AND CAST(p.valid_from AS timestamp) AT TIME ZONE :zone <= now()) AS r
         WHERE {of}
         ORDER BY r.valid_from DESC, r.id DESC
         LIMIT :most)
        UNION ALL
       (SELECT 'meeting', 'held', r.code, 0, r.name, r.held_at, r.address, NULL, r.town_code, r.village_code, r.geom
          FROM meeting AS r
         WHERE {of} AND :with_meetings AND r.state = 'held' AND r.held_at <= now()
         ORDER BY r.held_at DESC, r.id DESC
         LIMIT :most)"""

_NEWS = """
    WITH{near},
       news AS ({parts})
    SELECT n.kind, n.what, n.code, n.seq, n.name, n.at, n.address, k.name_zh AS category_zh, k.name_en AS category_en,
           n.category_code, t.name AS town, v.name AS village, ST_X(n.geom) AS lon, ST_Y(n.geom) AS lat
      FROM (SELECT *
              FROM news
             ORDER BY at DESC, kind, code DESC, seq DESC, what
             LIMIT :most) AS n
      LEFT JOIN category AS k ON k.code = n.category_code
      LEFT JOIN LATERAL (
           SELECT a.name FROM area AS a WHERE a.level = 'town' AND a.code = n.town_code AND {today} LIMIT 1
           ) AS t ON TRUE
      LEFT JOIN LATERAL (
           SELECT a.name FROM area AS a WHERE a.level = 'village' AND a.code = n.village_code AND {today} LIMIT 1
           ) AS v ON TRUE
     ORDER BY n.at DESC, n.kind, n.code DESC, n.seq DESC, n.what
"""


class _Tickets(NamedTuple):
    """Which tickets are asked for: those gathered first by a condition, and beside them those of towns (None: all)."""

    near: str
    towns: tuple[str, ...] | None


def _tickets(level: str, code: str, scope: Scope) -> _Tickets:
    is_narrow = scope.unit_id is not None or scope.duty_grids is not None or scope.villages is not None
    if is_narrow or level in {"village", "cell"}:
        return _Tickets(f"{TICKETS_OF[level]} AND {scope.clause()}", ())
    towns = scope.towns if level == "district" else (code,) if scope.has_town(code) else ()
    if scope.reporter is None or towns is None:
        return _Tickets("FALSE", towns)
    return _Tickets(
        f"{TICKETS_OF[level]} AND {OWN_REPORT} AND COALESCE(i.town_code, '') <> ALL(CAST(:towns AS text[]))", towns
    )


def statement(level: str, code: str, scope: Scope) -> str:
    """The statement for the news of a ground, as somebody of a scope asks for them."""
    tickets = _tickets(level, code, scope)
    newest = (
        (_NEWEST_OF_ALL if tickets.towns is None else _NEWEST_OF_TOWNS) + "\n                UNION ALL" + _NEWEST_NEAR
    )
    parts = [
        _TICKET_PART.format(what=what, newest=newest.format(at=at))
        for what, at in (("reported", "reported_at"), ("closed", "closed_at"))
    ]
    parts.append(_RECORD_PARTS.format(of=RECORDS_OF[level]))
    return _NEWS.format(near=_NEAR.format(near=tickets.near), parts="\n        UNION ALL".join(parts), today=_TODAY)


def values(level: str, code: str, scope: Scope) -> dict[str, Any]:
    """What the names of that statement are bound to, but for those that `news` takes."""
    return {"code": code, "towns": list(_tickets(level, code, scope).towns or ()), **scope.values()}


class Ground(NamedTuple):
    """An area or cell of today, and since when it is what it is; the name of a cell is its code."""

    name: str
    since: date


class News(NamedTuple):
    """Something new. What is told about it is never changed, and (kind, code, seq, what) names it for ever.

    kind   `ticket` (what: reported, closed), `project` (new, or the stage it came to), `demand`, `pledge` (new),
           `meeting` (held).
    at     when it came about; lon, lat are None for what has no place.
    """

    kind: str
    what: str
    code: str
    seq: int
    name: str
    at: datetime
    address: str | None
    category_zh: str | None
    category_en: str | None
    category_code: str | None
    town: str | None
    village: str | None
    lon: float | None
    lat: float | None


def ground(session: Session, level: str, code: str) -> Ground | None:
    """The area (district, town, village) or cell of that code today; None where there is none."""
    row = session.execute(GROUND, {"level": level, "code": code}).first()
    return Ground(*row) if row else None


def news(
    session: Session, level: str, code: str, *, since: date, zone: str, scope: Scope, with_meetings: bool, most: int
) -> list[News]:
    """The newest of an area or cell, the newest first, at most so many.

    since  when the ground became what it is.
    zone   the district's time zone, in which days begin.
    scope  the tickets that the reader may see.
    """
    bound = {"since": since, "zone": zone, "with_meetings": with_meetings, "most": most}
    rows = session.execute(text(statement(level, code, scope)), bound | values(level, code, scope))
    return [News(*row) for row in rows]
