"""What a trial reads: the units it names, and the sites and areas near enough to matter."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry
from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.queries.coverage import HANDLES

# An edge is straight in degrees, and bends by this much at most where it is stored in metres.
BEND_M = 100.0

UNITS = text(f"""
    SELECT u.code, u.name, ST_X(u.geom) AS lon, ST_Y(u.geom) AS lat, ST_X(u.geom_m) AS x, ST_Y(u.geom_m) AS y,
           u.is_active AND {HANDLES} AS counts
      FROM member_unit AS u
     WHERE u.code = ANY(:codes)
     ORDER BY u.code
""")

# As one geometry: thousands of rows of two numbers take longer to hand over than to find.
SITES_NEAR = text(f"""
    SELECT ST_AsBinary(ST_Collect(u.geom_m)) AS sites
      FROM member_unit AS u
     WHERE u.is_active
       AND ST_DWithin(u.geom_m, ST_GeomFromEWKB(:places), :metres)
       AND u.code <> ALL(:closed)
       AND {HANDLES}
""")

AREAS_NEAR = text("""
    SELECT a.level, a.code, a.name, s.area_m2, s.covered_m2, s.share, ST_AsBinary(a.geom) AS shape
      FROM area AS a
      JOIN coverage_area AS s
        ON s.run_id = :run_id AND s.level = a.level AND s.code = a.code
     WHERE ST_DWithin(a.geom_m, ST_GeomFromEWKB(:places), :metres)
       AND a.valid_from <= CURRENT_DATE
       AND (a.valid_to IS NULL OR a.valid_to > CURRENT_DATE)
     ORDER BY a.level, a.code
""")

DISTRICT_SHARE = text("""
    SELECT s.share
      FROM coverage_area AS s
     WHERE s.run_id = :run_id
       AND s.level = 'district'
""")


class TrialUnit(NamedTuple):
    """A unit that a trial closes.

    lon, lat   WGS 84; None while its place is not known. x, y are the same in the metre CRS.
    counts     it is active and handles the category, so that closing it can change something.
    """

    code: str
    name: str
    lon: float | None
    lat: float | None
    x: float | None
    y: float | None
    counts: bool


class AreaNear(NamedTuple):
    """An area and its figures in a run, areas geodesic; `shape` in EPSG:4326."""

    level: str
    code: str
    name: str
    area_m2: float
    covered_m2: float
    share: float
    shape: BaseGeometry


def units(session: Session, codes: Sequence[str], *, category: str | None) -> list[TrialUnit]:
    """Units of these codes, by code; those that are not there are absent."""
    return [TrialUnit(*row) for row in session.execute(UNITS, {"codes": list(codes), "category": category})]


def sites_near(
    session: Session,
    places: NDArray[np.float64],
    *,
    srid: int,
    metres: float,
    category: str | None,
    closed: Sequence[str],
) -> NDArray[np.float64]:
    """Positions (n, 2) of units that count, without those of the codes `closed`, near one of the places (m, 2).

    In no order; all in the metre CRS of that number.
    """
    values = {"places": _ewkb(places, srid), "metres": metres, "category": category, "closed": list(closed)}
    sites = session.execute(SITES_NEAR, values).scalar_one()
    return np.empty((0, 2)) if sites is None else shapely.get_coordinates(shapely.from_wkb(sites))


def areas_near(
    session: Session, run_id: int, places: NDArray[np.float64], *, srid: int, metres: float
) -> list[AreaNear]:
    """Areas of today that a run measured, near one of the places (m, 2, metre CRS), by level and code."""
    values = {"run_id": run_id, "places": _ewkb(places, srid), "metres": metres + BEND_M}
    rows = session.execute(AREAS_NEAR, values).all()
    return [
        AreaNear(row.level, row.code, row.name, row.area_m2, row.covered_m2, row.share, shapely.from_wkb(row.shape))
        for row in rows
    ]


def district_share(session: Session, run_id: int) -> float | None:
    """Share of the district in a run; None where its boundary is missing."""
    share: float | None = session.execute(DISTRICT_SHARE, {"run_id": run_id}).scalar()
    return share


def _ewkb(places: NDArray[np.float64], srid: int) -> bytes:
    spots = shapely.set_srid(shapely.MultiPoint(places), srid)
    return bytes(shapely.to_wkb(spots, include_srid=True))
