"""A small map of one place as SVG: for the page of a ticket or a unit, and for the sheet that is carried there."""

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from xml.etree.ElementTree import Element

import numpy as np
import shapely
from flask_babel import gettext as _
from markupsafe import Markup
from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from geodata.queries import posters
from geodata.queries.basemap import RoadName, road_names
from spatial.crs import to_metre
from webmap.maps import styles
from webmap.maps.drawing_base import BaseMap, road_classes
from webmap.maps.drawing_colours import colour, on_page
from webmap.maps.drawing_frame import PIXEL_MM, Frame
from webmap.maps.drawing_labels import Box, Places, around, box_at, width_mm
from webmap.maps.drawing_symbols import add, draw_line, draw_symbol, draw_text, markup, path_of, picture
from webmap.maps.styles import Style

WIDTH_MM, HEIGHT_MM, MARGIN_MM = 96.0, 70.0, 5.0

# Ground around the place that is always shown, and how far another spot may be to be shown with it.
AROUND_M, SPOT_WITHIN_M = 150.0, 500.0

# Places (n, 2) in the metre CRS, or on the paper in millimetres.
Metres = np.ndarray[tuple[int, int], np.dtype[np.float64]]

NAME_MM, ROAD_NAME_MM, BAR_MM = 3.2, 2.8, 30.0


class Spot(NamedTuple):
    """A point of the map: WGS 84 degrees, how it looks, and its name (empty: none is written)."""

    lon: float
    lat: float
    style: Style
    name: str = ""


class PlaceMap(NamedTuple):
    """The map, and its scale as `1:3 000` where it is printed as large as it says."""

    picture: Markup
    scale: str


def place_map(
    session: Session,
    spots: Sequence[Spot],
    *,
    title: str,
    metre_srid: int,
    village_code: str | None = None,
    within_m: float = SPOT_WITHIN_M,
) -> PlaceMap:
    """The ground about the first spot, north up, with roads by name, borders and a scale bar.

    spots          the place itself, then others, which are drawn where they are near enough.
    village_code   the cells of this village are outlined; None draws none.
    title          what the picture is, for those who do not see it.
    within_m       how far east or north another spot may be to be shown with the place.
    """
    frame = _frame(metres := _metres(spots, metre_srid), within_m)
    with on_page():
        tree = _drawn(session, spots, frame, metres, title=title, village_code=village_code)
    return PlaceMap(markup(tree), f"1:{frame.scale:,}".replace(",", "\u2009"))


def _drawn(
    session: Session, spots: Sequence[Spot], frame: Frame, metres: Metres, *, title: str, village_code: str | None
) -> Element:
    clip, zoom = frame.clip(), min(frame.zoom(spots[0].lat), 18)
    base = BaseMap(frame, road_classes(), 1.0, zoom)
    tree = picture(WIDTH_MM, HEIGHT_MM, role="img", **{"aria-label": title, "class": "place-picture"})
    add(tree, "rect", width=WIDTH_MM, height=HEIGHT_MM, fill=colour("--map-land"))
    base.draw(tree, posters.basemap(session, clip, zoom=zoom, least_m2=4.0))
    draw_borders(tree, base, session, clip=clip, village_code=village_code)
    places = Places(WIDTH_MM, HEIGHT_MM, edge_mm=1.5)
    places.hold(Box(0.0, HEIGHT_MM - 9.0, BAR_MM + 8.0, HEIGHT_MM))
    places.hold(Box(WIDTH_MM - 9.0, 0.0, WIDTH_MM, 11.0))
    laid = frame.on_paper(metres)
    _symbols(tree, spots, laid, places)
    _road_names(tree, base, road_names(session, clip, zoom=zoom), places)
    draw_bar(tree, frame)
    return tree


def _metres(spots: Sequence[Spot], srid: int) -> Metres:
    return np.column_stack(to_metre([spot.lon for spot in spots], [spot.lat for spot in spots], srid))


def _frame(metres: Metres, within_m: float) -> Frame:
    near = metres[np.abs(metres - metres[0]).max(axis=1) <= within_m]
    (west, south), (east, north) = near.min(axis=0), near.max(axis=0)
    x, y = metres[0]
    ground = (min(west, x - AROUND_M), min(south, y - AROUND_M), max(east, x + AROUND_M), max(north, y + AROUND_M))
    return Frame.around(ground, width_mm=WIDTH_MM, height_mm=HEIGHT_MM, margin_mm=MARGIN_MM)


def draw_borders(
    tree: Element, base: BaseMap, session: Session, *, clip: posters.Clip, village_code: str | None = None
) -> None:
    """Draw the borders of areas, and the cells of a village if one is named."""
    village = posters.area(session, village_code) if village_code else None
    cells = posters.cell_shapes(session, village, clip) if village else []
    data = "".join(path_of(base.lay(shapely.boundary(cell))) for cell in cells)
    if data:
        draw_line(tree, data, "--map-village", width_mm=0.15, dash=(3.0, 3.0))
    looks = {"village": styles.VILLAGE, "town": styles.TOWN, "district": styles.DISTRICT}
    for border in sorted(posters.borders(session, clip), key=lambda one: one.level, reverse=True):
        look = looks[border.level]
        data = path_of(base.lay(shapely.boundary(border.shape)))
        draw_line(tree, data, look.line or "--ink", width_mm=look.width_px * PIXEL_MM)


