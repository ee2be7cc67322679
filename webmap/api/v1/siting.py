"""Where the next units would cover most."""

import threading

from flask import Blueprint, Response
from flask_babel import lazy_gettext as _l

from geodata.services.coverage import RADII_M
from geodata.services.siting import MOST_SITES, siting
from webmap import params
from webmap.access import needs
from webmap.bodies import JsonBody
from webmap.errors import SitingBusy
from webmap.idempotency import once
from webmap.openapi import Answer, Body, described
from webmap.openapi.parameters import LANG
from webmap.openapi.shapes import JSON, ref
from webmap.openapi.v1_parameters import IDEMPOTENCY_KEY
from webmap.records import current_session
from webmap.responses import as_json

bp = Blueprint("v1_siting", __name__, url_prefix="/api/v1/siting")

CODE = {"type": "string", "minLength": 1, "maxLength": 40}

QUESTION = JsonBody(
    {
        "count": {"type": "integer", "minimum": 1, "maximum": MOST_SITES},
        "radius_m": {"type": "number", "minimum": RADII_M[0], "maximum": RADII_M[1]},
        "category": CODE,
        "within": CODE,
    },
    required=("count", "radius_m"),
)

# Each question takes the processor and some hundred megabytes for itself.
_solver = threading.Lock()


@bp.post("")
@described(
    _l("Where the next units would cover most ground that lies near none"),
    "v1",
    {200: Answer(_l("Sites, what adds most first, and the covered share before and after"), {JSON: ref("Siting")})},
    query=(LANG, IDEMPOTENCY_KEY),
    body=Body(QUESTION.content),
    errors=(409, 413, 415, 422),
    is_open=False,
    method="POST",
)
@needs("siting.ask")
@once
def ask() -> Response:
    """Sites for `count` units of reach `radius_m` (for a `category`; `within` a town or village); nothing is stored.

    One question at a time is worked on, others get 503 and when to ask again.
    """
    params.only()
    sent = QUESTION.sent()
    if not _solver.acquire(blocking=False):
        raise SitingBusy
    try:
        found = siting(
            current_session(),
            count=int(sent["count"]),
            radius_m=float(sent["radius_m"]),
            category=sent.get("category"),
            within=sent.get("within"),
        )
    finally:
        _solver.release()
    return as_json(found.to_json())
