"""The description of the API: one document for programs, and a page to read it without any network."""

from flask import Blueprint, Response

from webmap import params
from webmap.api.ogc.definition import api_document

bp = Blueprint("openapi", __name__)


@bp.get("/openapi.json")
def everything() -> Response:
    """All doors in one document of OpenAPI 3.0; as a page, where a page is asked for."""
    params.only("f")
    return api_document()
