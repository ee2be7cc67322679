"""What units do together: joint projects, resources they share, demands of villages, and how these meet."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from geodata.models.base import Base, Placed, Stamped, add_metre_twin

# The six joints (六联), in the trade's order: party building, governance, civility, welfare, culture, people.
JOINTS = ("party_building", "governance", "civility", "welfare", "culture", "talent")

STAGES = ("proposed", "agreed", "running", "done", "stopped")
DEMAND_STATES = ("open", "matched", "met", "withdrawn")
MATCH_STATES = ("proposed", "accepted", "declined")


class Project(Placed, Stamped, Base):
    """A project that several units carry; without a place of its own it is drawn at its lead unit's."""

    __tablename__ = "project"
    __table_args__ = (
        CheckConstraint(
            "joint IN ('party_building', 'governance', 'civility', 'welfare', 'culture', 'talent')", name="joint"
        ),
        CheckConstraint("stage IN ('proposed', 'agreed', 'running', 'done', 'stopped')", name="stage"),
        CheckConstraint("level IN ('district', 'town', 'village')", name="level"),
        CheckConstraint("ends_on IS NULL OR starts_on IS NULL OR ends_on >= starts_on", name="dates"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    joint: Mapped[str]
    level: Mapped[str]
    area_code: Mapped[str | None] = mapped_column(index=True)
    stage: Mapped[str] = mapped_column(default="proposed", server_default="proposed")
    lead_unit_id: Mapped[int | None] = mapped_column(ForeignKey("member_unit.id"), index=True)
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    outcome: Mapped[str | None]
    # how many it reached: a count, never names
    people_served: Mapped[int | None]
    demand_id: Mapped[int | None] = mapped_column(ForeignKey("demand.id"), index=True)
    place_level: Mapped[str | None]


add_metre_twin(Project)


class ProjectPartner(Base):
    """A unit that takes part in a project beside the one that leads it."""

    __tablename__ = "project_partner"
    __table_args__ = (CheckConstraint("part IN ('partner', 'support')", name="part"),)

    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("member_unit.id", ondelete="CASCADE"), primary_key=True, index=True)
    part: Mapped[str] = mapped_column(default="partner", server_default="partner")


class ProjectEvent(Base):
    """What happened to a project, appended and never edited; `seq` counts from 1 without a gap."""

    __tablename__ = "project_event"
    __table_args__ = (UniqueConstraint("project_id", "seq"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    seq: Mapped[int]
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    action: Mapped[str]
    from_stage: Mapped[str | None]
    to_stage: Mapped[str | None]
    actor: Mapped[str]
    note: Mapped[str | None]


class ResourceKind(Base):
    """A kind of resource that demands ask for and units offer (free clinic, hall, parking …)."""

    __tablename__ = "resource_kind"

    code: Mapped[str] = mapped_column(primary_key=True)
    name_zh: Mapped[str] = mapped_column(unique=True)
    name_en: Mapped[str] = mapped_column(unique=True)


class Resource(Placed, Stamped, Base):
    """Something a unit lends to others (a hall, a free clinic, parking at night); drawn at the unit without a place.

    `kind`, `capacity` and `available` are the provider's own words; `kind_code`, `capacity_count` (people or places at
    a time), `hours` (OpenStreetMap's notation) and the days it is offered are what demands are matched by, each null
    where nobody told it. `audience` says for whom.
    """

    __tablename__ = "resource"
    __table_args__ = (
        CheckConstraint("valid_to IS NULL OR valid_from IS NULL OR valid_to > valid_from", name="span"),
        CheckConstraint("capacity_count > 0", name="capacity_count"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[str | None]
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("member_unit.id"), index=True)
    capacity: Mapped[str | None]
    available: Mapped[str | None]
    kind_code: Mapped[str | None] = mapped_column(ForeignKey("resource_kind.code"), index=True)
    audience: Mapped[str | None]
    capacity_count: Mapped[int | None]
    hours: Mapped[str | None]
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    place_level: Mapped[str | None]


add_metre_twin(Resource)


class Demand(Placed, Stamped, Base):
    """What an area asks for: how many people it is for, and the days between which it is needed.

    Without a place of its own it is drawn in the middle of its area.
    """

    __tablename__ = "demand"
    __table_args__ = (
        CheckConstraint("level IN ('district', 'town', 'village')", name="level"),
        CheckConstraint("state IN ('open', 'matched', 'met', 'withdrawn')", name="state"),
        CheckConstraint("people > 0", name="people"),
        CheckConstraint("needed_until IS NULL OR needed_from IS NULL OR needed_until >= needed_from", name="days"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind_code: Mapped[str] = mapped_column(ForeignKey("resource_kind.code"), index=True)
    level: Mapped[str]
    area_code: Mapped[str] = mapped_column(index=True)
    details: Mapped[str | None]
    audience: Mapped[str | None]
    people: Mapped[int | None]
    needed_from: Mapped[date | None]
    needed_until: Mapped[date | None]
    state: Mapped[str] = mapped_column(default="open", server_default="open", index=True)
    posted_by: Mapped[str]
    posted_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    place_level: Mapped[str | None]


add_metre_twin(Demand)


class JointMatch(Base):
    """A demand and a resource brought together: with the reasons as they were, who decided, and what came of it."""

    __tablename__ = "joint_match"
    __table_args__ = (
        UniqueConstraint("demand_id", "resource_id"),
        CheckConstraint("state IN ('proposed', 'accepted', 'declined')", name="state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    demand_id: Mapped[int] = mapped_column(ForeignKey("demand.id", ondelete="CASCADE"))
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id", ondelete="CASCADE"), index=True)
    state: Mapped[str] = mapped_column(default="proposed", server_default="proposed")
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list, server_default=text("'[]'"))
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"), index=True)
    note: Mapped[str | None]
    decided_by: Mapped[str]
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
