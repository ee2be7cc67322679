"""The made-up ground as a map shows it: streets and lanes, a river, canals, ponds, greens, a railway and buildings.

Everything is drawn between the streets that addresses are told by: lanes cut the ground between them, what is
left over is green, built upon or open, and nothing is built on a street, on water or on the railway.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import shapely
from numpy.random import Generator
from shapely import affinity
from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from geodata import seed
from geodata.demo import words
from geodata.demo.ground import Floats, Land, in_degrees, middle
from geodata.demo.streets import Street
from geodata.models import LINE_THEMES, BasemapFeature
from geodata.queries.loading import merge
from spatial.clean import only_area

SOURCE = "demo"
STEP_M = 30.0
# From the middle of a street, of a lane: what stays free on both sides.
STREET_M, LANE_M, RAIL_M, BANK_M = 19.0, 11.0, 26.0, 14.0
SMALLEST_M2 = 2500.0


class Drawn(NamedTuple):
    """One feature, in the metre CRS; `kind` is one of `seed/basemap_kinds.csv`."""

    theme: str
    kind: str
    name: str | None
    shape: BaseGeometry


@dataclass(frozen=True)
class House:
    """How buildings stand in a plot: size of one, distance of their middles, share of the places built upon."""

    width_m: float
    depth_m: float
    across_m: float
    down_m: float
    share: float


HOUSES = (
    House(52.0, 13.0, 66.0, 34.0, 0.85),  # slabs of an estate, one behind the other
    House(36.0, 14.0, 50.0, 38.0, 0.8),
    House(30.0, 26.0, 48.0, 46.0, 0.75),  # blocks along a business street
    House(80.0, 44.0, 104.0, 66.0, 0.7),  # halls
)
FARM = House(16.0, 11.0, 27.0, 24.0, 0.5)


def add_basemap(session: Session, drawn: Sequence[Drawn]) -> None:
    """Store what was drawn."""
    zooms = {(row["theme"], row["kind"]): int(row["from_zoom"]) for row in reversed(seed.rows("basemap_kinds"))}
    # thousands of buildings: one by one they would take as long as all the rest
    shapes = in_degrees(np.array([*(_whole(one) for one in drawn), None], dtype=object))[:-1]
    rows = (
        (one.theme, one.kind, one.name, zooms[one.theme, one.kind], SOURCE, str(number), bytes(shapely.to_wkb(shape)))
        for number, (one, shape) in enumerate(zip(drawn, shapes, strict=True), start=1)
    )
    columns = ("theme", "kind", "name", "from_zoom", "source", "source_ref", "geom")
    merge(session, BasemapFeature, columns, rows, key=("source", "source_ref"))


def draw(rng: Generator, land: Land, streets: list[Street], *, radius_m: float) -> list[Drawn]:
    """All features inside the outline, the ground first."""
    outline = land.outline
    roads = [
        Drawn("road", "primary" if number % 2 == 0 else "secondary", street.name, _inside(_line_of(street), outline))
        for number, street in _numbered(streets)
    ]
    river_line = _river(rng, radius_m)
    river = _inside(_wide(river_line, 34.0), outline)
    canals = [_inside(line, outline.difference(river)) for line in _canals(streets)]
    rail = _inside(_rail(radius_m), outline)
    water = shapely.union_all([river, *(canal.buffer(6.0) for canal in canals)])
    blocks = _parts(outline, [road.shape for road in roads])
    shapely.prepare(river)
    lanes = _lanes(rng, land, streets, blocks, river=river)
    taken = shapely.union_all(
        [
            *(road.shape.buffer(STREET_M) for road in roads),
            *(lane.buffer(LANE_M) for lane in lanes),
            rail.buffer(RAIL_M),
            water.buffer(BANK_M),
        ]
    )
    plots = [plot for plot in shapely.get_parts(outline.buffer(-STREET_M).difference(taken)) if plot.area > SMALLEST_M2]
    used = list(_used(rng, land, plots))
    return [
        *(one for one in used if one.theme == "green"),
        Drawn("water", "river", words.RIVER, river),
        *(one for one in used if one.theme == "water"),
        Drawn("waterway", "river", words.RIVER, _inside(river_line, outline)),
        *(Drawn("waterway", "canal", name, canal) for name, canal in zip(words.CANALS, canals, strict=False)),
        *(one for one in used if one.theme == "building"),
        Drawn("rail", "rail", words.RAIL, rail),
        *(Drawn("road", "residential", None, lane) for lane in lanes),
        *roads,
    ]


def _numbered(streets: Sequence[Street]) -> Iterator[tuple[int, Street]]:
    """Streets with their number among those of their direction."""
    for is_east in (True, False):
        yield from enumerate(street for street in streets if street.is_east == is_east)


def _line_of(street: Street) -> shapely.LineString:
    along = np.arange(0.0, street.length_m + STEP_M, STEP_M)
    return shapely.LineString([street.place(float(metres)) for metres in along])


def _whole(one: Drawn) -> BaseGeometry:
    """The shape as it is stored: all its lines, or all its polygons."""
    if one.theme in LINE_THEMES:
        return shapely.MultiLineString([part for part in shapely.get_parts(one.shape) if part.length > 0.0])
    return only_area(one.shape)


def _inside(shape: BaseGeometry, ground: BaseGeometry) -> BaseGeometry:
    inside: BaseGeometry = shapely.intersection(shape, ground)
    return inside


def _river(rng: Generator, radius_m: float) -> shapely.LineString:
    """From the north-west to the south-east, in bends."""
    x, y = middle()
    along = np.arange(-1.3 * radius_m, 1.3 * radius_m, STEP_M)
    bends = 0.13 * np.sin(2.6 * along / radius_m + rng.uniform(0.0, 6.0)) + 0.035 * np.sin(9.0 * along / radius_m)
    line = shapely.LineString(np.column_stack([x + along, y - 0.12 * radius_m + bends * radius_m]))
    return affinity.rotate(line, -38.0, origin=(x, y))


def _wide(line: shapely.LineString, half_m: float) -> BaseGeometry:
    """A line as water of uneven width."""
    places = shapely.get_coordinates(line)
    width = half_m * (1.0 + 0.28 * np.sin(np.arange(len(places)) / 7.0))
    discs = [shapely.Point(place).buffer(reach) for place, reach in zip(places, width, strict=True)]
    return shapely.union_all([shapely.convex_hull(shapely.union(one, other)) for one, other in pairwise(discs)])


def _canals(streets: Sequence[Street]) -> list[BaseGeometry]:
    """Canals beside every third street that runs north, and beside one that runs east."""
    north = [street for street in streets if not street.is_east]
    east = [street for street in streets if street.is_east]
    beside = [*north[1::3], *east[len(east) // 2 : len(east) // 2 + 1]]
    return [affinity.translate(_line_of(one), *((0.0, 62.0) if one.is_east else (62.0, 0.0))) for one in beside]


def _rail(radius_m: float) -> shapely.LineString:
    """One line from the south-west to the north-east."""
    x, y = middle()
    along = np.arange(-1.4 * radius_m, 1.4 * radius_m, STEP_M)
    line = shapely.LineString(np.column_stack([x + along, y + 0.34 * radius_m - 0.1 * along**2 / radius_m]))
    return affinity.rotate(line, 21.0, origin=(x, y))


def _parts(ground: BaseGeometry, lines: Sequence[BaseGeometry]) -> list[shapely.Polygon]:
    """The ground cut by lines."""
    edges = shapely.union_all([ground.boundary, *lines])
    return list(shapely.get_parts(shapely.polygonize(shapely.get_parts(edges))))


def _lanes(
    rng: Generator,
    land: Land,
    streets: Sequence[Street],
    blocks: Sequence[shapely.Polygon],
    *,
    river: BaseGeometry,
) -> list[BaseGeometry]:
    """Lanes from street to street through the blocks; few where nothing happens."""
    between = [*_between(streets, is_east=True), *_between(streets, is_east=False)]
    busy = _busy(land, [block.representative_point() for block in blocks])
    lanes: list[BaseGeometry] = []
    for block, weight in zip(blocks, busy, strict=True):
        for line in between:
            if rng.random() > (0.92 if weight > 0.05 else 0.45):
                continue
            pieces = shapely.get_parts(shapely.intersection(line, block))
            # a lane bridges a canal and not the river, and is no stump
            lanes += [one for one in pieces if 90.0 < one.length < 1500.0 and not shapely.intersects(river, one)]
    return lanes


def _between(streets: Sequence[Street], *, is_east: bool) -> list[shapely.LineString]:
    """Two lines between each pair of neighbouring streets of one direction, at a third and at two thirds."""
    mine = sorted((street for street in streets if street.is_east == is_east), key=lambda street: street.at)
    lines = [shapely.get_coordinates(_line_of(street)) for street in mine]
    made = []
    for one, other in pairwise(lines):
        made += [shapely.LineString(one * (1.0 - part) + other * part) for part in (0.36, 0.68)]
    return made


def _busy(land: Land, places: Sequence[BaseGeometry]) -> Floats:
    """How much happens in the village of each place, 0 outside all."""
    found = np.zeros(len(places))
    place, village = shapely.STRtree([one.shape for one in land.villages]).query(places, predicate="intersects")
    found[place] = [land.villages[number].weight for number in village]
    return found


def _used(rng: Generator, land: Land, plots: Sequence[shapely.Polygon]) -> Iterator[Drawn]:
    """What each plot is used for: a park, open land with ponds, or buildings."""
    parks = iter(words.PARKS)
    for plot, weight in zip(plots, _busy(land, [plot.representative_point() for plot in plots]), strict=True):
        luck = rng.random()
        if weight == 0.0 and luck < 0.72:
            kind = str(rng.choice(("farmland", "farmland", "wood", "meadow", "orchard")))
            yield from _green(rng, plot, kind, None, pond=0.16)
        elif luck < 0.1 and plot.area > 12_000.0:
            yield from _green(rng, plot, "park", next(parks, None), pond=0.6)
        elif luck < 0.16:
            yield from _green(rng, plot, "grass", None, pond=0.0)
        elif weight == 0.0:
            yield from _built(rng, plot, FARM)
        else:
            yield from _built(rng, plot, HOUSES[int(rng.choice(len(HOUSES), p=(0.4, 0.3, 0.2, 0.1)))])


def _green(rng: Generator, plot: shapely.Polygon, kind: str, name: str | None, *, pond: float) -> Iterator[Drawn]:
    shape = plot.buffer(-12.0).buffer(10.0) if kind in ("park", "wood") else plot
    if shape.is_empty:
        return
    water = _pond(rng, plot) if rng.random() < pond else None
    yield Drawn("green", kind, name, shape if water is None else shape.difference(water))
    if water is not None:
        yield Drawn("water", "pond", None, water)


def _pond(rng: Generator, plot: shapely.Polygon) -> BaseGeometry | None:
    """A rounded pond well inside a plot; None where there is no room."""
    room = plot.buffer(-30.0)
    if room.is_empty:
        return None
    spot = room.representative_point()
    reach = min(0.8 * spot.distance(plot.boundary), 90.0)
    turn = np.linspace(0.0, 2.0 * np.pi, 36, endpoint=False)
    wave = reach * (0.8 + 0.17 * np.sin(2.0 * turn + rng.uniform(0.0, 6.0)) + 0.1 * np.sin(3.0 * turn))
    return shapely.Polygon(np.column_stack([spot.x + wave * np.cos(turn), spot.y + 0.8 * wave * np.sin(turn)]))


def _built(rng: Generator, plot: shapely.Polygon, house: House) -> Iterator[Drawn]:
    """Buildings in rows that follow the plot's longer side, wholly inside it."""
    angle = _angle(plot)
    level = affinity.rotate(plot, -angle, origin=plot.centroid)
    west, south, east, north = level.bounds
    x, y = np.meshgrid(
        np.arange(west + 0.5 * house.across_m, east, house.across_m),
        np.arange(south + 0.5 * house.down_m, north, house.down_m),
    )
    x, y = x.ravel(), y.ravel()
    wide = 0.5 * house.width_m * rng.uniform(0.75, 1.0, x.size)
    boxes = shapely.box(x - wide, y - 0.5 * house.depth_m, x + wide, y + 0.5 * house.depth_m)
    shapely.prepare(level)
    kept = boxes[shapely.contains(level, boxes) & (rng.random(x.size) < house.share)]
    for one in kept:
        yield Drawn("building", "building", None, affinity.rotate(one, angle, origin=plot.centroid))


def _angle(plot: shapely.Polygon) -> float:
    """Degrees by which the plot's frame is turned, within 45."""
    corners = shapely.get_coordinates(plot.minimum_rotated_rectangle)
    along = corners[1] - corners[0]
    return float((np.degrees(np.arctan2(along[1], along[0])) + 45.0) % 90.0 - 45.0)
