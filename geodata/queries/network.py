"""The network of member units on three levels: who belongs to it, who convenes and sits in it, whom to call."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

HOLDS = "{row}.valid_from <= :day AND ({row}.valid_to IS NULL OR {row}.valid_to > :day)"
NOT_OVER = "({row}.valid_to IS NULL OR {row}.valid_to > :day)"

# A unit that is not active belongs to no area, convenes none and is in no chair: what it was to do is a gap.
# A unit counts on the levels it is a member of, each in the area asked about that holds it: by its membership where
# that is of the level asked about or below, else by where it stands.
OVERVIEW = text(f"""
    WITH place AS (
        SELECT a.level, a.code, a.name, a.parent_code
          FROM area AS a
         WHERE a.level = :level
           AND (CAST(:code AS text) IS NULL OR a.code = :code)
           AND (CAST(:parent AS text) IS NULL OR a.parent_code = :parent)
           AND {HOLDS.format(row="a")}),
         part AS (
        SELECT m.level, m.unit_id, u.liaison_role IS NULL AS is_mute,
               CASE CAST(:level AS text)
                    WHEN 'district' THEN CAST(:district AS text)
                    WHEN 'town' THEN CASE m.level WHEN 'town' THEN m.area_code
                                                  WHEN 'village' THEN v.parent_code
                                                  ELSE u.town_code END
                    ELSE CASE m.level WHEN 'village' THEN m.area_code ELSE u.village_code END END AS home
          FROM membership AS m
          JOIN member_unit AS u ON u.id = m.unit_id
          LEFT JOIN area AS v
            ON m.level = 'village' AND v.level = 'village' AND v.code = m.area_code AND {HOLDS.format(row="v")}
         WHERE u.is_active
           AND {HOLDS.format(row="m")}),
         members AS (
        SELECT home, count(DISTINCT unit_id) FILTER (WHERE level = 'district') AS of_district,
               count(DISTINCT unit_id) FILTER (WHERE level = 'town') AS of_town,
               count(DISTINCT unit_id) FILTER (WHERE level = 'village') AS of_village,
               count(DISTINCT unit_id) FILTER (WHERE level = :level AND is_mute) AS mute
          FROM part
         GROUP BY home),
         seated AS (
        SELECT s.area_code, count(*) AS seats, array_agg(DISTINCT s.body) AS bodies,
               array_agg(DISTINCT s.body) FILTER (WHERE s.position = 'chair' AND u.is_active) AS chaired
          FROM conference_seat AS s
          JOIN member_unit AS u ON u.id = s.unit_id
         WHERE s.level = :level
           AND {HOLDS.format(row="s")}
         GROUP BY s.area_code)
    SELECT p.level, p.code, p.name, p.parent_code, COALESCE(m.of_district, 0) AS of_district,
           COALESCE(m.of_town, 0) AS of_town, COALESCE(m.of_village, 0) AS of_village, COALESCE(m.mute, 0) AS mute,
           c.code AS convener_code, c.name AS convener_name, t.valid_to AS until,
           EXISTS (SELECT FROM convener_term AS n
                    WHERE n.level = p.level AND n.area_code = p.code AND n.valid_from = t.valid_to) AS has_next,
           COALESCE(s.seats, 0) AS seats, COALESCE(s.bodies, '{{}}') AS bodies, COALESCE(s.chaired, '{{}}') AS chaired,
           EXISTS (SELECT FROM pilot_area AS y
                    WHERE y.level = p.level AND y.area_code = p.code AND {HOLDS.format(row="y")}) AS is_pilot
      FROM place AS p
      LEFT JOIN members AS m ON m.home = p.code
      LEFT JOIN seated AS s ON s.area_code = p.code
      LEFT JOIN convener_term AS t ON t.level = p.level AND t.area_code = p.code AND {HOLDS.format(row="t")}
      LEFT JOIN member_unit AS c ON c.id = t.unit_id AND c.is_active
     ORDER BY p.code
""")

# Those who have left are no longer told; those who join later are.
MEMBERS = text(f"""
    SELECT m.id, u.code, u.name, u.kind, k.name_zh AS kind_zh, k.name_en AS kind_en, m.valid_from, m.valid_to,
           m.valid_from <= :day AS is_in, u.liaison_role, u.liaison_phone, u.is_active
      FROM membership AS m
      JOIN member_unit AS u ON u.id = m.unit_id
      JOIN unit_kind AS k ON k.code = u.kind
     WHERE m.level = :level
       AND m.area_code = :code
       AND {NOT_OVER.format(row="m")}
     ORDER BY m.valid_from > :day, u.kind, u.code, m.valid_from, m.id
