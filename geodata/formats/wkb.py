"""Well-known binary from strangers.

GEOS reads collections within collections by calling itself, and dies of some ten thousand levels. So the levels
are counted before it sees any.
"""

import struct
from collections.abc import Sequence
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

MAX_DEPTH: Final = 32

_HEAD: Final = 5
_POINT, _LINE, _POLYGON, _FIRST_MULTI, _LAST = 1, 2, 3, 4, 7
_HAS_Z, _HAS_M, _HAS_SRID = 0x80000000, 0x40000000, 0x20000000


def shapes_of(wkb: Sequence[bytes | None]) -> tuple[NDArray[np.object_], list[int]]:
    """Geometries, None where there is none or an empty one; and which could not be read, which are None, too."""
    safe = [None if one is None or is_deep(one) else one for one in wkb]
    shapes: NDArray[np.object_] = shapely.from_wkb(np.array([*safe, None], dtype=object)[:-1], on_invalid="ignore")
    lost = [index for index in np.flatnonzero(shapely.is_missing(shapes)).tolist() if wkb[index] is not None]
    shapes[shapely.is_empty(shapes)] = None
    return shapes, lost


def is_deep(wkb: bytes) -> bool:
    """Whether collections nest more than MAX_DEPTH deep; damaged bytes may be called so as well."""
    if len(wkb) < _HEAD or _number(wkb, 1, little=wkb[0] == 1) & 0xFFFF in {_POINT, _LINE, _POLYGON}:
        return False
    left = [1]
    at = 0
    try:
        while left:
            if not left[-1]:
                left.pop()
                continue
            left[-1] -= 1
            at, parts = _passed(wkb, at)
            left.append(parts)
            if len(left) > MAX_DEPTH + 1:
                return True
    except (struct.error, IndexError):
        # what breaks off here breaks off for GEOS
        return False
    except ValueError:
        return True
    return False


def _passed(wkb: bytes, at: int) -> tuple[int, int]:
    """Where the geometry that begins here ends, or its first part begins; and how many parts follow."""
    if wkb[at] > 1:
        raise ValueError("no byte order")
    little = wkb[at] == 1
    word = _number(wkb, at + 1, little=little)
    kind, flavour = (word & 0xFFFF) % 1000, (word & 0xFFFF) // 1000
    high = bool(word & _HAS_Z) or flavour in {1, 3}
    measured = bool(word & _HAS_M) or flavour in {2, 3}
    position = 8 * (2 + high + measured)
    at += _HEAD + (4 if word & _HAS_SRID else 0)
    if kind == _POINT:
        return at + position, 0
    if not _LINE <= kind <= _LAST:
        raise ValueError("no kind of geometry that is read")
    count = _number(wkb, at, little=little)
    at += 4
    if kind == _LINE:
        return at + count * position, 0
    if kind == _POLYGON:
        for _ in range(count):
            at += 4 + _number(wkb, at, little=little) * position
        return at, 0
    return at, count


def _number(wkb: bytes, at: int, *, little: bool) -> int:
    number: int = struct.unpack_from("<I" if little else ">I", wkb, at)[0]
    return number
