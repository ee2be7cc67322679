"""What the tests of changing features share: a district with some of each, shapes, and features as they are sent."""

import json
from datetime import UTC, datetime, timedelta

from makers import add_areas, add_point, add_unit, at, spot

from geodata.models import DutyDeputy, GridCell, ResponsibilityBlock, Ticket
from geodata.services.stamps import restamp

GEOJSON, PATCH = "application/geo+json", "application/merge-patch+json"
WEST_TOWN, EAST_TOWN = "310112101000", "310112102000"
FIRST, SECOND = "310112101001", "310112101002"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"


def box(west, south, east, north):
    """A polygon of GeoJSON, in hundredths of a degree from the district's corner."""
    corners = [at(*corner) for corner in ((west, south), (east, south), (east, north), (west, north), (west, south))]
    return {"type": "Polygon", "coordinates": [[list(corner) for corner in corners]]}


def point(east, north):
    return {"type": "Point", "coordinates": list(at(east, north))}


def fill(session):
    add_areas(session)
    holder = add_unit(session, "U1", 0.5, 0.5, name="物业甲")
    other = add_unit(session, "U2", 1.5, 0.5, name="物业乙")
    for code, west, east, town in (("B001", 0, 1, WEST_TOWN), ("B002", 1, 2, WEST_TOWN), ("B003", 2, 3, EAST_TOWN)):
        geom = f"SRID=4326;{shape_text(west, 0, east, 2)}"
        session.add(ResponsibilityBlock(code=code, name=f"区块{code}", town_code=town, geom=geom))
    session.flush()
    session.get(ResponsibilityBlock, 1).holder_id = holder.id
    session.add(DutyDeputy(of_kind="block", of_code="B001", rank=1, unit_id=other.id, role="副"))
    add_point(session, "P001", 0.5, 1, block_code="B001", kind="小区", address="某路1号")
    for number, (west, east) in enumerate(((0, 0.5), (0.5, 1)), start=1):
        session.add(
            GridCell(
                code=f"{FIRST}00{number}",
                town_code=WEST_TOWN,
                village_code=FIRST,
                geom=f"SRID=4326;{shape_text(west, 0, east, 2)}",
            )
        )
    for name, days, east in (("OLD", 30, 0.9), ("NEW", 0, 0.9), ("FAR", 0, 1.6)):
        when = datetime.now(UTC) - timedelta(days=days)
        facts = {"source": "s", "category_code": "0102", "title": "t", "state": "reported"}
        session.add(Ticket(number=name, reported_at=when, geom=spot(east, 1), **facts))
    session.flush()
    restamp(session)


def shape_text(west, south, east, north):
    corners = ", ".join(f"{lon} {lat}" for lon, lat in box(west, south, east, north)["coordinates"][0])
    return f"MULTIPOLYGON((({corners})))"


def feature(geometry, **properties):
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def as_read(send, path):
    """A feature as it is read, to be sent again."""
    told = json.loads(send("GET", path).text)
    return {name: told[name] for name in ("type", "id", "geometry", "properties")}
