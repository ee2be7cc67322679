"""Any published collection as rows of a list, the twin of what the map draws."""

from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.catalog import Collection
from geodata.queries.features import Box
from geodata.queries.plans import counting
from geodata.queries.readers import NOBODY, Reader
from geodata.queries.sources import bare_source, source
from geodata.queries.ticket_filter import ALL_UNITS, NO_FILTER, TicketFilter, UnitFilter, fitting

# The box stands on the bare column for the index; it touches the box of a shape, not its outline.
IN_BOX = "s.geom && ST_MakeEnvelope(:west, :south, :east, :north, 4326)"

# Boxes that are kept beside the shapes are a metre coarse, which shows in the number of points in view.
POINT_IN_BOX = f"{IN_BOX} AND ST_X(s.geom) BETWEEN :west AND :east AND ST_Y(s.geom) BETWEEN :south AND :north"

# Codes and numbers are texts with an index of their own; other keys are compared as they are written.
BY_KEY = "s.{key} = :key"
BY_WRITTEN_KEY = "CAST(s.{key} AS text) = :key"
TEXT_KEYS = frozenset({"code", "number"})

COUNT = "SELECT count(*) FROM ({bare}) AS s WHERE {hit}"

# Of many tickets, those of a page are found before anything else is known of them.
KEYS = "SELECT s.{key} FROM ({bare}) AS s WHERE {hit} ORDER BY {order} LIMIT :limit OFFSET :skip"
OF_THE_PAGE = "i.number = ANY(CAST(:keys AS text[]))"

# Places are worked out for the rows that are shown, after the others have been left behind.
ROWS = """
    WITH shown AS (
        SELECT {properties}, s.geom
          FROM ({source}) AS s
         WHERE {hit}
         ORDER BY {order}
         LIMIT :limit OFFSET :skip)
    SELECT {shown}, ST_X(p.point) AS lon, ST_Y(p.point) AS lat
      FROM shown AS h
     CROSS JOIN LATERAL (SELECT {point} AS point) AS p
     ORDER BY {shown_order}
"""

# What is to be done first stands first: the open by their deadline, the latest late at the top.
TICKETS_FIRST = """
    {row}.state IN ('closed', 'cancelled', 'merged'),
    CASE WHEN {row}.state NOT IN ('closed', 'cancelled', 'merged') THEN {row}.due_at END NULLS LAST,
    {row}.reported_at DESC, {row}.number DESC"""

ORDERS = {
    "tickets": TICKETS_FIRST,
    "demands": "{row}.state <> 'open', {row}.needed_until NULLS LAST, {row}.code",
    "meetings": "{row}.state <> 'planned', CASE WHEN {row}.state = 'planned' THEN {row}.held_at END,"
    " {row}.held_at DESC, {row}.code",
    "whistle_calls": "{row}.state NOT IN ('called', 'met'),"
    " CASE WHEN {row}.state IN ('called', 'met') THEN {row}.meet_at END, {row}.meet_at DESC, {row}.code",
    "registrations": "{row}.rate NULLS LAST, {row}.code",
    "registrations_of_towns": "{row}.rate NULLS LAST, {row}.code",
    "unit_density": "{row}.unit_count, {row}.code",
    "coverage_towns": "{row}.share, {row}.code",
    "coverage_villages": "{row}.share, {row}.code",
    "coverage_cells": "{row}.nearest_m DESC NULLS FIRST, {row}.code",
}


class Listed(NamedTuple):
    """One feature: its properties by the catalogue's names, and a point on it (EPSG:4326; None without a place)."""

    properties: dict[str, Any]
    lon: float | None
    lat: float | None


class Listing(NamedTuple):
    """How many features there are in all, and those of this page."""

    total: int
    rows: list[Listed]


def listing(
    session: Session,
    collection: Collection,
    *,
    box: Box | None,
    limit: int,
    skip: int = 0,
    tickets: TicketFilter = NO_FILTER,
    units: UnitFilter = ALL_UNITS,
    run_id: int | None = None,
    reader: Reader = NOBODY,
    key: str | None = None,
) -> Listing:
    """Features in a box (None: all, those without a place too), in the order of their list; `key` names one of them.

    Tickets: open ones by deadline, then the newest; coverage: the worst first; others by name and
    code. `tickets` narrows tickets, `units` units, `reader` what not everybody is told alike, and `run_id` names
    the run of coverage and gaps.
    """
    fits = fitting(collection.id, tickets, units, reader)
    values: dict[str, Any] = {**fits.values(), **(box._asdict() if box else {})}
    if key is not None:
        values["key"] = key
    if run_id is not None:
        values["run_id"] = run_id
    condition = None if fits.is_empty else fits.clause()
    facts = {
        **_spelled(collection),
        "source": source(collection.id, condition=condition, is_run_named=run_id is not None),
        "bare": bare_source(collection.id, condition=condition, is_run_named=run_id is not None),
        "hit": " AND ".join(_conditions(collection, box=box, key=key)) or "TRUE",
    }
    page = {"limit": limit, "skip": skip}
    with counting(session, by_place="within" in values):
        total = int(session.execute(text(COUNT.format(**facts)), values).scalar_one())
        if collection.id == "tickets" and skip < total:
            keys = session.execute(text(KEYS.format(**facts)), {**values, **page}).scalars().all()
            facts |= {"source": source("tickets", condition=OF_THE_PAGE), "hit": "TRUE"}
            values, page = {"keys": keys}, {"limit": limit, "skip": 0}
    if skip >= total:
        return Listing(total, [])
    found = session.execute(text(ROWS.format(**facts)), {**values, **page})
    return Listing(total, [Listed(dict(zip(collection.names, row, strict=False)), row.lon, row.lat) for row in found])


def _spelled(collection: Collection) -> dict[str, str]:
    """The parts of the statements that are the same whatever is asked of a collection."""
    return {
        "key": collection.key,
        "order": _order(collection).format(row="s"),
        "shown_order": _order(collection).format(row="h"),
        "properties": ", ".join(f"s.{name}" for name in collection.names),
        "shown": ", ".join(f"h.{name}" for name in collection.names),
        "point": "h.geom" if collection.shape == "Point" else "ST_PointOnSurface(h.geom)",
    }


def _conditions(collection: Collection, *, box: Box | None, key: str | None) -> list[str]:
    by_key = BY_KEY if collection.key in TEXT_KEYS else BY_WRITTEN_KEY
    in_box = POINT_IN_BOX if collection.shape == "Point" else IN_BOX
    return [*([in_box] if box else []), *([by_key.format(key=collection.key)] if key is not None else [])]


def _order(collection: Collection) -> str:
    own = ORDERS.get(collection.id)
    if own:
        return own
    named = "{row}.name, " if "name" in collection.names else ""
    return named + "{row}." + collection.key
