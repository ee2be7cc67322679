"""The frame of a printed map: a round scale, and where a place of the metre CRS comes to lie on the paper."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geodata.queries.posters import Clip

# Scales that people have rulers for, or nearly. Neighbours are close, so that no sheet stays half empty.
STEPS = (1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0)
SMALLEST = 500

BARS = (1.0, 2.0, 5.0)

# What the eye can tell apart on paper, and how far outside the frame lines are still kept.
FINEST_MM = 0.1
BEYOND_MM = 4.0

# A pixel of the map page on paper: 1/96 inch.
PIXEL_MM = 25.4 / 96

# Metres in a pixel of a web map's zoom 0 at the equator.
WEB_METRES = 2 * math.pi * 6_378_137.0 / 256


def round_scale(width_m: float, height_m: float, width_mm: float, height_mm: float) -> int:
    """The largest round scale 1:N at which ground of that size fits on paper of that size."""
    needed = max(width_m / width_mm, height_m / height_mm, SMALLEST / 1000.0) * 1000.0
    power = 10.0 ** math.floor(math.log10(needed))
    for factor in (1.0, 10.0):
        for step in STEPS:
            # a hair of tolerance: ground made to fit exactly must not fall to the next scale
            if step * factor * power >= needed * (1.0 - 1e-9):
                return round(step * factor * power)
    raise ArithmeticError(needed)


@dataclass(frozen=True)
class Frame:
    """A piece of paper over the ground.

    width_mm, height_mm   of the map.
    scale                 N of 1:N.
    west_m, north_m       its upper left corner in the metre CRS.
    """

    width_mm: float
    height_mm: float
    scale: int
    west_m: float
    north_m: float

    @classmethod
    def around(
        cls, bounds: tuple[float, float, float, float], *, width_mm: float, height_mm: float, margin_mm: float
    ) -> "Frame":
        """The frame with that ground (west, south, east, north; metre CRS) in its middle, a margin all around."""
        west, south, east, north = bounds
        scale = round_scale(east - west, north - south, width_mm - 2 * margin_mm, height_mm - 2 * margin_mm)
        metres = scale / 1000.0
        return cls(
            width_mm,
            height_mm,
            scale,
            (west + east) / 2 - width_mm / 2 * metres,
            (south + north) / 2 + height_mm / 2 * metres,
        )

    def on_paper(self, metres: NDArray[np.float64]) -> NDArray[np.float64]:
        """Places (n, 2) of the metre CRS as millimetres from the upper left corner, y downwards."""
        per_m = 1000.0 / self.scale
        return np.column_stack([(metres[:, 0] - self.west_m) * per_m, (self.north_m - metres[:, 1]) * per_m])

    def clip(self) -> Clip:
        """The ground to ask for, a little beyond the frame, so that no line ends within it."""
        beyond = BEYOND_MM * self.scale / 1000.0
        east = self.west_m + self.width_mm * self.scale / 1000.0
        south = self.north_m - self.height_mm * self.scale / 1000.0
        return Clip(
            self.west_m - beyond, south - beyond, east + beyond, self.north_m + beyond, FINEST_MM * self.scale / 1000.0
        )

    def zoom(self, lat: float) -> int:
        """The zoom of the map page that shows the ground of that latitude (degrees) as large as this paper does."""
        metres_per_pixel = self.scale * PIXEL_MM / 1000.0
        return round(math.log2(WEB_METRES * math.cos(math.radians(lat)) / metres_per_pixel))

    def bar_m(self, longest_mm: float) -> float:
        """Length in metres of the scale bar: the longest of 1, 2 or 5 times a power of ten that fits."""
        longest_m = longest_mm * self.scale / 1000.0
        power = 10.0 ** math.floor(math.log10(longest_m))
        return max(step * power for step in BARS if step * power <= longest_m)
