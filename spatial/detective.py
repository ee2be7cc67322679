"""Which way of reading a file's coordinates fits what is known of its places, when nobody says.

Every reading that puts the file near the district is weighed by the clues, as `datum_check` weighs a declared datum.
The best is an answer only when it leads each other reading clearly: by 6 nats, and by more than a few rows
against others. When none does, that is what is told. Nothing is decoded of the shifted datums.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

from spatial.conversion import from_wgs84
from spatial.crs import Datum
from spatial.datum_check import DISTRICT_FILE_SHARE, Oddity, is_clear, oddities
from spatial.gcj02 import Floats
from spatial.readings import FARTHEST_DEGREES, Reading, is_one_datum, readings_of, zone_in_front
from spatial.witnesses import INSIDE_RATE, NAMED_RATE, Clues

# An area may reach over the border of the one around it a little, as both were drawn by hand.
_SAMPLES = 2000
_WIDER = 0.15


@dataclass(frozen=True, slots=True)
class Weighed:
    """One reading, its log-likelihood in nats, and its numbers in words (empty without any)."""

    reading: Reading
    log_likelihood: float
    told: str


@dataclass(frozen=True, slots=True)
class Detection:
    """What a file's coordinates look like.

    rows         distinct positions, or polygons.
    weighed      the readings that were weighed, the likeliest first; empty when none puts the file near the district.
    lead_nats    the lead of the first over the second, infinite where there is no second, 0 without any.
    is_clear     whether the first is an answer.
    oddities     what looks wrong whatever the datum.
    zone         the zone number before the eastings and the EPSG number that says so, None where there is none.
    """

    rows: int
    weighed: tuple[Weighed, ...]
    lead_nats: float
    is_clear: bool
    oddities: tuple[Oddity, ...] = ()
    zone: tuple[int, int] | None = None

    @property
    def reading(self) -> Reading | None:
        """The answer, None where there is none."""
        return self.weighed[0].reading if self.is_clear else None

    def contradicts(self, datum: Datum) -> bool:
        """Whether the answer is another than what was declared."""
        answer = self.reading
        return answer is not None and not (answer.is_plain and is_one_datum(answer.datum, datum))

    def says(self) -> str:
        """The verdict in one or two sentences, with the numbers."""
        if not self.weighed:
            return "No way to read these numbers puts the file near the district: is it the right file?"
        best = self.weighed[0]
        if not self.is_clear and not any(one.told for one in self.weighed):
            read = "; ".join(str(one.reading) for one in self.weighed[:4])
            return f"Nothing is known to weigh it by. It may be {read}."
        others = "; ".join(f"as {one.reading} {one.told or 'nothing known'}" for one in self.weighed[1:3])
        rest = f". Else: {others}" if others else ""
        if self.is_clear:
            return f"It looks like {best.reading}: {best.told}{rest}."
        return f"It cannot be told. As {best.reading} {best.told}{rest}."


def detect_points(
    x: ArrayLike,
    y: ArrayLike,
    *,
    clues: Clues,
    centre: tuple[float, float],
    reach: tuple[float, float] = (FARTHEST_DEGREES, FARTHEST_DEGREES),
    more: Iterable[Datum] = (),
    may_shift: bool = True,
) -> Detection:
    """What columns of coordinates (n,) look like; see `readings_of` for what is tried. Raises BadGeometry."""
    px, py = np.atleast_1d(np.asarray(x, dtype=np.float64)), np.atleast_1d(np.asarray(y, dtype=np.float64))
    witness, rows = clues.witness(px, py)
    real = rows[(np.abs(px[rows]) > 1e-6) | (np.abs(py[rows]) > 1e-6)]
    tried = readings_of(px[real], py[real], centre=centre, reach=reach, more=more, may_shift=may_shift)
    marks = [witness.marks(*reading.numbers(px[rows], py[rows]), reading.datum) for reading in tried]
    weighs_inside = any(mark.inside_share >= DISTRICT_FILE_SHARE for mark in marks)
    scores = [mark.score(weighs_inside=weighs_inside) for mark in marks]
    told = [
        mark.weight(reading.datum, 0.0, has_outline=clues.inside is not None).told()
        for mark, reading in zip(marks, tried, strict=True)
    ]
    found = _ranked(tried, scores, told, len(rows))
    return Detection(
        found.rows,
        found.weighed,
        found.lead_nats,
        found.is_clear,
        tuple(_oddities(px, py, found.weighed, clues.inside)),
        zone_in_front(py[real]) or zone_in_front(px[real]),
    )


def _oddities(x: Floats, y: Floats, weighed: Sequence[Weighed], outline: BaseGeometry | None) -> list[Oddity]:
    """By the likeliest reading; one with the axes exchanged or degrees written otherwise says so itself."""
    if not weighed:
        return []
    reading = weighed[0].reading
    first, second = (y, x) if reading.is_swapped else (x, y)
    inside = outline if reading.is_plain and not reading.datum.is_shifted else None
    plain = reading.datum if reading.is_plain or reading.is_swapped else Datum("epsg:4326")
    return oddities(first, second, declared=plain, inside=inside) if reading.form == "plain" else []


@dataclass(frozen=True, slots=True)
class ShapeClues:
    """What is known that areas of a file must fit, in WGS 84.

    outline     of the district, None while it is unknown.
    lon, lat    (n,) places of the district's own, which its areas must hold.
    areas_named per place, the numbers of the file's areas that bear the name its address tells; empty for most.
    """

    outline: BaseGeometry | None
    lon: Floats
    lat: Floats
    areas_named: Sequence[Sequence[int]]


def detect_shapes(
    geoms: Sequence[BaseGeometry | None],
    *,
    clues: ShapeClues,
    centre: tuple[float, float],
    reach: tuple[float, float] = (FARTHEST_DEGREES, FARTHEST_DEGREES),
    more: Iterable[Datum] = (),
    may_shift: bool = True,
) -> Detection:
    """What the vertices of areas look like, weighed by places that the areas must hold and by the outline."""
    shapes = np.empty(len(geoms), dtype=object)
    shapes[:] = [shapely.force_2d(shape) if _is_area(shape) else None for shape in geoms]
    corners = shapely.get_coordinates(shapes)
    if not len(corners):
        return Detection(0, (), 0.0, is_clear=False)
    x, y = corners[:, 0], corners[:, 1]
    tried = readings_of(x, y, centre=centre, reach=reach, more=more, may_shift=may_shift)
    tried = [reading for reading in tried if reading.form == "plain"]
    if not tried:
        return Detection(len(shapes), (), 0.0, is_clear=False)
    areas = _Areas(shapely.make_valid(shapes))
    seen = [_ShapeMarks(areas, clues, reading) for reading in tried]
    weighs = {
        "held": any(mark.share("held") >= DISTRICT_FILE_SHARE for mark in seen),
        "agrees": any(mark.share("agrees") >= DISTRICT_FILE_SHARE for mark in seen),
        "within": any(mark.share("within") >= DISTRICT_FILE_SHARE for mark in seen),
    }
    scores = [mark.score(weighs) for mark in seen]
    found = _ranked(tried, scores, [mark.told(weighs) for mark in seen], len(shapes))
    zone = zone_in_front(y) or zone_in_front(x)
    return Detection(found.rows, found.weighed, found.lead_nats, found.is_clear, (), zone)


class _Areas:
    """The areas of a file in its own numbers, asked by points."""

    def __init__(self, shapes: NDArray[np.object_]) -> None:
        self.shapes = shapes
        self.inner = shapely.point_on_surface([shape for shape in shapes if shape is not None])
        self._tree = shapely.STRtree(shapes)

    def hold(self, x: Floats, y: Floats) -> NDArray[np.bool_]:
        """Which points lie in any of them."""
        held = np.zeros(len(x), dtype=bool)
        good = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
        hits = self._tree.query(shapely.points(x[good], y[good]), predicate="intersects")[0]
        held[good[hits]] = True
        return held


class _ShapeMarks:
    """How places and outline lie to the areas under one reading: the places are put into the file's numbers."""

    def __init__(self, areas: _Areas, clues: ShapeClues, reading: Reading) -> None:
        self.reading = reading
        x, y = self._numbers(clues.lon, clues.lat)
        self.held = areas.hold(x, y)
        pairs = [(i, named) for i, named in enumerate(clues.areas_named) if named]
        self.named = np.array(
            [any(bool(shapely.intersects_xy(areas.shapes[a], x[i], y[i])) for a in named) for i, named in pairs],
            dtype=bool,
        )
        self.agrees = self.within = np.zeros(0, dtype=bool)
        if clues.outline is not None:
            lon, lat, is_in = _samples(clues.outline)
            self.agrees = areas.hold(*self._numbers(lon, lat)) == is_in
            outline = shapely.transform(clues.outline, lambda p: np.column_stack(self._numbers(p[:, 0], p[:, 1])))
            shapely.prepare(outline)
            self.within = np.asarray(shapely.intersects(outline, areas.inner), dtype=bool)

    def _numbers(self, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
        x, y = from_wgs84(lon, lat, self.reading.datum)
        return (y, x) if self.reading.is_swapped else (x, y)

    def share(self, what: str) -> float:
        marks: NDArray[np.bool_] = getattr(self, what)
        return float(marks.mean()) if marks.size else 0.0

    def score(self, weighs: dict[str, bool]) -> Floats:
        parts = [_rated(getattr(self, what), INSIDE_RATE) for what, counts in weighs.items() if counts]
        return np.concatenate([*parts, _rated(self.named, NAMED_RATE)])

    def told(self, weighs: dict[str, bool]) -> str:
        words = {
            "held": "known places of the district in its areas",
            "agrees": "points on the right side of the district's outline",
            "within": "areas inside the district",
        }
        parts = []
        for what, counts in weighs.items():
            marks: NDArray[np.bool_] = getattr(self, what)
            if counts or marks.size:
                parts.append(f"{int(marks.sum())} of {marks.size} {words[what]}")
        if self.named.size:
            parts.append(f"{int(self.named.sum())} of {self.named.size} places in the area their address names")
        return ", ".join(part for part in parts if not part.startswith("0 of 0"))


def _is_area(shape: BaseGeometry | None) -> bool:
    is_area = isinstance(shape, shapely.Polygon | shapely.MultiPolygon) and not shape.is_empty
    return is_area and bool(np.isfinite(shapely.get_coordinates(shape)).all())


def _rated(marks: NDArray[np.bool_], rate: float) -> Floats:
    scored: Floats = np.log(np.where(marks, rate, 1.0 - rate))
    return scored


def _samples(outline: BaseGeometry) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Points over the box around an outline and a little more, and which are inside: the same ones every time."""
    west, south, east, north = outline.bounds
    dx, dy = (east - west) * _WIDER, (north - south) * _WIDER
    rng = np.random.default_rng(1)
    lon = rng.uniform(west - dx, east + dx, _SAMPLES)
    lat = rng.uniform(south - dy, north + dy, _SAMPLES)
    return lon, lat, np.asarray(shapely.intersects_xy(outline, lon, lat), dtype=bool)


def _leads(best: Reading, score: Floats, other: Reading, others_score: Floats) -> bool:
    """Whether one reading is clear of another; what is written as usual need not be proven against what is not."""
    lead = score - others_score
    return is_clear(lead) or (best.is_plain and not other.is_plain and float(lead.sum()) >= 0.0)


def _ranked(tried: Sequence[Reading], scores: Sequence[Floats], told: Sequence[str], rows: int) -> Detection:
    totals = [float(score.sum()) for score in scores]
    # the first of equals is the plainest
    order = sorted(range(len(tried)), key=lambda i: -totals[i])
    weighed = tuple(Weighed(tried[i], totals[i], told[i]) for i in order)
    if not order:
        return Detection(rows, (), 0.0, is_clear=False)
    best = order[0]
    others = order[1:]
    lead = totals[best] - totals[others[0]] if others else float("inf")
    is_answer = bool(told[best]) and all(_leads(tried[best], scores[best], tried[i], scores[i]) for i in others)
    return Detection(rows, weighed, lead, is_clear=is_answer)
