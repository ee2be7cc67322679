"""Features with the tags of OpenStreetMap: which of them addresses are found by, and as what."""

import re
from collections.abc import Sequence

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geodata.formats.osm import MEANINGS, OTHER_NAMES
from geodata.geocode.text import NUMERAL, normalise
from geodata.ingest.basemap import padded
from geodata.ingest.gazetteer_rows import Taking
from geodata.ingest.house_numbers import read_door, read_numbers, read_street
from geodata.ingest.interpolation import NumberedLines
from geodata.ingest.kinds import Job, Record
from geodata.ingest.places import shape_array

# Roads that houses stand on; paths, steps and what is only planned are none.
ROADS = frozenset(
    f"{name}{ending}" for name in ("motorway", "trunk", "primary", "secondary", "tertiary") for ending in ("", "_link")
) | {"unclassified", "residential", "living_street", "pedestrian", "service", "road", "busway", "track"}
# Where posts stand.
_POSTED = frozenset({"motorway", "trunk", "primary", "secondary"})
_NUMBERED = frozenset({"motorway", "trunk"})
# Lines that have names and are no roads, as other files call them.
NO_ROADS = frozenset(
    {
        *("footway", "path", "cycleway", "bridleway", "steps", "corridor", "proposed", "construction", "raceway"),
        *("platform", "rail", "light_rail", "subway", "tram", "monorail", "narrow_gauge", "river", "stream", "canal"),
        *("drain", "ditch"),
    }
)

# Named things that people give as a place, by tag: all values but those of the second set.
_ALL: frozenset[str] = frozenset()
_NOT_ASKED_FOR = frozenset(
    {
        *("toilets", "parking", "parking_entrance", "parking_space", "bicycle_parking", "bicycle_rental", "bench"),
        *("motorcycle_parking", "recycling", "waste_basket", "waste_disposal", "telephone", "post_box", "shelter"),
        *("vending_machine", "drinking_water", "fountain", "atm", "charging_point"),
    }
)
# Areas are a kind of import of their own, and a node in the middle of one is no place in it.
_AREA_PLACES = frozenset(
    {
        *("continent", "country", "state", "region", "province", "city", "municipality", "district", "borough"),
        *("county", "town", "suburb"),
    }
)
# As other files made of the same data tell them, in a column for the class.
NO_PLACES = _NOT_ASKED_FOR | _AREA_PLACES
_PLACE_TAGS: dict[str, frozenset[str]] = {
    "amenity": _NOT_ASKED_FOR,
    "building": frozenset({"no"}),
    "craft": _ALL,
    "healthcare": _ALL,
    "historic": _ALL,
    "leisure": frozenset({"pitch", "picnic_table", "outdoor_seating"}),
    "office": _ALL,
    "place": _AREA_PLACES,
    "shop": _ALL,
    "tourism": frozenset({"information", "artwork"}),
}
_PLACE_VALUES: dict[str, frozenset[str]] = {
    "highway": frozenset({"bus_stop", "motorway_junction", "services", "rest_area", "traffic_signals", "pedestrian"}),
    "landuse": frozenset(
        {"residential", "commercial", "industrial", "retail", "education", "institutional", "cemetery", "religious"}
    ),
    "man_made": frozenset({"bridge", "works", "tower", "pier", "wastewater_plant", "water_works"}),
    "public_transport": frozenset({"station", "platform", "stop_position", "stop_area"}),
    "railway": frozenset({"station", "halt", "tram_stop"}),
}
# How far a node may lie from a door of what it names; a shop has its node at its door.
NODE_ACCURACY_M = {
    "place=village": 500.0,
    "place=quarter": 800.0,
    "place=neighbourhood": 300.0,
    "place=hamlet": 300.0,
    "place=locality": 300.0,
    "railway=station": 150.0,
    "public_transport=station": 150.0,
}
_STOP_ACCURACY_M = 60.0
_POI_ACCURACY_M = 25.0
_DOOR_ACCURACY_M = 15.0
_STOPS = frozenset({"bus_stop", "platform", "stop_position", "tram_stop", "traffic_signals"})

# 3号楼, 12幢, B座, 5号: which of a thousand, the name does not say.
_ONLY_A_NUMBER = re.compile(rf"[A-Z]?(?:\d|[{NUMERAL}甲乙丙丁])*[A-Z]?(?:号楼|幢|栋|座|楼|号|室|区|期|号门|号口|口)?")
_SEPARATED = re.compile("[;；]")
_ROAD_NUMBER = re.compile(r"[GSXY]\d{1,4}")
_KM = re.compile(r"K?(\d{1,4}(?:\.\d+)?)(?:\+(\d{1,3}))?(?:KM|公里|千米)?")
_POST_M = 60.0
_METRES_PER_DEGREE = 111_195.0


