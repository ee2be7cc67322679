"""Local metres tied to the globe by a customer's control points: read, fitted, judged and kept."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from geodata import formats
from geodata.errors import BadSetting, NameTaken, NotFound
from geodata.formats.table import Table
from geodata.ingest.cells import CellRefused, number, text
from geodata.ingest.columns import Field, bind
from geodata.models import LocalDatum
from geodata.services.datums import datum_named
from geodata.services.installation import installation
from spatial.coordinates import Coordinates
from spatial.crs import Datum, to_metre
from spatial.errors import BadControl
from spatial.local import ControlFit, fit_similarity

# Residuals larger than this say that the points do not belong together; cells are some hundred metres wide.
LARGEST_RMS_M = 1.0

_FIELDS = (
    Field("name", text, ("点名", "点号", "控制点", "point", "id", "station")),
    Field("x", number, ("local_x", "x_local", "地方x", "城建x", "本地x", "x坐标", "横坐标"), required=True),
    Field("y", number, ("local_y", "y_local", "地方y", "城建y", "本地y", "y坐标", "纵坐标"), required=True),
    Field("lon", number, ("longitude", "lng", "known_x", "easting", "e", "经度", "东坐标"), required=True),
    Field("lat", number, ("latitude", "known_y", "northing", "n", "纬度", "北坐标"), required=True),
)


class ControlPoint(NamedTuple):
    """A control point: local metres, and its known position as given; the residual once it was fitted."""

    name: str
    x: float
    y: float
    lon: float
    lat: float
    residual_m: float | None = None


class LocalFit(NamedTuple):
    """What came of control points.

    known     the datum of the known side.
    left_out  names of points that were not to count.
    doubts    what speaks against the fit, in sentences; empty is good news.
    stored    whether it was kept under its name.
    """

    name: str
    known: str
    fit: ControlFit
    points: tuple[ControlPoint, ...]
    left_out: tuple[str, ...]
    doubts: tuple[str, ...]
    stored: bool

    def to_json(self) -> dict[str, Any]:
        """The fit as plain data."""
        made = self.fit.similarity
        return {
            "name": self.name,
            "known": self.known,
            "a": made.a,
            "b": made.b,
            "tx": made.tx,
            "ty": made.ty,
            "metre_crs": f"EPSG:{made.srid}",
            "scale": made.scale,
            "turn_degrees": made.turn_degrees,
            "rms_m": self.fit.rms_m,
            "worst": self.points[self.fit.worst].name,
            "outlier": None if self.fit.outlier is None else self.points[self.fit.outlier].name,
            "points": [point._asdict() for point in self.points],
            "left_out": list(self.left_out),
            "doubts": list(self.doubts),
            "stored": self.stored,
        }


def fit_local(
    session: Session,
    name: str,
    path: Path,
    *,
    datum: str,
    without: Sequence[str] = (),
    mapping: Mapping[str, str] | None = None,
    accept: bool = False,
    dry_run: bool = False,
    actor: str = "system",
) -> LocalFit:
    """Fit local metres to the control points of a file, and keep them as `local:name` unless something is doubtful.

    datum    of the known side of the control points.
    without  names of points that are not to count.
    accept   keep the fit in spite of doubts.

    Raises BadSetting for a name that cannot be one, NameTaken, BadControl, NotFound for a point to leave out,
    FieldsMissing, FileRefused and what `datum_named` raises.
    """
    if not re.fullmatch(r"[\w.-]{1,40}", name):
        raise BadSetting("name of a local datum", name, "1 to 40 letters, digits, - and _")
    if session.get(LocalDatum, name) is not None:
        raise NameTaken(name, kind="local datum", remedy="use the one there: what was imported with it refers to it")
    known = datum_named(session, datum)
    everything = _points(formats.read(path), mapping)
    if missing := sorted(set(without) - {point.name for point in everything}):
        raise NotFound("control point", missing[0], [point.name for point in everything])
    points = [point for point in everything if point.name not in without]
    srid = installation(session).metre_srid
    places = Coordinates([p.lon for p in points], [p.lat for p in points], known).to_wgs84()
    fit = fit_similarity(
        [p.x for p in points], [p.y for p in points], to_metre(places.lon, places.lat, srid), srid=srid
    )
    shown = tuple(p._replace(residual_m=r) for p, r in zip(points, fit.residual_m, strict=True))
    doubts = tuple(_doubts(fit, shown, known))
    is_kept = not dry_run and (accept or not doubts)
    if is_kept:
        _keep(session, name, fit, shown, actor=actor)
    return LocalFit(name, known.name, fit, shown, tuple(without), doubts, is_kept)


def _keep(session: Session, name: str, fit: ControlFit, points: Sequence[ControlPoint], *, actor: str) -> None:
    made = fit.similarity
    row = LocalDatum(name=name, a=made.a, b=made.b, tx=made.tx, ty=made.ty, metre_srid=made.srid, rms_m=fit.rms_m)
    row.points, row.actor = [point._asdict() for point in points], actor
    session.add(row)
    session.flush()


def _doubts(fit: ControlFit, points: Sequence[ControlPoint], known: Datum) -> list[str]:
    told = []
    if not fit.is_checked:
        told.append("two points fix the four numbers and check nothing; give three at least, better five")
    if fit.is_swapped:
        told.append("with x and y exchanged the points fit far better: here x must be the easting, y the northing")
    if not fit.has_usual_scale:
        told.append(
            f"a local metre would be {fit.similarity.scale:.6g} m; is the known side really in {known}, "
            "and are these the same points?"
        )
    if fit.outlier is not None:
        point = points[fit.outlier]
        told.append(
            f"point {point.name} does not fit the others ({point.residual_m:.2f} m off; without it the others fit "
            f"to {fit.rms_without_m:.3f} m): correct it, or leave it out with --without {point.name}"
        )
    elif fit.rms_m > LARGEST_RMS_M:
        told.append(f"the points fit to {fit.rms_m:.2f} m only, and more than {LARGEST_RMS_M:g} m is no survey")
    if known.is_shifted:
        told.append(f"the known side is in {known}, which is good to 5 to 10 m at best; survey the points in CGCS2000")
    return told


def _points(table: Table, mapping: Mapping[str, str] | None) -> list[ControlPoint]:
    """The control points of a file. Raises BadControl for a cell that is no number."""
    binding = bind(_FIELDS, table.columns, mapping=mapping, places=False, declared=None)
    found = []
    for at, row in zip(table.numbers, table.rows, strict=True):
        cells: dict[str, Any] = {"name": str(at)}
        for one in _FIELDS:
            if one.name not in binding.sources:
                continue
            value = binding.sources[one.name].of(row)
            try:
                cells[one.name] = one.check("" if value is None else value)
            except CellRefused as refusal:
                shown = "empty" if value is None else repr(str(value)[:40])
                raise BadControl(f"row {at}, {one.name} is {shown}: {refusal}") from refusal
        found.append(ControlPoint(**cells))
    return found
