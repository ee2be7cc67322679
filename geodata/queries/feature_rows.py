"""Rows of the published collections as cells: as text on their way through, and as values in batches."""

from collections.abc import Callable, Generator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, text

from geodata.catalog import Collection, Property
from geodata.queries.features import Selection, copied, decimals, placed
from geodata.queries.property_types import SQL_TYPES
from spatial.crs_uris import named

Reword = Callable[[str], str] | None

# How a table says where a feature is; LONLAT stands for two columns.
LONLAT, WKT = "lonlat", "wkt"

# The geometry as files of GIS programs and of globes hold it.
WKB, KML = "wkb", "kml"

BATCH = 5000

# What is no point is told by one that certainly lies on it.
POINT_OF = {
    "Point": "{geom}",
    "MultiLineString": "ST_PointOnSurface({geom})",
    "MultiPolygon": "ST_PointOnSurface({geom})",
}
COORDINATE = "trim_scale(round(CAST({axis}({point}) AS numeric), {decimals}))"

# Of coverages and of what unions make, some come as single parts; a file has one kind.
PARTS_OF = {"Point": "{geom}", "MultiLineString": "ST_Multi({geom})", "MultiPolygon": "ST_Multi({geom})"}

# ISO 8601 with the zone of the district, as JSON spells it.
MOMENT = "to_json(s.{name}) #>> '{{}}'"

HOW_MANY = "count(*) AS total, count(*) FILTER (WHERE s.geom IS NULL) AS unplaced"


class Counted(NamedTuple):
    """How many rows there are, and how many of them have no geometry."""

    total: int
    unplaced: int


def counted(connection: Connection, selection: Selection) -> Counted:
    """How many rows a selection has."""
    row = connection.execute(text(selection.unordered(HOW_MANY)), selection.values()).one()
    return Counted(row.total, row.unplaced)


def geometry_columns(geometry: str, srid: int) -> tuple[str, ...]:
    """What the columns that say where are called."""
    if geometry == LONLAT:
        return ("lon", "lat") if named(srid).is_degrees else ("x", "y")
    return (geometry,)


def cells(
    connection: Connection, selection: Selection, *, geometry: str, srid: int, reword: Reword = None
) -> Generator[list[str | None], None, None]:
    """Each row as text, straight by COPY with flat memory: the properties in their order, then where it is.

    geometry   LONLAT, WKT or KML, rounded as `decimals` says.

    Moments are ISO 8601 with the district's zone, yes and no are `true` and `false`. The connection stays
    in use until the last row is taken.
    """
    collection = selection.collection
    columns = [_as_text(each) for each in collection.properties] + _where(collection, geometry, srid)
    free = _free_text(collection) if reword else ()
    with copied(connection, selection, ", ".join(columns)) as copy:
        for row in copy.rows():
            yield _told(row, free, reword)


def batches(
    connection: Connection, selection: Selection, *, geometry: str, srid: int, reword: Reword = None
) -> Generator[list[list[Any]], None, None]:
    """The same rows as Python values, BATCH at a time; with WKB the geometry is unrounded bytes of one kind.

    None stands where nothing is known. Coordinates of LONLAT are floats.
    """
    collection = selection.collection
    columns = [f"CAST(s.{each.name} AS {SQL_TYPES[each.kind]}) AS {each.name}" for each in collection.properties]
    where = [f"CAST({one} AS float8)" for one in _where(collection, geometry, srid)]
    columns += where if geometry == LONLAT else _where(collection, geometry, srid)
    free = _free_text(collection) if reword else ()
    options = {"stream_results": True, "max_row_buffer": BATCH}
    found = connection.execute(text(selection.rows(", ".join(columns))), selection.values(), execution_options=options)
    with found:
        for rows in found.partitions(BATCH):
            yield [_told(row, free, reword) for row in rows]


def _as_text(one: Property) -> str:
    if one.kind == "datetime":
        return MOMENT.format(name=one.name)
    return f"CAST(CAST(s.{one.name} AS {SQL_TYPES[one.kind]}) AS text)"


def _where(collection: Collection, geometry: str, srid: int) -> list[str]:
    geom, places = placed(srid), decimals(srid)
    if geometry == LONLAT:
        point = POINT_OF[collection.shape].format(geom=geom)
        return [COORDINATE.format(axis=axis, point=point, decimals=places) for axis in ("ST_X", "ST_Y")]
    if geometry == WKB:
        return [f"ST_AsBinary({PARTS_OF[collection.shape].format(geom=geom)})"]
    return [f"{'ST_AsKML' if geometry == KML else 'ST_AsText'}({geom}, {places})"]


def _free_text(collection: Collection) -> tuple[int, ...]:
    return tuple(collection.names.index(name) for name in collection.free_text)


def _told(row: Sequence[Any], free: tuple[int, ...], reword: Reword) -> list[Any]:
    found = list(row)
    if reword is not None:
        for index in free:
            if found[index] is not None:
                found[index] = reword(found[index])
    return found
