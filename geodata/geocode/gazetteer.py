"""Our own places as the ladder climbs them: names known beforehand, entries fetched for a batch."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple, TypedDict

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from geodata.errors import NotInitialised
from geodata.geocode.address import ParsedAddress
from geodata.geocode.finds import Finds, Spot, is_of_record, sorted_out
from geodata.geocode.parse import Dictionary, Named, is_village, normalise, parse_address
from geodata.geocode.sounds import Sounds
from geodata.models import Installation
from geodata.queries import gazetteer as queries
from geodata.queries.gazetteer import Crossing, Door, Entry
from spatial.crs import from_metre
from spatial.roads import RoadLine, road_line

# So many names at one position: where a geocoder puts what it does not know.
NAMES_AT_DEFAULT_PLACE = 5
_LONGEST_HOUSE = 5

_NO_NAMES = Dictionary()


class EntryParts(NamedTuple):
    """What a gazetteer entry is, by its name: `place`, `crossing` (road, cross_road) or `door`."""

    kind: str
    name_norm: str
    road: str | None = None
    cross_road: str | None = None
    lane: str | None = None
    number: str | None = None
    sublane: str | None = None
    suffix: str | None = None


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
    return {
        "road": parsed.road or parsed.place,
        "lane": parsed.lane,
        "sublane": parsed.sublane,
        "number": parsed.number,
        "suffix": parsed.suffix,
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


def door_of(parsed: ParsedAddress, road: str) -> Door:
    """The key of an address's door on a road."""
    house = parsed.lane or parsed.number or ""
    fits = house.isdecimal() and len(house) <= _LONGEST_HOUSE
    return Door(road, parsed.lane or "", parsed.number or "", int(house) if fits else None)


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
    takes_records: bool = True
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
    def _town_tree(self) -> tuple[shapely.STRtree, NDArray[np.object_], list[str]]:
        drawn = [
            (shape, town.code) for shape, town in zip(self.town_shapes, self.towns, strict=True) if shape is not None
        ]
        shapes = np.array([shape for shape, _ in drawn], dtype=object)
        shapely.prepare(shapes)
        return shapely.STRtree(shapes), shapes, [code for _, code in drawn]

    @property
    def has_all_towns(self) -> bool:
        """Whether every town has a boundary, so that a point in none is outside the district."""
        return bool(self.towns) and all(shape is not None for shape in self.town_shapes)

    def without_areas(self) -> "Gazetteer":
        """The same places in a gazetteer that belongs to no district and has no towns."""
        return replace(self, dictionary=self.dictionary.without_areas(), towns=(), town_shapes=())

    def without_records(self) -> "Gazetteer":
        """The same without units, and without what units and points have taught: they bear no witness to themselves."""
        return replace(self, units={}, takes_records=False)

    def has_boundary(self, town_code: str) -> bool:
        """Whether a town has a boundary."""
        return town_code in self._town_tree[2]

    def knows(self, name: str) -> bool:
        """Whether a place or unit bears this normalised name."""
        return name in self.place_names or name in self.units

    def stands_for(self, kind: str, alias: str) -> str | None:
        """The one listed name that a normalised alias stands for; None where there is none, or several."""
        targets = self.aliases.get((kind, alias), frozenset())
        return next(iter(targets)) if len(targets) == 1 else None

    def town_at(self, lon: float, lat: float) -> str | None:
        """Code of the town that holds a WGS 84 point, the lowest on a border, None outside all boundaries."""
        return self.towns_at([lon], [lat])[0]

    def from_metre(self, x: float, y: float) -> tuple[float, float]:
        """WGS 84 degrees (lon, lat) of a position in the metre CRS."""
        return self.all_from_metre([x], [y])[0]

    def all_from_metre(self, x: Sequence[float], y: Sequence[float]) -> list[tuple[float, float]]:
        """`from_metre` for many positions at once."""
        lon, lat = from_metre(x, y, self.metre_srid)
        return list(zip(lon.tolist(), lat.tolist(), strict=True))

    def towns_at(self, lon: Sequence[float], lat: Sequence[float]) -> list[str | None]:
        """`town_at` for many points at once."""
        tree, shapes, codes = self._town_tree
        found: list[str | None] = [None] * len(lon)
        if not len(codes) or not len(lon):
            return found
        x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
        point, area = tree.query(shapely.points(x, y))
        inside = shapely.intersects_xy(shapes[area], x[point], y[point])
        for i, j in zip(point[inside].tolist(), area[inside].tolist(), strict=True):
            known = found[i]
            found[i] = codes[j] if known is None else min(known, codes[j])
        return found

    def fetch(self, session: Session, batch: Sequence["Asked"]) -> Finds:
        """All entries that any of the batch asks for, in one round trip.

        In a second one the other crossings of roads that need them: where no line shows where a road leads, and
        where the crossing asked for is not known. Lines of roads are read once and kept.
        """
        drawn = frozenset[str]().union(*(asked.lines for asked in batch)) & self.drawn_roads
        missing = drawn - self._lines.keys()
        if missing:
            self._lines.update((name, road_line(line)) for name, line in queries.lines(session, missing).items())
        names = frozenset[str]().union(*(asked.names for asked in batch))
        found = queries.entries(
            session,
            names=names,
            crossings=frozenset[Crossing]().union(*(asked.crossings for asked in batch)),
            doors=frozenset[Door]().union(*(asked.doors for asked in batch)),
            post_roads=frozenset[str]().union(*(asked.posts for asked in batch)),
        )
        if not self.takes_records:
            found = [entry for entry in found if not is_of_record(entry)]
        found += [unit for name in sorted(names & self.units.keys()) for unit in self.units[name]]
        finds = sorted_out(self._spots(found), self._lines)
        guides = _roads_to_guide(batch, finds)
        if guides:
            for spot in self._spots(queries.crossings_on(session, filter(None, guides))):
                for name in guides & {spot.entry.road, spot.entry.cross_road}:
                    finds.by_road[name or ""].append(spot)
        return finds

    def _spots(self, found: Sequence[Entry]) -> list[Spot]:
        towns = self.towns_at([e.lon for e in found], [e.lat for e in found]) if found else []
        return [Spot(entry, town or entry.town_code) for entry, town in zip(found, towns, strict=True)]


