"""What datum a file is in, when nobody says: weighed by what the district knows, and nothing stored."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypedDict

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from geodata import formats
from geodata.formats.table import Row, Table, Value
from geodata.geocode.text import normalise
from geodata.ingest.cells import CellRefused, number, text
from geodata.ingest.clues import clues_of, clues_of_lines
from geodata.ingest.columns import Binding, Field, bind
from geodata.ingest.errors import FieldsMissing
from geodata.ingest.references import References
from geodata.ingest.spellings import ADDRESS, NAME_HEADINGS
from geodata.models import Installation
from geodata.queries import datum_clues, generations
from geodata.queries.stamping import today
from geodata.services.datums import as_datum, local_datums
from geodata.services.installation import installation
from spatial.crs import Datum, from_metre, metre_crs
from spatial.detective import Detection, ShapeClues, detect_points, detect_shapes
from spatial.gcj02 import in_box
from spatial.readings import FARTHEST_DEGREES, Form, Reading

# More rows, or places that areas must hold, tell nothing new.
MOST_ROWS = 2000
MOST_PLACES = 5000
MOST_ROADS = 300
_STEP_M, _STEP_DEGREES = 50.0, 0.0005
_LINES = shapely.LineString | shapely.MultiLineString
# Fewer than this can mislead; with as many, right and wrong were told apart in all files that were tried.
ENOUGH_ROWS = 20

_NAME = Field(
    "name",
    text,
    (
        *("单位名称", "责任点名称", "地名", "小区", "小区名称", "站名", "车站", "街镇名称", "居村名称", *NAME_HEADINGS),
        *("stop_name", "station_name", "estate", "place_name", "poi", "town_name", "village_name"),
    ),
)


class DatumFinding(NamedTuple):
    """What came of a file.

    hint      the datum that its headings name, None where they name none; told and not weighed.
    columns   headings of the two coordinates, empty for areas.
    advice    what to do next, a sentence.
    """

    file: str
    detection: Detection
    hint: Datum | None
    columns: tuple[str, str] | tuple[()]
    advice: str

    def to_json(self) -> dict[str, Any]:
        """The finding as plain data."""
        found = self.detection
        return {
            "file": self.file,
            "rows": found.rows,
            "is_clear": found.is_clear,
            "datum": found.reading.datum.name if found.reading else None,
            "is_swapped": found.reading.is_swapped if found.reading else None,
            "form": found.reading.form.value if found.reading else None,
            "lead_nats": round(found.lead_nats, 1) if np.isfinite(found.lead_nats) else None,
            "says": found.says(),
            "advice": self.advice,
            "headings_say": self.hint.name if self.hint else None,
            "hypotheses": [
                {
                    "datum": one.reading.datum.name,
                    "is_swapped": one.reading.is_swapped,
                    "form": one.reading.form.value,
                    "behind_nats": round(found.weighed[0].log_likelihood - one.log_likelihood, 1),
                    "told": one.told,
                }
                for one in found.weighed
            ],
            "oddities": [
                {"kind": odd.kind.value, "detail": odd.detail, "rows": len(odd.rows)} for odd in found.oddities
            ],
        }


def detect_file(
    session: Session, path: Path, *, layer: str | None = None, mapping: Mapping[str, str] | None = None
) -> DatumFinding:
    """What the coordinates of a file look like; nothing is stored.

    Raises FieldsMissing for a file without coordinates, BadMapping, FileRefused and NotInitialised.
    """
    return finding_of(session, formats.read(path, layer=layer), path, mapping=mapping)


def finding_of(
    session: Session,
    table: Table,
    path: Path,
    *,
    mapping: Mapping[str, str] | None = None,
    declared: Datum | None = None,
    source: str | None = None,
) -> DatumFinding:
    """The same of a table that was read already; `declared` is tried too and chooses among pairs of columns."""
    settings = installation(session)
    refs = References(session, settings, today=today(session))
    known = _Known(session, settings, refs, path.stem.removesuffix(".osm") if source is None else source)
    known.more += [declared] if declared is not None else []
    geoms = None if table.geometries is None else list(table.geometries)
    wanted = {one: said for one, said in (mapping or {}).items() if one in {"name", "address", "lon", "lat"}}
    binding = bind((_NAME, ADDRESS), table.columns, mapping=wanted, places=geoms is None, declared=declared)
    if geoms is not None and not all(shape is None or isinstance(shape, shapely.Point) for shape in geoms):
        names = [_cell(binding, "name", row) for row in table.rows]
        has_lines = any(isinstance(shape, _LINES) for shape in geoms)
        detection = (
            known.of_lines(geoms, names)
            if has_lines
            else known.of_shapes(geoms, [_cell(binding, "name", row) for row in table.rows])
        )
        columns: tuple[str, str] | tuple[()] = ()
    else:
        step = max(1, -(-len(table.rows) // MOST_ROWS))
        if geoms is not None:
            points = [p if isinstance(p, shapely.Point) and not p.is_empty else None for p in geoms[::step]]
            x, y = ([np.nan if p is None else float(getattr(p, axis)) for p in points] for axis in ("x", "y"))
            columns = ()
        elif "lon" in binding.sources:
            x, y = ([_number(binding, axis, row) for row in table.rows[::step]] for axis in ("lon", "lat"))
            columns = (binding.sources["lon"].column or "lon", binding.sources["lat"].column or "lat")
        else:
            raise FieldsMissing(["lon", "lat"], table.columns)
        names, addresses = ([_cell(binding, one, row) for row in table.rows[::step]] for one in ("name", "address"))
        detection = known.of_points(np.array(x), np.array(y), names, addresses)
    hint = binding.place_hint
    return DatumFinding(path.name, detection, hint, columns, _advice(detection, columns, known))


class Pin(NamedTuple):
    """A position that a person wrote down for an address, in a datum."""

    x: float
    y: float
    datum: Datum
    address: str


def doubted_pins(session: Session, pins: Sequence[Pin]) -> dict[Datum, str]:
    """Why positions of one list are not believed to be in their datum, by datum; empty when they are.

    Those of each datum are weighed together, as a file is: a list that was picked on a shifted map shows it.
    """
    settings = installation(session)
    refs = References(session, settings, today=today(session))
    told = {}
    for datum in dict.fromkeys(pin.datum for pin in pins):
        mine = [pin for pin in pins if pin.datum == datum]
        known = _Known(session, settings, refs, "")
        known.more.append(datum)
        x, y = np.array([pin.x for pin in mine]), np.array([pin.y for pin in mine])
        detection = known.of_points(x, y, [None] * len(mine), [pin.address for pin in mine])
        if detection.contradicts(datum):
            told[datum] = f"Declared as {datum}, but: {detection.says()}"
    return told


class _Ground(TypedDict):
    """What readings are tried by."""

    centre: tuple[float, float]
    reach: tuple[float, float]
    more: list[Datum]
    may_shift: bool


class _Known:
    """What the district knows, leaving out what came from the file itself."""

    def __init__(self, session: Session, settings: Installation, references: References, source: str) -> None:
        self.session, self.settings = session, settings
        self.references, self.source = references, source
        self.outline = generations.district(session).geom
        self.towns = references.area_shapes("town")
        self.more = [Datum(f"epsg:{settings.metre_srid}"), *(as_datum(row) for row in local_datums(session))]
        centre, reach = self._whereabouts()
        self._ground: _Ground = {
            "centre": centre,
            "reach": reach,
            "more": self.more,
            "may_shift": bool(in_box(*centre)),
        }

    def _whereabouts(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Where the district is, and how many degrees of lon and lat from there are near."""
        near = (FARTHEST_DEGREES, FARTHEST_DEGREES)
        if self.outline is not None:
            middle = self.outline.centroid
            return (float(middle.x), float(middle.y)), near
        places: Sequence[datum_clues.Spot | datum_clues.OwnPlace] = datum_clues.own_places(self.session, most=1000)
        places = places or datum_clues.known_spots(self.session, besides=self.source)
        if places:
            return (float(np.median([p.lon for p in places])), float(np.median([p.lat for p in places]))), near
        use = metre_crs(self.settings.metre_srid).area_of_use
        if use is not None:
            # the zone may reach over half the country
            wide = (use.east - use.west) / 2.0 + near[0], (use.north - use.south) / 2.0 + near[1]
            return ((use.west + use.east) / 2.0, (use.south + use.north) / 2.0), wide
        lon, lat = from_metre([500_000.0], [3_400_000.0], self.settings.metre_srid)
        return (float(lon[0]), float(lat[0])), near

    def of_points(
        self,
        x: NDArray[np.float64],
        y: NDArray[np.float64],
        names: Sequence[str | None],
        addresses: Sequence[str | None],
    ) -> Detection:
        clues = clues_of(
            self.references,
            names=names,
            addresses=addresses,
            outline=self.outline,
            towns=self.towns,
            source=self.source,
        )
        return detect_points(x, y, clues=clues, **self._ground)

    def of_lines(self, shapes: Sequence[BaseGeometry | None], names: Sequence[str | None]) -> Detection:
        """Lines by the roads whose names they bear; others say nothing."""
        roads: dict[str, list[BaseGeometry]] = {}
        for shape, name in zip(shapes, names, strict=True):
            # a line that does not leave its first corner is none, and cannot be cut into steps
            if name and isinstance(shape, _LINES) and shape.length > 0.0 and shapely.is_valid(shape):
                roads.setdefault(normalise(name), []).append(shape)
        corners: dict[str, list[int]] = {}
        parts: list[NDArray[np.float64]] = []
        count = 0
        for road in list(roads)[:MOST_ROADS]:
            # so that a point beside a long straight stretch is near to a corner
            step = _STEP_M if np.abs(shapely.get_coordinates(roads[road])).max() > 360.0 else _STEP_DEGREES
            points = shapely.get_coordinates(shapely.segmentize(roads[road], step))
            corners[road] = list(range(count, count + len(points)))
            parts.append(points)
            count += len(points)
        x, y = np.vstack(parts).T if parts else np.zeros((2, 0))
        clues = clues_of_lines(self.references, corners, source=self.source)
        return detect_points(x, y, clues=clues, **self._ground)

    def of_shapes(self, shapes: Sequence[BaseGeometry | None], names: Sequence[str | None]) -> Detection:
        codes = {normalise(area.name): area.code for area in self.references.areas("town")}
        of_code: dict[str, list[int]] = {}
        for i, name in enumerate(names):
            if name and (code := codes.get(normalise(name))):
                of_code.setdefault(code, []).append(i)
        places = datum_clues.own_places(self.session, most=MOST_PLACES)
        towns = [self.references.town_named_in(place.address) if place.address else None for place in places]
        # what the towns make up says nothing about the towns
        is_witness = not of_code and generations.district(self.session).geom is not None
        clues = ShapeClues(
            outline=self.outline if is_witness else None,
            lon=np.array([place.lon for place in places]),
            lat=np.array([place.lat for place in places]),
            areas_named=[of_code.get(town, []) if town else [] for town in towns],
        )
        return detect_shapes(shapes, clues=clues, **self._ground)


