"""A named road as its lines: where a point lies along it, and where a walk of so many metres ends.

All positions are in one metre CRS. A road arrives as loose stretches, often as two carriageways side by side; those
that touch end to end are joined first, and a walk steps over gaps of up to JOIN_M.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray

# A carriageway this near a point is one of the road's there; wider avenues have them further apart.
NEAR_M = 60.0
JOIN_M = 40.0
# A branch fits a wind when it leads within this angle of it: roads lie askew of the compass.
WIDEST_DEGREES = 60.0
_MOST_STEPS = 60

WINDS = {"N": 90.0, "NE": 45.0, "E": 0.0, "SE": -45.0, "S": -90.0, "SW": -135.0, "W": 180.0, "NW": 135.0}


@dataclass(frozen=True, slots=True)
class Along:
    """Where a point lies on a road: which part, metres from the part's start, metres beside it (left positive)."""

    part: int
    at_m: float
    beside_m: float


@dataclass(frozen=True, slots=True)
class Walk:
    """Where a walk ends, and how far apart its carriageways end; `short_m` is what the road lacked."""

    x: float
    y: float
    spread_m: float
    short_m: float


@dataclass(frozen=True)
class RoadLine:
    """One road. Made by `road_line`; `parts` are simple lines, joined where they touch."""

    parts: tuple[shapely.LineString, ...]
    _ends: NDArray[np.float64] = field(repr=False)

    @property
    def length_m(self) -> float:
        """Metres of all parts together: of a road with two carriageways, of both."""
        return float(sum(part.length for part in self.parts))

    def along(self, x: float, y: float, *, within_m: float = NEAR_M) -> Along | None:
        """Where the nearest part passes a point; None when no part comes within `within_m`."""
        here = shapely.Point(x, y)
        metres, index = min(((part.distance(here), i) for i, part in enumerate(self.parts)), default=(math.inf, -1))
        if metres > within_m:
            return None
        at_m = float(self.parts[index].project(here))
        ax, ay, bx, by = self._step(index, at_m)
        left = (bx - ax) * (y - ay) - (by - ay) * (x - ax)
        return Along(index, at_m, math.copysign(metres, left))

    def position(self, part: int, at_m: float, *, beside_m: float = 0.0) -> tuple[float, float]:
        """The point at so many metres along a part, moved to its left by `beside_m`."""
        point = self.parts[part].interpolate(at_m)
        if beside_m == 0.0:
            return float(point.x), float(point.y)
        ax, ay, bx, by = self._step(part, at_m)
        length = math.hypot(bx - ax, by - ay) or 1.0
        return float(point.x - (by - ay) / length * beside_m), float(point.y + (bx - ax) / length * beside_m)

    def walk(self, x: float, y: float, metres: float, wind: str) -> Walk | None:
        """Walk from the road's point nearest to (x, y) along the branch that leads to `wind` (a key of WINDS).

        None when the road does not come near the point, or when no branch leads that way. Several carriageways that
        lead there count as one, the mean of their ends.
        """
        ends: list[tuple[float, float, float]] = []
        here = shapely.Point(x, y)
        for index, part in enumerate(self.parts):
            if part.distance(here) > NEAR_M:
                continue
            at_m = float(part.project(here))
            for forward in (True, False):
                end = self._walked(index, at_m, metres, forward=forward)
                if _leads(end[0] - x, end[1] - y, wind):
                    ends.append(end)
        whole = [end for end in ends if end[2] == 0.0] or ends
        if not whole:
            return None
        mean_x, mean_y = (sum(end[axis] for end in whole) / len(whole) for axis in (0, 1))
        spread = max(math.hypot(end[0] - mean_x, end[1] - mean_y) for end in whole)
        return Walk(mean_x, mean_y, spread, min(end[2] for end in whole))

    def _walked(self, index: int, at_m: float, metres: float, *, forward: bool) -> tuple[float, float, float]:
        """Where one branch ends: x, y, and the metres that were left when the road was."""
        left_m = metres
        passed = {index}
        for _ in range(_MOST_STEPS):
            part = self.parts[index]
            room = part.length - at_m if forward else at_m
            if left_m <= room:
                x, y = self.position(index, at_m + (left_m if forward else -left_m))
                return x, y, 0.0
            left_m -= room
            end_x, end_y = part.coords[-1 if forward else 0]
            following = self._next(end_x, end_y, passed)
            if following is None:
                return float(end_x), float(end_y), left_m
            index, forward = following
            at_m = 0.0 if forward else self.parts[index].length
            passed.add(index)
        return (*self.position(index, at_m), left_m)

    def _next(self, x: float, y: float, passed: set[int]) -> tuple[int, bool] | None:
        """The part not yet passed that begins or ends nearest to a point, and whether it begins there."""
        gaps = np.hypot(self._ends[:, :, 0] - x, self._ends[:, :, 1] - y)
        gaps[sorted(passed)] = np.inf
        index, end = np.unravel_index(int(np.argmin(gaps)), gaps.shape)
        return (int(index), end == 0) if gaps[index, end] <= JOIN_M else None

    def _step(self, part: int, at_m: float) -> tuple[float, float, float, float]:
        """A short piece of the line around `at_m`, to know where it leads."""
        line = self.parts[part]
        a, b = line.interpolate(max(at_m - 5.0, 0.0)), line.interpolate(min(at_m + 5.0, line.length))
        return float(a.x), float(a.y), float(b.x), float(b.y)


def road_line(stretches: shapely.Geometry | Sequence[shapely.Geometry]) -> RoadLine:
    """The road that these lines (any mixture of lines and multi-lines, metre CRS) make up; empty lines are left out."""
    # a collection may hold multi-lines
    loose = shapely.get_parts(shapely.get_parts(np.atleast_1d(np.asarray(stretches, dtype=object))))
    whole = shapely.line_merge(shapely.multilinestrings(loose[shapely.length(loose) > 0.0]))
    parts = tuple(part for part in shapely.get_parts(whole) if part.length > 0.0)
    ends = np.array([[part.coords[0][:2], part.coords[-1][:2]] for part in parts], dtype=np.float64)
    return RoadLine(parts, ends.reshape(len(parts), 2, 2))


def heading(wind: str) -> tuple[float, float]:
    """The unit step (east, north) towards a wind, a key of WINDS."""
    angle = math.radians(WINDS[wind])
    return math.cos(angle), math.sin(angle)


def _leads(east: float, north: float, wind: str) -> bool:
    length = math.hypot(east, north)
    if length < 1e-9:
        return False
    step_east, step_north = heading(wind)
    return (east * step_east + north * step_north) / length >= math.cos(math.radians(WIDEST_DEGREES))
