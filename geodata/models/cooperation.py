"""What units do together: joint projects, and resources they share."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from geodata.models.base import Base, Placed, Stamped, add_metre_twin

# The six joints (六联), in the trade's order: party building, governance, civility, welfare, culture, people.
JOINTS = ("party_building", "governance", "civility", "welfare", "culture", "talent")

STAGES = ("proposed", "agreed", "running", "done", "stopped")


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
    place_level: Mapped[str | None]


add_metre_twin(Project)


class Resource(Placed, Stamped, Base):
    """Something a unit lends to others (a hall, a free clinic, parking at night); drawn at the unit without a place."""

    __tablename__ = "resource"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[str | None]
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("member_unit.id"), index=True)
    capacity: Mapped[str | None]
    available: Mapped[str | None]
    place_level: Mapped[str | None]


add_metre_twin(Resource)
