"""Open311 GeoReport v2: what may be asked for here, where, and by whom; requests and updates stand beside."""

from flask import Blueprint, Flask, Response, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import CSRFProtect

from geodata.services import reports, service_attributes
from geodata.services.categories import categories
from geodata.services.service_requests import number_of
from geodata.settings import Open311Settings
from webmap.api import open311_key as key
from webmap.api import open311_params as asks
from webmap.api import open311_requests, open311_updates, open311_words
from webmap.api.open311_shape import FORMS, answer, link, problem
from webmap.errors import BadParameter
from webmap.openapi import open311 as described
from webmap.records import current_session, district
from webmap.responses import shape_problems

PREFIX = "/open311/v2"
ENCODING = f"<any({', '.join(FORMS)}):encoding>"

SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"

# When what this door offers has changed last.
CHANGESET = "2026-11-27T00:00:00+08:00"

bp = Blueprint("open311", __name__, url_prefix=PREFIX)
bp.before_request(key.check_door)


def init_open311(app: Flask, settings: Open311Settings, guard: CSRFProtect) -> None:
    """Tie the door to the application: it answers problems in its own shape, and trusts keys rather than cookies."""
    app.config[key.SETTING] = settings
    shape_problems(app, "/open311/", problem)
    for part in (bp, open311_requests.bp, open311_updates.bp):
        guard.exempt(part)
        app.register_blueprint(part)


@bp.get(f"/discovery.{ENCODING}")
@described.open311(_l("Where everything is, and whom to ask for a key"), described.DISCOVERY)
def discovery(encoding: str) -> Response:
    """Where everything is, and whom to ask for a key."""
    name = district().name
    contact = key.settings().contact or _("Grid governance centre of %(name)s", name=name)
    base = link(url_for("open311.services", encoding="xml")).rpartition("/")[0]
    return answer(
        "discovery",
        {
            "changeset": CHANGESET,
            "contact": contact,
            "key_service": _("Ask the administrator of %(name)s for the key of an application.", name=name),
            "endpoints": [
                {
                    "specification": SPECIFICATION,
                    "url": base,
                    "changeset": CHANGESET,
                    "type": "production",
                    "formats": [kind.partition(";")[0] for kind in FORMS.values()],
                }
            ],
        },
        form=encoding,
    )


@bp.get(f"/services.{ENCODING}")
@described.open311(_l("What may be asked for"), described.SERVICES, query=(*described.PLACE, described.EXTENSIONS))
def services(encoding: str) -> Response:
    """What may be asked for; with `lat` and `long` what may be asked for there: beyond the district nothing."""
    town, place = key.town(), asks.place()
    session = current_session()
    if place is not None and not _is_served(place, town):
        return answer("services", [], form=encoding)
    asked = service_attributes.questions(session)
    found = [
        open311_words.service(each, has_questions=each.code in asked, extensions=asks.flag("extensions"))
        for each in categories(session)
    ]
    return answer("services", found, form=encoding)


@bp.get(f"/services/<service_code>.{ENCODING}")
@described.open311(_l("What is asked with a service"), described.DEFINITION)
def service(service_code: str, encoding: str) -> Response:
    """What is asked with a service."""
    key.town()
    questions = service_attributes.questions_of(current_session(), service_code)
    return answer("service_definition", open311_words.definition(service_code, questions), form=encoding)


@bp.get(f"/tokens/<token>.{ENCODING}")
@described.open311(_l("The number that belongs to a token"), described.TOKENS)
def token(token: str, encoding: str) -> Response:
    """The number of the ticket that a token was handed out for; empty until an office has filed it."""
    key.town()
    number = number_of(current_session(), token, scope=key.read_scope())
    return answer("service_requests", [{"service_request_id": number, "token": token}], form=encoding)


@bp.get(f"/location.{ENCODING}")
@described.open311(
    _l("Whether a place is served"), described.LOCATION, query=(*described.PLACE, described.SERVICE_CODE)
)
def location(encoding: str) -> Response:
    """Whether something at `lat` and `long` may be asked for here, with `service_code` this very thing."""
    town, place = key.town(), asks.place()
    if place is None:
        raise BadParameter("lat", "", "given, with long, in degrees of WGS 84")
    wanted = asks.told("service_code")
    if wanted is not None:
        service_attributes.questions_of(current_session(), wanted)
    is_found = _is_served(place, town)
    names = [{"jurisdiction_id": key.own_name(), "name": district().name}] if is_found else []
    return answer("location", {"location_found": is_found, "jurisdictions": names}, form=encoding)


def _is_served(place: tuple[float, float], town: str | None) -> bool:
    lon, lat = place
    session = current_session()
    if not reports.is_reportable(session, lon=lon, lat=lat):
        return False
    return town is None or reports.town_at(session, lon=lon, lat=lat) == town
