"""Areas on three levels, with generations."""

from datetime import date

from geoalchemy2 import Geometry
from geoalchemy2.elements import WKBElement
from sqlalchemy import CheckConstraint, Computed, Float, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from geodata.models.base import OPEN_START, Base, add_metre_twin


class Area(Base):
    """A district, town or village as it was from `valid_from` until before `valid_to`.

    Boundaries have generations: towns split, villages are renamed under the same code, and a ticket
    of last year must still find last year's village. A *generation* is all rows of one level that
    begin on the same day, the complete set of that level from then on; a later generation ends it.
    So neither the code nor the name is an identity, only code and day together are, and parents are
    named by code, to be looked up on the day in question.

    `geom` is null while the boundary is missing. `area_m2` is geodesic (ellipsoid).
    """

    __tablename__ = "area"
    __table_args__ = (
        UniqueConstraint("level", "code", "valid_from"),
        CheckConstraint("level IN ('district', 'town', 'village')", name="level"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="validity"),
        Index("ix_area_level_parent_code", "level", "parent_code"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    level: Mapped[str]
    code: Mapped[str]
    name: Mapped[str]
    name_en: Mapped[str | None]
    parent_code: Mapped[str | None]
    valid_from: Mapped[date] = mapped_column(default=OPEN_START)
    valid_to: Mapped[date | None]
    geom: Mapped[WKBElement | None] = mapped_column(Geometry("MULTIPOLYGON", srid=4326, spatial_index=False))
    area_m2: Mapped[float | None] = mapped_column(Float, Computed("ST_Area(geom::geography)", persisted=True))
    datum: Mapped[str | None]
    origin: Mapped[str] = mapped_column(default="imported", server_default="imported")


add_metre_twin(Area, web=True)
