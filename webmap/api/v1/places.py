"""Places: what lies there and who answers for it, and where addresses are."""

from typing import Any

from flask import Blueprint, Response
from flask_babel import lazy_gettext as _l

from geodata.geocode.answers import GeocodeAnswer
from geodata.services.search_addresses import geocoded
from webmap import params
from webmap.access import needs
from webmap.api.v1 import paged
from webmap.api.where import asked
from webmap.bodies import JsonBody
from webmap.idempotency import once
from webmap.openapi import Answer, Body, described
from webmap.openapi.parameters import CATEGORY, LANG, LAT, LON
from webmap.openapi.shapes import JSON, ref
from webmap.openapi.v1_parameters import IDEMPOTENCY_KEY
from webmap.records import current_session
from webmap.responses import as_json

bp = Blueprint("v1_places", __name__, url_prefix="/api/v1")

MOST_ADDRESSES = 100
LONGEST_ADDRESS = 200

ADDRESSES = JsonBody(
    {
        "addresses": {
            "type": "array",
            "items": {"type": "string", "minLength": 1, "maxLength": LONGEST_ADDRESS},
            "minItems": 1,
            "maxItems": MOST_ADDRESSES,
        }
    },
    required=("addresses",),
)


@bp.get("/where")
@described(
    _l("What lies at a place, and who answers for it"),
    "v1",
    {200: Answer(_l("The areas, the responsible and the units near by"), {JSON: ref("Place")})},
    query=(LON, LAT, CATEGORY, LANG),
    errors=(422,),
)
@needs("map.read")
def where() -> Response:
    """What lies at `lon`, `lat` and who answers for it; `category` asks about a kind of issue."""
    return as_json(asked()[0])


@bp.post("/geocode")
@described(
    _l("Where addresses are"),
    "v1",
    {200: Answer(_l("An answer to each, in the order sent"), {JSON: ref("GeocodePage")})},
    query=(LANG, IDEMPOTENCY_KEY),
    body=Body(ADDRESSES.content),
    errors=(409, 413, 415, 422),
    is_open=False,
    method="POST",
)
@needs("address.find")
@once
def geocode() -> Response:
    """The places of addresses, from the district's own gazetteer; nothing is stored, and no log has an address."""
    params.only()
    sent = ADDRESSES.sent()["addresses"]
    found = geocoded(current_session(), sent)
    return paged.page([_answer(text, one) for text, one in zip(sent, found, strict=True)])


def _answer(text: str, one: GeocodeAnswer) -> dict[str, Any]:
    """An address and its place; `lon` and `lat` are there where `status` is `accepted`, else only candidates are."""
    return {
        "address": text,
        "status": one.status,
        "level": one.level,
        "score": round(one.score, 4),
        "error_m": one.error_m,
        "lon": one.lon,
        "lat": one.lat,
        "town_code": one.town_code,
        "reasons": one.why_record()["reasons"],
        "candidates": [candidate.to_record() for candidate in one.candidates],
    }
