"""What the OGC API takes and gives, as a document of its own: clients expect paths as the standard writes them."""

from flask import Blueprint, Response, current_app, render_template, request
from flask_babel import lazy_gettext as _l

from webmap import params
from webmap.api.ogc.encodings import HTML, JSON, negotiated, wants_page
from webmap.openapi import Answer, described
from webmap.openapi.document import MEDIA_TYPE, document
from webmap.openapi.parameters import FORM, LANG
from webmap.openapi.shapes import AN_OBJECT, PAGE
from webmap.responses import as_json


def add_to(bp: Blueprint) -> None:
    """Tie the route to the blueprint."""
    bp.get("/api")(definition)


@described(
    _l("What the OGC API takes and gives"),
    "ogc",
    {200: Answer(_l("A document of OpenAPI 3.0"), {MEDIA_TYPE: AN_OBJECT, JSON: AN_OBJECT, HTML: PAGE})},
    query=(FORM, LANG),
)
def definition() -> Response:
    """The routes below /ogc in OpenAPI 3.0."""
    params.only("f")
    return api_document(below="/ogc")


def api_document(*, below: str = "") -> Response:
    """The description of all routes, or of those below a path, as a document or as a page."""
    facts = document(current_app, server=request.url_root.rstrip("/") + below, below=below)
    if wants_page():
        return negotiated(Response(render_template("openapi.html", facts=facts)))
    # plain JSON for whoever accepts that and has not heard of the other
    is_plain = request.accept_mimetypes.best_match([MEDIA_TYPE.partition(";")[0], JSON]) == JSON
    return negotiated(as_json(facts, mimetype=JSON if is_plain else MEDIA_TYPE))
