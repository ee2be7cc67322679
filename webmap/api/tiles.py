"""Vector tiles, from memory while the data behind them stay the same."""

import gzip
import hashlib
import time
from collections.abc import Sequence
from threading import Lock
from typing import NamedTuple

from cachetools import LRUCache
from flask import Blueprint, Response, request
from flask_babel import lazy_gettext as _l
from werkzeug import Response as AnyResponse

from geodata import catalog
from geodata.errors import NotFound
from geodata.queries import tiles, versions
from geodata.queries.readers import NOBODY, Reader
from geodata.queries.ticket_filter import NO_TICKETS, TicketFilter
from geodata.services import classes, pyramid
from webmap import params
from webmap.access import demand, ticket_scope
from webmap.api.readers import names_of, reader_of
from webmap.openapi import Answer, described
from webmap.openapi.parameters import LANG, PERIOD, RADIUS, TICKETS, VERSION
from webmap.openapi.shapes import MVT
from webmap.records import current_engine, current_session
from webmap.responses import conditional

bp = Blueprint("tiles", __name__, url_prefix="/tiles")

TILE_ANSWERS = {
    200: Answer(_l("The tile"), {MVT: None}, {"ETag": _l("A name of its content")}),
    204: Answer(_l("Nothing is to be drawn here")),
    304: Answer(_l("The tile that is known already")),
}
DEEPEST = 22

# Bytes of tiles each process keeps; a district's usual screens are a few megabytes.
CACHE_BYTES = 64 * 1024 * 1024


class Packed(NamedTuple):
    """A tile as it goes over the wire."""

    zipped: bytes
    etag: str


class Asked(NamedTuple):
    """What a tile shows: of tickets those of a filter, of coverage a run (None: the district's own).

    reader   who asks, where not everybody is told the same.
    """

    tickets: TicketFilter = NO_TICKETS
    run_id: int | None = None
    reader: Reader = NOBODY


Key = tuple[str, str, int, int, int, Asked, str]
_kept: LRUCache[Key, Packed] = LRUCache(CACHE_BYTES, getsizeof=lambda packed: len(packed.zipped) + 400)
_lock = Lock()


@bp.get("/<collection_id>/<int:z>/<int:x>/<int:y>.mvt")
@described(
    _l("One vector tile of a collection"),
    "tiles",
    TILE_ANSWERS,
    query=(VERSION, *TICKETS, RADIUS, PERIOD, LANG),
)
def tile(collection_id: str, z: int, x: int, y: int) -> AnyResponse:
    """One Mapbox Vector Tile; 204 where nothing is to be drawn, 404 off the tile matrix.

    Tickets take the conditions of their list; coverage and gaps a `radius` and a `category` that the
    coverage page has been opened with.
    """
    return tile_of(collection_id, z, x, y, known=("v",))


@bp.get("/several/<collection_ids>/<int:z>/<int:x>/<int:y>.mvt")
@described(
    _l("One vector tile with a layer for each of several collections"), "tiles", TILE_ANSWERS, query=(VERSION, LANG)
)
def several(collection_ids: str, z: int, x: int, y: int) -> AnyResponse:
    """One tile with a layer for each of several collections (ids with commas between), as a map asks that opens.

    Only collections whose tiles depend on nothing but their tables; 204 and 404 as for one.
    """
    collections = [catalog.collection(id_) for id_ in dict.fromkeys(collection_ids.split(","))]
    for collection in collections:
        demand(collection.read)
        if not collection.tables:
            raise NotFound("collection of a joint tile", collection.id)
    params.only("v")
    on_the_matrix(z, x, y)
    return _sent(_joined(collections, z, x, y), max_age=60)


def tile_of(collection_id: str, z: int, x: int, y: int, *, known: Sequence[str]) -> AnyResponse:
    """The answer with a tile, for whoever asks; `known` are parameters of the address that choose nothing.

    Raises NotFound, SignInNeeded, NotAllowed, and BadParameter for conditions that the collection does not know.
    """
    collection = catalog.collection(collection_id)
    demand(collection.read)
    asked = _asked(collection, known)
    on_the_matrix(z, x, y)
    return _sent(_packed(collection, z, x, y, asked), max_age=60 if collection.tables else 10)


def on_the_matrix(z: int, x: int, y: int) -> None:
    """Raise NotFound for a tile that the world does not have at this zoom."""
    if z > DEEPEST or x >= 2**z or y >= 2**z:
        raise NotFound("tile", f"{z}/{x}/{y}")


def sent(content: bytes, *, max_age: int) -> AnyResponse:
    """The answer with the bytes of a tile (none: 204), kept for `max_age` seconds by the browser that asked."""
    return _sent(_pack(content), max_age=max_age)


def _sent(packed: Packed, *, max_age: int) -> AnyResponse:
    response = _answer(packed)
    response.set_etag(packed.etag)
    # who may see it depends on the person, so only the browser itself may keep it
    response.cache_control.private = True
    response.cache_control.max_age = max_age
    response.vary.add("Accept-Encoding")
    response.vary.add("Cookie")
    return conditional(response)


def _joined(collections: list[catalog.Collection], z: int, x: int, y: int) -> Packed:
    session = current_session()
    tables = tuple(sorted({table for collection in collections for table in collection.tables}))
    ids = ",".join(collection.id for collection in collections)
    key = (str(current_engine().url), ids, z, x, y, Asked(), versions.data_version(session, tables))
    with _lock:
        found = _kept.get(key)
    if found is None:
        # layers of a tile follow one another in its bytes, so tiles are joined by putting them in a row
        found = _pack(b"".join(tiles.tile(session, collection, z=z, x=x, y=y) for collection in collections))
        with _lock:
            _kept[key] = found
    return found


def _asked(collection: catalog.Collection, known: Sequence[str]) -> Asked:
    if collection.id == "tickets":
        params.only(*known, *params.FILTER_NAMES)
        return Asked(tickets=params.ticket_filter(ticket_scope()))
    if collection.id in classes.OF_A_RUN:
        params.only(*known, "radius", "category")
        radius_m, category = params.run()
        return Asked(run_id=classes.run_id(current_session(), radius_m=radius_m, category=category))
    params.only(*known, *names_of(collection))
    return Asked(reader=reader_of(collection))


def _packed(collection: catalog.Collection, z: int, x: int, y: int, asked: Asked) -> Packed:
    session = current_session()
    if collection.id == "tickets" and pyramid.is_due(session):
        pyramid.fold(session, most=pyramid.ONE_SITTING)
        session.commit()
    if asked.reader != NOBODY:
        # what one reader is told is asked for again by nobody else
        content = tiles.tile(session, collection, z=z, x=x, y=y, reader=asked.reader)
        return _pack(content)
    # the version is read before the data: a change between the two makes a fresh tile with an old
    # key, which the next version never asks for
    key = (str(current_engine().url), collection.id, z, x, y, asked, _version(collection))
    with _lock:
        found = _kept.get(key)
    if found is None:
        content = tiles.tile(session, collection, z=z, x=x, y=y, tickets=asked.tickets, run_id=asked.run_id)
        found = _pack(content)
        with _lock:
            _kept[key] = found
    return found


def _version(collection: catalog.Collection) -> str:
    if collection.tables:
        return versions.data_version(current_session(), collection.tables)
    # a deadline passes without any change to the records
    return f"{versions.snapshot(current_session())}/{int(time.time() // 60)}"


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
