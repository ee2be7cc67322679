"""Which datum a file of positions looks like, whatever it was declared as.

A wrong datum moves a point by 500 m or 1,100 m: usually into a neighbouring
town, rarely out of the district, so no box finds it. But many rows together tell. Each
hypothesis decodes the file, and each row then says how likely it is if
that hypothesis is true: the position is inside the district (99 of 100 are), in the
area its address names (95 of 100), near the known place of its name
(40 m in the median, log-normal, three in ten mistaken and anywhere in the district). The logarithms
add up, in nats.

When the declared datum is contradicted
---------------------------------------
* Another hypothesis leads by 6 nats: it makes the file 400 times as likely.
* The lead is not a few rows against others: it is at least twice the square root of the
  summed squares of the rows' own leads, what a coin would rarely do. Four rows that agree
  pass this, three do not, unless all three agree and lead by 30 nats together.
* Rows with one position count once: a geocoder's default place is one witness.
* Being inside the district is only weighed when some hypothesis puts 95 of 100 rows there;
  otherwise the file is of a wider region, and the border says nothing about its datum.

A point decoded to nowhere counts as outside and as far away.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

from spatial.conversion import to_wgs84
from spatial.crs import BD09, GCJ02, WGS84, Datum, geodesic_area_m2, geodesic_metres
from spatial.errors import BadGeometry
from spatial.gcj02 import Floats

HYPOTHESES = (WGS84, GCJ02, BD09)

INSIDE_RATE = 0.99
NAMED_RATE = 0.95
PLACE_MEDIAN_M = 40.0
PLACE_SPREAD = 1.0
PLACE_MISTAKEN = 0.3
CLEAR_NATS = 6.0
OVERWHELMING_NATS = 30.0
CONSISTENCY = 2.0
FEWEST_ROWS = 3
DISTRICT_FILE_SHARE = 0.95
REPEATS_ALLOWED = 6

_UNKNOWN_DISTRICT_M2 = 4e8


@dataclass(frozen=True, slots=True)
class DatumWeight:
    """What speaks for one hypothesis; counts are over distinct positions, `median_m` is None without places."""

    datum: Datum
    log_likelihood: float
    inside: int
    inside_of: int
    named: int
    named_of: int
    median_m: float | None


@dataclass(frozen=True, slots=True)
class DatumVerdict:
    """How the declared datum fares among the hypotheses.

    best          the likeliest; the declared one when nothing leads it.
    margin_nats   the lead of `best` over the declared.
    contradicts   whether the lead is clear, see the module.
    rows          distinct usable positions.
    weighs_inside whether the outline was weighed, see the module.
    weights       one per hypothesis, the declared first.
    """

    declared: Datum
    best: Datum
    margin_nats: float
    contradicts: bool
    rows: int
    weighs_inside: bool
    weights: tuple[DatumWeight, ...]

    def weight(self, datum: Datum) -> DatumWeight:
        """What speaks for one of the hypotheses."""
        return next(weight for weight in self.weights if weight.datum == datum)

    def says(self) -> str:
        """One or two sentences with the numbers."""
        told = "; ".join(filter(None, (_told(weight) for weight in self.weights)))
        if not told:
            return f"Nothing to check the datum {self.declared} against: no outline, named area or known place."
        if self.contradicts:
            return (
                f"Declared as {self.declared}, but the positions look like {self.best}: {told}. "
                f"Check the source and import as {self.best.name}, or confirm {self.declared.name}."
            )
        doubt = (
            ""
            if self.weighs_inside or not self.weights[0].inside_of
            else (" Too few rows lie in the district under any datum for its outline to say anything.")
        )
        return f"Nothing clearly contradicts {self.declared}: {told}.{doubt}"


class OddityKind(StrEnum):
    """What looks wrong with raw coordinates, whatever their datum."""

    NOT_A_NUMBER = "not_a_number"
    ZERO = "zero"
    SWAPPED = "swapped"
    METRES = "metres"
    DEGREES = "degrees"
    REPEATED = "repeated"


@dataclass(frozen=True, slots=True)
class Oddity:
    """Rows (counted from 0) that look wrong in one way; for `repeated`, the rows of one position."""

    kind: OddityKind
    rows: tuple[int, ...]
    detail: str


def weigh_datums(
    x: ArrayLike,
    y: ArrayLike,
    *,
    declared: Datum,
    hypotheses: Sequence[Datum] = HYPOTHESES,
    inside: BaseGeometry | None = None,
    named_area: Sequence[BaseGeometry | None] | None = None,
    near: tuple[ArrayLike, ArrayLike] | None = None,
) -> DatumVerdict:
    """Weigh the declared datum of a file against others.

    x, y         raw coordinates (n,) as received; rows with NaN are passed over.
    hypotheses   datums to try; the declared one is always among them.
    inside       outline of the district, WGS 84.
    named_area   per row, the WGS 84 polygon of the area its address names, or None.
    near         lon and lat (n,) of the known place with the row's name, WGS 84, NaN where unknown.

    Raises BadGeometry when the sequences differ in length.
    """
    px, py = np.atleast_1d(np.asarray(x, dtype=np.float64)), np.atleast_1d(np.asarray(y, dtype=np.float64))
    areas = np.array([*(named_area if named_area is not None else [None] * len(px)), None], dtype=object)[:-1]
    near_lon, near_lat = (np.atleast_1d(np.asarray(v, dtype=np.float64)) for v in near or (px * np.nan, px * np.nan))
    if not len(px) == len(py) == len(areas) == len(near_lon) == len(near_lat):
        raise BadGeometry("coordinates and their evidence differ in number of rows")
    rows = _distinct(px, py)
    witness = _Witness(inside, areas[rows], near_lon[rows], near_lat[rows])
    tried = (declared, *(datum for datum in hypotheses if datum != declared))
    marks = [witness.mark(*to_wgs84(px[rows], py[rows], datum)) for datum in tried]
    weighs_inside = len(rows) > 0 and any(mark.inside.mean() >= DISTRICT_FILE_SHARE for mark in marks)
    scores = [mark.score(weighs_inside=weighs_inside) for mark in marks]
    totals = [float(score.sum()) for score in scores]
    best = int(np.argmax(totals))  # the first of equals, which is the declared one
    lead = scores[best] - scores[0]
    return DatumVerdict(
        declared=declared,
        best=tried[best],
        margin_nats=float(lead.sum()),
        contradicts=_is_clear(lead),
        rows=len(rows),
        weighs_inside=weighs_inside,
        weights=tuple(
            mark.weight(datum, total, has_outline=inside is not None)
            for datum, total, mark in zip(tried, totals, marks, strict=True)
        ),
    )


def oddities(x: ArrayLike, y: ArrayLike, *, declared: Datum, inside: BaseGeometry | None = None) -> list[Oddity]:
    """What looks wrong with raw coordinates, in the order of OddityKind; an empty list is good news.

    inside   outline of the district in WGS 84: with it, a swap shows also where both
             numbers would do as a latitude.
    """
    px, py = np.atleast_1d(np.asarray(x, dtype=np.float64)), np.atleast_1d(np.asarray(y, dtype=np.float64))
    finite = np.isfinite(px) & np.isfinite(py)
    zero = finite & (np.abs(px) < 1e-6) & (np.abs(py) < 1e-6)
    odd: list[tuple[OddityKind, NDArray[np.bool_], str]] = [
        (OddityKind.NOT_A_NUMBER, ~finite, "a coordinate is missing or not finite"),
        (OddityKind.ZERO, zero, "0, 0 usually stands for an unknown position"),
    ]
    real = finite & ~zero
    with np.errstate(invalid="ignore"):
        degrees = real & (np.abs(px) <= 180.0) & (np.abs(py) <= 180.0)
        if declared.is_projected:
            odd.append((OddityKind.DEGREES, degrees, f"degrees, but {declared} is in metres"))
        else:
            metres = real & ((np.abs(px) > 360.0) | (np.abs(py) > 360.0))
            swapped = degrees & (np.abs(py) > 90.0)
            odd.append((OddityKind.SWAPPED, swapped | _swapped_by_outline(px, py, declared, inside), "x and y swapped"))
            odd.append((OddityKind.METRES, metres, f"metres, but {declared} is in degrees"))
    found = [Oddity(kind, tuple(np.flatnonzero(rows).tolist()), detail) for kind, rows, detail in odd if rows.any()]
    return found + _repeated(px, py, real)


class _Witness:
    """The evidence of the rows, asked under each hypothesis."""

    def __init__(
        self, outline: BaseGeometry | None, areas: NDArray[np.object_], near_lon: Floats, near_lat: Floats
    ) -> None:
        self.outline = outline
        self.areas = areas
        self.near_lon, self.near_lat = near_lon, near_lat
        self.district_m2 = (
            _UNKNOWN_DISTRICT_M2 if outline is None else float(geodesic_area_m2(np.array([outline], dtype=object))[0])
        )
        if outline is not None:
            shapely.prepare(outline)

    def mark(self, lon: Floats, lat: Floats) -> "_Marks":
        return _Marks(
            inside=_intersects(self.outline, lon, lat) if self.outline is not None else np.zeros(len(lon), dtype=bool),
            is_named=~(shapely.is_missing(self.areas) | shapely.is_empty(self.areas)),
            in_named=_intersects(self.areas, lon, lat),
            is_near=np.isfinite(self.near_lon) & np.isfinite(self.near_lat),
            metres=geodesic_metres(lon, lat, self.near_lon, self.near_lat),
            district_m2=self.district_m2,
        )


@dataclass(frozen=True, slots=True)
class _Marks:
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
        metres = self.metres[self.is_near & np.isfinite(self.metres)]
        return DatumWeight(
            datum=datum,
            log_likelihood=total,
            inside=int(self.inside.sum()),
            inside_of=len(self.inside) if has_outline else 0,
            named=int((self.in_named & self.is_named).sum()),
            named_of=int(self.is_named.sum()),
            median_m=float(np.median(metres)) if metres.size else None,
        )


def _told(weight: DatumWeight) -> str:
    parts = []
    if weight.inside_of:
        parts.append(f"{weight.inside} of {weight.inside_of} inside the district")
    if weight.named_of:
        parts.append(f"{weight.named} of {weight.named_of} in the area their address names")
    if weight.median_m is not None:
        parts.append(f"{weight.median_m:.0f} m in the median from known places")
    return f"as {weight.datum} {', '.join(parts)}" if parts else ""


def _is_clear(lead: Floats) -> bool:
    margin = float(lead.sum())
    if margin < CLEAR_NATS:
        return False
    agrees = int((lead > 0).sum()) >= FEWEST_ROWS and not (lead < 0).any()
    return margin >= CONSISTENCY * float(np.sqrt((lead**2).sum())) or (agrees and margin >= OVERWHELMING_NATS)


def _distinct(x: Floats, y: Floats) -> NDArray[np.int64]:
    """The first row of each different finite position, in order."""
    usable = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    _, first = np.unique(np.column_stack([x[usable], y[usable]]), axis=0, return_index=True)
    return usable[np.sort(first)]


def _intersects(shapes: BaseGeometry | NDArray[np.object_], lon: Floats, lat: Floats) -> NDArray[np.bool_]:
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


def _swapped_by_outline(x: Floats, y: Floats, declared: Datum, outline: BaseGeometry | None) -> NDArray[np.bool_]:
    """Rows that fall into the outline only when x and y change places."""
    if outline is None:
        return np.zeros(len(x), dtype=bool)
    shapely.prepare(outline)
    as_is = _intersects(outline, *to_wgs84(x, y, declared))
    return ~as_is & _intersects(outline, *to_wgs84(y, x, declared))


def _repeated(x: Floats, y: Floats, real: NDArray[np.bool_]) -> list[Oddity]:
    rows = np.flatnonzero(real)
    places, group = np.unique(np.column_stack([x[rows], y[rows]]), axis=0, return_inverse=True)
    counts = np.bincount(group.ravel(), minlength=len(places))
    return [
        Oddity(
            OddityKind.REPEATED,
            tuple(rows[group.ravel() == i].tolist()),
            f"({places[i, 0]:g}, {places[i, 1]:g}) stands {counts[i]} times",
        )
        for i in np.flatnonzero(counts > REPEATS_ALLOWED)
    ]
