"""Where the next units would cover most of the ground that lies near none; nothing is stored."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from geodata.errors import BadSetting, NoCells, NotFound
from geodata.models import Category
from geodata.queries import coverage as queries
from geodata.queries import grids
from geodata.queries.grids import CellRow
from geodata.services.coverage import RADII_M
from geodata.services.grounds import asked, frame, grounds, metre_shapes
from geodata.services.installation import installation
from spatial.coverage import cover, inner_points
from spatial.crs import from_metre, geodesic_area_m2
from spatial.siting import Siting
from spatial.siting import siting as chosen
from spatial.siting_ground import Gain, gains_in_turn, open_cells

MOST_SITES = 50


class NextSite(NamedTuple):
    """The middle of a cell where a unit would cover most.

    lon, lat   WGS 84 degrees.
    adds_m2    ground out of reach that it covers and those of lower rank do not, geodesic.
    share      of the ground (0..1) that is covered with it and those of lower rank.
    """

    rank: int
    lon: float
    lat: float
    cell_code: str
    village_code: str | None
    village_name: str | None
    town_code: str | None
    town_name: str | None
    adds_m2: float
    share: float


@dataclass(frozen=True)
class SitingPlan:
    """Where the next units go, what adds most first.

    units            that count now, anywhere.
    area_m2          ground that was measured, geodesic: of the towns and villages with a boundary (`within` one).
    before, after    share of it (0..1) near a unit now, and with all sites; exact, as `coverage` would find it.
    sites            fewer than `count` where no more would add anything.
    is_optimal       proven for points: a cell counts as covered where the middle of its open ground is.
    gap              how much more, of the most that could be added (0..1), another choice might add, for points.
    lattice_m        side of the squares on which cells were put together, being too many; None: each stood for itself.
    """

    count: int
    radius_m: float
    category: str | None
    within: str | None
    units: int
    area_m2: float
    before: float
    after: float
    is_optimal: bool
    gap: float
    lattice_m: float | None
    sites: list[NextSite]

    def to_json(self) -> dict[str, Any]:
        """The plan as JSON values."""
        return asdict(self) | {"sites": [site._asdict() for site in self.sites]}

    def to_geojson(self) -> dict[str, Any]:
        """The sites as one GeoJSON FeatureCollection of points."""
        features = [
            {
                "type": "Feature",
                "id": site.rank,
                "geometry": {"type": "Point", "coordinates": [site.lon, site.lat]},
                "properties": site._asdict() | {"radius_m": self.radius_m, "category": self.category},
            }
            for site in self.sites
        ]
        return {"type": "FeatureCollection", "features": features}


def siting(
    session: Session, *, count: int, radius_m: float, category: str | None = None, within: str | None = None
) -> SitingPlan:
    """Where `count` more units would cover most ground that has no active unit within `radius_m`.

    category   count only units whose kind handles it; the next ones are taken to handle it too.
    within     code of a town or village: only its ground counts, and only there are sites looked for.

    A site is the middle of a cell. What a cell is worth is its ground out of reach, to the metre; it is chosen by
    whether the middle of that ground is reached, and what the choice covers is measured on the ground again.
    Raises BadSetting, NotFound, NoBoundary, NoCells.
    """
    _check(session, count, radius_m, category)
    srid = installation(session).metre_srid
    pieces = asked(session, grounds(session, srid=srid), within)
    cells = grids.current_cells(session, within)
    if not cells:
        raise NoCells(within or installation(session).name)
    units = queries.sites(session, category)
    found = cover(
        frame(pieces, srid=srid), gpd.GeoSeries(shapely.points(units.xy), crs=f"EPSG:{srid}"), radius_m=radius_m
    )
    gaps = np.asarray(found.gaps.geometry.array, dtype=object)
    choice, places = _chosen(cells, gaps, count=count, radius_m=radius_m, srid=srid)
    gains = gains_in_turn(gaps, places[np.array(choice.chosen, dtype=np.int64)], radius_m=radius_m)
    whole_m2 = float(found.shares["area_m2"].sum())
    before = 1.0 - float(found.shares["gap_m2"].sum()) / whole_m2
    sites = _told(session, [cells[i] for i in choice.chosen], gains, srid=srid, before=before, whole_m2=whole_m2)
    return SitingPlan(
        count=count,
        radius_m=radius_m,
        category=category,
        within=within,
        units=len(units.codes),
        area_m2=float(geodesic_area_m2(_degrees([piece.shape for piece in pieces], srid)).sum()),
        before=before,
        after=sites[-1].share if sites else before,
        is_optimal=choice.is_optimal,
        gap=choice.gap,
        lattice_m=choice.lattice_m,
        sites=sites,
    )


def _check(session: Session, count: int, radius_m: float, category: str | None) -> None:
    if not 1 <= count <= MOST_SITES:
        raise BadSetting("--count", str(count), f"1 to {MOST_SITES}")
    if not RADII_M[0] <= radius_m <= RADII_M[1]:
        raise BadSetting("--radius", f"{radius_m:g}", "10 to 20000 metres")
    if category is not None and session.get(Category, category) is None:
        raise NotFound("category", category)


def _chosen(
    cells: Sequence[CellRow], gaps: NDArray[np.object_], *, count: int, radius_m: float, srid: int
) -> tuple[Siting, NDArray[np.float64]]:
    """Numbers of cells, and the middles of all in the metre CRS."""
    shapes = metre_shapes(_column([cell.shape for cell in cells]), srid)
    left, places = open_cells(shapes, gaps), inner_points(shapes)
    is_open = left.area_m2 > 0
    found = chosen(left.xy[is_open], left.area_m2[is_open], places, count=count, radius_m=radius_m)
    return found, places


def _told(
    session: Session, cells: Sequence[CellRow], gains: Sequence[Gain], *, srid: int, before: float, whole_m2: float
) -> list[NextSite]:
    names = {(area.level, area.code): area.name for area in grids.areas_today(session, ("town", "village"))}
    middles = inner_points(metre_shapes(_column([cell.shape for cell in cells]), srid))
    lon, lat = from_metre(middles[:, 0], middles[:, 1], srid)
    size_m2 = geodesic_area_m2(_degrees([gain.ground for gain in gains], srid)) if gains else np.empty(0)
    shares = before + np.cumsum([gain.ground.area for gain in gains]) / whole_m2
    told = []
    for rank, (gain, size, share) in enumerate(zip(gains, size_m2.tolist(), shares.tolist(), strict=True), start=1):
        cell = cells[gain.site]
        told.append(
            NextSite(
                rank=rank,
                lon=float(lon[gain.site]),
                lat=float(lat[gain.site]),
                cell_code=cell.code,
                village_code=cell.village_code,
                village_name=names.get(("village", cell.village_code or "")),
                town_code=cell.town_code,
                town_name=names.get(("town", cell.town_code or "")),
                adds_m2=size,
                share=min(share, 1.0),
            )
        )
    return told


def _column(shapes: Sequence[Any]) -> NDArray[np.object_]:
    column = np.empty(len(shapes), dtype=object)
    column[:] = shapes
    return column


def _degrees(shapes: Sequence[Any], srid: int) -> NDArray[np.object_]:
    def move(coords: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(from_metre(coords[:, 0], coords[:, 1], srid))

    moved: NDArray[np.object_] = shapely.transform(_column(shapes), move)
    return moved
