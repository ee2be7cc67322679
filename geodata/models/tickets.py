"""Tickets, their events and the assignments made for them."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    FetchedValue,
    ForeignKey,
    Index,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from geodata.models.base import Base, Placed, Stamped, add_metre_twin


class Ticket(Placed, Stamped, Base):
    """One governance issue being worked.

    The area codes are those of the day it was reported and stay when boundaries change; only a move
    of the place stamps anew. It always lies with somebody: `unit_id`, or where no unit can take it,
    the office of `office_code` (a town, or the district where the town is unknown).

    All from `state` on is the fold of its events, kept beside them so that lists need not read these;
    `wangge tickets verify` compares the two.
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
        Index("ix_ticket_filed_at", "filed_at"),
        Index("ix_ticket_done_at", "done_at"),
        Index("ix_ticket_closed_at", "closed_at"),
        # the newest of a town, however few it has
        Index("ix_ticket_town_code_reported_at", "town_code", "reported_at"),
        Index("ix_ticket_town_code_closed_at", "town_code", "closed_at"),
        CheckConstraint("pending IN ('extend', 'suspend', 'appeal', 'referee')", name="pending"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    source: Mapped[str]
    source_ref: Mapped[str | None]
    category_code: Mapped[str] = mapped_column(ForeignKey("category.code"))
    title: Mapped[str]
    description: Mapped[str | None]
    reported_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    # user who wrote the report down; the person who told of it is nowhere
    reported_by: Mapped[str | None] = mapped_column(index=True)
    # the officer's post whose grid holds the cell
    duty_grid_code: Mapped[str | None] = mapped_column(index=True)
    # under which condition it was filed; its limits are those of the day it was filed
    rule_id: Mapped[int | None] = mapped_column(ForeignKey("filing_rule.id"))
    state: Mapped[str] = mapped_column(default="reported")
    # until when it should be done; null where nobody has set a limit
    due_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    filed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    dispatched_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    done_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    closed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    rework_count: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    return_count: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    reopen_count: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    # what somebody has asked for and nobody has answered yet
    pending: Mapped[str | None]
    is_supervised: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    # the referee has decided: whoever has it may not return it
    is_binding: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    # an appeal was granted: it counts against nobody
    is_excused: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    is_self_handled: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    # what a return visit heard; null before one
    is_satisfied: Mapped[bool | None]
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"), index=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("member_unit.id"), index=True)
    office_code: Mapped[str | None]
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


add_metre_twin(Ticket)


class TicketEvent(Base):
    """One thing that happened to a ticket; rows are only ever added, and the table refuses the rest.

    Numbered 1, 2, 3 … within the ticket, which the table insists on. `hash` is made by the table from
    the row and the hash before it, so that nothing in the middle can be changed unseen.
    """

    __tablename__ = "ticket_event"
    __table_args__ = (
        UniqueConstraint("ticket_id", "seq"),
        # what has happened since somebody asked last
        Index("ix_ticket_event_at", "at"),
        # what a unit has returned, the latest first
        Index(
            "ix_ticket_event_returned_by",
            text("(CAST(facts ->> 'returned_by_id' AS integer))"),
            "at",
            postgresql_where=text("action = 'return'"),
        ),
        # what indices count: a few actions in a period, of all that ever happened
        Index(
            "ix_ticket_event_action_at",
            "action",
            "at",
            postgresql_include=["ticket_id"],
            postgresql_where=text("action IN ('assign', 'choose', 'return', 'close', 'rework', 'visit')"),
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    seq: Mapped[int]
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.clock_timestamp())
    action: Mapped[str]
    from_state: Mapped[str | None]
    to_state: Mapped[str]
    actor: Mapped[str]
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default=text("'{}'"))
    hash: Mapped[str] = mapped_column(server_default=FetchedValue())


class ChainAnchor(Base):
    """What all chains came to at a moment: told to somebody outside, it shows later that no end was cut off."""

    __tablename__ = "chain_anchor"

    id: Mapped[int] = mapped_column(primary_key=True)
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    last_event_id: Mapped[int] = mapped_column(BigInteger)
    events: Mapped[int] = mapped_column(BigInteger)
    digest: Mapped[str]


class TicketFollow(Base):
    """Somebody wants to hear what becomes of a ticket."""

    __tablename__ = "ticket_follow"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class Assignment(Base):
    """A decision of the rule: who was chosen, who stood next, who was refused and why.

    `method`: the `rule`, a choice by `hand` (with its `reason`) against or beside it, or the `optimum` of a batch.
    `pledge_id`: the pledge for which the unit has it.
    """

    __tablename__ = "assignment"
    __table_args__ = (
        CheckConstraint("outcome IN ('unit', 'town_office')", name="outcome"),
        CheckConstraint("method IN ('rule', 'hand', 'optimum')", name="method"),
        Index("ix_assignment_ticket_id_id", "ticket_id", "id"),
        Index("ix_assignment_pledge_id", "pledge_id", postgresql_where=text("pledge_id IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    decided_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    actor: Mapped[str]
    outcome: Mapped[str]
    method: Mapped[str] = mapped_column(default="rule", server_default="rule")
    reason: Mapped[str | None]
    policy_id: Mapped[int | None] = mapped_column(ForeignKey("assignment_policy.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("member_unit.id"))
    pledge_id: Mapped[int | None] = mapped_column(ForeignKey("pledge.id", ondelete="SET NULL"))
    office_code: Mapped[str | None]
    record: Mapped[dict[str, Any]] = mapped_column(JSONB)
