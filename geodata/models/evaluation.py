"""Evaluation (评价激励): what each index weighs, and the figures of a period as they were frozen."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, UniqueConstraint, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from geodata.models.base import OPEN_START, Base

SUBJECTS = ("unit", "village", "town")
_SUBJECT = "subject IN ('unit', 'village', 'town')"


class IndexWeight(Base):
    """How much an index counts in the evaluation of units, villages or towns, from day to day."""

    __tablename__ = "index_weight"
    __table_args__ = (
        UniqueConstraint("subject", "index", "valid_from"),
        CheckConstraint(_SUBJECT, name="subject"),
        CheckConstraint("weight >= 0", name="weight"),
        CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="span"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str]
    index: Mapped[str]
    weight: Mapped[float]
    valid_from: Mapped[date] = mapped_column(default=OPEN_START)
    valid_to: Mapped[date | None]


class EvaluationRun(Base):
    """An evaluation as it was published: its period, the weights it used, who froze it and when."""

    __tablename__ = "evaluation_run"
    __table_args__ = (CheckConstraint(_SUBJECT, name="subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str]
    period: Mapped[str] = mapped_column(index=True)
    weights: Mapped[dict[str, float]] = mapped_column(JSONB)
    actor: Mapped[str]
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class EvaluationRow(Base):
    """One unit or area of a run: each index with numerator, denominator and points, the sum (0..100) and the rank."""

    __tablename__ = "evaluation_row"

    run_id: Mapped[int] = mapped_column(ForeignKey("evaluation_run.id", ondelete="CASCADE"), primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    figures: Mapped[dict[str, Any]] = mapped_column(JSONB)
    score: Mapped[float | None]
    rank: Mapped[int | None]
