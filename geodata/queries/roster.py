"""Teams and points that areas share, and whose turn of duty it is."""

from datetime import date, time
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

TODAY = "{row}.valid_from <= CURRENT_DATE AND ({row}.valid_to IS NULL OR {row}.valid_to > CURRENT_DATE)"

# Teams and points of a town, and those of others that serve it or one of its villages.
SERVICES = text(f"""
    WITH service AS (
        SELECT 'team' AS of_kind, s.code, s.name, s.town_code, s.contact_role AS role, s.contact_phone AS phone
          FROM service_team AS s
         UNION ALL
        SELECT 'point', p.code, p.name, p.town_code, p.holder_role, NULL
          FROM responsibility_point AS p
         WHERE EXISTS (SELECT FROM roster_turn AS t WHERE t.of_kind = 'point' AND t.of_code = p.code)
            OR EXISTS (SELECT FROM shared_service AS h WHERE h.of_kind = 'point' AND h.of_code = p.code)),
         shared AS (
        SELECT h.of_kind, h.of_code, h.level, h.area_code, a.name AS area_name,
               CASE WHEN h.level = 'village' THEN a.parent_code ELSE h.area_code END AS town_code
          FROM shared_service AS h
          LEFT JOIN area AS a ON a.level = h.level AND a.code = h.area_code AND {TODAY.format(row="a")})
    SELECT s.of_kind, s.code, s.name, s.town_code, s.role, s.phone,
           ARRAY(SELECT COALESCE(h.area_name, h.area_code) FROM shared AS h
                  WHERE h.of_kind = s.of_kind AND h.of_code = s.code
                  ORDER BY h.area_code) AS shared_with
      FROM service AS s
     WHERE CAST(:town_code AS text) IS NULL
        OR s.town_code = :town_code
        OR EXISTS (SELECT FROM shared AS h
                    WHERE h.of_kind = s.of_kind AND h.of_code = s.code
                      AND (h.town_code = :town_code OR h.level = 'district'))
     ORDER BY s.of_kind DESC, s.code
""")

TURNS = text("""
    SELECT t.id, t.of_kind, t.of_code, t.day, t.opens, t.closes, u.code AS unit_code, u.name AS unit_name, t.role
      FROM roster_turn AS t
      LEFT JOIN member_unit AS u ON u.id = t.unit_id
     WHERE t.day >= :since AND t.day <= :until
     ORDER BY t.of_kind, t.of_code, t.day, t.opens, t.id
""")

# A team, or a point, by its code.
SERVICE = text("""
    SELECT 'team' AS of_kind, s.code, s.name, s.town_code FROM service_team AS s
     WHERE :of_kind = 'team' AND s.code = :code
     UNION ALL
    SELECT 'point', p.code, p.name, p.town_code FROM responsibility_point AS p
     WHERE :of_kind = 'point' AND p.code = :code
     ORDER BY 1, 2
""")


class Service(NamedTuple):
    """A team or point with its contact role, and the names of the areas that share it."""

    of_kind: str
    code: str
    name: str
    town_code: str | None
    role: str | None
    phone: str | None
    shared_with: list[str]


class Turn(NamedTuple):
    """A turn of duty: who is there from when to when; a unit, a role, or both."""

    id: int
    of_kind: str
    of_code: str
    day: date
    opens: time
    closes: time
    unit_code: str | None
    unit_name: str | None
    role: str | None


class NamedService(NamedTuple):
    """A team or point by its code."""

    of_kind: str
    code: str
    name: str
    town_code: str | None


def services(session: Session, *, town_code: str | None) -> list[Service]:
    """Teams, and points with a roster or shared areas, of a town and those that serve it; None for all."""
    return [Service(*row) for row in session.execute(SERVICES, {"town_code": town_code})]


def turns(session: Session, since: date, until: date) -> list[Turn]:
    """Turns of duty of some days, both included, by team or point and time."""
    return [Turn(*row) for row in session.execute(TURNS, {"since": since, "until": until})]


def service(session: Session, of_kind: str, code: str) -> NamedService | None:
    """The team or point of that code; None where there is none."""
    row = session.execute(SERVICE, {"of_kind": of_kind, "code": code}).first()
    return NamedService(*row) if row else None
