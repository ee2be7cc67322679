"""Policies of assignment: those in force, and how they followed one another."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from geodata.models import AssignmentPolicy

# Two who change the policy of a town at once must see each other's change; until then there may be no row to hold.
HOLD = text("SELECT pg_advisory_xact_lock(hashtext('assignment_policy'), hashtext(:town_code))")


def in_force(session: Session, *, at: datetime, town_code: str | None = None) -> Sequence[AssignmentPolicy]:
    """Policies that hold at a moment, by town, the district's own ('') first; with `town_code` that town's and its."""
    wanted = select(AssignmentPolicy).where(
        AssignmentPolicy.valid_from <= at, (AssignmentPolicy.valid_to.is_(None)) | (AssignmentPolicy.valid_to > at)
    )
    if town_code is not None:
        wanted = wanted.where(AssignmentPolicy.town_code.in_(["", town_code]))
    return session.scalars(wanted.order_by(AssignmentPolicy.town_code, AssignmentPolicy.id)).all()


def of_town(session: Session, town_code: str) -> Sequence[AssignmentPolicy]:
    """All policies that a town, or the district ('') itself, has had, the newest first."""
    wanted = select(AssignmentPolicy).where(AssignmentPolicy.town_code == town_code)
    return session.scalars(wanted.order_by(AssignmentPolicy.valid_from.desc(), AssignmentPolicy.id.desc())).all()


def hold(session: Session, town_code: str) -> None:
    """Let nobody else change the policies of a town until this transaction ends."""
    session.execute(HOLD, {"town_code": town_code})
