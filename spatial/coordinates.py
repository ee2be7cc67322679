"""Coordinates that carry their datum, and positions in WGS 84, which carry none because there is nothing left to do.

Numbers that come in become `Coordinates` (or `Shapes`) with the datum they were declared in. The one way on is
`to_wgs84()`, and what it gives has no such way: half a kilometre is neither added twice nor taken away twice. Both take
lists, as files and forms give them, and refuse arrays, as conversions give them; a type checker says so before
the program runs, and DoubleShift when it does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn, TypeAlias

import numpy as np
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from spatial.conversion import from_wgs84, geometries_to_wgs84, to_wgs84
from spatial.crs import Datum
from spatial.errors import DoubleShift
from spatial.gcj02 import Floats

# What a file or a form gives: one number, or one for each row.
Numbers: TypeAlias = float | Sequence[float]


@dataclass(frozen=True, slots=True, eq=False)
class Wgs84:
    """Positions in WGS 84 degrees, (n,) each; a NaN pair where there is no place on the globe.

    They are not converted again: they have no `to_wgs84`.
    """

    lon: Floats
    lat: Floats

    def __len__(self) -> int:
        return len(self.lon)

    @property
    def is_place(self) -> NDArray[np.bool_]:
        """Which of them are places on the globe."""
        return np.isfinite(self.lon) & np.isfinite(self.lat)

    def one(self) -> tuple[float, float]:
        """Longitude and latitude of the first, which is the only one of a single pair."""
        return float(self.lon[0]), float(self.lat[0])

    def written_in(self, datum: Datum) -> "Coordinates":
        """The numbers that stand for these positions in a datum."""
        return _coordinates(*from_wgs84(self.lon, self.lat, datum), datum)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> NoReturn:
            """Say what is wrong with a second conversion."""
            if name == "to_wgs84":
                raise DoubleShift(type(self).__name__)
            raise AttributeError(name)


@dataclass(frozen=True, slots=True, eq=False, init=False)
class Coordinates:
    """Numbers as received, (n,) each, and the datum that gives them their meaning."""

    x: Floats
    y: Floats
    datum: Datum

    def __init__(self, x: Numbers, y: Numbers, datum: Datum) -> None:
        """Take numbers in; raises DoubleShift for arrays and positions, which are converted already."""
        for numbers in (x, y):
            if not isinstance(numbers, int | float | list | tuple):
                raise DoubleShift(type(numbers).__name__)
        object.__setattr__(self, "x", np.array(x, dtype=np.float64, ndmin=1))
        object.__setattr__(self, "y", np.array(y, dtype=np.float64, ndmin=1))
        object.__setattr__(self, "datum", datum)

    def __len__(self) -> int:
        return len(self.x)

    def to_wgs84(self) -> Wgs84:
        """The positions, all at once; raises DecodingOff for a shifted datum where those are not decoded.

        CGCS2000 is taken as equal to WGS 84 (they differ by less than a metre). Numbers that are no place on the
        globe (NaN, infinite, |lat| > 90, |lon| > 180, outside the projection) become a NaN pair.
        """
        return Wgs84(*to_wgs84(self.x, self.y, self.datum))


@dataclass(frozen=True, slots=True, eq=False, init=False)
class Shapes:
    """Geometries as received, None where a row has none, and the datum of their vertices."""

    geoms: NDArray[np.object_]
    datum: Datum

    def __init__(self, geoms: Sequence[BaseGeometry | None], datum: Datum) -> None:
        """Take shapes in; raises DoubleShift for an array of them, which is converted already."""
        if not isinstance(geoms, list | tuple):
            raise DoubleShift(type(geoms).__name__)
        held = np.empty(len(geoms), dtype=object)
        held[:] = geoms
        object.__setattr__(self, "geoms", held)
        object.__setattr__(self, "datum", datum)

    def to_wgs84(self) -> NDArray[np.object_]:
        """The geometries in WGS 84 degrees, None kept, a Z dropped.

        A straight edge of a shifted or projected datum is a curve on the ground, so edges longer than about 500 m
        get vertices first. These depend on the edge alone and not on its direction: neighbours keep their common
        border to the bit. Raises BadGeometry with the geometry's number when a vertex is no place on the globe,
        and DecodingOff.
        """
        return geometries_to_wgs84(self.geoms, self.datum)


def _coordinates(x: Floats, y: Floats, datum: Datum) -> Coordinates:
    made = object.__new__(Coordinates)
    for name, value in (("x", x), ("y", y), ("datum", datum)):
        object.__setattr__(made, name, value)
    return made
