"""What an import of areas does beside storing its rows: ends generations, makes parents, derives the district."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from geodata.models import Area


class District(NamedTuple):
    """The district of today: its boundary (EPSG:4326) if any, and whether that was imported or derived."""

    geom: BaseGeometry | None
    origin: str


DERIVE_DISTRICT = text("""
    UPDATE area
       SET geom = ST_GeomFromWKB(:shape, 4326), origin = 'derived', datum = NULL
     WHERE level = 'district'
       AND valid_from <= CURRENT_DATE AND (valid_to IS NULL OR valid_to > CURRENT_DATE)
       AND geom IS DISTINCT FROM ST_GeomFromWKB(:shape, 4326)
    RETURNING id
""")


def end_before(session: Session, level: str, first: date) -> int:
    """End on the day `first` what began earlier and would reach beyond; returns how many areas that was."""
    change = (
        update(Area)
        .where(Area.level == level, Area.valid_from < first, or_(Area.valid_to.is_(None), Area.valid_to > first))
        .values(valid_to=first)
        .returning(Area.id)
        .execution_options(synchronize_session=False)
    )
    return len(session.execute(change).all())


def make_areas(session: Session, areas: Sequence[dict[str, object]]) -> int:
    """Make areas without boundary where there are none of that level, code and day; returns how many were made."""
    if not areas:
        return 0
    made = (
        insert(Area)
        .values([{**area, "origin": "named"} for area in areas])
        .on_conflict_do_nothing(index_elements=["level", "code", "valid_from"])
        .returning(Area.id)
    )
    return len(session.execute(made).all())


def district(session: Session) -> District:
    """The district of today."""
    query = (
        select(Area.geom.ST_AsBinary(), Area.origin)
        .where(
            Area.level == "district",
            Area.valid_from <= text("CURRENT_DATE"),
            or_(Area.valid_to.is_(None), Area.valid_to > text("CURRENT_DATE")),
        )
        .order_by(Area.valid_from.desc(), Area.id)
        .limit(1)
    )
    row = session.execute(query).first()
    if row is None:
        return District(None, "")
    return District(None if row[0] is None else shapely.from_wkb(bytes(row[0])), row[1])


def derive_district(session: Session, shape: BaseGeometry) -> bool:
    """Make `shape` (a MultiPolygon, EPSG:4326) the district's boundary; whether that changed anything."""
    return session.execute(DERIVE_DISTRICT, {"shape": shapely.to_wkb(shape)}).first() is not None
