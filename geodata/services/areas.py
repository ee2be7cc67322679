"""What follows from new areas: earlier generations end, the district is derived, places are stamped anew."""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from geodata.ingest.areas import begins
from geodata.ingest.kinds import Job
from geodata.ingest.report import ImportReport
from geodata.queries import generations
from geodata.queries.loading import Merged
from geodata.queries.references import area_shapes, areas
from geodata.services.stamps import restamp
from spatial.clean import check_coverage, only_area
from spatial.crs import WGS84_SRID, geodesic_area_m2

# Faults of a tiling below this are the coarseness of drawing.
TOLERANCE_M2 = 1.0
_FAULTS_TOLD = 5


class Derived(NamedTuple):
    """A district's boundary that was made of its towns: how many, and its geodesic area."""

    towns: int
    area_km2: float


def before_areas(session: Session, job: Job) -> None:
    """Make the parents that the file names, and end the generations that the new one follows."""
    for level in {area.level for area in job.made_areas}:
        mine = [area for area in job.made_areas if area.level == level]
        first = mine[0].valid_from
        _end_before(session, job.report, level, first)
        generations.make_areas(session, [{k: v for k, v in area._asdict().items() if k != "row"} for area in mine])
    first, _ = begins(job)
    _end_before(session, job.report, job.level or "", first)


def after_areas(session: Session, job: Job, merged: Merged, *, metre_srid: int) -> None:
    """Check how the areas tile the ground, derive the district from its towns, and stamp what lies on new ground."""
    day = max(job.valid_from or job.today, begins(job)[0])
    shapes = area_shapes(session, job.level or "", day)
    names = {area.code: area.name for area in areas(session, job.level or "", day)}
    if len(shapes) > 1:
        _note_faults(job.report, shapes, names, metre_srid)
    if job.level == "town":
        derived = derive_district(session, job.today)
        if derived is not None:
            text = f"the district's boundary was derived from its {derived.towns} towns: {derived.area_km2:.2f} km²"
            job.report.note("district_derived", text, {**derived._asdict(), "area_km2": round(derived.area_km2, 4)})
    if merged.stored or merged.changed or job.made_areas:
        restamp(session)


def _end_before(session: Session, report: ImportReport, level: str, first: date) -> None:
    ended = generations.end_before(session, level, first)
    if ended:
        text = f"{ended} {level}s of the generation before end on {first}"
        report.note("generation_ended", text, {"count": ended, "level": level, "on": str(first)})


def derive_district(session: Session, day: date) -> Derived | None:
    """Make the district's boundary that of its towns of a day; None where it has one of its own, or nothing changes."""
    there = generations.district(session)
    if there.geom is not None and there.origin != "derived":
        return None
    towns = area_shapes(session, "town", day)
    if not towns:
        return None
    union = only_area(shapely.union_all([towns[code] for code in sorted(towns)]))
    if not generations.derive_district(session, union):
        return None
    return Derived(len(towns), float(geodesic_area_m2(np.array([union, None], dtype=object)[:1])[0]) / 1e6)


def _note_faults(
    report: ImportReport, shapes: Mapping[str, BaseGeometry], names: Mapping[str, str], metre_srid: int
) -> None:
    codes = sorted(shapes)
    layer = gpd.GeoSeries([shapes[code] for code in codes], crs=WGS84_SRID).to_crs(metre_srid)
    found = check_coverage(layer, tolerance_m2=TOLERANCE_M2)
    if found.overlaps:
        total = sum(overlap.area_m2 for overlap in found.overlaps) / 1e4
        pairs = [(codes[one.i], codes[one.j], one.area_m2) for one in found.overlaps]
        told = "; ".join(
            f"{names.get(i, i)} and {names.get(j, j)} {area / 1e4:.4f} ha" for i, j, area in pairs[:_FAULTS_TOLD]
        )
        report.note(
            "overlaps",
            f"{len(pairs)} overlaps of together {total:.4f} ha: {told}",
            {"count": len(pairs), "hectares": round(total, 4), "pairs": [list(pair) for pair in pairs[:100]]},
        )
    if found.gaps:
        total = sum(gap.area_m2 for gap in found.gaps) / 1e4
        told = "; ".join(f"{gap.area_m2 / 1e4:.4f} ha" for gap in found.gaps[:_FAULTS_TOLD])
        report.note(
            "gaps",
            f"{len(found.gaps)} gaps of together {total:.4f} ha between the areas: {told}",
            {"count": len(found.gaps), "hectares": round(total, 4)},
        )