""")

TERMS = text("""
    SELECT t.id, u.code AS unit_code, u.name AS unit_name, t.valid_from, t.valid_to, u.is_active
      FROM convener_term AS t
      JOIN member_unit AS u ON u.id = t.unit_id
     WHERE t.level = :level
       AND t.area_code = :code
     ORDER BY t.valid_from, t.id
""")

SEATS = text(f"""
    SELECT s.id, s.body, s.position, u.code AS unit_code, u.name AS unit_name, s.valid_from, s.valid_to,
           u.is_active
      FROM conference_seat AS s
      JOIN member_unit AS u ON u.id = s.unit_id
     WHERE s.level = :level
       AND s.area_code = :code
       AND {NOT_OVER.format(row="s")}
     ORDER BY s.body, CASE s.position WHEN 'chair' THEN 1 WHEN 'deputy' THEN 2 ELSE 3 END, s.valid_from, u.code, s.id
""")

# Of several areas, the nearest to the place first; topics that the nearest tells come first as well.
CONTACTS = text("""
    SELECT c.id, c.level, c.area_code, c.topic, c.role, c.phone, c.hours
      FROM area_contact AS c
     WHERE (c.level = 'district' AND c.area_code = :district)
        OR (c.level = 'town' AND c.area_code = :town)
        OR (c.level = 'village' AND c.area_code = :village)
     ORDER BY c.topic, CASE c.level WHEN 'village' THEN 1 WHEN 'town' THEN 2 ELSE 3 END, c.role, c.id
""")

PILOTS = text(f"""
    SELECT y.id, y.note, y.valid_from, y.valid_to
      FROM pilot_area AS y
     WHERE y.level = :level
       AND y.area_code = :code
       AND {NOT_OVER.format(row="y")}
     ORDER BY y.valid_from, y.id
""")

# Terms that a unit holds anywhere, the running and the planned ones.
OF_UNIT = text(f"""
    SELECT 'term' AS what, t.level, t.area_code, '' AS body, '' AS position, t.valid_from, t.valid_to
      FROM convener_term AS t
     WHERE t.unit_id = :unit_id
       AND {NOT_OVER.format(row="t")}
     UNION ALL
    SELECT 'seat', s.level, s.area_code, s.body, s.position, s.valid_from, s.valid_to
      FROM conference_seat AS s
     WHERE s.unit_id = :unit_id
       AND {NOT_OVER.format(row="s")}
     ORDER BY what DESC, level, area_code, body, valid_from
""")

# What is held already, to tell an import where its rows and those would overlap.
MEMBERSHIPS_THERE = text("""
    SELECT m.level, m.area_code, m.unit_id, u.name AS unit_name, m.valid_from, m.valid_to
      FROM membership AS m
      JOIN member_unit AS u ON u.id = m.unit_id
     ORDER BY m.level, m.area_code, m.unit_id, m.valid_from, m.id
""")

TERMS_THERE = text("""
    SELECT t.level, t.area_code, t.unit_id, u.name AS unit_name, t.valid_from, t.valid_to
      FROM convener_term AS t
      JOIN member_unit AS u ON u.id = t.unit_id
     ORDER BY t.level, t.area_code, t.valid_from, t.id
""")

SEATS_THERE = text("""
    SELECT s.level, s.area_code, s.body, s.position, s.unit_id, u.name AS unit_name, s.valid_from, s.valid_to
      FROM conference_seat AS s
      JOIN member_unit AS u ON u.id = s.unit_id
     ORDER BY s.level, s.area_code, s.body, s.valid_from, s.id
""")

PILOTS_THERE = text("""
    SELECT y.level, y.area_code, y.valid_from, y.valid_to
      FROM pilot_area AS y
     ORDER BY y.level, y.area_code, y.valid_from, y.id
""")


class OverviewRow(NamedTuple):
    """An area with its part of the network.

    of_district, of_town, of_village   units that are members of that level and belong here, each counted once.
    mute       members of the area's own level without a liaison role.
    until      the day from which the convener convenes no longer; None for an open end, and without convener.
    has_next   whether the next term begins that very day.
    bodies     bodies in which somebody sits, and `chaired` those with a chair.
    """

    level: str
    code: str
    name: str
    parent_code: str | None
    of_district: int
    of_town: int
    of_village: int
    mute: int
    convener_code: str | None
    convener_name: str | None
    until: date | None
    has_next: bool
    seats: int
    bodies: list[str]
    chaired: list[str]
    is_pilot: bool

    @property
    def own(self) -> int:
        """Members of the area's own level."""
        return {"district": self.of_district, "town": self.of_town}.get(self.level, self.of_village)

    @property
    def total(self) -> int:
        """Members of all levels; who is a member of two counts twice."""
        return self.of_district + self.of_town + self.of_village


