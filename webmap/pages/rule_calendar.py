"""The working calendar: a year at a glance, and changes that are shown before they are made."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus
from typing import NamedTuple

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask_babel import format_date
from werkzeug.wrappers import Response as AnyResponse

from geodata.errors import BadCalendar, BeyondCalendar
from geodata.services import calendars, rules
from geodata.services.calendar_changes import DayChange, HoursChange, change, read_spells, said_spells
from geodata.services.calendars import Span
from geodata.services.recalculation import MovedDeadline
from spatial.errors import WanggeError
from webmap import params
from webmap.access import actor, needs
from webmap.errors import BadParameter
from webmap.pages import areas, deadline_words, rule_forms, rule_words, ticket_words
from webmap.pages.rule_forms import READ, SET, demand_set, may_set, said
from webmap.records import current_session

bp = Blueprint("rule_calendar", __name__, url_prefix="/rules/calendar")

MOST_LISTED = 100
# Holidays are published a year ahead, and tickets of some years ago are looked at again.
FIRST_YEAR, LAST_YEAR = 2000, 2100


class SpanLine(NamedTuple):
    """Days on end in words."""

    span: Span
    days: str
    name: str


class MovedLine(NamedTuple):
    """A deadline that moves, in words."""

    moved: MovedDeadline
    stage: str
    before: str
    after: str
    by: str


@bp.get("")
@needs(READ)
def index() -> str:
    """A year, the present one unless `year` names another."""
    params.only("year", "moved")
    return _page(params.whole("year", low=FIRST_YEAR, high=LAST_YEAR) or rules.today(current_session()).year)


@bp.post("/preview")
@needs(SET)
def preview() -> AnyResponse:
    """What a change would be, and which deadlines would move: nothing is changed yet."""
    demand_set()
    try:
        wanted = _wanted()
        moved = change(current_session(), [wanted], actor=actor(), dry_run=True)
    except (BadCalendar, BeyondCalendar, BadParameter) as error:
        return _refused(error)
    later = sum(one.seconds > 0 for one in moved)
    return Response(
        render_template(
            "rules_calendar_preview.html",
            change=_said(wanted),
            fields={name: value for name, value in request.form.items(multi=True) if name != "csrf_token"},
            weekdays=request.form.getlist("weekday"),
            lines=[_moved(one) for one in moved[:MOST_LISTED]],
            count=len(moved),
            later=later,
            earlier=sum(one.seconds < 0 for one in moved),
            by_town=_by_town(moved),
            year=_year_of(wanted),
        )
    )


@bp.post("")
@needs(SET)
def apply() -> AnyResponse:
    """Make the change of the form; deadlines of running clocks move along."""
    demand_set()
    try:
        wanted = _wanted()
        moved = change(current_session(), [wanted], actor=actor())
    except (BadCalendar, BeyondCalendar, BadParameter) as error:
        return _refused(error)
    return redirect(url_for("rule_calendar.index", year=_year_of(wanted), moved=len(moved)))


def _page(number: int, *, wrong: str = "", typed: dict[str, str] | None = None) -> str:
    session = current_session()
    year = calendars.year_of(session, number)
    spells = calendars.calendar(session).spells
    names = rule_words.weekdays("wide")
    return render_template(
        "rules_calendar.html",
        year=year,
        month_names={month.first: format_date(month.first, "LLLL") for month in year.months},
        weekday_heads=list(zip(rule_words.weekdays("narrow"), names, strict=True)),
        day_name=deadline_words.name,
        lines=[_span(span) for span in year.named],
        days_off=sum(span.days for span in year.named if span.kind == "off"),
        days_made_up=sum(span.days for span in year.named if span.kind == "made_up"),
        is_known=number in calendars.known_years(session),
        hours=[(n, names[n - 1], said_spells(spells.get(n, ()))) for n in range(1, 8)],
        weekday_names=names,
        today=rules.today(session),
        first_year=FIRST_YEAR,
        last_year=LAST_YEAR,
        moved=params.whole("moved", low=0, high=10**9),
        can_set=may_set(),
        wrong=wrong,
        typed=typed or {},
    )


def _refused(error: WanggeError) -> Response:
    current_session().rollback()
    _, words = rule_forms.wrong(error)
    page = _page(rules.today(current_session()).year, wrong=words, typed=dict(request.form))
    return Response(page, HTTPStatus.UNPROCESSABLE_ENTITY)


def _wanted() -> DayChange | HoursChange:
    """The change that the form tells: of days, or of the hours of weekdays. Raises BadCalendar and BadParameter."""
    if said("what") == "hours":
        weekdays = tuple(int(each) for each in request.form.getlist("weekday") if each in {*"1234567"})
        if not weekdays:
            raise BadCalendar("no weekday is chosen")
        return HoursChange(weekdays, read_spells(said("spells")))
    first = rule_forms.day("first")
    if first is None:
        raise BadParameter("first", "", "a day such as 2026-03-02")
    kind = said("kind")
    if kind not in {"off", "work", "normal"}:
        raise BadParameter("kind", kind, "off, work or normal")
    like = said("like")
    return DayChange(
        first,
        rule_forms.day("last") or first,
        kind,  # type: ignore[arg-type] # checked above
        int(like) if like in {*"1234567"} else None,
        said("name_zh", longest=60),
        said("name_en", longest=60),
    )


def _said(wanted: DayChange | HoursChange) -> dict[str, str]:
    """The change in words."""
    names = rule_words.weekdays("wide")
    if isinstance(wanted, HoursChange):
        weekdays = rule_words.listed([names[n - 1] for n in wanted.weekdays])
        return {"what": weekdays, "becomes": said_spells(wanted.spells) or rule_words.kinds()["rest"]}
    kind = {"off": "off", "work": "made_up", "normal": "normal"}[wanted.kind]
    found = {"what": deadline_words.days(wanted.first, wanted.last), "becomes": rule_words.kinds()[kind]}
    if wanted.kind == "work":
        found["like"] = names[(wanted.as_weekday or 1) - 1]
    if wanted.name_zh or wanted.name_en:
        found["name"] = wanted.name_zh or wanted.name_en
    return found


def _year_of(wanted: DayChange | HoursChange) -> int:
    year = wanted.first.year if isinstance(wanted, DayChange) else rules.today(current_session()).year
    return min(max(year, FIRST_YEAR), LAST_YEAR)


def _span(span: Span) -> SpanLine:
    return SpanLine(span, deadline_words.days(span.first, span.last), deadline_words.name(span.name))


def _moved(one: MovedDeadline) -> MovedLine:
    stage, by = ticket_words.stages()[one.stage], rule_words.moved(one.seconds)
    return MovedLine(one, stage, _moment(one.before), _moment(one.after), by)


def _moment(at: datetime | None) -> str:
    return deadline_words.moment(at) if at else rule_words.standing()


def _by_town(moved: Sequence[MovedDeadline]) -> list[tuple[str, int]]:
    """How many deadlines move in each town, the most first."""
    names = areas.names("town")
    counts = Counter(names.get(one.town_code or "", rule_words.district()) for one in moved)
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
