"""The description of the API as one document of OpenAPI 3.0, made from the routes."""

import inspect
import json
import re
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any, NamedTuple

from flask import Flask
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.routing import Rule

from webmap.openapi.ground_shapes import GROUND_SHAPES
from webmap.openapi.operations import Operation, operation_of
from webmap.openapi.shapes import PROBLEM, SHAPES, ref
from webmap.openapi.ticket_shapes import TICKET_SHAPES
from webmap.records import district_if_there

VERSION = "3.0.3"
MEDIA_TYPE = "application/vnd.oai.openapi+json;version=3.0"

# Addresses of which every one is described.
DOORS = ("/api/", "/ogc/", "/open311/", "/export/", "/tiles/", "/feeds/", "/where")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

# What any route may answer with.
ERRORS = (400, 401, 403, 404, 429, 500, 503)

ALL_SHAPES = {**SHAPES, **TICKET_SHAPES, **GROUND_SHAPES}

TAGS = {
    "ogc": _l("OGC API: the published collections as features and tiles"),
    "open311": _l("Open311 GeoReport v2: issues filed by other systems"),
    "v1": _l("Tickets, places, assignment, coverage and siting"),
    "export": _l("Collections as files"),
    "tiles": _l("Vector tiles"),
    "feeds": _l("News of towns and cells"),
    "pages": _l("What the pages of this server ask; it changes with them"),
}

_PART = re.compile(r"<(?:(\w+)(?:\(([^)]*)\))?:)?(\w+)>")
_REF = re.compile(r'"#/components/(\w+)/(\w+)"')
_NUMBERED = {"int": {"type": "integer", "minimum": 0, "maximum": 2**31 - 1}}


class Route(NamedTuple):
    """A route that is described: its path as OpenAPI writes it, its method, and what it says of itself."""

    path: str
    method: str
    operation: Operation
    parts: tuple[dict[str, Any], ...]
    about: str


def routes(app: Flask) -> Iterator[Route]:
    """The routes of all doors, in the order of their paths. Raises LookupError for one that is not described."""
    rules = sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule)
    for rule in rules:
        if not is_door(rule.rule):
            continue
        view: Callable[..., Any] = app.view_functions[rule.endpoint]
        for method in METHODS:
            if method in (rule.methods or ()):
                operation = operation_of(view, method)
                if operation is None:
                    raise LookupError(f"{method} {rule.rule} is not described")
                yield Route(_path(rule), method, operation, tuple(_parts(rule)), inspect.getdoc(view) or "")


def is_door(path: str) -> bool:
    """Whether an address is one of those of which every one is described."""
    return f"{path}/".startswith(DOORS)


def document(app: Flask, *, server: str, below: str = "") -> dict[str, Any]:
    """The document, for clients of a server's address.

    below   only routes below this path, which the server's address then ends with.
    """
    place = district_if_there()
    paths: dict[str, dict[str, Any]] = {}
    tags: dict[str, None] = {}
    for route in routes(app):
        if not f"{route.path}/".startswith(f"{below}/"):
            continue
        tags[route.operation.tag] = None
        told = paths.setdefault(route.path.removeprefix(below) or "/", {})
        if route.parts:
            told["parameters"] = list(route.parts)
        told[route.method.lower()] = _operation(route)
    return {
        "openapi": VERSION,
        "info": {
            "title": str(_("Grid map")),
            "version": "1.0.0",
            "description": str(_("The doors of this server for programs.")),
            "contact": {"name": place.name if place else str(_("Grid map")), "url": server},
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "servers": [{"url": server}],
        "tags": [{"name": name, "description": str(TAGS[name])} for name in TAGS if name in tags],
        "paths": paths,
        "components": {
            **_used(paths, app),
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "description": str(_("A key of one's own."))},
                "key": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": str(_("The same."))},
                "session": {"type": "apiKey", "in": "cookie", "name": "wangge", "description": str(_("A sign-in."))},
            },
        },
    }


def _used(paths: dict[str, Any], app: Flask) -> dict[str, dict[str, Any]]:
    """The shared parts that these paths lead to, and no others."""
    known: dict[str, dict[str, Any]] = {
        "schemas": {name: dict(shape) for name, shape in ALL_SHAPES.items()},
        "responses": {f"E{status}": _problem(status) for status in sorted({*ERRORS, *_more_errors(app)})},
    }
    found: set[tuple[str, str]] = set()
    ahead: list[Any] = [paths]
    while ahead:
        for at in {(kind, name) for kind, name in _REF.findall(json.dumps(ahead.pop()))} - found:
            found.add(at)
            ahead.append(known[at[0]][at[1]])
    return {
        kind: {name: part for name, part in parts.items() if (kind, name) in found} for kind, parts in known.items()
    }


def _more_errors(app: Flask) -> set[int]:
    return {status for route in routes(app) for status in route.operation.errors}


def _operation(route: Route) -> dict[str, Any]:
    told = route.operation
    answers = {str(status): answer.facts() for status, answer in told.answers.items()}
    problems = {str(status): {"$ref": f"#/components/responses/E{status}"} for status in (*ERRORS, *told.errors)}
    found: dict[str, Any] = {
        "operationId": _name(route),
        "summary": str(told.summary),
        "description": route.about,
        "tags": [told.tag],
        "parameters": [one.facts() for one in told.query],
        "responses": {**answers, **{status: one for status, one in problems.items() if status not in answers}},
        "security": [*([{}] if told.is_open else []), {"bearer": []}, {"key": []}, {"session": []}],
    }
    if told.body is not None:
        found["requestBody"] = told.body.facts()
    return found


def _problem(status: int) -> dict[str, Any]:
    return {"description": HTTPStatus(status).phrase, "content": {PROBLEM: {"schema": ref("Problem")}}}


def _name(route: Route) -> str:
    words = re.findall(r"[A-Za-z0-9]+", route.path)
    return route.method.lower() + "".join(word[:1].upper() + word[1:] for word in words)


def _path(rule: Rule) -> str:
    return _PART.sub(lambda part: "{" + _camel(part[3]) + "}", rule.rule)


def _parts(rule: Rule) -> Iterator[dict[str, Any]]:
    for kind, options, name in _PART.findall(rule.rule):
        schema: dict[str, Any] = dict(_NUMBERED.get(kind, {"type": "string", "minLength": 1}))
        if kind == "any":
            schema = {"type": "string", "enum": [option.strip(" '\"") for option in options.split(",")]}
        yield {"name": _camel(name), "in": "path", "required": True, "schema": schema}


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
