"""The published collections: what they are, what they span, and by what they can be asked."""

from threading import Lock
from typing import Any

from cachetools import LRUCache
from flask import Blueprint, Response
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from geodata import catalog
from geodata.catalog import Collection, Property
from geodata.catalog.descriptions import DESCRIPTIONS
from geodata.queries import items, versions
from geodata.queries.items import Extent, Told
from geodata.queries.readers import NOBODY
from geodata.queries.ticket_filter import NO_TICKETS, TicketFilter
from geodata.services.feature_editing import EDITORS
from spatial.crs_uris import CRS84_URI, NamedCrs, offered
from webmap import params
from webmap.access import demand, may, ticket_scope
from webmap.api.ogc.encodings import (
    GEOJSON,
    HTML,
    JSON,
    SCHEMA,
    Link,
    Resource,
    address,
    answer,
    in_language,
    link,
    self_links,
)
from webmap.api.readers import reader_of
from webmap.api.selections import queryable
from webmap.languages import local_or_none
from webmap.openapi import Answer, described
from webmap.openapi.parameters import FORM, LANG
from webmap.openapi.shapes import PAGE, ref
from webmap.records import current_engine, current_session, district

GREGORIAN = "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"
QUERYABLES = "http://www.opengis.net/def/rel/ogc/1.0/queryables"
TILESETS = "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector"
# Relations are compared without regard to case, but by GDAL, which takes the types of columns from here.
DESCRIBED = ("http://www.opengis.net/def/rel/ogc/1.0/schema", "describedBy")
DRAFT = "https://json-schema.org/draft/2020-12/schema"
THE_GLOBE = (-180.0, -90.0, 180.0, 90.0)

GEOMETRIES = {"Point": "point", "MultiPolygon": "multipolygon", "MultiLineString": "multilinestring"}
TYPES = {"text": "string", "integer": "integer", "number": "number", "boolean": "boolean"}

_extents: LRUCache[tuple[str, str, str], Extent] = LRUCache(500)
_lock = Lock()


def add_to(bp: Blueprint) -> None:
    """Tie the routes to the blueprint."""
    bp.get("/collections")(collections)
    bp.get("/collections/<collection_id>")(collection)
    bp.get("/collections/<collection_id>/queryables")(queryables)
    bp.get("/collections/<collection_id>/schema")(schema)


@described(
    _l("The collections that whoever asks may read"),
    "ogc",
    {200: Answer(_l("Collections"), {JSON: ref("Collections"), HTML: PAGE})},
    query=(FORM, LANG),
)
def collections() -> Response:
    """The collections that whoever asks may read."""
    params.only("f")
    facts = {
        "links": self_links("collections"),
        "crs": [one.uri for one in known_crs()],
        "collections": [_facts(one, _links(one)) for one in catalog.COLLECTIONS if may(one.read)],
    }
    return answer(Resource(facts, "ogc_collections.html"))


@described(
    _l("One collection"),
    "ogc",
    {200: Answer(_l("The collection"), {JSON: ref("Collection"), HTML: PAGE})},
    query=(FORM, LANG),
)
def collection(collection_id: str) -> Response:
    """One collection: its extent, the CRSs it is offered in, and where its features are."""
    params.only("f")
    one = readable(collection_id)
    links = [*self_links("collection", collection_id=one.id), *_links(one)[1:]]
    return answer(Resource(_facts(one, links), "ogc_collection.html"), properties=one.properties)


@described(
    _l("By which properties a collection can be asked"),
    "ogc",
    {200: Answer(_l("A JSON schema"), {SCHEMA: ref("Schema"), HTML: PAGE})},
    query=(FORM, LANG),
)
def queryables(collection_id: str) -> Response:
    """The properties that a collection can be asked by, as a JSON schema."""
    params.only("f")
    one = readable(collection_id)
    properties = {"geometry": _place(one), **{each.name: schema_of(each) for each in queryable(one)}}
    facts = {
        "$schema": DRAFT,
        "$id": address("queryables", collection_id=one.id),
        "type": "object",
        "title": in_language(one.title_zh, one.title_en),
        "additionalProperties": False,
        "properties": properties,
    }
    return answer(
        Resource(facts, "ogc_properties.html", SCHEMA),
        collection=one,
        heading=str(_("By what it can be asked")),
        lead=_(
            "Each of these names may stand in the address of the features with a value, as in ?%(name)s=…", name=one.key
        ),
        properties=properties,
    )


