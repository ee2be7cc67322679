"""Meetings of an area with their agenda, seats and minutes, and the resolutions that are tracked."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from geodata.models.base import Base, Placed, Stamped, add_metre_twin

MEETING_STATES = ("planned", "held", "cancelled")
RESOLUTION_STATES = ("open", "done", "dropped")
# What a resolution may become.
TARGETS = ("ticket", "project", "demand")


class Meeting(Placed, Stamped, Base):
    """A meeting of one of the bodies of an area (`geodata.models.network.BODIES`); minutes name units, not people."""

    __tablename__ = "meeting"
    __table_args__ = (
        CheckConstraint("body IN ('joint_conference', 'congress', 'committee', 'village_meeting')", name="body"),
        CheckConstraint("level IN ('district', 'town', 'village')", name="level"),
        CheckConstraint("state IN ('planned', 'held', 'cancelled')", name="state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    body: Mapped[str]
    level: Mapped[str]
    area_code: Mapped[str] = mapped_column(index=True)
    held_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)
    state: Mapped[str] = mapped_column(default="planned", server_default="planned")
    agenda: Mapped[str | None]
    minutes: Mapped[str | None]
    place_level: Mapped[str | None]


add_metre_twin(Meeting)


class MeetingSeat(Base):
    """A unit at a meeting; `attended` is null until somebody has said whether it came."""

    __tablename__ = "meeting_seat"
    __table_args__ = (CheckConstraint("position IN ('chair', 'deputy', 'member')", name="position"),)

    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("member_unit.id", ondelete="CASCADE"), primary_key=True, index=True)
    position: Mapped[str] = mapped_column(default="member", server_default="member")
    attended: Mapped[bool | None]


class Resolution(Base):
    """What a meeting, or the call of a whistle, resolved: by when, through whom, and what it became.

    `target_kind` is of TARGETS, and `target_code` the number or code of that record.
    """

    __tablename__ = "resolution"
    __table_args__ = (
        UniqueConstraint("meeting_id", "seq"),
        UniqueConstraint("whistle_id", "seq"),
        CheckConstraint("(meeting_id IS NULL) <> (whistle_id IS NULL)", name="origin"),
        CheckConstraint("state IN ('open', 'done', 'dropped')", name="state"),
        CheckConstraint("target_kind IN ('ticket', 'project', 'demand')", name="target_kind"),
        CheckConstraint("(target_kind IS NULL) = (target_code IS NULL)", name="target"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int | None] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"))
    whistle_id: Mapped[int | None] = mapped_column(ForeignKey("whistle_call.id", ondelete="CASCADE"))
    seq: Mapped[int]
    words: Mapped[str]
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("member_unit.id"), index=True)
    due_on: Mapped[date | None]
    state: Mapped[str] = mapped_column(default="open", server_default="open", index=True)
    target_kind: Mapped[str | None]
    target_code: Mapped[str | None] = mapped_column(index=True)
    note: Mapped[str | None]
