"""Our own places, and what geocoding made of the addresses it was given."""

from datetime import date, datetime
from typing import Any

from geoalchemy2 import Geometry
from geoalchemy2.elements import WKBElement
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Computed,
    DateTime,
    ForeignKey,
    Index,
    SmallInteger,
    UniqueConstraint,
    func,
)
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from geodata.models.base import Base, Placed, Stamped, add_metre_twin

_HOUSE = "CASE WHEN coalesce(lane, number) ~ '^[0-9]{1,5}$' THEN CAST(coalesce(lane, number) AS integer) END"


class Valid:
    """From which day (inclusive) to which (exclusive) a name holds; null where that is not known."""

    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]


class GazetteerEntry(Valid, Placed, Stamped, Base):
    """A named place, a crossing of two roads, a door, or a post along a motorway, with where it came from.

    `interpolated` is a number that nobody has seen on a house, where a map counts along a line; its `suffix` holds the
    two numbers at the ends (`1-21`).

    `name_norm` is the name as the parser normalises it. A crossing has `road` and `cross_road` (in
    text order); a door has `road` and of `lane`, `sublane`, `number`, `suffix` those that it has; with a
    lane, `number` is a building behind its gate. `house` is what the door is counted by along the road: its
    lane or, without one, its number; the database makes it. A post has `road` and `km`. `district` is the district
    that its address names. `source` is the file or the record it came from, `licence` what its file is given under.
    """

    __tablename__ = "gazetteer_entry"
    __table_args__ = (
        CheckConstraint("kind IN ('place', 'crossing', 'door', 'km_post', 'interpolated')", name="kind"),
        UniqueConstraint("kind", "name", "raw_x", "raw_y", "source"),
        Index("ix_gazetteer_entry_road_cross_road", "road", "cross_road"),
        Index("ix_gazetteer_entry_road_lane_number", "road", "lane", "number"),
        Index("ix_gazetteer_entry_road_house_id", "road", "house", "id"),
        Index("ix_gazetteer_entry_cross_road", "cross_road"),
        Index("ix_gazetteer_entry_source", "source"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    kind: Mapped[str]
    name: Mapped[str]
    name_norm: Mapped[str] = mapped_column(index=True)
    district: Mapped[str | None]
    road: Mapped[str | None]
    cross_road: Mapped[str | None]
    lane: Mapped[str | None]
    sublane: Mapped[str | None]
    number: Mapped[str | None]
    suffix: Mapped[str | None]
    house: Mapped[int | None] = mapped_column(Computed(_HOUSE, persisted=True))
    km: Mapped[float | None]
    source: Mapped[str] = mapped_column(default="", server_default="")
    licence: Mapped[str] = mapped_column(default="", server_default="")


add_metre_twin(GazetteerEntry)


class GazetteerRoad(Valid, Base):
    """A stretch of a named road as a line; a road is all stretches of its name that hang together.

    `ref` is the stretch's own name in its source (`way/12345`), `road_class` the class it has there.
    `layer` is 0 on the ground, above it on a bridge, below it in a tunnel.
    """

    __tablename__ = "gazetteer_road"
    __table_args__ = (UniqueConstraint("source", "ref"), Index("ix_gazetteer_road_name_norm", "name_norm"))

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    ref: Mapped[str]
    name: Mapped[str]
    name_norm: Mapped[str]
    road_class: Mapped[str | None]
    layer: Mapped[int] = mapped_column(SmallInteger, default=0, server_default=sql("0"))
    geom: Mapped[WKBElement] = mapped_column(Geometry("MULTILINESTRING", srid=4326, spatial_index=False))
    accuracy_m: Mapped[float | None]
    source: Mapped[str] = mapped_column(default="", server_default="")
    licence: Mapped[str] = mapped_column(default="", server_default="")


add_metre_twin(GazetteerRoad)


class GazetteerAlias(Valid, Base):
    """Another name for a road, a place, a town or a village, as people write it.

    `alias_norm` and `target_norm` are normalised; `target_norm` is the name that is listed.
    """

    __tablename__ = "gazetteer_alias"
    __table_args__ = (
        CheckConstraint("kind IN ('road', 'place', 'town', 'village')", name="kind"),
        CheckConstraint("alias_norm <> target_norm", name="another_name"),
        UniqueConstraint("kind", "alias_norm", "target_norm"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    kind: Mapped[str]
    alias: Mapped[str]
    alias_norm: Mapped[str]
    target_norm: Mapped[str]
    source: Mapped[str] = mapped_column(default="", server_default="")
    decided_by: Mapped[str | None]


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


class GeocodeDecision(Base):
    """What a person decided about one record's address: only ever added, and marked when it no longer stands.

    `choice` is `candidate` (its number from 1 in `candidate`), `pin` or `nowhere`; `lon`, `lat` the place that came of
    it (WGS 84 degrees). `offered` counts the candidates with a place that there were. `town_code` is the town that the
    address names. `before` holds what was known before, so that it can be brought back. `entry_id` and `alias_id` are
    what the gazetteer learnt from it. `ended` is null while the decision stands.
    """

    __tablename__ = "geocode_decision"
    __table_args__ = (
        CheckConstraint("choice IN ('candidate', 'pin', 'nowhere')", name="choice"),
        CheckConstraint("ended IN ('undone', 'replaced')", name="ended"),
        Index("ix_geocode_decision_target_kind_target_code", "target_kind", "target_code"),
        Index("ix_geocode_decision_decided_by_at", "decided_by", "at"),
        Index("ix_geocode_decision_at", "at"),
        Index("ix_geocode_decision_batch", "batch"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    target_kind: Mapped[str]
    target_code: Mapped[str]
    text: Mapped[str]
    town_code: Mapped[str | None]
    choice: Mapped[str]
    candidate: Mapped[int | None]
    offered: Mapped[int] = mapped_column(default=0, server_default=sql("0"))
    level: Mapped[str | None]
    lon: Mapped[float | None]
    lat: Mapped[float | None]
    remember: Mapped[bool] = mapped_column(default=False, server_default=sql("false"))
    batch: Mapped[str | None]
    before: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default=sql("'{}'"))
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("gazetteer_entry.id", ondelete="SET NULL"), index=True)
    alias_id: Mapped[int | None] = mapped_column(ForeignKey("gazetteer_alias.id", ondelete="SET NULL"), index=True)
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("geocode_decision.id", ondelete="SET NULL"))
    decided_by: Mapped[str]
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    ended: Mapped[str | None]
    ended_by: Mapped[str | None]
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
