"""What people and other systems are told: notices, webhooks, and the outbox between."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, ForeignKey, Index, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from geodata.models.base import Base


class Notice(Base):
    """A word to somebody who signs in; sentences are made where it is shown."""

    __tablename__ = "notice"
    __table_args__ = (
        Index("ix_notice_user_id_id", "user_id", "id"),
        # every page counts them, so nobody's read ones may stand in the way
        Index("ix_notice_unread", "user_id", "id", postgresql_where=text("read_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"), index=True)
    word: Mapped[str]
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default=text("'{}'"))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    read_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class Webhook(Base):
    """Another system that is told of events; the secret signs what is sent. No `words` means all of them."""

    __tablename__ = "webhook"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    url: Mapped[str]
    secret: Mapped[str]
    words: Mapped[list[str]] = mapped_column(JSONB, default=list, server_default=text("'[]'"))
    town_code: Mapped[str | None]
    is_active: Mapped[bool] = mapped_column(default=True, server_default=text("true"))


_WAITING = text("delivered_at IS NULL AND dead_at IS NULL")


class OutboxMessage(Base):
    """One message to one webhook: kept until it is delivered or given up, and to be sent again on request.

    `attempts` are the tries begun. While one is made, `next_try_at` is already that of the one after it, so that
    nobody else makes it too, and a sender that dies leaves nothing behind. No ticket means a trial.
    """

    __tablename__ = "outbox_message"
    __table_args__ = (
        Index("ix_outbox_message_waiting", "next_try_at", postgresql_where=_WAITING),
        Index("ix_outbox_message_queue", "webhook_id", "id", postgresql_where=_WAITING),
        Index("ix_outbox_message_of_ticket", "webhook_id", "ticket_id", "id", postgresql_where=_WAITING),
        Index("ix_outbox_message_dead", "webhook_id", "id", postgresql_where=text("dead_at IS NOT NULL")),
        Index("ix_outbox_message_webhook_id_id", "webhook_id", "id"),
        Index("ix_outbox_message_ticket_id", "ticket_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    webhook_id: Mapped[int] = mapped_column(ForeignKey("webhook.id", ondelete="CASCADE"))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"))
    word: Mapped[str]
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    attempts: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    next_try_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    delivered_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    dead_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    last_error: Mapped[str | None]
