"""Shared resources: the list, one of them with the demands it fits, and the forms that change them."""

from typing import Any

from flask import Blueprint, Response, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from geodata.models import MemberUnit
from geodata.queries.resources import ResourceRow, counts, listed
from geodata.record_errors import BadValue
from geodata.services import joint_records, matching, resources, units
from geodata.services.resources import ResourceDraft
from spatial.errors import WanggeError
from webmap import conditions, params
from webmap.access import actor, demand_of, may, may_of, needs, own_unit
from webmap.maps.drawing_place import PlaceMap, Spot, place_map
from webmap.maps.styles import DEMAND_UNMET, RESOURCE
from webmap.pages import areas, change_rows, demand_words, forms, match_rows, pick_place
from webmap.pages.hours import DAYS
from webmap.records import current_session, district

bp = Blueprint("resources", __name__, url_prefix="/resources")

SET = "resource.set"
MOST_LISTED = 500
MOST_FITTING, MOST_NUMBERED = 12, 9
WITHIN_M = 4000.0
MOST_UNITS = 5000


@bp.get("")
@needs("map.read")
def index() -> str:
    """Resources by kind; those of a `kind`, a `town`, a `unit`, a `state` (offered or ended), with words `q`."""
    params.only(*conditions.NAMES["resources"])
    session, wanted = current_session(), conditions.of_resources()
    today = joint_records.today(session)
    found = listed(session, wanted, today=today, limit=MOST_LISTED + 1)
    lines = [
        {"row": row, "kind": demand_words.kind_of(row), "opens": demand_words.opening(row), "is_over": _is_over(row)}
        for row in found[:MOST_LISTED]
    ]
    return render_template(
        "resources.html",
        lines=lines,
        is_cut=len(found) > MOST_LISTED,
        counts=counts(session, today=today),
        wanted=wanted,
        state=params.text("state"),
        states={conditions.OFFERED: _("offered"), conditions.ENDED: _("no longer offered")},
        kinds=demand_words.kind_names(),
        towns=areas.names("town"),
        sheet=conditions.sheet_address("resources"),
        exports=conditions.export_address("resources"),
        can_add=may(SET),
    )


@bp.get("/new")
@needs(SET)
def new() -> str:
    """The form of a new resource, of a `unit` chosen beforehand."""
    params.only("unit")
    mine = own_unit()
    return _form({"unit_code": params.text("unit") or (mine.code if mine else "")})


@bp.post("/new")
@needs(SET)
def add() -> AnyResponse:
    """Write down what the unit of the form lends."""
    try:
        draft = _draft()
        made = resources.add(current_session(), draft, actor=actor())
    except WanggeError as error:
        return _refused(error)
    return redirect(url_for("resources.show", code=made.code))


@bp.get("/<code>")
@needs("map.read")
def show(code: str) -> str:
    """One resource: its facts, the open demands that it fits, what it went into, who changed it."""
    params.only()
    return _page(resources.resource(current_session(), code))


@bp.get("/<code>/edit")
@needs(SET)
def edit(code: str) -> str:
    """The form of a resource."""
    params.only()
    row = resources.resource(current_session(), code)
    _demand_set(row)
    typed: dict[str, Any] = {
        name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in row._asdict().items()
    }
    is_placed = row.is_placed and row.lon is not None and row.lat is not None
    typed |= {"lon": f"{row.lon:.6f}", "lat": f"{row.lat:.6f}"} if is_placed else {"lon": "", "lat": ""}
    return _form(typed, code=code)


@bp.post("/<code>/edit")
@needs(SET)
def change(code: str) -> AnyResponse:
    """Let the resource say what the form says."""
    _demand_set(resources.resource(current_session(), code))
    try:
        resources.change(current_session(), code, _draft(), actor=actor())
    except WanggeError as error:
        return _refused(error, code=code)
    return redirect(url_for("resources.show", code=code))


@bp.post("/<code>/end")
@needs(SET)
def end(code: str) -> AnyResponse:
    """Offer the resource no longer from the day of the form on."""
    _demand_set(resources.resource(current_session(), code))
    try:
        resources.end(current_session(), code, actor=actor(), on=forms.day("valid_to"))
    except WanggeError as error:
        status = match_rows.refused_with(error)
        current_session().rollback()
        return Response(_page(resources.resource(current_session(), code), wrong=error), status)
    return redirect(url_for("resources.show", code=code))


def _demand_set(row: ResourceRow) -> None:
    """Raise unless whoever asks may change what the unit of a resource lends; without a unit the district may."""
    demand_of(SET, _unit_of(row))


def _unit_of(row: ResourceRow) -> MemberUnit:
    found = current_session().get(MemberUnit, row.unit_id) if row.unit_id is not None else None
    # nobody's own: only those who may do it everywhere
    return found or MemberUnit(code="", name="", kind="other", town_code="", village_code="")


