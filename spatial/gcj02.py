"""WGS 84 to GCJ-02 and BD-09, on arrays of degrees; the way back is `spatial.decoding`.

Maps published in China are shifted on purpose. GCJ-02 (AMap, Tencent) moves a
WGS 84 position by some hundred metres with a smooth wavy function; BD-09
(Baidu) turns and stretches GCJ-02 once more, by about a kilometre in all. Both
are commonly labelled EPSG:4326. Neither is in PROJ and neither is affine, so
they are code: the published forward formulas.

The shift applies inside a box, 72.004 < lon < 137.8347 and 0.8293 < lat <
55.8271, as the published formula has it; outside of it (and for NaN) all
functions hand back what they were given. Hong Kong, Taiwan and neighbouring
countries lie in the box although their maps are not shifted: a file from there
is simply declared as WGS 84. A position within a kilometre or two of the box's
edge may not come back from a round trip, since its image is outside.

What an exact round trip does not say: the vendors' own services agree with the
published formula to some 5 to 10 m only.
"""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats: TypeAlias = NDArray[np.float64]
LonLat: TypeAlias = tuple[Floats, Floats]

# The Krasovsky ellipsoid of the published formula.
RADIUS_M = 6378245.0
ECCENTRICITY2 = 0.00669342162296594323

BOX = (72.004, 0.8293, 137.8347, 55.8271)

_BD_WAVE = np.pi * 3000.0 / 180.0
BD_LON_SHIFT = 0.0065
BD_LAT_SHIFT = 0.006


def in_box(lon: ArrayLike, lat: ArrayLike) -> NDArray[np.bool_]:
    """Whether each position lies in the box where the shift applies; NaN does not."""
    x = np.asarray(lon, dtype=np.float64)
    y = np.asarray(lat, dtype=np.float64)
    west, south, east, north = BOX
    return (x > west) & (x < east) & (y > south) & (y < north)


def wgs84_to_gcj02(lon: ArrayLike, lat: ArrayLike) -> LonLat:
    """GCJ-02 degrees of WGS 84 degrees; same shape, identity outside the box."""
    return inside_box(lon, lat, encrypt)


def gcj02_to_bd09(lon: ArrayLike, lat: ArrayLike) -> LonLat:
    """BD-09 degrees of GCJ-02 degrees; same shape, identity outside the box."""
    return inside_box(lon, lat, twist)


def wgs84_to_bd09(lon: ArrayLike, lat: ArrayLike) -> LonLat:
    """BD-09 degrees of WGS 84 degrees; same shape, identity outside the box."""
    return inside_box(lon, lat, lambda x, y: twist(*encrypt(x, y)))


def inside_box(lon: ArrayLike, lat: ArrayLike, move: Callable[[Floats, Floats], LonLat]) -> LonLat:
    """Positions moved by a function of arrays where the shift applies, the others as they are."""
    x, y = np.broadcast_arrays(np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64))
    out_x, out_y = x.copy(), y.copy()
    inside = in_box(x, y)
    out_x[inside], out_y[inside] = move(x[inside], y[inside])
    return out_x, out_y


def encrypt(lon: Floats, lat: Floats) -> LonLat:
    """GCJ-02 degrees of WGS 84 degrees that all lie in the box."""
    shift_x, shift_y = shift(lon, lat)
    return lon + shift_x, lat + shift_y


def twist(lon: Floats, lat: Floats) -> LonLat:
    """BD-09 degrees of GCJ-02 degrees that all lie in the box."""
    length = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BD_WAVE)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BD_WAVE)
    return length * np.cos(angle) + BD_LON_SHIFT, length * np.sin(angle) + BD_LAT_SHIFT


def shift(lon: Floats, lat: Floats) -> LonLat:
    """Degrees that GCJ-02 adds at a WGS 84 position."""
    east_m, north_m = _shift_m(lon - 105.0, lat - 35.0)
    phi = np.radians(lat)
    squeeze = 1.0 - ECCENTRICITY2 * np.sin(phi) ** 2
    meridian_m = RADIUS_M * (1.0 - ECCENTRICITY2) / squeeze**1.5
    parallel_m = RADIUS_M / np.sqrt(squeeze) * np.cos(phi)
    return np.degrees(east_m / parallel_m), np.degrees(north_m / meridian_m)


def _shift_m(x: Floats, y: Floats) -> LonLat:
    """Metres east and north; x and y are degrees from 105° E, 35° N."""
    root = np.sqrt(np.abs(x))
    ripple = _waves(x, (20.0, 6.0), (20.0, 2.0))
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east = east + ripple + _waves(x, (20.0, 1.0), (40.0, 1 / 3), (150.0, 1 / 12), (300.0, 1 / 30))
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north = north + ripple + _waves(y, (20.0, 1.0), (40.0, 1 / 3), (160.0, 1 / 12), (320.0, 1 / 30))
    return east, north


def _waves(t: Floats, *terms: tuple[float, float]) -> Floats:
    total = np.zeros_like(t)
    for height_m, turns in terms:
        total += height_m * np.sin(turns * np.pi * t)
    return total * (2.0 / 3.0)
