"""Small made-up records with round numbers, for tests of geodata and webmap."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import text

from geodata.models import Area, MemberUnit, ResponsibilityBlock, ResponsibilityPoint

# About the middle of the test district. A hundredth of a degree is about a kilometre here.
WEST, SOUTH = 121.40, 31.10

ZONE = ZoneInfo("Asia/Shanghai")


def today():
    """The day in the test district, which is another one than the machine's for eight hours."""
    return datetime.now(ZONE).date()


def square(west, south, east, north):
    """EWKT of a multipolygon box, in hundredths of a degree from the district's south-west corner."""
    w, s, e, n = WEST + west / 100, SOUTH + south / 100, WEST + east / 100, SOUTH + north / 100
    return f"SRID=4326;MULTIPOLYGON((({w} {s},{e} {s},{e} {n},{w} {n},{w} {s})))"


def spot(east, north):
    """EWKT of a point, in hundredths of a degree from the same corner."""
    return f"SRID=4326;POINT({WEST + east / 100} {SOUTH + north / 100})"


def at(east, north):
    """The same point as (lon, lat)."""
    return WEST + east / 100, SOUTH + north / 100


def add_areas(session):
    """A district 4 × 2, two towns of 2 × 2 side by side, and two villages (each 1 × 2) in the western town."""
    session.execute(
        text("UPDATE area SET geom = ST_GeomFromEWKT(:geom) WHERE level = 'district'"), {"geom": square(0, 0, 4, 2)}
    )
    session.add_all(
        [
            Area(level="town", code="310112101000", name="西镇", parent_code="310112", geom=square(0, 0, 2, 2)),
            Area(level="town", code="310112102000", name="东镇", parent_code="310112", geom=square(2, 0, 4, 2)),
            Area(
                level="village", code="310112101001", name="一村", parent_code="310112101000", geom=square(0, 0, 1, 2)
            ),
            Area(
                level="village", code="310112101002", name="二村", parent_code="310112101000", geom=square(1, 0, 2, 2)
            ),
            Area(level="village", code="310112102001", name="三村", parent_code="310112102000"),
        ]
    )
    session.flush()


def add_unit(session, code, east=None, north=None, **facts):
    """A unit, placed when a place is given, stamped as told."""
    placed = {} if east is None else {"geom": spot(east, north)}
    unit = MemberUnit(code=code, **{"name": f"单位{code}", "kind": "property", **placed, **facts})
    session.add(unit)
    session.flush()
    return unit


def add_block(session, code, west, south, east, north, holder=None):
    """A responsibility block."""
    block = ResponsibilityBlock(code=code, name=f"区块{code}", geom=square(west, south, east, north))
    block.holder_id = holder.id if holder else None
    session.add(block)
    session.flush()
    return block


def add_point(session, code, east, north, holder=None, **facts):
    """A responsibility point."""
    point = ResponsibilityPoint(code=code, name=f"责任点{code}", geom=spot(east, north), **facts)
    point.holder_id = holder.id if holder else None
    session.add(point)
    session.flush()
    return point
