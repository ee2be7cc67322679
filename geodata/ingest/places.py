"""Positions and boundaries of rows: brought to WGS 84, repaired with a report, and placed under suspicion."""

import math
import re
from collections.abc import Sequence
from decimal import Decimal

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from pyproj.exceptions import CRSError
from shapely.geometry.base import BaseGeometry

from geodata.formats.table import Table
from geodata.ingest.errors import DatumDisagrees, DatumNeeded
from geodata.ingest.kinds import Job, Record
from geodata.ingest.report import RowRepair
from spatial.clean import RepairKind, repair_polygons
from spatial.coordinates import Coordinates, Shapes
from spatial.crs import Datum, geodesic_area_m2
from spatial.datum_check import Oddity, OddityKind, oddities
from spatial.errors import BadGeometry

# What a given position is worth when the file does not say: phones, and the shifted datums, whose
# formula agrees with the vendors' own services to about ten metres and no better.
ACCURACY_M = 10.0

_METRES_PER_DEGREE = 111_320.0
# In a few rows, the decimals may all happen to end in zeros.
_ROWS_TO_TELL = 20


def require_datum(job: Job, table: Table, *, has_places: bool, trust_datum: bool) -> None:
    """Refuse coordinates without a declared datum, and one other than what the format or a projected file says.

    What a file says of degrees is no evidence: GCJ-02 and BD-09 are labelled EPSG:4326 everywhere.
    """
    if not has_places:
        return
    if job.datum is None:
        raise DatumNeeded("" if job.hint is None else str(job.hint))
    if table.fixed_datum is not None and not trust_datum:
        fixed = Datum.parse(table.fixed_datum)
        # CGCS2000 is WGS 84 to the decimetre
        if job.datum not in {fixed, Datum.parse("cgcs2000")}:
            raise DatumDisagrees(str(job.datum), str(fixed), "the file's format")
    if table.declared_crs is None:
        return
    said = _crs_of(table.declared_crs)
    if said is None:
        job.report.note("crs_unknown", "the file's own CRS could not be read; the declared datum counts")
        return
    if not said.is_projected or _is_same(said, job.datum):
        return
    if not trust_datum:
        raise DatumDisagrees(str(job.datum), said.name, "the file's own CRS")
    job.report.note("crs_overruled", f"the file says {said.name}; taken as {job.datum}, as you said to")


def _crs_of(text: str) -> pyproj.CRS | None:
    """The CRS of `EPSG:N` or WKT; nothing else is handed to PROJ, which would open files by name."""
    try:
        number = re.fullmatch(r"EPSG:(\d{4,6})", text)
        return pyproj.CRS.from_epsg(int(number[1])) if number else pyproj.CRS.from_wkt(text)
    except CRSError:
        return None


def _is_same(said: pyproj.CRS, datum: Datum) -> bool:
    if datum.srid is None:
        return False
    meant = pyproj.CRS.from_epsg(datum.srid)
    return said.to_epsg(min_confidence=50) == datum.srid or bool(said.equals(meant, ignore_axis_order=True))


def place_points(records: Sequence[Record], job: Job) -> None:
    """Set `lon`, `lat` of records with `x`, `y`; a position that is none becomes a problem of its row."""
    datum = job.datum
    _take_points(records, job)
    mine = [record for record in records if record.x is not None and record.y is not None]
    if datum is None or not mine:
        return
    x, y = ([float(getattr(record, name)) for record in mine] for name in ("x", "y"))
    odd = oddities(x, y, declared=datum)
    wrong = {i: one.detail for one in odd if one.kind is not OddityKind.REPEATED for i in one.rows}
    places = Coordinates(x, y, datum).to_wgs84()
    lon, lat, is_place = places.lon.tolist(), places.lat.tolist(), places.is_place
    for i, record in enumerate(mine):
        if i in wrong or not is_place[i]:
            reason = wrong.get(i, f"it is no place on the globe in {datum}")
            job.problem(record, "position", reason, f"{record.x}, {record.y}")
        else:
            record.lon, record.lat = lon[i], lat[i]
    _note_repeated([one for one in odd if one.kind is OddityKind.REPEATED], mine, job)
    job.coarse_m = _coarseness_m(np.array(x), np.array(y), datum)
    if job.coarse_m > ACCURACY_M:
        text = f"coordinates have so few decimals that they are good to {job.coarse_m:.0f} m only"
        job.report.note("coarse", text, {"error_m": round(job.coarse_m, 1)})


