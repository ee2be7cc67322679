"""Features of the published collections, a page at a time and one by one, as the wire takes them."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.catalog import Collection
from geodata.queries.item_conditions import ALL_ITEMS, ItemFilter
from geodata.queries.item_order import By, Order
from geodata.queries.plans import within
from geodata.queries.readers import NOBODY, Reader
from geodata.queries.scope import Condition
from geodata.queries.sources import bare_source, source
from geodata.queries.ticket_filter import ALL_UNITS, NO_TICKETS, TicketFilter, fitting
from spatial.crs_uris import CRS84, NamedCrs
from spatial.errors import NoSuchPlace

# A tenth of a millimetre, in degrees and in metres.
DECIMALS_OF_DEGREES = 9
DECIMALS_OF_METRES = 4

# Rows of a page are found first, and only then made into text, without the name of the
# CRS, which PostGIS would write beside coordinates that are not in WGS 84. Rings of polygons turn as RFC 7946 has them.
PAGE = """
    SELECT h.{key} AS key, {mark} AS mark, ST_AsGeoJSON({shape}, {decimals}, 0) AS geometry,
           (SELECT CAST(row_to_json(p) AS text) FROM (SELECT {properties}) AS p) AS properties
      FROM (
            SELECT s.*
              FROM ({source}) AS s
             WHERE {hit}
             ORDER BY {order}
             LIMIT :limit) AS h
     ORDER BY {page_order}
"""

BY_KEY = "s.{key} = :key"

COUNT = "SELECT count(*) FROM ({source}) AS s WHERE {hit}"

EXTENT = """
    SELECT ST_XMin(e.box) AS west, ST_YMin(e.box) AS south, ST_XMax(e.box) AS east, ST_YMax(e.box) AS north,
           e.begins, e.ends, e.is_open
      FROM (SELECT ST_Extent(s.geom) AS box, {begins} AS begins, {ends} AS ends, {is_open} AS is_open
              FROM ({source}) AS s) AS e
