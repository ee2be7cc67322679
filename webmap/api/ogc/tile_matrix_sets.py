"""How the world is cut into tiles: the one set of tile matrices that is offered, as OGC defines it."""

import math
from typing import Any

from flask import Blueprint, Response
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from geodata.errors import NotFound
from webmap import params
from webmap.api.ogc.encodings import HTML, JSON, Link, Resource, address, answer, link, self_links
from webmap.api.tiles import DEEPEST
from webmap.openapi import Answer, described
from webmap.openapi.parameters import FORM, LANG
from webmap.openapi.shapes import AN_OBJECT, PAGE

ID = "WebMercatorQuad"
# As the register of OGC calls it.
TITLE = "Google Maps Compatible for the World"
URI = f"http://www.opengis.net/def/tilematrixset/OGC/1.0/{ID}"
CRS_URI = "http://www.opengis.net/def/crs/EPSG/0/3857"
SCALES = "http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible"

TILE_PIXELS = 256
HALF_WORLD_M = math.pi * 6_378_137.0
# The standard's pixel, by which a scale is told.
PIXEL_M = 0.000_28


def add_to(bp: Blueprint) -> None:
    """Tie the routes to the blueprint."""
    bp.get("/tileMatrixSets")(tile_matrix_sets)
    bp.get("/tileMatrixSets/<tile_matrix_set_id>")(tile_matrix_set)


@described(
    _l("The ways in which the world is cut into tiles"),
    "ogc",
    {200: Answer(_l("Sets of tile matrices"), {JSON: AN_OBJECT, HTML: PAGE})},
    query=(FORM, LANG),
)
def tile_matrix_sets() -> Response:
    """The sets of tile matrices in which tiles are offered."""
    params.only("f")
    links = [
        link("self", address("tile_matrix_set", tile_matrix_set_id=ID, f="json"), JSON, TITLE),
        link("alternate", address("tile_matrix_set", tile_matrix_set_id=ID, f="html"), HTML, TITLE),
    ]
    facts = {
        "links": self_links("tile_matrix_sets"),
        "tileMatrixSets": [{"id": ID, "title": TITLE, "uri": URI, "crs": CRS_URI, "links": links}],
    }
    return answer(Resource(facts, "ogc_tile_matrix_sets.html"))


@described(
    _l("One way in which the world is cut into tiles"),
    "ogc",
    {200: Answer(_l("A set of tile matrices"), {JSON: AN_OBJECT, HTML: PAGE})},
    query=(FORM, LANG),
)
def tile_matrix_set(tile_matrix_set_id: str) -> Response:
    """The definition of a set of tile matrices."""
    params.only("f")
    known(tile_matrix_set_id)
    facts = {
        "id": ID,
        "title": TITLE,
        "uri": URI,
        "crs": CRS_URI,
        "orderedAxes": ["X", "Y"],
        "wellKnownScaleSet": SCALES,
        "links": self_links("tile_matrix_set", tile_matrix_set_id=ID),
        "tileMatrices": [_matrix(zoom) for zoom in range(DEEPEST + 1)],
    }
    return answer(Resource(facts, "ogc_tile_matrix_set.html"))


def known(tile_matrix_set_id: str) -> None:
    """Raise NotFound for a set of tile matrices that is not offered."""
    if tile_matrix_set_id != ID:
        raise NotFound("tile matrix set", tile_matrix_set_id[:100], (ID,))


def scheme_link() -> Link:
    """The link from tiles to the definition of their matrices."""
    rel = "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme"
    return link(rel, address("tile_matrix_set", tile_matrix_set_id=ID), JSON, str(_("How the world is cut into tiles")))


def _matrix(zoom: int) -> dict[str, Any]:
    count = 2**zoom
    cell_m = 2 * HALF_WORLD_M / TILE_PIXELS / count
    return {
        "id": str(zoom),
        "scaleDenominator": cell_m / PIXEL_M,
        "cellSize": cell_m,
        "cornerOfOrigin": "topLeft",
        "pointOfOrigin": [-HALF_WORLD_M, HALF_WORLD_M],
        "tileWidth": TILE_PIXELS,
        "tileHeight": TILE_PIXELS,
        "matrixWidth": count,
        "matrixHeight": count,
    }
