"""Filing rules and limits in force for a town on a day."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from geodata.models import FilingRule, StageLimit


def filing_rules(session: Session, *, category: str, town_code: str | None, day: date) -> Sequence[FilingRule]:
    """The rules of a category that hold in a town on a day: the town's own where there are any, else the district's."""
    wanted = (
        select(FilingRule)
        .where(
            FilingRule.category_code == category,
            FilingRule.town_code.in_(["", town_code or ""]),
            FilingRule.valid_from <= day,
            (FilingRule.valid_to.is_(None)) | (FilingRule.valid_to > day),
        )
        .order_by(FilingRule.town_code.desc(), FilingRule.rank, FilingRule.code, FilingRule.id)
    )
    found = session.scalars(wanted).all()
    return [rule for rule in found if rule.town_code == found[0].town_code]


def stage_limit(session: Session, *, stage: str, town_code: str | None, day: date) -> StageLimit | None:
    """The limit of a stage in a town on a day, its own before the district's; None for no limit."""
    wanted = (
        select(StageLimit)
        .where(
            StageLimit.stage == stage,
            StageLimit.town_code.in_(["", town_code or ""]),
            StageLimit.valid_from <= day,
            (StageLimit.valid_to.is_(None)) | (StageLimit.valid_to > day),
        )
        .order_by(StageLimit.town_code.desc(), StageLimit.id)
        .limit(1)
    )
    return session.scalars(wanted).first()
