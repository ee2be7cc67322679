"""Pledges: the list, one of them with the tickets it was kept for, and the forms that set and end them."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import NamedTuple

from flask import Blueprint, Response, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from geodata.errors import NotFound
from geodata.models import MemberUnit
from geodata.queries import pledges as queries
from geodata.queries.pledges import KeptTicket, PledgeLine
from geodata.record_errors import BadValue
from geodata.services import pledges, rules, units
from geodata.services.categories import categories
from geodata.services.pledges import FARTHEST_M, Promise
from spatial.errors import WanggeError
from webmap import conditions, params
from webmap.access import actor, demand_of, may, may_of, needs, own_area, own_unit, ticket_scope
from webmap.languages import language
from webmap.maps.drawing_place import PlaceMap, Spot, place_map
from webmap.maps.styles import PLEDGE
from webmap.pages import areas, change_rows, forms, hours, pick_place, rule_words, words
from webmap.records import current_session, district

bp = Blueprint("pledges", __name__, url_prefix="/pledges")

SET = "pledge.set"
MOST_LISTED = 1000


class Line(NamedTuple):
    """A pledge in words: what for, where, when, until when."""

    pledge: PledgeLine
    kinds: list[str]
    where: str
    hours: str
    holds: str
    is_over: bool


class KeptLine(NamedTuple):
    """A ticket for which a pledge was kept, in words."""

    ticket: KeptTicket
    kind: str
    state: str


@bp.get("")
@needs("map.read")
def index() -> str:
    """Pledges by code, narrowed to a unit, a town or a kind of issue; those that have ended when `ended` says so."""
    params.only(*conditions.NAMES["pledges"])
    unit, town, category = params.text("unit"), params.text("town"), params.text("category")
    with_ended = params.one_of("ended", ["yes"]) is not None
    session = current_session()
    day = None if with_ended else rules.today(session)
    found = queries.listed(session, unit=unit, town=town, category=category, day=day, limit=MOST_LISTED + 1)
    lines = [line_of(one) for one in found[:MOST_LISTED]]
    return render_template(
        "pledges.html",
        lines=lines,
        is_cut=len(found) > MOST_LISTED,
        asked=sum(one.pledge.asked for one in lines),
        kept=sum(one.pledge.kept for one in lines),
        unit=unit,
        unit_name=units.names(session, [unit]).get(unit, unit) if unit else "",
        town=town,
        towns=areas.names("town"),
        category=category,
        categories=_kinds(),
        with_ended=with_ended,
        sheet=conditions.sheet_address("pledges", ended="yes" if with_ended else "no"),
        exports=conditions.export_address("pledges", ended="yes" if with_ended else "no"),
        can_add=may(SET),
    )


@bp.get("/<code>")
@needs("map.read")
def show(code: str) -> str:
    """One pledge: what it says, where it is, and the tickets for which it was kept."""
    params.only()
    session = current_session()
    found = _one(code)
    unit = units.unit(session, found.unit_code)
    kinds, states = _kinds(), words.states()
    kept = queries.kept_tickets(session, found.id, scope=ticket_scope()) if may("ticket.read") else []
    return render_template(
        "pledge.html",
        line=line_of(found),
        towns=areas.names("town"),
        villages=areas.names("village"),
        kept=[KeptLine(one, kinds.get(one.category_code, ""), states.get(one.state, one.state)) for one in kept],
        reads_tickets=may("ticket.read"),
        at=(at := _at(found)),
        picture=_picture(found, at) if at else None,
        can_set=may_of(SET, unit),
        today=rules.today(session).isoformat(),
        changes=change_rows.rows([pledges.KIND], labels(), about={"code": code}, words=_kinds()),
    )


@bp.get("/new")
@needs(SET)
def new() -> str:
    """An empty form, of the unit of `unit` where it is named."""
    params.only("unit")
    code = params.text("unit")
    mine = own_unit()
    if code is None and mine is not None:
        code = mine.code
    if code is not None:
        demand_of(SET, units.unit(current_session(), code))
    return _form(None, typed={"unit": code or "", "radius_m": "100"}, chosen=[])


@bp.post("/new")
@needs(SET)
def add() -> AnyResponse:
    """Write down what the form says."""
    try:
        unit = _unit()
        demand_of(SET, unit)
        made = pledges.set_pledge(current_session(), _told(), unit=unit, actor=actor())
    except BadValue as error:
        return _again(None, error)
    return redirect(url_for("pledges.show", code=made.code))


@bp.get("/<code>/edit")
@needs(SET)
def edit(code: str) -> str:
    """The form of one pledge."""
    params.only()
    found = _one(code)
    demand_of(SET, units.unit(current_session(), found.unit_code))
    return _form(found, typed=_typed(found), chosen=found.category_codes)


@bp.post("/<code>/edit")
@needs(SET)
def change(code: str) -> AnyResponse:
    """Have the pledge say what the form says."""
    session = current_session()
    found = _one(code)
    unit = units.unit(session, found.unit_code)
    demand_of(SET, unit)
    try:
        pledges.set_pledge(session, _told(), unit=unit, actor=actor(), code=code)
    except BadValue as error:
        return _again(code, error)
    return redirect(url_for("pledges.show", code=code))


@bp.post("/<code>/end")
@needs(SET)
def end(code: str) -> AnyResponse:
    """Let the pledge hold no longer from the day of the form on."""
    session = current_session()
    demand_of(SET, units.unit(session, _one(code).unit_code))
    pledges.end_pledge(session, code, actor=actor(), on=forms.day("valid_to"))
    return redirect(url_for("pledges.show", code=code))


def line_of(one: PledgeLine) -> Line:
    """A pledge in words."""
    kinds = _kinds()
    return Line(
        one,
        [kinds.get(code, code) for code in one.category_codes],
        _where(one),
        hours.in_words(one.hours) or one.hours or str(_("at any time")),
        rule_words.holds(one.valid_from, one.valid_to),
        one.valid_to is not None and one.valid_to <= rules.today(current_session()),
    )


def of_unit(unit: MemberUnit) -> list[Line]:
    """The pledges of a unit that have not ended, for its page."""
    session = current_session()
    return [line_of(one) for one in queries.listed(session, unit=unit.code, day=rules.today(session))]


def labels() -> dict[str, str]:
    """The fields of a pledge in words."""
    return {
        "name": _("Pledge"),
        "category_codes": _("Kinds of issue"),
        "area_code": _("Area"),
        "radius_m": _("Radius (m)"),
        "hours": _("Hours"),
        "address": _("Address"),
        "valid_from": _("Holds from"),
        "valid_to": _("Holds no longer from"),
    }


def _where(one: PledgeLine) -> str:
    if one.area_code is not None:
        return str(_("all of %(area)s", area=one.area_name or one.area_code))
    if one.radius_m is None:
        return one.address or str(_("at the unit"))
    metres = f"{one.radius_m:,.0f}"
    if one.is_placed:
        return str(_("within %(metres)s m of its place", metres=metres))
    return str(_("within %(metres)s m of the unit", metres=metres))


def _kinds() -> dict[str, str]:
    is_english = language() == "en"
    return {one.code: one.name_en if is_english else one.name_zh for one in categories(current_session())}


def _one(code: str) -> PledgeLine:
    found = queries.one(current_session(), code)
    if found is None:
        raise NotFound("pledge", code)
    return found


def _at(one: PledgeLine) -> tuple[float, float] | None:
    return None if one.lon is None or one.lat is None else (one.lon, one.lat)


def _picture(one: PledgeLine, at: tuple[float, float]) -> PlaceMap:
    return place_map(
        current_session(),
        [Spot(*at, PLEDGE, one.name)],
        title=_("Map of the place of %(name)s", name=one.name),
        metre_srid=district().metre_srid,
        village_code=one.village_code,
    )


def _unit() -> MemberUnit:
    """The unit that the form names by code or by a name that only one has. Raises BadValue."""
    told = forms.needed("unit")
    found = units.named(current_session(), told)
    if len(found) != 1:
        raise BadValue("unit", "unknown", told)
    return found[0]


def _told() -> Promise:
    """What the form says. Raises BadValue."""
    area = forms.text("area_code")
    level, _blank, code = (area or "").partition(" ")
    place = pick_place.told() or (None, None)
    return Promise(
        name=forms.needed("name"),
        category_codes=tuple(forms.several("category_codes")),
        level=level or None,
        area_code=code or None,
        radius_m=None if area else forms.number("radius_m", low=1, high=FARTHEST_M),
        lon=place[0],
        lat=place[1],
        address=forms.text("address"),
        hours=forms.text("hours", longest=100),
        valid_from=forms.day("valid_from"),
        valid_to=forms.day("valid_to"),
    )


def _typed(one: PledgeLine) -> dict[str, str]:
    return {
        "unit": one.unit_code,
        "name": one.name,
        "area_code": f"{one.level} {one.area_code}" if one.area_code else "",
        "radius_m": "" if one.radius_m is None else f"{one.radius_m:g}",
        **pick_place.typed(_at(one) if one.is_placed else None),
        "address": one.address or "",
        "hours": one.hours or "",
        "valid_from": one.valid_from.isoformat(),
        "valid_to": one.valid_to.isoformat() if one.valid_to else "",
    }


def _again(code: str | None, error: WanggeError) -> Response:
    current_session().rollback()
    found = None if code is None else _one(code)
    page = _form(found, typed=forms.typed(), chosen=forms.several("category_codes"), wrong=error)
    return Response(page, HTTPStatus.UNPROCESSABLE_ENTITY)


def _form(
    found: PledgeLine | None, *, typed: Mapping[str, str], chosen: list[str], wrong: WanggeError | None = None
) -> str:
    field, said = forms.wrong(wrong) if wrong else ("", "")
    session = current_session()
    by_major: dict[str, dict[str, str]] = {}
    is_english = language() == "en"
    for one in categories(session):
        major = one.major_en if is_english else one.major_zh
        by_major.setdefault(major, {})[one.code] = one.name_en if is_english else one.name_zh
    mine = own_unit()
    town = mine.town_code if mine is not None else own_area()
    able = units.list_units(session, town_code=town, limit=300) if found is None else []
    return render_template(
        "pledge_form.html",
        picker=pick_place.picker(),
        pledge=found,
        typed=typed,
        chosen=chosen,
        majors=by_major,
        units=able if mine is None else [mine],
        towns=areas.names("town"),
        villages=areas.names("village"),
        wrong_field=field,
        wrong=said,
        today=rules.today(session).isoformat(),
    )