class MemberRow(NamedTuple):
    """A unit's part in the network of an area; `is_in` False where it joins only later."""

    id: int
    code: str
    name: str
    kind: str
    kind_zh: str
    kind_en: str
    valid_from: date
    valid_to: date | None
    is_in: bool
    liaison_role: str | None
    liaison_phone: str | None
    is_active: bool


class TermRow(NamedTuple):
    """A convener's term, until before `valid_to`."""

    id: int
    unit_code: str
    unit_name: str
    valid_from: date
    valid_to: date | None
    is_active: bool = True


class SeatRow(NamedTuple):
    """A unit's seat in a body."""

    id: int
    body: str
    position: str
    unit_code: str
    unit_name: str
    valid_from: date
    valid_to: date | None
    is_active: bool = True


class ContactRow(NamedTuple):
    """Whom to call about a topic."""

    id: int
    level: str
    area_code: str
    topic: str
    role: str
    phone: str | None
    hours: str | None


class PilotRow(NamedTuple):
    """A time in which an area is a pilot."""

    id: int
    note: str | None
    valid_from: date
    valid_to: date | None


class UnitPart(NamedTuple):
    """What a unit does in an area's network: `what` is term or seat; body and position are '' for a term."""

    what: str
    level: str
    area_code: str
    body: str
    position: str
    valid_from: date
    valid_to: date | None


def overview(
    session: Session, level: str, *, district: str, day: date, code: str | None = None, parent: str | None = None
) -> list[OverviewRow]:
    """Areas of a level on a day, by code: all, that of `code`, or those inside `parent`."""
    values = {"level": level, "district": district, "day": day, "code": code, "parent": parent}
    return [OverviewRow(*row) for row in session.execute(OVERVIEW, values)]


def members(session: Session, level: str, code: str, *, day: date) -> list[MemberRow]:
    """Members of an area on a day and those who join later, by kind and code."""
    return [MemberRow(*row) for row in session.execute(MEMBERS, _of(level, code, day))]


def terms(session: Session, level: str, code: str) -> list[TermRow]:
    """All terms of conveners of an area, the first one first."""
    return [TermRow(*row) for row in session.execute(TERMS, {"level": level, "code": code})]


def seats(session: Session, level: str, code: str, *, day: date) -> list[SeatRow]:
    """Seats of an area that are not over, by body: chairs, deputies, members."""
    return [SeatRow(*row) for row in session.execute(SEATS, _of(level, code, day))]


def contacts(
    session: Session, *, district: str | None = None, town: str | None = None, village: str | None = None
) -> list[ContactRow]:
    """Contacts of a place by topic, those of the village before the town's and the district's."""
    values = {"district": district, "town": town, "village": village}
    return [ContactRow(*row) for row in session.execute(CONTACTS, values)]


def pilots(session: Session, level: str, code: str, *, day: date) -> list[PilotRow]:
    """Times in which an area is a pilot, now or later."""
    return [PilotRow(*row) for row in session.execute(PILOTS, _of(level, code, day))]


def of_unit(session: Session, unit_id: int, *, day: date) -> list[UnitPart]:
    """Terms, then seats, that a unit holds or will hold."""
    return [UnitPart(*row) for row in session.execute(OF_UNIT, {"unit_id": unit_id, "day": day})]


def memberships_there(session: Session) -> Sequence[Mapping[str, Any]]:
    """Every membership there is, by area, unit and day."""
    return [row._asdict() for row in session.execute(MEMBERSHIPS_THERE)]


def terms_there(session: Session) -> Sequence[Mapping[str, Any]]:
    """Every term there is, by area and day."""
    return [row._asdict() for row in session.execute(TERMS_THERE)]


def seats_there(session: Session) -> Sequence[Mapping[str, Any]]:
    """Every seat there is, by area, body and day."""
    return [row._asdict() for row in session.execute(SEATS_THERE)]


def pilots_there(session: Session) -> Sequence[Mapping[str, Any]]:
    """Every time of a pilot there is, by area and day."""
    return [row._asdict() for row in session.execute(PILOTS_THERE)]


def _of(level: str, code: str, day: date) -> dict[str, Any]:
    return {"level": level, "code": code, "day": day}
