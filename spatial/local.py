"""Local metres: a plane of a city's own, tied to the globe by control points.

Such a plane (上海城建坐标系 is one) has no public parameters. What ties it to a metre CRS is
a similarity: turned, stretched and shifted, with four numbers that two points fix and more points check.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from spatial.errors import BadControl
from spatial.gcj02 import Floats, LonLat

FEWEST, FEWEST_CHECKED = 2, 3
# Control points nearer to each other than this fix neither turn nor scale.
SHORTEST_BASE_M = 10.0
# An outlier lies off by this at least, and the others fit so many times better without it.
OUTLIER_M, OUTLIER_TIMES = 0.05, 4.0
_SCALES = (0.99, 1.01)


@dataclass(frozen=True, slots=True)
class Similarity:
    """Local metres to eastings and northings in the CRS `srid`: (a·x - b·y + tx, b·x + a·y + ty)."""

    a: float
    b: float
    tx: float
    ty: float
    srid: int

    @property
    def scale(self) -> float:
        """Metres of the CRS to one local metre."""
        return float(np.hypot(self.a, self.b))

    @property
    def turn_degrees(self) -> float:
        """Angle by which local axes are turned, against the clock."""
        return float(np.degrees(np.arctan2(self.b, self.a)))

    def to_metre(self, x: Floats, y: Floats) -> LonLat:
        """Eastings and northings of local metres."""
        return self.a * x - self.b * y + self.tx, self.b * x + self.a * y + self.ty

    def from_metre(self, easting: Floats, northing: Floats) -> LonLat:
        """Local metres of eastings and northings."""
        dx, dy, size = easting - self.tx, northing - self.ty, self.a**2 + self.b**2
        return (self.a * dx + self.b * dy) / size, (self.a * dy - self.b * dx) / size


@dataclass(frozen=True, slots=True)
class ControlFit:
    """A similarity with what the control points say of it.

    residual_m   by point, how far the similarity puts it from where it is known to be; 0 with two points.
    rms_m        of the residuals.
    worst        number of the point with the largest.
    outlier      number of the point that does not fit the others, None where there is none or too few points to say.
    rms_without_m  of the others without it; None without outlier.
    is_swapped   the points fit far better with x and y exchanged: the file has the northing first.
    """

    similarity: Similarity
    residual_m: tuple[float, ...]
    rms_m: float
    worst: int
    outlier: int | None
    rms_without_m: float | None
    is_swapped: bool

    @property
    def is_checked(self) -> bool:
        """Whether there are more points than the four numbers need."""
        return len(self.residual_m) >= FEWEST_CHECKED

    @property
    def has_usual_scale(self) -> bool:
        """Whether a local metre is a metre to within a hundredth; else the points are in other units or mixed up."""
        low, high = _SCALES
        return low <= self.similarity.scale <= high


def fit_similarity(x: ArrayLike, y: ArrayLike, known: tuple[ArrayLike, ArrayLike], *, srid: int) -> ControlFit:
    """The similarity that fits control points best, by least squares.

    x, y    local metres (n,).
    known   eastings and northings (n,) of the same points in the CRS `srid`.

    Raises BadControl for fewer than two points, numbers that are none, and points that all but coincide.
    """
    local = np.column_stack([np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)])
    truth = np.column_stack([np.asarray(side, dtype=np.float64) for side in known])
    _check(local, truth)
    made = _least_squares(local, truth, srid)
    off = _residuals(made, local, truth)
    rms = _rms(off)
    outlier, rms_without = _outlier(local, truth, off, srid)
    is_swapped = False
    if len(local) >= FEWEST_CHECKED:
        turned = local[:, ::-1]
        is_swapped = _rms(_residuals(_least_squares(turned, truth, srid), turned, truth)) * OUTLIER_TIMES < rms > 1.0
    return ControlFit(
        similarity=made,
        residual_m=tuple(off.tolist()),
        rms_m=rms,
        worst=int(np.argmax(off)),
        outlier=None if is_swapped else outlier,
        rms_without_m=None if is_swapped else rms_without,
        is_swapped=is_swapped,
    )


def _check(local: Floats, truth: Floats) -> None:
    if len(local) != len(truth) or len(local) < FEWEST:
        wanted = f"a fit needs {FEWEST}, better {FEWEST_CHECKED + 1}"
        raise BadControl(f"there are {len(local)} control points, and {wanted}")
    for number, pair in enumerate(np.hstack([local, truth]), start=1):
        if not np.isfinite(pair).all():
            raise BadControl(f"control point {number} has a coordinate that is no number or no place on the globe")
    for side, name in ((local, "local coordinates"), (truth, "known positions")):
        if np.hypot(*(side.max(axis=0) - side.min(axis=0))) < SHORTEST_BASE_M:
            raise BadControl(f"the {name} of all control points lie within {SHORTEST_BASE_M:g} m of each other")


def _least_squares(local: Floats, truth: Floats, srid: int) -> Similarity:
    """In closed form about the middle of the points, where no digits are lost to large numbers."""
    middle, goal = local.mean(axis=0), truth.mean(axis=0)
    p, q = local - middle, truth - goal
    size = float((p**2).sum())
    a = float((p * q).sum()) / size
    b = float((p[:, 0] * q[:, 1] - p[:, 1] * q[:, 0]).sum()) / size
    tx = float(goal[0] - (a * middle[0] - b * middle[1]))
    ty = float(goal[1] - (b * middle[0] + a * middle[1]))
    if a == 0.0 and b == 0.0:
        raise BadControl("the local coordinates and the known positions have nothing to do with each other")
    return Similarity(a, b, tx, ty, srid)


def _residuals(made: Similarity, local: Floats, truth: Floats) -> Floats:
    x, y = made.to_metre(local[:, 0], local[:, 1])
    off: Floats = np.hypot(x - truth[:, 0], y - truth[:, 1])
    return off


def _rms(off: Floats) -> float:
    return float(np.sqrt((off**2).mean()))


def _outlier(local: Floats, truth: Floats, off: Floats, srid: int) -> tuple[int | None, float | None]:
    """The point without which the others fit far better; of four or more, as three always find one to blame."""
    if len(local) <= FEWEST_CHECKED:
        return None, None
    tried = []
    for left_out in range(len(local)):
        rest: Sequence[int] = [i for i in range(len(local)) if i != left_out]
        if np.hypot(*np.ptp(local[rest], axis=0)) < SHORTEST_BASE_M:
            continue
        made = _least_squares(local[rest], truth[rest], srid)
        x, y = made.to_metre(local[[left_out], 0], local[[left_out], 1])
        missed = float(np.hypot(x[0] - truth[left_out, 0], y[0] - truth[left_out, 1]))
        tried.append((_rms(_residuals(made, local[rest], truth[rest])), left_out, missed))
    rms, left_out, missed = min(tried)
    if missed >= OUTLIER_M and rms * OUTLIER_TIMES < _rms(off):
        return left_out, rms
    return None, None
