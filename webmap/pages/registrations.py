"""Double registration as counts: by area on a map and in a table, by unit, and the form that writes them down."""

from collections.abc import Mapping
from http import HTTPStatus

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from geodata.errors import NotFound
from geodata.ingest.registrations import COUNTS
from geodata.models import REGISTRARS
from geodata.queries.area_shapes import area_shapes
from geodata.queries.registrations import UnitCounts
from geodata.services import permissions, registrations, units
from geodata.services.registrations import Line, Report
from spatial.errors import WanggeError
from webmap import params
from webmap.access import actor, demand, demand_in, demand_of, may, may_in, needs, role, ticket_scope
from webmap.maps.choropleth import Choropleth, choropleth
from webmap.pages import areas, change_rows, forms
from webmap.pages.registration_words import counts, told_words
from webmap.records import current_session

bp = Blueprint("registrations", __name__, url_prefix="/registrations")

READ = "registration.read"
SET = "registration.set"
MOST = 100_000_000


@bp.get("")
@needs(READ)
def index() -> str:
    """The counts of a period (the newest, or `period`), of all towns or one (`town`)."""
    params.only("period", "town")
    session = current_session()
    periods = registrations.known_periods(session)
    period = params.one_of("period", periods) or (periods[0] if periods else None)
    towns = areas.names("town")
    town = params.one_of("town", list(towns))
    if period is None:
        return render_template("registrations.html", report=None, can_set=may(SET), towns=towns, town=None)
    found = told(period, town=town)
    shown = next((line for line in found.towns if line.code == town), found.district)
    return render_template(
        "registrations.html",
        report=found,
        shown=shown,
        picture=_picture(found, town),
        periods=periods,
        town=town,
        towns=towns,
        counts=counts(),
        told=told_words,
        can_set=may(SET),
        may_set=_may_set,
        changes=_changes(),
    )


@bp.get("/edit")
@needs(SET)
def edit() -> str:
    """The form of one area or unit (`of_kind`, `of_code`) in a period."""
    params.only("of_kind", "of_code", "period")
    kind, code = params.one_of("of_kind", REGISTRARS) or "village", params.text("of_code") or ""
    period = params.text("period") or ""
    if code:
        _demand(kind, code)
    typed: dict[str, object] = {"of_kind": kind, "of_code": code, "period": period}
    if code and period:
        stored = registrations.counts_of(current_session(), kind, code, period)
        typed |= {name: stored.get(name) for name in COUNTS}
    return _form(typed)


@bp.post("/edit")
@needs(SET)
def change() -> AnyResponse:
    """Write down what the form says."""
    try:
        kind, code = forms.one_of("of_kind", REGISTRARS), forms.needed("of_code")
        _demand(kind, code)
        period = forms.needed("period", longest=20)
        said = {name: forms.whole(name, low=0, high=MOST) for name in COUNTS}
        row = registrations.set_counts(current_session(), kind, code, period, said, actor=actor())
    except WanggeError as error:
        if not _is_of_a_field(error):
            raise
        current_session().rollback()
        return Response(_form(dict(request.form), wrong=error), HTTPStatus.UNPROCESSABLE_ENTITY)
    return redirect(url_for("registrations.index", period=row.period))


def told(period: str, *, town: str | None = None) -> Report:
    """The counts of a period as whoever asks may know them."""
    session, scope = current_session(), ticket_scope()
    holds = permissions.held_areas(session, scope)

    def holds_unit(unit: UnitCounts) -> bool:
        if scope.unit_id is not None:
            return unit.id == scope.unit_id
        return unit.village_code is not None and holds("village", unit.village_code)

    return registrations.report(session, period, holds_area=holds, holds_unit=holds_unit, town_code=town)


def _picture(found: Report, town: str | None) -> Choropleth | None:
    """Villages (of a town, None: all) in the colour of their rate."""
    lines = [line for one in found.towns if town in {None, one.code} for line in one.children]
    shapes = area_shapes(current_session(), "village", parent_code=town)
    said = {line.code: _("no rate") if line.rate is None else f"{100 * line.rate:.1f} %" for line in lines}
    return choropleth(shapes, {line.code: line.rate for line in lines}, told=said, is_share=True)


def _changes() -> list[change_rows.ChangeRow]:
    """Who changed which counts: for an office those of its own town, as they tell what was small."""
    if not may(SET):
        return []
    towns = ticket_scope().towns if permissions.reach(SET, role()) == permissions.OWN else None
    about = None if towns is None else {"town_code": towns[0] if towns else "-"}
    return change_rows.rows([registrations.KIND], counts(), about=about)


def _may_set(line: Line) -> bool:
    """Whether the counts of a line are for whoever asks to write down; a unit's are its town's."""
    if line.level == "unit":
        return line.parent_code is not None and may_in(SET, "town", line.parent_code)
    return may_in(SET, line.level, line.code)


def _demand(kind: str, code: str) -> None:
    """Raise unless the counts of this area or unit are for whoever asks to write down."""
    demand(SET)
    if kind == "unit":
        demand_of(SET, units.unit(current_session(), code))
    else:
        demand_in(SET, kind, code)


def _form(typed: Mapping[str, object], *, wrong: WanggeError | None = None) -> str:
    field, words = forms.wrong(wrong) if wrong else ("", "")
    return render_template(
        "registrations_form.html",
        typed=typed,
        wrong_field=field,
        wrong=words,
        counts=counts(),
        kinds={"village": _("Village"), "town": _("Town"), "district": _("District"), "unit": _("Unit")},
    )


def _is_of_a_field(error: WanggeError) -> bool:
    return bool(forms.wrong(error)[0]) or isinstance(error, NotFound)
