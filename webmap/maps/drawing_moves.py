"""A map of the tickets that another policy would send elsewhere: each with its former unit and its new one."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple
from xml.etree.ElementTree import Element

import numpy as np
import shapely
from markupsafe import Markup
from sqlalchemy.orm import Session

from geodata.queries import posters
from geodata.services.dry_runs import Going, Moved
from spatial.crs import from_metre, to_metre
from webmap.maps import styles
from webmap.maps.drawing_base import BaseMap, road_classes
from webmap.maps.drawing_colours import colour, on_page
from webmap.maps.drawing_frame import PIXEL_MM, Frame
from webmap.maps.drawing_labels import Places, around
from webmap.maps.drawing_symbols import add, draw_line, draw_symbol, draw_text, markup, path_of, picture
from webmap.maps.styles import Style

WIDTH_MM, HEIGHT_MM, MARGIN_MM = 200.0, 120.0, 9.0
# Ground that is shown at least, and how many lines an eye can follow.
AROUND_M, MOST_LINES = 400.0, 300

NAME_MM, HEAD_MM = 3.2, 2.4
TICKET = Style(fill="--ticket-new", symbol="triangle", size_px=6.0)
TICKET_LEFT = Style(line="--late", width_px=2.0, symbol="ring", size_px=7.0)
UNIT = Style(fill="--kind-8", symbol="circle", size_px=6.0)

Place = tuple[float, float]


class MovesMap(NamedTuple):
    """The map, its scale as `1:3 000`, and how many tickets it shows."""

    picture: Markup
    scale: str
    shown: int


class _Line(NamedTuple):
    """A ticket on the ground with its two units, in the metre CRS; None for an office or an unknown place."""

    ticket: Place
    before: Going | None
    after: Going | None


def moves_map(session: Session, moved: Sequence[Moved], *, title: str, metre_srid: int) -> MovesMap | None:
    """Each ticket with a dashed line to the unit that had it and an arrow to the one that would.

    Tickets are triangles, or rings where nobody would have them.

    title   what the picture is, for those who do not see it.

    None where no ticket has a place.
    """
    lines = list(_lines(moved, metre_srid))[:MOST_LINES]
    if not lines:
        return None
    frame = _frame(lines)
    with on_page():
        tree = _drawn(session, frame, lines, title=title, metre_srid=metre_srid)
    return MovesMap(markup(tree), f"1:{frame.scale:,}".replace(",", "\u2009"), len(lines))


def _lines(moved: Sequence[Moved], srid: int) -> Iterator[_Line]:
    for one in moved:
        if one.lon is not None and one.lat is not None:
            x, y = to_metre(one.lon, one.lat, srid)
            yield _Line((float(x[0]), float(y[0])), one.before, one.after)


def _at(going: Going | None) -> Place | None:
    return None if going is None or going.x is None or going.y is None else (going.x, going.y)


def _frame(lines: Sequence[_Line]) -> Frame:
    places = [at for line in lines for at in (line.ticket, _at(line.before), _at(line.after)) if at]
    (west, south), (east, north) = np.min(places, axis=0), np.max(places, axis=0)
    x, y = (west + east) / 2, (south + north) / 2
    ground = (min(west, x - AROUND_M), min(south, y - AROUND_M), max(east, x + AROUND_M), max(north, y + AROUND_M))
    return Frame.around(ground, width_mm=WIDTH_MM, height_mm=HEIGHT_MM, margin_mm=MARGIN_MM)


def _drawn(session: Session, frame: Frame, lines: Sequence[_Line], *, title: str, metre_srid: int) -> Element:
    clip = frame.clip()
    _, lat = from_metre(frame.west_m, frame.north_m, metre_srid)
    zoom = min(frame.zoom(float(lat[0])), 17)
    base = BaseMap(frame, road_classes(), 1.0, zoom)
    tree = picture(WIDTH_MM, HEIGHT_MM, role="img", **{"aria-label": title, "class": "moves-picture"})
    add(tree, "rect", width=WIDTH_MM, height=HEIGHT_MM, fill=colour("--map-land"))
    base.draw(tree, posters.basemap(session, clip, zoom=zoom, least_m2=4.0))
    looks = {"village": styles.VILLAGE, "town": styles.TOWN, "district": styles.DISTRICT}
    for border in sorted(posters.borders(session, clip), key=lambda one: one.level, reverse=True):
        look = looks[border.level]
        data = path_of(base.lay(shapely.boundary(border.shape)))
        draw_line(tree, data, look.line or "--ink", width_mm=look.width_px * PIXEL_MM)
    _ways(tree, frame, lines)
    _symbols(tree, frame, lines)
    return tree


def _ways(tree: Element, frame: Frame, lines: Sequence[_Line]) -> None:
    """Dashed where a ticket went, an arrow where it would go; those that would, above."""
    for line in lines:
        (ticket,) = _laid(frame, line.ticket)
        before, after = _at(line.before), _at(line.after)
        if before:
            data = path_of(shapely.LineString([*_laid(frame, before), ticket]))
            draw_line(tree, data, "--map-village", width_mm=0.35, dash=(4.0, 4.0))
        if after:
            (end,) = _laid(frame, after)
            data = path_of(shapely.LineString([ticket, end]))
            draw_line(tree, data, "--map-casing", width_mm=1.3)
            draw_line(tree, data, "--action", width_mm=0.6)
            head = _head(ticket, end)
            if head is not None:
                add(tree, "path", d=path_of(head), fill=colour("--action"))


def _head(start: Place, end: Place) -> shapely.Polygon | None:
    """The head of an arrow, a symbol's width before its end; none where the way is too short for one."""
    ahead = np.subtract(end, start)
    long = float(np.hypot(*ahead))
    if long < 2 * HEAD_MM:
        return None
    ahead /= long
    across = np.array([-ahead[1], ahead[0]])
    tip = np.array(end) - 1.7 * ahead
    foot = tip - HEAD_MM * ahead
    return shapely.Polygon([tip, foot + 0.4 * HEAD_MM * across, foot - 0.4 * HEAD_MM * across])


def _symbols(tree: Element, frame: Frame, lines: Sequence[_Line]) -> None:
    places = Places(WIDTH_MM, HEIGHT_MM, edge_mm=1.5)
    units = {going.code: going for line in lines for going in (line.before, line.after) if going and _at(going)}
    laid = {code: _laid(frame, _at(going) or (0.0, 0.0))[0] for code, going in units.items()}
    for x, y in laid.values():
        places.hold_symbol(x, y, UNIT.size_px * PIXEL_MM)
        draw_symbol(tree, UNIT, x, y, radius_mm=UNIT.size_px * PIXEL_MM)
    for line in lines:
        look = TICKET if line.after else TICKET_LEFT
        ((x, y),) = _laid(frame, line.ticket)
        places.hold_symbol(x, y, look.size_px * PIXEL_MM)
        draw_symbol(tree, look, x, y, radius_mm=look.size_px * PIXEL_MM * 0.8)
    for code, (x, y) in laid.items():
        name = units[code].name
        box = places.take(around(x, y, name, size_mm=NAME_MM, radius_mm=UNIT.size_px * PIXEL_MM, rings=2))
        if box is not None:
            draw_text(tree, name, *box.middle, size_mm=NAME_MM, weight=600)


def _laid(frame: Frame, *places: Place) -> list[Place]:
    return [(float(x), float(y)) for x, y in frame.on_paper(np.array(places))]
