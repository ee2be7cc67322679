"""A small map of features of a collection as SVG: where those of a page lie, on the borders of the district."""

from collections.abc import Sequence
from xml.etree.ElementTree import Element

import numpy as np
import shapely
from markupsafe import Markup
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from geodata.queries import posters
from spatial.crs import to_metre
from webmap.maps.drawing_base import BaseMap, road_classes
from webmap.maps.drawing_colours import colour, on_page
from webmap.maps.drawing_frame import Frame
from webmap.maps.drawing_place import HEIGHT_MM, WIDTH_MM, draw_bar, draw_borders
from webmap.maps.drawing_symbols import add, draw_line, markup, path_of, picture

MARGIN_MM = 6.0

# Ground about the features that is always shown.
AROUND_M = 250.0

# What the eye can tell apart: smaller green and buildings only make it grey.
LEAST_MM2 = 0.6

DOT_MM = 1.1


def features_map(session: Session, shapes: Sequence[BaseGeometry], *, title: str, metre_srid: int) -> Markup | None:
    """The ground of some features, north up; None where none has a place.

    shapes   of EPSG:4326; empty ones are not drawn.
    title    what the picture is, for those who do not see it.
    """
    known = [shape for shape in shapes if not shape.is_empty]
    if not known:
        return None
    moved = [shapely.transform(shape, lambda coords: _metres(coords, metre_srid)) for shape in known]
    frame = _frame(moved)
    lat = float(known[0].representative_point().y)
    with on_page():
        return markup(_drawn(session, moved, frame, title=title, zoom=min(frame.zoom(lat), 18)))


def _metres(coords: NDArray[np.float64], srid: int) -> NDArray[np.float64]:
    return np.column_stack(to_metre(coords[:, 0], coords[:, 1], srid))


def _frame(moved: Sequence[BaseGeometry]) -> Frame:
    west, south, east, north = shapely.total_bounds(np.array(moved, dtype=object))
    x, y = (west + east) / 2, (south + north) / 2
    ground = (min(west, x - AROUND_M), min(south, y - AROUND_M), max(east, x + AROUND_M), max(north, y + AROUND_M))
    return Frame.around(ground, width_mm=WIDTH_MM, height_mm=HEIGHT_MM, margin_mm=MARGIN_MM)


def _drawn(session: Session, moved: Sequence[BaseGeometry], frame: Frame, *, title: str, zoom: int) -> Element:
    clip = frame.clip()
    base = BaseMap(frame, road_classes(), 1.0, zoom)
    tree = picture(WIDTH_MM, HEIGHT_MM, role="img", **{"aria-label": title, "class": "place-picture"})
    add(tree, "rect", width=WIDTH_MM, height=HEIGHT_MM, fill=colour("--map-land"))
    base.draw(tree, posters.basemap(session, clip, zoom=zoom, least_m2=LEAST_MM2 * (frame.scale / 1000.0) ** 2))
    draw_borders(tree, base, session, clip=clip)
    laid = [base.lay(shape) for shape in moved]
    spots = [shape for shape in laid if isinstance(shape, shapely.Point)]
    data = "".join(path_of(shape) for shape in laid if shape not in spots)
    if data:
        add(tree, "path", d=data, fill=colour("--map-selected"), fill_opacity=0.18, stroke="none")
        draw_line(tree, data, "--map-selected", width_mm=0.45)
    for spot in spots:
        dot = add(tree, "circle", cx=spot.x, cy=spot.y, r=DOT_MM, fill=colour("--map-selected"))
        dot.set("stroke", colour("--map-casing"))
        dot.set("stroke-width", "0.4")
    draw_bar(tree, frame)
    return tree
