"""Our own places as the ladder climbs them: names known beforehand, entries fetched for a batch."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np
import shapely
from sqlalchemy.orm import Session

from geodata.errors import NotInitialised
from geodata.geocode.address import ParsedAddress
from geodata.geocode.parse import Dictionary, Named, normalise, parse_address
from geodata.geocode.sounds import Sounds
from geodata.models import Installation
from geodata.queries import gazetteer as queries
from geodata.queries.gazetteer import Door, Entry
from spatial.crs import from_metre, to_metre

_NO_NAMES = Dictionary()


class EntryParts(NamedTuple):
    """What a gazetteer entry is, by its name: `place`, `crossing` (road, cross_road) or `door`."""

    kind: str
    name_norm: str
    road: str | None = None
    cross_road: str | None = None
    lane: str | None = None
    number: str | None = None


class Spot(NamedTuple):
    """An entry with its place in the metre CRS and the town whose polygon holds it."""

    entry: Entry
    x: float
    y: float
    town_code: str | None


class Finds(NamedTuple):
    """What was fetched for a batch: by door, by the two roads of a crossing, by one road, by name."""

    doors: dict[Door, list[Spot]]
    crossings: dict[frozenset[str], list[Spot]]
    by_road: dict[str, list[Spot]]
    places: dict[str, list[Spot]]


def entry_parts(name: str) -> EntryParts:
    """The kind of an entry and the columns it is found by, read from its name.

    A stop named by two roads ("临河路中山路") is a crossing and a name that is an address with a number a
    door; all else is a place, also a road followed by anything else.
    """
    norm = normalise(name)
    parsed = parse_address(norm, _NO_NAMES)
    is_bare = not (parsed.place or parsed.direction or parsed.to_road or parsed.town_name or parsed.district)
    if is_bare and parsed.form == "crossing":
        return EntryParts("crossing", norm, parsed.road, parsed.cross_road)
    if is_bare and parsed.form == "door" and not (parsed.cross_road or parsed.sublane or parsed.suffix):
        return EntryParts("door", norm, parsed.road, None, parsed.lane, parsed.number)
    return EntryParts("place", norm)


def entry_kind(name: str) -> str:
    """`crossing`, `door` or `place`, as `entry_parts` reads the name."""
    return entry_parts(name).kind


def door_of(parsed: ParsedAddress, road: str) -> Door:
    """The key of an address's door on a road."""
    return road, parsed.lane or "", parsed.number or ""


@dataclass
class Gazetteer:
    """The names of one moment: areas, roads, places and units of today.

    Made by `read_gazetteer`; it does not see what is stored later.
    """

    dictionary: Dictionary
    metre_srid: int
    towns: tuple[Named, ...]
    town_shapes: Sequence[shapely.Geometry | None]
    place_names: frozenset[str]
    units: dict[str, list[Entry]] = field(repr=False)

    @cached_property
    def road_sounds(self) -> Sounds:
        """The roads by sound."""
        return Sounds(self.dictionary.roads)

    @cached_property
    def place_sounds(self) -> Sounds:
        """The places and units by sound."""
        return Sounds(self.place_names | self.units.keys())

    @cached_property
    def _town_tree(self) -> tuple[shapely.STRtree, list[str]]:
        drawn = [
            (shape, town.code) for shape, town in zip(self.town_shapes, self.towns, strict=True) if shape is not None
        ]
        return shapely.STRtree([shape for shape, _ in drawn]), [code for _, code in drawn]

    @property
    def has_all_towns(self) -> bool:
        """Whether every town has a boundary, so that a point in none is outside the district."""
        return bool(self.towns) and all(shape is not None for shape in self.town_shapes)

    def has_boundary(self, town_code: str) -> bool:
        """Whether a town has a boundary."""
        return town_code in self._town_tree[1]

    def knows(self, name: str) -> bool:
        """Whether a place or unit bears this normalised name."""
        return name in self.place_names or name in self.units

    def town_at(self, lon: float, lat: float) -> str | None:
        """Code of the town that holds a WGS 84 point, the lowest on a border, None outside all boundaries."""
        tree, codes = self._town_tree
        hits = tree.query(shapely.Point(lon, lat), predicate="intersects")
        return min((codes[i] for i in hits), default=None)

    def from_metre(self, x: float, y: float) -> tuple[float, float]:
        """WGS 84 degrees (lon, lat) of a position in the metre CRS."""
        lon, lat = from_metre([x], [y], self.metre_srid)
        return float(lon[0]), float(lat[0])

    def fetch(self, session: Session, batch: Iterable["Asked"]) -> Finds:
        """All entries that any of the batch asks for, in one round trip."""
        names: set[str] = set()
        roads: set[str] = set()
        doors: set[Door] = set()
        for asked in batch:
            names.update(asked.names)
            roads.update(asked.roads)
            doors.update(asked.doors)
        found = queries.entries(session, names=names, roads=roads, doors=doors)
        found += [unit for name in sorted(names) for unit in self.units.get(name, ())]
        return _sorted_out(self._spots(found))

    def _spots(self, found: Sequence[Entry]) -> list[Spot]:
        if not found:
            return []
        lon, lat = np.array([e.lon for e in found]), np.array([e.lat for e in found])
        x, y = to_metre(lon, lat, self.metre_srid)
        return [
            Spot(entry, float(x[i]), float(y[i]), self.town_at(entry.lon, entry.lat) or entry.town_code)
            for i, entry in enumerate(found)
        ]


class Asked(NamedTuple):
    """What one address wants to know of the gazetteer."""

    names: frozenset[str]
    roads: frozenset[str]
    doors: frozenset[Door]


def read_gazetteer(session: Session) -> Gazetteer:
    """The names of this moment. Raises NotInitialised where there is no district."""
    place = session.get(Installation, 1)
    if place is None:
        raise NotInitialised
    areas = queries.named_areas(session)
    towns = [area for area in areas if area.level == "town"]
    named = tuple(Named(area.code, area.name) for area in towns)
    villages = (Named(area.code, area.name, area.parent_code) for area in areas if area.level == "village")
    units: dict[str, list[Entry]] = defaultdict(list)
    for unit in queries.placed_units(session):
        units[normalise(unit.name)].append(unit._replace(name_norm=normalise(unit.name)))
    return Gazetteer(
        dictionary=Dictionary(named, villages, queries.road_names(session), district=place.name),
        metre_srid=place.metre_srid,
        towns=named,
        town_shapes=[area.shape for area in towns],
        place_names=frozenset(queries.place_names(session)),
        units=dict(units),
    )


def _sorted_out(spots: Iterable[Spot]) -> Finds:
    finds = Finds(defaultdict(list), defaultdict(list), defaultdict(list), defaultdict(list))
    for spot in spots:
        entry = spot.entry
        if entry.kind == "door":
            finds.doors[entry.road or "", entry.lane or "", entry.number or ""].append(spot)
        elif entry.kind == "crossing":
            roads = frozenset(filter(None, (entry.road, entry.cross_road)))
            finds.crossings[roads].append(spot)
            for road in roads:
                finds.by_road[road].append(spot)
        else:
            finds.places[entry.name_norm].append(spot)
    return finds
