"""Where a map begins, and where links to areas, units and tickets lead on it."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.queries.features import Box
from geodata.queries.scope import Scope

# The district's own outline often is missing while towns have theirs; without any outline the
# units say where the district is.
EXTENT = text("""
    SELECT ST_XMin(e.box), ST_YMin(e.box), ST_XMax(e.box), ST_YMax(e.box)
      FROM (SELECT COALESCE(
                   (SELECT ST_Extent(a.geom)
                      FROM area AS a
                     WHERE a.valid_from <= CURRENT_DATE AND (a.valid_to IS NULL OR a.valid_to > CURRENT_DATE)),
                   (SELECT ST_Extent(u.geom) FROM member_unit AS u)) AS box) AS e
""")

AREA_BOXES = text("""
    SELECT a.code, ST_XMin(a.geom), ST_YMin(a.geom), ST_XMax(a.geom), ST_YMax(a.geom)
      FROM area AS a
     WHERE a.level = :level
       AND a.geom IS NOT NULL
       AND a.valid_from <= CURRENT_DATE
       AND (a.valid_to IS NULL OR a.valid_to > CURRENT_DATE)
     ORDER BY a.code
""")

UNIT_AT = text("SELECT ST_X(u.geom), ST_Y(u.geom) FROM member_unit AS u WHERE u.code = :name AND u.geom IS NOT NULL")

TICKET_AT = """
    SELECT ST_X(i.geom), ST_Y(i.geom)
      FROM ticket AS i
     WHERE i.number = :name AND i.geom IS NOT NULL
       AND {scope}
"""


def extent(session: Session) -> Box | None:
    """The box around the district's areas of today, else around its units; None where nothing has a place."""
    row = session.execute(EXTENT).one()
    return None if row[0] is None else Box(*row)


def area_boxes(session: Session, level: str) -> dict[str, Box]:
    """Boxes of the areas of a level by code; those without a boundary are absent."""
    found = session.execute(AREA_BOXES, {"level": level})
    return {code: Box(west, south, east, north) for code, west, south, east, north in found}


def unit_at(session: Session, code: str) -> tuple[float, float] | None:
    """Longitude and latitude (WGS 84) of a unit; None where its place is not known."""
    row = session.execute(UNIT_AT, {"name": code}).first()
    return (row[0], row[1]) if row else None


def ticket_at(session: Session, number: str, *, scope: Scope) -> tuple[float, float] | None:
    """Longitude and latitude (WGS 84) of a ticket of a scope; None where its place is not known."""
    statement = text(TICKET_AT.format(scope=scope.clause()))
    row = session.execute(statement, {"name": number, **scope.values()}).first()
    return (row[0], row[1]) if row else None
