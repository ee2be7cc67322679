"""The governance list as pages and choices need it: categories, kinds of unit, and who answers for what."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from geodata.models import Category, DutyRule, UnitKind


def categories(session: Session) -> list[Category]:
    """All categories by code."""
    return list(session.scalars(select(Category).order_by(Category.code)))


def unit_kinds(session: Session) -> list[UnitKind]:
    """All kinds of unit by code."""
    return list(session.scalars(select(UnitKind).order_by(UnitKind.code)))


def handled_by(session: Session, kind: str, *, town_code: str | None) -> list[Category]:
    """Categories that units of a kind handle in a town (None: by the district's list alone), by code."""
    wanted = (
        select(Category)
        .join(DutyRule, DutyRule.category_code == Category.code)
        .where(DutyRule.unit_kind == kind, DutyRule.role == "handle", DutyRule.town_code.in_(["", town_code or ""]))
        .distinct()
        .order_by(Category.code)
    )
    return list(session.scalars(wanted))
