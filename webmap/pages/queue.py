"""The desk of an office: its open work on a map and in a list, moved by keys, many tickets at once."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response

from geodata.errors import NotFound
from geodata.models import Ticket
from geodata.queries.desk import ORDERS
from geodata.queries.positions import area_boxes, extent
from geodata.services.bulk import ACTIONS, MOST_AT_ONCE, Wish, move_many
from geodata.services.views import LONGEST_NAME, delete_view, list_views, rename_view, save_view
from webmap import params
from webmap.access import actor, demand, needs, own_area, role, ticket_scope, user_id
from webmap.maps import assets
from webmap.maps.canvas import CONFIG_ID
from webmap.maps.layers import LAYERS, MapLayer
from webmap.maps.page import map_parts
from webmap.pages import desk_words, words
from webmap.pages.map import example_pair, map_config
from webmap.records import current_session
from webmap.responses import as_json, wants_json

bp = Blueprint("queue", __name__, url_prefix="/queue")

MODULE = "queue.js"
LONGEST_REASON = 500

# Tickets stand alone longer than on the map of the whole district: here they are what one looks for.
CROWD = 150
OFF_HERE = frozenset({"units", "gaps", "grid_cells"})

# What each action takes, where that is not to assign.
PERMISSIONS = {
    **dict.fromkeys(("grant", "refuse"), "ticket.approve"),
    **dict.fromkeys(("check", "close", "rework"), "ticket.check"),
    "supervise": "ticket.supervise",
}


@bp.get("")
@needs("ticket.assign")
def show() -> str:
    """The desk for the conditions of the address; without any, what waits for the office."""
    query = _conditions()
    session = current_session()
    ground = extent(session)
    config = map_config(ground, example_pair(ground), layers=[_here(layer) for layer in LAYERS])
    return render_template(
        "queue.html",
        parts=map_parts(g.csp_nonce, MODULE),
        modules=assets.modules("queue.js"),
        config={**config, "texts": {**config["texts"], **desk_words.script_texts()}, "desk": _desk()},
        config_id=CONFIG_ID,
        query=query,
        views=list_views(session, user_id()),
        longest_name=LONGEST_NAME,
        keys=desk_words.keys(),
        actions=desk_words.actions(),
    )


@bp.post("/move")
@needs("ticket.assign")
def move() -> Response | str:
    """Make one `action` on each `number` of the form, with its `reason`; what became of each is told.

    A ticket that cannot be moved so stays as it was, and hinders no other.
    """
    action = request.form.get("action", "")
    if action not in ACTIONS:
        raise NotFound("action", action, ACTIONS)
    reason = request.form.get("reason", "").strip()[:LONGEST_REASON] or None

    def permit(held: Ticket) -> None:
        demand(PERMISSIONS.get(action, "ticket.assign"), ticket=held)

    wish = Wish(action, actor(), role(), reason=reason)
    outcomes = move_many(current_session(), request.form.getlist("number"), wish, permit=permit, scope=ticket_scope())
    done = sum(one.refusal is None for one in outcomes)
    if wants_json():
        told = [
            {"number": one.number, "isDone": one.refusal is None, "said": desk_words.outcome(one)} for one in outcomes
        ]
        return as_json({"done": done, "refused": len(outcomes) - done, "outcomes": told})
    return render_template(
        "queue_moved.html",
        outcomes=[(one, desk_words.outcome(one)) for one in outcomes],
        done=done,
        back=params.own_path(request.form.get("back") or url_for("queue.show")),
    )


@bp.post("/views")
@needs("ticket.assign")
def keep() -> Response:
    """Save the conditions of the address under the form's `name`."""
    query = urlencode(_conditions(), safe=",;:")
    save_view(current_session(), user_id(), name=request.form.get("name", ""), query=query)
    return redirect(f"{url_for('queue.show')}?{query}")


@bp.post("/views/<int:view_id>/rename")
@needs("ticket.assign")
def rename(view_id: int) -> Response:
    """Give one's own view the form's `name`."""
    view = rename_view(current_session(), user_id(), view_id, name=request.form.get("name", ""))
    return redirect(f"{url_for('queue.show')}?{view.query}")


@bp.post("/views/<int:view_id>/delete")
@needs("ticket.assign")
def forget(view_id: int) -> Response:
    """Forget one's own view."""
    delete_view(current_session(), user_id(), view_id)
    return redirect(params.own_path(request.form.get("back") or url_for("queue.show")))


def _conditions() -> dict[str, str]:
    """The conditions and the order of the address, as they came. Raises BadParameter for what cannot be shown."""
    params.only(*params.FILTER_NAMES, "sort")
    params.ticket_filter(ticket_scope())
    sort = params.one_of("sort", tuple(ORDERS))
    return {**params.filter_query(), **({"sort": sort} if sort else {})}


def _here(layer: MapLayer) -> MapLayer:
    if layer.collection == "tickets":
        return replace(layer, crowd=CROWD)
    return replace(layer, is_on=False) if layer.collection in OFF_HERE else layer


def _home() -> list[float] | None:
    """The box of the town that whoever asks works for, degrees; None for the whole district."""
    area = own_area()
    box = area_boxes(current_session(), "town").get(area) if area else None
    return list(box) if box else None


def _desk() -> dict[str, Any]:
    """What the desk's own scripts need to know beside the map's."""
    titles = words.desks()
    return {
        "rowsUrl": url_for("queue_rows.rows"),
        "moveUrl": url_for("queue.move"),
        "token": generate_csrf(),
        "todo": list(desk_words.to_do(role())),
        "shown": [{"name": name, "title": titles[name]} for name in desk_words.SHOWN],
        "actions": [
            {
                "action": one.action,
                "title": one.title,
                "key": one.key,
                "needsReason": one.needs_reason,
                "endsIt": one.ends_it,
            }
            for one in desk_words.actions()
        ],
        "most": MOST_AT_ONCE,
        "home": _home(),
    }
