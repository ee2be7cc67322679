"""Meetings: the month as a calendar and a list, one meeting as a sheet, and the forms that write it."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from geodata.models import BODIES, MEETING_STATES, POSITIONS, Meeting
from geodata.queries import meetings as queries
from geodata.queries import resolutions as resolution_queries
from geodata.queries.meetings import MeetingLine
from geodata.record_errors import BadValue
from geodata.services import meetings, periods, resolution_targets, resolutions
from geodata.services.meetings import LONGEST_MINUTES, MeetingDraft
from geodata.services.placing import position_of
from geodata.services.resolutions import ResolutionDraft
from spatial.errors import WanggeError
from webmap import conditions, params
from webmap.access import actor, demand_in, may_in, needs, own_area, ticket_scope
from webmap.languages import language, zone
from webmap.maps.drawing_place import PlaceMap, Spot, place_map
from webmap.maps.styles import POINT
from webmap.pages import areas, forms, index_words, meeting_forms, meeting_words, pick_place, resolution_rows
from webmap.pages.change_rows import ChangeRow
from webmap.records import current_session, district

bp = Blueprint("meetings", __name__, url_prefix="/meetings")

READ, SET = "meeting.read", "meeting.set"

# So many days the calendar of a month has at most; other periods are a list alone.
MOST_LISTED = 500

# What the address says for the whole district; without a word it is the area that whoever asks works for.
ALL = "all"


class Day(NamedTuple):
    """A day of the calendar with its meetings; `is_inside` the month."""

    day: date
    is_inside: bool
    meetings: list[MeetingLine]


@bp.get("")
@needs(READ)
def index() -> str:
    """The meetings of a period, a month as a rule, and what of their resolutions is still open."""
    params.only("period", *conditions.NAMES["meetings"])
    session, today = current_session(), datetime.now(ZoneInfo(zone())).date()
    period = params.period(periods.containing("month", today))
    body, state = params.one_of("body", BODIES), params.one_of("state", MEETING_STATES)
    area = params.text("area") or own_area() or ALL
    asked = {"body": body, "area": area, "state": state}
    within = None if area in {ALL, district().code} else area
    lines = queries.listed(
        session,
        since=_midnight(period.since),
        before=_midnight(period.until + timedelta(days=1)),
        body=body,
        state=state,
        area=within,
        most=MOST_LISTED,
    )
    found = resolution_queries.still_open(session, scope=ticket_scope(), body=body, area=within)
    kept = {"area": area, "since": period.since.isoformat(), "until": period.until.isoformat()}
    return render_template(
        "meetings.html",
        lines=lines,
        weeks=_weeks(period, lines) if period.kind == "month" else [],
        weekdays=_weekdays(),
        period=period,
        period_name=index_words.period(period),
        asked=asked,
        address=lambda **changed: _address({**asked, "period": period.word, **changed}),
        today=today,
        open=resolution_rows.rows(found),
        late=sum(line.is_late(today) for line in found),
        towns=areas.names("town"),
        villages=areas.names("village"),
        sheet=conditions.sheet_address("meetings", **kept),
        exports=conditions.export_address("meetings", **kept),
        can_plan=bool(meeting_forms.area_choices(SET)),
        words=meeting_words,
    )


@bp.get("/new")
@needs(SET)
def new() -> str:
    """The form of a meeting that is to be."""
    params.only("area", "body")
    return _form(None, {"area": params.text("area") or "", "body": params.text("body") or "joint_conference"})


@bp.post("")
@needs(SET)
def plan() -> AnyResponse:
    """Write down a meeting that is to be."""
    try:
        made = meetings.plan(current_session(), _draft(), actor=actor())
    except WanggeError as error:
        return meeting_forms.refused(error, lambda wrong: _form(None, forms.typed(), wrong))
    return redirect(url_for("meetings.show", code=made.code))


@bp.get("/<code>")
@needs(READ)
def show(code: str) -> str:
    """One meeting: when and where, who sits in it, what was said and resolved, and what came of that."""
    params.only()
    return page(code)


@bp.get("/<code>/edit")
@needs(SET)
def edit(code: str) -> str:
    """The form of a planned meeting."""
    params.only()
    held = _own(code)
    typed = {
        **{name: getattr(held, name) or "" for name in ("name", "body", "agenda", "address")},
        "area": f"{held.level}:{held.area_code}",
        "held_at": meeting_forms.local(held.held_at),
        **pick_place.typed(position_of(held.geom)),
    }
    return _form(held, typed)


@bp.post("/<code>/edit")
@needs(SET)
def change(code: str) -> AnyResponse:
    """Have a planned meeting be as the form says."""
    held = _own(code)
    try:
        meetings.change(current_session(), code, _draft(), actor=actor())
    except WanggeError as error:
        return meeting_forms.refused(error, lambda wrong: _form(held, forms.typed(), wrong))
    return redirect(url_for("meetings.show", code=code))


@bp.post("/<code>/cancel")
@needs(SET)
def cancel(code: str) -> AnyResponse:
    """Call a planned meeting off."""
    _own(code)
    meetings.cancel(current_session(), code, actor=actor())
    return redirect(url_for("meetings.show", code=code))


@bp.post("/<code>/hold")
@needs(SET)
def hold(code: str) -> AnyResponse:
    """Write down who came and what was said."""
    _own(code)
    try:
        minutes = forms.text("minutes", longest=LONGEST_MINUTES)
        came = request.form.getlist("came")
        meetings.hold(current_session(), code, came=came, minutes=minutes, actor=actor())
    except WanggeError as error:
        return meeting_forms.refused(error, lambda wrong: page(code, error=wrong, form="hold"))
    return redirect(url_for("meetings.show", code=code))


@bp.post("/<code>/seats")
@needs(SET)
def invite(code: str) -> AnyResponse:
    """Give a unit a seat at this meeting."""
    _own(code)
    try:
        position = forms.one_of("position", POSITIONS, otherwise="member")
        meetings.invite(current_session(), code, meeting_forms.unit_needed("unit"), position=position, actor=actor())
    except WanggeError as error:
        return meeting_forms.refused(error, lambda wrong: page(code, error=wrong, form="seats"))
    return redirect(url_for("meetings.show", code=code, _anchor="seats"))


@bp.post("/<code>/resolutions")
@needs(SET)
def resolve(code: str) -> AnyResponse:
    """Write down what was resolved."""
    held = _own(code)
    try:
        made = resolutions.resolve(current_session(), held, resolution_typed(), actor=actor())
    except WanggeError as error:
        return meeting_forms.refused(error, lambda wrong: page(code, error=wrong, form="resolve"))
    return redirect(url_for("meetings.show", code=code, _anchor=f"r{made.seq}"))


def resolution_typed() -> ResolutionDraft:
    """What a form says of a resolution. Raises BadValue."""
    words = forms.needed("words", longest=resolutions.LONGEST_WORDS)
    return ResolutionDraft(words, meeting_forms.unit("unit"), forms.day("due_on"))


def page(code: str, *, error: WanggeError | None = None, form: str = "") -> str:
    """The page of a meeting; with `error` what is wrong with one of its forms, `form` says which."""
    session = current_session()
    held = meetings.meeting(session, code)
    found = resolution_queries.of_meeting(session, held.id, scope=ticket_scope())
    at = position_of(held.geom)
    field, wrong = forms.wrong(error) if error else ("", "")
    can_set = may_in(SET, held.level, held.area_code)
    seats = queries.seats_of(session, held.id)
    is_ours = resolution_rows.own_code() in {seat.code for seat in seats}
    return render_template(
        "meeting.html",
        meeting=held,
        minutes=resolution_rows.told_here(held.minutes, is_ours=is_ours),
        agenda=resolution_rows.told_here(held.agenda, is_ours=is_ours),
        area_name=area_name(held.level, held.area_code),
        seats=seats,
        rows=resolution_rows.rows(found, is_ours=is_ours),
        at=at,
        picture=_picture(held, at) if at else None,
        can_set=can_set,
        can_make=resolution_rows.may_make(held.level, held.area_code) if can_set else {},
        **form_parts(held.level, held.area_code, is_set=can_set),
        changes=_changes(code) if can_set else [],
        form=form,
        typed=forms.typed() if error else {"minutes": held.minutes},
        wrong_field=field,
        wrong=wrong,
        has_come=meetings.has_come(session, held.held_at),
        is_over=held.held_at <= datetime.now(ZoneInfo(zone())),
        words=meeting_words,
    )


def form_parts(level: str, area_code: str, *, is_set: bool) -> dict[str, Any]:
    """What the forms of resolutions of an area offer to choose from; nothing for who only reads."""
    if not is_set:
        return {"units": [], "joints": {}, "kinds": {}}
    is_english = language() == "en"
    kinds = resolution_targets.resource_kinds(current_session())
    return {
        "units": meeting_forms.units_of(level, area_code),
        "joints": meeting_words.joints(),
        "kinds": {kind.code: kind.name_en if is_english else kind.name_zh for kind in kinds},
    }


def area_name(level: str, code: str) -> str:
    """The name of an area, a village's with its town's; the code where it has none today."""
    if level == "district":
        return district().name
    return areas.names(level).get(code, code)


def _own(code: str) -> Meeting:
    """The meeting, for whoever may write it. Raises NotFound, SignInNeeded and NotAllowed."""
    held = meetings.meeting(current_session(), code)
    demand_in(SET, held.level, held.area_code)
    return held


def _draft() -> MeetingDraft:
    level, code = meeting_forms.area()
    demand_in(SET, level, code)
    held_at = forms.moment("held_at")
    if held_at is None:
        raise BadValue("held_at", "missing")
    return MeetingDraft(
        name=forms.needed("name", longest=100),
        body=forms.one_of("body", BODIES),
        level=level,
        area_code=code,
        held_at=held_at,
        agenda=forms.text("agenda", longest=forms.LONGEST_WORDS),
        address=forms.text("address", longest=200),
        place=pick_place.told(),
    )


def _form(held: Meeting | None, typed: Mapping[str, Any], error: WanggeError | None = None) -> str:
    field, wrong = forms.wrong(error) if error else ("", "")
    return render_template(
        "meeting_form.html",
        picker=pick_place.picker(),
        meeting=held,
        typed=typed,
        wrong_field=field,
        wrong=wrong,
        areas=meeting_forms.area_choices(SET),
        bodies=meeting_words.bodies(),
    )


def _changes(code: str) -> list[ChangeRow]:
    labels = {**meeting_words.resolution_fields(), **meeting_words.fields()}
    return resolution_rows.changes([meetings.KIND], labels, code, meeting_words.states())


def _picture(held: Meeting, at: meetings.LonLat) -> PlaceMap:
    return place_map(
        current_session(),
        [Spot(*at, POINT)],
        title=_("Map of the place of %(name)s", name=held.name),
        metre_srid=district().metre_srid,
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=ZoneInfo(zone()))


def _weeks(period: periods.Period, lines: list[MeetingLine]) -> list[list[Day]]:
    """The weeks of a month from Monday, whole ones."""
    by_day: dict[date, list[MeetingLine]] = {}
    for line in lines:
        by_day.setdefault(line.held_at.astimezone(ZoneInfo(zone())).date(), []).append(line)
    first = period.since - timedelta(days=period.since.weekday())
    count = ((period.until - first).days // 7 + 1) * 7
    days = [first + timedelta(days=number) for number in range(count)]
    made = [Day(day, period.since <= day <= period.until, by_day.get(day, [])) for day in days]
    return [made[start : start + 7] for start in range(0, count, 7)]


def _weekdays() -> list[tuple[str, str]]:
    """Short and long names of the weekdays from Monday."""
    names = get_locale().days["stand-alone"]
    return [(str(names["abbreviated"][number]), str(names["wide"][number])) for number in range(7)]


def _address(query: Mapping[str, str | None]) -> str:
    given: dict[str, Any] = {name: value for name, value in query.items() if value}
    return url_for("meetings.index", **given)
