"""One plain structure, written as XML or as JSON, so that the two can never say different things.

A structure is made of texts, numbers, truths, moments, None, mappings and lists. In XML a list is an element around its
parts, whose name follows from its own (`services` holds `service`); in JSON that element disappears and the list stands
bare. What is empty is an empty element there and null here.
"""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape
from http import HTTPStatus
from zoneinfo import ZoneInfo

from flask import Response, current_app, request

from webmap.languages import zone

Plain = str | int | float | bool | datetime | None | Mapping[str, "Plain"] | Sequence["Plain"]

FORMS = {"xml": "text/xml; charset=utf-8", "json": "application/json; charset=utf-8"}

# What a list of this name holds.
PARTS = {
    "services": "service",
    "attributes": "attribute",
    "values": "value",
    "endpoints": "endpoint",
    "formats": "format",
    "groups": "group",
    "service_requests": "request",
    "service_request_updates": "request_update",
    "notes": "note",
    "photos": "photo",
    "jurisdictions": "jurisdiction",
    "errors": "error",
}

# Statuses that say more than that the caller was wrong. All others are told as 400, and the code in the body is finer.
OWN_STATUS = frozenset({403, 404, 405, 413, 414, 429, *range(500, 600)})

# No document of XML 1.0 can hold these.
_UNWRITABLE = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def answer(root: str, structure: Plain, *, form: str, status: int = 200) -> Response:
    """A structure in the form (`xml`, `json`) that was asked for; `root` is the name of the whole in XML."""
    clean = _clean(structure)
    if form == "json":
        body = json.dumps(clean, ensure_ascii=False, allow_nan=False)
    else:
        body = f'<?xml version="1.0" encoding="utf-8"?>\n{_element(root, clean)}\n'
    return Response(body, status=status, content_type=FORMS[form])


def problem(status: HTTPStatus, descriptions: Sequence[str]) -> Response:
    """Errors as Open311 has them, in the form that the address asks for; XML where it asks for none."""
    # whoever is not signed in has no key
    code = HTTPStatus.FORBIDDEN if status is HTTPStatus.UNAUTHORIZED else status
    told = code.value if code.value in OWN_STATUS else HTTPStatus.BAD_REQUEST.value
    form = "json" if request.path.endswith(".json") else "xml"
    return answer("errors", [{"code": code.value, "description": one} for one in descriptions], form=form, status=told)


def link(path: str) -> str:
    """The whole address of something here (`/tickets/…`), by https wherever people reach us so."""
    scheme = "https" if current_app.config["SESSION_COOKIE_SECURE"] else request.scheme
    return f"{scheme}://{request.host}{path}"


def _clean(value: Plain) -> Plain:
    """The same with texts that both forms can hold, moments in words of the district's zone, and nothing empty."""
    if isinstance(value, datetime):
        return value.astimezone(ZoneInfo(zone())).isoformat(timespec="seconds")
    if isinstance(value, str):
        return _UNWRITABLE.sub("", value.replace("\r\n", "\n").replace("\r", "\n")) or None
    if isinstance(value, Mapping):
        return {name: _clean(part) for name, part in value.items()}
    if isinstance(value, Sequence):
        return [_clean(part) for part in value]
    return value


def _element(name: str, value: Plain) -> str:
    if value is None:
        return f"<{name}/>"
    if isinstance(value, bool):
        return f"<{name}>{'true' if value else 'false'}</{name}>"
    if isinstance(value, Mapping):
        inside = "".join(_element(each, part) for each, part in value.items())
    elif isinstance(value, Sequence) and not isinstance(value, str):
        inside = "".join(_element(PARTS[name], part) for part in value)
    else:
        inside = escape(str(value), quote=False)
    return f"<{name}>{inside}</{name}>" if inside else f"<{name}/>"
