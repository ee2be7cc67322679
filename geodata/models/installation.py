"""What makes an installation this district's and no other's."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, DateTime, Text, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from geodata.models.base import Base


class Installation(Base):
    """The one row of settings that belong to the data; the metre CRS can never change."""

    __tablename__ = "installation"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    code: Mapped[str]
    name: Mapped[str]
    # province and city, from the outermost inwards, each with its other forms behind slashes
    within: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, server_default=text("'{}'"))
    metre_srid: Mapped[int]
    timezone: Mapped[str]
    lang: Mapped[str]
    code_pattern: Mapped[str]
    max_distance_m: Mapped[float] = mapped_column(default=2000.0, server_default=text("2000"))
    # gaps and coverage on the map are those of this radius, whatever others are asked for
    coverage_radius_m: Mapped[float] = mapped_column(default=500.0, server_default=text("500"))
    # a place so near a border is told with both its sides, and the rule that decides is written down
    border_m: Mapped[float] = mapped_column(default=15.0, server_default=text("15"))
    is_made_up: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class DataVersion(Base):
    """How often a table has changed: the key under which its tiles are cached.

    Triggers count it up, for tables that change seldom; tickets are not among them, as all writers
    would queue for one row.
    """

    __tablename__ = "data_version"

    table_name: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger, default=1)
