"""Tickets as other applications read them: requests, and what has happened to them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.queries.features import Box
from geodata.queries.scope import Scope
from geodata.queries.worklist import ENDED, NAMED

# A draft is nobody's request yet. One that was asked for with a token is told when an office has filed it.
TOLD = """i.state <> 'draft'
               AND (i.state NOT IN ('reported', 'verifying') OR NOT EXISTS (
                   SELECT FROM service_request AS w WHERE w.ticket_id = i.id AND w.token IS NOT NULL))"""

# The tickets are chosen before anything is joined to them, in the order of an index.
REQUESTS = f"""
    SELECT i.id, i.number, i.state, i.category_code, c.name_zh, c.name_en, i.title, i.description, i.address,
           COALESCE(u.name, o.name), i.reported_at,
           CASE WHEN {ENDED} THEN COALESCE(i.closed_at, i.updated_at) ELSE i.updated_at END, i.due_at,
           ST_X(i.geom), ST_Y(i.geom), i.source, i.town_code, i.village_code, i.cell_code,
           COALESCE(r.attributes, '{{{{}}}}'), r.media_url, r.object_type, r.object_code, r.address_id,
           ARRAY(SELECT p.id FROM photo AS p WHERE p.ticket_id = i.id ORDER BY p.id LIMIT 6)
      FROM (SELECT i.*
              FROM ticket AS i
             WHERE {TOLD}
               AND {{condition}}
             ORDER BY i.reported_at DESC, i.id DESC
             LIMIT :limit OFFSET :skip) AS i
{NAMED}
      LEFT JOIN service_request AS r ON r.ticket_id = i.id
     ORDER BY i.reported_at DESC, i.id DESC
"""

EVENTS = f"""
    SELECT e.id, e.ticket_id, i.number, e.at, e.action, e.to_state, e.facts,
           (SELECT min(p.id) FROM photo AS p WHERE p.ticket_id = e.ticket_id AND p.seq = e.seq)
      FROM ticket_event AS e
      JOIN ticket AS i ON i.id = e.ticket_id
     WHERE {TOLD}
       AND {{condition}}
     ORDER BY e.at DESC, e.id DESC
     LIMIT :limit OFFSET :skip
"""

# What changes where a ticket stands; what is said about it between offices is not for everybody.
STEP = "e.from_state IS DISTINCT FROM e.to_state"

TOKEN = text(f"""
    SELECT CASE WHEN {TOLD} THEN i.number END
      FROM service_request AS r
      JOIN ticket AS i ON i.id = r.ticket_id
     WHERE r.token = :token
     ORDER BY i.id
""")

CLAIM = text("""
    INSERT INTO service_update (actor, update_id, ticket_id)
    VALUES (:actor, :update_id, :ticket_id)
        ON CONFLICT DO NOTHING
 RETURNING update_id