"""

# Programs guess the type of a property from the first features they get: a number is written with its point.
NUMBER = """CASE WHEN h.{name} = trunc(h.{name}) AND abs(h.{name}) < 1e15
                THEN to_json(round(CAST(h.{name} AS numeric), 1)) ELSE to_json(h.{name}) END AS {name}"""

# How PROJ and PostGIS write what is no number.
_NO_NUMBER = re.compile(r"[iI]nf|[nN]a[nN]")


class Item(NamedTuple):
    """One feature: its key, its place as GeoJSON text (None without one), its properties as JSON text."""

    key: str | int
    geometry: str | None
    properties: str


class Page(NamedTuple):
    """Features of a page, and the mark behind which the next one begins (None: there is none)."""

    items: list[Item]
    next: list[str | None] | None


class Extent(NamedTuple):
    """What encloses all features of a collection: a box in WGS 84 degrees, and times; None where none is known."""

    box: tuple[float, float, float, float] | None
    begins: datetime | None
    ends: datetime | None


@dataclass(frozen=True)
class Told:
    """Which rows of a collection somebody is told at all.

    tickets   which tickets they may see.
    reader    who asks, where not everybody is told the same.
    """

    tickets: TicketFilter = NO_TICKETS
    reader: Reader = NOBODY

    def rows(self, collection: Collection, *, is_bare: bool = False) -> Condition:
        """The rows in SQL, and what they are bound to."""
        fits = fitting(collection.id, self.tickets, ALL_UNITS, self.reader)
        condition = None if fits.is_empty else fits.clause()
        make = bare_source if is_bare else source
        return Condition(make(collection.id, condition=condition), fits.values())


def page(
    session: Session,
    collection: Collection,
    *,
    told: Told,
    limit: int,
    asked: ItemFilter = ALL_ITEMS,
    by: Sequence[By] = (),
    after: Sequence[str | None] | None = None,
    crs: NamedCrs = CRS84,
) -> Page:
    """Up to `limit` features behind the mark `after`, in order, with coordinates in a CRS and its axis order.

    Raises NoSuchPlace where a coordinate does not exist in the CRS.
    """
    order, rows, hit = Order.of(collection, by), told.rows(collection), asked.of(collection)
    conditions, values = [hit.text], {**rows.values, **hit.values, "limit": limit + 1}
    if after is not None:
        later, marks = order.after("s", after)
        conditions.append(later)
        values |= marks
    found = _rows(session, collection, rows.text, " AND ".join(conditions), order=order, values=values, crs=crs)
    items = [Item(row.key, row.geometry, row.properties) for row in found[:limit]]
    return Page(items, list(found[limit - 1].mark) if len(found) > limit else None)


def item(session: Session, collection: Collection, key: str, *, told: Told, crs: NamedCrs = CRS84) -> Item | None:
    """The feature of that key; None where there is none, or none that is told. Raises NoSuchPlace."""
    kinds = {each.name: each.kind for each in collection.properties}
    value: str | int = key
    if kinds[collection.key] == "integer":
        if not (key.isascii() and key.isdecimal() and len(key) < 19):
            return None
        value = int(key)
    rows = told.rows(collection)
    hit, values = BY_KEY.format(key=collection.key), {**rows.values, "key": value, "limit": 1}
    found = _rows(session, collection, rows.text, hit, order=Order.of(collection), values=values, crs=crs)
    return Item(found[0].key, found[0].geometry, found[0].properties) if found else None


def matched(
    session: Session,
    collection: Collection,
    *,
    told: Told,
    asked: ItemFilter = ALL_ITEMS,
    within_ms: int,
) -> int | None:
    """How many features there are in all; None where counting them takes longer than it is worth."""
    hit = asked.of(collection)
    rows = told.rows(collection, is_bare=hit.text == "TRUE")
    statement = text(COUNT.format(source=rows.text, hit=hit.text))
    values = {**rows.values, **hit.values}
    return within(session, within_ms, lambda: int(session.execute(statement, values).scalar_one()))


def extent(session: Session, collection: Collection, *, told: Told) -> Extent:
    """What encloses the features that are told."""
    rows = told.rows(collection)
    times = collection.times
    ends = f"s.{times[-1]}" if times else "NULL"
    statement = EXTENT.format(
        source=rows.text,
        begins=f"min(CAST(s.{times[0]} AS timestamptz))" if times else "CAST(NULL AS timestamptz)",
        ends=f"max(CAST({ends} AS timestamptz))",
        # what has begun and has no end is open
        is_open=f"COALESCE(bool_or({ends} IS NULL AND s.{times[0]} IS NOT NULL), true)" if times else "true",
    )
    found = session.execute(text(statement), rows.values).one()
    box = None if found.west is None else (found.west, found.south, found.east, found.north)
    return Extent(box, found.begins, None if found.is_open else found.ends)


def reworded(item: Item, names: Sequence[str], reword: Callable[[str], str] | None) -> Item:
    """The item with these of its properties in other words, as whoever asks may read them."""
    if not names or reword is None:
        return item
    properties = json.loads(item.properties)
    properties |= {name: reword(said) for name in names if (said := properties[name]) is not None}
    return item._replace(properties=json.dumps(properties, ensure_ascii=False, separators=(",", ":")))


def _rows(
    session: Session,
    collection: Collection,
    rows: str,
    hit: str,
    *,
    order: Order,
    values: dict[str, Any],
    crs: NamedCrs,
) -> Sequence[Any]:
    statement = PAGE.format(
        key=collection.key,
        mark=order.mark("h"),
        shape=_shape(collection, crs),
        decimals=DECIMALS_OF_DEGREES if crs.is_degrees else DECIMALS_OF_METRES,
        properties=", ".join(
            (NUMBER if each.kind == "number" else "h.{name}").format(name=each.name) for each in collection.properties
        ),
        source=rows,
        hit=hit,
        order=order.clause("s"),
        page_order=order.clause("h"),
    )
    found = session.execute(text(statement), values).all()
    if any(row.geometry is not None and _NO_NUMBER.search(row.geometry) for row in found):
        raise NoSuchPlace(crs.uri)
    return found


def _shape(collection: Collection, crs: NamedCrs) -> str:
    shape = (
        "h.geom"
        if collection.shape == "Point"
        else "ST_ForcePolygonCCW(h.geom)"
        if collection.shape == "MultiPolygon"
        else "h.geom"
    )
    if crs.srid != CRS84.srid:
        shape = f"ST_Transform({shape}, {crs.srid:d})"
    return f"ST_FlipCoordinates({shape})" if crs.is_yx else shape
