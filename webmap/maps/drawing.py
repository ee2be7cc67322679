"""The map of a poster as one SVG: vector lines, exactly to scale, names that do not cover one another."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar
from xml.etree.ElementTree import Element

import numpy as np
import shapely
from markupsafe import Markup
from shapely.geometry.base import BaseGeometry

from geodata.queries.posters import Border, PointSpot, UnitSpot
from geodata.services.posters import Ground, Poster
from webmap.maps import styles
from webmap.maps.drawing_base import BaseMap
from webmap.maps.drawing_colours import colour
from webmap.maps.drawing_frame import PIXEL_MM, Frame
from webmap.maps.drawing_labels import Box, Places, around, inside
from webmap.maps.drawing_symbols import add, draw_area, draw_line, draw_symbol, draw_text, markup, path_of, picture
from webmap.maps.styles import Style, StyleClass

# Units up to this many carry their names; more of them numbers, which the list beside the map explains.
MOST_NAMED = 10

SURROUNDINGS = 0.66
OWN_BORDERS = {"town": styles.TOWN, "village": styles.VILLAGE}
# What an area is divided into, and so what is named on its map.
PARTS = {"district": "town", "town": "village"}


Spot = TypeVar("Spot", UnitSpot, PointSpot)


class Name(NamedTuple):
    """A line of text that has found its place: millimetres on the paper, and how it is written."""

    text: str
    box: Box
    size_mm: float
    ink: str = "--map-label"
    weight: int = 400


@dataclass(frozen=True)
class Looks:
    """How the things of this district look: kinds of unit by code, and classes of roads, the least first."""

    kinds: dict[str, Style]
    roads: Sequence[StyleClass]


@dataclass
class Drawing:
    """A map being drawn.

    unit      millimetres of what is a millimetre on an A3 sheet: text, symbols and lines shrink with the paper.
    numbers   codes of units and their numbers in the list, for where there is no room for their names.
    is_named  the units carry their names, known when the map is drawn.
    """

    frame: Frame
    poster: Poster
    looks: Looks
    unit: float
    zoom: int
    numbers: dict[str, int] = field(default_factory=dict)
    is_named: bool = False

    def __post_init__(self) -> None:
        frame = self.frame
        self.base = BaseMap(frame, self.looks.roads, self.unit, self.zoom)
        self.places = Places(frame.width_mm, frame.height_mm, edge_mm=1.2 * self.unit)
        self.own = self._lay(shapely.simplify(self.poster.shape, frame.clip().step_m))
        self.is_district = self.poster.area.level == "district"

    def svg(self, ground: Ground, *, title: str, description: str, north: str) -> Markup:
        """The whole map; `title` and `description` are for those who do not see it, `north` is the arrow's letter."""
        frame = self.frame
        tree = picture(frame.width_mm, frame.height_mm, role="img", **{"aria-labelledby": "map-title map-description"})
        add(tree, "title", id="map-title").text = title
        add(tree, "desc", id="map-description").text = description
        # the frame itself cuts, as some viewers show what lies beyond a picture
        cut = add(add(tree, "defs"), "clipPath", id="map-frame")
        add(cut, "rect", width=frame.width_mm, height=frame.height_mm)
        sheet = add(tree, "g", clip_path="url(#map-frame)")
        add(sheet, "rect", width=frame.width_mm, height=frame.height_mm, fill=colour("--map-ground"))
        add(sheet, "path", d=path_of(self.own), fill=colour("--map-land"), fill_rule="evenodd")
        self.base.draw(sheet, ground.basemap)
        self._veil(sheet)
        gaps = [self._lay(gap.shape) for gap in ground.gaps]
        gap_look = Style(line=styles.GAP.line, width_px=0.7, hatch="gap")
        for gap in gaps:
            draw_area(sheet, gap, gap_look, unit=self.unit)
        self._borders(sheet, ground)
        self._hold_corner()
        names = add(tree, "g", clip_path="url(#map-frame)")
        for name in self._symbols(names, ground):
            draw_text(names, name.text, *name.box.middle, size_mm=name.size_mm, ink=name.ink, weight=name.weight)
        self._arrow(tree, north)
        return markup(tree)

    # --- ground ------------------------------------------------------------------------------

    def _lay(self, shape: BaseGeometry) -> BaseGeometry:
        return self.base.lay(shape)

    def _veil(self, sheet: Element) -> None:
        """Mute what lies around the area, so that the eye stays with it."""
        frame = shapely.box(-1.0, -1.0, self.frame.width_mm + 1.0, self.frame.height_mm + 1.0)
        around_it = frame.difference(shapely.make_valid(self.own))
        style = Style(fill="--map-ground", fill_opacity=SURROUNDINGS)
        draw_area(sheet, around_it, style, unit=self.unit)

    def _borders(self, sheet: Element, ground: Ground) -> None:
        area = self.poster.area
        others: list[Border] = []
        own: list[Border] = []
        for border in ground.borders:
            is_inside = area.level == "district" or area.code in {border.code, border.parent_code}
            (own if is_inside else others).append(border)
        quiet = {"district": 0.9, "town": 0.7, "village": 0.35}
        cells = "".join(path_of(self._lay(shapely.boundary(cell))) for cell in ground.cells)
        if cells:
            draw_line(sheet, cells, styles.CELL.line or "--ink", width_mm=0.12 * self.unit)
        for border in sorted(others, key=lambda one: one.level, reverse=True):
            # around a town the neighbouring towns suffice
            if border.level == "village" and area.level == "town":
                continue
            data = path_of(self._lay(shapely.boundary(border.shape)))
            draw_line(sheet, data, "--map-cell", width_mm=quiet[border.level] * self.unit)
        for border in sorted(own, key=lambda one: one.level, reverse=True):
            style = OWN_BORDERS.get(border.level)
            if style is None or border.code == area.code:
                continue
            data = path_of(self._lay(shapely.boundary(border.shape)))
            draw_line(sheet, data, style.line or "--ink", width_mm=style.width_px * PIXEL_MM * self.unit)
        data = path_of(self.own)
        draw_line(sheet, data, "--map-casing", width_mm=1.5 * self.unit)
        draw_line(sheet, data, "--map-district", width_mm=styles.DISTRICT.width_px * PIXEL_MM * self.unit)

    # --- symbols and names ---------------------------------------------------------------------

    def _radius(self, size_px: float) -> float:
        # a whole district has hundreds of units on one sheet
        return size_px * PIXEL_MM * self.unit * (0.72 if self.is_district else 1.0)

    def _spots(self, spots: Sequence[Spot]) -> list[tuple[Spot, float, float]]:
        placed = [(spot, spot.x, spot.y) for spot in spots if spot.x is not None and spot.y is not None]
        if not placed:
            return []
        laid = self.frame.on_paper(np.array([(x, y) for _, x, y in placed], dtype=np.float64))
        return [(spot, float(x), float(y)) for (spot, _, _), (x, y) in zip(placed, laid, strict=True)]

    def _symbols(self, names: Element, ground: Ground) -> list[Name]:
        """Draw units and points, and find a place for every name; the more a name matters, the earlier it chooses."""
        units, points = self._spots(self.poster.units), self._spots(self.poster.points)
        for _, x, y in units:
            self.places.hold_symbol(x, y, self._radius(5.0))
        for _, x, y in points:
            self.places.hold_symbol(x, y, self._radius(styles.POINT.size_px))
        found = self._part_names(ground)
        for point, x, y in points:
            look = styles.POINT if point.holder_name else styles.POINT_UNHELD
            draw_symbol(names, look, x, y, radius_mm=self._radius(look.size_px))
        leaders = add(names, "g")
        for unit, x, y in units:
            look = self.looks.kinds[unit.kind]
            draw_symbol(names, look, x, y, radius_mm=self._radius(look.size_px))
        found += self._unit_names(leaders, units)
        found += self._point_names(points)
        return found + self._neighbours(ground)

    def _part_names(self, ground: Ground) -> list[Name]:
        """Names of the towns of a district, or of the villages of a town."""
        area, level = self.poster.area, PARTS.get(self.poster.area.level)
        size = (3.5 if self.is_district else 3.2) * self.unit
        found = []
        for border in ground.borders:
            if border.level != level or (area.level == "town" and border.parent_code != area.code):
                continue
            boxes = inside(self._seen(border.shape), border.name, size_mm=size)
            box = self.places.take(boxes) or self.places.take(boxes, over_symbols=True)
            if box is not None:
                found.append(Name(border.name, box, size, "--map-label", 700))
        return found

    def _neighbours(self, ground: Ground) -> list[Name]:
        """Names of the areas around, where there is room."""
        area, size, found = self.poster.area, 2.9 * self.unit, []
        for border in ground.borders:
            if border.level != area.level or border.code == area.code:
                continue
            outside = self._seen(border.shape).difference(shapely.make_valid(self.own))
            if outside.area < 60.0 * self.unit**2:
                continue
            box = self.places.take(inside(outside, border.name, size_mm=size))
            if box is not None:
                found.append(Name(border.name, box, size, "--map-village"))
        return found

    def _seen(self, shape: BaseGeometry) -> BaseGeometry:
        """What the frame shows of an area, on paper."""
        frame = shapely.box(0.0, 0.0, self.frame.width_mm, self.frame.height_mm)
        seen: BaseGeometry = shapely.make_valid(self._lay(shape)).intersection(frame)
        return seen

    def _unit_names(self, leaders: Element, spots: Sequence[tuple[UnitSpot, float, float]]) -> list[Name]:
        if len(spots) <= MOST_NAMED:
            before = list(self.places.names)
            found = [self._beside(unit.name, x, y, size_mm=2.9 * self.unit, rings=2) for unit, x, y in spots]
            named = [name for name in found if name is not None]
            if len(named) == len(spots):
                self.is_named = True
                return named
            self.places.names = before
        if not self.numbers:
            return []
        numbered = []
        for unit, x, y in spots:
            name = self._numbered(str(self.numbers[unit.code]), x, y)
            numbered.append(name)
            self._leader(leaders, name, x, y)
        return numbered

    def _numbered(self, number: str, x: float, y: float) -> Name:
        """A number beside its symbol; in a crowd it moves off, at worst it lies over another symbol."""
        size = 2.7 * self.unit
        near = list(around(x, y, number, size_mm=size, radius_mm=self._radius(5.0), rings=6))
        box = self.places.take(near) or self.places.take(near, over_symbols=True) or near[0]
        return Name(number, box, size, "--map-label", 700)

    def _leader(self, leaders: Element, name: Name, x: float, y: float) -> None:
        """A line from a symbol to a number that had to move away from it."""
        across, down = name.box.middle
        if np.hypot(across - x, down - y) > self._radius(5.0) + 1.4 * name.size_mm:
            line = path_of(shapely.LineString([(x, y), (across, down)]))
            draw_line(leaders, line, "--map-label", width_mm=0.15 * self.unit)

    def _point_names(self, spots: Sequence[tuple[PointSpot, float, float]]) -> list[Name]:
        """Names of responsibility points where there is room; the list below the sheet has them all."""
        if self.is_district or len(spots) > MOST_NAMED:
            return []
        radius_px = styles.POINT.size_px
        found = [
            self._beside(point.name, x, y, size_mm=2.7 * self.unit, rings=1, radius_px=radius_px)
            for point, x, y in spots
        ]
        return [name._replace(ink="--map-point") for name in found if name is not None]

    def _beside(
        self, text: str, x: float, y: float, *, size_mm: float, rings: int, radius_px: float = 5.0
    ) -> Name | None:
        boxes = around(x, y, text, size_mm=size_mm, radius_mm=self._radius(radius_px), rings=rings)
        box = self.places.take(boxes)
        return None if box is None else Name(text, box, size_mm)

    # --- the corner ----------------------------------------------------------------------------

    def _hold_corner(self) -> None:
        right = self.frame.width_mm
        self.places.hold(Box(right - 14.0 * self.unit, 0.0, right, 19.0 * self.unit))

    def _arrow(self, tree: Element, letter: str) -> None:
        """An arrow to the grid's north, in the upper right corner."""
        x, y, unit = self.frame.width_mm - 8.0 * self.unit, 12.0 * self.unit, self.unit
        add(tree, "circle", cx=x, cy=y - 1.6 * unit, r=6.6 * unit, fill=colour("--map-halo"), fill_opacity="0.85")
        head, foot = y - 4.2 * unit, y + 3.4 * unit
        for side, token in ((-1, "--ink"), (1, "--map-halo")):
            data = path_of(shapely.Polygon([(x, head), (x + side * 2.3 * unit, foot), (x, foot - 1.6 * unit)]))
            half = add(tree, "path", d=data, fill=colour(token), stroke=colour("--ink"), stroke_width=0.2 * unit)
            half.set("stroke-linejoin", "round")
        draw_text(tree, letter, x, y - 5.9 * unit, size_mm=2.9 * unit, ink="--ink", weight=700)


def scale_bar(frame: Frame, *, unit: float) -> tuple[Markup, float]:
    """A bar in four parts with its figures, and its length in metres; kilometres from one on."""
    metres = frame.bar_m(78.0 * unit)
    long, tall, lead = metres * 1000.0 / frame.scale, 1.3 * unit, 3.0 * unit
    tree = picture(long + 16.0 * unit, 6.2 * unit, **{"aria-hidden": "true", "class": "scale-bar"})
    for part in range(4):
        fill = colour("--ink" if part % 2 == 0 else "--map-halo")
        box = add(tree, "rect", x=lead + part * long / 4, y=0.3 * unit, width=long / 4, height=tall, fill=fill)
        box.set("stroke", colour("--ink"))
        box.set("stroke-width", f"{0.2 * unit:.3f}")
    in_km = metres >= 1000.0
    for share in (0.0, 0.5, 1.0):
        figure = f"{metres * share / (1000.0 if in_km else 1.0):g}"
        text = f"{figure} {'km' if in_km else 'm'}" if share == 1.0 else figure
        draw_text(tree, text, lead + long * share, 4.2 * unit, size_mm=2.7 * unit, ink="--ink-2")
    return markup(tree), metres
