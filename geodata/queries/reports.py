"""What a report needs to know before it is sent: usual kinds of issue, room in the cell, places of units and points."""

from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

# Of late: what is usual changes with the season, and the newest are at hand by an index.
NEWEST = 2000

USUAL = text("""
    SELECT n.category_code
      FROM (SELECT i.category_code
              FROM ticket AS i
             ORDER BY i.reported_at DESC, i.number DESC
             LIMIT :newest) AS n
     GROUP BY n.category_code
     ORDER BY count(*) DESC, n.category_code
     LIMIT :most
""")

# Where nothing has been reported yet, what the district has made rules for.
RULED = text("""
    SELECT r.category_code
      FROM filing_rule AS r
     WHERE r.town_code = ''
       AND r.valid_from <= CURRENT_DATE
       AND (r.valid_to IS NULL OR r.valid_to > CURRENT_DATE)
     GROUP BY r.category_code
     ORDER BY min(r.id), r.category_code
     LIMIT :most
""")

# The lower code, as everywhere where a place lies on a line between two.
ROOM = text("""
    WITH here AS (
        SELECT ST_SetSRID(ST_MakePoint(:lon, :lat), 4326) AS place)
    SELECT c.code,
           COALESCE(c.size_m, sqrt(ST_Area(c.geom_m))),
           ST_Distance(ST_Boundary(c.geom_m), ST_Transform(here.place, :metre_srid))
      FROM grid_cell AS c, here
     WHERE ST_Covers(c.geom, here.place)
       AND c.valid_to IS NULL
     ORDER BY c.code
     LIMIT 1
""")

PLACES = {
    "unit": text("""
        SELECT u.code, u.name, u.address, ST_X(u.geom), ST_Y(u.geom)
          FROM member_unit AS u
         WHERE u.code = :code AND u.geom IS NOT NULL
         ORDER BY u.code
    """),
    "point": text("""
        SELECT p.code, p.name, p.address, ST_X(p.geom), ST_Y(p.geom)
          FROM responsibility_point AS p
         WHERE p.code = :code AND p.geom IS NOT NULL
         ORDER BY p.code
    """),
}


class Room(NamedTuple):
    """The cell of a place: how wide it is, and how far its nearest border is, in metres."""

    code: str
    wide_m: float
    border_m: float


class NamedPlace(NamedTuple):
    """A unit or responsibility point as a place (WGS 84 degrees)."""

    code: str
    name: str
    address: str | None
    lon: float
    lat: float


def usual_categories(session: Session, *, most: int) -> list[str]:
    """Codes of the categories reported most of late, the most first; none in a new district."""
    return list(session.scalars(USUAL, {"newest": NEWEST, "most": most}))


def ruled_categories(session: Session, *, most: int) -> list[str]:
    """Codes of categories that the district has filing rules for, in the order of its list."""
    return list(session.scalars(RULED, {"most": most}))


def room_at(session: Session, *, lon: float, lat: float, metre_srid: int) -> Room | None:
    """The current cell at a WGS 84 point (degrees); None where there is none."""
    row = session.execute(ROOM, {"lon": lon, "lat": lat, "metre_srid": metre_srid}).first()
    return Room(*row) if row else None


def named_place(session: Session, kind: str, code: str) -> NamedPlace | None:
    """The place of a `unit` or `point`; None where it has none, or there is no such code."""
    row = session.execute(PLACES[kind], {"code": code}).first()
    return NamedPlace(*row) if row else None
