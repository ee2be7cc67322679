"""Teams and points that several areas share (党群联动), and who is on duty there when."""

from datetime import date, time

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from geodata.models.base import Base, one_at_a_time

_SERVICE = "of_kind IN ('team', 'point')"


class SharedService(Base):
    """An area that a team or a point serves beside its own."""

    __tablename__ = "shared_service"
    __table_args__ = (
        UniqueConstraint("of_kind", "of_code", "level", "area_code"),
        CheckConstraint(_SERVICE, name="of_kind"),
        CheckConstraint("level IN ('district', 'town', 'village')", name="level"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    of_kind: Mapped[str]
    of_code: Mapped[str] = mapped_column(index=True)
    level: Mapped[str]
    area_code: Mapped[str] = mapped_column(index=True)


class RosterTurn(Base):
    """A turn of duty at a team or point: a day, its hours in the district's time, and the unit and role on duty.

    The database refuses turns of one that overlap.
    """

    __tablename__ = "roster_turn"
    __table_args__ = (
        UniqueConstraint("of_kind", "of_code", "day", "opens"),
        CheckConstraint(_SERVICE, name="of_kind"),
        CheckConstraint("closes > opens", name="spell"),
        one_at_a_time("roster_turn_one_at_a_time", "of_kind", "of_code", time="tsrange(day + opens, day + closes)"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    of_kind: Mapped[str]
    of_code: Mapped[str] = mapped_column(index=True)
    day: Mapped[date] = mapped_column(index=True)
    opens: Mapped[time]
    closes: Mapped[time]
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("member_unit.id", ondelete="CASCADE"), index=True)
    role: Mapped[str | None]
