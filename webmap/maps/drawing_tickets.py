"""A map of the tickets of a report as SVG: each where it is, or, of many, how many lie in each part of the ground."""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from xml.etree.ElementTree import Element

import numpy as np
import shapely
from flask_babel import gettext as _
from markupsafe import Markup
from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from geodata.queries import posters
from geodata.queries.period_reports import TicketSpot
from geodata.queries.posters import AreaFacts, Border
from spatial.crs import from_metre
from webmap.maps import layers, styles
from webmap.maps.drawing import scale_bar
from webmap.maps.drawing_base import BaseMap, road_classes
from webmap.maps.drawing_colours import colour
from webmap.maps.drawing_frame import PIXEL_MM, Frame
from webmap.maps.drawing_labels import Box, Places, inside, printable
from webmap.maps.drawing_symbols import (
    add,
    draw_area,
    draw_line,
    draw_symbol,
    draw_text,
    markup,
    path_of,
    picture,
    swatch,
)
from webmap.maps.styles import Style

WIDTH_MM, HEIGHT_MM, MARGIN_MM = 178.0, 112.0, 4.0
UNIT = 0.7
NAME_MM, COUNT_MM = 2.5, 2.4

LARGEST_MM, LEAST_MM = 8.0, 2.2

PARTS = {"district": "town", "town": "village"}


class Group(NamedTuple):
    """A line of the legend: the sign of a group of states, its title, and how many of them the map shows."""

    swatch: Markup
    title: str
    number: int


class TicketMap(NamedTuple):
    """The map with its legend; without groups, circles with counts stand for the tickets."""

    picture: Markup
    bar: Markup
    scale: str
    groups: list[Group]


def ticket_map(
    session: Session,
    area: AreaFacts,
    spots: Sequence[TicketSpot] | None,
    counts: Mapping[str, int],
    *,
    metre_srid: int,
    title: str,
) -> TicketMap | None:
    """The ground of an area with its parts by name, north up; None while nobody has imported its outline.

    spots    each ticket; None where there are too many to draw.
    counts   how many there are by code of the part (of the area itself, where it has no parts).
    title    what the picture is, for those who do not see it.
    """
    if area.shape is None:
        return None
    frame = Frame.around(area.shape.bounds, width_mm=WIDTH_MM, height_mm=HEIGHT_MM, margin_mm=MARGIN_MM)
    west, south, east, north = area.shape.bounds
    _lon, lat = from_metre([(west + east) / 2], [(south + north) / 2], metre_srid)
    clip, zoom = frame.clip(), frame.zoom(float(lat[0]))
    base = BaseMap(frame, road_classes(), UNIT, zoom)
    own = base.lay(shapely.simplify(area.shape, clip.step_m))
    borders = posters.borders(session, clip)
    tree = picture(WIDTH_MM, HEIGHT_MM, role="img", **{"aria-label": title})
    cut = add(add(tree, "defs"), "clipPath", id="report-frame")
    add(cut, "rect", width=WIDTH_MM, height=HEIGHT_MM)
    sheet = add(tree, "g", clip_path="url(#report-frame)")
    add(sheet, "rect", width=WIDTH_MM, height=HEIGHT_MM, fill=colour("--map-ground"))
    add(sheet, "path", d=path_of(own), fill=colour("--map-land"), fill_rule="evenodd")
    base.draw(sheet, posters.basemap(session, clip, zoom=zoom, least_m2=(0.6 * frame.scale / 1000.0) ** 2))
    _veil(sheet, own)
    _borders(sheet, base, borders, own, area)
    places = Places(WIDTH_MM, HEIGHT_MM, edge_mm=1.0)
    parts = [each for each in borders if each.level == PARTS.get(area.level) and _is_part(each, area)]
    if spots is None:
        _counts(sheet, base, parts or [_whole(area)], counts, places)
    else:
        _symbols(sheet, frame, spots)
    _names(sheet, base, parts, places)
    return TicketMap(
        markup(tree),
        scale_bar(frame, unit=UNIT)[0],
        f"1:{frame.scale:,}".replace(",", "\u2009"),
        [] if spots is None else _groups(spots),
    )


def _groups(spots: Sequence[TicketSpot]) -> list[Group]:
    return [
        Group(swatch(style, unit=UNIT), title, sum(spot.state in states for spot in spots))
        for title, style, states in reversed(layers.ticket_groups())
    ]


