"""Paths and symbols as SVG. Elements are built as a tree, never as text, so that a name cannot become markup."""

import math
from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, tostring

import numpy as np
import shapely
from markupsafe import Markup
from shapely.geometry.base import BaseGeometry

from webmap.maps.drawing_colours import colour
from webmap.maps.drawing_frame import PIXEL_MM
from webmap.maps.drawing_labels import TO_BASE, printable
from webmap.maps.styles import Style

NAMESPACE = "http://www.w3.org/2000/svg"
FONT = "'Noto Sans CJK SC', 'Source Han Sans SC', 'PingFang SC', 'Microsoft YaHei', sans-serif"

HATCH_MM = 1.7

ARM = 0.38
PLUS = (
    *((-ARM, -1.0), (ARM, -1.0), (ARM, -ARM), (1.0, -ARM), (1.0, ARM), (ARM, ARM)),
    *((ARM, 1.0), (-ARM, 1.0), (-ARM, ARM), (-1.0, ARM), (-1.0, -ARM), (-ARM, -ARM)),
)
SLANT = math.sqrt(0.5)

# As in static/js/paint.js: corners about the middle, where half the width is one; those without are round.
CORNERS: dict[str, Sequence[tuple[float, float]]] = {
    "square": ((-1, -1), (1, -1), (1, 1), (-1, 1)),
    "triangle": ((0, -1), (1, 0.8), (-1, 0.8)),
    "diamond": ((0, -1), (1, 0), (0, 1), (-1, 0)),
    "house": ((0, -1), (1, -0.1), (0.75, -0.1), (0.75, 0.9), (-0.75, 0.9), (-0.75, -0.1), (-1, -0.1)),
    "flag": ((-0.7, -1), (1, -0.4), (-0.35, 0.2), (-0.35, 1), (-0.7, 1)),
    "bubble": ((-1, -0.85), (1, -0.85), (1, 0.4), (0.1, 0.4), (-0.5, 1), (-0.5, 0.4), (-1, 0.4)),
    "horn": ((-1, -0.4), (-0.3, -0.4), (1, -1), (1, 1), (-0.3, 0.4), (-1, 0.4)),
    "hexagon": tuple((math.sin(turn * math.pi / 3), -math.cos(turn * math.pi / 3)) for turn in range(6)),
    "plus": PLUS,
    "times": tuple(((x - y) * SLANT, (x + y) * SLANT) for x, y in PLUS),
}


def picture(width_mm: float, height_mm: float, **attributes: str) -> Element:
    """An SVG whose user unit is a millimetre of the paper."""
    size = {"width": f"{_short(width_mm)}mm", "height": f"{_short(height_mm)}mm"}
    view = f"0 0 {_short(width_mm)} {_short(height_mm)}"
    return Element("svg", {"xmlns": NAMESPACE, **size, "viewBox": view, "font-family": FONT, **attributes})


def markup(tree: Element) -> Markup:
    """The tree as markup for a page."""
    return Markup(tostring(tree, encoding="unicode", short_empty_elements=False))  # noqa: S704 - a tree escapes what it holds


def add(parent: Element, tag: str, **attributes: str | float) -> Element:
    """A child; an underscore in a name stands for a hyphen, numbers are millimetres."""
    return SubElement(
        parent,
        tag,
        {
            name.replace("_", "-"): value if isinstance(value, str) else _short(value)
            for name, value in attributes.items()
        },
    )


def path_of(shape: BaseGeometry) -> str:
    """Path data of lines and areas on paper; points and empty shapes leave nothing."""
    pieces = []
    for part in shapely.get_parts(shape):
        if part.is_empty:
            continue
        if part.geom_type == "Polygon":
            pieces += [_line(ring.coords) + "Z" for ring in (part.exterior, *part.interiors) if not ring.is_empty]
        elif part.geom_type == "LineString":
            pieces.append(_line(part.coords))
        elif part.geom_type.startswith(("Multi", "Geometry")):
            pieces.append(path_of(part))
    return "".join(pieces)


def draw_area(parent: Element, shape: BaseGeometry, style: Style, *, unit: float) -> None:
    """Fill, hatch and outline an area on paper; `unit` enlarges or shrinks what has a size of its own."""
    data = path_of(shape)
    if not data:
        return
    if style.fill:
        fill = add(parent, "path", d=data, fill=colour(style.fill), fill_rule="evenodd")
        if style.fill_opacity < 1.0:
            fill.set("fill-opacity", _short(style.fill_opacity))
    if style.hatch and style.line:
        lines = path_of(hatched(shape, HATCH_MM * unit, rising=style.hatch == "gap"))
        if lines:  # an area narrower than the distance of the lines may have none
            add(parent, "path", d=lines, fill="none", stroke=colour(style.line), stroke_width=0.2 * unit)
    if style.line:
        draw_line(parent, data, style.line, width_mm=style.width_px * PIXEL_MM * unit, dash=style.dash, unit=unit)


