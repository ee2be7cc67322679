"""Whistle calls: the list, one call with who has arrived, and the forms that call, arrive and close."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from geodata.errors import NotFound
from geodata.models import MemberUnit, WhistleCall
from geodata.queries import resolutions as resolution_queries
from geodata.queries import whistle as queries
from geodata.queries.positions import ticket_at
from geodata.queries.whistle import CallLine, CallScope, Invitee
from geodata.record_errors import BadValue
from geodata.services import reports, resolutions, whistle
from geodata.services.meetings import LonLat
from geodata.services.permissions import OWN, reach
from geodata.services.placing import position_of
from geodata.services.whistle import CallDraft, Invited
from spatial.errors import WanggeError
from webmap import access, params
from webmap.access import account, actor, demand_in, may, may_in, needs, own_unit, ticket_scope
from webmap.errors import NotAllowed
from webmap.maps.drawing_place import PlaceMap, Spot, place_map
from webmap.maps.styles import TICKET_WORK
from webmap.pages import (
    areas,
    forms,
    meeting_forms,
    meeting_words,
    meetings,
    pick_place,
    resolution_rows,
    whistle_words,
)
from webmap.pages.change_rows import ChangeRow
from webmap.records import current_session, district

bp = Blueprint("whistle", __name__, url_prefix="/whistle")

READ, CALL, ANSWER = "whistle.read", "whistle.call", "whistle.answer"

# A form has so many lines for who is called.
LINES = 6
USUAL_WAIT = timedelta(hours=2)


@bp.get("")
@needs(READ)
def index() -> str:
    """The calls that whoever asks may read: running ones first."""
    params.only()
    now = datetime.now(UTC)
    found = queries.calls(current_session(), scope())
    return render_template(
        "whistle.html",
        lines=[(line, _told(line.reason), whistle_words.when(line, now)) for line in found],
        running=sum(line.is_running for line in found),
        can_call=bool(meeting_forms.area_choices(CALL)),
        words=whistle_words,
    )


@bp.get("/new")
@needs(CALL)
def new() -> str:
    """The form of a call: about a `ticket`, or for the place at `lon` and `lat`."""
    params.only("ticket", "lon", "lat")
    number = params.text("ticket")
    at, typed = None, {"meet_at": meeting_forms.local(datetime.now(UTC) + USUAL_WAIT)}
    town = access.own_area()
    if number is not None:
        ticket = access.ticket(number)
        at, town = ticket_at(current_session(), number, scope=ticket_scope()), ticket.town_code
        typed |= {"ticket": number, "reason": ticket.title, "address": ticket.address or ""}
        unit = current_session().get(MemberUnit, ticket.unit_id) if ticket.unit_id else None
        typed |= {"who_1": unit.name} if unit else {}
    elif params.text("lon") or params.text("lat"):
        at = params.lon_lat()
        town = reports.town_at(current_session(), lon=at[0], lat=at[1])
    return _form(typed | {**pick_place.typed(at), "area": f"town:{town}" if town else ""})


@bp.post("")
@needs(CALL)
def call() -> AnyResponse:
    """Call units and offices together."""
    try:
        made = whistle.call(current_session(), _draft(), actor=actor(), scope=ticket_scope())
    except WanggeError as error:
        return meeting_forms.refused(error, lambda wrong: _form(forms.typed(), wrong))
    return redirect(url_for("whistle.show", code=made.code))


@bp.get("/<code>")
@needs(READ)
def show(code: str) -> str:
    """One call: where and by when, who was called and has arrived, what was said, and what is left to do."""
    params.only()
    return page(code)


@bp.post("/<code>/arrive")
@needs(ANSWER)
def arrive(code: str) -> AnyResponse:
    """Write down that one of those called is there."""
    line = _line(code)
    try:
        one = _one_called(line)
        note, place = forms.text("note"), forms.lon_lat()
        whistle.arrive(current_session(), code, one.seq, actor=actor(), place=place, note=note)
    except WanggeError as error:
        return meeting_forms.refused(error, lambda wrong: page(code, error=wrong, form="arrive"))
    return redirect(url_for("whistle.show", code=code, _anchor="called"))


@bp.post("/<code>/take-back")
@needs(ANSWER)
def take_back(code: str) -> AnyResponse:
    """Take back an arrival that was noted by mistake, with the reason."""
    line = _line(code)
    try:
        one = _one_called(line)
        whistle.take_back(current_session(), code, one.seq, reason=forms.needed("why"), actor=actor())
    except WanggeError as error:
        seq = forms.typed().get("seq", "")
        return meeting_forms.refused(error, lambda wrong: page(code, error=wrong, form=f"take-back-{seq}"))
    return redirect(url_for("whistle.show", code=code, _anchor="called"))


@bp.post("/<code>/close")
@needs(CALL)
def close(code: str) -> AnyResponse:
    """End a call with its minutes, or put those right."""
    own(code)
    try:
        minutes = forms.needed("minutes", longest=whistle.LONGEST_MINUTES)
        whistle.close(current_session(), code, minutes=minutes, actor=actor())
    except WanggeError as error:
        return meeting_forms.refused(error, lambda wrong: page(code, error=wrong, form="close"))
    return redirect(url_for("whistle.show", code=code))


@bp.post("/<code>/cancel")
@needs(CALL)
def cancel(code: str) -> AnyResponse:
    """Call a call off."""
    own(code)
    try:
        whistle.cancel(current_session(), code, reason=forms.needed("reason"), actor=actor())
    except WanggeError as error:
        return meeting_forms.refused(error, lambda wrong: page(code, error=wrong, form="cancel"))
    return redirect(url_for("whistle.show", code=code))


@bp.post("/<code>/tasks")
@needs(CALL)
def resolve(code: str) -> AnyResponse:
    """Write down what is left to do."""
    held = own(code)
    try:
        made = resolutions.resolve(current_session(), held, meetings.resolution_typed(), actor=actor())
    except WanggeError as error:
        return meeting_forms.refused(error, lambda wrong: page(code, error=wrong, form="resolve"))
    return redirect(url_for("whistle.show", code=code, _anchor=f"r{made.seq}"))


def page(code: str, *, error: WanggeError | None = None, form: str = "") -> str:
    """The page of a call; with `error` what is wrong with one of its forms, `form` says which."""
    line = _line(code)
    session = current_session()
    held = whistle.whistle_call(session, code)
    at = position_of(held.geom)
    field, wrong = forms.wrong(error) if error else ("", "")
    can_set = may_in(CALL, line.level, line.area_code)
    called = queries.invitees(session, held.id)
    tasks = resolution_queries.of_whistle(session, held.id, scope=ticket_scope())
    return render_template(
        "whistle_call.html",
        call=held,
        line=line,
        reason=_told(held.reason),
        minutes=_told(held.minutes),
        told=_told,
        when=whistle_words.when(line, datetime.now(UTC)),
        area_name=meetings.area_name(line.level, line.area_code),
        ticket_number=_ticket_seen(line),
        called=[(one, may_answer(line, one), _is_own(one)) for one in called],
        rows=resolution_rows.rows(tasks, is_ours=_is_called()),
        at=at,
        picture=_picture(held, at) if at else None,
        can_set=can_set,
        can_make=resolution_rows.may_make(line.level, line.area_code) if can_set else {},
        **meetings.form_parts(line.level, line.area_code, is_set=can_set),
        changes=_changes(code) if can_set else [],
        form=form,
        typed=forms.typed() if error else {},
        wrong_field=field,
        wrong=wrong,
        words=meeting_words,
        whistle_words=whistle_words,
        texts={"locating": _("Finding your position …")},
    )


def scope() -> CallScope:
    """The calls that whoever asks may read."""
    seen = ticket_scope()
    if not may(READ):
        return CallScope(is_all=False, caller="")
    is_all = reach(READ, access.role()) != OWN or seen.is_all
    unit = own_unit()
    return CallScope(is_all, actor(), seen.towns or (), None if unit is None else unit.id)


def own(code: str) -> WhistleCall:
    """The call, for whoever may lead it. Raises NotFound for one they may not even read, and NotAllowed."""
    line = _line(code)
    demand_in(CALL, line.level, line.area_code)
    return whistle.whistle_call(current_session(), code)


def may_answer(line: CallLine, one: Invitee) -> bool:
    """Whether whoever asks may say that one has arrived: the unit or office itself, and who leads the call."""
    if not may(ANSWER):
        return False
    return _is_own(one) or may_in(CALL, line.level, line.area_code)


def calls_of_ticket(ticket_id: int) -> list[CallLine]:
    """Calls from a ticket, as far as whoever asks may read them."""
    return queries.calls_of_ticket(current_session(), scope(), ticket_id) if may(READ) else []


def calls_of_codes(codes: Collection[str]) -> dict[str, CallLine]:
    """Calls by code, as far as whoever asks may read them, with what they are about as it is told here."""
    found = queries.calls_of_codes(current_session(), scope(), codes) if codes and may(READ) else {}
    return {code: line._replace(reason=_told(line.reason)) for code, line in found.items()}


def _one_called(line: CallLine) -> Invitee:
    """The one whose number the form says, for whoever may answer for them. Raises BadValue and NotAllowed."""
    seq = forms.whole("seq", low=1, high=whistle.MOST_INVITED)
    one = next((each for each in queries.invitees(current_session(), line.id) if each.seq == seq), None)
    if one is None:
        raise BadValue("seq", "unknown", seq or "")
    if not may_answer(line, one):
        raise NotAllowed(ANSWER)
    return one


def _is_own(one: Invitee) -> bool:
    """Whether it is the unit or the office that whoever asks works for."""
    if one.unit_id is not None:
        return account().unit_id == one.unit_id
    return access.own_area() == one.office_code or (access.own_area() is None and one.office_code == district().code)


def _is_called() -> bool:
    """Whether whoever asks works for a unit: units read only of calls they are called to, and those as written."""
    return account().unit_id is not None


def _told(words: str | None) -> str:
    return resolution_rows.told_here(words, is_ours=_is_called()) or ""


def _line(code: str) -> CallLine:
    """The call of that code. Raises NotFound for one that whoever asks may not read as for one there is not."""
    found = queries.call_of_code(current_session(), scope(), code)
    if found is None:
        raise NotFound("whistle call", code)
    return found


def _draft() -> CallDraft:
    level, code = meeting_forms.area()
    demand_in(CALL, level, code)
    meet_at, place = forms.moment("meet_at"), pick_place.needed()
    if meet_at is None:
        raise BadValue("meet_at", "missing")
    return CallDraft(
        level=level,
        area_code=code,
        reason=forms.needed("reason", longest=whistle.LONGEST_REASON),
        meet_at=meet_at,
        place=place,
        invited=tuple(one for number in range(1, LINES + 1) if (one := _invited(number)) is not None),
        address=forms.text("address", longest=200),
        ticket=forms.text("ticket", longest=40),
    )


def _invited(number: int) -> Invited | None:
    """Who a line of the form names: an office by its name here, a unit by its code or name; None for an empty line."""
    field, part = f"who_{number}", forms.text(f"part_{number}", longest=100)
    said = forms.text(field)
    if said is None:
        if part is not None:
            raise BadValue(field, "missing")
        return None
    office = next((code for code, name in _offices().items() if said in {name, code}), None)
    return Invited(office=office, part=part) if office else Invited(meeting_forms.unit_needed(field), part=part)


def _offices() -> dict[str, str]:
    """Offices that can be called, by the code of their area."""
    places = {district().code: district().name, **areas.names("town")}
    return {code: str(_("office of %(area)s", area=name)) for code, name in places.items()}


def _form(typed: Mapping[str, Any], error: WanggeError | None = None) -> str:
    field, wrong = forms.wrong(error) if error else ("", "")
    level, _divider, code = str(typed.get("area") or "").partition(":")
    return render_template(
        "whistle_form.html",
        picker=pick_place.picker(),
        typed=typed,
        wrong_field=field,
        wrong=wrong,
        areas=meeting_forms.area_choices(CALL),
        offices=list(_offices().values()),
        units=meeting_forms.units_of(level, code),
        lines=range(1, LINES + 1),
    )


def _changes(code: str) -> list[ChangeRow]:
    labels = {**meeting_words.resolution_fields(), **whistle_words.fields()}
    return resolution_rows.changes([whistle.KIND], labels, code, whistle_words.states())


def _ticket_seen(line: CallLine) -> str | None:
    """The number of the ticket it is about, where whoever asks may see that."""
    if line.ticket_number is None:
        return None
    try:
        return access.ticket(line.ticket_number).number
    except NotFound:
        return None


def _picture(held: WhistleCall, at: LonLat) -> PlaceMap:
    return place_map(
        current_session(),
        [Spot(*at, TICKET_WORK)],
        title=_("Map of the place of %(name)s", name=held.code),
        metre_srid=district().metre_srid,
        village_code=held.village_code,
    )
