"""What goes with a ticket: photos, links for units without a sign-in, keys of requests, visits of cells."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, Index, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from geodata.models.base import Base


class Photo(Base):
    """A picture of a ticket, made anew by us: no metadata, bounded in size. `seq` is the event it came with."""

    __tablename__ = "photo"
    __table_args__ = (
        CheckConstraint("kind IN ('report', 'before', 'after', 'check', 'other')", name="kind"),
        Index("ix_photo_ticket_id_id", "ticket_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    seq: Mapped[int]
    kind: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    sha256: Mapped[str]
    actor: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    content: Mapped[bytes] = mapped_column(deferred=True)
    thumbnail: Mapped[bytes] = mapped_column(deferred=True)


class Handover(Base):
    """A link by which a unit without a sign-in works one ticket: kept as a hash, limited in time, used up once."""

    __tablename__ = "handover"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("member_unit.id"))
    token_hash: Mapped[str] = mapped_column(unique=True)
    actor: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    opened_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    used_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    revoked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class RequestKey(Base):
    """The answer to a request that carried a key of its sender's, so that the same request acts once."""

    __tablename__ = "request_key"

    actor: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    body_hash: Mapped[str]
    status: Mapped[int | None]
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now(), index=True)


class CellVisit(Base):
    """A cell was walked on a day for a duty grid: that it was, never by whom or when."""

    __tablename__ = "cell_visit"

    day: Mapped[date] = mapped_column(primary_key=True)
    cell_code: Mapped[str] = mapped_column(primary_key=True)
    duty_grid_code: Mapped[str | None] = mapped_column(index=True)
    town_code: Mapped[str | None]
