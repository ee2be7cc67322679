"""The desk where people decide about addresses: what waits, how it is getting on, and the ground of a place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Self

from sqlalchemy import text
from sqlalchemy.orm import Session

# Of whom an address is: the town that it names. Tables of records are joined by their unique codes.
_WAITING = """
      FROM geocode_result AS r
      LEFT JOIN member_unit AS u ON r.target_kind = 'units' AND u.code = r.target_code
      LEFT JOIN responsibility_point AS p ON r.target_kind = 'points' AND p.code = r.target_code
     WHERE r.status = 'review'
       AND r.target_kind = ANY(CAST(:kinds AS text[]))
       AND (CAST(:towns AS text[]) IS NULL OR r.why #>> '{parsed,town_code}' = ANY(CAST(:towns AS text[])))
"""

_ASKED = """
       AND (CAST(:kind AS text) IS NULL OR r.target_kind = :kind)
       AND (CAST(:code AS text) IS NULL OR r.target_code = :code)
       AND (CAST(:ids AS bigint[]) IS NULL OR r.id = ANY(CAST(:ids AS bigint[])))
       AND (CAST(:town AS text) IS NULL OR COALESCE(r.why #>> '{parsed,town_code}', 'none') = :town)
       AND (CAST(:level AS text) IS NULL OR COALESCE(r.level, 'none') = :level)
       AND (CAST(:reason AS text) IS NULL
            OR r.why -> 'reasons' @> jsonb_build_array(jsonb_build_object('word', CAST(:reason AS text))))
       AND (CAST(:words AS text) IS NULL
            OR strpos(lower(concat_ws(' ', r.text, r.target_code, u.name, p.name)), lower(:words)) > 0)
"""

# The surest first: they go by fastest. The id makes the order whole, and the mark of a page says both.
ROWS = text(f"""
    SELECT r.id, r.target_kind, r.target_code, COALESCE(u.name, p.name) AS name, r.text, r.level, r.score, r.why,
           r.candidates, r.at
    {_WAITING} {_ASKED}
       AND (CAST(:after_id AS bigint) IS NULL
            OR r.score < CAST(:after_score AS double precision)
            OR (r.score = CAST(:after_score AS double precision) AND r.id > CAST(:after_id AS bigint)))
     ORDER BY r.score DESC, r.id
     LIMIT :limit
""")

TOTAL = text(f"SELECT count(*) {_WAITING} {_ASKED}")

# One pass for all that can be filtered by; a row counts once for each of its reasons.
CHOICES = text(f"""
    WITH waiting AS (
        SELECT r.target_kind, r.level, r.why #>> '{{parsed,town_code}}' AS town_code, r.why -> 'reasons' AS reasons
        {_WAITING})
    SELECT 'kind' AS part, target_kind AS value, count(*) AS many FROM waiting GROUP BY target_kind
     UNION ALL
    SELECT 'town', COALESCE(town_code, 'none'), count(*) FROM waiting GROUP BY COALESCE(town_code, 'none')
     UNION ALL
    SELECT 'level', COALESCE(level, 'none'), count(*) FROM waiting GROUP BY COALESCE(level, 'none')
     UNION ALL
    SELECT 'reason', e.word, count(*)
      FROM waiting, LATERAL (SELECT DISTINCT j ->> 'word' AS word FROM jsonb_array_elements(reasons) AS j) AS e
     GROUP BY e.word
     ORDER BY part, many DESC, value
""")

ACCEPTED_BY_LEVEL = text("""
    SELECT r.level, count(*) AS many
      FROM geocode_result AS r
     WHERE r.status = 'accepted'
       AND r.target_kind = ANY(CAST(:kinds AS text[]))
       AND (CAST(:towns AS text[]) IS NULL OR r.why #>> '{parsed,town_code}' = ANY(CAST(:towns AS text[])))
     GROUP BY r.level
     ORDER BY many DESC, r.level
""")

_DECIDED = """
      FROM geocode_decision AS d
     WHERE d.target_kind = ANY(CAST(:kinds AS text[]))
       AND (CAST(:towns AS text[]) IS NULL OR d.town_code = ANY(CAST(:towns AS text[])))
       AND d.ended IS DISTINCT FROM 'undone'
"""

DECIDED_SINCE = text(f"""
    SELECT d.decided_by, count(*) AS many {_DECIDED} AND d.at >= :since
     GROUP BY d.decided_by
     ORDER BY many DESC, d.decided_by
""")

# How often the first of the candidates was the right one, where there was any to take.
TAKEN_FIRST = text(f"""
    SELECT count(*) FILTER (WHERE d.candidate = 1) AS first, count(*) AS offered
    {_DECIDED} AND d.offered > 0 AND d.batch IS NULL
""")

# A sitting is what somebody decided without a pause of a quarter of an hour, up to now.
SITTING = text("""
    WITH own AS (
        SELECT d.at, lag(d.at) OVER (ORDER BY d.at, d.id) AS former
          FROM geocode_decision AS d
         WHERE d.decided_by = :actor AND d.batch IS NULL AND d.ended IS DISTINCT FROM 'undone'
           AND d.at >= :now - interval '12 hours'),
         begun AS (
        SELECT max(at) AS at FROM own WHERE former IS NULL OR at - former > interval '15 minutes')
    SELECT count(*) AS many, min(o.at) AS since, max(o.at) AS until
      FROM own AS o, begun AS b
     WHERE o.at >= b.at
""")

LATEST = text("""
    SELECT d.id, d.target_kind, d.target_code, d.text, d.choice, d.level, d.batch, d.at
      FROM geocode_decision AS d
     WHERE d.decided_by = :actor AND d.ended IS NULL AND d.at >= :since
       AND d.target_kind = ANY(CAST(:kinds AS text[]))
     ORDER BY d.id DESC
     LIMIT :limit
""")

# ST_Covers for what holds the place; what the circle of the error reaches beside it is told as well. Cells are
# counted only where the circle is small: else it holds hundreds, and none may be given anyway.
GROUND = text("""
    WITH spot AS (
        SELECT s.n, s.error_m, ST_SetSRID(ST_MakePoint(s.lon, s.lat), 4326) AS geom,
               ST_Transform(ST_SetSRID(ST_MakePoint(s.lon, s.lat), 4326), :metre_srid) AS geom_m
          FROM unnest(CAST(:lons AS double precision[]), CAST(:lats AS double precision[]),
                      CAST(:errors AS double precision[])) WITH ORDINALITY AS s (lon, lat, error_m, n))
    SELECT s.n, a.level, a.code, a.name, ST_Covers(a.geom, s.geom) AS holds
      FROM spot AS s
      JOIN area AS a ON a.geom_m && ST_Expand(s.geom_m, s.error_m) AND ST_DWithin(a.geom_m, s.geom_m, s.error_m)
     WHERE a.level IN ('town', 'village')
       AND a.valid_from <= CURRENT_DATE AND (a.valid_to IS NULL OR a.valid_to > CURRENT_DATE)
     UNION ALL
    SELECT s.n, 'cell', c.code, c.code, ST_Covers(c.geom, s.geom)
      FROM spot AS s
      JOIN grid_cell AS c ON c.geom_m && ST_Expand(s.geom_m, least(s.error_m, :cells_within_m))
       AND ST_DWithin(c.geom_m, s.geom_m, least(s.error_m, :cells_within_m))
     WHERE c.valid_to IS NULL
     ORDER BY n, level, holds DESC, code
""")

CELLS_WITHIN_M = 60.0


class After(NamedTuple):
    """Behind which row a page begins."""

    score: float
    id: int

    @classmethod
    def parse(cls, value: str) -> Self:
        """The mark of a text that `str` made. Raises ValueError."""
        score, _, number = value.partition(":")
        return cls(float(score), int(number))

    def __str__(self) -> str:
        return f"{self.score!r}:{self.id}"


@dataclass(frozen=True)
class DeskScope:
    """What somebody may decide: kinds of record, and towns that an address must name (None: any, or none at all)."""

    kinds: tuple[str, ...]
    towns: tuple[str, ...] | None = None

    def values(self) -> dict[str, Any]:
        """What the names of the queries are bound to."""
        return {"kinds": list(self.kinds), "towns": None if self.towns is None else list(self.towns)}

    def has(self, kind: str, town_code: str | None) -> bool:
        """Whether a record whose address names this town (None: no town) is among them."""
        return kind in self.kinds and (self.towns is None or town_code in self.towns)


@dataclass(frozen=True)
class DeskFilter:
    """Which of the waiting rows are asked for; None is no condition. `none` stands for no town, or no level.

    words   stand together in the address, the name or the code; `ids` are those of the rows.
    """

    kind: str | None = None
    code: str | None = None
    town: str | None = None
    level: str | None = None
    reason: str | None = None
    words: str | None = None
    ids: tuple[int, ...] | None = None

    def values(self) -> dict[str, Any]:
        """What the names of the queries are bound to."""
        return {**self.__dict__, "ids": None if self.ids is None else list(self.ids)}


class WaitingRow(NamedTuple):
    """One record that waits, as it was found; `name` is None for a ticket."""

    id: int
    kind: str
    code: str
    name: str | None
    text: str
    level: str | None
    score: float
    why: Mapping[str, Any]
    candidates: list[dict[str, Any]]
    at: datetime

    @property
    def town_code(self) -> str | None:
        """The town that the address names."""
        found: str | None = self.why.get("parsed", {}).get("town_code")
        return found

    @property
    def mark(self) -> After:
        """Where the next page begins when this is the last row."""
        return After(self.score, self.id)


class Ground(NamedTuple):
    """An area or cell (`level` `cell`) that holds a place, or that the circle of its error reaches (not `holds`)."""

    level: str
    code: str
    name: str
    holds: bool


class Sitting(NamedTuple):
    """What somebody decided without a long pause: how many, from when to when; both None where nothing."""

    many: int
    since: datetime | None
    until: datetime | None


class Latest(NamedTuple):
    """A decision of one's own that stands."""

    id: int
    kind: str
    code: str
    text: str
    choice: str
    level: str | None
    batch: str | None
    at: datetime


def waiting_rows(
    session: Session, scope: DeskScope, asked: DeskFilter, *, limit: int, after: After | None = None
) -> list[WaitingRow]:
    """Rows that wait, the surest first, `limit` of them from behind `after` on."""
    score, row_id = after or (None, None)
    values = {**scope.values(), **asked.values(), "limit": limit, "after_score": score, "after_id": row_id}
    return [WaitingRow(*row) for row in session.execute(ROWS, values)]


def waiting_total(session: Session, scope: DeskScope, asked: DeskFilter) -> int:
    """How many rows wait."""
    return session.scalar(TOTAL, {**scope.values(), **asked.values()}) or 0


def choices(session: Session, scope: DeskScope) -> dict[str, dict[str, int]]:
    """How many wait by `kind`, `town`, `level` and `reason`, the most first."""
    found: dict[str, dict[str, int]] = {"kind": {}, "town": {}, "level": {}, "reason": {}}
    for part, value, many in session.execute(CHOICES, scope.values()):
        found[part][value] = many
    return found


def accepted_by_level(session: Session, scope: DeskScope) -> dict[str, int]:
    """How many records have their place from an address without a person, by level, the most first."""
    return {row.level or "none": row.many for row in session.execute(ACCEPTED_BY_LEVEL, scope.values())}


def decided_since(session: Session, scope: DeskScope, since: datetime) -> dict[str, int]:
    """How many decisions were made by whom since a moment, those taken back left out, the most first."""
    return {row.decided_by: row.many for row in session.execute(DECIDED_SINCE, {**scope.values(), "since": since})}


def taken_first(session: Session, scope: DeskScope) -> tuple[int, int]:
    """How often the first candidate was taken, of how many decisions that had one to take."""
    first, offered = session.execute(TAKEN_FIRST, scope.values()).one()
    return first, offered


def sitting(session: Session, actor: str, *, now: datetime) -> Sitting:
    """The last sitting of somebody."""
    return Sitting(*session.execute(SITTING, {"actor": actor, "now": now}).one())


def latest(session: Session, scope: DeskScope, actor: str, *, since: datetime, limit: int) -> list[Latest]:
    """What somebody decided since a moment and still stands, the last first."""
    values = {"actor": actor, "since": since, "limit": limit, "kinds": list(scope.kinds)}
    return [Latest(*row) for row in session.execute(LATEST, values)]


def grounds(session: Session, places: Sequence[tuple[float, float, float]], *, metre_srid: int) -> list[list[Ground]]:
    """For each place (lon, lat, error in metres; WGS 84) what holds it and what its circle reaches, holders first."""
    found: list[list[Ground]] = [[] for _ in places]
    if not places:
        return found
    lons, lats, errors = (list(column) for column in zip(*places, strict=True))
    values = {"lons": lons, "lats": lats, "errors": errors, "metre_srid": metre_srid, "cells_within_m": CELLS_WITHIN_M}
    for row in session.execute(GROUND, values):
        found[row.n - 1].append(Ground(*row[1:]))
    return found
