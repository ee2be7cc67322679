"""How much of each area lies near a unit, where the gaps are, and which areas have no unit at all."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from geoalchemy2.shape import from_shape
from numpy.typing import NDArray
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from geodata.errors import BadSetting, NoBoundary, NotFound
from geodata.models import Category, CoverageArea, CoverageGap, CoverageRun
from geodata.queries import coverage as queries
from geodata.queries import grids
from geodata.queries.coverage import AreaShare, AreaWithout, Gap
from geodata.queries.pyramid import add_cell_bins
from geodata.queries.versions import data_version
from geodata.services.grounds import frame, grounds, metre_shapes
from geodata.services.installation import installation
from spatial.clean import only_area
from spatial.coverage import cover, inner_points, nearest_site_m
from spatial.crs import from_metre, geodesic_area_m2

TABLES = ("area", "grid_cell", "member_unit")
RADII_M = (10.0, 20_000.0)
MEASURED = ("district", "town", "village")


@dataclass(frozen=True)
class CoverageReport:
    """One run, as stored.

    shares    villages, towns and the district that have a boundary, the lowest share first.
    gaps      by rank, the largest first; each lies in one village, or town where its villages have no boundary.
    without   villages and towns without any active unit, as far as that can be told.
    unjudged  how many towns and villages that cannot be told of, as `areas_unjudged` says.
    is_fresh  calculated by this call, not found stored.
    """

    run_id: int
    radius_m: float
    category: str | None
    site_count: int
    at: datetime
    shares: list[AreaShare]
    gaps: list[Gap]
    without: list[AreaWithout]
    unjudged: dict[str, int]
    is_fresh: bool

    def of_level(self, level: str) -> list[AreaShare]:
        """Shares of one level, the lowest first."""
        return [share for share in self.shares if share.level == level]

    def to_json(self) -> dict[str, Any]:
        """The report as JSON values."""
        plain = asdict(self) | {"at": self.at.isoformat()}
        for name in ("shares", "gaps", "without"):
            plain[name] = [row._asdict() for row in getattr(self, name)]
        return plain


def coverage(
    session: Session, *, radius_m: float, category: str | None = None, refresh: bool = False, publish: bool = False
) -> CoverageReport:
    """Ground within `radius_m` of an active unit with a place, exact, by village and town.

    category   count only units whose kind handles it by the governance list.
    refresh    calculate even where a stored run still holds.
    publish    make this the radius whose gaps the map shows; only without a category.

    While areas, cells, units and the governance list stay as they are, the stored run of this radius
    and category is returned; a new one takes its place. Raises NotFound, BadSetting, NoBoundary.
    """
    run, is_fresh = current_run(session, radius_m=radius_m, category=category, refresh=refresh)
    if publish and category is None:
        installation(session).coverage_radius_m = radius_m
        session.flush()
    return _report(session, run, is_fresh=is_fresh)


def current_run(
    session: Session, *, radius_m: float, category: str | None = None, refresh: bool = False
) -> tuple[CoverageRun, bool]:
    """The run that `coverage` reports, and whether it was calculated by this call. Raises as `coverage` does."""
    if not RADII_M[0] <= radius_m <= RADII_M[1]:
        raise BadSetting("--radius", f"{radius_m:g}", "10 to 20000 metres")
    if category is not None and session.get(Category, category) is None:
        raise NotFound("category", category)
    session.flush()
    key = f"{data_version(session, TABLES)}/{queries.duty_key(session, category)}"
    run = _stored(session, radius_m, category)
    if refresh or run is None or run.data_key != key:
        return _calculate(session, radius_m=radius_m, category=category, key=key), True
    return run, False


def areas_without_units(session: Session, *, level: str, category: str | None = None) -> list[AreaWithout]:
    """Towns or villages of today without any active unit (whose kind handles the category), by parent and code.

    A unit counts where it stands, and in the areas it is a member of. Areas whose boundary is
    missing are told, and marked, where units name them; of the others nobody knows.
    """
    if level not in MEASURED[1:]:
        raise NotFound("level", level, MEASURED[1:])
    return queries.without_units(session, level=level, category=category)


def areas_unjudged(session: Session, *, within: str | None = None) -> dict[str, int]:
    """How many towns and villages of today have neither a boundary nor a unit that names them, by level.

    Whether they have a unit cannot be told. `within` a town only its villages.
    """
    return {level: queries.unjudged(session, level=level, within=within) for level in MEASURED[1:]}


def gap_features(session: Session, report: CoverageReport) -> dict[str, Any]:
    """The gaps of a run as one GeoJSON FeatureCollection."""
    shapes = queries.gap_shapes(session, report.run_id)
    extra = {"radius_m": report.radius_m, "category": report.category}
    features = [
        {"type": "Feature", "id": gap.rank, "geometry": shapes[gap.rank], "properties": gap._asdict() | extra}
        for gap in report.gaps
    ]
    return {"type": "FeatureCollection", "features": features}


def _stored(session: Session, radius_m: float, category: str | None) -> CoverageRun | None:
    mine = CoverageRun.category_code.is_not_distinct_from(category)
    newest = select(CoverageRun).where(CoverageRun.radius_m == radius_m, mine).order_by(CoverageRun.id.desc())
    return session.scalars(newest.limit(1)).first()


def _report(session: Session, run: CoverageRun, *, is_fresh: bool) -> CoverageReport:
    without = [
        area
        for level in ("town", "village")
        for area in areas_without_units(session, level=level, category=run.category_code)
    ]
    return CoverageReport(
        run_id=run.id,
        radius_m=run.radius_m,
        category=run.category_code,
        site_count=run.site_count,
        at=run.at,
        shares=queries.shares(session, run.id),
        gaps=queries.gaps(session, run.id),
        without=without,
        unjudged=areas_unjudged(session),
        is_fresh=is_fresh,
    )


def _calculate(session: Session, *, radius_m: float, category: str | None, key: str) -> CoverageRun:
    srid = installation(session).metre_srid
    found = queries.sites(session, category)
    sites = gpd.GeoSeries(shapely.points(found.xy), crs=f"EPSG:{srid}")
    areas = [area for area in grids.areas_today(session, MEASURED) if area.shape is not None]
    if not areas:
        raise NoBoundary(installation(session).name)
    former = delete(CoverageRun).where(
        CoverageRun.radius_m == radius_m, CoverageRun.category_code.is_not_distinct_from(category)
    )
    session.execute(former)
    run = CoverageRun(radius_m=radius_m, category_code=category, data_key=key, site_count=len(found.codes))
    session.add(run)
    session.flush()
    session.add_all(_area_rows(run, areas, sites, srid))
    session.add_all(_gap_rows(session, run, sites, srid))
    session.flush()
    queries.add_cells(session, run.id, _cell_rows(session, found))
    add_cell_bins(session, run.id)
    session.refresh(run)
    return run


def _area_rows(run: CoverageRun, areas: list[grids.AreaShape], sites: gpd.GeoSeries, srid: int) -> list[CoverageArea]:
    """Shares by planar area; the areas told are geodesic."""
    column = np.array([area.shape for area in areas], dtype=object)
    shapes = metre_shapes(column, srid)
    layer = gpd.GeoDataFrame({"code": [area.code for area in areas]}, geometry=shapes, crs=f"EPSG:{srid}")
    shares = cover(layer, sites, radius_m=run.radius_m).shares
    size_m2 = geodesic_area_m2(column)
    return [
        CoverageArea(
            run_id=run.id,
            level=area.level,
            code=area.code,
            area_m2=float(area_m2),
            covered_m2=float(area_m2 * share),
            share=float(share),
            site_count=int(count),
        )
        for area, area_m2, share, count in zip(areas, size_m2, shares["share"], shares["site_count"], strict=True)
    ]


def _gap_rows(session: Session, run: CoverageRun, sites: gpd.GeoSeries, srid: int) -> list[CoverageGap]:
    layer = frame(grounds(session, srid=srid), srid=srid)
    if layer.empty:
        return []
    gaps = cover(layer, sites, radius_m=run.radius_m).gaps

    def move(coords: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(from_metre(coords[:, 0], coords[:, 1], srid))

    shapes = shapely.transform(np.asarray(gaps.geometry.array, dtype=object), move)
    size_m2 = geodesic_area_m2(shapes) if len(shapes) else np.empty(0)
    order = np.lexsort((gaps["area_code"].to_numpy(dtype=str), -size_m2))
    return [
        CoverageGap(
            run_id=run.id,
            rank=rank,
            area_code=gaps["area_code"].iloc[i],
            area_m2=float(size_m2[i]),
            geom=from_shape(only_area(shapes[i]), srid=4326),
        )
        for rank, i in enumerate(order, start=1)
    ]


def _cell_rows(session: Session, sites: queries.Sites) -> list[tuple[str, float | None, str | None]]:
    """Metres from a point inside each cell, its centre where that is inside, to the nearest site."""
    cells = queries.cells(session)
    if not cells.codes:
        return []
    number, metres = nearest_site_m(inner_points(cells.shapes), sites.xy)
    return [
        (code, None, None) if site < 0 else (code, float(far), sites.codes[site])
        for code, site, far in zip(cells.codes, number, metres, strict=True)
    ]
