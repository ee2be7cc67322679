"""Schemas that many answers share, in OpenAPI 3.0."""

from collections.abc import Mapping
from typing import Any

JSON = "application/json"
GEOJSON = "application/geo+json"
SCHEMA_JSON = "application/schema+json"
HTML = "text/html"
PROBLEM = "application/problem+json"
MVT = "application/vnd.mapbox-vector-tile"

TEXT = {"type": "string"}
WHOLE = {"type": "integer"}
NUMBER = {"type": "number"}
YES_OR_NO = {"type": "boolean"}
MOMENT = {"type": "string", "format": "date-time"}
DAY = {"type": "string", "format": "date"}
LINKS = {"type": "array", "items": {"$ref": "#/components/schemas/Link"}}
PAGE = {"type": "string"}
ANYTHING: Mapping[str, Any] = {}
AN_OBJECT = {"type": "object"}

# OpenAPI 3.0 knows no type for it; beside a reference nullable has no effect.
_NOTHING: Mapping[str, Any] = {"type": "object", "nullable": True, "enum": [None]}


def ref(name: str) -> dict[str, str]:
    """A shape by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


def an_object(properties: Mapping[str, Any], *optional: str) -> dict[str, Any]:
    """An object with these properties, all of which are there but the optional ones; more may come."""
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": dict(properties), **({"required": required} if required else {})}


def list_of(shape: Mapping[str, Any]) -> dict[str, Any]:
    """A list of one shape."""
    return {"type": "array", "items": dict(shape)}


def or_null(shape: Mapping[str, Any]) -> dict[str, Any]:
    """A shape, or null."""
    if "$ref" in shape:
        return {"anyOf": [dict(shape), dict(_NOTHING)]}
    # of fixed words null must be one, or nullable has no effect
    return {**shape, "nullable": True, **({"enum": [*shape["enum"], None]} if "enum" in shape else {})}


def one_of(*words: str) -> dict[str, Any]:
    """One of some fixed words."""
    return {"type": "string", "enum": list(words)}


def page_of(shape: Mapping[str, Any], more: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A page of a list of our own API, with what stands beside its items."""
    href = {**or_null(TEXT), "description": "Where the next page is; null on the last."}
    return an_object({"items": list_of(shape), "next": href, **(more or {})})


SHAPES: Mapping[str, Mapping[str, Any]] = {
    "Problem": {
        **an_object(
            {
                "type": {"type": "string", "example": "about:blank"},
                "title": TEXT,
                "status": {"type": "integer", "minimum": 400, "maximum": 599},
                "detail": {"type": "string", "description": "What is wrong and what to do, in English."},
                "said": {"type": "string", "description": "The same for people, in the language that is asked for."},
                "errors": {
                    "type": "object",
                    "additionalProperties": TEXT,
                    "description": "Of a report: what is wrong, by field.",
                },
                "similar": {
                    "type": "array",
                    "items": {"$ref": "#/components/schemas/Similar"},
                    "description": "Of a report that was not to be stored beside tickets like it: these.",
                },
            },
            *("errors", "similar"),
        ),
        "description": "Any error (RFC 9457).",
    },
    "Link": an_object(
        {"href": TEXT, "rel": TEXT, "type": TEXT, "title": TEXT, "templated": YES_OR_NO}, "type", "title", "templated"
    ),
    "Landing": an_object({"title": TEXT, "description": TEXT, "links": LINKS}),
    "Conformance": an_object({"conformsTo": list_of(TEXT), "links": LINKS}),
    "Extent": an_object(
        {
            "spatial": an_object(
                {"bbox": list_of({"type": "array", "items": NUMBER, "minItems": 4, "maxItems": 6}), "crs": TEXT}
            ),
            "temporal": an_object(
                {
                    "interval": list_of({"type": "array", "items": or_null(MOMENT), "minItems": 2, "maxItems": 2}),
                    "trs": TEXT,
                }
            ),
        },
        "temporal",
    ),
    "Collection": an_object(
        {
            "id": TEXT,
            "title": TEXT,
            "description": TEXT,
            "itemType": {"type": "string", "enum": ["feature"]},
            "extent": ref("Extent"),
            "crs": list_of(TEXT),
            "storageCrs": TEXT,
            "links": LINKS,
        }
    ),
    "Collections": an_object({"links": LINKS, "crs": list_of(TEXT), "collections": list_of(ref("Collection"))}),
    "Geometry": an_object(
        {
            "type": {
                "type": "string",
                "enum": [
                    *("Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon"),
                    "GeometryCollection",
                ],
            },
            "coordinates": {"type": "array", "items": ANYTHING},
            "geometries": {"type": "array", "items": AN_OBJECT},
        },
        *("coordinates", "geometries"),
    ),
    "Feature": an_object(
        {
            "type": {"type": "string", "enum": ["Feature"]},
            "id": {"oneOf": [TEXT, WHOLE]},
            "geometry": or_null(ref("Geometry")),
            "properties": or_null(AN_OBJECT),
            "links": LINKS,
        },
        "links",
    ),
    "FeatureCollection": an_object(
        {
            "type": {"type": "string", "enum": ["FeatureCollection"]},
            "features": list_of(ref("Feature")),
            "links": LINKS,
            "timeStamp": MOMENT,
            "numberMatched": {"type": "integer", "minimum": 0},
            "numberReturned": {"type": "integer", "minimum": 0},
        },
        *("links", "timeStamp", "numberMatched", "numberReturned"),
    ),
    "Schema": an_object({"$schema": TEXT, "$id": TEXT, "type": TEXT, "title": TEXT, "properties": AN_OBJECT}),
}