def _symbols(tree: Element, spots: Sequence[Spot], laid: Metres, places: Places) -> None:
    """The spots, the place itself last and in a ring; names stand where there is room."""
    pairs = [(spot, float(x), float(y)) for spot, (x, y) in zip(spots, laid, strict=True)]
    for spot, x, y in pairs:
        places.hold_symbol(x, y, spot.style.size_px * PIXEL_MM)
    for spot, x, y in reversed(pairs):
        draw_symbol(tree, spot.style, x, y, radius_mm=spot.style.size_px * PIXEL_MM)
    _, x, y = pairs[0]
    for token, width in (("--map-casing", 1.6), ("--map-selected", 0.8)):
        add(tree, "circle", cx=x, cy=y, r=4.2, fill="none", stroke=colour(token), stroke_width=width)
    places.hold_symbol(x, y, 4.8)
    for spot, x, y in pairs:
        radius = 4.8 if spot is spots[0] else spot.style.size_px * PIXEL_MM
        box = places.take(around(x, y, spot.name, size_mm=NAME_MM, radius_mm=radius, rings=2)) if spot.name else None
        if box is not None:
            draw_text(tree, spot.name, *box.middle, size_mm=NAME_MM, weight=700)


def _road_names(tree: Element, base: BaseMap, roads: Sequence[RoadName], places: Places) -> None:
    """Names along the straightest stretch of each road, where one is long enough and free."""
    frame = shapely.box(0.0, 0.0, WIDTH_MM, HEIGHT_MM)
    for road in roads:
        for (x, y), degrees in _along(base.lay(road.shape).intersection(frame), width_mm(road.name, ROAD_NAME_MM)):
            if places.take([_turned(x, y, road.name, degrees)]) is not None:
                turned = add(tree, "g", transform=f"rotate({degrees:.1f} {x:.2f} {y:.2f})")
                draw_text(turned, road.name, x, y, size_mm=ROAD_NAME_MM, ink="--map-road-label")
                break


def _along(lines: BaseGeometry, wide_mm: float) -> Iterator[tuple[tuple[float, float], float]]:
    """Places for a text of that width, with their slope in degrees (read from below), those on long pieces first."""
    stretches = [
        (start, end)
        for line in shapely.get_parts(shapely.simplify(lines, 1.0))
        for start, end in itertools.pairwise(shapely.get_coordinates(line))
    ]
    for start, end in sorted(stretches, key=lambda one: -math.dist(*one)):
        long = math.dist(start, end)
        degrees = math.degrees(math.atan2(end[1] - start[1], end[0] - start[0]))
        for share in (0.5, 0.25, 0.75):
            if long * min(share, 1.0 - share) >= 0.55 * wide_mm:
                x, y = start + share * (end - start)
                yield (float(x), float(y)), degrees - 180.0 * round(degrees / 180.0)


def _turned(x: float, y: float, text: str, degrees: float) -> Box:
    """The upright box around a text that is turned about its middle."""
    turn, flat = math.radians(degrees), box_at(0.0, 0.0, text, ROAD_NAME_MM)
    across = flat.right * abs(math.cos(turn)) + flat.bottom * abs(math.sin(turn))
    down = flat.right * abs(math.sin(turn)) + flat.bottom * abs(math.cos(turn))
    return Box(x - across, y - down, x + across, y + down)


def draw_bar(tree: Element, frame: Frame) -> None:
    """Draw the scale bar, and where north is."""
    metres = frame.bar_m(BAR_MM)
    long, x, y = metres * 1000.0 / frame.scale, 3.0, HEIGHT_MM - 3.0
    corners = [(x, y - 1.2), (x, y), (x + long, y), (x + long, y - 1.2)]
    for token, width in (("--map-halo", 1.2), ("--ink", 0.35)):
        draw_line(tree, path_of(shapely.LineString(corners)), token, width_mm=width)
    figure = f"{metres / 1000.0:g} km" if metres >= 1000.0 else f"{metres:g} m"
    draw_text(tree, figure, x + long / 2, y - 2.6, size_mm=2.8, ink="--ink")
    middle = WIDTH_MM - 5.0
    draw_text(tree, _("N"), middle, 8.6, size_mm=2.8, ink="--ink", weight=700)
    arrow = shapely.Polygon([(middle, 2.0), (middle + 1.6, 6.4), (middle, 5.4), (middle - 1.6, 6.4)])
    add(tree, "path", d=path_of(arrow), fill=colour("--ink"), stroke=colour("--map-halo"), stroke_width=0.4)
