"""Positions and boundaries of rows: brought to WGS 84, repaired with a report, and placed under suspicion."""

import math
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
from spatial.crs import Datum, geodesic_area_m2, geometries_to_wgs84, to_wgs84
from spatial.datum_check import OddityKind, oddities
from spatial.errors import BadGeometry

# What a given position is worth when the file does not say: phones, and the shifted datums, whose
# formula agrees with the vendors' own services to about ten metres and no better.
ACCURACY_M = 10.0

_METRES_PER_DEGREE = 111_320.0
# In a few rows, the decimals may all happen to end in zeros.
_ROWS_TO_TELL = 20


def require_datum(job: Job, table: Table, *, has_places: bool, hint: Datum | None, trust_datum: bool) -> None:
    """Refuse coordinates without a declared datum, and a projected file declared as another system.

    What a file says of degrees is no evidence: GCJ-02 and BD-09 are labelled EPSG:4326 everywhere.
    """
    if not has_places:
        return
    if job.datum is None:
        raise DatumNeeded("" if hint is None else str(hint))
    if table.declared_crs is None:
        return
    try:
        said = pyproj.CRS.from_user_input(table.declared_crs)
    except CRSError:
        job.report.note("crs_unknown", "the file's own CRS could not be read; the declared datum counts")
        return
    if not said.is_projected or _is_same(said, job.datum):
        return
    if not trust_datum:
        raise DatumDisagrees(str(job.datum), said.name, "the file's own CRS")
    job.report.note("crs_overruled", f"the file says {said.name}; taken as {job.datum}, as you said to")


def _is_same(said: pyproj.CRS, datum: Datum) -> bool:
    if datum.srid is None:
        return False
    meant = pyproj.CRS.from_epsg(datum.srid)
    return said.to_epsg(min_confidence=50) == datum.srid or bool(said.equals(meant, ignore_axis_order=True))


def place_points(records: Sequence[Record], job: Job) -> None:
    """Set `lon`, `lat` of records with `x`, `y`; a position that is none becomes a problem of its row."""
    datum = job.datum
    mine = [record for record in records if record.x is not None and record.y is not None]
    if datum is None or not mine:
        return
    x, y = (np.array([getattr(record, name) for record in mine], dtype=np.float64) for name in ("x", "y"))
    odd: dict[int, str] = {}
    for oddity in oddities(x, y, declared=datum):
        if oddity.kind is OddityKind.REPEATED:
            rows = [mine[i].row for i in oddity.rows]
            text = f"{oddity.detail}: a default place of a geocoder?"
            job.report.note("repeated_position", text, {"rows": rows})
        else:
            odd |= dict.fromkeys(oddity.rows, oddity.detail)
    lon, lat = to_wgs84(x, y, datum)
    for i, record in enumerate(mine):
        if i in odd or not math.isfinite(lon[i]):
            reason = odd.get(i, f"it is no place on the globe in {datum}")
            job.problem(record, "position", reason, f"{record.x}, {record.y}")
        else:
            record.lon, record.lat = float(lon[i]), float(lat[i])
    job.coarse_m = _coarseness_m(x, y, datum)
    if job.coarse_m > ACCURACY_M:
        text = f"coordinates have so few decimals that they are good to {job.coarse_m:.0f} m only"
        job.report.note("coarse", text, {"error_m": round(job.coarse_m, 1)})


def place_shapes(records: Sequence[Record], job: Job, table: Table, rows: Sequence[int]) -> None:
    """Bring boundaries to WGS 84 and repair them, every change reported; hopeless ones become problems.

    rows   for each record the index of its row in the table.
    """
    if job.datum is None:
        return
    raw: list[BaseGeometry | None] = [record.shape for record in records]
    moved = _moved(records, raw, job)
    mine = [i for i, shape in enumerate(moved) if shape is not None]
    fixed = _repaired([records[i] for i in mine], [moved[i] for i in mine], job)
    for i, shape in zip(mine, fixed, strict=True):
        gap = table.closed_rings.get(rows[i])
        if gap is not None and shape is not None:
            text = f"first and last vertex were {gap:.1f} apart" if job.datum.is_projected else f"{gap:.1f} m open"
            area = _area(shape)
            job.report.repairs.append(RowRepair(records[i].row, RepairKind.RING_CLOSED.value, text, area, area))
    job.report.repairs.sort(key=lambda repair: repair.row)
    for record in records:
        record.shape = None
    for i, shape in zip(mine, fixed, strict=True):
        records[i].shape = shape


def _moved(
    records: Sequence[Record], raw: Sequence[BaseGeometry | None], job: Job
) -> list[BaseGeometry | None]:
    """All at once; only where one of them is no place on the globe, one by one."""
    datum = job.datum
    assert datum is not None  # noqa: S101 - place_shapes has looked
    try:
        return list(geometries_to_wgs84(np.array([*raw, None], dtype=object)[:-1], datum)) if raw else []
    except BadGeometry:
        moved: list[BaseGeometry | None] = []
        for record, shape in zip(records, raw, strict=True):
            try:
                moved.append(None if shape is None else geometries_to_wgs84([shape], datum)[0])
            except BadGeometry as error:
                job.problem(record, "geometry", error.reason, shape.geom_type if shape is not None else "")
                moved.append(None)
        return moved


def _repaired(
    records: Sequence[Record], shapes: Sequence[BaseGeometry | None], job: Job
) -> list[BaseGeometry | None]:
    try:
        fixed, repairs = repair_polygons(np.array([*shapes, None], dtype=object)[:-1])
    except BadGeometry:
        return [_repaired_alone(record, shape, job) for record, shape in zip(records, shapes, strict=True)]
    for one in repairs:
        row = records[one.index].row
        job.report.repairs.append(RowRepair(row, one.what.value, one.detail, one.area_before_m2, one.area_after_m2))
    return list(fixed)


def _repaired_alone(record: Record, shape: BaseGeometry | None, job: Job) -> BaseGeometry | None:
    try:
        fixed, repairs = repair_polygons([shape])
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


def _area(shape: BaseGeometry) -> float:
    return float(geodesic_area_m2([shape])[0])


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
