"""What would change if units closed or opened; nothing is stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from geodata.errors import BadSetting, NotFound, OutsideDistrict
from geodata.models import CoverageRun
from geodata.queries import coverage_trial as queries
from geodata.queries import locate
from geodata.queries.coverage import without_units
from geodata.queries.coverage_trial import AreaNear, TrialUnit
from geodata.queries.grids import today
from geodata.services.coverage import current_run
from geodata.services.grounds import metre_shapes
from geodata.services.installation import installation
from spatial.coverage import CoverageChange, change_of_cover, reach_m
from spatial.crs import from_metre, geodesic_area_m2, to_metre

MOST_CHANGES = 20
LEVELS = ("town", "village")

# Below this an area counts as unchanged: the coordinates themselves are no better.
LEAST_M2 = 1.0


class Place(NamedTuple):
    """Where a unit would open, WGS 84 degrees."""

    lon: float
    lat: float


class AreaChange(NamedTuple):
    """Covered share (0..1) of an area and its ground out of reach (geodesic m²), then and before."""

    level: str
    code: str
    name: str
    share: float
    was: float
    gap_m2: float
    was_gap_m2: float


class WithoutChange(NamedTuple):
    """An area that loses its last unit, or (`was`: it had none) gets its first."""

    level: str
    code: str
    name: str
    was: bool


class Piece(NamedTuple):
    """Connected ground that is `lost` or `gained`: geodesic m², a Polygon in EPSG:4326."""

    change: str
    area_m2: float
    shape: shapely.Polygon


@dataclass(frozen=True)
class Trial:
    """The answer.

    closed    the units that close, by code; one that does not count (not active, or of a kind that
              does not handle the category) changes nothing.
    opened    where units open, as asked for.
    share, was_share   of the district; None where its boundary is missing.
    areas     only those that change, the largest new gap first.
    without   towns and villages that lose their last unit or get their first, by level and code.
    pieces    lost and gained ground within the district, the largest first.
    """

    radius_m: float
    category: str | None
    closed: list[TrialUnit]
    opened: list[Place]
    share: float | None
    was_share: float | None
    areas: list[AreaChange]
    without: list[WithoutChange]
    pieces: list[Piece]

    def total_m2(self, change: str) -> float:
        """Ground `lost` or `gained` altogether."""
        return sum(piece.area_m2 for piece in self.pieces if piece.change == change)


def coverage_trial(
    session: Session,
    *,
    radius_m: float,
    category: str | None = None,
    closed: Sequence[str] = (),
    opened: Sequence[Place] = (),
) -> Trial:
    """Coverage as it would be with the units of the codes `closed` gone and others at `opened`.

    Figures before are those of the stored run; only ground within reach of a change is calculated
    anew. With a category the units that open are taken to handle it. Raises NotFound for a code that
    no unit has, OutsideDistrict, BadSetting for more than MOST_CHANGES, and what `coverage` raises.
    """
    codes = sorted(set(closed))
    places = list(dict.fromkeys(opened))
    if len(codes) + len(places) > MOST_CHANGES:
        raise BadSetting("closed and open together", str(len(codes) + len(places)), f"at most {MOST_CHANGES}")
    units = _units(session, codes, category)
    homes = [_home(session, place) for place in places]
    run, _ = current_run(session, radius_m=radius_m, category=category)
    counting = [unit.code for unit in units if unit.counts]
    change, areas = _change(session, run, units, places)
    was_share = queries.district_share(session, run.id)
    return Trial(
        radius_m=radius_m,
        category=category,
        closed=units,
        opened=places,
        share=next((area.share for area in areas if area.level == "district"), was_share),
        was_share=was_share,
        areas=sorted((area for area in areas if area.level in LEVELS), key=_worst_first),
        without=_without(session, category, closed=counting, homes=homes),
        pieces=_pieces(change, installation(session).metre_srid),
    )


def _units(session: Session, codes: Sequence[str], category: str | None) -> list[TrialUnit]:
    units = queries.units(session, codes, category=category)
    known = {unit.code for unit in units}
    for code in codes:
        if code not in known:
            raise NotFound("unit", code)
    return units


def _home(session: Session, place: Place) -> dict[str, locate.AreaHit]:
    """The areas that a unit at this place would belong to, by level."""
    areas = locate.areas_at(session, lon=place.lon, lat=place.lat, day=today(session))
    if not areas:
        raise OutsideDistrict(place.lon, place.lat)
    return areas


def _change(
    session: Session, run: CoverageRun, units: Sequence[TrialUnit], places: Sequence[Place]
) -> tuple[CoverageChange, list[AreaChange]]:
    srid = installation(session).metre_srid
    leave = np.array([(u.x, u.y) for u in units if u.counts and u.x is not None], dtype=np.float64).reshape(-1, 2)
    come = np.column_stack(to_metre([p.lon for p in places], [p.lat for p in places], srid)).reshape(-1, 2)
    changed = np.concatenate([leave, come])
    areas: list[AreaNear] = []
    stay = np.empty((0, 2))
    if len(changed):
        reach = reach_m(run.radius_m)
        areas = queries.areas_near(session, run.id, changed, srid=srid, metres=reach / 2)
        stay = queries.sites_near(
            session,
            changed,
            srid=srid,
            metres=reach,
            category=run.category_code,
            closed=[unit.code for unit in units],
        )
    shapes = metre_shapes(np.array([area.shape for area in areas], dtype=object), srid)
    layer = gpd.GeoDataFrame({"code": [area.code for area in areas]}, geometry=list(shapes), crs=f"EPSG:{srid}")
    change = change_of_cover(
        layer,
        _points(stay, srid),
        closed=_points(leave, srid),
        opened=_points(come, srid),
        radius_m=run.radius_m,
    )
    # shares are of planar areas
    net_m2 = change.areas["gained_m2"].to_numpy(float) - change.areas["lost_m2"].to_numpy(float)
    moved_m2 = change.areas["gained_m2"].to_numpy(float) + change.areas["lost_m2"].to_numpy(float)
    return change, [
        _area_change(area, net / whole)
        for area, net, moved, whole in zip(
            areas, net_m2.tolist(), moved_m2.tolist(), shapely.area(shapes).tolist(), strict=True
        )
        if moved >= LEAST_M2
    ]


def _points(xy: NDArray[np.float64], srid: int) -> gpd.GeoSeries:
    return gpd.GeoSeries(shapely.points(xy), crs=f"EPSG:{srid}")


def _area_change(area: AreaNear, by: float) -> AreaChange:
    share = min(max(area.share + by, 0.0), 1.0)
    gap_m2, was_gap_m2 = area.area_m2 * (1.0 - share), area.area_m2 - area.covered_m2
    return AreaChange(area.level, area.code, area.name, share, area.share, gap_m2, was_gap_m2)


def _worst_first(area: AreaChange) -> tuple[float, str, str]:
    return area.was_gap_m2 - area.gap_m2, area.level, area.code


def _without(
    session: Session, category: str | None, *, closed: Sequence[str], homes: Sequence[dict[str, locate.AreaHit]]
) -> list[WithoutChange]:
    found: list[WithoutChange] = []
    for level in LEVELS:
        before = {area.code for area in without_units(session, level=level, category=category)}
        after = without_units(session, level=level, category=category, closed=closed) if closed else []
        served = {hits[level].code: hits[level].name for hits in homes if level in hits}
        lose = {area.code: area.name for area in after if area.code not in before and area.code not in served}
        gain = {code: name for code, name in served.items() if code in before}
        found += [WithoutChange(level, code, name, was=False) for code, name in sorted(lose.items())]
        found += [WithoutChange(level, code, name, was=True) for code, name in sorted(gain.items())]
    return found


def _pieces(change: CoverageChange, srid: int) -> list[Piece]:
    def move(coords: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(from_metre(coords[:, 0], coords[:, 1], srid))

    shapes = shapely.transform(np.asarray(change.pieces.geometry.array, dtype=object), move)
    size_m2 = geodesic_area_m2(shapes) if len(shapes) else np.empty(0)
    return [
        Piece(str(kind), float(size), shape)
        for kind, size, shape in zip(change.pieces["change"], size_m2, shapes, strict=True)
    ]
