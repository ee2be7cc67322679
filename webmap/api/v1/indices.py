"""The figures of indices at an address that stays."""

from flask import Blueprint, Response
from flask_babel import lazy_gettext as _l

from geodata.services.indices import INDICES
from webmap.access import needs
from webmap.api.indices import told
from webmap.openapi import Answer, Param, described
from webmap.openapi.parameters import LANG, PERIOD
from webmap.openapi.shapes import DAY, JSON, TEXT, ref
from webmap.pages.indices import LEVELS
from webmap.responses import as_json

bp = Blueprint("v1_indices", __name__, url_prefix="/api/v1/indices")


@bp.get("")
@described(
    _l("Indices of a period: how well issues are found, handled and closed"),
    "v1",
    {200: Answer(_l("Figures with numerator, denominator and where their tickets are"), {JSON: ref("Indices")})},
    query=(
        Param("index", {**TEXT, "enum": [each.id for each in INDICES]}, _l("One of them; all if left out")),
        Param("level", {**TEXT, "enum": list(LEVELS), "default": LEVELS[0]}, _l("What the rows are")),
        Param("area", TEXT, _l("Code of a town or village: only what lies in it")),
        PERIOD,
        Param("since", DAY, _l("The first day, with until in the place of period")),
        Param("until", DAY, _l("The last day")),
        LANG,
    ),
    errors=(422,),
    is_open=False,
)
@needs("index.read")
def index() -> Response:
    """One `index`, or all, for each row of a `level` within an `area`, in a `period` (the last whole month)."""
    return as_json(told())
