"""What units have promised, and the tickets for which they kept it."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, Text, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from geodata.models.base import OPEN_START, Base, Placed, Stamped, add_metre_twin


class Pledge(Placed, Stamped, Base):
    """What a unit promises to do (sweep its frontage, open its car park at night, lend a room).

    It reaches `radius_m` around its place (without one: around the unit), or with `area_code` a whole area.
    `category_codes` are the kinds of issue that it answers; empty for one that answers no tickets. `hours` is in the
    notation of OpenStreetMap, null for always.
    """

    __tablename__ = "pledge"
    __table_args__ = (
        CheckConstraint("radius_m > 0", name="radius_m"),
        CheckConstraint("level IN ('district', 'town', 'village')", name="level"),
        CheckConstraint("(level IS NULL) = (area_code IS NULL)", name="area"),
        CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="span"),
        Index("ix_pledge_category_codes", "category_codes", postgresql_using="gin"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("member_unit.id"), index=True)
    name: Mapped[str]
    category_codes: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, server_default=text("'{}'"))
    level: Mapped[str | None]
    area_code: Mapped[str | None] = mapped_column(index=True)
    radius_m: Mapped[float | None]
    hours: Mapped[str | None]
    valid_from: Mapped[date] = mapped_column(default=OPEN_START)
    valid_to: Mapped[date | None]
    place_level: Mapped[str | None]


add_metre_twin(Pledge)


class PledgeKept(Base):
    """A ticket for which a unit kept its pledge; the event of that number in the ticket's history is the evidence."""

    __tablename__ = "pledge_kept"
    __table_args__ = (UniqueConstraint("pledge_id", "ticket_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    pledge_id: Mapped[int] = mapped_column(ForeignKey("pledge.id", ondelete="CASCADE"))
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"), index=True)
    event_seq: Mapped[int]
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