def is_tagged(job: Job) -> bool:
    """Whether the file carries tags that tell what a feature is; one column called `place` does not make them."""
    told = job.fields & {*MEANINGS, "addr:housenumber"}
    return job.is_extract or ("geometry" in job.fields and ("highway" in told or len(told) > 1))


class Tagged:
    """Makes entries, roads and other names of features with tags, some at a time; what is of no use is counted.

    What only the whole file tells waits for `finish`: posts for the roads beside them, and numbers of roads.
    """

    def __init__(self, taking: Taking) -> None:
        self.taking = taking
        self._far = self._near = 0
        self._posts: list[Record] = []
        self._posted: list[tuple[BaseGeometry, str]] = []
        self._numbers: dict[str, dict[str, Record]] = {}
        self._numbered = NumberedLines(taking)

    def take(self, records: Sequence[Record]) -> None:
        """Take features; of an extract those in the district's extent and a little around it."""
        near = self._those_near(records) if self.taking.job.is_extract else records
        for record in near:
            if record.shape is not None and record.cells.get("addr:interpolation"):
                self._numbered.line(record)
        for record in near:
            meaning = _meaning(record)
            _take(record, meaning or "no tag", self.taking)
            self._numbered.door(record)
            if meaning == "highway=milestone":
                self._posts.append(record)
            elif record.shape is not None and meaning is not None:
                self._keep_line(record, record.shape, meaning)

    def finish(self) -> list[Record]:
        """Make posts and numbers of roads, and put the counts into the report; returns the records of the posts."""
        report = self.taking.job.report
        if self.taking.job.is_extract and self.taking.job.extent is None:
            report.note("extent_unknown", "no area has a boundary yet, so all features were taken in")
        if self._far:
            text = f"{self._far} features beyond the district and 2 km around it were left out"
            report.note("beyond_district", text, {"count": self._far})
            if not self._near:
                report.refused = (
                    f"none of the {self._far} features is near the district; is it the file of another place?"
                )
        _take_posts(self._posts, self._posted, self.taking)
        self._numbered.finish()
        for number, roads in self._numbers.items():
            if len(roads) == 1:
                record = next(iter(roads.values()))
                self.taking.alias(record, "road", number, str(record.cells["name"]))
        return self._posts

    def _those_near(self, records: Sequence[Record]) -> list[Record]:
        placed = [one for one in records if one.shape is not None or one.lon is not None]
        extent = self.taking.job.extent
        if extent is None:
            return placed
        west, south, east, north = padded(extent)
        boxes = np.array(
            [(one.lon, one.lat, one.lon, one.lat) if one.shape is None else one.shape.bounds for one in placed],
            dtype=np.float64,
        ).reshape(-1, 4)
        keep = (boxes[:, 0] <= east) & (boxes[:, 2] >= west) & (boxes[:, 1] <= north) & (boxes[:, 3] >= south)
        self._near += int(keep.sum())
        self._far += int((~keep).sum())
        return [record for record, is_near in zip(placed, keep.tolist(), strict=True) if is_near]

    def _keep_line(self, record: Record, shape: BaseGeometry, meaning: str) -> None:
        """Keep what posts and numbers of roads will need of a line."""
        name = record.cells.get("name")
        shown = name or record.cells.get("name:zh")
        tag, _, value = meaning.partition("=")
        if tag == "highway" and value in _POSTED and shown:
            self._posted.append((shape, shown))
        if tag == "highway" and value in _NUMBERED and name:
            # G60 for 沪昆高速公路: another name of it, where only one name bears it
            for number in _SEPARATED.split(record.cells.get("ref") or ""):
                norm = normalise(number).replace(" ", "")
                if _ROAD_NUMBER.fullmatch(norm):
                    self._numbers.setdefault(norm, {}).setdefault(normalise(name), record)


def km_of(text: str) -> float | None:
    """Kilometres of `12.5`, `K12+500` or `12 km`; None for what is none."""
    found = _KM.fullmatch(normalise(text).replace(" ", ""))
    if found is None:
        return None
    return float(found[1]) + float(found[2] or 0) / 1000.0


def layer_of(record: Record) -> int:
    """The layer of a stretch: as told, else 1 on a bridge and -1 in a tunnel; a culvert is under the road."""
    told = record.cells.get("layer") or ""
    if re.fullmatch(r"[+-]?\d{1,2}", told) and int(told):
        return int(told)
    yes = {name: (record.cells.get(name) or "no").lower() not in {"no", "f", "false", "0"} for name in _RAISED}
    return next((layer for name, layer in _RAISED.items() if yes[name]), 0)


_RAISED = {"bridge": 1, "tunnel": -1}


def _meaning(record: Record) -> str | None:
    told = record.cells.get("what")
    if told:
        return str(told)
    return next((f"{tag}={record.cells[tag]}" for tag in MEANINGS if record.cells.get(tag)), None)


