"""Regions, responsibility blocks and points, the teams that serve them, and who answers for each.

Each has a holder, a unit with the role that answers there, and deputies in an order. Without a holder it is a gap.
"""

from collections.abc import Mapping

from geoalchemy2 import Geometry
from geoalchemy2.elements import WKBElement
from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from geodata.models.base import Base, Placed, Stamped, add_metre_twin


class Region(Base):
    """A part of a town that groups responsibility blocks."""

    __tablename__ = "region"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    town_code: Mapped[str | None] = mapped_column(index=True)
    holder_id: Mapped[int | None] = mapped_column(ForeignKey("member_unit.id"), index=True)
    holder_role: Mapped[str | None]
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
    holder_id: Mapped[int | None] = mapped_column(ForeignKey("member_unit.id"), index=True)
    holder_role: Mapped[str | None]


class ResponsibilityBlock(Base):
    """A block of a town with the unit that answers for it; no holder is a gap that is shown."""

    __tablename__ = "responsibility_block"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    region_code: Mapped[str | None] = mapped_column(index=True)
    town_code: Mapped[str | None] = mapped_column(index=True)
    holder_id: Mapped[int | None] = mapped_column(ForeignKey("member_unit.id"), index=True)
    holder_role: Mapped[str | None]
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
    holder_role: Mapped[str | None]
    radius_m: Mapped[float] = mapped_column(default=50.0, server_default="50")
    place_level: Mapped[str | None]


add_metre_twin(ResponsibilityPoint)


Duty = Region | ResponsibilityBlock | ResponsibilityPoint | ServiceTeam

# What may have a holder, deputies, a roster, and areas that share it.
DUTY_MODELS: Mapping[str, type[Duty]] = {
    "region": Region,
    "block": ResponsibilityBlock,
    "point": ResponsibilityPoint,
    "team": ServiceTeam,
}
DUTY_KINDS = tuple(DUTY_MODELS)


class DutyDeputy(Base):
    """A deputy of the holder of a region, block, point or team; the lower `rank` steps in first. Roles, not people."""

    __tablename__ = "duty_deputy"
    __table_args__ = (
        UniqueConstraint("of_kind", "of_code", "rank"),
        CheckConstraint("of_kind IN ('region', 'block', 'point', 'team')", name="of_kind"),
        CheckConstraint("rank > 0", name="rank"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    of_kind: Mapped[str]
    of_code: Mapped[str] = mapped_column(index=True)
    rank: Mapped[int]
    unit_id: Mapped[int] = mapped_column(ForeignKey("member_unit.id", ondelete="CASCADE"), index=True)
    role: Mapped[str | None]
