"""What a dry run would store, kept to be looked at: headings and what they were taken for, rows, places, standings."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from shapely import Point
from shapely.geometry.base import BaseGeometry

from geodata.formats.table import Table
from geodata.ingest.columns import CONSTANT, Asked, Field, bind
from geodata.ingest.errors import ImportRefused

if TYPE_CHECKING:
    from geodata.ingest.kinds import Job, Record

# `read`: understood, and not tried as the whole is refused.
Standing = Literal["new", "changed", "unchanged", "bad", "read"]
STANDINGS: tuple[Standing, ...] = ("new", "changed", "unchanged", "read", "bad")

MOST_ROWS = 2000
_OF_POINTS = (("lon", "经度"), ("lat", "纬度"))
_SAMPLES = 3
_SAMPLE_ROWS = 200
_LONGEST = 120

# Columns that a reader knows as the place, or that are not for reading.
_OF_PLACE = frozenset({"geom", "raw_x", "raw_y", "datum", "datum_evidence", "place_level", "line"})


class Heading(NamedTuple):
    """A column of the file, with its first contents."""

    name: str
    samples: tuple[str, ...]


class FieldSeen(NamedTuple):
    """What a row of this kind may tell, with the headings that are recognised as it."""

    name: str
    headings: tuple[str, ...]
    is_required: bool


class PreviewRow(NamedTuple):
    """A row as it would be stored; `values` by column, of a bad row what could be read by field.

    lon, lat, shape   where it would be, WGS 84; a shape for areas and lines. All None without a place.
    is_outside        whether it has a place and that is not in the district.
    """

    row: int
    standing: Standing
    values: dict[str, str]
    lon: float | None
    lat: float | None
    shape: BaseGeometry | None
    is_outside: bool

    @property
    def where(self) -> BaseGeometry:
        """Its place as a geometry, an empty point without one."""
        if self.shape is not None:
            return self.shape
        return Point() if self.lon is None or self.lat is None else Point(self.lon, self.lat)


class Preview:
    """Filled by an import; see `geodata.services.imports.import_file`.

    headings, fields   of the file and of the kind, in their order; empty where the file could not be read.
    matched            field → heading, or `=value`; as far as it is known even where the import cannot begin.
    declared_crs       what the file says of its coordinates; never taken as true.
    finding            what the places look like, as `DatumFinding.to_json` tells it; None without places.
    """

    def __init__(self, *, most: int = MOST_ROWS) -> None:
        self.most = most
        self.headings: list[Heading] = []
        self.fields: list[FieldSeen] = []
        self.matched: dict[str, str] = {}
        self.declared_crs: str | None = None
        self.has_shapes = False
        self.finding: dict[str, Any] | None = None
        self.outside: frozenset[int] = frozenset()
        self._records: Sequence[Record] = ()
        self._bad: frozenset[int] = frozenset()
        self._standings: dict[int, Standing] = {}

    def see_table(self, table: Table) -> None:
        """Note the headings."""
        self.headings = [Heading(name, tuple(_samples(table, name))) for name in table.columns]
        self.declared_crs = table.declared_crs
        self.has_shapes = table.geometries is not None

    def see_fields(self, fields: Sequence[Field], headings: Sequence[str], how: Asked) -> None:
        """Note the fields, and which columns they would get were none of them needed; `how` goes to `bind`."""
        self.fields = seen_fields(fields, places=how["places"])
        bare = [Field(one.name, one.check, one.headings) for one in fields]
        try:
            sources = bind(bare, headings, **how).sources
        except ImportRefused:
            # half a position, or a mapping that does not fit: what is told is what was asked for
            self.matched = dict(how["mapping"] or {})
            return
        self.matched = {
            name: source.column if source.column is not None else f"{CONSTANT}{source.constant}"
            for name, source in sources.items()
        }

    def see_records(self, records: Sequence["Record"], job: "Job") -> None:
        """Note the rows of the file, with those that have problems."""
        self._records = records
        self._bad = frozenset(problem.row for problem in job.report.problems)

    def see_stored(
        self,
        records: Sequence["Record"],
        key: Sequence[str],
        *,
        new: Collection[tuple[Any, ...]],
        changed: Collection[tuple[Any, ...]],
    ) -> None:
        """Note what became of the good rows: those whose key is among the `new` and `changed` ones, and the others."""
        for record in records:
            mine = tuple(record.values.get(name) for name in key)
            self._standings[record.row] = "new" if mine in new else "changed" if mine in changed else "unchanged"

    def rows(self, *, most: int | None = None) -> Iterator[PreviewRow]:
        """The first `most` rows."""
        return (self._row(record) for record in islice(self._records, most))

    def places(self) -> list[PreviewRow]:
        """Rows with a place, evenly chosen down to `most`; those that are bad or outside go before the others."""
        placed = [one for one in self._records if one.lon is not None or one.shape is not None]
        odd = [one for one in placed if one.row in self._bad or one.row in self.outside]
        plain = [one for one in placed if one.row not in self._bad and one.row not in self.outside]
        chosen = [*_evenly(odd, self.most // 2), *_evenly(plain, self.most - min(len(odd), self.most // 2))]
        return [self._row(one) for one in sorted(chosen, key=lambda one: one.row)]

    @property
    def placed(self) -> int:
        """How many rows have a place."""
        return sum(one.lon is not None or one.shape is not None for one in self._records)

    def _row(self, record: "Record") -> PreviewRow:
        standing: Standing = "bad" if record.row in self._bad else self._standings.get(record.row, "read")
        told = record.values or record.cells
        values = {name: _told(value) for name, value in told.items() if name not in _OF_PLACE}
        is_outside = record.row in self.outside
        return PreviewRow(record.row, standing, values, record.lon, record.lat, record.shape, is_outside)


def without(table: Table, left_out: Iterable[str]) -> None:
    """Take columns out of a table, as if the file did not have them."""
    gone = set(left_out)
    table.columns = tuple(name for name in table.columns if name not in gone)


def seen_fields(fields: Sequence[Field], *, places: bool) -> list[FieldSeen]:
    """Fields as they are shown; with those of coordinates where there may be `places`."""
    found = [FieldSeen(one.name, one.headings, one.required) for one in fields]
    return [*found, *(FieldSeen(name, (title,), is_required=False) for name, title in _OF_POINTS)] if places else found


def _samples(table: Table, name: str) -> Iterator[str]:
    found: dict[str, None] = {}
    for row in table.rows[:_SAMPLE_ROWS]:
        value = row.get(name)
        if value is not None:
            found.setdefault(_told(value))
        if len(found) == _SAMPLES:
            break
    return iter(found)


def _told(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bytes):
        return "…"
    if isinstance(value, list | tuple | set):
        return ", ".join(_told(one) for one in value)[:_LONGEST]
    if isinstance(value, date):
        return value.isoformat()
    return str(value)[:_LONGEST]


def _evenly(records: Sequence["Record"], most: int) -> Sequence["Record"]:
    if len(records) <= most:
        return records
    return [records[i * len(records) // most] for i in range(most)]
