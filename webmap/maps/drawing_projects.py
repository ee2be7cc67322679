"""The map of joint projects as SVG: borders by name, and a symbol for each project that leads to its page."""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from xml.etree.ElementTree import Element

import numpy as np
import shapely
from markupsafe import Markup
from sqlalchemy.orm import Session

from geodata.queries import posters
from geodata.queries.features import Box as Ground
from spatial.crs import to_metre
from webmap.maps import styles
from webmap.maps.drawing_base import BaseMap, road_classes
from webmap.maps.drawing_colours import colour, on_page
from webmap.maps.drawing_frame import PIXEL_MM, Frame
from webmap.maps.drawing_labels import Places, inside
from webmap.maps.drawing_symbols import add, draw_line, draw_symbol, draw_text, markup, path_of, picture, swatch
from webmap.maps.styles import Style

WIDTH_MM, HEIGHT_MM, MARGIN_MM = 180.0, 150.0, 4.0
NAME_MM = 3.6

# Many symbols are drawn smaller.
RADIUS_MM, RADIUS_OF_MANY_MM, MANY = 1.7, 1.3, 60

# Symbols nearer than this lie on one another: they are laid around their place instead.
APART_MM = 1.2

# Each joint by its colour and its shape: colour alone carries nothing.
SHAPES: tuple[styles.Symbol, ...] = ("circle", "square", "triangle", "diamond", "plus", "times")


class ProjectSpot(NamedTuple):
    """A project on the map: WGS 84 degrees, its joint, what it says of itself, and where it leads."""

    lon: float
    lat: float
    joint: str
    title: str
    address: str


def joint_styles(joints: Sequence[str]) -> dict[str, Style]:
    """The look of each joint, in their order."""
    return {
        code: Style(fill=f"--kind-{place % styles.COLOURS + 1}", symbol=SHAPES[place % len(SHAPES)], size_px=6.0)
        for place, code in enumerate(joints)
    }


def joint_swatches(joints: Sequence[str]) -> dict[str, Markup]:
    """A sample of each joint's look, to stand beside its word."""
    with on_page():
        return {code: swatch(style, unit=1.0) for code, style in joint_styles(joints).items()}


def projects_map(
    session: Session,
    spots: Sequence[ProjectSpot],
    ground: Ground,
    *,
    looks: Mapping[str, Style],
    title: str,
    metre_srid: int,
) -> Markup:
    """The spots on the ground of a box (WGS 84 degrees), north up, with borders and names of the areas on it."""
    x, y = to_metre([ground.west, ground.east], [ground.south, ground.north], metre_srid)
    bounds = (float(x[0]), float(y[0]), float(x[1]), float(y[1]))
    frame = Frame.around(bounds, width_mm=WIDTH_MM, height_mm=HEIGHT_MM, margin_mm=MARGIN_MM)
    with on_page():
        return markup(_drawn(session, spots, frame, looks=looks, title=title, metre_srid=metre_srid))


def _drawn(
    session: Session,
    spots: Sequence[ProjectSpot],
    frame: Frame,
    *,
    looks: Mapping[str, Style],
    title: str,
    metre_srid: int,
) -> Element:
    # a picture with links in it is read through, so its name is a group's
    tree = picture(WIDTH_MM, HEIGHT_MM, role="group", **{"aria-label": title, "class": "projects-picture"})
    add(tree, "rect", width=WIDTH_MM, height=HEIGHT_MM, fill=colour("--map-ground"))
    base = BaseMap(frame, road_classes(), 1.0, 12)
    places = Places(WIDTH_MM, HEIGHT_MM, edge_mm=1.5)
    borders = sorted(posters.borders(session, frame.clip()), key=lambda one: one.level, reverse=True)
    _areas(tree, base, borders)
    radius_mm = RADIUS_OF_MANY_MM if len(spots) > MANY else RADIUS_MM
    laid = _apart(frame.on_paper(_metres(spots, metre_srid)), radius_mm) if spots else np.empty((0, 2))
    for x, y in laid:
        places.hold_symbol(float(x), float(y), radius_mm)
    _names(tree, base, borders, places)
    for spot, (x, y) in zip(spots, laid, strict=True):
        link = add(tree, "a", href=spot.address)
        add(link, "title").text = spot.title
        # what a finger can hit
        add(link, "circle", cx=float(x), cy=float(y), r=radius_mm * 1.6, fill="transparent")
        draw_symbol(link, looks[spot.joint], float(x), float(y), radius_mm=radius_mm)
    return tree


def _metres(spots: Sequence[ProjectSpot], srid: int) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    return np.column_stack(to_metre([spot.lon for spot in spots], [spot.lat for spot in spots], srid))


def _apart(
    laid: np.ndarray[tuple[int, int], np.dtype[np.float64]], radius_mm: float
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """The same places, those that fall together laid around the first of them in growing rings."""
    moved, taken = laid.copy(), dict[tuple[int, int], int]()
    for row, (x, y) in enumerate(laid):
        key = (round(float(x) / APART_MM), round(float(y) / APART_MM))
        turn = taken.get(key, 0)
        taken[key] = turn + 1
        if turn:
            ring, step = 1 + (turn - 1) // 6, (turn - 1) % 6
            angle = step * math.pi / 3 + ring * math.pi / 6
            away = radius_mm * 2.2 * ring
            moved[row] = x + away * math.cos(angle), y + away * math.sin(angle)
    return moved


def _areas(tree: Element, base: BaseMap, borders: Sequence[posters.Border]) -> None:
    looks = {"village": styles.VILLAGE, "town": styles.TOWN, "district": styles.DISTRICT}
    for border in borders:
        if border.level == "district":
            add(tree, "path", d=path_of(base.lay(border.shape)), fill=colour("--map-land"), fill_rule="evenodd")
    for border in borders:
        look = looks[border.level]
        data = path_of(base.lay(shapely.boundary(border.shape)))
        draw_line(tree, data, look.line or "--ink", width_mm=look.width_px * PIXEL_MM)


def _names(tree: Element, base: BaseMap, borders: Sequence[posters.Border], places: Places) -> None:
    """Names of towns, where there is room beside the symbols, else over them."""
    frame = shapely.box(0.0, 0.0, WIDTH_MM, HEIGHT_MM)
    for border in borders:
        if border.level != "town":
            continue
        seen = shapely.make_valid(base.lay(border.shape)).intersection(frame)
        if seen.is_empty:
            continue
        boxes = inside(seen, border.name, size_mm=NAME_MM)
        box = places.take(boxes) or places.take(boxes, over_symbols=True)
        if box is not None:
            draw_text(tree, border.name, *box.middle, size_mm=NAME_MM, weight=700)