@described(
    _l("What a feature of a collection looks like"),
    "ogc",
    {200: Answer(_l("A JSON schema"), {SCHEMA: ref("Schema"), HTML: PAGE})},
    query=(FORM, LANG),
)
def schema(collection_id: str) -> Response:
    """What a feature of a collection looks like, as a JSON schema: programs take the types of their columns from it."""
    params.only("f")
    one = readable(collection_id)
    properties: dict[str, Any] = {each.name: schema_of(each) | _settable(one, each) for each in one.properties}
    facts = {
        "$schema": DRAFT,
        "$id": address("schema", collection_id=one.id),
        "type": "object",
        "title": in_language(one.title_zh, one.title_en),
        "required": ["type", "id", "geometry", "properties"],
        "properties": {
            "type": {"type": "string", "enum": ["Feature"]},
            "id": {"type": properties[one.key]["type"]},
            "geometry": _place(one),
            "properties": {"type": "object", "properties": properties},
        },
    }
    return answer(
        Resource(facts, "ogc_properties.html", SCHEMA),
        collection=one,
        heading=str(_("What a feature looks like")),
        lead=None,
        properties={"geometry": _place(one), **properties},
    )


def readable(collection_id: str) -> Collection:
    """The collection of that id, for whoever asks. Raises NotFound, SignInNeeded and NotAllowed."""
    one = catalog.collection(collection_id)
    demand(one.read)
    return one


def told_of(one: Collection) -> Told:
    """Which rows of a collection whoever asks is told."""
    tickets = TicketFilter(scope=ticket_scope()) if one.id == "tickets" else NO_TICKETS
    return Told(tickets, reader_of(one))


def known_crs() -> tuple[NamedCrs, ...]:
    """The CRSs in which this district offers everything."""
    return offered(district().metre_srid)


def _facts(one: Collection, links: list[Link]) -> dict[str, Any]:
    description = DESCRIPTIONS[one.id]
    return {
        "id": one.id,
        "title": in_language(one.title_zh, one.title_en),
        "description": in_language(description.zh, description.en),
        "itemType": "feature",
        "extent": _extent(one),
        "crs": [each.uri for each in known_crs()],
        "storageCrs": CRS84_URI,
        "links": links,
    }


def _links(one: Collection) -> list[Link]:
    title = in_language(one.title_zh, one.title_en)
    where = {"collection_id": one.id}
    described = address("schema", **where, f="json")
    return [
        link("self", address("collection", **where, f="json"), JSON, title),
        link("items", address("items", **where, f="json"), GEOJSON, title),
        link("items", address("items", **where, f="html"), HTML, title),
        link(QUERYABLES, address("queryables", **where, f="json"), SCHEMA, str(_("By what it can be asked"))),
        link(TILESETS, address("tilesets", **where, f="json"), JSON, str(_("Vector tiles"))),
        link(TILESETS, address("tilesets", **where, f="html"), HTML, str(_("Vector tiles"))),
        *(link(rel, described, SCHEMA, str(_("What a feature looks like"))) for rel in DESCRIBED),
    ]


def _extent(one: Collection) -> dict[str, Any]:
    found = extent_of(one)
    spatial = {"bbox": [list(found.box or THE_GLOBE)], "crs": CRS84_URI}
    if not one.times:
        return {"spatial": spatial}
    interval = [local_or_none(at) for at in (found.begins, found.ends)]
    return {"spatial": spatial, "temporal": {"interval": [interval], "trs": GREGORIAN}}


def extent_of(one: Collection) -> Extent:
    """What encloses a collection, worked out anew when the tables behind it have changed or somebody else asks."""
    session, told = current_session(), told_of(one)
    if told.reader != NOBODY:
        return items.extent(session, one, told=told)
    version = versions.data_version(session, one.tables) if one.tables else versions.snapshot(session)
    key = (str(current_engine().url), f"{one.id}/{version}", repr(told.tickets.scope))
    with _lock:
        found = _extents.get(key)
    if found is None:
        found = items.extent(session, one, told=told)
        with _lock:
            _extents[key] = found
    return found


def _settable(one: Collection, each: Property) -> dict[str, Any]:
    """What is added for a collection that can be changed; the key is told of a new feature, and stays."""
    editor = EDITORS.get(one.id)
    if editor is None or each.name in {one.key, *editor.settable}:
        return {}
    return {"readOnly": True}


def _place(one: Collection) -> dict[str, Any]:
    return {"title": str(_("Place")), "format": f"geometry-{GEOMETRIES[one.shape]}"}


def schema_of(one: Property) -> dict[str, Any]:
    """A property as a JSON schema tells it."""
    title = in_language(one.title_zh, one.title_en)
    if one.kind in TYPES:
        return {"title": title, "type": TYPES[one.kind]}
    return {"title": title, "type": "string", "format": "date" if one.kind == "date" else "date-time"}
