"""Member units and their membership on three levels."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from geodata.models.base import OPEN_START, SPAN, Base, Placed, Stamped, add_metre_twin, one_at_a_time


class MemberUnit(Placed, Stamped, Base):
    """An organisation that sits in the territory and takes part in caring for it.

    Contacts are those of a role (office, duty phone), never of a person. `opening_hours` is in the
    notation of OpenStreetMap and empty when unknown; `capacity` is how many open tickets the unit
    takes at a time, null for no limit.
    """

    __tablename__ = "member_unit"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(ForeignKey("unit_kind.code"), index=True)
    liaison_role: Mapped[str | None]
    liaison_phone: Mapped[str | None]
    capacity: Mapped[int | None]
    opening_hours: Mapped[str | None]
    is_active: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    place_level: Mapped[str | None]
    memberships: Mapped[list["Membership"]] = relationship(
        back_populates="unit", order_by="Membership.level, Membership.area_code", cascade="all, delete-orphan"
    )


add_metre_twin(MemberUnit)


class Membership(Base):
    """A unit's part in the network of one area, from day to day; its times there do not overlap."""

    __tablename__ = "membership"
    __table_args__ = (
        UniqueConstraint("unit_id", "level", "area_code", "valid_from"),
        CheckConstraint("level IN ('district', 'town', 'village')", name="level"),
        CheckConstraint(SPAN, name="span"),
        one_at_a_time("membership_one_at_a_time", "unit_id", "level", "area_code"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("member_unit.id", ondelete="CASCADE"), index=True)
    level: Mapped[str]
    area_code: Mapped[str] = mapped_column(index=True)
    valid_from: Mapped[date] = mapped_column(default=OPEN_START)
    valid_to: Mapped[date | None]
    unit: Mapped[MemberUnit] = relationship(back_populates="memberships")
