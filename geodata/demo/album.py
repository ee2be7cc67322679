"""Drawn pictures that stand in for photos: a street with what is wrong there, and the same street put right."""

import io
from collections.abc import Callable

import numpy as np
from numpy.random import Generator
from PIL import Image, ImageDraw

from geodata.pictures import Picture, clean_picture

WIDTH, HEIGHT = 640, 480
PAVEMENT_Y, ROAD_Y = 330, 400
# So many streets there are; a picture is drawn once and used again.
STREETS = 4

_WALLS = ("#c9b79c", "#a9b4c2", "#d2a98c", "#b8c4a4", "#c4b6cf")
_GOODS = ("#b5452c", "#d98f2b", "#3f7d5a", "#36648b", "#8a5a83")


class Album:
    """Pictures by category, kind and street, each drawn when it is first asked for."""

    def __init__(self) -> None:
        self._drawn: dict[tuple[str, bool, int], Picture] = {}

    def picture(self, category: str, kind: str, *, variant: int) -> Picture:
        """What somebody photographed of an issue of that category: `after` it was put right, otherwise as it was."""
        is_clean, street = kind == "after", variant % STREETS
        key = category, is_clean, street
        if key not in self._drawn:
            self._drawn[key] = _drawn(category, is_clean=is_clean, street=street)
        return self._drawn[key]


def _drawn(category: str, *, is_clean: bool, street: int) -> Picture:
    rng = np.random.default_rng((street, int(category)))
    image = Image.new("RGB", (WIDTH, HEIGHT), "#bcd3e6")
    pen = ImageDraw.Draw(image)
    _houses(pen, rng)
    pen.rectangle((0, PAVEMENT_Y, WIDTH, ROAD_Y), fill="#b9b5ae")
    pen.rectangle((0, ROAD_Y, WIDTH, HEIGHT), fill="#5b5e63")
    for x in range(20, WIDTH, 110):
        pen.rectangle((x, 440, x + 60, 446), fill="#e8e4d8")
    if not is_clean:
        _WRONG.get(category, _bags)(pen, rng)
    written = io.BytesIO()
    image.save(written, "JPEG", quality=85)
    return clean_picture(written.getvalue())


def _houses(pen: ImageDraw.ImageDraw, rng: Generator) -> None:
    x = 0
    while x < WIDTH:
        width, top = int(rng.integers(110, 190)), int(rng.integers(60, 170))
        pen.rectangle((x, top, x + width - 4, PAVEMENT_Y), fill=_WALLS[int(rng.integers(len(_WALLS)))])
        for left in range(x + 14, x + width - 34, 38):
            for upper in range(top + 16, 230, 46):
                pen.rectangle((left, upper, left + 20, upper + 26), fill="#6f8496")
        pen.rectangle((x + 10, 256, x + width - 14, 262), fill=_GOODS[int(rng.integers(len(_GOODS)))])
        pen.rectangle((x + 14, 266, x + width - 18, PAVEMENT_Y), fill="#8d99a3")
        x += width


def _bags(pen: ImageDraw.ImageDraw, rng: Generator) -> None:
    """Rubbish in bags, and some of it beside them."""
    middle = int(rng.integers(180, 460))
    for _ in range(9):
        x, y, size = middle + int(rng.normal(0, 55)), int(rng.integers(345, 385)), int(rng.integers(18, 34))
        pen.ellipse((x - size, y - size, x + size, y + size * 0.7), fill="#2f3437", outline="#15181a")
    for _ in range(22):
        x, y = middle + int(rng.normal(0, 90)), int(rng.integers(360, 408))
        pen.rectangle((x, y, x + 9, y + 5), fill=("#e7e2d3", "#9fb7a0", "#c98b5a")[int(rng.integers(3))])


def _heap(pen: ImageDraw.ImageDraw, rng: Generator) -> None:
    """A heap of rubble."""
    left = int(rng.integers(120, 360))
    pen.polygon(
        [(left, 398), (left + 60, 330), (left + 120, 300), (left + 190, 345), (left + 240, 398)], fill="#8b7d6b"
    )
    for _ in range(40):
        x, y = left + int(rng.integers(20, 220)), int(rng.integers(340, 396))
        pen.rectangle((x, y, x + 12, y + 8), fill=("#a39684", "#6f6455", "#b5543c")[int(rng.integers(3))])


def _goods(pen: ImageDraw.ImageDraw, rng: Generator) -> None:
    """Boxes of goods in front of a shop."""
    left = int(rng.integers(100, 300))
    for number in range(8):
        x, high = left + number * 34, int(rng.integers(28, 70))
        pen.rectangle((x, 392 - high, x + 30, 392), fill=_GOODS[int(rng.integers(len(_GOODS)))], outline="#3a332c")


def _stall(pen: ImageDraw.ImageDraw, rng: Generator) -> None:
    """A stall under a sunshade."""
    x = int(rng.integers(180, 420))
    pen.polygon([(x - 90, 262), (x, 212), (x + 90, 262)], fill=_GOODS[int(rng.integers(len(_GOODS)))])
    pen.rectangle((x - 3, 262, x + 3, 396), fill="#4c4239")
    pen.rectangle((x - 70, 346, x + 70, 360), fill="#7a6248")
    for left in range(x - 64, x + 56, 20):
        pen.ellipse((left, 330, left + 16, 346), fill=_GOODS[int(rng.integers(len(_GOODS)))])


def _shed(pen: ImageDraw.ImageDraw, rng: Generator) -> None:
    """A shed that leans on a house."""
    x = int(rng.integers(120, 380))
    pen.rectangle((x, 276, x + 150, 394), fill="#8fa0a8", outline="#4d585e", width=3)
    pen.polygon([(x - 12, 278), (x + 162, 278), (x + 146, 250), (x + 4, 250)], fill="#4a6f8f")
    for left in range(x + 8, x + 150, 16):
        pen.line((left, 280, left, 392), fill="#74858d")


def _loud(pen: ImageDraw.ImageDraw, rng: Generator) -> None:
    """Something that makes noise."""
    x = int(rng.integers(180, 420))
    pen.rectangle((x - 34, 300, x + 34, 394), fill="#23272a")
    for y in (322, 366):
        pen.ellipse((x - 20, y - 20, x + 20, y + 20), fill="#6b7278")
    for wide in (60, 84, 108):
        pen.arc((x - wide, 347 - wide, x + wide, 347 + wide), 300, 60, fill="#d0342c", width=5)


_WRONG: dict[str, Callable[[ImageDraw.ImageDraw, Generator], None]] = {
    "0102": _bags,
    "0103": _heap,
    "0504": _goods,
    "0501": _stall,
    "0101": _shed,
    "2101": _shed,
    "0301": _loud,
    "0508": _loud,
    "2102": _loud,
}
