"""The made-up ground: an outline, towns and villages whose wobbly borders fit to the bit.

A Voronoi tessellation is taken apart into its edges, each once; the edges are bent by one smooth field and put
together again, so two neighbours keep the same vertices along their common border.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from geoalchemy2.elements import WKBElement
from geoalchemy2.shape import from_shape
from numpy.random import Generator
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from spatial.clean import only_area
from spatial.crs import from_metre, to_metre

Floats = NDArray[np.float64]

# Open sea, so that nobody's real street is taken for a made-up one.
CENTRE_LON, CENTRE_LAT = 122.75, 31.15
METRE_SRID = 4550

STEP_M = 60.0
GRID_M = 0.01
BEND_M = 34.0


@dataclass(frozen=True)
class Village:
    """One village: its town's number, its shape in the metre CRS, and how much happens there (0: nothing)."""

    town: int
    shape: shapely.Polygon
    weight: float

    @cached_property
    def centre(self) -> tuple[float, float]:
        """Its middle, metre CRS."""
        middle = self.shape.centroid
        return middle.x, middle.y


@dataclass(frozen=True)
class Land:
    """Villages in the order of their codes, by town and then from north to south."""

    villages: tuple[Village, ...]
    towns: int

    def of_town(self, town: int) -> list[int]:
        """Numbers of a town's villages."""
        return [number for number, village in enumerate(self.villages) if village.town == town]

    @cached_property
    def town_shapes(self) -> list[shapely.MultiPolygon]:
        """Shapes of the towns: exactly the union of their villages."""
        return [self._union(self.of_town(town)) for town in range(self.towns)]

    @cached_property
    def outline(self) -> shapely.MultiPolygon:
        """Shape of the district."""
        return self._union(list(range(len(self.villages))))

    def _union(self, numbers: list[int]) -> shapely.MultiPolygon:
        return only_area(shapely.coverage_union_all([self.villages[number].shape for number in numbers]))


def make_land(rng: Generator, *, towns: int, villages: int, radius_m: float) -> Land:
    """Towns and villages around the centre, about `radius_m` from the middle to the edge."""
    outline = _outline(rng, radius_m)
    seeds = _spread(rng, outline, villages)
    shapes = _bent_cells(rng, outline, seeds)
    groups = _grouped(rng, np.array([_xy(shape.centroid) for shape in shapes]), towns)
    weights = _weights(rng, shapes, radius_m)
    made = [Village(int(g), s, float(w)) for g, s, w in zip(groups, shapes, weights, strict=True)]
    made.sort(key=lambda village: (village.town, -village.centre[1], village.centre[0]))
    return Land(tuple(made), towns)


def area_element(shape: BaseGeometry) -> WKBElement:
    """An area of the metre CRS for the database, EPSG:4326; its vertices are close enough for straight edges."""
    return from_shape(only_area(in_degrees(np.array([shape, None], dtype=object))[0]), srid=4326)


