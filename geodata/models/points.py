"""Regions, responsibility blocks and points, and the teams that serve them."""

from geoalchemy2 import Geometry
from geoalchemy2.elements import WKBElement
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from geodata.models.base import Base, Placed, Stamped, add_metre_twin


class Region(Base):
    """A part of a town that groups responsibility blocks."""

    __tablename__ = "region"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    town_code: Mapped[str | None] = mapped_column(index=True)
    geom: Mapped[WKBElement | None] = mapped_column(Geometry("MULTIPOLYGON", srid=4326, spatial_index=False))


add_metre_twin(Region)


class ServiceTeam(Base):
    """A team that serves blocks; its contact is a role."""

    __tablename__ = "service_team"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    town_code: Mapped[str | None] = mapped_column(index=True)
    contact_role: Mapped[str | None]
    contact_phone: Mapped[str | None]


class ResponsibilityBlock(Base):
    """A block of a town with the unit that answers for it; no holder is a gap that is shown."""

    __tablename__ = "responsibility_block"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    region_code: Mapped[str | None] = mapped_column(index=True)
    town_code: Mapped[str | None] = mapped_column(index=True)
    holder_id: Mapped[int | None] = mapped_column(ForeignKey("member_unit.id"), index=True)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("service_team.id"), index=True)
    geom: Mapped[WKBElement | None] = mapped_column(Geometry("MULTIPOLYGON", srid=4326, spatial_index=False))


add_metre_twin(ResponsibilityBlock)


class ResponsibilityPoint(Placed, Stamped, Base):
    """A place with a duty holder, whose duty reaches `radius_m` around it."""

    __tablename__ = "responsibility_point"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(index=True)
    kind: Mapped[str | None]
    block_code: Mapped[str | None] = mapped_column(index=True)
    holder_id: Mapped[int | None] = mapped_column(ForeignKey("member_unit.id"), index=True)
    radius_m: Mapped[float] = mapped_column(default=50.0, server_default="50")
    place_level: Mapped[str | None]


add_metre_twin(ResponsibilityPoint)
