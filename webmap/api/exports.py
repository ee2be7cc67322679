"""Collections as files, streamed from the database as they are read."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from flask import Blueprint, Response
from flask_babel import lazy_gettext as _l

from geodata import catalog
from geodata.formats.filetable import MIMETYPES
from geodata.queries.features import Box, stream_geojson
from geodata.queries.readers import NOBODY, Reader
from geodata.queries.ticket_filter import ALL_UNITS, NO_TICKETS, TicketFilter, UnitFilter
from geodata.services import classes, permissions, sheets
from webmap import conditions, params
from webmap.access import demand, reword, role, ticket_scope
from webmap.api.readers import names_of, reader_of
from webmap.openapi import Answer, Param, described
from webmap.openapi.parameters import LANG, PERIOD, PLAIN_BBOX, RADIUS, TICKETS
from webmap.openapi.shapes import GEOJSON, JSON, TEXT, an_object, list_of, ref
from webmap.records import current_engine, current_session, let_go
from webmap.responses import as_json, attachment

bp = Blueprint("exports", __name__, url_prefix="/export")

_ATTACHED = {"Content-Disposition": _l("The name of the file")}
_EXPORTABLE = an_object({"id": TEXT, "title_zh": TEXT, "title_en": TEXT, "href": TEXT})
_CONDITIONS = tuple(
    Param(name, TEXT, _l("A condition of the list of the same records"))
    for name in dict.fromkeys(name for names in conditions.NAMES.values() for name in names)
)

# A whole district takes seconds; a reader that stalls must not hold a connection for ever.
EXPORT_LIMIT_S = 300


@bp.get("/<collection_id>.geojson")
@described(
    _l("A collection as GeoJSON (RFC 7946), streamed"),
    "export",
    {200: Answer(_l("All features that are asked for"), {GEOJSON: ref("FeatureCollection")}, _ATTACHED)},
    query=(PLAIN_BBOX, *TICKETS, RADIUS, PERIOD, LANG),
)
def geojson(collection_id: str) -> Response:
    """A collection as one GeoJSON FeatureCollection (RFC 7946).

    `bbox` cuts it to a box, tickets take the conditions of their list, units those that say where, coverage
    and gaps a `radius` and a `category` that the coverage page has been opened with, registrations a `period`.
    """
    collection = catalog.collection(collection_id)
    demand("ticket.export" if collection.id == "tickets" else collection.read)
    asked, spoken = _asked(collection), reword()
    let_go()
    blocks = _blocks(collection, asked, spoken)
    # the first block is made before the headers leave: an error then still has its own status
    first = next(blocks)
    response = Response(_after(first, blocks), mimetype="application/geo+json")
    stamp = datetime.now(UTC).strftime("%Y%m%d")
    response.headers["Content-Disposition"] = f'attachment; filename="{collection.id}-{stamp}.geojson"'
    return response


@bp.get("/")
@described(
    _l("What can be exported"),
    "export",
    {200: Answer(_l("Collections with their titles"), {JSON: list_of(_EXPORTABLE)})},
    query=(LANG,),
)
def index() -> Response:
    """What can be exported, with titles in both languages."""
    return as_json(
        [
            {"id": c.id, "title_zh": c.title_zh, "title_en": c.title_en, "href": f"/export/{c.id}.geojson"}
            for c in catalog.COLLECTIONS
        ]
    )


@bp.get("/sheets/<kind>.<any(csv, xlsx):form>")
@described(
    _l("A kind of record as a sheet that its import takes back"),
    "export",
    {200: Answer(_l("The sheet"), {MIMETYPES["csv"]: TEXT, MIMETYPES["xlsx"]: None}, _ATTACHED)},
    query=(*_CONDITIONS, LANG),
)
def sheet(kind: str, form: str) -> Response:
    """A kind of record as a sheet that its import takes back: all, or what the conditions of its list leave."""
    wanted = sheets.sheet(kind)
    demand(wanted.read)
    towns = ticket_scope().towns if permissions.reach(wanted.read, role()) == permissions.OWN else None
    codes = conditions.codes(current_session(), kind)
    table = wanted.make(current_session(), towns=towns, codes=codes)
    content = b"".join(table.pieces(form, sheet=wanted.kind.title_zh))
    stamp = datetime.now(UTC).strftime("%Y%m%d")
    return attachment(content, f"{kind}-{stamp}.{form}", mimetype=MIMETYPES[form])


class Asked(NamedTuple):
    """What of a collection is told: a box (None: all), which tickets or units, which run (None: the district's own).

    reader   who asks, where not everybody is told the same.
    """

    box: Box | None
    tickets: TicketFilter = NO_TICKETS
    units: UnitFilter = ALL_UNITS
    run_id: int | None = None
    reader: Reader = NOBODY


def _asked(collection: catalog.Collection) -> Asked:
    if collection.id == "tickets":
        params.only("bbox", *params.FILTER_NAMES)
        return Asked(params.box(), tickets=params.ticket_filter(ticket_scope()))
    if collection.id == "units":
        params.only("bbox", *params.GROUND_NAMES)
        return Asked(params.box(), units=params.unit_filter())
    if collection.id in classes.OF_A_RUN:
        params.only("bbox", "radius", "category")
        radius_m, category = params.run()
        run_id = classes.run_id(current_session(), radius_m=radius_m, category=category)
        return Asked(params.box(), run_id=run_id)
    params.only("bbox", *names_of(collection))
    return Asked(params.box(), reader=reader_of(collection))


def _blocks(collection: catalog.Collection, asked: Asked, spoken: Callable[[str], str] | None) -> Iterator[bytes]:
    with current_engine().connect() as connection:
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = '{EXPORT_LIMIT_S}s'")
        yield from stream_geojson(
            connection,
            collection,
            asked.box,
            tickets=asked.tickets,
            units=asked.units,
            run_id=asked.run_id,
            reader=asked.reader,
            reword=spoken,
        )


def _after(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest
