"""What the addresses of Open311 take and give: the names are that contract's, not ours."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ParamSpec, TypeVar

from flask_babel import lazy_gettext as _l

from webmap.openapi.operations import Answer, Body, Param, Words, described
from webmap.openapi.parameters import LANG, PLAIN_BBOX
from webmap.openapi.shapes import JSON, MOMENT, NUMBER, TEXT, WHOLE, YES_OR_NO, an_object, list_of, or_null

P = ParamSpec("P")
R = TypeVar("R")

XML = "text/xml"
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")

# Errors of this contract: HTTP has 400 for all that is finer in the body.
ERRORS = (400, 403, 404, 405, 413, 429, 500, 503)
ERROR = list_of(an_object({"code": WHOLE, "description": TEXT}))

MAYBE = or_null(TEXT)
STATUS = {"type": "string", "enum": ["open", "closed"]}

DISCOVERY = an_object(
    {
        **dict.fromkeys(("changeset", "contact", "key_service"), TEXT),
        "endpoints": list_of(
            an_object(
                {
                    **dict.fromkeys(("specification", "url", "changeset", "type"), TEXT),
                    "formats": list_of(TEXT),
                }
            )
        ),
    }
)
SERVICES = list_of(
    an_object(
        {
            **dict.fromkeys(("service_code", "service_name", "description", "keywords", "group"), TEXT),
            "metadata": YES_OR_NO,
            "type": {"type": "string", "enum": ["realtime", "batch"]},
            "groups": list_of(TEXT),
        },
        "groups",
    )
)
DEFINITION = an_object(
    {
        "service_code": TEXT,
        "attributes": list_of(
            an_object(
                {
                    **dict.fromkeys(("variable", "required"), YES_OR_NO),
                    **dict.fromkeys(("code", "datatype", "description"), TEXT),
                    "datatype_description": MAYBE,
                    "order": {"type": "integer", "minimum": 1},
                    "values": list_of(an_object({"key": TEXT, "name": TEXT})),
                }
            )
        ),
    }
)
TOKENS = list_of(an_object({"service_request_id": MAYBE, "token": TEXT}))
LOCATION = an_object(
    {"location_found": YES_OR_NO, "jurisdictions": list_of(an_object({"jurisdiction_id": TEXT, "name": TEXT}))}
)
_MORE: Mapping[str, Any] = {
    "service_object_type": MAYBE,
    "service_object_id": MAYBE,
    "extended_attributes": {"type": "object"},
    "attributes": list_of({"type": "object"}),
    "notes": list_of({"type": "object"}),
}
REQUESTS = list_of(
    an_object(
        {
            **dict.fromkeys(("service_request_id", "status_notes", "service_name", "service_code"), TEXT),
            "status": STATUS,
            **dict.fromkeys(("requested_datetime", "updated_datetime"), MOMENT),
            "expected_datetime": or_null(MOMENT),
            **{name: or_null(NUMBER) for name in ("lat", "long")},
            **dict.fromkeys(("description", "agency_responsible", "service_notice", "media_url"), MAYBE),
            **dict.fromkeys(("address", "address_id", "zipcode"), MAYBE),
            **_MORE,
        },
        *_MORE,
    )
)
NEW_REQUEST = list_of(
    an_object(
        {"service_request_id": TEXT, "token": TEXT, "service_notice": MAYBE, "account_id": MAYBE},
        *("service_request_id", "token"),
    )
)
UPDATES = list_of(
    an_object(
        {
            **dict.fromkeys(("update_id", "service_request_id", "description", "external_status_code"), TEXT),
            "status": STATUS,
            "updated_datetime": MOMENT,
            "media_url": MAYBE,
        }
    )
)
NEW_UPDATE = list_of(an_object({"update_id": TEXT, "service_request_id": TEXT}))

_PICTURES = list_of({"type": "string", "format": "binary"})
REQUEST_FORM = {
    "type": "object",
    "required": ["service_code"],
    "properties": {
        **dict.fromkeys(("api_key", "jurisdiction_id", "service_code", "description", "address_string"), TEXT),
        **dict.fromkeys(("address_id", "service_object_type", "service_object_id", "media_url"), TEXT),
        **dict.fromkeys(("lat", "long"), NUMBER),
        "media": _PICTURES,
    },
    # attribute[CODE] and attribute[CODE][]
    "additionalProperties": True,
}
UPDATE_FORM = {
    "type": "object",
    "required": ["service_request_id", "update_id", "updated_datetime", "status", "description"],
    "properties": {
        **dict.fromkeys(("api_key", "jurisdiction_id", "service_request_id", "update_id", "status"), TEXT),
        **dict.fromkeys(("description", "media_url", "external_status_code"), TEXT),
        "updated_datetime": MOMENT,
        "media": _PICTURES,
    },
    "additionalProperties": True,
}

JURISDICTION = Param(
    "jurisdiction_id", TEXT, _l("The district by its code or name, or the code of a town; may be left out")
)
EXTENSIONS = Param("extensions", YES_OR_NO, _l("Whether all that we know beside is told, too"))
SERVICE_CODE = Param("service_code", TEXT, _l("Codes of kinds of issue, with commas between"))
PLACE = (
    Param("lat", NUMBER, _l("Latitude, WGS 84")),
    Param("long", NUMBER, _l("Longitude, WGS 84")),
)
WINDOW = (
    Param("service_request_id", TEXT, _l("Numbers with commas between; before all other conditions")),
    Param("start_date", TEXT, _l("From this moment on; the last 90 days if left out")),
    Param("end_date", TEXT, _l("Until this moment, at most 90 days later")),
    Param("page", {"type": "integer", "minimum": 1}, _l("Which page")),
    Param("page_size", {"type": "integer", "minimum": 1, "maximum": 1000}, _l("How many a page may hold")),
    Param("limit", {"type": "integer", "minimum": 1}, _l("The same as page_size")),
    Param("max_requests", {"type": "integer", "minimum": 1}, _l("The same as page_size")),
    Param("offset", {"type": "integer", "minimum": 0}, _l("How many to pass over")),
)
CONDITIONS = (
    SERVICE_CODE,
    Param("status", TEXT, _l("open, closed, or both with a comma between")),
    PLAIN_BBOX,
    *(Param(name, NUMBER, _l("A corner of a box")) for name in ("long_sw", "lat_sw", "long_ne", "lat_ne")),
    EXTENSIONS,
)


def open311(
    summary: Words,
    shape: Mapping[str, Any],
    *,
    query: Sequence[Param] = (),
    form: Mapping[str, Any] | None = None,
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Decorator of a view of Open311: the shape of its answer in JSON, which XML says alike; a form makes it a POST."""
    good = Answer(_l("The answer"), {JSON: shape, XML: TEXT})
    wrong = Answer(_l("What is wrong, as Open311 has it"), {JSON: ERROR, XML: TEXT})
    return described(
        summary,
        "open311",
        {200: good, **dict.fromkeys(ERRORS, wrong)},
        query=(*query, JURISDICTION, LANG) if form is None else (),
        body=None if form is None else Body(dict.fromkeys(FORMS, form)),
        is_open=form is None,
        method="GET" if form is None else "POST",
    )
