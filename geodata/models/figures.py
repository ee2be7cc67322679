"""Figures that somebody has stated of an area, to stand beside those that are counted here."""

from datetime import date

from sqlalchemy import CheckConstraint, Computed, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from geodata.models.base import LAST_DAY, Base


class StatedFigure(Base):
    """A figure as a report or an article states it, by its code, area and period; `source` says where."""

    __tablename__ = "stated_figure"
    __table_args__ = (
        UniqueConstraint("figure", "level", "area_code", "period"),
        CheckConstraint("level IN ('district', 'town', 'village')", name="level"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    figure: Mapped[str]
    level: Mapped[str]
    area_code: Mapped[str] = mapped_column(index=True)
    period: Mapped[str]
    last_day: Mapped[date] = mapped_column(Computed(LAST_DAY, persisted=True))
    value: Mapped[float]
    source: Mapped[str | None]