def draw_line(
    parent: Element, data: str, token: str, *, width_mm: float, dash: Sequence[float] = (), unit: float = 1.0
) -> None:
    """Stroke path data in the colour of a token; `dash` in pixels of the map page."""
    line = add(parent, "path", d=data, fill="none", stroke=colour(token), stroke_width=width_mm)
    line.set("stroke-linejoin", "round")
    line.set("stroke-linecap", "butt" if dash else "round")
    if dash:
        line.set("stroke-dasharray", " ".join(_short(length * PIXEL_MM * unit) for length in dash))


def hatched(shape: BaseGeometry, step_mm: float, *, rising: bool) -> BaseGeometry:
    """Lines at 45° over an area on paper, on one raster for the whole sheet, so that neighbours run on.

    Real lines rather than a pattern: they stay lines in every viewer and printer.
    """
    west, north, east, south = shape.bounds
    tall, sign = south - north, -1.0 if rising else 1.0
    # x of a line at y = 0 of the sheet, for all that cross the box
    low = min(west - sign * north, west - sign * south)
    high = max(east - sign * north, east - sign * south)
    first = math.ceil(low / step_mm) * step_mm
    starts = np.arange(first, high, step_mm)
    ends = np.column_stack([starts + sign * north, np.full(len(starts), north)])
    others = np.column_stack([starts + sign * south, np.full(len(starts), north + tall)])
    lines = shapely.MultiLineString(list(np.stack([ends, others], axis=1)))
    found: BaseGeometry = lines.intersection(shapely.make_valid(shape))
    return found


def draw_symbol(parent: Element, style: Style, x: float, y: float, *, radius_mm: float) -> None:
    """A point's symbol over a casing that keeps it apart from what lies below."""
    if style.symbol is None:
        return
    corners = CORNERS.get(style.symbol)
    line_mm = style.width_px * PIXEL_MM * radius_mm / (style.size_px * PIXEL_MM) if style.line else 0.0
    for is_casing in (True, False):
        look: dict[str, str | float]
        if is_casing:
            look = {
                "fill": "none" if not style.fill else colour("--map-casing"),
                "stroke": colour("--map-casing"),
                "stroke_width": line_mm + radius_mm * 0.5,
                "stroke_linejoin": "round",
            }
        elif style.fill:
            look = {"fill": colour(style.fill)}
        else:
            look = {"fill": colour("--map-casing"), "stroke": colour(style.line or "--ink"), "stroke_width": line_mm}
        if corners:
            points = [(x + radius_mm * right, y + radius_mm * down) for right, down in corners]
            add(parent, "path", d=_line(points) + "Z", **look)
        else:
            add(parent, "circle", cx=x, cy=y, r=radius_mm, **look)


def draw_text(
    parent: Element, text: str, x: float, y: float, *, size_mm: float, ink: str = "--map-label", weight: int = 400
) -> None:
    """A line of text with its middle there, on a white halo. Stroked first: not every viewer knows paint-order."""
    common: dict[str, str | float] = {
        "x": x,
        "y": y + TO_BASE * size_mm,
        "font_size": size_mm,
        "text_anchor": "middle",
        "font_weight": str(weight),
    }
    halo = colour("--map-halo")
    below = add(parent, "text", fill=halo, stroke=halo, stroke_width=size_mm * 0.28, stroke_linejoin="round", **common)
    below.text = printable(text)
    add(parent, "text", fill=colour(ink), **common).text = printable(text)


def swatch(style: Style, *, unit: float) -> Markup:
    """A sample of a look for the legend."""
    width, height = 5.4 * unit, 3.6 * unit
    tree = picture(width, height, **{"class": "swatch", "aria-hidden": "true"})
    if style.symbol:
        draw_symbol(tree, style, width / 2, height / 2, radius_mm=1.25 * unit)
    elif style.fill or style.hatch:
        edge = 0.3 * unit
        draw_area(tree, shapely.box(edge, edge, width - edge, height - edge), style, unit=unit)
    elif style.line:
        wide = style.width_px * PIXEL_MM * unit
        middle = _line([(0.0, height / 2), (width, height / 2)])
        if style.casing:
            draw_line(tree, middle, style.casing, width_mm=wide + 0.5 * unit)
        draw_line(tree, middle, style.line, width_mm=wide, dash=style.dash, unit=unit)
    return markup(tree)


def _line(coords: Sequence[tuple[float, ...]] | shapely.coords.CoordinateSequence) -> str:
    return "M" + "L".join(f"{_short(place[0])},{_short(place[1])}" for place in coords)


def _short(value: float) -> str:
    """A number to the hundredth of a millimetre, without idle zeros."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
