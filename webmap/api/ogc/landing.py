"""The door of the OGC API: where everything is, and which classes of the standards are kept."""

from flask import Blueprint, Response
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webmap import params
from webmap.api.ogc.encodings import HTML, JSON, Resource, address, answer, link, self_links
from webmap.openapi import Answer, described
from webmap.openapi.document import MEDIA_TYPE
from webmap.openapi.parameters import FORM, LANG
from webmap.openapi.shapes import PAGE, ref
from webmap.records import district

FEATURES = "http://www.opengis.net/spec/ogcapi-features-{part}/1.0/conf/{name}"
CQL2 = "http://www.opengis.net/spec/cql2/1.0/conf/{name}"
TILES = "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/{name}"
TILING_SCHEMES = "http://www.opengis.net/def/rel/ogc/1.0/tiling-schemes"

# Only what a test shows.
CONFORMANCE = (
    *(FEATURES.format(part=1, name=name) for name in ("core", "geojson", "html", "oas30")),
    FEATURES.format(part=2, name="crs"),
    *(
        FEATURES.format(part=3, name=name)
        for name in ("queryables", "queryables-query-parameters", "filter", "features-filter")
    ),
    *(
        CQL2.format(name=name)
        for name in (
            *("cql2-text", "cql2-json", "basic-cql2", "advanced-comparison-operators"),
            *("case-insensitive-comparison", "basic-spatial-functions"),
        )
    ),
    *(
        FEATURES.format(part=4, name=name)
        for name in ("create-replace-delete", "update", "features", "optimistic-locking-etags")
    ),
    *(TILES.format(name=name) for name in ("core", "tileset", "tilesets-list", "geodata-tilesets", "mvt", "oas30")),
)


def add_to(bp: Blueprint) -> None:
    """Tie the routes to the blueprint."""
    bp.get("", strict_slashes=False)(landing)
    bp.get("/conformance")(conformance)


@described(
    _l("The landing page"),
    "ogc",
    {200: Answer(_l("Links to everything"), {JSON: ref("Landing"), HTML: PAGE})},
    query=(FORM, LANG),
)
def landing() -> Response:
    """The landing page: links to the collections, the classes that are kept, and the description of the API."""
    params.only("f")
    place = district()
    links = [
        *self_links("landing"),
        link("service-desc", address("definition"), MEDIA_TYPE, str(_("What this API takes and gives, for programs"))),
        link("service-doc", address("definition", f="html"), HTML, str(_("What this API takes and gives, to read"))),
        link("conformance", address("conformance"), JSON, str(_("Classes of the standards that are kept"))),
        link("data", address("collections"), JSON, str(_("The collections"))),
        link("data", address("collections", f="html"), HTML, str(_("The collections"))),
        link(TILING_SCHEMES, address("tile_matrix_sets", f="json"), JSON, str(_("How the world is cut into tiles"))),
        link(TILING_SCHEMES, address("tile_matrix_sets", f="html"), HTML, str(_("How the world is cut into tiles"))),
    ]
    facts = {
        "title": str(_("Grid map of %(district)s", district=place.name)),
        "description": str(_("Areas, grids, units, responsibilities and tickets of the district as features.")),
        "links": links,
    }
    return answer(Resource(facts, "ogc_landing.html"))


@described(
    _l("The classes of the standards that are kept"),
    "ogc",
    {200: Answer(_l("Addresses of classes"), {JSON: ref("Conformance"), HTML: PAGE})},
    query=(FORM, LANG),
)
def conformance() -> Response:
    """The classes of OGC's standards that are kept."""
    params.only("f")
    facts = {"links": self_links("conformance"), "conformsTo": list(CONFORMANCE)}
    return answer(Resource(facts, "ogc_conformance.html"))
