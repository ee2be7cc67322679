"""The list of somebody who works outside: what waits for them, by deadline or by the way past it, and their patrol."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response

from geodata.queries.desk import DeskLine, desk_counts, desk_lines
from geodata.queries.ticket_filter import TicketFilter
from geodata.services import visits
from geodata.services.walks import Stop, round_of
from geodata.services.workflow import HANDLING
from spatial.route import MOST_STOPS
from webmap import params
from webmap.access import actor, demand, may, needs, own_unit, ticket_scope, user_id
from webmap.pages import words
from webmap.pages.stops import moved_row, stop_cards
from webmap.records import current_session
from webmap.responses import as_json, wants_json

bp = Blueprint("mine", __name__, url_prefix="/mine")

# What somebody outside does with a ticket: take it, work on it, look at what others did.
WORK = ("accept", "handle", "check")
SORTS = ("due", "route")


@bp.get("")
@needs("ticket.handle")
def show() -> str | Response:
    """Tickets that wait for whoever asks, those of one `desk` or all, by deadline or (`sort=route`) by a walk.

    `moved` is the number of one that has just been moved from here: how it stands now is said. Somebody of a unit
    has the unit's own page.
    """
    params.only("desk", "sort", "moved")
    if (unit := own_unit()) is not None:
        return redirect(url_for("unit_work.show", code=unit.code))
    session = current_session()
    desk = params.one_of("desk", WORK)
    sort = params.one_of("sort", SORTS) or SORTS[0]
    lines = _lines((desk,) if desk else WORK)
    found = round_of(session, lines) if sort == "route" else None
    stops = found.stops if found else [Stop(line, None) for line in lines]
    counts = desk_counts(session, TicketFilter(scope=ticket_scope()), todo=WORK, handler=actor(), handling=HANDLING)
    titles = words.desks()
    query = {**({"desk": desk} if desk else {}), **({"sort": sort} if sort != SORTS[0] else {})}
    return render_template(
        "mine.html",
        rows=stop_cards(stops),
        sort=sort,
        desk=desk,
        metres=found.metres if found else None,
        most=MOST_STOPS,
        is_cut=(counts.desks[desk] if desk else counts.todo) > len(lines),
        chips=[(name, titles[name], counts.desks[name]) for name in WORK],
        total=counts.todo,
        address=lambda **changes: url_for("mine.show", **{**query, **changes}),
        moved=moved_row(params.text("moved")),
        patrol=visits.patrol(session, user_id()),
        visited=visits.visited_today(session, [line.cell_code for line in lines if line.cell_code]),
        may_patrol=may("ticket.handle"),
        config=_config(desk),
    )


@bp.post("/route")
@needs("ticket.handle")
def route() -> Response:
    """The order of a walk from the form's `lon` and `lat`: numbers and metres. Where one stands is kept nowhere."""
    lon, lat = params.form_lon_lat()
    desk = request.form.get("desk")
    found = round_of(current_session(), _lines((desk,) if desk in WORK else WORK), start=(lon, lat))
    return as_json(
        {
            "metres": round(found.metres),
            "stops": [
                {"number": stop.line.line.number, "leg": None if stop.leg_m is None else round(stop.leg_m)}
                for stop in found.stops
            ],
        }
    )


@bp.post("/visits")
@needs("ticket.handle")
def walked() -> Response:
    """Write down that a cell was walked today: the one of the form's `cell`, or where `lon` and `lat` are."""
    session = current_session()
    code = request.form.get("cell", "").strip()[:64]
    if not code:
        lon, lat = params.form_lon_lat()
        code = visits.cell_at(session, lon=lon, lat=lat, accuracy_m=params.form_number("accuracy_m", low=0, high=1e6))

    def permit(town_code: str | None) -> None:
        demand("ticket.handle", town_code=town_code)

    visit = visits.visit(session, code, walker_id=user_id(), permit=permit)
    if not wants_json():
        return redirect(params.own_path(request.form.get("back") or url_for("mine.show")))
    said = (
        _("Cell %(code)s: walked today.", code=code)
        if visit.is_first
        else _("Cell %(code)s was written down today already.", code=code)
    )
    return as_json({"cell": code, "said": said, **visits.patrol(session, user_id())._asdict()})


def _lines(desks: tuple[str, ...]) -> list[DeskLine]:
    """The most urgent of what waits; what went through one's own hands is checked by others."""
    return desk_lines(
        current_session(),
        TicketFilter(desks=desks, scope=ticket_scope()),
        limit=MOST_STOPS,
        handler=actor(),
        handling=HANDLING,
    )


def _config(desk: str | None) -> dict[str, Any]:
    return {
        "routeUrl": url_for("mine.route"),
        "visitUrl": url_for("mine.walked"),
        "token": generate_csrf(),
        "desk": desk or "",
        "whereUrl": url_for("where.here"),
        "texts": {
            "locating": _("Looking for your position …"),
            "noSecure": _("A browser tells the position only over HTTPS. Ask the operator."),
            "denied": _("The browser may not tell the position. Allow it for this site."),
            "noSignal": _("No position found. Try again in the open."),
            "noAnswer": _("The server does not answer. Check the connection, then try again."),
            "routed": _("From where you are: %(metres)s m in straight lines, position good to about %(accuracy)s m."),
            "vague": _("The position is good to %(accuracy)s m only: take the order as a hint."),
            "leg": _("%(place)s. stop · %(metres)s m on"),
            "patrol": _("%(visited)s of %(cells)s cells walked today"),
        },
    }
