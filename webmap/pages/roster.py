"""The duty roster: a week of teams and points, who is on duty now, and the areas that share them."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from geodata.models import RosterTurn
from geodata.queries.roster import NamedService, Service
from geodata.record_errors import BadValue
from geodata.services import roster, units
from geodata.services.clocks import day_of
from geodata.services.roster import MOST_WEEKS, Slot
from spatial.errors import WanggeError
from webmap import params
from webmap.access import actor, demand, demand_in, may, may_in, needs
from webmap.errors import NotAllowed, SignInNeeded
from webmap.pages import areas, change_rows, forms, paging
from webmap.pages.rule_words import weekdays
from webmap.records import current_session, district

bp = Blueprint("roster", __name__, url_prefix="/roster")

SET = "roster.set"
KINDS = ("team", "point")

# As many as a phone shows in a few screens.
SERVICES_A_PAGE = 15


@bp.get("")
@needs("map.read")
def index() -> str:
    """The week of `day` (today's without), of a town's services and those shared with it, or of all.

    `kind` leaves teams or points alone. Those with a roster this week come page by page (`page`), and those without are
    a short list.
    """
    params.only("day", "town", "kind", "page")
    towns = areas.names("town")
    kind, page = params.one_of("kind", KINDS), paging.asked_page()
    return _page(params.day("day"), params.one_of("town", list(towns)), kind=kind, page=page)


@bp.get("/<any(team, point):of_kind>/<code>")
@needs("map.read")
def show(of_kind: str, code: str) -> str:
    """One team or point: the areas it is shared with, and its turns of four weeks."""
    params.only()
    session = current_session()
    service = roster.named(session, of_kind, code)
    today = day_of(session, datetime.now(UTC))
    weeks = [roster.week(session, today + timedelta(weeks=n)) for n in range(4)]
    turns = [
        turn for one in weeks for (kind, of, _day), held in sorted(one.turns.items()) if (kind, of) == (of_kind, code)
        for turn in held
    ]  # fmt: skip
    shared = roster.shared_with(session, service)
    names = {level: areas.names(level) for level in ("town", "village")}
    return render_template(
        "roster_service.html",
        service=service,
        turns=sorted(turns, key=lambda turn: (turn.day, turn.opens)),
        shared=shared,
        names=names,
        can_set=_may_set(service),
        weekdays=weekdays(),
        changes=change_rows.rows(
            [roster.KIND, roster.KIND_OF_SHARING],
            {"day": _("Day"), "hours": _("Hours"), "who": _("On duty"), "areas": _("Areas")},
            about={"of_kind": of_kind, "of_code": code},
        ),
    )


@bp.post("")
@needs(SET)
def add() -> AnyResponse:
    """Put a unit or a role on duty."""
    session = current_session()
    day = None
    try:
        service = _service()
        _demand(service)
        day, opens, closes = forms.day("day"), forms.clock("opens"), forms.clock("closes")
        if day is None or opens is None or closes is None:
            raise BadValue("day" if day is None else "opens" if opens is None else "closes", "missing")
        slot = Slot(day, opens, closes, forms.whole("weeks", low=1, high=MOST_WEEKS) or 1)
        code = forms.text("unit", longest=64)
        unit = units.unit(session, code) if code else None
        roster.add_turns(session, service, slot, actor=actor(), unit=unit, role=forms.text("role", longest=60))
    except WanggeError as error:
        if isinstance(error, NotAllowed | SignInNeeded):
            raise
        session.rollback()
        return Response(_page(day, None, typed=forms.typed(), wrong=error), HTTPStatus.UNPROCESSABLE_ENTITY)
    return redirect(url_for("roster.index", day=slot.day.isoformat()))


@bp.post("/turns/<int:turn_id>/remove")
@needs(SET)
def remove(turn_id: int) -> AnyResponse:
    """Take a turn off the roster."""
    session = current_session()
    turn = session.get(RosterTurn, turn_id)
    if turn is not None:
        _demand(roster.named(session, turn.of_kind, turn.of_code))
    day = turn.day.isoformat() if turn else None
    roster.remove_turn(session, turn_id, actor=actor())
    return redirect(url_for("roster.index", day=day))


@bp.post("/<any(team, point):of_kind>/<code>/share")
@needs(SET)
def share(of_kind: str, code: str) -> AnyResponse:
    """Say which areas share a team or point."""
    session = current_session()
    service = roster.named(session, of_kind, code)
    _demand(service)
    told = [tuple(one.partition(":")[::2]) for one in forms.several("areas", most=1000)]
    roster.share(session, service, [(level, area) for level, area in told], actor=actor())
    return redirect(url_for("roster.show", of_kind=of_kind, code=code))


def _page(
    day: date | None,
    town: str | None,
    *,
    kind: str | None = None,
    page: int = 1,
    typed: Mapping[str, object] | None = None,
    wrong: WanggeError | None = None,
) -> str:
    session = current_session()
    today = day_of(session, datetime.now(UTC))
    found = roster.week(session, day or today, town_code=town)
    listed = [one for one in found.services if kind in {None, one.of_kind}]
    with_turns: list[Service] = []
    idle: list[Service] = []
    for one in listed:
        (with_turns if found.has_turns(one) else idle).append(one)
    at = paging.turned(len(with_turns), lines=SERVICES_A_PAGE, page=page)

    def address(**changed: object) -> str:
        asked: dict[str, Any] = {"day": found.monday.isoformat(), "town": town, "kind": kind, **changed}
        return url_for("roster.index", **asked)

    field, words = forms.wrong(wrong) if wrong else ("", "")
    mine = [one for one in found.services if one.town_code and may(SET) and may_in(SET, "town", one.town_code)]
    return render_template(
        "roster.html",
        week=found,
        services=at.of(with_turns),
        idle=idle,
        count=len(with_turns),
        page=at.page,
        pages=at.pages,
        address=address,
        turn_to=lambda number: address(page=number),
        kind=kind,
        kinds={"team": _("Teams"), "point": _("Duty points")},
        on_duty=roster.on_duty(session, datetime.now(UTC), town_code=town),
        before=(found.monday - timedelta(days=7)).isoformat(),
        after=(found.monday + timedelta(days=7)).isoformat(),
        today=today,
        weekdays=weekdays(),
        towns=areas.names("town"),
        town=town,
        choices={f"{one.of_kind}:{one.code}": one.name for one in mine},
        mine={(one.of_kind, one.code) for one in mine},
        may_call=may("contact.read"),
        typed=typed or {"day": (day or today).isoformat(), "opens": "08:30", "closes": "17:00", "weeks": 1},
        wrong_field=field,
        wrong=words,
    )


def _service() -> NamedService:
    """The team or point that the form names. Raises BadValue and NotFound."""
    kind, _colon, code = forms.needed("service", longest=80).partition(":")
    if kind not in KINDS:
        raise BadValue("service", "unknown", kind)
    return roster.named(current_session(), kind, code)


def _may_set(service: NamedService) -> bool:
    return may(SET) and may_in(SET, "town" if service.town_code else "district", service.town_code or district().code)


def _demand(service: NamedService) -> None:
    """Raise unless the roster of a team or point is for whoever asks to change."""
    demand(SET)
    demand_in(SET, "town" if service.town_code else "district", service.town_code or district().code)
