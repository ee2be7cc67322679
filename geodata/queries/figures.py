"""What reports state of an area, counted here; and what they stated."""

from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

# Whether a row with a town's code belongs to the area; the district has all.
_IN_TOWN = "(CAST(:level AS text) = 'district' OR {row}.town_code = :code OR {row}.village_code = :code)"
_OF_TOWN = "(CAST(:level AS text) = 'district' OR {row}.town_code = :code)"
_TODAY = "{row}.valid_from <= CURRENT_DATE AND ({row}.valid_to IS NULL OR {row}.valid_to > CURRENT_DATE)"

# Members of a level: in a town those of the town and of its villages.
_MEMBERS = f"""
    (SELECT count(DISTINCT m.unit_id)
       FROM membership AS m
       LEFT JOIN area AS v ON v.level = 'village' AND v.code = m.area_code AND {_TODAY.format(row="v")}
      WHERE m.level = '{{level}}' AND {_TODAY.format(row="m")}
        AND (CAST(:level AS text) = 'district' OR m.area_code = :code OR v.parent_code = :code))
"""

# Projects and resources without a place of their own are where their unit is.
COUNTED = text(f"""
    SELECT {_MEMBERS.format(level="district")} AS units_district,
           {_MEMBERS.format(level="town")} AS units_town,
           {_MEMBERS.format(level="village")} AS units_village,
           (SELECT count(*) FROM resource AS r LEFT JOIN member_unit AS u ON u.id = r.unit_id
             WHERE CAST(:level AS text) = 'district'
                OR COALESCE(r.town_code, u.town_code) = :code
                OR COALESCE(r.village_code, u.village_code) = :code) AS resources,
           (SELECT count(*) FROM project AS p
             WHERE p.level = 'district' AND CAST(:level AS text) = 'district') AS projects_district,
           (SELECT count(*) FROM project AS p
             WHERE p.level = 'town'
               AND (CAST(:level AS text) = 'district' OR p.area_code = :code)) AS projects_town,
           (SELECT count(*) FROM region AS g WHERE {_OF_TOWN.format(row="g")}) AS regions,
           (SELECT count(*) FROM responsibility_block AS b WHERE {_OF_TOWN.format(row="b")}) AS blocks,
           (SELECT count(*) FROM responsibility_point AS o WHERE {_IN_TOWN.format(row="o")}) AS points,
           (SELECT count(*) FROM service_team AS s WHERE {_OF_TOWN.format(row="s")}) AS teams
""")

# The newest statement of each figure.
STATED = text("""
    SELECT DISTINCT ON (f.figure) f.figure, f.period, f.value, f.source
      FROM stated_figure AS f
     WHERE f.level = :level AND f.area_code = :code
     ORDER BY f.figure, f.last_day DESC, f.period DESC, f.id
""")

# The towns side by side: what each has, and what nobody answers for.
TOWNS = text(f"""
    SELECT a.code, a.name, a.area_m2,
           (SELECT count(*) FROM area AS v
             WHERE v.level = 'village' AND v.parent_code = a.code AND {_TODAY.format(row="v")}) AS villages,
           (SELECT count(*) FROM member_unit AS u WHERE u.is_active AND u.town_code = a.code) AS units,
           (SELECT count(DISTINCT m.unit_id) FROM membership AS m
             WHERE m.level = 'town' AND m.area_code = a.code AND {_TODAY.format(row="m")}) AS members,
           (SELECT count(*) FROM responsibility_block AS b WHERE b.town_code = a.code) AS blocks,
           (SELECT count(*) FROM responsibility_block AS b
             WHERE b.town_code = a.code AND b.holder_id IS NULL) AS blocks_unheld,
           (SELECT count(*) FROM responsibility_point AS o WHERE o.town_code = a.code) AS points,
           (SELECT count(*) FROM responsibility_point AS o
             WHERE o.town_code = a.code AND o.holder_id IS NULL) AS points_unheld,
           (SELECT count(*) FROM project AS p WHERE p.area_code = a.code AND p.level = 'town') AS projects,
           (SELECT count(*) FROM project AS p
             WHERE p.area_code = a.code AND p.level = 'town' AND p.stage = 'done') AS projects_done,
           (SELECT count(*) FROM resource AS r LEFT JOIN member_unit AS u ON u.id = r.unit_id
             WHERE COALESCE(r.town_code, u.town_code) = a.code) AS resources,
           (SELECT count(*) FROM demand AS d LEFT JOIN area AS v
                ON v.level = 'village' AND v.code = d.area_code AND {_TODAY.format(row="v")}
             WHERE d.state = 'open' AND (d.area_code = a.code OR v.parent_code = a.code)) AS demands_open
      FROM area AS a
     WHERE a.level = 'town' AND {_TODAY.format(row="a")}
     ORDER BY a.code, a.id
""")

# Active units by village of today: those that stand in it.
STANDS_IN_VILLAGE = "u.is_active AND u.village_code = v.code"
VILLAGE_UNIT_ROWS = f"""
    SELECT v.code, v.name, v.parent_code AS town_code, v.area_m2,
           (SELECT count(*) FROM member_unit AS u WHERE {STANDS_IN_VILLAGE}) AS units
      FROM area AS v
     WHERE v.level = 'village' AND {_TODAY.format(row="v")}
"""
VILLAGE_UNITS = text(f"{VILLAGE_UNIT_ROWS} ORDER BY v.code, v.id")


class Stated(NamedTuple):
    """A figure as somebody stated it, the newest of its kind."""

    figure: str
    period: str
    value: float
    source: str | None


class TownRow(NamedTuple):
    """What a town has; `area_m2` None where it has no boundary.

    units     active ones that stand in it; `members` those in its own network, wherever they stand.
    """

    code: str
    name: str
    area_m2: float | None
    villages: int
    units: int
    members: int
    blocks: int
    blocks_unheld: int
    points: int
    points_unheld: int
    projects: int
    projects_done: int
    resources: int
    demands_open: int


class VillageRow(NamedTuple):
    """Active units that stand in a village; `area_m2` None where it has no boundary."""

    code: str
    name: str
    town_code: str | None
    area_m2: float | None
    units: int


def counted(session: Session, level: str, code: str) -> dict[str, int]:
    """Figures of a district, town or village as they are counted here, by the words of the import."""
    return dict(session.execute(COUNTED, {"level": level, "code": code}).one()._asdict())


def stated(session: Session, level: str, code: str) -> list[Stated]:
    """The newest statement of each figure of an area, by figure."""
    return [Stated(*row) for row in session.execute(STATED, {"level": level, "code": code})]


def towns(session: Session) -> list[TownRow]:
    """The towns of today by code."""
    return [TownRow(*row) for row in session.execute(TOWNS)]


def village_units(session: Session) -> list[VillageRow]:
    """The villages of today by code."""
    return [VillageRow(*row) for row in session.execute(VILLAGE_UNITS)]
