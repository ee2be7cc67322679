"""Whether positions are where the file should have them: the declared datum against the evidence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geodata.geocode.text import normalise
from geodata.ingest.kinds import Job, Record
from geodata.ingest.places import shape_array
from spatial.coordinates import Wgs84
from spatial.datum_check import HYPOTHESES, DatumVerdict, weigh_datums
from spatial.gcj02 import in_box
from spatial.locate import tag_points
from spatial.witnesses import Clues

# A file of a district may reach over its border, but not lie elsewhere.
MARGIN_M = 5000.0
_MARGIN_DEGREES = 1.0
_SHARE_ELSEWHERE = 0.5
# More rows than this tell nothing new about a datum.
_WITNESSES = 5000
_NOTES_KEPT = 100


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known of the district before the import.

    outline    its boundary (WGS 84), None while it is unknown.
    towns      boundaries of towns by code; names by code.
    metre_srid its metre CRS, whose area of use stands in for an unknown outline.
    """

    outline: BaseGeometry | None
    towns: Mapping[str, BaseGeometry]
    names: Mapping[str, str]
    metre_srid: int


class Witnesses:
    """The placed records of an import, as points: of an area, a point within it."""

    def __init__(self, records: Sequence[Record], job: Job) -> None:
        self.job = job
        self.records = [record for record in records if record.lon is not None or record.shape is not None]
        lon = [record.lon if record.shape is None else _inner(record.shape).x for record in self.records]
        lat = [record.lat if record.shape is None else _inner(record.shape).y for record in self.records]
        self.lon, self.lat = np.array(lon, dtype=np.float64), np.array(lat, dtype=np.float64)
        self.towns = [self._town_named(record) for record in self.records]

    def _town_named(self, record: Record) -> str | None:
        """The town that the row says it lies in: by parent or column, or by its address."""
        if self.job.kind.shape == "polygon":
            values = record.values
            found = values.get("parent_code") if self.job.kind.name == "areas" else values.get("town_code")
            return str(found) if found else None
        address = record.cells.get("address")
        return self.job.references.town_named_in(address) if address else None

    def verdict(self, around: Surroundings) -> DatumVerdict | None:
        """How the declared datum fares; None where there is nothing to weigh."""
        datum = self.job.datum
        if datum is None or not self.records:
            return None
        step = max(1, len(self.records) // _WITNESSES)
        chosen = slice(None, None, step)
        mine = self.records[chosen]
        raw = Wgs84(self.lon[chosen], self.lat[chosen]).written_in(datum)
        x, y = raw.x.copy(), raw.y.copy()
        for i, record in enumerate(mine):
            if record.x is not None and record.y is not None:
                x[i], y[i] = record.x, record.y
        named = [around.towns.get(town) if town else None for town in self.towns[chosen]]
        # the gazetteer of a district also holds what people near its border go by
        outline = None if self.job.kind.name == "gazetteer" else around.outline
        near = self._near(mine)
        if outline is None and not any(named) and near is None:
            return None
        # outside of China the shifted datums are WGS 84
        others = HYPOTHESES if in_box(x, y).any() or datum.is_projected else ()
        return weigh_datums(x, y, declared=datum, hypotheses=others, clues=Clues(outline, named, near))

    def _near(self, records: Sequence[Record]) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
        """Where the gazetteer has a place of the row's name, NaN where it has none; None without any."""
        if self.job.kind.name not in {"units", "points", "gazetteer"}:
            return None
        # a door has an address instead of a name
        names = [normalise(record.cells.get("name") or "") for record in records]
        known = self.job.references.places_named(names, besides=self.job.source)
        if not known:
            return None
        nowhere = (np.nan, np.nan)
        spots = np.array([known.get(name, nowhere) for name in names], dtype=np.float64)
        return spots[:, 0], spots[:, 1]

    def elsewhere(self, around: Surroundings) -> str | None:
        """Why the file cannot be of this district, None when most of it lies there."""
        if not self.records:
            return None
        if around.outline is not None and self.job.kind.name != "gazetteer":
            west, south, east, north = around.outline.bounds
            dy = MARGIN_M / 111_000.0
            dx = dy / max(np.cos(np.radians((south + north) / 2.0)), 0.1)
            what = f"outside the district and {MARGIN_M / 1000:.0f} km around it"
        else:
            use = pyproj.CRS.from_epsg(around.metre_srid).area_of_use
            if use is None:
                return None
            west, south, east, north = use.west, use.south, use.east, use.north
            dx = dy = _MARGIN_DEGREES
            what = f"far outside the area of EPSG:{around.metre_srid}"
        out = (self.lon < west - dx) | (self.lon > east + dx) | (self.lat < south - dy) | (self.lat > north + dy)
        if out.mean() <= _SHARE_ELSEWHERE:
            return None
        first = self.records[int(np.flatnonzero(out)[0])]
        return (
            f"{int(out.sum())} of {len(out)} positions lie {what} (the first in row {first.row}, at "
            f"{self.lon[out][0]:.4f}, {self.lat[out][0]:.4f}); longitude and latitude exchanged, or another datum?"
        )

    def note_strays(self, around: Surroundings) -> None:
        """Notes for rows outside the district, and for rows in another town than their address names."""
        if self.job.kind.shape not in {"point", "mixed"} or not self.records:
            return
        codes = sorted(around.towns)
        hit = tag_points(self.lon, self.lat, shape_array([around.towns[code] for code in codes]))
        told = 0
        for record, said, index in zip(self.records, self.towns, hit.tolist(), strict=True):
            found = codes[index] if index >= 0 else None
            if said is None or said not in around.towns or said == found:
                continue
            told += 1
            if told <= _NOTES_KEPT:
                where = around.names.get(found, found) if found else "none"
                named = around.names.get(said, said)
                text = f"row {record.row}: the address names {named}, the position lies in {where}"
                self.job.report.note("address_elsewhere", text, {"row": record.row, "named": said, "found": found})
        if told > _NOTES_KEPT:
            text = f"{told - _NOTES_KEPT} more rows lie in another town than their address names"
            self.job.report.note("address_elsewhere_more", text, {"count": told - _NOTES_KEPT})
        self._note_outside(around)

    def _note_outside(self, around: Surroundings) -> None:
        if around.outline is None or self.job.kind.name == "gazetteer":
            return
        inside = tag_points(self.lon, self.lat, shape_array([around.outline])) == 0
        rows = [record.row for record, is_in in zip(self.records, inside, strict=True) if not is_in]
        if self.job.preview is not None:
            self.job.preview.outside = frozenset(rows)
        if rows:
            text = f"{len(rows)} positions lie outside the district"
            self.job.report.note("outside_district", text, {"count": len(rows), "rows": rows[:1000]})


def _inner(shape: BaseGeometry) -> shapely.Point:
    point: shapely.Point = shape.representative_point()
    return point
