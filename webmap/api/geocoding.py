"""Addresses that wait for a person, as JSON: rows, decisions one by one and many at once, and taking them back."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, request
from flask_babel import lazy_gettext as _l

from geodata.errors import NotFound
from geodata.models import GeocodeDecision
from geodata.queries import geocode_desk as queries
from geodata.queries.geocode_desk import DeskFilter
from geodata.services import geocode_decisions, geocode_desk
from geodata.services.geocode_decisions import Choice
from geodata.services.geocode_desk import MOST_AT_ONCE, SAMPLE
from webmap import params
from webmap.access import actor, address_scope, needs, own_area, role
from webmap.errors import BadParameter, NotAllowed
from webmap.idempotency import once, once_with_key
from webmap.openapi.for_pages import asked_by_pages
from webmap.pages import address_words
from webmap.pages.address_rows import choices_json, latest_json, progress_json, rows_json, sure_json
from webmap.records import current_session
from webmap.responses import as_json

bp = Blueprint("geocoding_rows", __name__, url_prefix="/api/geocoding")

ROWS = 30
LARGEST_ERROR_M = 5_000.0

# Those who take back what others have decided; everybody takes back their own.
REFEREES = frozenset({"district", "admin"})


@bp.get("")
@asked_by_pages(_l("Addresses that wait for a person"), *params.ADDRESS_NAMES, "after")
@needs("place.decide")
def rows() -> Response:
    """Addresses of the conditions that wait, 30 of them from behind `after` on, the surest first.

    `next` is the `after` of the next page, null on the last. With the first page come the total, what can be chosen
    by, how the work is getting on, and one's own decisions of today.
    """
    params.only(*params.ADDRESS_NAMES, "after")
    session, scope, asked = current_session(), address_scope(), params.address_filter()
    after = params.address_mark("after")
    found = geocode_desk.desk_rows(session, scope, asked, limit=ROWS + 1, after=after)
    answer: dict[str, Any] = {
        "rows": rows_json(found[:ROWS]),
        "next": str(found[ROWS - 1].row.mark) if len(found) > ROWS else None,
    }
    if after is None:
        answer |= {
            "total": queries.waiting_total(session, scope, asked),
            "choices": choices_json(queries.choices(session, scope)),
            "latest": latest_json(geocode_desk.latest(session, scope, actor())),
            "progress": _progress(),
        }
    return as_json(answer)


@bp.get("/ground")
@asked_by_pages(_l("In which areas a place lies"), "lon", "lat", "error")
@needs("place.decide")
def ground() -> Response:
    """Where a place lies (`lon`, `lat`, and `error` in metres; WGS 84), and which borders its circle crosses."""
    params.only("lon", "lat", "error")
    lon, lat = params.lon_lat()
    error_m = params.number("error", low=0, high=LARGEST_ERROR_M) or 0.0
    (found,) = geocode_desk.grounds_of(current_session(), [(lon, lat, error_m)]).values()
    return as_json(address_words.ground(found))


@bp.post("/decide")
@asked_by_pages(_l("Settle one address"), "kind", "code", "choice", "candidate", "lon", "lat", "key", method="POST")
@needs("place.decide")
@once_with_key
def decide() -> Response:
    """Settle the record `kind` `code` as `choice` says: `candidate`, `pin` (`lon`, `lat`; WGS 84) or `nowhere`.

    The header `Idempotency-Key` (or the field `key`) makes sure that it is settled once. `seen` is the row's own.
    409 where somebody else was first.
    """
    kind, code = request.form.get("kind", "")[:20], request.form.get("code", "")[:200]
    choice = _choice()

    _demand_waiting(kind, code)
    made = geocode_decisions.settle_waiting(current_session(), kind, code, choice, actor=actor())
    what = address_words.decided(made.choice)
    return as_json({"decision": made.id, "code": code, "what": what, "progress": _progress()})


@bp.post("/undo")
@asked_by_pages(_l("Take decisions about addresses back"), "decision", "batch", method="POST")
@needs("place.decide")
@once
def undo() -> Response:
    """Take back the `decision` of an id, or all of a `batch`: one's own; of others where one referees for the district.

    `rows` of the answer wait again.
    """
    session = current_session()
    number, batch = request.form.get("decision", ""), request.form.get("batch", "")[:64]
    if batch:
        made = geocode_decisions.decisions_of(session, batch)
    elif number.isascii() and number.isdecimal() and len(number) < 19:
        made = [geocode_decisions.decision(session, int(number))]
    else:
        raise BadParameter("decision", number[:20], "the number of a decision, or a batch")
    mine = [one for one in made if address_scope().has(one.target_kind, one.town_code)]
    if not mine or len(mine) < len(made):
        raise NotFound("decision", batch or number)
    if any(one.decided_by != actor() for one in mine) and not (role() in REFEREES and own_area() is None):
        raise NotAllowed("place.decide")
    geocode_decisions.undo(session, mine, actor=actor())
    return as_json({"undone": [one.target_code for one in mine], "rows": _again(mine), "progress": _progress()})


@bp.get("/sure")
@asked_by_pages(_l("How many first candidates are sure"), *params.ADDRESS_NAMES, "least")
@needs("place.decide")
def sure() -> Response:
    """How many first candidates have at least `least` percent and nothing against them, and a sample of them."""
    params.only(*params.ADDRESS_NAMES, "least")
    found = geocode_desk.sure_rows(
        current_session(), address_scope(), params.address_filter(), least=_least(params.text("least"))
    )
    return as_json({"count": len(found), "ids": [row.id for row in found], "sample": sure_json(found[:SAMPLE])})


@bp.post("/accept")
@asked_by_pages(_l("Accept many first candidates at once"), "least", "id", "key", method="POST")
@needs("place.decide")
@once_with_key
def accept() -> Response:
    """Take the first candidates of those rows (`id`, several) that a look at `sure` with `least` has shown.

    They are one `batch`, which can be taken back as one; `missed` are codes of rows that no longer waited.
    """
    least = _least(request.form.get("least"))
    ids = [int(one) for one in request.form.getlist("id") if one.isascii() and one.isdecimal() and len(one) < 19]
    session = current_session()

    done = geocode_desk.accept_sure(session, address_scope(), least=least, ids=ids, actor=actor())
    facts = {"batch": done.name, "taken": len(done.made), "missed": done.missed, "most": MOST_AT_ONCE}
    return as_json({**facts, "progress": _progress()})


def _progress() -> dict[str, Any]:
    return progress_json(geocode_desk.progress(current_session(), address_scope(), actor()))


def _again(made: Sequence[GeocodeDecision]) -> list[dict[str, Any]]:
    """The rows of these records as they wait now; those of a batch are asked for anew by the page."""
    if len(made) > 1:
        return []
    asked = DeskFilter(kind=made[0].target_kind, code=made[0].target_code)
    return rows_json(geocode_desk.desk_rows(current_session(), address_scope(), asked, limit=1))


def _choice() -> Choice:
    """What the form wants. Raises BadParameter."""
    word = request.form.get("choice", "")
    remember, seen = request.form.get("remember") == "yes", _moment(request.form.get("seen"))
    if word == "nowhere":
        return Choice(nowhere=True, seen=seen)
    if word == "pin":
        lon, lat = params.form_lon_lat()
        return Choice(lon=lon, lat=lat, seen=seen)
    number = params.form_number("candidate", low=1, high=5)
    if word != "candidate" or number is None:
        raise BadParameter("choice", word[:20], "candidate with its number, pin with lon and lat, or nowhere")
    return Choice(candidate=int(number), remember=remember, seen=seen)


def _moment(value: str | None) -> datetime | None:
    if not value:
        return None
    try:
        found = datetime.fromisoformat(value[:40])
    except ValueError as error:
        raise BadParameter("seen", value[:40], "the time that the row came with") from error
    if found.tzinfo is None:
        raise BadParameter("seen", value[:40], "a time with its zone")
    return found


def _least(value: str | None) -> float:
    """A share from a text in percent."""
    percent = (value or "").strip()
    if not (percent.isascii() and percent.isdecimal() and 1 <= int(percent[:4]) <= 100):
        raise BadParameter("least", percent[:20], "a whole number of percent from 1 to 100")
    return int(percent) / 100


def _demand_waiting(kind: str, code: str) -> None:
    """Raise NotFound for a record that whoever asks may not decide about, as for one that is not there."""
    found = geocode_decisions.address_of(current_session(), kind, code)
    if found is None or not address_scope().has(kind, found.town_code):
        raise NotFound("address that waits", code)
