"""What is known of a district, asked how well positions fit it under one reading of their datum.

The evidence is in WGS 84. Positions of a shifted datum are not decoded for it: the evidence is shifted as they
are, so that an installation that does not decode can still tell a shifted file.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

from spatial.conversion import from_wgs84, to_wgs84
from spatial.crs import Datum, geodesic_area_m2, geodesic_metres
from spatial.errors import BadGeometry
from spatial.gcj02 import Floats

INSIDE_RATE = 0.99
NAMED_RATE = 0.95
PLACE_MEDIAN_M = 40.0
PLACE_SPREAD = 1.0
PLACE_MISTAKEN = 0.3
BESIDE_M = 100.0
BESIDE_FARTHEST_M = 800.0
METRES_PER_DEGREE = 111_320.0
_UNKNOWN_DISTRICT_M2 = 4e8


@dataclass(frozen=True, slots=True)
class DatumWeight:
    """What speaks for one hypothesis; counts are over distinct positions.

    elsewhere         of `elsewhere_of` rows whose address names another district, those outside of this one.
    beside, beside_m  roads that rows share with known places, and the metres between them in the median.
    near, median_m    rows with a known place, and the metres to it in the median; None without any.
    """

    datum: Datum
    log_likelihood: float
    inside: int
    inside_of: int
    named: int
    named_of: int
    elsewhere: int
    elsewhere_of: int
    beside: int
    beside_m: float | None
    near: int
    median_m: float | None

    def told(self) -> str:
        """The numbers in words; empty where there are none."""
        parts = []
        if self.inside_of:
            parts.append(f"{self.inside} of {self.inside_of} inside the district")
        if self.named_of:
            parts.append(f"{self.named} of {self.named_of} in the area their address names")
        if self.elsewhere_of:
            parts.append(f"{self.elsewhere} of {self.elsewhere_of} that name another district outside of this one")
        if self.median_m is not None:
            parts.append(f"{self.median_m:.0f} m in the median from known places ({self.near})")
        if self.beside_m is not None:
            parts.append(f"{self.beside_m:.0f} m in the median from known points of {self.beside} roads")
        return ", ".join(parts)


class Beside(NamedTuple):
    """Known points on a thing of one name (a road), and the rows whose name or address has it too.

    rows      numbers of the rows.
    lon, lat  the known points.
    each      what must be near: `row` where the points stand all along it, so that every row is near to one; `point`
              where the rows do, so that every point is; `any` where neither does, and one pair must be.
    """

    rows: NDArray[np.int64]
    lon: Floats
    lat: Floats
    each: Literal["row", "point", "any"]


class Witness:
    """The evidence of the rows, asked under each hypothesis."""

    def __init__(
        self,
        outline: BaseGeometry | None,
        areas: NDArray[np.object_],
        near_lon: Floats,
        near_lat: Floats,
        *,
        elsewhere: NDArray[np.bool_] | None = None,
        beside: Sequence[Beside] = (),
    ) -> None:
        self.elsewhere = np.zeros(len(areas), dtype=bool) if elsewhere is None else elsewhere
        self.beside = tuple(beside)
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
        beside = [_shifted_points(one, datum) for one in self.beside]
        seen = Witness(
            _moved(self.outline, moved),
            _each_moved(self.areas, moved),
            *near,
            elsewhere=self.elsewhere,
            beside=beside,
        )
        seen.district_m2 = self.district_m2
        return seen

    def _marks(self, lon: Floats, lat: Floats) -> "Marks":
        return Marks(
            inside=intersects(self.outline, lon, lat) if self.outline is not None else np.zeros(len(lon), dtype=bool),
            is_named=~(shapely.is_missing(self.areas) | shapely.is_empty(self.areas)),
            in_named=intersects(self.areas, lon, lat),
            is_near=np.isfinite(self.near_lon) & np.isfinite(self.near_lat),
            metres=geodesic_metres(lon, lat, self.near_lon, self.near_lat),
            elsewhere=self.elsewhere,
            beside_m=np.array([_metres_beside(one, lon, lat) for one in self.beside], dtype=np.float64),
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
    elsewhere: NDArray[np.bool_]
    beside_m: Floats
    district_m2: float

    @property
    def inside_share(self) -> float:
        """Share inside the district of the rows that do not name another one; 0 without any."""
        here = self.inside[~self.elsewhere]
        return float(here.mean()) if here.size else 0.0

    def score(self, *, weighs_inside: bool) -> Floats:
        """Log-likelihood of each row, and of each thing that rows lie beside."""
        total = np.zeros(len(self.inside))
        if weighs_inside:
            rated = np.log(np.where(self.inside, INSIDE_RATE, 1.0 - INSIDE_RATE))
            total += np.where(self.elsewhere, 0.0, rated)
        named = np.log(np.where(self.in_named, NAMED_RATE, 1.0 - NAMED_RATE))
        total += np.where(self.is_named, named, 0.0)
        total += np.where(self.is_near, _log_density(self.metres, self.district_m2), 0.0)
        # what says that it lies in another district does not lie in this one
        total += np.where(self.elsewhere, np.log(np.where(self.inside, 1.0 - INSIDE_RATE, INSIDE_RATE)), 0.0)
        return np.concatenate([total, _log_beside(self.beside_m)])

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
            elsewhere=int((self.elsewhere & ~self.inside).sum()),
            elsewhere_of=int(self.elsewhere.sum()) if has_outline else 0,
            beside=len(self.beside_m),
            beside_m=float(np.median(self.beside_m)) if self.beside_m.size else None,
            near=len(metres),
            median_m=float(np.median(metres)) if metres.size else None,
        )


def _shifted_points(one: Beside, datum: Datum) -> Beside:
    lon, lat = from_wgs84(one.lon, one.lat, datum)
    return one._replace(lon=lon, lat=lat)


def _metres_beside(one: Beside, lon: Floats, lat: Floats) -> float:
    """Metres between rows and known points of one road, on a plane, which is enough within a district."""
    squeeze = float(np.cos(np.radians(np.median(one.lat))))
    dx = (lon[one.rows][:, None] - one.lon[None, :]) * squeeze
    dy = lat[one.rows][:, None] - one.lat[None, :]
    metres = np.hypot(dx, dy) * METRES_PER_DEGREE
    metres = np.where(np.isfinite(metres), metres, 1e9)
    if one.each == "any":
        return float(metres.min())
    return float(np.median(metres.min(axis=1 if one.each == "row" else 0)))


def _log_beside(metres: Floats) -> Floats:
    """Heavy-tailed, as roads are long: one that is met says much, one whose known points lie far says nothing."""

    def tail(away: Floats | float) -> Floats:
        return np.asarray((1.0 + (np.asarray(away) / BESIDE_M) ** 2) ** -1.5, dtype=np.float64)

    density: Floats = np.log(tail(metres) + tail(BESIDE_FARTHEST_M))
    return density


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


@dataclass(frozen=True, slots=True)
class Clues:
    """What is known of the rows of a file, to weigh their datum by; all of it in WGS 84.

    inside       outline of the district.
    named_area   per row, the polygon of the area its address names, or None.
    near         lon and lat (n,) of the known place with the row's name, NaN where unknown.
    elsewhere    per row, whether its address names another district.
    beside       roads that rows share with known points.
    """

    inside: BaseGeometry | None = None
    named_area: Sequence[BaseGeometry | None] | None = None
    near: tuple[ArrayLike, ArrayLike] | None = None
    elsewhere: Sequence[bool] | None = None
    beside: Sequence[Beside] = ()

    def witness(self, x: Floats, y: Floats) -> tuple[Witness, NDArray[np.int64]]:
        """The evidence of the rows that count, and which those are: one for each position.

        Raises BadGeometry when the sequences differ in length.
        """
        count = len(x)
        areas = np.array([*(self.named_area if self.named_area is not None else [None] * count), None], dtype=object)
        nothing = np.full(count, np.nan)
        near_lon, near_lat = (np.atleast_1d(np.asarray(v, dtype=np.float64)) for v in self.near or (nothing, nothing))
        abroad = np.zeros(count, dtype=bool) if self.elsewhere is None else np.asarray(self.elsewhere, dtype=bool)
        if not count == len(y) == len(areas) - 1 == len(near_lon) == len(near_lat) == len(abroad):
            raise BadGeometry("coordinates and their evidence differ in number of rows")
        rows = distinct(x, y)
        place = np.full(count, -1, dtype=np.int64)
        place[rows] = np.arange(len(rows))
        beside = []
        for one in self.beside:
            mine = place[one.rows]
            if (mine >= 0).any() and len(one.lon):
                beside.append(one._replace(rows=mine[mine >= 0]))
        witness = Witness(
            self.inside, areas[rows], near_lon[rows], near_lat[rows], elsewhere=abroad[rows], beside=beside
        )
        return witness, rows
