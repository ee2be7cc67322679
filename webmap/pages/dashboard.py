"""The towns side by side: what is to be done now and how it went lately, as a table and a small map."""

from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, url_for
from flask_babel import gettext as _

from geodata.formats import delimited
from geodata.queries.ticket_filter import NO_AREA
from geodata.services.dashboard import LATELY_DAYS, Comparison, Town, compare
from webmap import params
from webmap.access import needs, ticket_scope
from webmap.maps.choropleth import breaks, colour_of, frame_of, legend
from webmap.pages import words
from webmap.pages.dashboard_figures import Figure, figures
from webmap.records import current_session, district
from webmap.responses import attachment

bp = Blueprint("dashboard", __name__, url_prefix="/dashboard")

# A map of fewer towns shows nothing that the table does not.
LEAST_TOWNS = 2


class Cell(NamedTuple):
    """A figure of a town: its value, how it is written, the list it opens, and its colour of five on the map.

    href   None where whoever asks may not see those tickets.
    """

    value: float | None
    told: str
    beside: str
    href: str | None
    step: int | None


class Row(NamedTuple):
    """A town (code None: the whole district) and its figures in their order."""

    code: str | None
    name: str
    cells: list[Cell]


@bp.get("")
@needs("index.read")
def show() -> str:
    """Towns by code; `show` is the figure that the map shows."""
    params.only("show")
    known = figures()
    shown = params.one_of("show", [one.name for one in known]) or "late"
    found = compare(current_session())
    rows, whole = _rows(found, known)
    place = [one.name for one in known].index(shown)
    towns = _seen(found)
    return render_template(
        "dashboard.html",
        figures=known,
        rows=rows,
        whole=whole,
        shown=known[place],
        place=place,
        legend=legend([known[place].value(town) for town in towns], digits=known[place].digits),
        shapes=[town.shape for town in towns],
        ground_codes={town.shape.code for town in towns if town.shape and town.shape.path},
        frame=frame_of([town.shape for town in towns if town.shape]),
        has_map=len([town for town in towns if town.shape and town.shape.path]) >= LEAST_TOWNS,
        days=found.days,
        lately_days=LATELY_DAYS,
    )


@bp.get("/towns.csv")
@needs("index.read")
def towns() -> Response:
    """The table as CSV for a spreadsheet."""
    params.only()
    known = figures()
    rows, whole = _rows(compare(current_session()), known)
    headings = [_("Code"), _("Town"), *(f"{one.title} ({one.unit})" if one.unit else one.title for one in known)]
    lines = (
        [row.code, row.name, *(None if cell.value is None else round(cell.value, 2) for cell in row.cells)]
        for row in (*rows, whole)
    )
    return attachment(b"".join(delimited.write(headings, lines)), "towns.csv", mimetype="text/csv")


def _seen(found: Comparison) -> list[Town]:
    """Towns all of whose tickets whoever asks may see: an office its own, those of the district all."""
    scope = ticket_scope()
    return [
        town for town in found.towns if town.shape and scope.has_whole(town_code=town.shape.code, village_code=None)
    ]


def _rows(found: Comparison, known: Sequence[Figure]) -> tuple[list[Row], Row]:
    """Lines of the towns, and the district's."""
    seen = _seen(found)
    lows = {one.name: breaks([one.value(town) for town in seen]) for one in known}

    def row(town: Town, code: str | None, name: str, *, is_open: bool = True) -> Row:
        cells = []
        for one in known:
            value = one.value(town)
            asked = {**one.asked(found.days), **({"area": code} if code else {})}
            told = "–" if value is None else f"{value:,.{one.digits}f}"
            href = f"{url_for('tickets.index')}?{urlencode(asked, safe=',')}" if is_open else None
            step = colour_of(value, lows[one.name]) if town.shape else None
            cells.append(Cell(value, told, one.beside(town) if one.beside else "", href, step))
        return Row(code, name, cells)

    rows = [row(town, town.shape.code, town.shape.name) for town in seen if town.shape]
    if ticket_scope().is_all:
        codes = [(town, town.figures.town_code) for town in found.elsewhere]
        rows += [row(town, code or NO_AREA, code or words.without_town()) for town, code in codes]
    # the district's figures are for all to compare with, its tickets for those who may see them
    return rows, row(found.whole, None, district().name, is_open=ticket_scope().is_all)