def _take(record: Record, meaning: str, taking: Taking) -> None:
    if record.shape is not None:
        _take_line(record, meaning, taking)
        return
    if meaning == "highway=milestone":
        return
    is_used = _take_doors(record, taking)
    name = record.cells.get("name") or record.cells.get("name:zh")
    if name and _is_place(meaning):
        if _ONLY_A_NUMBER.fullmatch(normalise(name)):
            taking.unused["a name that is only a number"] += not is_used
            return
        kind = taking.named(record, name, accuracy_m=_node_accuracy_m(meaning))
        if kind == "place":
            _take_other_names(record, "place", name, taking)
    elif not is_used and not record.cells.get("addr:housenumber"):
        taking.unused[meaning] += 1


def _take_line(record: Record, meaning: str, taking: Taking) -> None:
    tag, _, value = meaning.partition("=")
    name = record.cells.get("name") or record.cells.get("name:zh")
    if record.cells.get("addr:interpolation"):
        return
    if tag == "highway" and value in ROADS and name:
        taking.road(record, name, road_class=value, layer=layer_of(record))
        _take_other_names(record, "road", name, taking)
    else:
        taking.unused[meaning] += 1


def _is_place(meaning: str) -> bool:
    tag, _, value = meaning.partition("=")
    if tag in _PLACE_TAGS:
        return value not in _PLACE_TAGS[tag]
    return value in _PLACE_VALUES.get(tag, ())


def _node_accuracy_m(meaning: str) -> float:
    """What a node is worth as the place of what it names; polygons have theirs from their size."""
    is_stop = meaning.partition("=")[2] in _STOPS
    return NODE_ACCURACY_M.get(meaning, _STOP_ACCURACY_M if is_stop else _POI_ACCURACY_M)


def _take_doors(record: Record, taking: Taking) -> bool:
    """Whether the feature has a house number that makes a door; one that does not is counted."""
    cells = record.cells
    number = cells.get("addr:housenumber")
    if not number:
        return False
    street = cells.get("addr:street") or cells.get("addr:place")
    if not street:
        # 春申路88号, the whole address in one tag
        door = read_door(number)
        if door is not None:
            taking.doors(record, door[0], door[0], (door[1],), accuracy_m=_DOOR_ACCURACY_M)
            return True
        taking.unused["a house number without its road"] += 1
        return False
    road = read_street(street)
    numbers = read_numbers(number, road.lane) if road.norm else ()
    if not numbers:
        taking.unused["a house number that could not be read"] += 1
        return False
    taking.doors(record, road.name, road.norm, numbers, accuracy_m=_DOOR_ACCURACY_M)
    return True


def _take_other_names(record: Record, kind: str, name: str, taking: Taking) -> None:
    for tag in OTHER_NAMES:
        for other in _SEPARATED.split(record.cells.get(tag) or ""):
            if other.strip() and other.strip() != name:
                taking.alias(record, kind, other.strip(), name)


# -- posts ---------------------------------------------------------------------------------------


def _take_posts(posts: Sequence[Record], lines: Sequence[tuple[BaseGeometry, str]], taking: Taking) -> None:
    """Posts with their kilometres, on the larger road that runs by; without one of the two they are of no use."""
    for record, beside in zip(posts, _roads_beside(posts, lines), strict=True):
        cells = record.cells
        told = next((cells[name] for name in ("distance", "pk", "name") if cells.get(name)), "")
        km = km_of(told)
        road = cells.get("addr:street") or beside
        if km is None or not road:
            taking.unused["highway=milestone without its road or its kilometre"] += 1
            continue
        parts = {"road": read_street(road).norm, "km": km}
        taking.entry(record, "km_post", f"{road}{km:g}公里", parts)


def _roads_beside(posts: Sequence[Record], lines: Sequence[tuple[BaseGeometry, str]]) -> list[str | None]:
    """For each post the name of the nearest of the lines, None where none is within _POST_M."""
    if not posts or not lines:
        return [None] * len(posts)
    squeeze = float(np.cos(np.radians(np.mean([one.lat for one in posts if one.lat is not None]))))
    scale = np.array([_METRES_PER_DEGREE * squeeze, _METRES_PER_DEGREE])
    shapes = shapely.transform(shape_array([shape for shape, _ in lines]), lambda spots: spots * scale)
    spots = shapely.points(np.array([(one.lon, one.lat) for one in posts], dtype=np.float64) * scale)
    tree = shapely.STRtree(shapes)
    found: list[str | None] = [None] * len(posts)
    pairs = tree.query_nearest(spots, max_distance=_POST_M, all_matches=False)
    for post, line in pairs.T.tolist():
        found[post] = lines[line][1]
    return found
