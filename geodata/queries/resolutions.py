"""Resolutions of meetings and whistle calls, with what each became and how far that is."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.queries.meetings import IN_AREA
from geodata.queries.scope import Scope

# A resolution is as far as what it became, unless somebody has said otherwise. It is worked out each time it is
# asked for, so that it is never behind; a ticket that ended in another is as far as that one.
STATE = """CASE WHEN r.state <> 'open' THEN r.state
                WHEN k.state = 'closed' OR p.stage = 'done' OR d.state = 'met' THEN 'done'
                ELSE 'open' END"""

BECAME = """
      LEFT JOIN ticket AS i ON r.target_kind = 'ticket' AND i.number = r.target_code
      LEFT JOIN ticket AS k ON k.id = COALESCE(i.merged_into_id, i.id)
      LEFT JOIN project AS p ON r.target_kind = 'project' AND p.code = r.target_code
      LEFT JOIN demand AS d ON r.target_kind = 'demand' AND d.code = r.target_code
"""

LINES = """
    SELECT f.*, a.name AS area_name
      FROM (SELECT r.id, r.seq, r.words, u.code AS unit_code, u.name AS unit_name, r.due_on, r.note,
                   r.state AS own_state, {state} AS state,
                   r.target_kind, r.target_code,
                   COALESCE(k.state, p.stage, d.state) AS target_state,
                   COALESCE(p.name, d.name) AS target_name,
                   (i.id IS NULL OR {scope}) AS is_seen,
                   CASE WHEN m.id IS NULL THEN 'whistle' ELSE 'meeting' END AS origin_kind,
                   COALESCE(m.code, w.code) AS origin_code,
                   m.name AS origin_name,
                   m.body,
                   COALESCE(m.level, w.level) AS level,
                   COALESCE(m.area_code, w.area_code) AS area_code,
                   COALESCE(m.held_at, w.meet_at) AS resolved_at
              FROM resolution AS r
              LEFT JOIN meeting AS m ON m.id = r.meeting_id
              LEFT JOIN whistle_call AS w ON w.id = r.whistle_id
              LEFT JOIN member_unit AS u ON u.id = r.unit_id
              {became}
             WHERE {wanted}) AS f
      LEFT JOIN area AS a
        ON a.level = f.level AND a.code = f.area_code
       AND a.valid_from <= CURRENT_DATE AND (a.valid_to IS NULL OR a.valid_to > CURRENT_DATE)
     WHERE {kept}
     ORDER BY {order}
     LIMIT :most
"""

OF_MEETING = "r.meeting_id = :origin_id"
OF_WHISTLE = "r.whistle_id = :origin_id"
OF_TARGET = "r.target_kind = :kind AND r.target_code = :code"
# A resolution with no day is as urgent as none.
OPEN_OF_MEETINGS = f"""m.id IS NOT NULL
               AND r.state = 'open'
               AND (CAST(:body AS text) IS NULL OR m.body = :body)
               AND {IN_AREA.format(row="m")}"""


KNOWN_TARGETS = text("""
    SELECT 'ticket' AS kind, t.number AS code FROM ticket AS t WHERE t.number = ANY(CAST(:codes AS text[]))
     UNION ALL
    SELECT 'project', p.code FROM project AS p WHERE p.code = ANY(CAST(:codes AS text[]))
     UNION ALL
    SELECT 'demand', d.code FROM demand AS d WHERE d.code = ANY(CAST(:codes AS text[]))
     ORDER BY kind, code
""")


class ResolutionLine(NamedTuple):
    """A resolution, where it comes from, and what it became.

    own_state     what somebody has said; `state` follows what it became while that is `open`.
    target_state  a state of the ticket (of the one it ended in), a stage of the project or a state of the demand.
    is_seen       whether the ticket is one of the scope asked for.
    """

    id: int
    seq: int
    words: str
    unit_code: str | None
    unit_name: str | None
    due_on: date | None
    note: str | None
    own_state: str
    state: str
    target_kind: str | None
    target_code: str | None
    target_state: str | None
    target_name: str | None
    is_seen: bool
    origin_kind: str
    origin_code: str
    origin_name: str | None
    body: str | None
    level: str
    area_code: str
    resolved_at: datetime
    area_name: str | None

    def is_late(self, today: date) -> bool:
        """Whether it is open and its day is over."""
        return self.state == "open" and self.due_on is not None and self.due_on < today


def of_meeting(session: Session, meeting_id: int, *, scope: Scope) -> list[ResolutionLine]:
    """The resolutions of a meeting by number."""
    return _lines(session, OF_MEETING, {"origin_id": meeting_id}, scope=scope)


def of_whistle(session: Session, call_id: int, *, scope: Scope) -> list[ResolutionLine]:
    """What is left to do after a whistle call, by number."""
    return _lines(session, OF_WHISTLE, {"origin_id": call_id}, scope=scope)


def of_target(session: Session, kind: str, code: str, *, scope: Scope) -> list[ResolutionLine]:
    """The resolution that became this ticket, project or demand; at most one as a rule."""
    return _lines(session, OF_TARGET, {"kind": kind, "code": code}, scope=scope)


def still_open(
    session: Session, *, scope: Scope, body: str | None = None, area: str | None = None, most: int = 200
) -> list[ResolutionLine]:
    """Open resolutions of meetings, the earliest day first, those without a day last."""
    asked = {"body": body, "area": area}
    order = "f.due_on NULLS LAST, f.resolved_at, f.id"
    return _lines(session, OPEN_OF_MEETINGS, asked, scope=scope, kept="f.state = 'open'", order=order, most=most)


def known_targets(session: Session, codes: list[str]) -> frozenset[tuple[str, str]]:
    """Which of these are the number of a ticket, or the code of a project or demand: (kind, code)."""
    return frozenset((row.kind, row.code) for row in session.execute(KNOWN_TARGETS, {"codes": codes}))


def _lines(
    session: Session,
    wanted: str,
    asked: Mapping[str, object],
    *,
    scope: Scope,
    kept: str = "TRUE",
    order: str = "f.seq, f.id",
    most: int = 500,
) -> list[ResolutionLine]:
    statement = LINES.format(state=STATE, scope=scope.clause(), became=BECAME, wanted=wanted, kept=kept, order=order)
    found = session.execute(text(statement), {**asked, **scope.values(), "most": most})
    return [ResolutionLine(*row) for row in found]