def _cell(binding: Binding, name: str, row: Row) -> str | None:
    source = binding.sources.get(name)
    value: Value = None if source is None else source.of(row)
    return str(value).strip() or None if value is not None else None


def _number(binding: Binding, name: str, row: Row) -> float:
    value = binding.sources[name].of(row)
    try:
        return float("nan") if value is None else number(value)
    except CellRefused:
        return float("nan")


def _advice(found: Detection, columns: Sequence[str], known: _Known) -> str:
    reading = found.reading
    if reading is not None:
        return _next_step(reading, columns)
    told = []
    if found.zone is not None:
        told.append(f"the eastings begin with the zone number {found.zone[0]}, which is EPSG:{found.zone[1]}")
    if known.outline is None:
        told.append("import the boundary of the district or of its towns first")
    if found.rows < ENOUGH_ROWS:
        told.append(f"give a file of {ENOUGH_ROWS} rows or more, with addresses")
    told.append("ask whoever made the file, and check a place that you know on the map before you import")
    return f"{'; '.join(told)}."


def _next_step(reading: Reading, columns: Sequence[str]) -> str:
    declare = f"--datum {reading.datum.name}"
    if reading.form is not Form.PLAIN:
        return f"Write the degrees as decimal numbers, then import with {declare}."
    if reading.is_swapped:
        if not columns:
            return f"Exchange x and y in the file, then import with {declare}."
        lon, lat = columns
        return f"Import with {declare} --map lon={lat} --map lat={lon}."
    return f"Import with {declare}."
