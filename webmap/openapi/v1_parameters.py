"""Parameters and headers of our own API that many of its operations share."""

from flask_babel import lazy_gettext as _l

from webmap.openapi.operations import Param
from webmap.openapi.shapes import TEXT

# Pages of the API: how many items they hold unless told otherwise, and at most.
DEFAULT_LIMIT, LARGEST_LIMIT = 100, 500

LIMIT = Param(
    "limit",
    {"type": "integer", "minimum": 1, "maximum": LARGEST_LIMIT, "default": DEFAULT_LIMIT},
    _l("How many items a page may hold"),
)

IDEMPOTENCY_KEY = Param(
    "Idempotency-Key",
    {"type": "string", "minLength": 16, "maxLength": 100, "pattern": "^[A-Za-z0-9_-]+$"},
    _l("A name for this request, made at random: sent again under it, it acts once"),
    where="header",
)
IF_MATCH = Param(
    "If-Match",
    TEXT,
    _l("The version of the ticket that this goes by, as ETag told it: of any other nothing is done"),
    where="header",
)
