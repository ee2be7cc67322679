"""What is done with a resolution: made into a ticket, project or demand, settled by hand, put right."""

from collections.abc import Callable

from flask import Blueprint, redirect
from werkzeug.wrappers import Response as AnyResponse

from geodata.models import JOINTS, RESOLUTION_STATES, Meeting, Resolution
from geodata.record_errors import BadValue
from geodata.services import reports, resolutions
from geodata.services.resolution_targets import DemandWanted, Origin, ProjectWanted, TicketWanted, resource_kinds
from spatial.errors import WanggeError
from webmap.access import actor, demand_in, may, needs
from webmap.pages import forms, meeting_forms, meetings, whistle
from webmap.records import current_session

bp = Blueprint("resolutions", __name__, url_prefix="/resolutions")

# What may be done, and which permission it takes beside that on the meeting or the call itself.
ALSO = {"ticket": "ticket.report", "project": "project.set", "demand": "demand.set", "state": None, "words": None}


@bp.post("/<int(max=2147483647):resolution_id>/<any(ticket, project, demand, state, words):becomes>")
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


def _to_ticket(held: Resolution) -> None:
    place = meeting_forms.place("place")
    if place is None:
        raise BadValue("place", "missing")
    session = current_session()
    if not may("ticket.report", town_code=reports.town_at(session, lon=place[0], lat=place[1]) or ""):
        # it lies in another town, whose office takes it in
        raise BadValue("place", "place", meeting_forms.shown(place))
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