""")


IN_BOX = "ST_Intersects(i.geom, ST_MakeEnvelope(:west, :south, :east, :north, 4326))"
# The first part is for the index; the second stands where the place is told.
IN_PUBLIC_BOX = """(i.geom && ST_Expand(ST_MakeEnvelope(:west, :south, :east, :north, 4326), 0.0001)
           AND ST_Intersects(ST_SnapToGrid(i.geom, 0.0001), ST_MakeEnvelope(:west, :south, :east, :north, 4326)))"""


@dataclass(frozen=True)
class RequestFilter:
    """Which requests are meant, among those of a scope; None and nothing are no condition.

    numbers      of tickets: where there are some, all else but the scope is left aside.
    since,until  when they were reported, the end left out.
    is_open      True for those before closing, False for those that have ended.
    is_public    places are told to about ten metres, and so a box finds them there, not where they are.
    """

    scope: Scope
    numbers: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    is_open: bool | None = None
    town: str | None = None
    box: Box | None = None
    is_public: bool = False

    def condition(self, at: str) -> tuple[str, dict[str, Any]]:
        """The condition in SQL on a row `i` of `ticket`, the window on the column `at`; and what it is bound to."""
        parts, values = [self.scope.clause()], self.scope.values()
        if self.town is not None:
            parts.append("i.town_code = :town")
            values["town"] = self.town
        if self.numbers:
            parts.append("i.number = ANY(CAST(:numbers AS text[]))")
            return " AND ".join(parts), {**values, "numbers": list(self.numbers)}
        known = {
            f"{at} >= :since": ("since", self.since),
            f"{at} < :until": ("until", self.until),
            "i.category_code = ANY(CAST(:categories AS text[]))": ("categories", list(self.categories) or None),
        }
        for part, (name, value) in known.items():
            if value is not None:
                parts.append(part)
                values[name] = value
        if self.is_open is not None:
            parts.append(f"NOT {ENDED}" if self.is_open else ENDED)
        if self.box is not None:
            parts.append(IN_PUBLIC_BOX if self.is_public else IN_BOX)
            values |= self.box._asdict()
        return " AND ".join(parts), values


class RequestRow(NamedTuple):
    """One ticket as a request; its place (WGS 84 degrees) may not be known. `photos` are ids of the first six."""

    id: int
    number: str
    state: str
    category_code: str
    category_zh: str
    category_en: str
    title: str
    description: str | None
    address: str | None
    agency: str | None
    reported_at: datetime
    updated_at: datetime
    due_at: datetime | None
    lon: float | None
    lat: float | None
    source: str
    town_code: str | None
    village_code: str | None
    cell_code: str | None
    attributes: dict[str, Any]
    media_url: str | None
    object_type: str | None
    object_code: str | None
    address_id: str | None
    photos: list[int]


class EventRow(NamedTuple):
    """One thing that happened to a ticket; `photo` is the id of the first picture that came with it."""

    id: int
    ticket_id: int
    number: str
    at: datetime
    action: str
    to_state: str
    facts: dict[str, Any]
    photo: int | None


def requests(session: Session, wanted: RequestFilter, *, limit: int, skip: int = 0) -> list[RequestRow]:
    """Tickets that fit, the newest report first."""
    condition, values = wanted.condition("i.reported_at")
    statement = text(REQUESTS.format(condition=condition))
    return [RequestRow(*row) for row in session.execute(statement, {**values, "limit": limit, "skip": skip})]


def events(
    session: Session, wanted: RequestFilter, *, limit: int, skip: int = 0, steps_only: bool = False
) -> list[EventRow]:
    """What happened to tickets that fit, the newest first; `steps_only` leaves out what changed no state."""
    condition, values = wanted.condition("e.at")
    return _events(session, condition, values, steps_only=steps_only, limit=limit, skip=skip)


def events_of(
    session: Session, ids: Sequence[int], *, limit: int, steps_only: bool = False
) -> dict[int, list[EventRow]]:
    """What happened to tickets by their ids, the newest first; tickets of which nothing is told are absent."""
    found: dict[int, list[EventRow]] = {}
    condition = "e.ticket_id = ANY(CAST(:ids AS bigint[]))"
    for row in _events(session, condition, {"ids": list(ids)}, steps_only=steps_only, limit=limit, skip=0):
        found.setdefault(row.ticket_id, []).append(row)
    return found


def _events(
    session: Session, condition: str, values: dict[str, Any], *, steps_only: bool, limit: int, skip: int
) -> list[EventRow]:
    whole = f"{condition} AND {STEP}" if steps_only else condition
    statement = text(EVENTS.format(condition=whole))
    return [EventRow(*row) for row in session.execute(statement, {**values, "limit": limit, "skip": skip})]


def number_of_token(session: Session, token: str) -> tuple[bool, str | None]:
    """Whether a token was handed out, and the number of its ticket: None until an office has filed it."""
    row = session.execute(TOKEN, {"token": token}).first()
    return row is not None, row[0] if row else None


def claim_update(session: Session, *, actor: str, update_id: str, ticket_id: int) -> bool:
    """Take the name of an update for this transaction; False where the same sender has used it before.

    Whoever sends the same at the same time waits for the end of the first.
    """
    values = {"actor": actor, "update_id": update_id, "ticket_id": ticket_id}
    return session.execute(CLAIM, values).first() is not None
