"""Services that other applications ask for: what they tell beside a ticket, and what has come from them."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from geodata.models.base import Base

# Kinds of answer that an attribute takes.
DATATYPES = ("string", "number", "datetime", "text", "singlevaluelist", "multivaluelist")


class ServiceAttribute(Base):
    """One question that is asked with reports of a category; one that is not `variable` is only read, not answered.

    `choices` of a list: `[{key, name_zh, name_en}, …]` in their order.
    """

    __tablename__ = "service_attribute"
    __table_args__ = (
        UniqueConstraint("category_code", "position"),
        CheckConstraint(f"datatype IN ({', '.join(repr(one) for one in DATATYPES)})", name="datatype"),
        CheckConstraint("position > 0", name="position"),
    )

    category_code: Mapped[str] = mapped_column(ForeignKey("category.code", ondelete="CASCADE"), primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    is_variable: Mapped[bool]
    datatype: Mapped[str]
    is_required: Mapped[bool]
    position: Mapped[int]
    name_zh: Mapped[str]
    name_en: Mapped[str]
    hint_zh: Mapped[str] = mapped_column(default="", server_default="")
    hint_en: Mapped[str] = mapped_column(default="", server_default="")
    choices: Mapped[list[dict[str, str]]] = mapped_column(JSONB, default=list, server_default=text("'[]'"))


class ServiceRequest(Base):
    """What an application told beside the ticket it asked for; of whoever used the application nothing is kept.

    token        the number to ask by while the ticket is not filed; None where its own number was told at once.
    attributes   answers by code: text, or a list of keys.
    media_url    an address of a picture elsewhere: kept as text, never fetched.
    object_type  `unit` or `point` with the code of it: what the request is about.
    """

    __tablename__ = "service_request"
    __table_args__ = (CheckConstraint("object_type IN ('unit', 'point')", name="object_type"),)

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"), primary_key=True)
    token: Mapped[str | None] = mapped_column(unique=True)
    attributes: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default=text("'{}'"))
    media_url: Mapped[str | None]
    object_type: Mapped[str | None]
    object_code: Mapped[str | None]
    address_id: Mapped[str | None]


class ServiceUpdate(Base):
    """One update that another system sent, under the name it has there: the same is not taken twice."""

    __tablename__ = "service_update"

    actor: Mapped[str] = mapped_column(primary_key=True)
    update_id: Mapped[str] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"), index=True)
    event_id: Mapped[int | None] = mapped_column(BigInteger)
    received_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