def _take_points(records: Sequence[Record], job: Job) -> None:
    """The numbers of geometries that are points."""
    for record in records:
        if record.shape is None:
            continue
        if isinstance(record.shape, shapely.Point):
            record.x, record.y = record.shape.x, record.shape.y
        else:
            job.problem(record, "geometry", f"a point is needed, and this is a {record.shape.geom_type}", "")
        record.shape = None


def _note_repeated(repeated: Sequence[Oddity], records: Sequence[Record], job: Job) -> None:
    # many tickets at one door are no wonder, many units are
    if repeated and job.kind.name in {"units", "points"}:
        text = f"{'; '.join(one.detail for one in repeated[:5])}: the default place of a geocoder?"
        rows = [records[i].row for one in repeated for i in one.rows]
        job.report.note("repeated_position", text, {"places": len(repeated), "rows": rows[:1000]})


def place_shapes(records: Sequence[Record], job: Job, table: Table) -> None:
    """Bring boundaries to WGS 84 and repair them, every change reported; hopeless ones become problems.

    records   one per row of the table, in its order.
    """
    if job.datum is None:
        return
    raw: list[BaseGeometry | None] = [record.shape for record in records]
    high = {i for i, shape in enumerate(raw) if shape is not None and shape.has_z}
    moved = _moved(records, raw, job, job.datum)
    mine = [i for i, shape in enumerate(moved) if shape is not None]
    fixed = _repaired([records[i] for i in mine], [moved[i] for i in mine], job)
    for i, shape in zip(mine, fixed, strict=True):
        if shape is None:
            continue
        if i in table.closed_rings:
            # the reader measured in degrees
            gap = "left open" if job.datum.is_projected else f"{table.closed_rings[i]:.1f} m open"
            _note_repair(records[i], shape, RepairKind.RING_CLOSED, gap, job)
        if i in high:
            _note_repair(records[i], shape, RepairKind.Z_DROPPED, "heights are not kept", job)
    job.report.repairs.sort(key=lambda repair: repair.row)
    for record in records:
        record.shape = None
    for i, shape in zip(mine, fixed, strict=True):
        records[i].shape = shape


def place_features(records: Sequence[Record], job: Job) -> None:
    """Bring lines and polygons of a base map to WGS 84; a shape that is nowhere becomes a problem."""
    if job.datum is None:
        return
    raw = [record.shape for record in records]
    for record, shape in zip(records, _moved(records, raw, job, job.datum), strict=True):
        record.shape = shape


def repair_areas(records: Sequence[Record], job: Job) -> list[BaseGeometry | None]:
    """MultiPolygons of records with areas, None where the repair fails, which is a problem then.

    Most polygons of a base map are valid and there are very many, so only the others are gone through
    one by one; turning rings is not reported.
    """
    shapes = shape_array([record.shape for record in records])
    kinds = shapely.get_type_id(shapes)
    is_plain = np.isin(kinds, (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON))
    good = is_plain & shapely.is_valid(shapes) & ~shapely.is_empty(shapes)
    parts, owner = shapely.get_parts(shapely.orient_polygons(shapes[good], exterior_cw=False), return_index=True)
    whole = shape_array([None] * len(records))
    if len(parts):
        shapely.multipolygons(parts, indices=np.flatnonzero(good)[owner], out=whole)
    bad = np.flatnonzero(~good).tolist()
    for i, shape in zip(bad, _repaired([records[i] for i in bad], list(shapes[bad]), job), strict=True):
        whole[i] = shape
    return list(whole)


