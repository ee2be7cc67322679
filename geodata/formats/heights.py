"""Heights of positions, which nothing here keeps."""

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.formats.table import Note


def without_heights(shapes: NDArray[np.object_]) -> tuple[NDArray[np.object_], list[Note]]:
    """The geometries in the plane, and a note with their count where some had heights."""
    count = int(np.count_nonzero(shapely.has_z(shapes)))
    if not count:
        return shapes, []
    return np.array([*shapely.force_2d(shapes), None], dtype=object)[:-1], [heights_dropped(count)]


def heights_dropped(count: int) -> Note:
    """The note on this many geometries that had heights."""
    return Note("heights_dropped", f"heights are not kept; {count} geometries had some", {"count": count})
