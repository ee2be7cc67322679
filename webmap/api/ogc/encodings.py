"""Every resource of the OGC API in two encodings: JSON for programs, a page for people, and links between them."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from flask import Response, render_template, request, url_for
from flask_babel import gettext as _

from webmap import params
from webmap.errors import BadParameter
from webmap.languages import language
from webmap.responses import as_json

JSON = "application/json"
GEOJSON = "application/geo+json"
SCHEMA = "application/schema+json"
HTML = "text/html"
PROBLEM = "application/problem+json"

FORMS = ("json", "html")

Link = dict[str, Any]


class Resource(NamedTuple):
    """One resource at one address: what JSON says, and the page that shows it."""

    facts: dict[str, Any]
    template: str
    mimetype: str = JSON


def wants_page() -> bool:
    """Whether a page is asked for: by `f`, else by what is accepted. Whoever accepts anything gets JSON."""
    form = params.said("f")
    if form is not None:
        if form not in FORMS:
            raise BadParameter("f", form[:20], f"one of {', '.join(FORMS)}")
        return form == "html"
    accepted = request.accept_mimetypes
    return accepted.quality(HTML) > max(accepted.quality(kind) for kind in (JSON, GEOJSON, SCHEMA))


def answer(resource: Resource, **shown: Any) -> Response:  # noqa: ANN401 - whatever the template needs
    """The resource in the encoding that is asked for; `shown` is for the page alone."""
    if not wants_page():
        return negotiated(as_json(resource.facts, mimetype=resource.mimetype))
    page = render_template(resource.template, facts=resource.facts, links=resource.facts.get("links", []), **shown)
    return negotiated(Response(page))


def negotiated(response: Response) -> Response:
    """The answer, which says that it depends on what is asked for and on the language."""
    response.vary.update(("Accept", "Accept-Language", "Cookie", "Authorization"))
    return response


def link(rel: str, href: str, kind: str, title: str, **more: Any) -> Link:  # noqa: ANN401 - as the link's type has them
    """A typed link."""
    return {"rel": rel, "href": href, "type": kind, "title": title, **more}


def address(endpoint: str, **values: Any) -> str:  # noqa: ANN401 - parts of the address
    """The whole address of a resource of the OGC API; clients put no addresses together."""
    return url_for(f"ogc.{endpoint}", _external=True, **values)


def self_links(endpoint: str, *, mimetype: str = JSON, **values: Any) -> list[Link]:  # noqa: ANN401 - parts of the address
    """Links to this resource in the encoding at hand and in the other one."""
    machine = link("self", address(endpoint, f="json", **values), mimetype, str(_("This document as JSON")))
    page = link("alternate", address(endpoint, f="html", **values), HTML, str(_("This document as a page")))
    if wants_page():
        machine, page = {**machine, "rel": "alternate"}, {**page, "rel": "self"}
    return [machine, page]


def in_language(zh: str, en: str) -> str:
    """One of two texts."""
    return en if language() == "en" else zh


def of_relation(links: Sequence[Link], rel: str) -> list[Link]:
    """The links of a relation."""
    return [one for one in links if one["rel"] == rel]
