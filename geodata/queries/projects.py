"""Joint projects: the next free code; projects as they are listed and counted, narrowed by one set of conditions."""

from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

# Whoever makes a code holds the door until the project is stored: two at once would make the same.
HOLD = text("SELECT pg_advisory_xact_lock(hashtext('project_code'))")

# Codes of other makes (of a file, or made of names: J with twelve digits) are left out of the count.
LAST_NUMBER = text("""
    SELECT COALESCE(MAX(SUBSTRING(j.code FROM 2)::int), 0)
      FROM project AS j
     WHERE j.code ~ '^J[0-9]{1,6}$'
""")

# An area has what is its own and what is its villages'. Of a year is what runs on one of its days; a project with one
# known day runs on that day, and one without any is of no year.
CONDITIONS = """
           (:joint = '' OR j.joint = :joint)
       AND (:level = '' OR j.level = :level)
       AND (:stage = '' OR j.stage = :stage)
       AND (:area = '' OR j.area_code = :area OR (j.level = 'village' AND a.parent_code = :area))
       AND (:unit = '' OR u.code = :unit OR EXISTS (
            SELECT 1
              FROM project_partner AS p
              JOIN member_unit AS m ON m.id = p.unit_id
             WHERE p.project_id = j.id AND m.code = :unit))
       AND (CAST(:first AS date) IS NULL
            OR (COALESCE(j.starts_on, j.ends_on) <= :last AND COALESCE(j.ends_on, j.starts_on) >= :first))
       AND (:words = '' OR j.name ILIKE :words OR u.name ILIKE :words OR j.code ILIKE :words OR j.outcome ILIKE :words)
"""

AREA_OF = """
      LEFT JOIN area AS a
        ON a.level = j.level AND a.code = j.area_code
       AND a.valid_from <= CURRENT_DATE AND (a.valid_to IS NULL OR a.valid_to > CURRENT_DATE)
"""

# What has no place of its own is shown at its lead unit, as on the map.
_LINES = f"""
    SELECT j.id, j.code, j.name, j.joint, j.level, j.area_code, a.name AS area_name, j.stage, u.code AS lead_code,
           u.name AS lead_name, j.starts_on, j.ends_on, j.outcome, j.people_served, j.address,
           ST_X(COALESCE(j.geom, u.geom)) AS lon, ST_Y(COALESCE(j.geom, u.geom)) AS lat,
           j.geom IS NOT NULL AS has_own_place,
           (SELECT count(*) FROM project_partner AS p WHERE p.project_id = j.id) AS partner_count
      FROM project AS j
      LEFT JOIN member_unit AS u ON u.id = j.lead_unit_id
      {AREA_OF}
"""

LINES = text(f"""
    {_LINES}
     WHERE {CONDITIONS}
     ORDER BY CASE j.level WHEN 'district' THEN 1 WHEN 'town' THEN 2 ELSE 3 END, j.code
     LIMIT :most
""")

LINE = text(f"{_LINES} WHERE j.code = :code ORDER BY j.id")

COUNTS = text(f"""
    SELECT j.joint, j.level, j.stage, count(*) AS projects, COALESCE(sum(j.people_served), 0) AS people
      FROM project AS j
      LEFT JOIN member_unit AS u ON u.id = j.lead_unit_id
      {AREA_OF}
     WHERE {CONDITIONS}
     GROUP BY j.joint, j.level, j.stage
     ORDER BY j.joint, j.level, j.stage
""")

OF_UNIT = text("""
    SELECT j.code, j.name, j.joint, j.stage, CASE WHEN j.lead_unit_id = :unit_id THEN 'lead' ELSE p.part END AS part
      FROM project AS j
      LEFT JOIN project_partner AS p ON p.project_id = j.id AND p.unit_id = :unit_id
     WHERE j.lead_unit_id = :unit_id OR p.unit_id IS NOT NULL
     ORDER BY j.stage IN ('done', 'stopped'), j.starts_on DESC NULLS LAST, j.code
""")

