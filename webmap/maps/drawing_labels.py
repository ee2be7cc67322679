"""Where names stand on a printed map: each takes the first place that is free, and none covers another."""

import math
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from unicodedata import east_asian_width

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

# Widths of letters in the size of the text; Latin letters on the average.
WIDE, NARROW = 1.0, 0.56

# From the middle of a line of text to its base.
TO_BASE = 0.36

# Letters that XML cannot hold; a name with one loses it.
UNPRINTABLE = {*range(32), *range(127, 160), 0xFFFE, 0xFFFF, *range(0xD800, 0xE000)}

# Places around a symbol in the order of preference, as directions right and down.
AROUND = ((1, 0), (0, -1), (0, 1), (-1, 0), (1, -1), (1, 1), (-1, -1), (-1, 1))


class Box(NamedTuple):
    """A rectangle on the paper, millimetres, y downwards."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "Box") -> bool:
        """Whether the two share any ground."""
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )

    @property
    def middle(self) -> tuple[float, float]:
        """Its centre."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2


def printable(text: str) -> str:
    """The text without letters that no sheet can hold."""
    return "".join(letter for letter in text if ord(letter) not in UNPRINTABLE)


def width_mm(text: str, size_mm: float) -> float:
    """About how wide a line of text is."""
    return size_mm * sum(WIDE if east_asian_width(letter) in "WF" else NARROW for letter in text)


def box_at(x: float, y: float, text: str, size_mm: float) -> Box:
    """The box of a line of text with its middle there."""
    half, tall = width_mm(text, size_mm) / 2, size_mm * 0.58
    return Box(x - half, y - tall, x + half, y + tall)


class Places:
    """What is taken on a sheet."""

    def __init__(self, width_mm: float, height_mm: float, *, edge_mm: float) -> None:
        self.sheet = Box(edge_mm, edge_mm, width_mm - edge_mm, height_mm - edge_mm)
        self.names: list[Box] = []
        self.symbols: list[Box] = []

    def hold(self, box: Box) -> None:
        """Keep names off this ground for good."""
        self.names.append(box)

    def hold_symbol(self, x: float, y: float, radius_mm: float) -> None:
        """Keep names off a symbol, as far as there is room elsewhere."""
        self.symbols.append(Box(x - radius_mm, y - radius_mm, x + radius_mm, y + radius_mm))

    def take(self, candidates: Iterable[Box], *, over_symbols: bool = False) -> Box | None:
        """The first box that lies on the sheet and meets no name (nor symbol), taken from now on; None if none does."""
        for box in candidates:
            if not self._is_inside(box) or any(box.meets(other) for other in self.names):
                continue
            if over_symbols or not any(box.meets(other) for other in self.symbols):
                self.names.append(box)
                return box
        return None

    def _is_inside(self, box: Box) -> bool:
        sheet = self.sheet
        return (
            box.left >= sheet.left and box.top >= sheet.top and box.right <= sheet.right and box.bottom <= sheet.bottom
        )


def around(x: float, y: float, text: str, *, size_mm: float, radius_mm: float, rings: int) -> Iterator[Box]:
    """Boxes about a symbol, the nearest first; those of the second ring on ask for a leader line."""
    half, tall = width_mm(text, size_mm) / 2, size_mm * 0.5
    for ring in range(rings):
        away = radius_mm + size_mm * (0.15 + 0.9 * ring)
        for right, down in AROUND:
            slant = math.sqrt(0.5) if right and down else 1.0
            yield box_at(x + right * (away * slant + half), y + down * (away * slant + tall), text, size_mm)


def inside(shape: BaseGeometry, text: str, *, size_mm: float) -> list[Box]:
    """Boxes within an area on paper, from its roomiest place outwards; the text may reach over its edge."""
    largest = max(shapely.get_parts(shape), key=lambda part: part.area)
    if largest.area < size_mm**2:
        return []
    middle = shapely.get_coordinates(shapely.maximum_inscribed_circle(largest, tolerance=0.5))[0]
    west, north, east, south = largest.bounds
    step = max(size_mm * 0.8, (east - west) / 24, (south - north) / 24)
    mesh = np.array(np.meshgrid(np.arange(west, east, step), np.arange(north, south, step))).reshape(2, -1).T
    held = mesh[shapely.contains_xy(largest, mesh[:, 0], mesh[:, 1])]
    ordered = held[np.argsort(np.hypot(*(held - middle).T), kind="stable")]
    return [box_at(float(x), float(y), text, size_mm) for x, y in (middle, *ordered)]
