"""Lines made fit to be stored: one MultiLineString each, with a report of what was dropped."""

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from spatial.clean import Repair, RepairKind


def repair_lines(geoms: ArrayLike) -> tuple[NDArray[np.object_], list[Repair]]:
    """MultiLineStrings of shapes in degrees, and every change made.

    geoms   lines, multi-lines or collections that hold some; finite coordinates.

    A part without length goes, and so does what is no line; a Z and repeated vertices go without a word,
    as no place changes by it. None where no length is left. Areas of the repairs are 0. Lines may cross
    themselves and one another.
    """
    shapes = np.array(shapely.force_2d(np.asarray(geoms, dtype=object)), dtype=object, ndmin=1)
    parts, owner = _leaves(shapes)
    is_line = shapely.get_type_id(parts) == shapely.GeometryType.LINESTRING
    has_length = is_line & (shapely.length(parts) > 0.0)
    made = np.full(len(shapes), None, dtype=object)
    if has_length.any():
        kept = shapely.remove_repeated_points(parts[has_length])
        shapely.multilinestrings(kept, indices=owner[has_length], out=made)
    repairs = []
    for what, dropped in (
        (RepairKind.NOT_LINE_DROPPED, ~is_line),
        (RepairKind.NO_LENGTH_DROPPED, is_line & ~has_length),
    ):
        numbers, counts = np.unique(owner[dropped], return_counts=True)
        for number, count in zip(numbers.tolist(), counts.tolist(), strict=True):
            # where nothing is left there is nothing to have repaired
            if made[number] is not None:
                repairs.append(Repair(number, what, f"{count} parts", 0.0, 0.0))
    repairs.sort(key=lambda repair: repair.index)
    return made, repairs


def _leaves(shapes: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.intp]]:
    """The single parts of shapes, collections taken apart to the bottom, and whose part each is."""
    parts, owner = shapely.get_parts(shapes, return_index=True)
    while (shapely.get_type_id(parts) > shapely.GeometryType.POLYGON).any():
        parts, inner = shapely.get_parts(parts, return_index=True)
        owner = owner[inner]
    return parts, owner
