"""Our own places, and what geocoding made of the addresses it was given."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, DateTime, Index, UniqueConstraint, func
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from geodata.models.base import Base, Placed, Stamped, add_metre_twin


class GazetteerEntry(Placed, Stamped, Base):
    """A named place, a crossing of two roads, or a door, with where it came from.

    `name_norm` is the name as the parser normalises it. A crossing has `road` and `cross_road` (in
    text order); a door has `road`, `lane` and `number`.
    """

    __tablename__ = "gazetteer_entry"
    __table_args__ = (
        CheckConstraint("kind IN ('place', 'crossing', 'door')", name="kind"),
        UniqueConstraint("kind", "name", "raw_x", "raw_y", "source"),
        Index("ix_gazetteer_entry_road_cross_road", "road", "cross_road"),
        Index("ix_gazetteer_entry_road_lane_number", "road", "lane", "number"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    kind: Mapped[str]
    name: Mapped[str]
    name_norm: Mapped[str] = mapped_column(index=True)
    road: Mapped[str | None]
    cross_road: Mapped[str | None]
    lane: Mapped[str | None]
    number: Mapped[str | None]
    source: Mapped[str] = mapped_column(default="", server_default="")


add_metre_twin(GazetteerEntry)


class GeocodeResult(Base):
    """What was found for one record's address; those not certain wait here for a person."""

    __tablename__ = "geocode_result"
    __table_args__ = (
        UniqueConstraint("target_kind", "target_code"),
        CheckConstraint("status IN ('accepted', 'review', 'decided')", name="status"),
        Index("ix_geocode_result_status", "status", "target_kind", "target_code"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    target_kind: Mapped[str]
    target_code: Mapped[str]
    text: Mapped[str]
    level: Mapped[str | None]
    score: Mapped[float] = mapped_column(default=0.0, server_default=sql("0"))
    error_m: Mapped[float | None]
    status: Mapped[str]
    why: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default=sql("'{}'"))
    candidates: Mapped[list[Any]] = mapped_column(JSONB, default=list, server_default=sql("'[]'"))
    decided_by: Mapped[str | None]
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
