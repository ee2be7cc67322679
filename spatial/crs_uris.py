"""Coordinate reference systems by the names that OGC's standards give them, with their axis order.

Everything else of ours is x before y; only what is named here may be y before x on the wire.
Source: OGC API Features Part 2; OGC 07-092r1 for URNs and CURIEs.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from spatial.crs import WGS84_SRID, crs_of
from spatial.errors import UnknownCrs

CRS84_URI = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_EPSG_URI = "http://www.opengis.net/def/crs/EPSG/0/{srid}"

# WGS 84, CGCS2000 in degrees, CGCS2000 in metres around 120° E, Web Mercator.
ALWAYS_OFFERED = (WGS84_SRID, 4490, 4549, 3857)

_CRS84 = re.compile(
    r"(?:https?://www\.opengis\.net/def/crs/OGC/(?:1\.3|0)/|urn:ogc:def:crs:OGC:(?:1\.3)?:|\[?OGC:)?CRS84\]?", re.I
)
_EPSG = re.compile(
    r"(?:https?://www\.opengis\.net/def/crs/EPSG/[0-9.]+/|urn:ogc:def:crs:EPSG:[0-9.]*:|\[?EPSG:)([0-9]{4,6})\]?", re.I
)


@dataclass(frozen=True, slots=True)
class NamedCrs:
    """A CRS as it is named on the wire.

    uri         its name.
    srid        EPSG number of the numbers themselves, in the order x, y.
    is_yx       whether its definition puts latitude or northing first.
    is_degrees  whether the numbers are degrees, else metres.
    """

    uri: str
    srid: int
    is_yx: bool
    is_degrees: bool


CRS84 = NamedCrs(CRS84_URI, WGS84_SRID, is_yx=False, is_degrees=True)


@lru_cache(maxsize=64)
def named(srid: int) -> NamedCrs:
    """The CRS of an EPSG number under its EPSG name. Raises CRSError for a number that is none."""
    crs = crs_of(srid)
    first = crs.axis_info[0].direction
    return NamedCrs(_EPSG_URI.format(srid=srid), srid, is_yx=first == "north", is_degrees=bool(crs.is_geographic))


def offered(metre_srid: int) -> tuple[NamedCrs, ...]:
    """What a district offers, CRS84 first: those that everybody is offered, and its own metre CRS."""
    return (CRS84, *(named(srid) for srid in dict.fromkeys((*ALWAYS_OFFERED, metre_srid))))


def find(text: str, known: Sequence[NamedCrs]) -> NamedCrs:
    """The CRS of a URI, a URN, a CURIE or `EPSG:N`, among those known. Raises UnknownCrs, which lists them."""
    said = text.strip()
    if _CRS84.fullmatch(said):
        wanted = CRS84_URI
    else:
        number = _EPSG.fullmatch(said)
        wanted = _EPSG_URI.format(srid=int(number[1])) if number else ""
    for one in known:
        if one.uri == wanted:
            return one
    raise UnknownCrs(text[:100], [one.uri for one in known])
