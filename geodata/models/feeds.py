"""Addresses by which a feed reader hears what one person may read."""

from datetime import datetime

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, func
from sqlalchemy.orm import Mapped, mapped_column

from geodata.models.base import Base

FEED_LEVELS = ("district", "town", "village", "cell")


class FeedLink(Base):
    """An address of a user's own for the feed of one area or cell; of its token a hash is stored."""

    __tablename__ = "feed_link"
    __table_args__ = (CheckConstraint("level IN ('district', 'town', 'village', 'cell')", name="level"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    level: Mapped[str]
    code: Mapped[str]
    token_hash: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    revoked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
