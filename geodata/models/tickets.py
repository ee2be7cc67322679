"""Tickets, their events and the assignments made for them."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, Index, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from geodata.models.base import Base, Placed, Stamped, add_metre_twin


class Ticket(Placed, Stamped, Base):
    """One governance issue being worked.

    The area codes are those of the day it was reported and stay when boundaries change; only a move
    of the place stamps anew. It always lies with somebody: `unit_id`, or where no unit can take it,
    the office of `office_code` (a town, or the district where the town is unknown).
    """

    __tablename__ = "ticket"
    __table_args__ = (
        UniqueConstraint("source", "source_ref"),
        CheckConstraint(
            "state IN ('draft','reported','verifying','filed','dispatched','accepted','handling','waiting','done',"
            "'checking','closed','returned','cancelled','merged','reopened')",
            name="state",
        ),
        Index("ix_ticket_state_reported_at", "state", "reported_at"),
        Index("ix_ticket_category_code", "category_code"),
        Index("ix_ticket_reported_at", "reported_at"),
        Index("ix_ticket_due_at", "due_at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    source: Mapped[str]
    source_ref: Mapped[str | None]
    category_code: Mapped[str] = mapped_column(ForeignKey("category.code"))
    title: Mapped[str]
    description: Mapped[str | None]
    state: Mapped[str] = mapped_column(default="reported")
    reported_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    # until when it should be done; null where nobody has set a limit
    due_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    closed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("member_unit.id"), index=True)
    office_code: Mapped[str | None]
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


add_metre_twin(Ticket)


class TicketEvent(Base):
    """One thing that happened to a ticket; rows are only ever added, and the table refuses the rest."""

    __tablename__ = "ticket_event"
    __table_args__ = (UniqueConstraint("ticket_id", "seq"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    seq: Mapped[int]
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.clock_timestamp())
    action: Mapped[str]
    from_state: Mapped[str | None]
    to_state: Mapped[str]
    actor: Mapped[str]
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default=text("'{}'"))


class Assignment(Base):
    """A decision of the rule: who was chosen, who stood next, who was refused and why."""

    __tablename__ = "assignment"
    __table_args__ = (
        CheckConstraint("outcome IN ('unit', 'town_office')", name="outcome"),
        Index("ix_assignment_ticket_id_id", "ticket_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    decided_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    actor: Mapped[str]
    outcome: Mapped[str]
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("member_unit.id"))
    office_code: Mapped[str | None]
    record: Mapped[dict[str, Any]] = mapped_column(JSONB)
