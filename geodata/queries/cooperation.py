"""Co-governance at a glance: how much there is of each of its records, in the district or in one town."""

from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.queries.resolutions import BECAME, STATE

_TODAY = "{row}.valid_from <= :day AND ({row}.valid_to IS NULL OR {row}.valid_to > :day)"
_VILLAGES = f"""(SELECT v.code FROM area AS v
                  WHERE v.level = 'village' AND v.parent_code = :town AND {_TODAY.format(row="v")})"""
# Whether a row that is of an area lies in the town asked about; without a town all do.
_OF_AREA = f"""(CAST(:town AS text) IS NULL OR {{row}}.area_code = :town OR {{row}}.area_code IN {_VILLAGES})"""
_STANDS = """(CAST(:town AS text) IS NULL OR COALESCE({row}.town_code, u.town_code) = :town
              OR COALESCE({row}.village_code, u.village_code) = :town)"""
_OF_TOWN = "(CAST(:town AS text) IS NULL OR {row}.town_code = :town)"

GLANCE = text(f"""
    SELECT (SELECT count(DISTINCT m.unit_id) FROM membership AS m
             WHERE m.level = 'district' AND {_TODAY.format(row="m")}) AS members_district,
           (SELECT count(DISTINCT m.unit_id) FROM membership AS m
             WHERE m.level = 'town' AND {_TODAY.format(row="m")} AND {_OF_AREA.format(row="m")}) AS members_town,
           (SELECT count(DISTINCT m.unit_id) FROM membership AS m
             WHERE m.level = 'village' AND {_TODAY.format(row="m")}
               AND {_OF_AREA.format(row="m")}) AS members_village,
           (SELECT count(*) FROM convener_term AS c
              JOIN member_unit AS u ON u.id = c.unit_id AND u.is_active
             WHERE {_TODAY.format(row="c")} AND {_OF_AREA.format(row="c")}) AS conveners,
           (SELECT count(*) FROM region AS g WHERE {_OF_TOWN.format(row="g")}) AS regions,
           (SELECT count(*) FROM responsibility_block AS b WHERE {_OF_TOWN.format(row="b")}) AS blocks,
           (SELECT count(*) FROM responsibility_point AS o WHERE {_OF_TOWN.format(row="o")}) AS points,
           (SELECT count(*) FROM service_team AS s WHERE {_OF_TOWN.format(row="s")}) AS teams,
           (SELECT count(*) FROM responsibility_block AS b
             WHERE b.holder_id IS NULL AND {_OF_TOWN.format(row="b")})
         + (SELECT count(*) FROM responsibility_point AS o
             WHERE o.holder_id IS NULL AND {_OF_TOWN.format(row="o")}) AS unheld,
           (SELECT count(*) FROM resource AS r LEFT JOIN member_unit AS u ON u.id = r.unit_id
             WHERE (r.valid_to IS NULL OR r.valid_to > :day) AND {_STANDS.format(row="r")}) AS resources,
           (SELECT count(*) FROM demand AS d WHERE d.state = 'open' AND {_OF_AREA.format(row="d")}) AS demands_open,
           (SELECT count(*) FROM demand AS d WHERE d.state = 'met' AND {_OF_AREA.format(row="d")}) AS demands_met,
           (SELECT count(*) FROM pledge AS p LEFT JOIN member_unit AS u ON u.id = p.unit_id
             WHERE {_TODAY.format(row="p")} AND {_STANDS.format(row="p")}) AS pledges,
           (SELECT count(*) FROM pledge_kept AS k JOIN pledge AS p ON p.id = k.pledge_id
              LEFT JOIN member_unit AS u ON u.id = p.unit_id
             WHERE {_STANDS.format(row="p")}) AS pledges_kept,
           (SELECT count(*) FROM meeting AS n
             WHERE n.state = 'planned' AND n.held_at >= now() AND {_OF_AREA.format(row="n")}) AS meetings_planned,
           (SELECT count(*) FROM resolution AS r JOIN meeting AS n ON n.id = r.meeting_id {BECAME}
             WHERE {STATE} = 'open' AND {_OF_AREA.format(row="n")}) AS resolutions_open,
           (SELECT count(*) FROM whistle_call AS w
             WHERE w.state IN ('called', 'met') AND {_OF_AREA.format(row="w")}) AS calls_open
""")

