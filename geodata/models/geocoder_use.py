"""How often geocoders of other houses were asked."""

from datetime import date

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from geodata.models.base import Base


class GeocoderUse(Base):
    """How often a geocoder was asked on a day of China's clock, counted before each question."""

    __tablename__ = "geocoder_use"
    __table_args__ = (CheckConstraint("asked > 0", name="asked"),)

    name: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    asked: Mapped[int]
