"""A small map of areas in the colours of a measure, as an SVG of the page: classes, legend and frame."""

import itertools
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from flask_babel import gettext as _

from geodata.queries.area_shapes import AreaShape

CLASSES = 5


class Frame(NamedTuple):
    """The box around areas as an SVG has it, in metres, and the hundredth part of its longer side."""

    box: str
    unit: float


class Step(NamedTuple):
    """A class of the legend: its colour of five (None: no value), its words, and how many areas are of it."""

    colour: int | None
    words: str
    areas: int


class Choropleth(NamedTuple):
    """A map: its areas and, by their code, the colour, what is told, and where a click leads."""

    shapes: Sequence[AreaShape]
    frame: Frame
    colours: Mapping[str, int | None]
    told: Mapping[str, str]
    hrefs: Mapping[str, str]
    legend: list[Step]
    has_names: bool


def choropleth(
    shapes: Sequence[AreaShape],
    values: Mapping[str, float | None],
    *,
    told: Mapping[str, str],
    hrefs: Mapping[str, str] | None = None,
    digits: int = 0,
    is_share: bool = False,
    has_names: bool = False,
) -> Choropleth | None:
    """The map of a measure by code of area; None where no area has a boundary.

    told        what stands for each area in words, by code.
    hrefs       where a click on an area leads, by code.
    digits      of the numbers in the legend, which are shares (0..1) where `is_share`.
    has_names   whether names and words are written on the areas.
    """
    frame = frame_of(shapes)
    if frame is None:
        return None
    held = [values.get(shape.code) for shape in shapes]
    lows = breaks(held)
    colours = {shape.code: colour_of(value, lows) for shape, value in zip(shapes, held, strict=True)}
    steps = legend(held, digits=digits, is_share=is_share)
    return Choropleth(shapes, frame, colours, told, hrefs or {}, steps, has_names)


def breaks(values: Sequence[float | None]) -> list[float]:
    """Lower ends of at most CLASSES classes with about as many values in each, rising; none for no values.

    Equal values are in one class, so there are fewer classes where values repeat.
    """
    known = sorted(value for value in values if value is not None)
    found: list[float] = []
    for number in range(CLASSES):
        if known and (low := known[number * len(known) // CLASSES]) not in found:
            found.append(low)
    return found


def class_of(value: float | None, lows: Sequence[float]) -> int | None:
    """Number of the class of a value, 0 for the lowest; None for no value."""
    if value is None or not lows:
        return None
    return max((number for number, low in enumerate(lows) if value >= low), default=0)


def colour_of(value: float | None, lows: Sequence[float]) -> int | None:
    """Colour 1 to 5 of the class of a value; fewer classes are spread over the whole range. None for no value."""
    place = class_of(value, lows)
    return None if place is None else 1 + round(place * (CLASSES - 1) / max(len(lows) - 1, 1))


def legend(values: Sequence[float | None], *, digits: int = 0, is_share: bool = False) -> list[Step]:
    """Classes of a map of these values, the lowest first and that of no value last; shares (0..1) as per cent."""
    lows = breaks(values)
    colours = [colour_of(value, lows) for value in values]
    told = [f"{100 * low:.{digits}f} %" if is_share else f"{low:,.{digits}f}" for low in lows]
    ranges = [f"{low} – < {high}" for low, high in itertools.pairwise(told)]
    ranges += [f"≥ {told[-1]}"] if told else []
    steps = [
        Step(colour := colour_of(low, lows), words, colours.count(colour))
        for low, words in zip(lows, ranges, strict=True)
    ]
    without = colours.count(None)
    return [*steps, Step(None, _("no data"), without)] if without else steps


def frame_of(shapes: Sequence[AreaShape]) -> Frame | None:
    """The frame around areas; None where none has a boundary."""
    boxes = [
        (shape.west, shape.north, shape.east, shape.south)
        for shape in shapes
        if shape.west is not None and shape.north is not None
        and shape.east is not None and shape.south is not None
    ]  # fmt: skip
    if not boxes:
        return None
    west, north = min(box[0] for box in boxes), min(box[1] for box in boxes)
    east, south = max(box[2] for box in boxes), max(box[3] for box in boxes)
    margin = 0.02 * max(east - west, south - north)
    wide, high = east - west + 2 * margin, south - north + 2 * margin
    return Frame(
        f"{west - margin:.0f} {north - margin:.0f} {wide:.0f} {high:.0f}", max(east - west, south - north) / 100
    )
