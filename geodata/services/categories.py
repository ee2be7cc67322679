"""The governance list as pages and choices need it: categories, kinds of unit, and who answers for what."""

from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from geodata.models import Category, UnitKind
from geodata.queries import duty_list
from geodata.services.clocks import day_of


def categories(session: Session) -> list[Category]:
    """All categories by code."""
    return list(session.scalars(select(Category).order_by(Category.code)))


def unit_kinds(session: Session) -> list[UnitKind]:
    """All kinds of unit by code."""
    return list(session.scalars(select(UnitKind).order_by(UnitKind.code)))


def handled_by(session: Session, kind: str, *, town_code: str | None) -> list[Category]:
    """Categories that units of a kind handle today in a town (None: by the district's list), by code."""
    day = day_of(session, datetime.now(UTC))
    codes = duty_list.handled_by(session, kind, town_code=town_code or "", day=day)
    return [category for category in categories(session) if category.code in codes]