def _moved(
    records: Sequence[Record], raw: Sequence[BaseGeometry | None], job: Job, datum: Datum
) -> list[BaseGeometry | None]:
    """All at once; only where one of them is no place on the globe, one by one."""
    try:
        return list(Shapes(list(raw), datum).to_wgs84())
    except BadGeometry:
        moved: list[BaseGeometry | None] = []
        for record, shape in zip(records, raw, strict=True):
            try:
                moved.append(None if shape is None else Shapes([shape], datum).to_wgs84()[0])
            except BadGeometry as error:
                job.problem(record, "geometry", error.reason, shape.geom_type if shape is not None else "")
                moved.append(None)
        return moved


def _repaired(records: Sequence[Record], shapes: Sequence[BaseGeometry | None], job: Job) -> list[BaseGeometry | None]:
    try:
        fixed, repairs = repair_polygons(shape_array(shapes))
    except BadGeometry:
        return [_repaired_alone(record, shape, job) for record, shape in zip(records, shapes, strict=True)]
    for one in repairs:
        row = records[one.index].row
        job.report.repairs.append(RowRepair(row, one.what.value, one.detail, one.area_before_m2, one.area_after_m2))
    return list(fixed)


def _repaired_alone(record: Record, shape: BaseGeometry | None, job: Job) -> BaseGeometry | None:
    try:
        fixed, repairs = repair_polygons(shape_array([shape]))
    except BadGeometry as error:
        where = f" at {error.position.split(', ')[-1]}" if isinstance(error.position, str) else ""
        job.problem(record, "geometry", f"{error.reason}{where}", shape.geom_type if shape is not None else "")
        return None
    for one in repairs:
        job.report.repairs.append(
            RowRepair(record.row, one.what.value, one.detail, one.area_before_m2, one.area_after_m2)
        )
    result: BaseGeometry = fixed[0]
    return result


def _note_repair(record: Record, shape: BaseGeometry, what: RepairKind, detail: str, job: Job) -> None:
    """A change made before the shape came here, which left its area as it was."""
    area = float(geodesic_area_m2(shape_array([shape]))[0])
    job.report.repairs.append(RowRepair(record.row, what.value, detail, area, area))


def _coarseness_m(x: NDArray[np.float64], y: NDArray[np.float64], datum: Datum) -> float:
    """How far a position may be off for want of decimals, told from the row that has the most of them."""
    if datum.is_projected or len(x) < _ROWS_TO_TELL:
        return 0.0
    squeeze = math.cos(math.radians(float(np.median(y)))) if np.isfinite(np.median(y)) else 1.0
    half_x, half_y = (0.5 * 10.0 ** -max(_decimals(value) for value in axis) for axis in (x, y))
    return math.hypot(half_x * _METRES_PER_DEGREE * squeeze, half_y * _METRES_PER_DEGREE)


def _decimals(value: float) -> int:
    exponent = Decimal(repr(float(value))).normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def shape_array(shapes: Sequence[BaseGeometry | None]) -> NDArray[np.object_]:
    """An array with one object per geometry; numpy would take a multi-polygon apart."""
    made = np.empty(len(shapes), dtype=object)
    made[:] = shapes
    return made


def wkb(shape: BaseGeometry | None) -> bytes | None:
    """A geometry as it is staged."""
    return None if shape is None else bytes(shapely.to_wkb(shape))


def point_values(record: Record, job: Job) -> dict[str, object]:
    """The columns of a placed record; all of them None without a position."""
    if record.lon is None or record.lat is None or job.datum is None:
        return dict.fromkeys(("geom", "raw_x", "raw_y", "datum", "datum_evidence", "accuracy_m"))
    given = record.cells.get("accuracy_m")
    return {
        "geom": wkb(shapely.Point(record.lon, record.lat)),
        "raw_x": record.x,
        "raw_y": record.y,
        "datum": job.datum.name,
        "datum_evidence": "declared",
        "accuracy_m": given if given is not None else round(max(ACCURACY_M, job.coarse_m), 1),
    }


def given_point(record: Record, job: Job) -> dict[str, object]:
    """The columns of a record that is placed by the file or by its address; none where the file tells no places."""
    if "lon" not in job.fields:
        return {}
    return {**point_values(record, job), "place_level": None if record.lon is None else "given"}