def _draft() -> ResourceDraft:
    """What the form says. Raises BadValue, and NotAllowed for a unit that is not theirs."""
    session = current_session()
    code = forms.needed("unit_code")
    if code not in units.names(session, [code]):
        raise BadValue("unit_code", "unknown", code)
    demand_of(SET, units.unit(session, code))
    return ResourceDraft(
        name=forms.needed("name"),
        unit_code=code,
        kind_code=forms.text("kind_code"),
        kind=forms.text("kind"),
        capacity=forms.text("capacity"),
        capacity_count=forms.whole("capacity_count", low=1, high=joint_records.MOST_PEOPLE),
        available=forms.text("available"),
        hours=_weekly() or forms.text("hours"),
        audience=forms.text("audience"),
        valid_from=forms.day("valid_from"),
        valid_to=forms.day("valid_to"),
        place=pick_place.told(),
        address=forms.text("address"),
    )


def _weekly() -> str | None:
    """The hours of the ticked days of the week in the notation of OpenStreetMap; None where none is ticked."""
    days = forms.several("weekday", most=len(DAYS))
    if not days:
        return None
    for day in days:
        if day not in DAYS:
            raise BadValue("hours", "hours", day)
    opens, closes = forms.clock("opens"), forms.clock("closes")
    if opens is None or closes is None:
        raise BadValue("opens" if opens is None else "closes", "missing")
    return f"{','.join(day for day in DAYS if day in days)} {opens:%H:%M}-{closes:%H:%M}"


def _form(typed: dict[str, Any], *, code: str | None = None, wrong: WanggeError | None = None) -> str:
    session = current_session()
    field, words = forms.wrong(wrong) if wrong else ("", "")
    towns = areas.names("town")
    mine = [unit for unit in units.list_units(session, limit=MOST_UNITS) if may_of(SET, unit)]
    return render_template(
        "resource_form.html",
        typed=typed,
        code=code,
        wrong_field=field,
        wrong=words,
        kinds=demand_words.kind_names(),
        units={
            unit.code: f"{unit.name} · {towns[unit.town_code]}" if unit.town_code in towns else unit.name
            for unit in mine
        },
        weekdays=demand_words.weekdays(),
        ticked=forms.several("weekday", most=100) if wrong else [],
        picker=pick_place.picker(),
    )


def _refused(error: WanggeError, *, code: str | None = None) -> Response:
    status = match_rows.refused_with(error)
    current_session().rollback()
    return Response(_form(forms.typed(), code=code, wrong=error), status)


def _page(row: ResourceRow, *, wrong: WanggeError | None = None) -> str:
    session = current_session()
    found = matching.demands_for(session, row.code, MOST_FITTING)
    today = joint_records.today(session)
    picture = None
    if row.lon is not None and row.lat is not None:
        spots = [Spot(row.lon, row.lat, RESOURCE, row.name)]
        for pair in found.fitting[:MOST_NUMBERED]:
            place = pair.demand
            if place.lon is not None and place.lat is not None:
                spots.append(Spot(place.lon, place.lat, DEMAND_UNMET, str(pair.rank)))
        picture = _picture(row, spots)
    return render_template(
        "resource.html",
        row=row,
        kind=demand_words.kind_of(row),
        opens=demand_words.opening(row),
        is_over=_is_over(row),
        span=demand_words.span(row.valid_from, joint_records.last_day(row.valid_to)),
        town=areas.names("town").get(row.town_code or ""),
        village=areas.names("village").get(row.village_code or ""),
        fitting=[
            (match_rows.pair_line(pair), demand_words.left(pair.demand.state, pair.demand.needed_until, today))
            for pair in found.fitting
        ],
        fitting_total=found.fitting_total,
        unfit=[match_rows.pair_line(pair) for pair in found.unfit],
        decided=[match_rows.decided_line(match) for match in found.decided],
        picture=picture,
        can_set=may_of(SET, _unit_of(row)),
        wrong=forms.wrong(wrong)[1] if wrong else "",
        today=today.isoformat(),
        changes=change_rows.rows([resources.KIND], _labels(), about={"code": row.code}),
    )


def _picture(row: ResourceRow, spots: list[Spot]) -> PlaceMap:
    return place_map(
        current_session(),
        spots,
        title=_("Map of the resource %(name)s and the demands it fits", name=row.name),
        metre_srid=district().metre_srid,
        within_m=WITHIN_M,
    )


def _is_over(row: ResourceRow) -> bool:
    return row.valid_to is not None and row.valid_to <= joint_records.today(current_session())


def _labels() -> dict[str, str]:
    return {
        "name": _("Name"),
        "unit": _("Unit"),
        "kind_name": _("Kind"),
        "kind": _("Kind in words"),
        "capacity": _("Capacity in words"),
        "capacity_count": _("People at a time"),
        "available": _("Opening in words"),
        "hours": _("Opening hours"),
        "audience": _("For whom"),
        "valid_from": _("Offered from"),
        "valid_to": _("Offered no longer from"),
        "address": _("Address"),
        "place": _("Place"),
    }