class Asked(NamedTuple):
    """What one address wants to know of the gazetteer.

    names      of places. `crossings` pairs of roads. `doors` at most one. `posts` roads whose posts are needed.
    lines      roads to be walked or compared; `guides` those whose other crossings serve where they have no line.
    """

    names: frozenset[str]
    crossings: frozenset[Crossing] = frozenset()
    doors: frozenset[Door] = frozenset()
    posts: frozenset[str] = frozenset()
    lines: frozenset[str] = frozenset()
    guides: frozenset[str] = frozenset()


def read_gazetteer(session: Session) -> Gazetteer:
    """The names of this moment. Raises NotInitialised where there is no district."""
    place, areas, aliases = _district(session), queries.named_areas(session), _aliases(session)
    towns = tuple(Named(area.code, area.name) for area in areas if area.level == "town")
    units: dict[str, list[Entry]] = defaultdict(list)
    for unit in queries.placed_units(session):
        units[normalise(unit.name)].append(unit._replace(name_norm=normalise(unit.name)))
    return Gazetteer(
        dictionary=_dictionary(session, place, areas, aliases),
        metre_srid=place.metre_srid,
        towns=towns,
        town_shapes=[area.shape for area in areas if area.level == "town"],
        place_names=frozenset(queries.place_names(session)),
        units=dict(units),
        aliases=aliases,
        default_places=queries.default_places(session, names=NAMES_AT_DEFAULT_PLACE),
        drawn_roads=queries.drawn_roads(session),
        area_m2={area.code: area.area_m2 for area in areas if area.area_m2 is not None},
    )


def read_dictionary(session: Session) -> Dictionary:
    """What reading an address needs of the gazetteer, without its places. Raises NotInitialised."""
    return _dictionary(session, _district(session), queries.named_areas(session), _aliases(session))


Aliases = Mapping[tuple[str, str], frozenset[str]]


def _district(session: Session) -> Installation:
    place = session.get(Installation, 1)
    if place is None:
        raise NotInitialised
    return place


def _aliases(session: Session) -> Aliases:
    aliases: dict[tuple[str, str], set[str]] = defaultdict(set)
    for alias in queries.aliases(session):
        aliases[alias.kind, alias.alias].add(alias.target)
    return {key: frozenset(targets) for key, targets in aliases.items()}


def _dictionary(
    session: Session, place: Installation, areas: Sequence[queries.NamedArea], aliases: Aliases
) -> Dictionary:
    towns = [Named(area.code, area.name) for area in areas if area.level == "town"]
    villages = [Named(area.code, area.name, area.parent_code) for area in areas if area.level == "village"]
    roads = [name for name in queries.road_names(session) if not is_village(name)]
    return Dictionary(
        [*towns, *_renamed("town", towns, aliases)],
        [*villages, *_renamed("village", villages, aliases)],
        [*roads, *(name for kind, name in aliases if kind == "road")],
        district=place.name,
        within=place.within,
    )


def _renamed(kind: str, areas: Iterable[Named], aliases: Aliases) -> list[Named]:
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


def _roads_to_guide(batch: Iterable[Asked], finds: Finds) -> set[str | None]:
    roads: set[str | None] = set()
    for asked in batch:
        roads.update(name for name in asked.guides if name not in finds.lines)
        for pair in asked.crossings:
            if frozenset(pair) not in finds.crossings:
                roads.update(pair)
    return roads
