"""The datums and CRSs we know, the metre CRS of a place, and the guard at the door.

Every function takes and gives x (longitude, easting) before y (latitude,
northing), whatever order a CRS is defined in.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Self

import numpy as np
import pyproj
import shapely
from numpy.typing import ArrayLike
from pyproj.exceptions import CRSError

from spatial.errors import BadGeometry, CrsMismatch, NotMetric, UnknownDatum
from spatial.gcj02 import Floats, LonLat
from spatial.local import Similarity

WGS84_SRID = 4326

# What the name of a local datum begins with.
LOCAL = "local:"

_SPELLINGS = {
    "wgs84": ("wgs84", "wgs1984", "gps", "epsg4326", "4326", "crs84", "ogccrs84", "84坐标系", "wgs84坐标系"),
    "cgcs2000": (
        *("cgcs2000", "cgcs", "china2000", "epsg4490", "4490", "国家2000", "大地2000", "2000国家大地坐标系"),
        *("2000坐标系", "国家2000坐标系", "cgcs2000坐标系", "天地图", "tianditu"),
    ),
    "gcj02": (
        *(
            "gcj02",
            "gcj",
            "gcj2",
            "gcj02坐标系",
            "火星",
            "火星坐标",
            "火星坐标系",
            "mars",
            "国测局",
            "国测局坐标",
        ),
        *("高德", "高德坐标", "amap", "gaode", "腾讯", "腾讯坐标", "tencent"),
    ),
    "bd09": ("bd09", "bd09ll", "bd09坐标系", "百度", "百度坐标", "百度坐标系", "baidu"),
}
_NAME_OF = {spelling: name for name, spellings in _SPELLINGS.items() for spelling in spellings}


@dataclass(frozen=True, slots=True)
class Datum:
    """What the numbers of a file mean: `wgs84`, `cgcs2000`, `gcj02`, `bd09`, `epsg:N` or `local:NAME`.

    similarity   of a local datum: what its control points gave; None for all others.
    """

    name: str
    similarity: Similarity | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """The datum of a name as people write it, in any case, with or without dashes.

        Raises UnknownDatum when the name is unknown, or when the EPSG number
        is not that of a geographic or projected CRS.
        """
        key = re.sub(r"[^0-9a-z\u4e00-\u9fff]", "", unicodedata.normalize("NFKC", text).lower())
        if key in _NAME_OF:
            return cls(_NAME_OF[key])
        number = re.fullmatch(r"(?:urnogcdefcrs)?epsg(\d{4,6})", key)
        if number is None:
            is_local = text.strip().lower().startswith(LOCAL)
            raise UnknownDatum(text, "local datums are fitted first: `wangge datum fit`" if is_local else "")
        _check_usable(text, int(number[1]))
        return cls(f"epsg:{int(number[1])}")

    @property
    def srid(self) -> int | None:
        """The EPSG number, None for GCJ-02, BD-09 and local datums, which have none."""
        if self.name.startswith("epsg:"):
            return int(self.name.removeprefix("epsg:"))
        return {"wgs84": WGS84_SRID, "cgcs2000": 4490}.get(self.name)

    @property
    def is_shifted(self) -> bool:
        """Whether this is one of the shifted Chinese systems."""
        return self.name in {"gcj02", "bd09"}

    @property
    def is_local(self) -> bool:
        """Whether these are local metres, tied to the globe by control points."""
        return self.similarity is not None

    @property
    def is_projected(self) -> bool:
        """Whether the numbers are eastings and northings, not degrees."""
        if not self.name.startswith("epsg:"):
            return self.is_local
        return bool(crs_of(int(self.name.removeprefix("epsg:"))).is_projected)

    def __str__(self) -> str:
        titles = {"wgs84": "WGS 84", "cgcs2000": "CGCS2000", "gcj02": "GCJ-02", "bd09": "BD-09"}
        return titles.get(self.name, self.name if self.is_local else self.name.upper())


WGS84 = Datum("wgs84")
CGCS2000 = Datum("cgcs2000")
GCJ02 = Datum("gcj02")
BD09 = Datum("bd09")


def metre_crs(text: str | int) -> pyproj.CRS:
    """The CRS of a name such as EPSG:4549, sure to be projected and in metres.

    Raises NotMetric for a CRS in degrees or feet, for one that cannot be
    read, and for Web Mercator, whose metres are not metres on the ground.
    """
    try:
        crs = pyproj.CRS.from_user_input(text)
    except CRSError as error:
        raise NotMetric(str(text), "it is not the name of a CRS") from error
    name = crs.to_string()
    if not crs.is_projected:
        raise NotMetric(name, "it is not projected")
    if any(axis.unit_conversion_factor != 1.0 for axis in crs.axis_info):
        raise NotMetric(name, f"its unit is {crs.axis_info[0].unit_name}")
    operation = crs.coordinate_operation
    if operation is not None and "Pseudo Mercator" in operation.method_name:
        raise NotMetric(name, "Web Mercator stretches areas (by a third in Shanghai)")
    return crs


def metre_crs_for(lon: float, lat: float) -> pyproj.CRS:
    """The UTM zone (on WGS 84) that holds a WGS 84 position: a good first choice of metre CRS.

    The plain six-degree zones, without the exceptions around Norway. Raises
    BadGeometry outside 80° S to 84° N, where UTM ends.
    """
    if not (-180.0 <= lon <= 180.0 and -80.0 <= lat <= 84.0):
        raise BadGeometry("there is no UTM zone here", f"lon {lon:g}, lat {lat:g}")
    zone = min(int((lon + 180.0) // 6.0) + 1, 60)
    return pyproj.CRS.from_epsg((32600 if lat >= 0.0 else 32700) + zone)


def to_metre(lon: ArrayLike, lat: ArrayLike, srid: int) -> LonLat:
    """Eastings and northings (x, y) in the CRS of an EPSG number; NaN pairs for no place on the globe."""
    return move(*on_globe(*pair(lon, lat)), source=WGS84_SRID, target=srid)


def from_metre(x: ArrayLike, y: ArrayLike, srid: int) -> LonLat:
    """WGS 84 degrees (lon, lat) of eastings and northings; NaN pairs for what cannot be placed."""
    return on_globe(*move(*pair(x, y), source=srid, target=WGS84_SRID))


def enclosing_degrees(
    west: float, south: float, east: float, north: float, srid: int
) -> tuple[float, float, float, float] | None:
    """A box in WGS 84 degrees around all of a box in the metres of an EPSG number; None where there is none.

    Its edges are bent in degrees: they are followed in steps, and a little more than they need is taken.
    """
    found = np.array(_transformer(srid, WGS84_SRID).transform_bounds(west, south, east, north, densify_pts=51))
    if not np.isfinite(found).all() or found[0] > found[2]:
        return None
    spare = 0.01 * max(found[2] - found[0], found[3] - found[1], 1e-5)
    return tuple(float(number) for number in found + np.array([-spare, -spare, spare, spare]))  # type: ignore[return-value]


def require_same_crs(left: Any, right: Any) -> None:  # noqa: ANN401 - any layer that has a `crs`
    """Refuse two layers that are not in one and the same known CRS, with CrsMismatch."""
    if left.crs is None or right.crs is None or left.crs != right.crs:
        raise CrsMismatch(_crs_name(left.crs), _crs_name(right.crs))


def require_metric(layer: Any) -> None:  # noqa: ANN401 - any layer that has a `crs`
    """Refuse a layer whose CRS is missing or not in metres, with NotMetric."""
    if layer.crs is None:
        raise NotMetric("a layer without CRS", "nothing says what its numbers mean")
    metre_crs(layer.crs)


def geodesic_area_m2(geoms: ArrayLike) -> Floats:
    """Area on the WGS 84 ellipsoid in m², one float per geometry.

    geoms   shapely geometries in WGS 84 degrees, edges taken as geodesics.

    Points, lines and empty shapes have 0; None has NaN. The direction of rings
    does not matter; holes are subtracted.
    """
    shapes = np.array(geoms, dtype=object, ndmin=1)
    parts, part_owner = shapely.get_parts(shapes, return_index=True)
    parts, inner_owner = shapely.get_parts(parts, return_index=True)  # a collection may hold multi-polygons
    part_owner = part_owner[inner_owner]
    rings, ring_owner = shapely.get_rings(parts, return_index=True)
    areas = np.zeros(len(shapes))
    areas[shapely.is_missing(shapes)] = np.nan
    coords, owner = shapely.get_coordinates(rings, return_index=True)
    starts = np.searchsorted(owner, np.arange(len(rings) + 1))
    is_hole = np.zeros(len(rings), dtype=bool)
    is_hole[1:] = ring_owner[1:] == ring_owner[:-1]
    geod = _geod()
    lon, lat = np.ascontiguousarray(coords[:, 0]), np.ascontiguousarray(coords[:, 1])
    sizes = np.empty(len(rings))
    for i in range(len(rings)):
        span = slice(starts[i], starts[i + 1])
        sizes[i] = abs(geod.polygon_area_perimeter(lon[span], lat[span])[0])
    np.add.at(areas, part_owner[ring_owner], np.where(is_hole, -sizes, sizes))
    return areas


def geodesic_metres(lon: ArrayLike, lat: ArrayLike, to_lon: ArrayLike, to_lat: ArrayLike) -> Floats:
    """Metres on the WGS 84 ellipsoid between pairs of WGS 84 positions (n,); NaN where one is NaN."""
    a, b = on_globe(*pair(lon, lat)), on_globe(*pair(to_lon, to_lat))
    known = np.isfinite(a[0]) & np.isfinite(b[0])
    metres = np.full(len(known), np.nan)
    metres[known] = _geod().inv(a[0][known], a[1][known], b[0][known], b[1][known])[2]
    return metres


@lru_cache(maxsize=1)
def _geod() -> pyproj.Geod:
    return pyproj.Geod(ellps="WGS84")


@lru_cache(maxsize=64)
def crs_of(srid: int) -> pyproj.CRS:
    """The CRS of an EPSG number. Raises CRSError."""
    return pyproj.CRS.from_epsg(srid)


@lru_cache(maxsize=64)
def _transformer(source: int, target: int) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(crs_of(source), crs_of(target), always_xy=True)


def _check_usable(text: str, srid: int) -> None:
    try:
        crs = crs_of(srid)
    except CRSError as error:
        raise UnknownDatum(text, "there is no such EPSG number") from error
    if not (crs.is_geographic or crs.is_projected) or len(crs.axis_info) != 2:
        raise UnknownDatum(text, f"{crs.name} is not a CRS of two map coordinates")


def srid_of(datum: Datum) -> int:
    """The EPSG number of a datum that has one. Raises UnknownDatum."""
    if datum.srid is None:
        raise UnknownDatum(datum.name)
    return datum.srid


def _crs_name(crs: Any) -> str:  # noqa: ANN401 - pyproj's CRS or None
    return "no CRS" if crs is None else str(crs.to_string())


def pair(x: ArrayLike, y: ArrayLike) -> LonLat:
    """Both as arrays of floats with one dimension at least."""
    return np.array(x, dtype=np.float64, ndmin=1), np.array(y, dtype=np.float64, ndmin=1)


def move(x: Floats, y: Floats, *, source: int, target: int) -> LonLat:
    """Transform; what PROJ cannot place becomes a NaN pair."""
    out_x, out_y = _transformer(source, target).transform(x, y)
    bad = ~(np.isfinite(out_x) & np.isfinite(out_y) & np.isfinite(x) & np.isfinite(y))
    return np.where(bad, np.nan, out_x), np.where(bad, np.nan, out_y)


def on_globe(lon: Floats, lat: Floats) -> LonLat:
    """Degrees, with NaN pairs for those out of range."""
    with np.errstate(invalid="ignore"):
        good = (np.abs(lon) <= 180.0) & (np.abs(lat) <= 90.0)
    return np.where(good, lon, np.nan), np.where(good, lat, np.nan)
