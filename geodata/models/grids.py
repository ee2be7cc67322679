"""Grid cells, and the duty grids made of them."""

from datetime import date

from geoalchemy2 import Geometry
from geoalchemy2.elements import WKBElement
from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from geodata.models.base import OPEN_START, Base, add_metre_twin


class GridCell(Base):
    """A basic cell: one square of the raster in the metre CRS, clipped to one area.

    `gx`, `gy` are the square's column and row, floor(x / size_m) and floor(y / size_m), so that
    finding the cells at a place is arithmetic; `is_whole` says that the cell is the whole square,
    so that no polygon needs a look. Both are null for an imported grid. `is_provisional` marks codes
    cut within towns, to be replaced when villages have boundaries.
    """

    __tablename__ = "grid_cell"
    __table_args__ = (
        Index("uq_grid_cell_code_current", "code", unique=True, postgresql_where=text("valid_to IS NULL")),
        Index("ix_grid_cell_gx_gy", "gx", "gy"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(index=True)
    town_code: Mapped[str | None] = mapped_column(index=True)
    village_code: Mapped[str | None] = mapped_column(index=True)
    size_m: Mapped[float | None]
    gx: Mapped[int | None]
    gy: Mapped[int | None]
    is_whole: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    is_provisional: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    valid_from: Mapped[date] = mapped_column(default=OPEN_START)
    valid_to: Mapped[date | None]
    geom: Mapped[WKBElement] = mapped_column(Geometry("MULTIPOLYGON", srid=4326, spatial_index=False))


add_metre_twin(GridCell, web=True)


class CellSuccession(Base):
    """Which new cells took over the ground of an old one, when a grid was cut again."""

    __tablename__ = "cell_succession"
    __table_args__ = (UniqueConstraint("old_code", "new_code", "cut_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    old_code: Mapped[str] = mapped_column(index=True)
    new_code: Mapped[str] = mapped_column(index=True)
    cut_on: Mapped[date]
    share: Mapped[float]


class DutyGrid(Base):
    """A set of cells given to one officer's post; `scheme` tells responsibility from comprehensive grids."""

    __tablename__ = "duty_grid"
    __table_args__ = (UniqueConstraint("scheme", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    scheme: Mapped[str]
    code: Mapped[str]
    name: Mapped[str]
    town_code: Mapped[str | None] = mapped_column(index=True)
    post: Mapped[str | None]
    geom: Mapped[WKBElement | None] = mapped_column(Geometry("MULTIPOLYGON", srid=4326, spatial_index=False))


add_metre_twin(DutyGrid)


class DutyGridCell(Base):
    """One cell of a duty grid, by code."""

    __tablename__ = "duty_grid_cell"

    duty_grid_id: Mapped[int] = mapped_column(ForeignKey("duty_grid.id", ondelete="CASCADE"), primary_key=True)
    cell_code: Mapped[str] = mapped_column(primary_key=True, index=True)
