"""Shapes of regions and blocks as people draw them: read, checked against the others, and never mended silently."""

import json
import math
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import shapely
from geoalchemy2.shape import to_shape
from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from geodata.models import Region, ResponsibilityBlock
from geodata.queries import duty_shapes as queries
from geodata.queries.duty_shapes import Shared
from geodata.record_errors import BadValue
from geodata.services.installation import installation
from spatial.clean import only_area

# As much of a shape may lie beyond its town, and of the smaller of two in both: hands draw no better.
ALLOWED = 0.01

# Below this it is a slip of the hand.
LEAST_M2 = 100.0

MOST_CORNERS = 20_000
MOST_PARTS = 2000
_NAMED = 3
_AT = re.compile(r"\[\s*(-?[\d.e+-]+)\s+(-?[\d.e+-]+)")


class ShapeReport(NamedTuple):
    """A shape (WGS 84 degrees) and what it comes to; `overlaps` has what is shared, also where it is allowed."""

    shape: shapely.MultiPolygon
    area_m2: float
    outside_m2: float
    point_count: int
    overlaps: list[Shared]


def read_shape(said: str) -> shapely.MultiPolygon:
    """The polygons of a GeoJSON geometry (WGS 84 degrees). Raises BadValue, which says where it crosses itself."""
    try:
        found = json.loads(said, parse_constant=_no_number)
        shape = _built(found)
    except (ValueError, TypeError, RecursionError, KeyError, IndexError, AttributeError, shapely.errors.ShapelyError):
        raise BadValue("shape", "shape", said) from None
    if not shapely.is_valid(shape):
        raise _crossing(shape)
    return shape


def stored_shape(held: Region | ResponsibilityBlock) -> shapely.MultiPolygon | None:
    """The border of a region or block as it is stored (WGS 84 degrees), None without one."""
    return None if held.geom is None else only_area(to_shape(held.geom))


def union_of(session: Session, codes: Sequence[str], *, town_code: str | None) -> shapely.MultiPolygon:
    """The ground of villages (code or name), cells and blocks of a town together. Raises BadValue for unknown ones."""
    if len(codes) > MOST_PARTS:
        raise BadValue("areas", "whole", len(codes), low=1, high=MOST_PARTS)
    found = queries.parts(session, codes, town_code=town_code)
    for said in codes:
        if said not in found:
            raise BadValue("areas", "unknown", said)
    return only_area(shapely.union_all(list(found.values())))


def check(
    session: Session, kind: str, shape: shapely.MultiPolygon, *, town_code: str | None, code: str | None = None
) -> ShapeReport:
    """What a shape of a region or block comes to, beside the others of its town but for `code` itself.

    Raises BadValue where it is next to nothing, lies beyond its town, or overlaps another by more than is allowed.
    """
    srid = installation(session).metre_srid
    facts = queries.facts(session, shape, town_code=town_code, metre_srid=srid)
    if facts.area_m2 < LEAST_M2:
        raise BadValue("shape", "small", f"{facts.area_m2:.0f}", least=LEAST_M2)
    outside_m2 = facts.outside_m2 or 0.0
    if outside_m2 > ALLOWED * facts.plane_m2:
        raise BadValue("shape", "outside", town_code or "", m2=round(outside_m2), town=facts.town_name or "")
    shared = queries.shared(session, kind, shape, code=code, town_code=town_code, metre_srid=srid)
    # blocks that touch share a line
    shared = [one for one in shared if one.shared_m2 >= 1.0]
    refused = [one for one in shared if one.shared_m2 > ALLOWED * min(facts.plane_m2, one.other_m2)]
    if refused:
        names = ", ".join(f"{one.name} {one.code} ({one.shared_m2:,.0f} m²)" for one in refused[:_NAMED])
        most = round(100 * ALLOWED)
        raise BadValue("shape", "overlaps", refused[0].code, names=names, count=len(refused), most=most)
    return ShapeReport(shape, facts.area_m2, outside_m2, facts.point_count, shared)


def _no_number(said: str) -> float:
    raise ValueError(said)


def _built(found: Any) -> shapely.MultiPolygon:  # noqa: ANN401 - whatever JSON holds
    if found["type"] not in {"Polygon", "MultiPolygon"}:
        raise ValueError(found["type"])
    polygons = [found["coordinates"]] if found["type"] == "Polygon" else found["coordinates"]
    corners = 0
    made = []
    for rings in polygons:
        read = [[(float(corner[0]), float(corner[1])) for corner in ring] for ring in rings]
        corners += sum(map(len, read))
        if corners > MOST_CORNERS or any(not _is_on_earth(*corner) for ring in read for corner in ring):
            raise ValueError(corners)
        made.append(shapely.Polygon(read[0], read[1:]))
    if not made:
        raise ValueError(found["type"])
    return shapely.MultiPolygon(made)


def _is_on_earth(lon: float, lat: float) -> bool:
    return math.isfinite(lon) and math.isfinite(lat) and abs(lon) <= 180.0 and abs(lat) <= 90.0


def _crossing(shape: BaseGeometry) -> BadValue:
    at = _AT.search(shapely.is_valid_reason(shape))
    if at is None:
        return BadValue("shape", "shape")
    return BadValue("shape", "crosses", lon=round(float(at[1]), 6), lat=round(float(at[2]), 6))
