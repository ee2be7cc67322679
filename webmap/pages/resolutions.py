"""What is done with a resolution: made into a ticket, project or demand, settled by hand, put right."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, redirect, render_template
from werkzeug.wrappers import Response as AnyResponse

from geodata.models import JOINTS, RESOLUTION_STATES, Meeting, MemberUnit, Resolution
from geodata.record_errors import BadValue
from geodata.services import reports, resolutions
from geodata.services.categories import categories
from geodata.services.placing import position_of
from geodata.services.resolution_targets import DemandWanted, Origin, ProjectWanted, TicketWanted, resource_kinds
from spatial.errors import WanggeError
from webmap import params
from webmap.access import actor, demand_in, may, needs
from webmap.pages import forms, meeting_forms, meetings, pick_place, resolution_rows, whistle
from webmap.records import current_session

bp = Blueprint("resolutions", __name__, url_prefix="/resolutions")

TITLE_LENGTH = 40

# What may be done, and which permission it takes beside that on the meeting or the call itself.
ALSO = {"ticket": "ticket.report", "project": "project.set", "demand": "demand.set", "state": None, "words": None}


@bp.get("/<int:resolution_id>/ticket")
@needs("meeting.read")
def ticket_form(resolution_id: int) -> str:
    """The form that makes a ticket of a resolution, at the place of its meeting, its call or its unit."""
    params.only()
    session = current_session()
    held = resolutions.resolution(session, resolution_id)
    origin = resolutions.origin_of(session, held)
    _demand(origin, "ticket")
    unit = session.get(MemberUnit, held.unit_id) if held.unit_id else None
    place = position_of(origin.geom) or (position_of(unit.geom) if unit else None)
    return _ticket_page(held, {"title": held.words[:TITLE_LENGTH], **pick_place.typed(place)})


@bp.post("/<int:resolution_id>/<any(ticket, project, demand, state, words):becomes>")
@needs("meeting.read")
def do(resolution_id: int, becomes: str) -> AnyResponse:
    """Make something of a resolution, settle it, or put it right."""
    session = current_session()
    held = resolutions.resolution(session, resolution_id)
    origin = resolutions.origin_of(session, held)
    _demand(origin, becomes)
    seq = held.seq
    try:
        _DEEDS[becomes](held)
    except WanggeError as error:
        if becomes == "ticket":
            return meeting_forms.refused(error, lambda wrong: _ticket_page(_again(resolution_id), forms.typed(), wrong))
        code, form = origin.code, f"{becomes}-{seq}"
        show = meetings.page if isinstance(origin, Meeting) else whistle.page
        return meeting_forms.refused(error, lambda wrong: show(code, error=wrong, form=form))
    return redirect(_address(origin, seq))


def _demand(origin: Origin, becomes: str) -> None:
    """Raise unless whoever asks may write the origin, and make that of it."""
    if isinstance(origin, Meeting):
        demand_in(meetings.SET, origin.level, origin.area_code)
    else:
        whistle.own(origin.code)
    if also := ALSO[becomes]:
        demand_in(also, origin.level, origin.area_code)


def _address(origin: Origin, seq: int) -> str:
    path = "meetings" if isinstance(origin, Meeting) else "whistle"
    return f"/{path}/{origin.code}#r{seq}"


def _again(resolution_id: int) -> Resolution:
    return resolutions.resolution(current_session(), resolution_id)


def _ticket_page(held: Resolution, typed: Mapping[str, Any], error: WanggeError | None = None) -> str:
    session = current_session()
    origin = resolutions.origin_of(session, held)
    field, wrong = forms.wrong(error) if error else ("", "")
    return render_template(
        "resolution_ticket.html",
        resolution_id=held.id,
        resolved=resolution_rows.told_here(held.words),
        origin=resolution_rows.told_here(origin.name if isinstance(origin, Meeting) else origin.reason),
        back=_address(origin, held.seq),
        typed=typed,
        wrong_field=field,
        wrong=wrong,
        categories=categories(session),
        picker=pick_place.picker(),
    )


def _to_ticket(held: Resolution) -> None:
    place = pick_place.needed()
    session = current_session()
    if not may("ticket.report", town_code=reports.town_at(session, lon=place[0], lat=place[1]) or ""):
        # it lies in another town, whose office takes it in
        raise BadValue("place", "place", f"{place[0]:.6f}, {place[1]:.6f}")
    wanted = TicketWanted(
        category=forms.needed("category"),
        title=forms.needed("title", longest=100),
        place=place,
        address=forms.text("address", longest=200),
    )
    resolutions.to_ticket(session, held.id, wanted, actor=actor())


def _to_project(held: Resolution) -> None:
    wanted = ProjectWanted(forms.one_of("joint", JOINTS), forms.needed("name", longest=100))
    resolutions.to_project(current_session(), held.id, wanted, actor=actor())


def _to_demand(held: Resolution) -> None:
    kinds = {kind.code for kind in resource_kinds(current_session())}
    wanted = DemandWanted(forms.one_of("kind_code", kinds), forms.needed("name", longest=100))
    resolutions.to_demand(current_session(), held.id, wanted, actor=actor())


def _settle(held: Resolution) -> None:
    state = forms.one_of("state", RESOLUTION_STATES)
    note = forms.text("note")
    resolutions.settle(current_session(), held.id, state, note=note, actor=actor())


def _reword(held: Resolution) -> None:
    resolutions.change(current_session(), held.id, meetings.resolution_typed(), actor=actor())


_DEEDS: dict[str, Callable[[Resolution], None]] = {
    "ticket": _to_ticket,
    "project": _to_project,
    "demand": _to_demand,
    "state": _settle,
    "words": _reword,
}
