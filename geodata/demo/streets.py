"""Made-up streets: where an address lies, and the gazetteer that knows some of them."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.random import Generator

from geodata.demo import words
from geodata.demo.ground import Land, lon_lat, middle, point_element
from geodata.geocode.gazetteer import entry_parts
from geodata.models import GazetteerEntry

DOOR_M = 180.0
NUMBER_EVERY_M = 12.0
SOURCE = "demo"


@dataclass(frozen=True)
class Street:
    """A street along one axis: `is_east` runs west to east at y = `at`, the other north to south at x = `at`."""

    name: str
    is_east: bool
    at: float
    start: float
    length_m: float

    def place(self, along_m: float) -> tuple[float, float]:
        """A position in the metre CRS, so many metres from the street's beginning."""
        wave = 40.0 * np.sin(along_m / 900.0 + self.at)
        run = self.start + along_m
        return (run, float(self.at + wave)) if self.is_east else (float(self.at + wave), run)

    def number(self, along_m: float) -> int:
        """House number there."""
        return 1 + int(along_m / NUMBER_EVERY_M)


def make_streets(radius_m: float, *, count: int) -> list[Street]:
    """A loose net of streets over the district, `count` in each direction at most."""
    x, y = middle()
    length_m = 2.2 * radius_m
    east = words.ROADS_EAST[:count]
    north = words.ROADS_NORTH[: count + 1]
    lines = [
        Street(name, is_east=True, at=y + offset, start=x - length_m / 2, length_m=length_m)
        for name, offset in zip(east, _offsets(len(east), radius_m), strict=True)
    ]
    lines += [
        Street(name, is_east=False, at=x + offset, start=y - length_m / 2, length_m=length_m)
        for name, offset in zip(north, _offsets(len(north), radius_m), strict=True)
    ]
    return lines


def nearest_address(streets: list[Street], x: float, y: float) -> str:
    """Street and number of the nearest street."""
    found = min(streets, key=lambda street: abs((y if street.is_east else x) - street.at))
    along = (x if found.is_east else y) - found.start
    return f"{found.name}{found.number(max(along, 0.0))}号"


def make_gazetteer(
    rng: Generator,
    land: Land,
    streets: list[Street],
    house: Callable[[Generator, int], tuple[float, float]],
    *,
    estates: int,
) -> list[GazetteerEntry]:
    """Crossings, doors, and housing estates each at a house of some village (`house`), inside the district."""
    named: dict[str, tuple[float, float]] = {}
    for one in streets:
        for other in streets:
            if one.is_east and not other.is_east:
                named[f"{one.name}{other.name}"] = _crossing(one, other)
        for along in np.arange(DOOR_M, one.length_m, DOOR_M):
            named[f"{one.name}{one.number(float(along))}号"] = one.place(float(along))
    names = [f"{brand}{end}" for brand in words.BRANDS for end in words.ESTATE_ENDS]
    for number in rng.choice(len(names), size=estates, replace=False):
        named[names[number]] = house(rng, int(rng.integers(len(land.villages))))
    outline = land.outline
    shapely.prepare(outline)
    return [_entry(name, x, y) for name, (x, y) in named.items() if shapely.intersects_xy(outline, x, y)]


def _entry(name: str, x: float, y: float) -> GazetteerEntry:
    lon, lat = lon_lat(x, y)
    return GazetteerEntry(
        name=name,
        **entry_parts(name)._asdict(),
        source=SOURCE,
        geom=point_element(lon, lat),
        raw_x=lon,
        raw_y=lat,
        datum="wgs84",
        datum_evidence="declared",
        accuracy_m=10.0,
    )


def _crossing(east: Street, north: Street) -> tuple[float, float]:
    """Where two streets meet; they bend so little that going from one to the other soon stays there."""
    x, y = north.at, east.at
    for _ in range(4):
        x = north.place(y - north.start)[0]
        y = east.place(x - east.start)[1]
    return x, y


def _offsets(count: int, radius_m: float) -> list[float]:
    """Distances of parallel streets from the middle, not quite even."""
    even = np.linspace(-0.86, 0.86, count)
    return [float(radius_m * (offset + 0.04 * np.sin(7.0 * number))) for number, offset in enumerate(even)]
