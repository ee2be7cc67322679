"""Filing rules, limits and warnings in force for a town on a day; running clocks as their calendar moves them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, exists, or_, select, text
from sqlalchemy.orm import Session

from geodata.models import FilingRule, StageClock, StageLimit, Ticket, WarningStep

# Any number will do that nothing else of ours locks.
_CALENDAR_LOCK = 4_213_112


class RunningClock(NamedTuple):
    """A clock that has not been stopped, with what its deadline follows from; `ticket_due_at` is the ticket's own."""

    id: int
    ticket_id: int
    number: str
    title: str
    town_code: str | None
    stage: str
    amount: float
    unit: str
    started_at: datetime
    pauses: list[Any]
    due_at: datetime | None
    ticket_due_at: datetime | None


class NewDeadline(NamedTuple):
    """What a clock's deadline becomes; `with_ticket` where it is the deadline of the ticket as well."""

    clock_id: int
    ticket_id: int
    due_at: datetime | None
    with_ticket: bool


def filing_rules(session: Session, *, category: str, town_code: str | None, day: date) -> Sequence[FilingRule]:
    """The rules of a category that hold in a town on a day: the town's own where there are any, else the district's."""
    wanted = (
        select(FilingRule)
        .where(
            FilingRule.category_code == category,
            FilingRule.town_code.in_(["", town_code or ""]),
            *_on(FilingRule, day),
        )
        .order_by(FilingRule.town_code.desc(), FilingRule.rank, FilingRule.code, FilingRule.id)
    )
    found = session.scalars(wanted).all()
    return [rule for rule in found if rule.town_code == found[0].town_code]


def rules_of(session: Session, *, town_code: str, day: date) -> Sequence[FilingRule]:
    """All rules that the district ('') or a town has of its own on a day, by category, rank and code."""
    wanted = (
        select(FilingRule)
        .where(FilingRule.town_code == town_code, *_on(FilingRule, day))
        .order_by(FilingRule.category_code, FilingRule.rank, FilingRule.code, FilingRule.id)
    )
    return session.scalars(wanted).all()


def rule_versions(
    session: Session, *, category: str | None = None, towns: Sequence[str] | None = None
) -> Sequence[FilingRule]:
    """Every version of the rules of a category (None: all) in the district ('') and towns (None: all).

    By category, town and code, the oldest version first.
    """
    wanted = select(FilingRule)
    if category is not None:
        wanted = wanted.where(FilingRule.category_code == category)
    if towns is not None:
        wanted = wanted.where(FilingRule.town_code.in_(towns))
    return session.scalars(
        wanted.order_by(FilingRule.category_code, FilingRule.town_code, FilingRule.code, FilingRule.valid_from)
    ).all()


def is_filed_under(session: Session, rule_id: int) -> bool:
    """Whether any ticket has been filed under a version of a rule."""
    return session.scalar(select(exists().where(Ticket.rule_id == rule_id))) or False


def stage_limit(session: Session, *, stage: str, town_code: str | None, day: date) -> StageLimit | None:
    """The limit of a stage in a town on a day, its own before the district's; None for no limit."""
    wanted = (
        select(StageLimit)
        .where(
            StageLimit.stage == stage,
            StageLimit.town_code.in_(["", town_code or ""]),
            *_on(StageLimit, day),
        )
        .order_by(StageLimit.town_code.desc(), StageLimit.id)
        .limit(1)
    )
    return session.scalars(wanted).first()


def limit_versions(session: Session, *, stage: str, town_code: str) -> Sequence[StageLimit]:
    """Every version of the limit that the district ('') or a town has of its own for a stage, the oldest first."""
    wanted = select(StageLimit).where(StageLimit.stage == stage, StageLimit.town_code == town_code)
    return session.scalars(wanted.order_by(StageLimit.valid_from)).all()