def in_degrees(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Shapes of the metre CRS in EPSG:4326; None stays None."""

    def move(coords: Floats) -> Floats:
        return np.column_stack(from_metre(coords[:, 0], coords[:, 1], METRE_SRID))

    moved: NDArray[np.object_] = shapely.transform(shapes, move)
    return moved


def lon_lat(x: float, y: float) -> tuple[float, float]:
    """A place of the metre CRS in WGS 84 degrees, to the centimetre."""
    lon, lat = from_metre(x, y, METRE_SRID)
    return round(float(lon[0]), 7), round(float(lat[0]), 7)


def point_element(lon: float, lat: float) -> WKBElement:
    """A place for the database."""
    return from_shape(shapely.Point(lon, lat), srid=4326)


def spot_in(rng: Generator, shape: BaseGeometry) -> tuple[float, float]:
    """A random place inside a shape, metre CRS."""
    west, south, east, north = shape.bounds
    while True:
        x, y = rng.uniform(west, east), rng.uniform(south, north)
        if shapely.intersects_xy(shape, x, y):
            return float(x), float(y)


def middle() -> tuple[float, float]:
    """The centre of the district, metre CRS."""
    x, y = to_metre(CENTRE_LON, CENTRE_LAT, METRE_SRID)
    return float(x[0]), float(y[0])


def _outline(rng: Generator, radius_m: float) -> shapely.Polygon:
    """A roundish outline without deep bays, so that no village is cut in two by it."""
    turn = np.linspace(0.0, 2.0 * np.pi, 180, endpoint=False)
    swell = sum(rng.uniform(0.02, 0.05) * np.cos(waves * turn + rng.uniform(0.0, 2.0 * np.pi)) for waves in (2, 3, 4))
    reach = radius_m * (1.0 + swell)
    x, y = middle()
    return shapely.Polygon(np.column_stack([x + 1.08 * reach * np.cos(turn), y + 0.93 * reach * np.sin(turn)]))


def _spread(rng: Generator, outline: shapely.Polygon, count: int) -> Floats:
    """Seeds inside the outline, moved apart a little but not evenly."""
    seeds = np.array([spot_in(rng, outline) for _ in range(count)])
    for _ in range(2):
        cells = _voronoi(outline, seeds)
        seeds = np.array([_xy(cell.centroid) for cell in cells])
    return seeds


def _voronoi(outline: shapely.Polygon, seeds: Floats) -> list[shapely.Polygon]:
    around = shapely.voronoi_polygons(shapely.MultiPoint(seeds), extend_to=outline.envelope)
    return [only_area(cell.intersection(outline)).geoms[0] for cell in _in_order(around, seeds)]


def _bent_cells(rng: Generator, outline: shapely.Polygon, seeds: Floats) -> list[shapely.Polygon]:
    """The cells of the seeds with bent edges, in the seeds' order."""
    edges = shapely.union_all([cell.exterior for cell in _voronoi(outline, seeds)], grid_size=GRID_M)
    x, y = middle()
    waves = rng.uniform(0.0, 2.0 * np.pi, size=(2, 3))
    lengths = np.array([820.0, 1370.0, 2210.0])
    turns = rng.uniform(0.0, 2.0 * np.pi, size=(2, 3))

    def bend(coords: Floats) -> Floats:
        moved = coords.copy()
        for axis in (0, 1):
            along = np.outer(coords[:, 0] - x, np.cos(turns[axis])) + np.outer(coords[:, 1] - y, np.sin(turns[axis]))
            moved[:, axis] += BEND_M * np.sin(2.0 * np.pi * along / lengths + waves[axis]).sum(axis=1)
        return moved

    bent = shapely.transform(shapely.segmentize(shapely.line_merge(edges), STEP_M), bend)
    pieces: BaseGeometry = shapely.polygonize(list(shapely.get_parts(bent)))
    return _in_order(pieces, bend(seeds))


def _in_order(cells: BaseGeometry, seeds: Floats) -> list[shapely.Polygon]:
    """The polygon around each seed, in the seeds' order."""
    parts = only_area(cells).geoms
    seed, cell = shapely.STRtree(list(parts)).query(
        np.asarray(shapely.points(seeds), dtype=object), predicate="intersects"
    )
    owner = dict(zip(seed.tolist(), cell.tolist(), strict=True))
    return [parts[owner[number]] for number in range(len(seeds))]


def _grouped(rng: Generator, centres: Floats, towns: int) -> NDArray[np.int64]:
    """Villages in compact groups, numbered from west to east."""
    chosen = [int(rng.integers(len(centres)))]
    while len(chosen) < towns:
        far = np.min(_distances(centres, centres[chosen]), axis=1)
        chosen.append(int(np.argmax(far)))
    middles = centres[chosen]
    for _ in range(8):
        group = np.argmin(_distances(centres, middles), axis=1)
        middles = np.array([centres[group == number].mean(axis=0) for number in range(towns)])
    order = np.argsort(middles[:, 0])
    rank = np.empty(towns, dtype=np.int64)
    rank[order] = np.arange(towns)
    grouped: NDArray[np.int64] = rank[np.argmin(_distances(centres, middles), axis=1)]
    return grouped


def _weights(rng: Generator, shapes: list[shapely.Polygon], radius_m: float) -> Floats:
    """How much happens in each village: a busy core, a smaller one, and a quarter of all with nothing."""
    x, y = middle()
    cores = np.array([(x - 0.25 * radius_m, y + 0.2 * radius_m), (x + 0.45 * radius_m, y - 0.25 * radius_m)])
    centres = np.array([_xy(shape.centroid) for shape in shapes])
    near = _distances(centres, cores) / radius_m
    busy = np.exp(-((near[:, 0] / 0.35) ** 2)) + 0.5 * np.exp(-((near[:, 1] / 0.22) ** 2))
    weights = busy * rng.lognormal(0.0, 0.5, len(shapes)) + 0.02
    weights[np.argsort(weights)[: len(shapes) // 4]] = 0.0
    return np.asarray(weights, dtype=np.float64)


def _distances(left: Floats, right: Floats) -> Floats:
    return np.hypot(left[:, None, 0] - right[None, :, 0], left[:, None, 1] - right[None, :, 1])


def _xy(point: shapely.Point) -> tuple[float, float]:
    return point.x, point.y
