"""Where things stand on the made-up ground: at a house, or beside a street, and never in the river."""

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.random import Generator

from geodata.demo.basemap import Drawn
from geodata.demo.ground import Floats, Land, spot_in

JITTER_M = 5.0
# From the middle of a street to where people stop.
KERB_M = 9.0


class Spots:
    """Houses and streets by village; positions are of the metre CRS."""

    def __init__(self, land: Land, drawn: Sequence[Drawn]) -> None:
        self._land = land
        shapes = [village.shape for village in land.villages]
        houses = np.array([one.shape.centroid.coords[0] for one in drawn if one.theme == "building"])
        streets = shapely.union_all([one.shape for one in drawn if one.theme == "road"])
        village, house = shapely.STRtree([shapely.Point(house) for house in houses]).query(shapes, predicate="contains")
        self._houses = [houses[house[village == number]] for number in range(len(shapes))]
        self._streets = [shapely.line_merge(shapely.intersection(streets, shape)) for shape in shapes]

    def house(self, rng: Generator, village: int) -> tuple[float, float]:
        """At one of the village's houses; anywhere in it where there is none."""
        houses = self._houses[village]
        if not len(houses):
            return spot_in(rng, self._land.villages[village].shape)
        return self._kept(village, houses[int(rng.integers(len(houses)))], rng.uniform(-JITTER_M, JITTER_M, 2))

    def street(self, rng: Generator, village: int) -> tuple[float, float]:
        """Beside one of the village's streets, a longer one rather; anywhere in it where there is none."""
        lines = shapely.get_parts(self._streets[village])
        lengths = shapely.length(lines)
        if not lengths.sum():
            return spot_in(rng, self._land.villages[village].shape)
        line = lines[int(rng.choice(len(lines), p=lengths / lengths.sum()))]
        place = shapely.get_coordinates(line.interpolate(float(rng.uniform(0.0, line.length))))[0]
        turn = float(rng.uniform(0.0, 2.0 * np.pi))
        return self._kept(village, place, KERB_M * np.array([np.cos(turn), np.sin(turn)]))

    def _kept(self, village: int, place: Floats, step: Floats) -> tuple[float, float]:
        """A step aside, unless it leads into another village."""
        x, y = (float(value) for value in place + step)
        if shapely.intersects_xy(self._land.villages[village].shape, x, y):
            return x, y
        return float(place[0]), float(place[1])
