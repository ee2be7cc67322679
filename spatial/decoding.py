"""GCJ-02 and BD-09 back to WGS 84: a module of its own, since an installation may have to do without it.

The inverse is found by going forward and correcting by what is missing, which ends at the last digits of a float.
Whether maps that were shifted on purpose may be shifted back is a matter of law that differs from place to place
and from office to office. Where it may not, `spatial.decoding_switch` makes every function here raise DecodingOff; what
only goes forward (`spatial.gcj02`: drawing over a shifted map, telling which datum a file is in) still works.
"""

from collections.abc import Callable

from numpy.typing import ArrayLike

from spatial.decoding_switch import is_allowed
from spatial.errors import DecodingOff
from spatial.gcj02 import BD_LAT_SHIFT, BD_LON_SHIFT, Floats, LonLat, encrypt, inside_box, shift, twist

# Each pass shrinks the error at least fiftyfold (measured: 5 passes end below 1e-8 m).
_PASSES = 7


def gcj02_to_wgs84(lon: ArrayLike, lat: ArrayLike) -> LonLat:
    """WGS 84 degrees of GCJ-02 degrees, exact to 1e-6 m; same shape, identity outside the box."""
    _check()
    return inside_box(lon, lat, _decrypt)


def bd09_to_gcj02(lon: ArrayLike, lat: ArrayLike) -> LonLat:
    """GCJ-02 degrees of BD-09 degrees, exact to 1e-6 m; same shape, identity outside the box."""
    _check()
    return inside_box(lon, lat, _untwist)


def bd09_to_wgs84(lon: ArrayLike, lat: ArrayLike) -> LonLat:
    """WGS 84 degrees of BD-09 degrees, exact to 1e-6 m; same shape, identity outside the box."""
    _check()
    return inside_box(lon, lat, lambda x, y: _decrypt(*_untwist(x, y)))


def _check() -> None:
    if not is_allowed():
        raise DecodingOff


def _decrypt(lon: Floats, lat: Floats) -> LonLat:
    return _invert(encrypt, lon, lat, start=_encrypt_backwards(lon, lat))


def _encrypt_backwards(lon: Floats, lat: Floats) -> LonLat:
    shift_x, shift_y = shift(lon, lat)
    return lon - shift_x, lat - shift_y


def _untwist(lon: Floats, lat: Floats) -> LonLat:
    return _invert(twist, lon, lat, start=(lon - BD_LON_SHIFT, lat - BD_LAT_SHIFT))


def _invert(forward: Callable[[Floats, Floats], LonLat], lon: Floats, lat: Floats, *, start: LonLat) -> LonLat:
    x, y = start
    for _ in range(_PASSES):
        image_x, image_y = forward(x, y)
        x, y = x - (image_x - lon), y - (image_y - lat)
    return x, y
