"""The network of units on three levels: conveners, seats in conferences, whom to call, and pilots."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from geodata.models.base import OPEN_START, SPAN, Base, one_at_a_time

LEVEL = "level IN ('district', 'town', 'village')"

# The meetings of a town (三会) and that of a village, in the trade's order.
BODIES = ("joint_conference", "congress", "committee", "village_meeting")
BODIES_OF = {"district": BODIES[:1], "town": BODIES[:3], "village": BODIES[3:]}
POSITIONS = ("chair", "deputy", "member")


class ConvenerTerm(Base):
    """The unit that convenes the network of an area (轮值召集人), from `valid_from` until before `valid_to`.

    One unit at a time: the database refuses terms of an area that overlap.
    """

    __tablename__ = "convener_term"
    __table_args__ = (
        UniqueConstraint("level", "area_code", "valid_from"),
        CheckConstraint(LEVEL, name="level"),
        CheckConstraint(SPAN, name="span"),
        one_at_a_time("convener_term_one_at_a_time", "level", "area_code"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    level: Mapped[str]
    area_code: Mapped[str] = mapped_column(index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("member_unit.id", ondelete="CASCADE"), index=True)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class ConferenceSeat(Base):
    """A unit's seat in one of the meetings of an area: `body` is of BODIES, `position` of POSITIONS.

    A unit has one seat in a body at a time, and a body one chair.
    """

    __tablename__ = "conference_seat"
    __table_args__ = (
        UniqueConstraint("level", "area_code", "body", "unit_id", "valid_from"),
        CheckConstraint(LEVEL, name="level"),
        CheckConstraint("body IN ('joint_conference', 'congress', 'committee', 'village_meeting')", name="body"),
        CheckConstraint("position IN ('chair', 'deputy', 'member')", name="position"),
        CheckConstraint(SPAN, name="span"),
        one_at_a_time("conference_seat_one_at_a_time", "level", "area_code", "body", "unit_id"),
        one_at_a_time("conference_seat_one_chair", "level", "area_code", "body", where="position = 'chair'"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    level: Mapped[str]
    area_code: Mapped[str] = mapped_column(index=True)
    body: Mapped[str]
    unit_id: Mapped[int] = mapped_column(ForeignKey("member_unit.id", ondelete="CASCADE"), index=True)
    position: Mapped[str] = mapped_column(default="member", server_default="member")
    valid_from: Mapped[date] = mapped_column(default=OPEN_START)
    valid_to: Mapped[date | None]


class AreaContact(Base):
    """Whom to call in an area about a topic: a role and its telephone, never a person.

    `hours` is in the notation of OpenStreetMap, null when nobody told them.
    """

    __tablename__ = "area_contact"
    __table_args__ = (
        UniqueConstraint("level", "area_code", "topic", "role"),
        CheckConstraint(LEVEL, name="level"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    level: Mapped[str]
    area_code: Mapped[str] = mapped_column(index=True)
    topic: Mapped[str]
    role: Mapped[str]
    phone: Mapped[str | None]
    hours: Mapped[str | None]


class PilotArea(Base):
    """An area where something is tried out first, from day to day."""

    __tablename__ = "pilot_area"
    __table_args__ = (
        UniqueConstraint("level", "area_code", "valid_from"),
        CheckConstraint(LEVEL, name="level"),
        CheckConstraint(SPAN, name="span"),
        one_at_a_time("pilot_area_one_at_a_time", "level", "area_code"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    level: Mapped[str]
    area_code: Mapped[str] = mapped_column(index=True)
    note: Mapped[str | None]
    valid_from: Mapped[date] = mapped_column(default=OPEN_START)
    valid_to: Mapped[date | None]