def warning_steps(session: Session, *, town_code: str | None) -> Sequence[WarningStep]:
    """The steps of every stage in a town: of each stage the town's own where there are any, else the district's.

    By stage, share and whom.
    """
    wanted = (
        select(WarningStep)
        .where(WarningStep.town_code.in_(["", town_code or ""]))
        .order_by(WarningStep.stage, WarningStep.share, WarningStep.whom, WarningStep.id)
    )
    found = session.scalars(wanted).all()
    own = {step.stage for step in found if step.town_code}
    return [step for step in found if bool(step.town_code) == (step.stage in own)]


# A version that somebody sets in between, or a file brings, ends the one before it on its own first day.
_CLOSE_VERSIONS = text("""
    UPDATE filing_rule AS r
       SET valid_to = later.begins
      FROM (SELECT id,
                   LEAD(valid_from) OVER (PARTITION BY category_code, town_code, code ORDER BY valid_from) AS begins
              FROM filing_rule) AS later
     WHERE later.id = r.id
       AND later.begins IS NOT NULL
       AND (r.valid_to IS NULL OR r.valid_to > later.begins)
""")


def close_versions(session: Session) -> None:
    """End each version of a rule on the day on which the next begins."""
    session.execute(_CLOSE_VERSIONS)


_HOLD_CALENDAR = text("SELECT pg_advisory_xact_lock_shared(:number)")
_TAKE_CALENDAR = text("SELECT pg_advisory_xact_lock(:number)")


def hold_calendar(session: Session) -> None:
    """Let nobody change the calendar until this transaction ends; waits while somebody does."""
    session.execute(_HOLD_CALENDAR, {"number": _CALENDAR_LOCK})


def take_calendar(session: Session) -> None:
    """Have the calendar for this transaction alone: waits for all that count time, and makes the next ones wait."""
    session.execute(_TAKE_CALENDAR, {"number": _CALENDAR_LOCK})


# In working time alone: what runs always, no calendar moves.
def running_in_working_time(session: Session, *, since: datetime | None = None) -> list[RunningClock]:
    """Clocks that have not been stopped and whose limit is in working time, also those that stand, by id.

    With `since` only those that are due then or later, or stand.
    """
    wanted = (
        select(
            StageClock.id,
            StageClock.ticket_id,
            Ticket.number,
            Ticket.title,
            Ticket.town_code,
            StageClock.stage,
            StageClock.amount,
            StageClock.unit,
            StageClock.started_at,
            StageClock.pauses,
            StageClock.due_at,
            Ticket.due_at.label("ticket_due_at"),
        )
        .join(Ticket, Ticket.id == StageClock.ticket_id)
        .where(StageClock.stopped_at.is_(None), StageClock.unit.in_(["working_hours", "working_days"]))
        .order_by(StageClock.id)
    )
    if since is not None:
        wanted = wanted.where(or_(StageClock.due_at.is_(None), StageClock.due_at >= since))
    return [RunningClock(*row) for row in session.execute(wanted)]


_SET_DEADLINES = text("""
    WITH moved AS (
        SELECT *
          FROM unnest(CAST(:clocks AS bigint[]), CAST(:tickets AS bigint[]),
                      CAST(:dues AS timestamptz[]), CAST(:flags AS boolean[]))
            AS m (clock_id, ticket_id, due_at, with_ticket)
    ), told AS (
        UPDATE stage_clock AS c
           SET due_at = m.due_at
          FROM moved AS m
         WHERE c.id = m.clock_id
    )
    UPDATE ticket AS t
       SET due_at = m.due_at
      FROM moved AS m
     WHERE t.id = m.ticket_id
       AND m.with_ticket
""")


def set_deadlines(session: Session, moved: Sequence[NewDeadline]) -> None:
    """Write new deadlines of clocks, and of the tickets whose deadline they are."""
    session.execute(
        _SET_DEADLINES,
        {
            "clocks": [one.clock_id for one in moved],
            "tickets": [one.ticket_id for one in moved],
            "dues": [one.due_at for one in moved],
            "flags": [one.with_ticket for one in moved],
        },
    )


def _on(model: type[FilingRule] | type[StageLimit], day: date) -> tuple[ColumnElement[bool], ...]:
    return model.valid_from <= day, or_(model.valid_to.is_(None), model.valid_to > day)
