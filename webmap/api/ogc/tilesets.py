"""Vector tiles of a collection as OGC API Tiles offers them: the tiles of /tiles, their addresses row before column."""

from typing import Any

from flask import Blueprint, Response
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug import Response as AnyResponse

from geodata.catalog import Collection
from spatial.crs_uris import CRS84_URI
from webmap import params
from webmap.api.ogc.collections import extent_of, readable, schema_of
from webmap.api.ogc.encodings import (
    HTML,
    JSON,
    Link,
    Resource,
    address,
    answer,
    in_language,
    link,
    negotiated,
    self_links,
)
from webmap.api.ogc.tile_matrix_sets import CRS_URI, ID, URI, known, scheme_link
from webmap.api.tiles import DEEPEST, TILE_ANSWERS, tile_of
from webmap.errors import BadParameter
from webmap.openapi import Answer, described
from webmap.openapi.operations import Param
from webmap.openapi.parameters import FORM, LANG, PERIOD, RADIUS, TICKETS
from webmap.openapi.shapes import AN_OBJECT, MVT, PAGE
from webmap.responses import as_json

TILEJSON = "application/vnd.mapbox.tile+json"

FORM_OF_TILESET = Param("f", {"type": "string", "enum": ["json", "html", "tilejson"]}, FORM.about)
FORM_OF_TILE = Param("f", {"type": "string", "enum": ["mvt"]}, FORM.about)

DIMENSIONS = {"Point": 0, "MultiLineString": 1, "MultiPolygon": 2}

# Of the whole world to a district's about forty kilometres.
FIRST_ZOOM = 11


def add_to(bp: Blueprint) -> None:
    """Tie the routes to the blueprint."""
    of_collection = "/collections/<collection_id>/tiles"
    bp.get(of_collection)(tilesets)
    bp.get(f"{of_collection}/<tile_matrix_set_id>")(tileset)
    bp.get(f"{of_collection}/<tile_matrix_set_id>/<int:z>/<int:y>/<int:x>")(tile)


@described(
    _l("The vector tiles of a collection"),
    "ogc",
    {200: Answer(_l("Sets of tiles"), {JSON: AN_OBJECT, HTML: PAGE})},
    query=(FORM, LANG),
)
def tilesets(collection_id: str) -> Response:
    """The tilesets of a collection: there is one."""
    params.only("f")
    one = readable(collection_id)
    facts = {
        "links": self_links("tilesets", collection_id=one.id),
        "tilesets": [{**_about(one), "links": _links(one)}],
    }
    return answer(Resource(facts, "ogc_tilesets.html"), collection=one)


@described(
    _l("What the vector tiles of a collection hold, and where they are"),
    "ogc",
    {200: Answer(_l("A set of tiles"), {JSON: AN_OBJECT, TILEJSON: AN_OBJECT, HTML: PAGE})},
    query=(FORM_OF_TILESET, LANG),
)
def tileset(collection_id: str, tile_matrix_set_id: str) -> Response:
    """What the tiles of a collection hold, where they lie, and how their addresses are made."""
    params.only("f")
    one = readable(collection_id)
    known(tile_matrix_set_id)
    if params.said("f") == "tilejson":
        return negotiated(as_json(_tilejson(one), mimetype=TILEJSON))
    links = [*self_links("tileset", **_where(one)), *_links(one)[1:]]
    facts = {**_about(one), "links": links, "layers": [_layer(one)], **_place(one)}
    return answer(Resource(facts, "ogc_tileset.html"), collection=one)


@described(
    _l("One vector tile of a collection, row before column"),
    "ogc",
    TILE_ANSWERS,
    query=(FORM_OF_TILE, *TICKETS, RADIUS, PERIOD, LANG),
)
def tile(collection_id: str, tile_matrix_set_id: str, *, z: int, y: int, x: int) -> AnyResponse:
    """One vector tile; 204 where nothing is to be drawn, 404 off the matrix."""
    known(tile_matrix_set_id)
    form = params.said("f")
    if form not in {None, "mvt"}:
        raise BadParameter("f", (form or "")[:20], "mvt, or left out")
    return tile_of(collection_id, z, x, y, known=("f",))


