"""Counts and sums for the low zooms of tiles, made beforehand: one row a square of the web map.

A tile of any zoom is 64 squares wide; `x` and `y` number the squares of that zoom from the north-west
corner of the world in EPSG:3857, so that square (x, y) lies in tile (x div 64, y div 64).
"""

from sqlalchemy import BigInteger, ForeignKey, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from geodata.models.base import Base


class TicketBin(Base):
    """Tickets with a place in a square: those not ended, and all of them."""

    __tablename__ = "ticket_bin"

    z: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    x: Mapped[int] = mapped_column(primary_key=True)
    y: Mapped[int] = mapped_column(primary_key=True)
    open_count: Mapped[int]
    all_count: Mapped[int]


class TicketBinChange(Base):
    """What has changed since the last folding, at the nearest zoom; triggers only add, so writers never wait."""

    __tablename__ = "ticket_bin_change"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    x: Mapped[int]
    y: Mapped[int]
    open_count: Mapped[int]
    all_count: Mapped[int]


class CoverageBin(Base):
    """Cells of a coverage run in a square, and the sum of their metres to the nearest unit."""

    __tablename__ = "coverage_bin"

    run_id: Mapped[int] = mapped_column(ForeignKey("coverage_run.id", ondelete="CASCADE"), primary_key=True)
    z: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    x: Mapped[int] = mapped_column(primary_key=True)
    y: Mapped[int] = mapped_column(primary_key=True)
    count: Mapped[int]
    total_m: Mapped[float | None]
