"""Collections as files, streamed from the database as they are read."""

from collections.abc import Iterator
from datetime import UTC, datetime

from flask import Blueprint, Response

from geodata import catalog
from geodata.queries.features import Box, stream_geojson
from webmap import params
from webmap.access import demand
from webmap.records import current_engine
from webmap.responses import as_json

bp = Blueprint("exports", __name__, url_prefix="/export")

# A whole district takes seconds; a reader that stalls must not hold a connection for ever.
EXPORT_LIMIT_S = 300


@bp.get("/<collection_id>.geojson")
def geojson(collection_id: str) -> Response:
    """A collection as one GeoJSON FeatureCollection (RFC 7946), `?bbox=` cuts it to a box."""
    collection = catalog.collection(collection_id)
    demand(collection.read)
    params.only("bbox")
    blocks = _blocks(collection, params.box())
    # the first block is made before the headers leave: an error then still has its own status
    first = next(blocks)
    response = Response(_after(first, blocks), mimetype="application/geo+json")
    stamp = datetime.now(UTC).strftime("%Y%m%d")
    response.headers["Content-Disposition"] = f'attachment; filename="{collection.id}-{stamp}.geojson"'
    return response


@bp.get("/")
def index() -> Response:
    """What can be exported, with titles in both languages."""
    return as_json(
        [
            {"id": c.id, "title_zh": c.title_zh, "title_en": c.title_en, "href": f"/export/{c.id}.geojson"}
            for c in catalog.COLLECTIONS
        ]
    )


def _blocks(collection: catalog.Collection, box: Box | None) -> Iterator[bytes]:
    with current_engine().connect() as connection:
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = '{EXPORT_LIMIT_S}s'")
        yield from stream_geojson(connection, collection, box)


def _after(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest
