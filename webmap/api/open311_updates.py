"""Open311: what has happened to requests, told to other systems and heard from them."""

from flask import Blueprint, Response, request
from flask_babel import lazy_gettext as _l

from geodata.queries import service_requests as queries
from geodata.queries.service_requests import RequestFilter
from geodata.record_errors import FieldProblem, FieldsWrong
from geodata.services import service_updates
from geodata.services.service_updates import MOVES_BY_STATUS, Update
from webmap.access import actor, demand, reads_words, role, ticket_scope
from webmap.api import open311_key as key
from webmap.api import open311_params as asks
from webmap.api.open311_requests import clean_media
from webmap.api.open311_shape import FORMS, answer
from webmap.api.open311_words import Teller
from webmap.errors import BadParameter
from webmap.idempotency import act_once
from webmap.openapi import open311 as described
from webmap.records import current_session
from webmap.uploads import takes_photos

bp = Blueprint("open311_updates", __name__, url_prefix="/open311/v2")
bp.before_request(key.check_door)
ENCODING = f"<any({', '.join(FORMS)}):encoding>"

WHOLE = "service_request_updates"
MEDIA = {"media": "after", "media[]": "after"}

NEEDED = ("service_request_id", "update_id", "updated_datetime", "status", "description")
LONGEST_STATUS_CODE = 60


@bp.get(f"/servicerequestupdates.{ENCODING}")
@described.open311(_l("What has happened, the newest first"), described.UPDATES, query=described.WINDOW)
def updates(encoding: str) -> Response:
    """What has happened in a window of at most 90 days, the newest first; to visitors steps alone, without reasons."""
    session, scope, town = current_session(), key.read_scope(), key.town()
    numbers = asks.numbers()
    since, until = asks.window()
    limit, skip = asks.paging()
    wanted = RequestFilter(scope, numbers=numbers, since=since, until=until, town=town)
    found = queries.events(session, wanted, limit=limit, skip=skip, steps_only=not reads_words())
    teller = Teller(is_public=key.reads_as_anybody())
    return answer(WHOLE, [teller.update(row) for row in found], form=encoding)


@bp.post(f"/servicerequestupdates.{ENCODING}")
@described.open311(_l("Tell what has happened elsewhere"), described.NEW_UPDATE, form=described.UPDATE_FORM)
@takes_photos
def new_update(encoding: str) -> Response:
    """Keep what another system says of a ticket; answered with the number by which it is told from then on."""
    key.demand_key()
    demand("ticket.read")
    demand("ticket.handle")
    key.town()
    update = _update()
    kept = clean_media(MEDIA)

    def store() -> Response:
        made = service_updates.push(
            current_session(), update, actor=actor(), role=role(), scope=ticket_scope(), photos=kept
        )
        return answer(WHOLE, [{"update_id": str(made), "service_request_id": update.number}], form=encoding)

    return act_once(store)


def _update() -> Update:
    """The update of the form that was sent. Raises FieldsWrong with all that is wrong."""
    told = {name: (asks.told(name) if name != "description" else request.form.get(name, "").strip()) for name in NEEDED}
    wrong = [FieldProblem(name, "is required") for name, value in told.items() if not value]
    status = service_updates.status_word(told["status"] or "")
    if told["status"] and status is None:
        wrong.append(FieldProblem("status", f"must be one of {', '.join(word.upper() for word in MOVES_BY_STATUS)}"))
    said_at = description = media_url = None
    try:
        said_at = asks.read_moment("updated_datetime", told["updated_datetime"]) if told["updated_datetime"] else None
        description, media_url = asks.description(), asks.media_url()
    except BadParameter as error:
        wrong.append(FieldProblem(error.name, f"cannot be used: {error}"))
    if wrong or said_at is None or status is None:
        raise FieldsWrong(wrong)
    return Update(
        number=told["service_request_id"] or "",
        update_id=told["update_id"] or "",
        status=status,
        description=description or "",
        said_at=said_at,
        media_url=media_url,
        external_code=(asks.told("external_status_code") or "")[:LONGEST_STATUS_CODE] or None,
    )
