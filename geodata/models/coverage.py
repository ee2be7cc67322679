"""Results of coverage runs, kept so that map, page and export show the same figures."""

from datetime import datetime

from geoalchemy2 import Geometry
from geoalchemy2.elements import WKBElement
from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, Index, func
from sqlalchemy.orm import Mapped, mapped_column

from geodata.models.base import Base, add_metre_twin


class CoverageRun(Base):
    """One calculation: the radius, the category (null: any unit), and the data it saw.

    `data_key` is made of the versions of the tables read; while it stays the same the figures hold.
    """

    __tablename__ = "coverage_run"
    __table_args__ = (Index("ix_coverage_run_radius_m_category_code_id", "radius_m", "category_code", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    radius_m: Mapped[float]
    category_code: Mapped[str | None]
    data_key: Mapped[str]
    site_count: Mapped[int]
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class CoverageArea(Base):
    """Covered share of one village or town; areas without a boundary are not measured."""

    __tablename__ = "coverage_area"
    __table_args__ = (CheckConstraint("level IN ('district', 'town', 'village')", name="level"),)

    run_id: Mapped[int] = mapped_column(ForeignKey("coverage_run.id", ondelete="CASCADE"), primary_key=True)
    level: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    area_m2: Mapped[float]
    covered_m2: Mapped[float]
    share: Mapped[float]
    site_count: Mapped[int]


class CoverageGap(Base):
    """One connected piece of ground beyond the radius of every unit, rank 1 the largest."""

    __tablename__ = "coverage_gap"
    __table_args__ = (Index("ix_coverage_gap_run_id_rank", "run_id", "rank", unique=True),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("coverage_run.id", ondelete="CASCADE"))
    rank: Mapped[int]
    area_code: Mapped[str]
    area_m2: Mapped[float]
    geom: Mapped[WKBElement] = mapped_column(Geometry("MULTIPOLYGON", srid=4326, spatial_index=False))


add_metre_twin(CoverageGap, web=True)


class CoverageCell(Base):
    """Metres from a cell to the nearest unit of the run; null where there is no unit at all."""

    __tablename__ = "coverage_cell"

    run_id: Mapped[int] = mapped_column(ForeignKey("coverage_run.id", ondelete="CASCADE"), primary_key=True)
    cell_code: Mapped[str] = mapped_column(primary_key=True)
    nearest_m: Mapped[float | None]
    unit_code: Mapped[str | None]
