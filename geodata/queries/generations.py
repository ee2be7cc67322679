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


# What is in force today once more, from today on; a later generation ends it as it would have ended the other.
COPY_TO_TODAY = text("""
    INSERT INTO area (level, code, name, name_en, parent_code, valid_from, valid_to, geom, datum, origin)
    SELECT a.level, a.code, a.name, a.name_en, a.parent_code, CURRENT_DATE, a.valid_to, a.geom, a.datum, a.origin
      FROM area AS a
     WHERE a.level = :level
       AND a.valid_from < CURRENT_DATE AND (a.valid_to IS NULL OR a.valid_to > CURRENT_DATE)
        ON CONFLICT (level, code, valid_from) DO NOTHING
""")

HOLD = text("SELECT pg_advisory_xact_lock(hashtext('areas'), 0)")


def hold(session: Session) -> None:
    """Wait for whoever changes areas or cells, until this transaction ends."""
    session.execute(HOLD)


def begin_today(session: Session, level: str, today: date) -> None:
    """Have the generation of today begin today, so that what is changed of it holds from today on only."""
    session.execute(COPY_TO_TODAY, {"level": level})
    end_before(session, level, today)


def begins_after(session: Session, level: str, day: date) -> list[date]:
    """Days after `day` on which generations of a level begin, the next one first."""
    wanted = select(Area.valid_from).where(Area.level == level, Area.valid_from > day).distinct()
    return list(session.scalars(wanted.order_by(Area.valid_from)))


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
