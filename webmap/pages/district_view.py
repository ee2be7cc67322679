"""The district at a glance: stated figures beside those counted here, towns side by side, and how units are spread."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import NamedTuple

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from geodata.errors import NotFound
from geodata.formats import delimited
from geodata.ingest.figures import SHARES
from geodata.queries.area_shapes import area_shapes
from geodata.queries.figures import TownRow
from geodata.record_errors import BadValue
from geodata.services import district_view, registrations
from geodata.services.district_view import FigureKey, Spread
from geodata.services.registrations import Line, Report
from spatial.errors import WanggeError
from webmap import params
from webmap.access import actor, may, needs
from webmap.maps.choropleth import choropleth
from webmap.pages import areas, change_rows, forms
from webmap.pages.district_words import columns, figure_hrefs, figure_titles
from webmap.pages.registration_words import told_words
from webmap.pages.registrations import READ, told
from webmap.records import current_session, district
from webmap.responses import attachment

bp = Blueprint("district_view", __name__, url_prefix="/district")

SET = "figure.set"
FULLEST = 0.1


class FigureRow(NamedTuple):
    """A figure in words; `agrees` None where there is nothing to compare."""

    title: str
    href: str | None
    counted: str
    stated: str
    agrees: bool | None
    source: str


class Cell(NamedTuple):
    """A figure of a town, and the list it opens."""

    value: float | None
    told: str
    href: str | None


class Row(NamedTuple):
    """A town and its figures in the order of the columns."""

    code: str
    name: str
    cells: list[Cell]


@bp.get("")
@needs("map.read")
def show() -> str:
    """All of it; `show` is the figure of the towns that the map shows, `town` the one whose figures stand on top."""
    params.only("show", "town")
    return _page(params.one_of("town", list(areas.names("town"))))


@bp.post("/figures")
@needs(SET)
def state() -> AnyResponse:
    """Write down a figure that somebody stated of the district, or of a town."""
    town = None
    try:
        town = forms.text("town", longest=20)
        figure, period = forms.one_of("figure", figure_titles()), forms.needed("period", longest=20)
        key = FigureKey(figure, "town" if town else "district", town or district().code, period)
        source = forms.text("source")
        district_view.state_figure(current_session(), key, _value("value"), actor=actor(), source=source)
    except WanggeError as error:
        if isinstance(error, NotFound):
            raise
        current_session().rollback()
        return Response(_page(town, typed=dict(request.form), wrong=error), HTTPStatus.UNPROCESSABLE_ENTITY)
    return redirect(url_for("district_view.show", town=town))


@bp.get("/towns.csv")
@needs("map.read")
def towns() -> Response:
    """The towns side by side as CSV for a spreadsheet."""
    params.only()
    known = columns()
    lines = (
        [row.code, row.name, *(None if cell.value is None else round(cell.value, 3) for cell in row.cells)]
        for row in _rows(_registered(), district_view.spread(current_session()))
    )
    head = ["code", "town", *(one.title for one in known)]
    return attachment(b"".join(delimited.write(head, lines)), "district-towns.csv", mimetype="text/csv")


def _page(town: str | None, *, typed: Mapping[str, object] | None = None, wrong: WanggeError | None = None) -> str:
    session = current_session()
    known = columns()
    name = params.one_of("show", [one.name for one in known]) or known[0].name
    place = [one.name for one in known].index(name)
    counted = _registered()
    spread = district_view.spread(session)
    rows = _rows(counted, spread)
    field, words = forms.wrong(wrong) if wrong else ("", "")
    return render_template(
        "district.html",
        figures=_figures(counted, town),
        town=town,
        columns=known,
        shown=known[place],
        rows=rows,
        picture=choropleth(
            area_shapes(session, "town"),
            {row.code: row.cells[place].value for row in rows},
            told={row.code: row.cells[place].told for row in rows},
            digits=known[place].digits,
            has_names=True,
        ),
        spread=spread,
        fullest=spread.share_of_fullest(FULLEST),
        curve=_curve(spread),
        villages=_villages(),
        town_names=areas.names("town"),
        titles=figure_titles(),
        can_set=may(SET),
        typed=typed or {},
        wrong_field=field,
        wrong=words,
        changes=change_rows.rows([district_view.KIND], {"value": "", "source": ""}) if may(SET) else [],
    )


def _registered() -> Report | None:
    """Registrations of the newest period, as whoever asks may know them; None where they may not, or there are none."""
    if not may(READ):
        return None
    periods = registrations.known_periods(current_session())
    return told(periods[0]) if periods else None


def _figures(counted: Report | None, town: str | None) -> list[FigureRow]:
    """Figures of the district, or of a town, stated and counted."""
    titles, hrefs = figure_titles(), figure_hrefs(town)
    line = None
    if counted is not None:
        line = next((one for one in counted.towns if one.code == town), counted.district)
    counts = line.counts if line else {}
    lines = district_view.figure_lines(
        current_session(),
        "town" if town else "district",
        town or district().code,
        told=counts.get("members_registered"),
        total=counts.get("members_total"),
        units=counts.get("units_registered"),
    )
    return [
        FigureRow(
            titles[line.figure],
            hrefs.get(line.figure),
            told_words(counts[line.figure])
            if line.counted is None and line.figure in counts
            else _number(line.figure, line.counted),
            _number(line.figure, line.stated.value if line.stated else None),
            line.agrees,
            " · ".join(filter(None, (line.stated.source, line.stated.period))) if line.stated else "",
        )
        for line in lines
    ]


def _rows(counted: Report | None, spread: Spread) -> list[Row]:
    by_code: dict[str, Line] = {line.code: line for line in counted.towns} if counted else {}
    read: Callable[[TownRow], list[Cell]] = lambda town: [  # noqa: E731 - one expression, used once
        Cell(
            value := one.value(town, by_code.get(town.code), spread),
            "–" if value is None else f"{value:,.{one.digits}f}",
            one.href(town.code) if one.href else None,
        )
        for one in columns()
    ]
    return [Row(town.code, town.name, read(town)) for town in district_view.town_rows(current_session())]


def _villages() -> object:
    """Villages in the colour of how many units stand in them."""
    session = current_session()
    counts = {row.code: row.units for row in district_view.village_rows(session)}
    return choropleth(
        area_shapes(session, "village"),
        {code: float(count) for code, count in counts.items()},
        told={code: str(count) for code, count in counts.items()},
    )


def _curve(spread: Spread) -> str:
    """The Lorenz curve as an SVG path in a box of 100 by 100, y downwards; '' where there is none."""
    if spread.curve is None:
        return ""
    points = zip(100 * spread.curve.sizes, 100 - 100 * spread.curve.amounts, strict=True)
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)


def _number(figure: str, value: float | None) -> str:
    if value is None:
        return "–"
    return f"{100 * value:.1f} %" if figure in SHARES else f"{value:,.0f}"


def _value(name: str) -> float:
    """A number of the form, shares also per cent. Raises BadValue."""
    said = forms.needed(name, longest=30)
    is_per_cent = said.endswith(("%", "％"))
    try:
        found = float(said.rstrip("%％").replace(",", "").strip())
    except ValueError as error:
        raise BadValue(name, "number", said, low=0, high=1e9) from error
    return found / 100 if is_per_cent else found