JOINTS = text(f"""
    SELECT p.joint, count(*) AS projects, count(*) FILTER (WHERE p.stage = 'running') AS running,
           count(*) FILTER (WHERE p.stage = 'done') AS done
      FROM project AS p
     WHERE {_OF_AREA.format(row="p")}
     GROUP BY p.joint
     ORDER BY p.joint
""")


# Of a village the unit that convenes its own network, and not that of its town.
CONVENER = text(f"""
    SELECT u.name
      FROM convener_term AS c
      JOIN member_unit AS u ON u.id = c.unit_id AND u.is_active
     WHERE c.level = :level AND c.area_code = :code AND {_TODAY.format(row="c")}
     ORDER BY c.id
     LIMIT 1
""")


# The area's own, and not those of the towns or villages in it.
NEXT_MEETING = text("""
    SELECT n.name, n.held_at, n.address
      FROM meeting AS n
     WHERE n.state = 'planned' AND n.held_at >= now() AND n.level = :level AND n.area_code = :code
     ORDER BY n.held_at, n.id
     LIMIT 1
""")

# Roles at the holders of regions, blocks and points, those that answer for most of them first.
ROLES = text(f"""
    SELECT g.role, count(*) AS number
      FROM (SELECT r.holder_role AS role FROM region AS r WHERE {_OF_TOWN.format(row="r")}
             UNION ALL
            SELECT b.holder_role FROM responsibility_block AS b WHERE {_OF_TOWN.format(row="b")}
             UNION ALL
            SELECT o.holder_role FROM responsibility_point AS o
             WHERE {_OF_TOWN.format(row="o")} OR o.village_code = :town) AS g
     WHERE g.role IS NOT NULL
     GROUP BY g.role
     ORDER BY number DESC, g.role
     LIMIT :most
""")


class NextMeeting(NamedTuple):
    """The next meeting of an area."""

    name: str
    held_at: datetime
    address: str | None


class HolderRole(NamedTuple):
    """A role at holders of ground, and for how many regions, blocks and points it answers."""

    role: str
    number: int


class Glance(NamedTuple):
    """How many there are of each record; of a town what is its own, its villages' or stands in it."""

    members_district: int
    members_town: int
    members_village: int
    conveners: int
    regions: int
    blocks: int
    points: int
    teams: int
    unheld: int
    resources: int
    demands_open: int
    demands_met: int
    pledges: int
    pledges_kept: int
    meetings_planned: int
    resolutions_open: int
    calls_open: int


class JointCount(NamedTuple):
    """Projects of one of the six joints, those that run and those that are done."""

    joint: str
    projects: int
    running: int
    done: int


def glance(session: Session, day: date, *, town_code: str | None) -> Glance:
    """The records of a day, of the district or of a town; of a village (its code) those told by area or place."""
    return Glance(*session.execute(GLANCE, {"day": day, "town": town_code}).one())


def convener(session: Session, day: date, *, level: str, code: str) -> str | None:
    """Name of the unit that convenes the network of an area on a day; None where none does."""
    found: str | None = session.scalar(CONVENER, {"day": day, "level": level, "code": code})
    return found


def next_meeting(session: Session, *, level: str, code: str) -> NextMeeting | None:
    """The next meeting of an area's own bodies; None where none is planned."""
    row = session.execute(NEXT_MEETING, {"level": level, "code": code}).first()
    return NextMeeting(*row) if row else None


def holder_roles(session: Session, *, town_code: str | None, most: int) -> list[HolderRole]:
    """Roles that answer for ground of the district, of a town, or of a village (its code)."""
    return [HolderRole(*row) for row in session.execute(ROLES, {"town": town_code, "most": most})]


def joints(session: Session, day: date, *, town_code: str | None) -> dict[str, JointCount]:
    """Projects by joint, those that have any."""
    rows = session.execute(JOINTS, {"day": day, "town": town_code})
    return {row.joint: JointCount(*row) for row in rows}
