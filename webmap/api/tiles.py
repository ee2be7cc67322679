"""Vector tiles, from memory while the data behind them stay the same."""

import gzip
import hashlib
from threading import Lock
from typing import NamedTuple

from cachetools import LRUCache
from flask import Blueprint, Response, request
from werkzeug import Response as AnyResponse

from geodata import catalog
from geodata.errors import NotFound
from geodata.queries import tiles, versions
from webmap import params
from webmap.access import demand
from webmap.records import current_engine, current_session

bp = Blueprint("tiles", __name__, url_prefix="/tiles")

MVT = "application/vnd.mapbox-vector-tile"
DEEPEST = 22

# Bytes of tiles each process keeps; a district's usual screens are a few megabytes.
CACHE_BYTES = 64 * 1024 * 1024


class Packed(NamedTuple):
    """A tile as it goes over the wire."""

    zipped: bytes
    etag: str


Key = tuple[str, str, int, int, int, str]
_kept: LRUCache[Key, Packed] = LRUCache(CACHE_BYTES, getsizeof=lambda packed: len(packed.zipped) + 200)
_lock = Lock()


@bp.get("/<collection_id>/<int:z>/<int:x>/<int:y>.mvt")
def tile(collection_id: str, z: int, x: int, y: int) -> AnyResponse:
    """One Mapbox Vector Tile; 204 where nothing is to be drawn, 404 off the tile matrix."""
    collection = catalog.collection(collection_id)
    demand(collection.read)
    params.only("v")
    if z > DEEPEST or x >= 2**z or y >= 2**z:
        raise NotFound("tile", f"{z}/{x}/{y}")
    packed = _packed(collection, z, x, y)
    response = _answer(packed)
    response.set_etag(packed.etag)
    # who may see it depends on the person, so only the browser itself may keep it
    response.cache_control.private = True
    response.cache_control.max_age = 60 if collection.tables else 10
    response.vary.add("Accept-Encoding")
    response.vary.add("Cookie")
    return response.make_conditional(request)


def _packed(collection: catalog.Collection, z: int, x: int, y: int) -> Packed:
    session = current_session()
    if not collection.tables:
        return _pack(tiles.tile(session, collection, z=z, x=x, y=y))
    # the version is read before the data: a change between the two makes a fresh tile with an old
    # key, which the next version never asks for
    version = versions.data_version(session, collection.tables)
    key = (str(current_engine().url), collection.id, z, x, y, version)
    with _lock:
        found = _kept.get(key)
    if found is None:
        found = _pack(tiles.tile(session, collection, z=z, x=x, y=y))
        with _lock:
            _kept[key] = found
    return found


def _pack(content: bytes) -> Packed:
    # not for security: a short name of the content
    name = hashlib.sha1(content, usedforsecurity=False).hexdigest()
    return Packed(gzip.compress(content, 6, mtime=0) if content else b"", name)


def _answer(packed: Packed) -> Response:
    if not packed.zipped:
        return Response(status=204)
    if request.accept_encodings.quality("gzip") > 0:
        return Response(packed.zipped, mimetype=MVT, headers={"Content-Encoding": "gzip"})
    return Response(gzip.decompress(packed.zipped), mimetype=MVT)