def _where(one: Collection) -> dict[str, str]:
    return {"collection_id": one.id, "tile_matrix_set_id": ID}


def _about(one: Collection) -> dict[str, Any]:
    return {
        "title": in_language(one.title_zh, one.title_en),
        "dataType": "vector",
        "crs": CRS_URI,
        "tileMatrixSetId": ID,
        "tileMatrixSetURI": URI,
    }


def _links(one: Collection) -> list[Link]:
    title = in_language(one.title_zh, one.title_en)
    return [
        link("self", address("tileset", **_where(one), f="json"), JSON, title),
        link("alternate", address("tileset", **_where(one), f="tilejson"), TILEJSON, str(_("These tiles as TileJSON"))),
        scheme_link(),
        link("item", _template(one, "{tileMatrix}/{tileRow}/{tileCol}"), MVT, title, templated=True),
        link("http://www.opengis.net/def/rel/ogc/1.0/geodata", _of_collection(one), JSON, title),
    ]


def _of_collection(one: Collection) -> str:
    return address("collection", collection_id=one.id, f="json")


def _template(one: Collection, rest: str) -> str:
    """The address of a tile with names for its numbers, whose brackets stay as they are."""
    return address("tile", **_where(one), z=0, y=0, x=0).removesuffix("0/0/0") + f"{rest}?f=mvt"


def _layer(one: Collection) -> dict[str, Any]:
    fields = {each.name: schema_of(each) for each in one.properties if each.name in one.on_tile}
    return {
        "id": one.id,
        "title": in_language(one.title_zh, one.title_en),
        "dataType": "vector",
        "geometryDimension": DIMENSIONS[one.shape],
        "minTileMatrix": str(_first_zoom(one)),
        "maxTileMatrix": str(DEEPEST),
        "propertiesSchema": {"type": "object", "properties": fields | _counted(one)},
    }


def _counted(one: Collection) -> dict[str, Any]:
    """What a tile says of features that it counts."""
    if one.shape == "MultiLineString":
        return {}
    number = {"title": str(_("Features counted in this place")), "type": "integer"}
    mean = {"title": str(_("Mean of what is counted")), "type": "number"}
    late = {"title": str(_("Of these late")), "type": "integer"}
    return {"count": number, **({"value": mean} if one.measure else {}), **({"late": late} if _is_timed(one) else {})}


def _is_timed(one: Collection) -> bool:
    return one.id == "tickets"


def _first_zoom(one: Collection) -> int:
    """The zoom below which tiles are empty; points are counted there."""
    return 0 if one.shape == "Point" else one.min_zoom


def _place(one: Collection) -> dict[str, Any]:
    box = extent_of(one).box
    if box is None:
        return {}
    west, south, east, north = box
    return {
        "boundingBox": {"lowerLeft": [west, south], "upperRight": [east, north], "crs": CRS84_URI},
        "centerPoint": {"coordinates": _middle(box), "crs": CRS84_URI, "tileMatrix": str(_opening_zoom(one))},
    }


def _middle(box: tuple[float, float, float, float]) -> list[float]:
    west, south, east, north = box
    return [(west + east) / 2, (south + north) / 2]


def _opening_zoom(one: Collection) -> int:
    return max(FIRST_ZOOM, _first_zoom(one))


def _tilejson(one: Collection) -> dict[str, Any]:
    box = extent_of(one).box
    fields = {name: said["title"] for name, said in _layer(one)["propertiesSchema"]["properties"].items()}
    zooms = {"minzoom": _first_zoom(one), "maxzoom": DEEPEST}
    place = {} if box is None else {"bounds": list(box), "center": [*_middle(box), _opening_zoom(one)]}
    return {
        "tilejson": "3.0.0",
        "name": in_language(one.title_zh, one.title_en),
        "scheme": "xyz",
        "tiles": [_template(one, "{z}/{y}/{x}")],
        **zooms,
        **place,
        "vector_layers": [{"id": one.id, "fields": fields, **zooms}],
    }
