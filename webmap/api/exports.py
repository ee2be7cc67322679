"""Collections as files: streamed from the database as they are read, or made on disk and sent from there."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from flask import Blueprint, Response, current_app
from flask_babel import lazy_gettext as _l

from geodata import catalog
from geodata.formats.filetable import MIMETYPES
from geodata.formats.writing import WRITERS, writer
from geodata.queries.cql import LANGUAGES
from geodata.queries.features import BLOCK_BYTES
from geodata.services import export_files, exports, permissions, sheets
from geodata.services.exports import Order, Progress
from webmap import conditions, params
from webmap.access import demand, reword, role, ticket_scope
from webmap.api.selections import permission, selection
from webmap.idempotency import once
from webmap.openapi import Answer, Param, described
from webmap.openapi.for_pages import asked_by_pages
from webmap.openapi.parameters import LANG, PERIOD, PLAIN_BBOX, RADIUS, TICKETS
from webmap.openapi.shapes import GEOJSON, JSON, TEXT, WHOLE, an_object, list_of, ref
from webmap.records import current_engine, current_session, district, let_go
from webmap.responses import as_json, attachment

bp = Blueprint("exports", __name__, url_prefix="/export")

_ATTACHED = {"Content-Disposition": _l("The name of the file")}
_EXPORTABLE = an_object({"id": TEXT, "title_zh": TEXT, "title_en": TEXT, "href": TEXT, "formats": {"type": "object"}})
_STANDING = an_object({"state": TEXT, "done": WHOLE, "total": WHOLE})
_CONDITIONS = tuple(
    Param(name, TEXT, _l("A condition of the list of the same records"))
    for name in dict.fromkeys(name for names in conditions.NAMES.values() for name in names)
)
_FILTERS = (
    Param("filter", TEXT, _l("A condition in CQL2 on the properties and the geometry")),
    Param("filter-lang", {"type": "string", "enum": list(LANGUAGES)}, _l("The language of the filter")),
)
_AS = (
    Param("crs", TEXT, _l("The coordinate system of the file, by its EPSG number or its URI; WGS 84 if left out")),
    Param("geometry", {"type": "string", "enum": ["lonlat", "wkt"]}, _l("How a table says where")),
    Param("progress", TEXT, _l("An id of 16 to 64 letters and digits, under which the progress is told")),
)
_FORMS = {one.mimetype: ref("FeatureCollection") if one.mimetype == GEOJSON else None for one in WRITERS.values()}
_LEFT = {**_ATTACHED, "X-Left-Out": _l("What the format could not hold, counted")}


def _all_of(*groups: tuple[Param, ...]) -> tuple[Param, ...]:
    """Parameters of several groups, each name once."""
    return tuple({one.name: one for group in groups for one in group}.values())


# What an export may say beside the conditions of its collection.
CHOICES = ("crs", "geometry", "progress")


@bp.get("/<collection_id>.<form>")
@described(
    _l("A collection as a file"),
    "export",
    {200: Answer(_l("All features that are asked for"), _FORMS, _LEFT)},
    query=_all_of((PLAIN_BBOX, *TICKETS, RADIUS, PERIOD), _CONDITIONS, _FILTERS, (*_AS, LANG)),
)
def file(collection_id: str, form: str) -> Response:
    """A collection as a file.

    `bbox` cuts it to a box; tickets take the conditions of their list, units those that say where, coverage and gaps
    a `radius` and a `category` that the coverage page has been opened with, registrations a `period`, and the lists
    of co-governance what their pages take. `crs` is another CRS than WGS 84, `geometry` (`lonlat`, `wkt`) how tables
    say where, `progress` an id under which `/export/progress/` tells how far it is.
    """
    collection = catalog.collection(collection_id)
    demand(permission(collection))
    wanted = writer(form)
    rows = selection(collection, *CHOICES)
    with params.checked():
        asked = exports.order(
            rows,
            wanted,
            place=district(),
            crs=params.text("crs"),
            geometry=params.text("geometry"),
            reword=reword(),
        )
        id_ = params.text("progress")
        tell = export_files.teller(_data_dir(), id_) if id_ else None
    let_go()
    response = _streamed(asked, tell) if asked.writer.streams else _made(asked, tell)
    stamp = datetime.now(UTC).strftime("%Y%m%d")
    name = f"{collection.id}-{stamp}{asked.writer.suffix}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@bp.get("", strict_slashes=False)
@described(
    _l("What can be exported"),
    "export",
    {200: Answer(_l("Collections with their titles and formats"), {JSON: list_of(_EXPORTABLE)})},
    query=(LANG,),
)
def index() -> Response:
    """What can be exported, with titles in both languages, and in which formats."""
    return as_json(
        [
            {
                "id": c.id,
                "title_zh": c.title_zh,
                "title_en": c.title_en,
                "href": f"/export/{c.id}.geojson",
                "formats": {form: f"/export/{c.id}.{form}" for form in WRITERS},
            }
            for c in catalog.COLLECTIONS
        ]
    )


@bp.get("/progress/<id_>")
@described(
    _l("How far an export is"),
    "export",
    {200: Answer(_l("Rows done, and rows in all"), {JSON: _STANDING})},
    query=(LANG,),
)
def progress(id_: str) -> Response:
    """How far an export is, by the id that its asker chose: `state` (`waiting`, `making`, `made`), `done`, `total`."""
    params.only()
    with params.checked():
        return as_json(export_files.standing(_data_dir(), id_)._asdict())


@bp.post("/progress/<id_>/cancel")
@asked_by_pages(_l("End an export that is being made"), method="POST")
@once
def cancel(id_: str) -> Response:
    """End an export that is being made."""
    with params.checked():
        export_files.cancel(_data_dir(), id_)
    return as_json({"state": "cancelled"})


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


def _streamed(asked: Order, tell: Progress | None) -> Response:
    totals: list[int] = []

    def hear(done: int, total: int) -> None:
        totals.append(total)
        if tell:
            tell(done, total)

    pieces = _pieces(asked, hear if tell else None)
    # the first is made before the headers leave: an error then still has its own status
    first = next(pieces)
    response = Response(_after(first, pieces), mimetype=asked.writer.mimetype)
    if totals:
        response.headers["X-Features"] = str(totals[0])
    return response


def _pieces(asked: Order, tell: Progress | None) -> Iterator[bytes]:
    with current_engine().connect() as connection:
        exports.limit(connection)
        yield from exports.stream(connection, asked, tell)


def _after(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _made(asked: Order, tell: Progress | None) -> Response:
    """The file, made before a byte is sent: a reader that is slow holds a file, never a connection."""
    with params.checked(), export_files.workroom(_data_dir()) as room:
        path = room / f"export{asked.writer.suffix}"
        layer = exports.make(current_engine(), asked, path, tell, limit_s=exports.EXPORT_LIMIT_S)
        size = path.stat().st_size
        made = path.open("rb")
    response = Response(_sent(made), mimetype=asked.writer.mimetype)
    response.content_length = size
    # a reader may leave before the first block
    response.call_on_close(made.close)
    if layer.lost:
        response.headers["X-Left-Out"] = ", ".join(f"{word}={count}" for word, count in sorted(layer.lost.items()))
    return response


def _sent(made: BinaryIO) -> Iterator[bytes]:
    with made:
        while block := made.read(BLOCK_BYTES):
            yield block


def _data_dir() -> Path:
    return Path(current_app.config["DATA_DIR"])
