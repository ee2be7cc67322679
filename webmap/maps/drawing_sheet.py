"""The sheet of a poster: its paper, its words and figures, and how much the panel beside the map can hold."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from flask_babel import format_datetime
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy.orm import Session

from geodata.models import UnitKind
from geodata.queries.posters import Contact
from geodata.services.posters import Ground, Poster, ground
from spatial.crs import from_metre
from webmap.maps import cooperation_texts, coverage_texts, layers, styles
from webmap.maps.drawing import Drawing, Looks, scale_bar
from webmap.maps.drawing_base import road_classes
from webmap.maps.drawing_frame import Frame
from webmap.maps.drawing_heading import Heading, heading
from webmap.maps.drawing_labels import printable, width_mm
from webmap.maps.drawing_symbols import swatch
from webmap.maps.styles import KindOfUnit, Style

# The map, the panel beside it and its text on an A3 sheet, millimetres; css/poster.css has the same.
MAP_MM = (262.0, 191.0)
MARGIN_MM = 6.0
PANEL_MM = (129.0, 199.0)
ROW_MM, TITLE_MM, GAP_MM, TEXT_MM = 4.6, 6.4, 3.2, 3.1

UNIT_COLUMNS, UNIT_ROW_MM = 4, 4.0

DUTY_COLUMNS = 2
MOST_CONTACTS = 12
LEAST_CONTACTS = 2
LEAST_DUTIES = 4
MOST_SOURCES = 3

# Cells that would be smaller on the paper only make it grey.
SMALLEST_CELL_MM = 5.0


class Paper(NamedTuple):
    """A sheet lying on its side, millimetres; `unit` is what a millimetre of A3 becomes on it."""

    name: str
    width_mm: float
    height_mm: float
    unit: float


PAPERS = {"A3": Paper("A3", 420.0, 297.0, 1.0), "A4": Paper("A4", 297.0, 210.0, 0.707)}


class Figure(NamedTuple):
    """A number, its unit, what it counts, and one line more."""

    value: str
    unit: str
    title: str
    note: str


class Step(NamedTuple):
    """A box of the work flow: the step, who does it, and what holds for it."""

    title: str
    who: str
    rule: str


class Sign(NamedTuple):
    """A line of the legend; `total` is empty where nothing is counted, `number` where the map shows none."""

    swatch: Markup
    title: str
    total: str = ""
    number: str = ""


class Duty(NamedTuple):
    """A kind of issue and who handles it."""

    title: str
    kinds: str


class Listed(NamedTuple):
    """Names in one paragraph: as many as fit, and how many more there are."""

    names: list[str]
    more: int


@dataclass(frozen=True)
class Sheet:
    """Everything the template places on one sheet, in the reader's language.

    made_up  the sentence that says so, else empty.
    """

    paper: Paper
    poster: Poster
    name: str
    heading: Heading
    subtitle: str
    made_up: str
    sources: list[str]
    picture: Markup
    bar: Markup
    scale: str
    figures: list[Figure]
    steps: list[Step]
    kinds: list[Sign]
    signs: list[Sign]
    units: list[Sign]
    unheld: Listed
    without: Listed
    unjudged: list[str]
    together: list[str]
    contacts: list[Contact]
    more_contacts: int
    duties: list[Duty]
    base: list[str]


def sheet(session: Session, poster: Poster, kinds: Sequence[UnitKind], *, paper: Paper, lang: str) -> Sheet:
    """The sheet of a poster on a paper; the map is drawn to the largest round scale that shows the whole area."""
    unit = paper.unit
    frame = Frame.around(
        poster.shape.bounds, width_mm=MAP_MM[0] * unit, height_mm=MAP_MM[1] * unit, margin_mm=MARGIN_MM * unit
    )
    zoom = frame.zoom(_latitude(poster))
    shown = ground(
        session,
        poster,
        frame.clip(),
        zoom=zoom,
        least_m2=(0.4 * frame.scale / 1000.0) ** 2,
        with_cells=_cell_mm(poster, frame) >= SMALLEST_CELL_MM * unit,
    )
    looks = _looks(kinds, lang)
    legend = _kinds(poster, kinds, looks, lang=lang, unit=unit)
    signs = _signs(poster, shown, looks, unit=unit)
    name, subtitle, sources = _name(poster, lang), _("Grid governance at a glance"), _sources(poster)
    made_up = _("Made-up district: nothing here is real") if poster.is_made_up else ""
    without = _listed([area.name for area in poster.without if area.code != poster.area.code], rows=3)
    unheld = _listed([point.name for point in poster.points if point.holder_name is None], rows=2)
    unjudged = coverage_texts.unjudged(poster.unjudged)
    together = [printable(one) for one in cooperation_texts.sentences(poster.together)]
    left = PANEL_MM[1] - _tall(legend, 2) - _tall(signs, 2) - _paragraph(without, unjudged) - _paragraph(unheld)
    left -= _paragraph(Listed([], 0), together)
    numbers = _numbers(poster, left)
    left -= _tall(poster.units, UNIT_COLUMNS, UNIT_ROW_MM) if numbers else 0.0
    room = max(LEAST_CONTACTS, min(MOST_CONTACTS, int((left - TITLE_MM - GAP_MM) / ROW_MM) - 1))
    left -= TITLE_MM + GAP_MM + ROW_MM * (min(room, len(poster.contacts)) + 1) if poster.contacts else 0.0
    scale = f"1:{frame.scale:,}".replace(",", "\u2009")
    drawing = Drawing(frame, poster, looks, unit, zoom, numbers)
    picture = drawing.svg(
        shown,
        title=_("Map of %(name)s, scale %(scale)s", name=name, scale=scale),
        description=_("Borders, units by kind, responsibility points and ground without a unit; listed below."),
        north=_("N"),
    )
    return Sheet(
        paper=paper,
        poster=poster,
        name=name,
        heading=heading(name, subtitle=subtitle, sources=[made_up, *sources]),
        subtitle=subtitle,
        made_up=made_up,
        sources=sources,
        picture=picture,
        bar=scale_bar(frame, unit=unit)[0],
        scale=scale,
        figures=figures(poster),
        steps=steps(),
        kinds=legend,
        signs=signs,
        units=_units(poster, {} if drawing.is_named else numbers, looks, unit=unit) if numbers else [],
        unheld=unheld,
        without=without,
        unjudged=unjudged,
        together=together,
        contacts=poster.contacts[:room],
        more_contacts=max(0, len(poster.contacts) - room),
        duties=_duties(poster, left, lang),
        base=[]
        if poster.is_made_up
        else sorted({printable(feature.source) for feature in shown.basemap})[:MOST_SOURCES],
    )


def figures(poster: Poster) -> list[Figure]:
    """Four key figures, and a fifth for those who may read tickets."""
    found = [_ground_figure(poster)]
    without_place = sum(unit.x is None for unit in poster.units)
    note = _("%(count)s of them not placed yet", count=without_place) if without_place else _("all of them placed")
    found.append(Figure(f"{len(poster.units):,}", "", _("member units"), note if poster.units else _("none yet")))
    unheld = sum(point.holder_name is None for point in poster.points)
    note = _("%(count)s without a holder", count=unheld) if unheld else _("all of them held")
    found.append(
        Figure(f"{len(poster.points):,}", "", _("responsibility points"), note if poster.points else _("none yet"))
    )
    if poster.reach is not None:
        reach = poster.reach
        title = _("within %(radius)s m of a unit", radius=f"{reach.radius_m:g}")
        note = _("%(hectares)s ha are not", hectares=f"{reach.gap_m2 / 1e4:,.0f}")
        found.append(Figure(f"{100 * reach.share:.0f}", "%", title, note))
    if poster.tickets is not None:
        found.append(_ticket_figure(poster))
    return found


def _ground_figure(poster: Poster) -> Figure:
    cells = _("%(count)s grid cells", count=f"{poster.cells:,}")
    km2 = f"{(poster.area.area_m2 or 0.0) / 1e6:,.2f}"
    on_area = _("on %(area)s km²", area=km2)
    if poster.area.level == "village":
        return Figure(f"{poster.cells:,}", "", _("grid cells"), on_area)
    if not poster.villages and poster.towns:
        return Figure(f"{poster.towns:,}", "", _("towns"), on_area)
    if not poster.villages:
        return Figure(km2, "km²", _("area"), cells)
    if poster.area.level == "town":
        return Figure(f"{poster.villages:,}", "", _("villages"), cells)
    note = _("in %(count)s towns; %(cells)s", count=f"{poster.towns:,}", cells=cells)
    return Figure(f"{poster.villages:,}", "", _("villages"), note)


def _ticket_figure(poster: Poster) -> Figure:
    counts = {row.state: row.number for row in poster.tickets or ()}
    groups = [
        (title, sum(counts.get(state, 0) for state in states)) for title, _style, states in layers.ticket_groups()
    ]
    told = [f"{title} {number:,}" for title, number in reversed(groups) if number]
    return Figure(f"{sum(counts.values()):,}", "", _("open tickets"), " · ".join(told) or _("none open"))


def steps() -> list[Step]:
    """The work flow from report to close."""
    return [
        Step(_("Report"), _("Residents, grid officers, units"), _("Say where and what as soon as it is seen.")),
        Step(
            _("File and dispatch"),
            _("Grid centre of the town"),
            _("Goes to the nearest unit that the governance list names."),
        ),
        Step(_("Handle"), _("Responsible unit or service team"), _("Done within the limit set when it was filed.")),
        Step(_("Check"), _("Another grid officer, on the spot"), _("Nobody checks what they handled themselves.")),
        Step(
            _("Close the ticket"), _("Grid centre of the town"), _("Found well done it is closed, else it goes back.")
        ),
    ]


def _looks(kinds: Sequence[UnitKind], lang: str) -> Looks:
    named = [KindOfUnit(kind.code, kind.name_en if lang == "en" else kind.name_zh) for kind in kinds]
    by_code = {look.values[0]: look.style for look in styles.unit_kinds(named)}
    return Looks({str(code): style for code, style in by_code.items()}, road_classes())


def _name(poster: Poster, lang: str) -> str:
    area = poster.area
    return printable(area.name_en if lang == "en" and area.name_en else area.name)


def _sources(poster: Poster) -> list[str]:
    """Where the area lies, from the largest down, and the day of the figures; then who has them."""
    area = poster.area
    above = {"district": [], "town": [poster.district_name]}.get(area.level, [poster.district_name, area.parent_name])
    day = _("As of %(date)s", date=format_datetime(poster.at, "yyyy-MM-dd", rebase=False))
    return [
        " · ".join([*(printable(name) for name in above if name), day]),
        _("Source: grid map of %(district)s", district=printable(poster.district_name)),
    ]


def _cell_mm(poster: Poster, frame: Frame) -> float:
    """Side of a cell on the paper, on the average."""
    area_m2 = poster.area.area_m2 or 0.0
    return math.sqrt(area_m2 / poster.cells) * 1000.0 / frame.scale if poster.cells else 0.0


def _duties(poster: Poster, left_mm: float, lang: str) -> list[Duty]:
    """As many lines of the governance list as the panel has left; too few are not worth a heading."""
    rows = int((left_mm - TITLE_MM - GAP_MM) / ROW_MM)
    if rows < LEAST_DUTIES:
        return []
    divider = _(", ")
    return [
        Duty(duty.name_en, divider.join(duty.kinds_en))
        if lang == "en"
        else Duty(duty.name_zh, divider.join(duty.kinds_zh))
        for duty in poster.duties[: rows * DUTY_COLUMNS]
    ]


def _latitude(poster: Poster) -> float:
    west, south, east, north = poster.shape.bounds
    _lon, lat = from_metre([(west + east) / 2], [(south + north) / 2], poster.metre_srid)
    return float(lat[0])


def _kinds(poster: Poster, kinds: Sequence[UnitKind], looks: Looks, *, lang: str, unit: float) -> list[Sign]:
    """Kinds of unit that are there, with their numbers."""
    counts: dict[str, int] = {}
    for one in poster.units:
        counts[one.kind] = counts.get(one.kind, 0) + 1
    return [
        Sign(
            swatch(looks.kinds[kind.code], unit=unit),
            kind.name_en if lang == "en" else kind.name_zh,
            f"{counts[kind.code]:,}",
        )
        for kind in kinds
        if kind.code in counts
    ]


def _signs(poster: Poster, shown: Ground, looks: Looks, *, unit: float) -> list[Sign]:
    """The other signs of the map, as far as it shows them."""
    held = sum(point.holder_name is not None for point in poster.points)
    found: list[tuple[Style, str, str]] = []
    drawn = {point.holder_name is not None for point in poster.points if point.x is not None}
    if True in drawn:
        found.append((styles.POINT, _("point with a holder"), f"{held:,}"))
    if False in drawn:
        found.append((styles.POINT_UNHELD, _("point without a holder"), f"{len(poster.points) - held:,}"))
    if shown.gaps and poster.reach:
        hectares = _("%(hectares)s ha", hectares=f"{poster.reach.gap_m2 / 1e4:,.0f}")
        found.append((styles.GAP, _("no unit within %(radius)s m", radius=f"{poster.reach.radius_m:g}"), hectares))
    if shown.cells:
        found.append((styles.CELL, _("cell border"), ""))
    levels = _levels(poster, shown)
    if poster.area.level == "district" and "town" in levels:
        found.append((styles.TOWN, _("town border"), ""))
    if "village" in levels:
        found.append((styles.VILLAGE, _("village border"), ""))
    themes = {feature.theme for feature in shown.basemap}
    base = {
        "road": (looks.roads[-1].style if looks.roads else styles.TOWN, _("road")),
        "rail": (styles.RAIL, _("railway")),
        "water": (styles.WATER, _("water")),
        "green": (styles.GREEN, _("green space")),
        "building": (styles.BUILDING, _("building")),
    }
    found += [(style, title, "") for theme, (style, title) in base.items() if theme in themes]
    return [Sign(swatch(style, unit=unit), title, count) for style, title, count in found]


def _levels(poster: Poster, shown: Ground) -> set[str]:
    """Levels of the areas whose borders are drawn beside the area's own; around a town no villages are."""
    area = poster.area
    return {
        border.level
        for border in shown.borders
        if border.code != area.code
        and not (area.level == "town" and border.level == "village" and border.parent_code != area.code)
    }


def _numbers(poster: Poster, left_mm: float) -> dict[str, int]:
    """Numbers of the placed units in the list beside the map; none where the list has no room for all."""
    placed = [unit for unit in poster.units if unit.x is not None]
    contacts_mm = TITLE_MM + GAP_MM + (LEAST_CONTACTS + 1) * ROW_MM if poster.contacts else 0.0
    rows = int((left_mm - contacts_mm - TITLE_MM - GAP_MM) / UNIT_ROW_MM)
    if len(poster.units) > rows * UNIT_COLUMNS:
        return {}
    return {unit.code: number for number, unit in enumerate(placed, start=1)}


def _units(poster: Poster, numbers: dict[str, int], looks: Looks, *, unit: float) -> list[Sign]:
    return [
        Sign(
            swatch(looks.kinds[one.kind], unit=unit),
            printable(one.name),
            number=str(numbers.get(one.code, "–")) if numbers else "",
        )
        for one in poster.units
    ]


def _listed(names: list[str], *, rows: int) -> Listed:
    """As many names as stand in so many lines of the panel."""
    room, kept = rows * (PANEL_MM[0] - 2 * TEXT_MM) - 22.0, []
    for name in names:
        room -= width_mm(name, TEXT_MM) + TEXT_MM
        if room < 0.0:
            break
        kept.append(printable(name))
    return Listed(kept, len(names) - len(kept))


def _tall(rows: Sequence[object], columns: int, row_mm: float = ROW_MM) -> float:
    """Height of a section of the panel on A3."""
    return TITLE_MM + GAP_MM + row_mm * -(-len(rows) // columns) if rows else 0.0


def _paragraph(listed: Listed, sentences: Sequence[str] = ()) -> float:
    """Height of a heading with names below it, and sentences each on lines of its own."""
    if not listed.names and not sentences:
        return 0.0
    written = sum(width_mm(name, TEXT_MM) + TEXT_MM for name in listed.names) + (22.0 if listed.more else 0.0)
    wide = PANEL_MM[0] - 2 * TEXT_MM
    lines = 1 + int(written / wide) if listed.names else 0
    lines += sum(1 + int(width_mm(sentence, TEXT_MM) / wide) for sentence in sentences)
    return TITLE_MM + GAP_MM + ROW_MM * lines
