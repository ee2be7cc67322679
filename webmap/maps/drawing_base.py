"""The base map on paper: green, water, buildings, then roads and railways with their casings."""

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

import shapely
from shapely.geometry.base import BaseGeometry

from geodata.queries.posters import BasemapShape
from webmap.maps import layers, styles
from webmap.maps.drawing_colours import colour
from webmap.maps.drawing_frame import PIXEL_MM, Frame
from webmap.maps.drawing_symbols import add, draw_line, path_of
from webmap.maps.styles import Style, StyleClass


@dataclass(frozen=True)
class BaseMap:
    """How the base map is laid on a sheet.

    roads   classes of roads, the least first.
    unit    millimetres of what is a millimetre on an A3 sheet: lines shrink with the paper.
    zoom    of the map page that shows the ground as large as the paper does.
    """

    frame: Frame
    roads: Sequence[StyleClass]
    unit: float
    zoom: int

    def draw(self, sheet: Element, features: Sequence[BasemapShape]) -> None:
        """Draw all features, areas below lines, whatever their order."""
        by_theme: dict[str, list[BasemapShape]] = {}
        for feature in features:
            by_theme.setdefault(feature.theme, []).append(feature)
        self._fill(sheet, by_theme.get("green", ()), styles.GREEN)
        self._fill(sheet, by_theme.get("water", ()), styles.WATER)
        self._stroke(sheet, by_theme.get("waterway", ()), styles.WATERWAY)
        self._fill(sheet, by_theme.get("building", ()), styles.BUILDING)
        classes = [(look.style, self._of_class(by_theme.get("road", ()), look)) for look in self.roads]
        # all casings below all roads, so that crossings stay open
        for is_casing in (True, False):
            for style, roads in classes:
                self._stroke(sheet, roads, style, is_casing=is_casing)
        rails = by_theme.get("rail", ())
        self._stroke(sheet, rails, styles.RAIL, is_casing=True)
        self._stroke(sheet, rails, styles.RAIL)

    def lay(self, shape: BaseGeometry) -> BaseGeometry:
        """A shape of the metre CRS as it comes to lie on the paper."""
        laid: BaseGeometry = shapely.transform(shape, self.frame.on_paper)
        return laid

    def _of_class(self, roads: Sequence[BasemapShape], look: StyleClass) -> list[BasemapShape]:
        if look.values:
            return [road for road in roads if road.kind in look.values]
        named = {value for one in self.roads for value in one.values}
        return [road for road in roads if road.kind not in named]

    def _fill(self, sheet: Element, features: Sequence[BasemapShape], style: Style) -> None:
        data = "".join(path_of(self.lay(feature.shape)) for feature in features)
        if data and style.fill:
            fill = add(sheet, "path", d=data, fill=colour(style.fill))
            if style.line:
                fill.set("stroke", colour(style.line))
                fill.set("stroke-width", f"{style.width_px * PIXEL_MM * self.unit * 0.5:.3f}")

    def _stroke(
        self, sheet: Element, features: Sequence[BasemapShape], style: Style, *, is_casing: bool = False
    ) -> None:
        token = style.casing if is_casing else style.line
        if not features or token is None:
            return
        data = "".join(path_of(self.lay(feature.shape)) for feature in features)
        wide = style.width_px * PIXEL_MM * self.unit * 2.0 ** (style.grow * (self.zoom - 15))
        edge = 2 * PIXEL_MM * self.unit if is_casing else 0.0
        draw_line(sheet, data, token, width_mm=wide + edge, dash=() if is_casing else style.dash, unit=self.unit)


def road_classes() -> Sequence[StyleClass]:
    """Classes of roads as the map page draws them, the least first."""
    roads = next((layer for layer in layers.LAYERS if layer.collection == "roads"), None)
    return roads.classes(layers.District()) if roads else ()
