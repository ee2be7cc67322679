"""Lines of house numbers (`addr:interpolation`): numbers between two doors, where a map says that they run.

A number on such a line is no door: nobody has seen a house that bears it. It is evidence for where it would lie
on that side of the road, with an error that is greatest in the middle.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geodata.geocode.doors import WIDEST_M, WIDEST_NUMBERS
from geodata.geocode.scores import BRACKET_SHARE, combined_m
from geodata.ingest.gazetteer_rows import Taking
from geodata.ingest.house_numbers import HouseNumber, Street, read_numbers, read_street
from geodata.ingest.kinds import Job, Record

_STEPS = {"odd": 2, "even": 2, "all": 1}
_REST = {"odd": 1, "even": 0}
_METRES_PER_DEGREE = 111_195.0
# A node of the map has so many decimals, in whatever way it was read.
_DECIMALS = 1e7
# Of either end, as of any house number on the map.
_END_ACCURACY_M = 15.0

Spot = tuple[int, int]


class End(NamedTuple):
    """The door at an end: its number, and its road where it names one."""

    number: int
    street: Street | None


class NumberedLines:
    """Collects lines of house numbers, then the doors at their ends; `finish` makes the numbers between.

    Lines must come before the doors, or along with them.
    """

    def __init__(self, taking: Taking) -> None:
        self._taking = taking
        self._lines: list[tuple[Record, Spot, Spot]] = []
        self._ends: dict[Spot, End | None] = {}

    def line(self, record: Record) -> None:
        """Keep a line of house numbers; one that is closed, or counts in letters, is of no use."""
        corners = shapely.get_coordinates(record.shape)
        first, last = _spot(*corners[0]), _spot(*corners[-1])
        if first == last or record.cells["addr:interpolation"] not in _STEPS or not _is_true_to_scale(self._taking.job):
            self._taking.unused["a line of house numbers that is not counted along"] += 1
            return
        self._lines.append((record, first, last))
        self._ends |= {first: None, last: None}

    def door(self, record: Record) -> None:
        """Keep the number of a door where a line begins or ends."""
        number = record.cells.get("addr:housenumber")
        if not self._ends or not number or record.lon is None or record.lat is None:
            return
        spot = _spot(record.lon, record.lat)
        if spot in self._ends:
            self._ends[spot] = _end(number, record.cells.get("addr:street"))

    def finish(self) -> None:
        """Make the numbers between the ends of each line."""
        for record, first, last in self._lines:
            a, b = self._ends[first], self._ends[last]
            why = "a line of house numbers without its ends" if a is None or b is None else self._take(record, a, b)
            if why:
                self._taking.unused[why] += 1

    def _take(self, record: Record, a: End, b: End) -> str | None:
        """Why there are no numbers between the ends of a line; None where they were made."""
        told = record.cells.get("addr:street")
        streets = [one for one in (a.street, b.street, read_street(told) if told else None) if one and one.norm]
        if not streets or len({one.norm for one in streets}) > 1:
            return "a line of house numbers whose ends are not of one road"
        kind = record.cells["addr:interpolation"]
        if any(end.number % 2 != _REST.get(kind, end.number % 2) for end in (a, b)):
            return "a line of house numbers whose ends are not odd or even as it says"
        spots = _between(record.shape, a.number, b.number, step=_STEPS[kind])
        if spots is None:
            return "a line of house numbers that is too long to count along"
        ends = f"{min(a.number, b.number)}-{max(a.number, b.number)}"
        cells = {name: value for name, value in record.cells.items() if name != "accuracy_m"}
        for number, lon, lat, accuracy_m in spots:
            made = Record(record.row, cells, x=lon, y=lat, lon=lon, lat=lat)
            name = HouseNumber(None, None, str(number), None).named(streets[0].name)
            parts = {"road": streets[0].norm, "number": str(number), "suffix": ends}
            if self._taking.entry(made, "interpolated", name, parts, accuracy_m=accuracy_m):
                self._taking.job.extra.append(made)
        return None


def _end(number: str, street: str | None) -> End | None:
    """The door at an end; None for a number in a lane, with a letter, or for several at once."""
    read = read_street(street) if street else None
    numbers: Sequence[HouseNumber] = read_numbers(number, read.lane if read else "")
    if len(numbers) != 1 or numbers[0].number is None or numbers[0].lane or numbers[0].suffix:
        return None
    return End(int(numbers[0].number), read)


def _is_true_to_scale(job: Job) -> bool:
    """Whether places as received are those in WGS 84, so that what lies between them is too."""
    return job.datum is not None and job.datum.name in {"wgs84", "cgcs2000"}


def _between(
    shape: BaseGeometry | None, first: int, last: int, *, step: int
) -> list[tuple[int, float, float, float]] | None:
    """Number, lon, lat and error (m) of those between two ends; None where they are too far apart to tell."""
    corners = shapely.get_coordinates(shape)
    scale = np.array([_METRES_PER_DEGREE * math.cos(math.radians(float(corners[:, 1].mean()))), _METRES_PER_DEGREE])
    line = shapely.linestrings(corners * scale)
    apart_m = float(shapely.length(line))
    if abs(last - first) > WIDEST_NUMBERS or apart_m > WIDEST_M:
        return None
    found = []
    for number in range(min(first, last) + step, max(first, last), step):
        share = (number - first) / (last - first)
        x, y = shapely.get_coordinates(shapely.line_interpolate_point(line, share, normalized=True))[0] / scale
        within_m = BRACKET_SHARE * apart_m * math.sqrt(share * (1.0 - share))
        error_m = round(combined_m(_END_ACCURACY_M, within_m), 1)
        found.append((number, round(float(x), 7), round(float(y), 7), error_m))
    return found


def _spot(lon: float, lat: float) -> Spot:
    return round(lon * _DECIMALS), round(lat * _DECIMALS)
