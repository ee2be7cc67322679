"""The name at the head of a sheet: as large as what stands beside it allows, never over it."""

from collections.abc import Sequence
from typing import NamedTuple

from webmap.maps.drawing_labels import width_mm

# Sizes on A3, the first that fits its line; in the last the name may take two lines. css/poster.css has the same.
NAME_MM = {"": 11.0, "long": 8.0, "longest": 5.6}
NAME_LINES = 2

# The width of the head, the gaps in it, and the text beside the name.
HEAD_MM, GAPS_MM, SUBTITLE_MM, SOURCE_MM, WIDEST_SOURCE_MM = 398.0, 14.0, 6.0, 3.1, 110.0

# Bold letters in the size of the text: the broadest, capitals, and others that are not Chinese.
BROADEST, CAPITAL, SMALL = 0.95, 0.75, 0.62
BROAD = frozenset("MWmw@%")


class Heading(NamedTuple):
    """A name as far as the head has room for it, and the class of its size: empty, `long` or `longest`."""

    text: str
    size: str


def heading(name: str, *, subtitle: str, sources: Sequence[str]) -> Heading:
    """A name as the heading of a sheet.

    subtitle   what the sheet is, in the same line.
    sources    lines at the right edge.
    """
    room = HEAD_MM - GAPS_MM - _bold_mm(subtitle, SUBTITLE_MM)
    room -= min(WIDEST_SOURCE_MM, max(_bold_mm(line, SOURCE_MM) for line in sources))
    for size, tall in NAME_MM.items():
        if _bold_mm(name, tall) <= room:
            return Heading(name, size)
    # a line ends up to a letter early, and the last one needs room for the dots
    left = NAME_LINES * (room - tall) - tall
    for at, letter in enumerate(name):
        left -= _bold_mm(letter, tall)
        if left < 0.0:
            return Heading(name[:at].rstrip() + "…", size)
    return Heading(name, size)


def _bold_mm(text: str, size_mm: float) -> float:
    return sum(_letter_mm(letter, size_mm) for letter in text)


def _letter_mm(letter: str, size_mm: float) -> float:
    full_mm = width_mm(letter, size_mm)
    if full_mm >= size_mm:
        return full_mm
    return size_mm * (BROADEST if letter in BROAD else CAPITAL if letter.isupper() else SMALL)
