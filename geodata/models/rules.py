"""Under which conditions tickets are filed, how long each stage may take, and who is warned when."""

from datetime import date, datetime, time
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from geodata.models.base import OPEN_START, Base

_UNITS = "unit IN ('urgent_hours', 'working_hours', 'working_days', 'natural_days')"

STAGES_OF_WORK = ("verify", "dispatch", "accept", "handle", "check", "approve", "referee", "answer")
_STAGES = "stage IN ('verify', 'dispatch', 'accept', 'handle', 'check', 'approve', 'referee', 'answer')"


class FilingRule(Base):
    """A filing condition (立案条件) of a category: the test, how long handling may take, and the closing test.

    `town_code` is empty for the district's own; a town's stand before it. The rules of a category are tried in
    the order of `rank`; the first is taken where nobody chooses. A change ends the old row on its day and
    begins another: what runs keeps its limit.
    """

    __tablename__ = "filing_rule"
    __table_args__ = (
        UniqueConstraint("category_code", "town_code", "code", "valid_from"),
        CheckConstraint(_UNITS, name="unit"),
        CheckConstraint("amount > 0", name="amount"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    category_code: Mapped[str] = mapped_column(ForeignKey("category.code"))
    town_code: Mapped[str] = mapped_column(default="", server_default="")
    code: Mapped[str]
    rank: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    condition_zh: Mapped[str]
    condition_en: Mapped[str]
    closing_zh: Mapped[str]
    closing_en: Mapped[str]
    amount: Mapped[float]
    unit: Mapped[str]
    needs_photo: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    source: Mapped[str | None]
    valid_from: Mapped[date] = mapped_column(default=OPEN_START)
    valid_to: Mapped[date | None]


class StageLimit(Base):
    """How long a stage other than handling may take, for the district or a town; null amount is no limit."""

    __tablename__ = "stage_limit"
    __table_args__ = (
        UniqueConstraint("stage", "town_code", "valid_from"),
        CheckConstraint(_STAGES, name="stage"),
        CheckConstraint(_UNITS, name="unit"),
        CheckConstraint("amount > 0", name="amount"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    stage: Mapped[str]
    town_code: Mapped[str] = mapped_column(default="", server_default="")
    amount: Mapped[float | None]
    unit: Mapped[str]
    valid_from: Mapped[date] = mapped_column(default=OPEN_START)
    valid_to: Mapped[date | None]


class StageClock(Base):
    """One run of the clock of one stage of a ticket.

    Its limit is copied when it starts. `pauses` are pairs of moments, the second null while it stands;
    `due_at` follows from the rest by `geodata.worktime.deadline` and is null while it stands.
    """

    __tablename__ = "stage_clock"
    __table_args__ = (
        Index("ix_stage_clock_ticket_id_id", "ticket_id", "id"),
        Index("ix_stage_clock_running", "due_at", postgresql_where=text("stopped_at IS NULL")),
        CheckConstraint(_STAGES, name="stage"),
        CheckConstraint(_UNITS, name="unit"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"))
    stage: Mapped[str]
    amount: Mapped[float]
    unit: Mapped[str]
    started_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    pauses: Mapped[list[Any]] = mapped_column(JSONB, default=list, server_default=text("'[]'"))
    due_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    stopped_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    # taken over from a ticket that was merged into this one, because it is due earlier
    from_ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"))


class CalendarDay(Base):
    """A day off, or a make-up workday (调休) that has the hours of another weekday (1 Monday … 7 Sunday)."""

    __tablename__ = "calendar_day"
    __table_args__ = (CheckConstraint("as_weekday BETWEEN 1 AND 7", name="as_weekday"),)

    day: Mapped[date] = mapped_column(primary_key=True)
    is_workday: Mapped[bool]
    as_weekday: Mapped[int | None]
    name_zh: Mapped[str]
    name_en: Mapped[str]


class WorkingHours(Base):
    """A spell of work on a weekday (1 Monday … 7 Sunday), in the district's own time."""

    __tablename__ = "working_hours"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 1 AND 7", name="weekday"),
        CheckConstraint("closes > opens", name="spell"),
    )

    weekday: Mapped[int] = mapped_column(primary_key=True)
    opens: Mapped[time] = mapped_column(primary_key=True)
    closes: Mapped[time]


class WarningStep(Base):
    """Who hears when so much of a stage's time is used up (0.5 is half, 1 the deadline); `town_code` '' is all.

    `whom`: `unit`, `post`, `town_office`, `district` or `follower`.
    """

    __tablename__ = "warning_step"
    __table_args__ = (
        UniqueConstraint("stage", "town_code", "share", "whom"),
        CheckConstraint(_STAGES, name="stage"),
        CheckConstraint("share > 0", name="share"),
        CheckConstraint("whom IN ('unit', 'post', 'town_office', 'district', 'follower')", name="whom"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    stage: Mapped[str]
    town_code: Mapped[str] = mapped_column(default="", server_default="")
    share: Mapped[float]
    whom: Mapped[str]


class WarningSent(Base):
    """A warning that went out, so that it goes out once."""

    __tablename__ = "warning_sent"

    clock_id: Mapped[int] = mapped_column(ForeignKey("stage_clock.id", ondelete="CASCADE"), primary_key=True)
    share: Mapped[float] = mapped_column(primary_key=True)
    whom: Mapped[str] = mapped_column(primary_key=True)
    sent_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class ReturnReason(Base):
    """Why a unit may return a ticket (回退原因)."""

    __tablename__ = "return_reason"

    code: Mapped[str] = mapped_column(primary_key=True)
    name_zh: Mapped[str]
    name_en: Mapped[str]


class AssignmentPolicy(Base):
    """How units are chosen in a town ('' the whole district) from a moment on; a change ends the old row.

    `rank_order` and `weights` are those of `spatial.assign.Policy`.
    """

    __tablename__ = "assignment_policy"
    __table_args__ = (UniqueConstraint("town_code", "valid_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    town_code: Mapped[str] = mapped_column(default="", server_default="")
    max_distance_m: Mapped[float]
    rank_order: Mapped[list[str]] = mapped_column(JSONB)
    weights: Mapped[dict[str, float]] = mapped_column(JSONB, default=dict, server_default=text("'{}'"))
    note: Mapped[str | None]
    actor: Mapped[str]
    valid_from: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    valid_to: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
