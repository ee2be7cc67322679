"""Open311: requests told, and new ones taken in."""

from collections.abc import Mapping, Sequence

from flask import Blueprint, Response
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from geodata.errors import NotFound
from geodata.queries import service_requests as queries
from geodata.queries.service_requests import RequestFilter, RequestRow
from geodata.record_errors import FieldProblem, FieldsWrong
from geodata.services import reports, service_attributes
from geodata.services.photos import NewPhoto, clean_photos
from geodata.services.service_requests import Filed, Spot, Wish, file_request, spot
from webmap.access import actor, demand, may, reads_words, ticket_scope
from webmap.api import open311_key as key
from webmap.api import open311_params as asks
from webmap.api.open311_params import Asked
from webmap.api.open311_shape import FORMS, Plain, answer
from webmap.api.open311_words import Teller
from webmap.errors import NotAllowed
from webmap.idempotency import act_once
from webmap.openapi import open311 as described
from webmap.records import current_session
from webmap.uploads import photos, takes_photos

bp = Blueprint("open311_requests", __name__, url_prefix="/open311/v2")
bp.before_request(key.check_door)
ENCODING = f"<any({', '.join(FORMS)}):encoding>"

WHOLE = "service_requests"

# Fields of pictures, and what they show.
MEDIA = {"media": "report", "media[]": "report"}

# So many things that happened are told with one answer at most.
MOST_NOTES = 5000


@bp.get(f"/requests.{ENCODING}")
@described.open311(
    _l("Requests, the newest first"), described.REQUESTS, query=(*described.WINDOW, *described.CONDITIONS)
)
def requests(encoding: str) -> Response:
    """Requests, the newest first: those named, or those of a window of at most 90 days that fit the conditions."""
    session, scope, town = current_session(), key.read_scope(), key.town()
    numbers = asks.numbers()
    limit, skip = asks.paging()
    if numbers:
        found = queries.requests(session, RequestFilter(scope, numbers=numbers, town=town), limit=limit, skip=skip)
        if not found and not skip:
            raise NotFound("service_request_id", ", ".join(numbers))
        return answer(WHOLE, _told(found), form=encoding)
    codes = asks.service_codes()
    since, until = asks.window()
    wanted = RequestFilter(
        scope,
        categories=codes,
        since=since,
        until=until,
        is_open=asks.is_open(),
        town=town,
        box=asks.box(),
        is_public=key.reads_as_anybody(),
    )
    return answer(WHOLE, _told(queries.requests(session, wanted, limit=limit, skip=skip)), form=encoding)


@bp.get(f"/requests/<service_request_id>.{ENCODING}")
@described.open311(_l("One request"), described.REQUESTS, query=(described.EXTENSIONS,))
def request(service_request_id: str, encoding: str) -> Response:
    """One request, in a list of one."""
    wanted = RequestFilter(key.read_scope(), numbers=(service_request_id,), town=key.town())
    found = queries.requests(current_session(), wanted, limit=1)
    if not found:
        raise NotFound("service_request_id", service_request_id)
    return answer(WHOLE, _told(found), form=encoding)


@bp.post(f"/requests.{ENCODING}")
@described.open311(_l("File a request"), described.NEW_REQUEST, form=described.REQUEST_FORM)
@takes_photos
def new_request(encoding: str) -> Response:
    """Take a request in as any other report is: checked, stamped, and given to the unit the rule picks."""
    key.demand_key()
    demand("ticket.report")
    town, asked = key.town(), asks.asked()
    wish, where = _checked(asked, town)
    kept = clean_media(MEDIA)

    def store() -> Response:
        filed = file_request(current_session(), wish, where, photos=kept)
        told: dict[str, Plain] = (
            {"service_request_id": filed.ticket.number} if filed.token is None else {"token": filed.token}
        )
        told |= {"service_notice": _notice(asked, filed, where), "account_id": None}
        return answer(WHOLE, [told], form=encoding)

    return act_once(store)


def clean_media(fields: Mapping[str, str]) -> list[NewPhoto]:
    """The pictures that came with a request, made clean; others work meanwhile. Raises as `clean_photos` does."""
    taken = photos(fields)
    if not taken:
        return []
    current_session().commit()
    return clean_photos(taken)


def _checked(asked: Asked, town: str | None) -> tuple[Wish, Spot]:
    """What is asked for, and where. Raises FieldsWrong with all that is wrong, NotFound, and NotAllowed elsewhere."""
    session = current_session()
    questions = service_attributes.questions_of(session, asked.category) if asked.category else []
    answers, wrong = service_attributes.checked(questions, asked.attributes)
    problems = [*asked.wrong, *wrong]
    if problems:
        raise FieldsWrong(problems)
    wish = Wish(
        category=asked.category,
        actor=actor(),
        lon=asked.lon,
        lat=asked.lat,
        description=asked.texts["description"],
        address=asked.texts["address_string"],
        address_id=asked.texts["address_id"],
        object_type=asked.texts["service_object_type"],
        object_code=asked.texts["service_object_id"],
        attributes=answers,
        media_url=asked.texts["media_url"],
    )
    where = spot(session, wish)
    if where.position is not None:
        _check_ground(where.position.x, where.position.y, town)
    return wish, where


def _check_ground(lon: float, lat: float, town: str | None) -> None:
    session = current_session()
    if not reports.is_reportable(session, lon=lon, lat=lat):
        raise FieldsWrong([FieldProblem("lat and long", f"({lat:.6f}, {lon:.6f}) must lie in the district")])
    lies_in = reports.town_at(session, lon=lon, lat=lat)
    if town is not None and lies_in != town:
        raise FieldsWrong([FieldProblem("lat and long", f"({lat:.6f}, {lon:.6f}) must lie in the town {town}")])
    if not may("ticket.report", town_code=lies_in or ""):
        raise NotAllowed("ticket.report")


def _notice(asked: Asked, filed: Filed, where: Spot) -> str | None:
    """What whoever asked should know: tickets like it, an address that is looked for, answers nobody asked for."""
    session = current_session()
    told = []
    if where.position is not None:
        lon, lat = reports.lon_lat(session, where.position)
        alike = reports.alike(session, lon=lon, lat=lat, category=asked.category, scope=ticket_scope())
        numbers = [one.ticket.number for one in alike if one.ticket.number != filed.ticket.number]
        if numbers:
            told.append(_("Reported close by already: %(numbers)s.", numbers=", ".join(numbers)))
    else:
        told.append(_("The address is not certain: an office looks for the place."))
    known = {one.code for one in service_attributes.questions_of(session, asked.category)}
    others = sorted(set(asked.attributes) - known)
    if others:
        told.append(_("Not asked for with this service, and not kept: %(names)s.", names=", ".join(others)[:200]))
    return " ".join(told) or None


def _told(rows: Sequence[RequestRow]) -> list[Plain]:
    """Requests as they are told, with `extensions=true` with all that stands beside."""
    teller = Teller(is_public=key.reads_as_anybody())
    if not asks.flag("extensions"):
        return [teller.request(row) for row in rows]
    session = current_session()
    questions = service_attributes.questions(session)
    ids = [row.id for row in rows]
    happened = queries.events_of(session, ids, limit=MOST_NOTES, steps_only=not reads_words()) if ids else {}
    return [
        teller.request(row) | teller.extended(row, questions.get(row.category_code, []), happened.get(row.id, []))
        for row in rows
    ]