def _is_part(border: Border, area: AreaFacts) -> bool:
    return area.level == "district" or border.parent_code == area.code


def _whole(area: AreaFacts) -> Border:
    return Border(area.level, area.code, area.name, area.parent_code, area.shape or shapely.Polygon())


def _veil(sheet: Element, own: BaseGeometry) -> None:
    frame = shapely.box(-1.0, -1.0, WIDTH_MM + 1.0, HEIGHT_MM + 1.0)
    around = frame.difference(shapely.make_valid(own))
    draw_area(sheet, around, Style(fill="--map-halo", fill_opacity=0.75), unit=UNIT)


def _borders(sheet: Element, base: BaseMap, borders: Sequence[Border], own: BaseGeometry, area: AreaFacts) -> None:
    looks = {"village": styles.VILLAGE, "town": styles.TOWN}
    for border in sorted(borders, key=lambda one: one.level, reverse=True):
        look = looks.get(border.level)
        if look is None or border.code == area.code or not _is_part(border, area):
            continue
        data = path_of(base.lay(shapely.boundary(border.shape)))
        draw_line(sheet, data, look.line or "--ink", width_mm=look.width_px * PIXEL_MM * UNIT)
    draw_line(sheet, path_of(own), "--map-casing", width_mm=1.4 * UNIT)
    draw_line(sheet, path_of(own), "--map-district", width_mm=2.0 * PIXEL_MM * UNIT)


def _symbols(sheet: Element, frame: Frame, spots: Sequence[TicketSpot]) -> None:
    """Each ticket where it is; those that are still to be worked lie above those that are closed."""
    if not spots:
        return
    laid = frame.on_paper(np.array([(spot.x, spot.y) for spot in spots], dtype=np.float64))
    for _title, style, states in layers.ticket_groups():
        for spot, (x, y) in zip(spots, laid, strict=True):
            if spot.state in states:
                draw_symbol(sheet, style, float(x), float(y), radius_mm=style.size_px * PIXEL_MM * UNIT * 0.8)


def _counts(sheet: Element, base: BaseMap, parts: Sequence[Border], counts: Mapping[str, int], places: Places) -> None:
    """A circle on each part, its ground as large as the number of tickets in it."""
    most = max((counts.get(part.code, 0) for part in parts), default=0)
    for part in sorted(parts, key=lambda one: (-counts.get(one.code, 0), one.code)):
        number = counts.get(part.code, 0)
        if not number:
            continue
        ((x, y),) = shapely.get_coordinates(base.lay(shapely.point_on_surface(part.shape)))
        radius = max(LEAST_MM, LARGEST_MM * math.sqrt(number / most))
        circle = add(sheet, "circle", cx=float(x), cy=float(y), r=radius, fill=colour("--ticket-work"))
        circle.set("fill-opacity", "0.28")
        circle.set("stroke", colour("--ticket-work"))
        circle.set("stroke-width", "0.25")
        draw_text(sheet, f"{number:,}", float(x), float(y), size_mm=COUNT_MM, weight=700)
        tall = COUNT_MM * 0.7
        places.hold(Box(float(x) - radius, float(y) - tall, float(x) + radius, float(y) + tall))


def _names(sheet: Element, base: BaseMap, parts: Sequence[Border], places: Places) -> None:
    frame = shapely.box(0.0, 0.0, WIDTH_MM, HEIGHT_MM)
    for part in parts:
        name = printable(part.name)
        seen = shapely.make_valid(base.lay(part.shape)).intersection(frame)
        box = places.take(inside(seen, name, size_mm=NAME_MM)) if not seen.is_empty else None
        if box is not None:
            draw_text(sheet, name, *box.middle, size_mm=NAME_MM, ink="--map-village", weight=600)
    draw_text(sheet, _("N"), WIDTH_MM - 5.0, 8.4, size_mm=2.6, ink="--ink", weight=700)
    arrow = shapely.Polygon(
        [(WIDTH_MM - 5.0, 2.0), (WIDTH_MM - 3.4, 6.2), (WIDTH_MM - 5.0, 5.2), (WIDTH_MM - 6.6, 6.2)]
    )
    add(sheet, "path", d=path_of(arrow), fill=colour("--ink"), stroke=colour("--map-halo"), stroke_width=0.4)
