"""What an outline that somebody draws must keep to: its neighbours, what it lies in, and the district."""

import re
from collections.abc import Mapping

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from geodata.ingest.places import shape_array
from geodata.queries.positions import extent
from geodata.record_errors import BadValue
from geodata.services.duty_shapes import ALLOWED
from geodata.services.grounds import metre_shapes
from geodata.services.installation import installation
from spatial.crs import geodesic_area_m2

# Less than this is where two drawings of one border fail to meet.
TOLERANCE_M2 = 1.0

# Whatever lies farther from the district is a slip of the coordinates.
FARTHEST_KM = 5
_KM_PER_DEGREE = 111.32

_NAMED = 3
_CODE = re.compile(r"[0-9A-Za-z-]{1,20}")


def plain_code(said: str) -> str:
    """A code for a new record. Raises BadValue."""
    if not _CODE.fullmatch(said) or said == "new":
        raise BadValue("code", "code", said)
    return said


def demand_near(session: Session, shape: BaseGeometry) -> None:
    """Raise BadValue for a shape (EPSG:4326) far beyond the district, if anybody knows where that is."""
    box = extent(session)
    if box is None:
        return
    west, south, east, north = box
    margin_lat = FARTHEST_KM / _KM_PER_DEGREE
    margin_lon = margin_lat / np.cos(np.radians((south + north) / 2))
    around = shapely.box(west - margin_lon, south - margin_lat, east + margin_lon, north + margin_lat)
    if not around.covers(shapely.box(*shape.bounds)):
        raise BadValue("geometry", "region", _middle(shape), km=FARTHEST_KM)


def demand_within(session: Session, shape: BaseGeometry, holder: BaseGeometry, name: str) -> None:
    """Raise BadValue where more than a hand's slip of a shape lies outside what must hold it; both EPSG:4326."""
    mine, around = metres(session, shape, holder)
    outside_m2 = float(mine.difference(around).area)
    if outside_m2 > ALLOWED * mine.area:
        raise BadValue("geometry", "outside", _middle(shape), m2=round(outside_m2), town=name)


def demand_apart(
    session: Session,
    shape: BaseGeometry,
    others: Mapping[str, BaseGeometry],
    *,
    before: BaseGeometry | None,
) -> list[str]:
    """Raise BadValue where a shape has ground in common with others that the one before it had not; all EPSG:4326.

    Returns a sentence on the ground in common that was so before and stays.
    """
    codes = sorted(code for code, other in others.items() if shapely.intersects(other, shape))
    mine, former, *theirs = metres(session, shape, before, *(others[code] for code in codes))
    new: dict[str, float] = {}
    old: dict[str, float] = {}
    for code, other in zip(codes, theirs, strict=True):
        common_m2 = float(mine.intersection(other).area)
        before_m2 = 0.0 if former is None else float(former.intersection(other).area)
        if common_m2 > before_m2 + TOLERANCE_M2:
            new[code] = common_m2
        elif common_m2 > TOLERANCE_M2:
            old[code] = common_m2
    if new:
        raise BadValue("geometry", "common", _middle(shape), m2=round(sum(new.values())), names=_named(new))
    return [f"{sum(old.values()):,.0f} m² are in common with {_named(old)}, as before"] if old else []


def left_open(
    session: Session, before: BaseGeometry | None, shape: BaseGeometry | None, others: Mapping[str, BaseGeometry]
) -> list[str]:
    """A sentence on ground that a shape held before and nobody holds now; all EPSG:4326."""
    if before is None:
        return []
    near = [other for other in others.values() if shapely.intersects(other, before)]
    former, *now = metres(session, before, *([] if shape is None else [shape]), *near)
    left_m2 = float(former.difference(shapely.union_all(now)).area)
    return [f"{left_m2:,.0f} m² are nobody's now"] if left_m2 > TOLERANCE_M2 else []


def metres(session: Session, *shapes: BaseGeometry | None) -> list[shapely.MultiPolygon]:
    """Polygons of EPSG:4326 in the district's metre CRS; None stays."""
    return list(metre_shapes(shape_array(shapes), installation(session).metre_srid))


def in_words(shape: BaseGeometry) -> str:
    """A polygon (EPSG:4326) by its size and middle, as histories keep it."""
    hectares = float(geodesic_area_m2(shape_array([shape]))[0]) / 1e4
    return f"{hectares:.2f} ha ({shape.centroid.x:.5f}, {shape.centroid.y:.5f})"


def changed_ground(before: BaseGeometry | None, after: BaseGeometry | None) -> BaseGeometry | None:
    """The ground that one of two outlines has and the other has not; None for none."""
    if before is None or after is None:
        return before if after is None else after
    ground = shapely.symmetric_difference(before, after)
    return None if ground.is_empty else ground


def _named(areas_m2: Mapping[str, float]) -> str:
    largest = sorted(areas_m2, key=lambda code: (-areas_m2[code], code))
    return ", ".join(largest[:_NAMED]) + (", …" if len(largest) > _NAMED else "")


def _middle(shape: BaseGeometry) -> str:
    spot = shape.centroid
    return f"{spot.x:.6f}, {spot.y:.6f}"
