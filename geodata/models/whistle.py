"""Whistle calls (吹哨报到): departments and units called to a place by a time."""

from datetime import datetime

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from geodata.models.base import Base, Placed, Stamped, add_metre_twin

WHISTLE_STATES = ("called", "met", "closed", "cancelled")


class WhistleCall(Placed, Stamped, Base):
    """A call to be at a place by `meet_at`, from a ticket or for the place alone; what is left to do follows it."""

    __tablename__ = "whistle_call"
    __table_args__ = (
        CheckConstraint("level IN ('district', 'town', 'village')", name="level"),
        CheckConstraint("state IN ('called', 'met', 'closed', 'cancelled')", name="state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"), index=True)
    level: Mapped[str]
    area_code: Mapped[str] = mapped_column(index=True)
    reason: Mapped[str]
    meet_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)
    state: Mapped[str] = mapped_column(default="called", server_default="called")
    minutes: Mapped[str | None]
    called_by: Mapped[str]
    called_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    closed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    place_level: Mapped[str | None]


add_metre_twin(WhistleCall)


class WhistleInvitee(Base):
    """Who is called: a unit, or the office of an area; `part` names the department or role that should come.

    `arrived_m` are metres from where they said they were to the place of the call, null where nobody knows.
    """

    __tablename__ = "whistle_invitee"
    __table_args__ = (
        UniqueConstraint("call_id", "seq"),
        CheckConstraint("(unit_id IS NULL) <> (office_code IS NULL)", name="who"),
        CheckConstraint("arrived_m >= 0", name="arrived_m"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("whistle_call.id", ondelete="CASCADE"))
    seq: Mapped[int]
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("member_unit.id"), index=True)
    office_code: Mapped[str | None]
    part: Mapped[str | None]
    arrived_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    arrived_lon: Mapped[float | None]
    arrived_lat: Mapped[float | None]
    arrived_m: Mapped[float | None]
    note: Mapped[str | None]
