"""What the gazetteer has found for a batch of addresses, by what each thing is found by."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from geodata.queries.gazetteer import OF_RECORDS, Entry
from spatial.roads import RoadLine


def is_of_record(entry: Entry) -> bool:
    """Whether an entry is only known from a unit, point or listed place that bears its address, not from a survey."""
    return entry.source.startswith(OF_RECORDS)


class Spot(NamedTuple):
    """An entry, and the town whose polygon holds it."""

    entry: Entry
    town_code: str | None

    @property
    def x(self) -> float:
        """Easting in the metre CRS."""
        return self.entry.x

    @property
    def y(self) -> float:
        """Northing in the metre CRS."""
        return self.entry.y


class Houses:
    """The doors of one road by number, odd and even apart."""

    def __init__(self) -> None:
        self._spots: dict[int, list[Spot]] = {}
        self._sorted: tuple[list[int], list[int]] | None = None

    def add(self, house: int, spot: Spot) -> None:
        """Take a door in."""
        self._spots.setdefault(house, []).append(spot)
        self._sorted = None

    def at(self, house: int) -> list[Spot]:
        """The doors of one number."""
        return self._spots.get(house, [])

    def below(self, house: int) -> Iterator[int]:
        """Lesser numbers that are odd or even alike, the nearest first."""
        numbers = self._alike(house)
        return reversed(numbers[: bisect_left(numbers, house)])

    def above(self, house: int) -> Iterator[int]:
        """Greater numbers that are odd or even alike, the nearest first."""
        numbers = self._alike(house)
        return iter(numbers[bisect_right(numbers, house) :])

    def _alike(self, house: int) -> list[int]:
        if self._sorted is None:
            numbers = sorted(self._spots)
            self._sorted = ([n for n in numbers if n % 2 == 0], [n for n in numbers if n % 2])
        return self._sorted[house % 2]


class Finds(NamedTuple):
    """What was fetched for a batch.

    doors      by door; `lanes` all that lie behind one gate, by road and lane; `houses` by road and number.
    crossings  by the two roads; `by_road` by one of them; `posts` along a road.
    places     by name. `lines` by road, those that have any.
    counted    numbers on lines of house numbers of a map, by road and number; no doors.
    """

    doors: dict[tuple[str, str, str], list[Spot]]
    lanes: dict[tuple[str, str], list[Spot]]
    houses: dict[str, "Houses"]
    crossings: dict[frozenset[str], list[Spot]]
    by_road: dict[str, list[Spot]]
    posts: dict[str, list[Spot]]
    places: dict[str, list[Spot]]
    lines: Mapping[str, RoadLine]
    counted: dict[tuple[str, int], list[Spot]]


def sorted_out(spots: Iterable[Spot], lines: Mapping[str, RoadLine]) -> Finds:
    """Spots by what each is found by."""
    finds = Finds(
        doors=defaultdict(list),
        lanes=defaultdict(list),
        houses=defaultdict(Houses),
        crossings=defaultdict(list),
        by_road=defaultdict(list),
        posts=defaultdict(list),
        places=defaultdict(list),
        lines=lines,
        counted=defaultdict(list),
    )
    for spot in spots:
        entry = spot.entry
        road = entry.road or ""
        if entry.kind == "door":
            finds.doors[road, entry.lane or "", entry.number or ""].append(spot)
            if entry.lane:
                finds.lanes[road, entry.lane].append(spot)
            if entry.house is not None:
                finds.houses[road].add(entry.house, spot)
        elif entry.kind == "crossing":
            finds.crossings[frozenset(filter(None, (entry.road, entry.cross_road)))].append(spot)
        elif entry.kind == "interpolated":
            finds.counted[road, entry.house or 0].append(spot)
        elif entry.kind == "km_post":
            finds.posts[road].append(spot)
        else:
            finds.places[entry.name_norm].append(spot)
    return finds
