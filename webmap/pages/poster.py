"""The poster of an area ("一图看懂"): a page that prints as one sheet, and the same sheet as PDF."""

from collections.abc import Sequence

from flask import Blueprint, Response, render_template
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy.orm import Session

from geodata.errors import NotFound
from geodata.queries.scope import Scope
from geodata.services.categories import unit_kinds
from geodata.services.posters import Poster, poster
from webmap import params
from webmap.access import may, needs, ticket_scope
from webmap.languages import language
from webmap.maps.drawing_colours import light_tokens
from webmap.maps.drawing_pdf import pdf_of
from webmap.maps.drawing_sheet import PAPERS, Paper, Sheet, sheet
from webmap.pages import words
from webmap.records import current_session
from webmap.responses import attachment

bp = Blueprint("poster", __name__, url_prefix="/poster")

Table = tuple[str, Sequence[str], Sequence[Sequence[str]]]


@bp.get("/<code>")
@needs("map.read")
def show(code: str) -> str:
    """The sheet of a district, town or village (`size` A3 or A4), and below it the same as lists."""
    made = _sheet(code)
    return render_template(
        "poster.html", sheet=made, sheet_style=_style(made.paper), sizes=tuple(PAPERS), tables=_tables(made)
    )


@bp.get("/<code>.pdf")
@needs("map.read")
def pdf(code: str) -> Response:
    """The sheet as a PDF of one page."""
    made = _sheet(code)
    page = printed(made)
    # printing takes seconds, for which no transaction may be kept open
    current_session().commit()
    return attachment(pdf_of(page), f"poster-{made.poster.area.code}-{made.paper.name}.pdf", mimetype="application/pdf")


def printed(made: Sheet) -> str:
    """The sheet alone, as the PDF is made from it."""
    return render_template("poster_print.html", sheet=made, sheet_style=_style(made.paper))


def sheet_of(
    session: Session, code: str, *, paper: Paper, scope: Scope, with_phones: bool, with_meetings: bool = False
) -> Sheet:
    """The sheet of an area in the reader's language. Raises NotFound, NoBoundary."""
    found = poster(session, code, scope=scope, with_phones=with_phones, with_meetings=with_meetings)
    return sheet(session, found, unit_kinds(session), paper=paper, lang=language())


def _sheet(code: str) -> Sheet:
    params.only("size")
    size = params.text("size") or next(iter(PAPERS))
    if size not in PAPERS:
        raise NotFound("size", size, tuple(PAPERS))
    return sheet_of(
        current_session(),
        code,
        paper=PAPERS[size],
        scope=ticket_scope(),
        with_phones=may("contact.read"),
        with_meetings=may("meeting.read"),
    )


def _style(paper: Paper) -> Markup:
    """The size of the page, and the light colours for the sheet: paper is white whatever the screen's scheme."""
    tokens = "".join(f"{name}:{value};" for name, value in light_tokens().items())
    page = f"@page{{size:{paper.width_mm:g}mm {paper.height_mm:g}mm;margin:0}}"
    return Markup(f"{page}.poster{{color-scheme:light;{tokens}}}")  # noqa: S704 - numbers, and our own file of tokens


def _tables(made: Sheet) -> list[Table]:
    """The map's content for those who read rather than look: units, points, and areas without a unit."""
    there = made.poster
    kinds = {kind.code: kind.name_en if language() == "en" else kind.name_zh for kind in unit_kinds(current_session())}
    units = [(unit.name, kinds.get(unit.kind, unit.kind), _placed(unit.x)) for unit in there.units]
    points = [(point.name, point.holder_name or _("nobody responsible"), _placed(point.x)) for point in there.points]
    without = [(area.name, area.parent_name or "–") for area in there.without]
    return [
        (_("Units"), (_("Unit"), _("Kind"), _("Place")), units),
        (_("Responsibility points"), (_("Point"), _("Holder"), _("Place")), points),
        (_("Areas without a unit"), (_("Area"), _("Lies in")), without),
        *_unjudged_table(there),
        *_gap_table(there),
    ]


def _unjudged_table(there: Poster) -> list[Table]:
    levels = words.levels()
    rows = [(levels[level], f"{count:,}") for level, count in there.unjudged.items() if count]
    return [(_("Areas that cannot be judged"), (_("Level"), _("Without a boundary")), rows)] if rows else []


def _gap_table(there: Poster) -> list[Table]:
    if there.reach is None:
        return []
    hectares = f"{there.reach.gap_m2 / 1e4:,.1f}"
    share = f"{100 * there.reach.share:.1f} %"
    title = _("Ground within %(radius)s m of an active unit", radius=f"{there.reach.radius_m:g}")
    return [(title, (_("Covered"), _("Not covered, ha")), [(share, hectares)])]


def _placed(x: float | None) -> str:
    return str(_("on the map") if x is not None else _("place not known"))
