"""Our own places as the ladder climbs them: names known beforehand, entries fetched for a batch."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple, TypedDict

import shapely
from sqlalchemy.orm import Session

from geodata.errors import NotInitialised
from geodata.geocode.address import ParsedAddress
from geodata.geocode.parse import Dictionary, Named, normalise, parse_address
from geodata.geocode.sounds import Sounds
from geodata.models import Installation
from geodata.queries import gazetteer as queries
from geodata.queries.gazetteer import Door, Entry, House
from spatial.crs import from_metre
from spatial.roads import RoadLine, road_line

# So many names at one position: where a geocoder puts what it does not know.
NAMES_AT_DEFAULT_PLACE = 5
_LARGEST_HOUSE = 99_999

_NO_NAMES = Dictionary()


class EntryParts(NamedTuple):
    """What a gazetteer entry is, by its name: `place`, `crossing` (road, cross_road) or `door`.

    house   what the door is counted by along its road: the lane or, without one, the number.
    """

    kind: str
    name_norm: str
    road: str | None = None
    cross_road: str | None = None
    lane: str | None = None
    number: str | None = None
    sublane: str | None = None
    suffix: str | None = None
    house: int | None = None


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


class Finds(NamedTuple):
    """What was fetched for a batch.

    doors      by door; `lanes` all that lie behind one gate, by road and lane; `houses` by road and number.
    crossings  by the two roads; `by_road` by one of them; `posts` along a road.
    places     by name. `lines` by road, those that have any.
    """

    doors: dict[Door, list[Spot]]
    lanes: dict[tuple[str, str], list[Spot]]
    houses: dict[str, dict[int, list[Spot]]]
    crossings: dict[frozenset[str], list[Spot]]
    by_road: dict[str, list[Spot]]
    posts: dict[str, list[Spot]]
    places: dict[str, list[Spot]]
    lines: Mapping[str, RoadLine]


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
    if is_bare and parsed.form == "door" and not parsed.cross_road:
        return EntryParts("door", norm, cross_road=None, **door_columns(parsed))
    return EntryParts("place", norm)


def door_columns(parsed: ParsedAddress) -> "DoorColumns":
    """The columns by which the door of an address (form `door` or `village_door`) is found in the gazetteer."""
    house = parsed.lane or parsed.number
    fits = parsed.road is not None and house is not None and house.isdecimal() and int(house) <= _LARGEST_HOUSE
    return {
        "road": parsed.road or parsed.place,
        "lane": parsed.lane,
        "sublane": parsed.sublane,
        "number": parsed.number,
        "suffix": parsed.suffix,
        "house": int(house) if fits and house else None,
    }


def entry_kind(name: str) -> str:
    """`crossing`, `door` or `place`, as `entry_parts` reads the name."""
    return entry_parts(name).kind


class DoorColumns(TypedDict):
    """What `door_columns` gives."""

    road: str | None
    lane: str | None
    sublane: str | None
    number: str | None
    suffix: str | None
    house: int | None


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
    aliases: Mapping[tuple[str, str], frozenset[str]] = field(default_factory=dict, repr=False)
    default_places: frozenset[str] = frozenset()
    drawn_roads: frozenset[str] = frozenset()
    area_m2: Mapping[str, float] = field(default_factory=dict, repr=False)
    _lines: dict[str, RoadLine] = field(default_factory=dict, repr=False)

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

    def without_areas(self) -> "Gazetteer":
        """The same places in a gazetteer that belongs to no district and has no towns."""
        return replace(
            self, dictionary=self.dictionary.without_areas(), towns=(), town_shapes=(), default_places=frozenset()
        )

    def has_boundary(self, town_code: str) -> bool:
        """Whether a town has a boundary."""
        return town_code in self._town_tree[1]

    def knows(self, name: str) -> bool:
        """Whether a place or unit bears this normalised name."""
        return name in self.place_names or name in self.units

    def stands_for(self, kind: str, alias: str) -> str | None:
        """The one listed name that a normalised alias stands for; None where there is none, or several."""
        targets = self.aliases.get((kind, alias), frozenset())
        return next(iter(targets)) if len(targets) == 1 else None

    def town_at(self, lon: float, lat: float) -> str | None:
        """Code of the town that holds a WGS 84 point, the lowest on a border, None outside all boundaries."""
        tree, codes = self._town_tree
        hits = tree.query(shapely.Point(lon, lat), predicate="intersects")
        return min((codes[i] for i in hits), default=None)

    def from_metre(self, x: float, y: float) -> tuple[float, float]:
        """WGS 84 degrees (lon, lat) of a position in the metre CRS."""
        lon, lat = from_metre([x], [y], self.metre_srid)
        return float(lon[0]), float(lat[0])

    def towns_at(self, lon: Sequence[float], lat: Sequence[float]) -> list[str | None]:
        """`town_at` for many points at once."""
        tree, codes = self._town_tree
        found: list[str | None] = [None] * len(lon)
        for point, area in zip(*tree.query(shapely.points(lon, lat), predicate="intersects").tolist(), strict=True):
            known = found[point]
            found[point] = codes[area] if known is None else min(known, codes[area])
        return found

    def fetch(self, session: Session, batch: Iterable["Asked"]) -> Finds:
        """All entries that any of the batch asks for, in one round trip; lines of roads in one more."""
        names: set[str] = set()
        roads: set[str] = set()
        doors: set[Door] = set()
        houses: set[House] = set()
        drawn: set[str] = set()
        for asked in batch:
            names.update(asked.names)
            roads.update(asked.roads)
            doors.update(asked.doors)
            houses.update(asked.houses)
            drawn.update(asked.lines & self.drawn_roads)
        found = queries.entries(session, names=names, roads=roads, doors=doors, houses=houses)
        found += [unit for name in sorted(names) for unit in self.units.get(name, ())]
        missing = drawn - self._lines.keys()
        if missing:
            self._lines.update((name, road_line(line)) for name, line in queries.lines(session, missing).items())
        return _sorted_out(self._spots(found), self._lines)

    def _spots(self, found: Sequence[Entry]) -> list[Spot]:
        towns = self.towns_at([e.lon for e in found], [e.lat for e in found]) if found else []
        return [Spot(entry, town or entry.town_code) for entry, town in zip(found, towns, strict=True)]


class Asked(NamedTuple):
    """What one address wants to know of the gazetteer."""

    names: frozenset[str]
    roads: frozenset[str]
    doors: frozenset[Door]
    houses: frozenset[House] = frozenset()
    lines: frozenset[str] = frozenset()


def read_gazetteer(session: Session) -> Gazetteer:
    """The names of this moment. Raises NotInitialised where there is no district."""
    place = session.get(Installation, 1)
    if place is None:
        raise NotInitialised
    aliases: dict[tuple[str, str], set[str]] = defaultdict(set)
    for alias in queries.aliases(session):
        aliases[alias.kind, alias.alias].add(alias.target)
    areas = queries.named_areas(session)
    towns = tuple(Named(area.code, area.name) for area in areas if area.level == "town")
    villages = [Named(area.code, area.name, area.parent_code) for area in areas if area.level == "village"]
    other_towns, other_villages = _renamed("town", towns, aliases), _renamed("village", villages, aliases)
    roads = [*queries.road_names(session), *(name for kind, name in aliases if kind == "road")]
    units: dict[str, list[Entry]] = defaultdict(list)
    for unit in queries.placed_units(session):
        units[normalise(unit.name)].append(unit._replace(name_norm=normalise(unit.name)))
    return Gazetteer(
        dictionary=Dictionary([*towns, *other_towns], [*villages, *other_villages], roads, district=place.name),
        metre_srid=place.metre_srid,
        towns=towns,
        town_shapes=[area.shape for area in areas if area.level == "town"],
        place_names=frozenset(queries.place_names(session)),
        units=dict(units),
        aliases={key: frozenset(targets) for key, targets in aliases.items()},
        default_places=queries.default_places(session, names=NAMES_AT_DEFAULT_PLACE),
        drawn_roads=queries.drawn_roads(session),
        area_m2={area.code: area.area_m2 for area in areas if area.area_m2 is not None},
    )


def _renamed(kind: str, areas: Iterable[Named], aliases: Mapping[tuple[str, str], Iterable[str]]) -> list[Named]:
    """The areas once more, under the other names people use."""
    listed: dict[str, list[Named]] = defaultdict(list)
    for area in areas:
        listed[normalise(area.name)].append(area)
    return [
        area._replace(name=other)
        for (of_kind, other), targets in aliases.items()
        if of_kind == kind
        for target in targets
        for area in listed.get(target, ())
    ]


def _sorted_out(spots: Iterable[Spot], lines: Mapping[str, RoadLine]) -> Finds:
    finds = Finds(
        doors=defaultdict(list),
        lanes=defaultdict(list),
        houses=defaultdict(dict),
        crossings=defaultdict(list),
        by_road=defaultdict(list),
        posts=defaultdict(list),
        places=defaultdict(list),
        lines=lines,
    )
    for spot in spots:
        entry = spot.entry
        road = entry.road or ""
        if entry.kind == "door":
            finds.doors[road, entry.lane or "", entry.number or ""].append(spot)
            if entry.lane:
                finds.lanes[road, entry.lane].append(spot)
            if entry.house is not None:
                finds.houses[road].setdefault(entry.house, []).append(spot)
        elif entry.kind == "crossing":
            roads = frozenset(filter(None, (entry.road, entry.cross_road)))
            finds.crossings[roads].append(spot)
            for name in roads:
                finds.by_road[name].append(spot)
        elif entry.kind == "km_post":
            finds.posts[road].append(spot)
        else:
            finds.places[entry.name_norm].append(spot)
    return finds