DEMAND_OF = text("""
    SELECT d.code, d.name, d.state, r.code AS resource_code, r.name AS resource_name, u.code AS unit_code,
           u.name AS unit_name, COALESCE(r.valid_to <= CURRENT_DATE, false) AS is_ended
      FROM project AS j
      LEFT JOIN joint_match AS m ON m.project_id = j.id AND m.state = 'accepted'
      LEFT JOIN demand AS d ON d.id = COALESCE(j.demand_id, m.demand_id)
      LEFT JOIN resource AS r ON r.id = m.resource_id
      LEFT JOIN member_unit AS u ON u.id = r.unit_id
     WHERE j.id = :id AND (d.id IS NOT NULL OR r.id IS NOT NULL)
     ORDER BY d.id, r.id
""")

YEARS = text("""
    SELECT EXTRACT(year FROM MIN(LEAST(j.starts_on, j.ends_on)))::int,
           EXTRACT(year FROM MAX(GREATEST(j.starts_on, j.ends_on)))::int
      FROM project AS j
""")


@dataclass(frozen=True)
class ProjectFilter:
    """Which projects are meant; '' and None are no condition, and those given must all hold.

    area    code of an area, of a town with its villages.
    unit    code of a unit that leads or takes part.
    words   part of the name, the code, the outcome, or the lead's name.
    """

    joint: str = ""
    level: str = ""
    stage: str = ""
    area: str = ""
    unit: str = ""
    year: int | None = None
    words: str = ""

    def values(self) -> dict[str, Any]:
        """Values to bind."""
        plain = self.words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        return {
            "joint": self.joint,
            "level": self.level,
            "stage": self.stage,
            "area": self.area,
            "unit": self.unit,
            "first": date(self.year, 1, 1) if self.year else None,
            "last": date(self.year, 12, 31) if self.year else None,
            "words": f"%{plain}%" if plain else "",
        }


class ProjectLine(NamedTuple):
    """A project in a list; `lon`, `lat` (WGS 84 degrees) of its own place or its lead's, None where neither has one."""

    id: int
    code: str
    name: str
    joint: str
    level: str
    area_code: str | None
    area_name: str | None
    stage: str
    lead_code: str | None
    lead_name: str | None
    starts_on: date | None
    ends_on: date | None
    outcome: str | None
    people_served: int | None
    address: str | None
    lon: float | None
    lat: float | None
    has_own_place: bool
    partner_count: int


class ProjectCount(NamedTuple):
    """How many projects of a joint, level and stage there are, and how many people they reached in all."""

    joint: str
    level: str
    stage: str
    projects: int
    people: int


class UnitsProject(NamedTuple):
    """A project of a unit; `part` is lead, partner or support."""

    code: str
    name: str
    joint: str
    stage: str
    part: str


class Background(NamedTuple):
    """The demand that a project answers and the resource it makes use of, each None where there is none."""

    demand_code: str | None
    demand_name: str | None
    demand_state: str | None
    resource_code: str | None
    resource_name: str | None
    unit_code: str | None
    unit_name: str | None
    is_ended: bool


def next_code(session: Session) -> str:
    """The next free code (J and a number of three digits or more), nobody else's until this transaction ends."""
    session.execute(HOLD)
    return f"J{int(session.scalar(LAST_NUMBER) or 0) + 1:03d}"


def listed(session: Session, wanted: ProjectFilter, *, most: int) -> list[ProjectLine]:
    """Projects, those of the district first, then by code."""
    return [ProjectLine(*row) for row in session.execute(LINES, {**wanted.values(), "most": most})]


def listed_one(session: Session, code: str) -> ProjectLine:
    """The project of that code, which must be there."""
    return ProjectLine(*session.execute(LINE, {"code": code}).one())


def counts(session: Session, wanted: ProjectFilter) -> list[ProjectCount]:
    """Projects by joint, level and stage; what there is none of is absent."""
    return [ProjectCount(*row) for row in session.execute(COUNTS, wanted.values())]


def of_unit(session: Session, unit_id: int) -> list[UnitsProject]:
    """Projects that a unit leads or takes part in, those under way first and of these the newest."""
    return [UnitsProject(*row) for row in session.execute(OF_UNIT, {"unit_id": unit_id})]


def background(session: Session, project_id: int) -> Background | None:
    """Which demand a project answers with which resource; None where it came about without."""
    row = session.execute(DEMAND_OF, {"id": project_id}).first()
    return Background(*row) if row else None


def years(session: Session) -> tuple[int, int] | None:
    """The first and last year of which there are projects with days; None where there are none."""
    first, last = session.execute(YEARS).one()
    return None if first is None else (first, last)
