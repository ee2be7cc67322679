"""What makes a kind of record importable, and the facts and rows an import works on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

from shapely.geometry.base import BaseGeometry

from geodata.ingest.columns import Field
from geodata.ingest.preview import Preview
from geodata.ingest.report import ImportReport, Problem
from geodata.models import Base
from spatial.codes import CodePattern
from spatial.crs import Datum

if TYPE_CHECKING:
    from geodata.ingest.references import References

Shape = Literal["point", "polygon", "feature", "mixed"]


@dataclass(slots=True)
class Record:
    """One row on its way into the database.

    row       its number as the user counts.
    cells     checked values by field; fields not in the file are missing, empty cells are None.
    x, y      as received; `lon`, `lat` the same place in WGS 84. All None without a position.
    shape     of an area: a valid MultiPolygon in WGS 84, None where the boundary is missing; of a feature
              of the base map: lines or polygons in WGS 84; of a mixed file: lines, as all else is a position.
    values    what goes into the table, by column, once the kind has understood the row.
    """

    row: int
    cells: dict[str, Any]
    x: float | None = None
    y: float | None = None
    lon: float | None = None
    lat: float | None = None
    shape: BaseGeometry | None = None
    values: dict[str, Any] = field(default_factory=dict)


class MadeArea(NamedTuple):
    """A parent area that a file names and that is not there yet; `row` is the first that names it."""

    level: str
    code: str
    name: str
    parent_code: str
    valid_from: date
    valid_to: date | None
    row: int


@dataclass(slots=True)
class Job:
    """What a kind may know while it makes sense of its rows.

    hint        the datum that the headings of the coordinates name, None when they name none.
    fields      what the file tells: names of fields with a column, `lon` and `lat`, `geometry`.
    coarse_m    error of positions for want of decimals, 0 when they have enough.
    extent      the box around what the district has on the map, WGS 84 degrees, None while that is nothing.
    made_areas  filled by the kind: parents to make along with the rows.
    only_new    filled by the kind: columns that only new records get.
    extra       filled by the kind: records that a row gives beside its own.
    beside      filled by the kind: rows of other tables that come with the records, by column.
    is_extract  whether the file is one that lays its datum and its tags down, as OpenStreetMap does;
                `is_whole` if all its layers were read, so that what is not in it is gone.
    preview     keeps what would be stored, None where nobody wants to look.
    """

    kind: "Kind"
    report: ImportReport
    references: "References"
    pattern: CodePattern
    district_code: str
    district_name: str
    zone: ZoneInfo
    today: date
    datum: Datum | None = None
    hint: Datum | None = None
    level: str | None = None
    valid_from: date | None = None
    source: str = ""
    coarse_m: float = 0.0
    fields: frozenset[str] = frozenset()
    extent: tuple[float, float, float, float] | None = None
    made_areas: list[MadeArea] = field(default_factory=list)
    only_new: set[str] = field(default_factory=set)
    extra: list[Record] = field(default_factory=list)
    beside: dict[type[Base], list[dict[str, Any]]] = field(default_factory=dict)
    is_extract: bool = False
    is_whole: bool = False
    preview: Preview | None = None

    def problem(self, record: Record, where: str, reason: str, value: object = None) -> None:
        """Note why a row cannot be taken; `value` is what stands in the field unless told otherwise."""
        shown = record.cells.get(where) if value is None else value
        self.report.problems.append(Problem(record.row, where, "" if shown is None else str(shown)[:80], reason))


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of record.

    fields    what a row may tell; asked once the job is known, as levels and time zones matter.
    key       columns of the unique constraint that names a record; of the unique index with the
              condition `key_where`, where that is set.
    finish    fills each record's `values`; a row it cannot understand becomes a problem.
    shape     `point`, `polygon`, `feature` for lines and polygons of a base map, `mixed` for points, lines and
              polygons that become positions and lines, or None for kinds without a place.
    place_required   a row without a place is a problem.
    instead_of_shape   the field that every row needs where the file has no boundaries.
    posts_only       columns about whoever is on a post are left outside.
    """

    name: str
    title_zh: str
    title_en: str
    model: type[Base]
    fields: Callable[["Job"], tuple[Field, ...]]
    key: tuple[str, ...]
    finish: Callable[[Sequence[Record], "Job"], None]
    shape: Shape | None = None
    place_required: bool = False
    key_where: str = ""
    instead_of_shape: str = ""
    posts_only: bool = False


# Columns that only change together: a row that comes without a place leaves all of them alone.
PLACE_COLUMNS = ("geom", "raw_x", "raw_y", "datum", "datum_evidence", "accuracy_m", "place_level")
