"""Reporting an issue: place, kind, photo; by a phone in the street, with and without a network."""

from typing import Any

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response as AnyResponse

from geodata.services import merging, reports
from geodata.services.categories import categories
from geodata.services.photos import MOST_AT_ONCE
from geodata.services.places import where
from geodata.services.reports import Alike
from geodata.services.request_keys import Answer
from webmap import access, params
from webmap.access import actor, may, needs, role, ticket_scope, user_id
from webmap.maps import assets
from webmap.maps.canvas import CONFIG_ID
from webmap.maps.page import map_parts
from webmap.pages import report_form as form_
from webmap.pages import report_send
from webmap.pages.pick_place import MODULE
from webmap.pages.report_form import Draft
from webmap.pages.report_shell import config, worker_script
from webmap.pages.report_texts import border, compared, labels
from webmap.records import current_session
from webmap.responses import as_json, wants_json
from webmap.uploads import photos, takes_photos

bp = Blueprint("report", __name__, url_prefix="/report")


@bp.get("")
@needs("ticket.report")
def form() -> str:
    """The form, for a place (`lon`, `lat`, `accuracy` of a device), a `unit` or a `point`, and a `category`."""
    params.only("lon", "lat", "category", "accuracy", "unit", "point")
    return _page(form_.given())


@bp.post("")
@needs("ticket.report")
@takes_photos
def send() -> AnyResponse | tuple[str, int]:
    """Store the report and go to its ticket; with anything wrong, or tickets like it unseen, back to the form."""
    draft = form_.typed()
    if request.form.get("look"):
        form_.look_up(draft)
        return _page(draft), 200
    taken = photos(form_.PHOTO_FIELDS)
    asked = form_.asked_for(draft)
    had = report_send.had_answer(asked, taken)
    if had is not None:
        return _answered(had)
    if draft.position is None and draft.find:
        form_.look_up(draft)
    form_.check(draft, photos=taken)
    alike = form_.alike(draft)
    unseen = [one for one in alike if one.ticket.number not in draft.seen]
    kept = [] if draft.wrong or unseen else report_send.cleaned(taken, draft.wrong)
    if draft.wrong or unseen:
        return _not_sent(draft, alike, must_see=bool(unseen) and not draft.wrong)
    told = form_.telling(draft, at=form_.made_at())

    def store() -> Any:  # noqa: ANN401 - the ticket, whichever way it is made
        if draft.is_handled:
            return reports.report_handled(current_session(), told, role=role(), photos=kept)
        return reports.report(current_session(), told, photos=kept)

    return _answered(report_send.send_once(asked, taken, store))


@bp.get("/check")
@needs("ticket.report")
def check() -> Response:
    """What is at a place (`lon`, `lat`), how exactly an `accuracy` knows it, and tickets of a `category` like it."""
    params.only("lon", "lat", "accuracy", "category")
    lon, lat = params.lon_lat()
    accuracy_m = params.number("accuracy", low=0, high=1_000_000)
    draft = Draft(x=lon, y=lat, category=params.text("category") or "")
    session = current_session()
    place = where(session, lon=lon, lat=lat, scope=ticket_scope())
    found = None if accuracy_m is None else reports.exactness(session, lon=lon, lat=lat, accuracy_m=accuracy_m)
    names = [hit.name for level in ("town", "village") if (hit := place.areas[level])]
    return as_json(
        {
            "is_inside": place.is_inside is not False,
            "names": names,
            "cell": place.cell.code if place.cell else None,
            "level": found.level if found else None,
            "said": form_.exactly(found) if found else None,
            "border": border(place),
            "alike": [compared(one) for one in form_.alike(draft)],
        }
    )


@bp.post("/follow")
@needs("ticket.report")
def follow() -> AnyResponse:
    """Follow the ticket of a `number` instead of reporting the same thing again."""
    ticket = access.ticket(request.form.get("number", ""))
    merging.follow(current_session(), ticket, user_id())
    address = url_for("tickets.show", number=ticket.number)
    if _is_script():
        return as_json({"number": ticket.number, "href": address})
    return redirect(address)


@bp.get("/token")
@needs("ticket.report")
def token() -> Response:
    """Who is signed in, and what a form of theirs must carry: asked before a report that waited is sent."""
    params.only()
    return as_json({"csrf": generate_csrf(), "user": actor()})


@bp.get("/worker.js")
@needs("map.read")
def worker() -> Response:
    """The script that keeps this page, and no other, for when there is no network."""
    params.only()
    answer = Response(worker_script(), mimetype="text/javascript")
    answer.headers["Service-Worker-Allowed"] = "/report"
    answer.headers["Cache-Control"] = "no-cache"
    return answer


def _is_script() -> bool:
    """Whether a script asks, which says so; whoever says nothing gets pages."""
    return bool(request.accept_mimetypes) and wants_json()


def _answered(answer: Answer) -> AnyResponse:
    if _is_script():
        return as_json(answer.facts, status=answer.status)
    return redirect(str(answer.facts["href"]))


def _not_sent(draft: Draft, alike: list[Alike], *, must_see: bool) -> AnyResponse | tuple[str, int]:
    if _is_script():
        facts = {"wrong": draft.wrong, "alike": [compared(one) for one in alike] if must_see else []}
        return as_json(facts, status=409 if must_see else 422)
    return _page(draft, alike, must_see=must_see), 422 if draft.wrong else 200


def _page(draft: Draft, alike: list[Alike] | None = None, *, must_see: bool = False) -> str:
    session = current_session()
    at = draft.at
    place = where(session, lon=at[0], lat=at[1], scope=ticket_scope()) if at else None
    found = None
    if at and draft.accuracy_m is not None and draft.origin in {"", "device"}:
        found = reports.exactness(session, lon=at[0], lat=at[1], accuracy_m=draft.accuracy_m)
    return render_template(
        "report.html",
        parts=map_parts(g.csp_nonce, MODULE),
        modules=assets.modules("report.js"),
        config=config(at),
        config_id=CONFIG_ID,
        draft=draft,
        at=at,
        place=place,
        exactly=form_.exactly(found) if found else None,
        border=border(place) if place else None,
        alike=[compared(one) for one in (form_.alike(draft) if alike is None else alike)],
        must_see=must_see,
        usual=reports.usual_categories(session),
        categories=categories(session),
        longest=form_.LONGEST,
        most_photos=MOST_AT_ONCE,
        key=report_send.new_key(),
        spot_value=form_.spot_value,
        can_handle=may("ticket.handle"),
        labels=labels(),
    )
