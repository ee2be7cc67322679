"""What is known of a district, asked how well positions fit it under one reading of their datum.

The evidence is in WGS 84. Positions of a shifted datum are not decoded for it: the evidence is shifted as they
are, so that an installation that does not decode can still tell a shifted file.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from spatial.conversion import from_wgs84, to_wgs84
from spatial.crs import Datum, geodesic_area_m2, geodesic_metres
from spatial.gcj02 import Floats

INSIDE_RATE = 0.99
NAMED_RATE = 0.95
PLACE_MEDIAN_M = 40.0
PLACE_SPREAD = 1.0
PLACE_MISTAKEN = 0.3
_UNKNOWN_DISTRICT_M2 = 4e8


@dataclass(frozen=True, slots=True)
class DatumWeight:
    """What speaks for one hypothesis; counts are over distinct positions.

    near, median_m   rows with a known place, and the distance to it in the median; None without any.
    """

    datum: Datum
    log_likelihood: float
    inside: int
    inside_of: int
    named: int
    named_of: int
    near: int
    median_m: float | None

    def told(self) -> str:
        """The numbers in words; empty where there are none."""
        parts = []
        if self.inside_of:
            parts.append(f"{self.inside} of {self.inside_of} inside the district")
        if self.named_of:
            parts.append(f"{self.named} of {self.named_of} in the area their address names")
        if self.median_m is not None:
            parts.append(f"{self.median_m:.0f} m in the median from known places")
        return ", ".join(parts)


class Witness:
    """The evidence of the rows, asked under each hypothesis."""

    def __init__(
        self, outline: BaseGeometry | None, areas: NDArray[np.object_], near_lon: Floats, near_lat: Floats
    ) -> None:
        self.outline = outline
        self.areas = areas
        self.near_lon, self.near_lat = near_lon, near_lat
        self._shifted: dict[Datum, Witness] = {}
        self.district_m2 = (
            _UNKNOWN_DISTRICT_M2 if outline is None else float(geodesic_area_m2(np.array([outline], dtype=object))[0])
        )
        if outline is not None:
            shapely.prepare(outline)

    def marks(self, x: Floats, y: Floats, datum: Datum) -> "Marks":
        """How rows fit, their numbers read in a datum."""
        if not datum.is_shifted:
            return self._marks(*to_wgs84(x, y, datum))
        if datum not in self._shifted:
            self._shifted[datum] = self._seen_in(datum)
        return self._shifted[datum]._marks(x, y)  # noqa: SLF001 - our own, in another frame

    def _seen_in(self, datum: Datum) -> "Witness":
        def moved(points: Floats) -> Floats:
            return np.column_stack(from_wgs84(points[:, 0], points[:, 1], datum))

        near = from_wgs84(self.near_lon, self.near_lat, datum)
        seen = Witness(_moved(self.outline, moved), _each_moved(self.areas, moved), *near)
        seen.district_m2 = self.district_m2
        return seen

    def _marks(self, lon: Floats, lat: Floats) -> "Marks":
        return Marks(
            inside=intersects(self.outline, lon, lat) if self.outline is not None else np.zeros(len(lon), dtype=bool),
            is_named=~(shapely.is_missing(self.areas) | shapely.is_empty(self.areas)),
            in_named=intersects(self.areas, lon, lat),
            is_near=np.isfinite(self.near_lon) & np.isfinite(self.near_lat),
            metres=geodesic_metres(lon, lat, self.near_lon, self.near_lat),
            district_m2=self.district_m2,
        )


@dataclass(frozen=True, slots=True)
class Marks:
    """The rows under one hypothesis."""

    inside: NDArray[np.bool_]
    is_named: NDArray[np.bool_]
    in_named: NDArray[np.bool_]
    is_near: NDArray[np.bool_]
    metres: Floats
    district_m2: float

    def score(self, *, weighs_inside: bool) -> Floats:
        """Log-likelihood of each row."""
        total = np.zeros(len(self.inside))
        if weighs_inside:
            total += np.log(np.where(self.inside, INSIDE_RATE, 1.0 - INSIDE_RATE))
        named = np.log(np.where(self.in_named, NAMED_RATE, 1.0 - NAMED_RATE))
        total += np.where(self.is_named, named, 0.0)
        return total + np.where(self.is_near, _log_density(self.metres, self.district_m2), 0.0)

    def weight(self, datum: Datum, total: float, *, has_outline: bool) -> DatumWeight:
        """What it comes to for one datum."""
        metres = self.metres[self.is_near & np.isfinite(self.metres)]
        return DatumWeight(
            datum=datum,
            log_likelihood=total,
            inside=int(self.inside.sum()),
            inside_of=len(self.inside) if has_outline else 0,
            named=int((self.in_named & self.is_named).sum()),
            named_of=int(self.is_named.sum()),
            near=len(metres),
            median_m=float(np.median(metres)) if metres.size else None,
        )


def _moved(shape: BaseGeometry | None, move: Callable[[Floats], Floats]) -> BaseGeometry | None:
    return None if shape is None else shapely.transform(shape, move)


def _each_moved(shapes: NDArray[np.object_], move: Callable[[Floats], Floats]) -> NDArray[np.object_]:
    """Few areas are named by many rows: each is moved once."""
    known = {id(shape): _moved(shape, move) for shape in shapes}
    moved = np.empty(len(shapes), dtype=object)
    moved[:] = [known[id(shape)] for shape in shapes]
    return moved


def distinct(x: Floats, y: Floats) -> NDArray[np.int64]:
    """The first row of each different finite position, in order."""
    usable = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    _, first = np.unique(np.column_stack([x[usable], y[usable]]), axis=0, return_index=True)
    return usable[np.sort(first)]


def intersects(shapes: BaseGeometry | NDArray[np.object_], lon: Floats, lat: Floats) -> NDArray[np.bool_]:
    """Whether each point is in the shape, or in its own shape; NaN points and missing shapes: no."""
    good = np.isfinite(lon)
    points = np.asarray(shapely.points(np.where(good, lon, 0.0), np.where(good, lat, 0.0)), dtype=object)
    return np.asarray(shapely.intersects(shapes, points), dtype=bool) & good


def _log_density(metres: Floats, district_m2: float) -> Floats:
    """Log of the density per m² at a distance from the known place."""
    known = np.where(np.isfinite(metres), np.maximum(metres, 1.0), 1e9)
    bell = np.exp(-0.5 * (np.log(known / PLACE_MEDIAN_M) / PLACE_SPREAD) ** 2)
    honest = bell / (known * PLACE_SPREAD * np.sqrt(2.0 * np.pi)) / (2.0 * np.pi * known)
    density: Floats = np.log((1.0 - PLACE_MISTAKEN) * honest + PLACE_MISTAKEN / district_m2)
    return density
