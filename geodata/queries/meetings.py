"""Meetings: their codes, seats and lists, and the days that have some."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.models import Meeting, WhistleCall

# Two who plan at once must not draw the same number, and a row of one that does not exist yet cannot be locked.
HOLD_CODES = text("SELECT pg_advisory_xact_lock(hashtext(:name))")

NEXT_NUMBER = """
    SELECT COALESCE(max(CAST(substring(m.code FROM length(:prefix) + 1) AS integer)), 0) + 1
      FROM {table} AS m
     WHERE m.code ~ ('^' || :prefix || '[0-9]{{1,6}}$')
"""
NUMBERED = tuple(model.__tablename__ for model in (Meeting, WhistleCall))
NEXT = {table: text(NEXT_NUMBER.format(table=table)) for table in NUMBERED}

# Who has a seat in the body on the day of the meeting, the chair first.
SEATS_ON = text("""
    SELECT DISTINCT ON (s.unit_id) s.unit_id, s.position
      FROM conference_seat AS s
      JOIN member_unit AS u ON u.id = s.unit_id AND u.is_active
     WHERE s.level = :level AND s.area_code = :area_code AND s.body = :body
       AND s.valid_from <= :day AND (s.valid_to IS NULL OR s.valid_to > :day)
     ORDER BY s.unit_id, CASE s.position WHEN 'chair' THEN 1 WHEN 'deputy' THEN 2 ELSE 3 END, s.id
""")

SEATS_OF = text("""
    SELECT u.id, u.code, u.name, s.position, s.attended
      FROM meeting_seat AS s
      JOIN member_unit AS u ON u.id = s.unit_id
     WHERE s.meeting_id = :meeting_id
     ORDER BY CASE s.position WHEN 'chair' THEN 1 WHEN 'deputy' THEN 2 ELSE 3 END, u.code, u.id
""")

# The area's own meetings, and of a town those of its villages too.
IN_AREA = """(CAST(:area AS text) IS NULL OR {row}.area_code = :area
            OR {row}.area_code IN (SELECT v.code FROM area AS v
                                    WHERE v.level = 'village' AND v.parent_code = :area
                                      AND v.valid_from <= CURRENT_DATE
                                      AND (v.valid_to IS NULL OR v.valid_to > CURRENT_DATE)))"""

LINES = text(f"""
    SELECT m.id, m.code, m.name, m.body, m.level, m.area_code, a.name AS area_name, m.held_at, m.state, m.address,
           (SELECT count(*) FROM meeting_seat AS s WHERE s.meeting_id = m.id) AS seats,
           (SELECT count(*) FROM meeting_seat AS s WHERE s.meeting_id = m.id AND s.attended) AS came,
           (SELECT count(*) FROM resolution AS r WHERE r.meeting_id = m.id) AS resolutions
      FROM meeting AS m
      LEFT JOIN area AS a
        ON a.level = m.level AND a.code = m.area_code
       AND a.valid_from <= CURRENT_DATE AND (a.valid_to IS NULL OR a.valid_to > CURRENT_DATE)
     WHERE m.held_at >= :since AND m.held_at < :before
       AND (CAST(:body AS text) IS NULL OR m.body = :body)
       AND (CAST(:state AS text) IS NULL OR m.state = :state)
       AND {IN_AREA.format(row="m")}
     ORDER BY m.held_at, m.id
     LIMIT :most
""")

UNITS_NEAR = text("""
    SELECT u.id, u.code, u.name
      FROM member_unit AS u
     WHERE u.is_active
       AND (CAST(:town AS text) IS NULL OR u.town_code = :town
            OR EXISTS (SELECT FROM membership AS m
                        WHERE m.unit_id = u.id AND m.area_code = :town
                          AND m.valid_from <= CURRENT_DATE AND (m.valid_to IS NULL OR m.valid_to > CURRENT_DATE)))
     ORDER BY u.name, u.id
     LIMIT 2000
""")


KNOWN = text("""
    SELECT m.id, m.code, m.state, (SELECT count(*) FROM resolution AS r WHERE r.meeting_id = m.id) AS resolutions
      FROM meeting AS m
     ORDER BY m.code
""")


class Seat(NamedTuple):
    """A unit at a meeting; `attended` is None until somebody has said."""

    unit_id: int
    code: str
    name: str
    position: str
    attended: bool | None


class KnownMeeting(NamedTuple):
    """A meeting as an import asks for it: its id, its state, and how many resolutions it has."""

    id: int
    state: str
    resolutions: int


class MeetingLine(NamedTuple):
    """A meeting in a list; `came` of its `seats` were there, as far as anybody has said."""

    id: int
    code: str
    name: str
    body: str
    level: str
    area_code: str
    area_name: str | None
    held_at: datetime
    state: str
    address: str | None
    seats: int
    came: int
    resolutions: int


class NamedUnit(NamedTuple):
    """A unit to be chosen."""

    id: int
    code: str
    name: str


def next_number(session: Session, table: str, prefix: str) -> int:
    """The next running number of codes that begin with a prefix; nobody else draws one until this transaction ends."""
    session.execute(HOLD_CODES, {"name": table})
    return int(session.execute(NEXT[table], {"prefix": prefix}).scalar_one())


def known(session: Session) -> dict[str, KnownMeeting]:
    """Every meeting by its code."""
    return {row.code: KnownMeeting(row.id, row.state, row.resolutions) for row in session.execute(KNOWN)}


def seats_on(session: Session, *, level: str, area_code: str, body: str, day: date) -> list[tuple[int, str]]:
    """Ids of the units with a seat in a body on a day, each with its position."""
    found = session.execute(SEATS_ON, {"level": level, "area_code": area_code, "body": body, "day": day})
    return [(row.unit_id, row.position) for row in found]


def seats_of(session: Session, meeting_id: int) -> list[Seat]:
    """The seats of a meeting, the chair first."""
    return [Seat(*row) for row in session.execute(SEATS_OF, {"meeting_id": meeting_id})]


def listed(
    session: Session,
    *,
    since: datetime,
    before: datetime,
    body: str | None = None,
    state: str | None = None,
    area: str | None = None,
    most: int = 500,
) -> list[MeetingLine]:
    """Meetings from a moment until before another, the first first; of a town those of its villages too."""
    asked = {"since": since, "before": before, "body": body, "state": state, "area": area, "most": most}
    return [MeetingLine(*row) for row in session.execute(LINES, asked)]


def units_near(session: Session, town_code: str | None) -> Sequence[NamedUnit]:
    """Active units of a town or of its network by name; of the whole district where it is None."""
    return [NamedUnit(*row) for row in session.execute(UNITS_NEAR, {"town": town_code})]
