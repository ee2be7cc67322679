"""The clocks of a ticket's stages: started, stopped, paused and resumed by its moves.

A clock copies its limit when it starts, so that a changed rule rewrites no running deadline; when it is due follows
from start, limit, calendar and pauses alone (`geodata.worktime.deadline`). The ticket's own `due_at` is that of its
handling clock. A deadline that came with the report, from another system, is kept as it is and no clock of ours runs
beside it.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from geodata.models import FilingRule, StageClock, Ticket
from geodata.queries import rules as queries
from geodata.queries import warnings
from geodata.services.calendars import calendar
from geodata.services.installation import installation
from geodata.worktime import Limit, Pause, deadline, elapsed

HANDLE = "handle"


def run(
    session: Session,
    held: Ticket,
    effects: Sequence[str],
    *,
    at: datetime,
    facts: Mapping[str, Any] | None = None,
    known: list[StageClock] | None = None,
) -> list[StageClock] | None:
    """Do to the clocks of a ticket that this transaction holds what a move of `workflow.MOVES` says, in its order.

    facts   of the event; `extend:handle` adds its `amount` to the limit.
    known   what the move before this one in the same transaction returned.

    Returns all clocks of the ticket, the oldest first, where a move has had to do with them yet.
    """
    if not effects:
        return known
    if known is None:
        known = clocks_of(session, held)
    _run(session, held, effects, at=at, facts=facts or {}, known=known)
    return known


def run_many(session: Session, tickets: Sequence[Ticket], effects: Sequence[str], *, at: datetime) -> None:
    """Do the same to the clocks of many tickets that are stored; all are read at once, and nothing written out yet."""
    known: dict[int, list[StageClock]] = {each.id: [] for each in tickets}
    wanted = select(StageClock).where(StageClock.ticket_id.in_(known)).order_by(StageClock.id)
    limits: _Limits = {}
    queries.hold_calendar(session)
    with session.no_autoflush:
        for clock in session.scalars(wanted):
            known[clock.ticket_id].append(clock)
        for each in tickets:
            _run(session, each, effects, at=at, facts={}, known=known[each.id], limits=limits)


def _run(
    session: Session,
    held: Ticket,
    effects: Sequence[str],
    *,
    at: datetime,
    facts: Mapping[str, Any],
    known: list[StageClock],
    limits: "_Limits | None" = None,
) -> None:
    """The effects one after another; `known` are all clocks of the ticket, to which those made are added."""
    for effect in effects:
        verb, _, stage = effect.partition(":")
        if verb == "start":
            _start(session, held, stage, at, known=known, limits={} if limits is None else limits)
        elif verb == "resume":
            _resume(session, held, stage, at, known)
        else:
            for clock in _going(known, stage):
                _CHANGE[verb](clock, at, facts)
                _settle(session, held, clock)
                if verb == "extend":
                    _warn_again(session, clock, at)


def begin(session: Session, made: Sequence[Ticket]) -> None:
    """Start the first clock of tickets that have just been reported and have none."""
    queries.hold_calendar(session)
    limits: _Limits = {}
    for each in made:
        limit = _limit(session, each, "verify", each.reported_at, limits)
        if limit is not None:
            _add(session, each, "verify", limit, each.reported_at)
    session.flush()


def running(session: Session, held: Ticket, stage: str = "*") -> list[StageClock]:
    """Clocks of a ticket that have not been stopped, also those that stand, the oldest first; of one stage, or all."""
    wanted = select(StageClock).where(StageClock.ticket_id == held.id, StageClock.stopped_at.is_(None))
    if stage != "*":
        wanted = wanted.where(StageClock.stage == stage)
    return list(session.scalars(wanted.order_by(StageClock.id)))


def take_over(session: Session, held: Ticket, other: Ticket) -> bool:
    """Let a ticket run by the handling clock of another, where that one is due earlier; whether it does.

    A deadline of the other that no clock of ours made is taken as it is.
    """
    session.flush()
    if other.due_at is None or (held.due_at is not None and held.due_at <= other.due_at):
        return False
    theirs = [clock for clock in running(session, other, HANDLE) if clock.due_at is not None]
    if not theirs:
        held.due_at = other.due_at
        return True
    for mine in running(session, held, HANDLE):
        mine.stopped_at = theirs[-1].started_at
    taken = StageClock(
        ticket_id=held.id,
        stage=HANDLE,
        amount=theirs[-1].amount,
        unit=theirs[-1].unit,
        started_at=theirs[-1].started_at,
        pauses=list(theirs[-1].pauses),
        stopped_at=None,
        from_ticket_id=other.id,
    )
    _settle(session, held, taken)
    session.add(taken)
    return True


def clocks_of(session: Session, held: Ticket) -> list[StageClock]:
    """All clocks that a ticket has had, the oldest first."""
    return list(session.scalars(select(StageClock).where(StageClock.ticket_id == held.id).order_by(StageClock.id)))


def pauses_of(clock: StageClock) -> list[Pause]:
    """The pauses of a clock as moments."""
    return pauses_from(clock.pauses)


def pauses_from(stored: Sequence[Any]) -> list[Pause]:
    """Pauses as a clock keeps them, as moments."""
    return [
        (datetime.fromisoformat(start), None if end is None else datetime.fromisoformat(end)) for start, end in stored
    ]


def limit_of(clock: StageClock) -> Limit:
    """The limit of a clock."""
    return Limit(clock.amount, clock.unit)


def _going(known: Sequence[StageClock], stage: str) -> list[StageClock]:
    return [clock for clock in known if clock.stopped_at is None and stage in {"*", clock.stage}]


def _start(
    session: Session, held: Ticket, stage: str, at: datetime, *, known: list[StageClock], limits: "_Limits"
) -> None:
    limit = _handling_limit(session, held, known) if stage == HANDLE else _limit(session, held, stage, at, limits)
    if limit is None:
        return
    for former in _going(known, stage):
        if former.from_ticket_id is not None:
            # whoever is waiting for the other ticket waits no longer for this one
            return
        former.stopped_at = at
    known.append(_add(session, held, stage, limit, at))


def _add(session: Session, held: Ticket, stage: str, limit: Limit, at: datetime) -> StageClock:
    clock = StageClock(
        ticket_id=held.id, stage=stage, amount=limit.amount, unit=limit.unit, started_at=at, pauses=[], stopped_at=None
    )
    _settle(session, held, clock)
    session.add(clock)
    return clock


def _resume(session: Session, held: Ticket, stage: str, at: datetime, known: Sequence[StageClock]) -> None:
    """Let the last clock of a stage go on where it stood: while it was stopped or paused it counts nothing."""
    found = [clock for clock in known if clock.stage == stage]
    if not found:
        return
    clock = found[-1]
    if clock.stopped_at is not None:
        clock.pauses = [*clock.pauses, [clock.stopped_at.isoformat(), at.isoformat()]]
        clock.stopped_at = None
    clock.pauses = [[start, end or at.isoformat()] for start, end in clock.pauses]
    _settle(session, held, clock)


def _stop(clock: StageClock, at: datetime, _facts: Mapping[str, Any]) -> None:
    clock.stopped_at = at
    clock.pauses = [[start, end or at.isoformat()] for start, end in clock.pauses]


def _pause(clock: StageClock, at: datetime, _facts: Mapping[str, Any]) -> None:
    clock.pauses = [*clock.pauses, [at.isoformat(), None]]


def _extend(clock: StageClock, _at: datetime, facts: Mapping[str, Any]) -> None:
    clock.amount += float(facts["amount"])


def _warn_again(session: Session, clock: StageClock, at: datetime) -> None:
    """With more time, steps that had been reached lie ahead once more."""
    session.flush()
    used = elapsed(clock.started_at, at, limit_of(clock), calendar(session), pauses_of(clock))
    warnings.forget_above(session, clock.id, used)


_CHANGE = {"stop": _stop, "pause": _pause, "extend": _extend}


def _settle(session: Session, held: Ticket, clock: StageClock) -> None:
    clock.due_at = deadline(clock.started_at, limit_of(clock), calendar(session), pauses_of(clock))
    if clock.stage == HANDLE:
        held.due_at = clock.due_at


# Limits of stages in towns on days that have been looked up already.
_Limits: TypeAlias = dict[tuple[str, str | None, date], Limit | None]


def _limit(session: Session, held: Ticket, stage: str, at: datetime, limits: _Limits) -> Limit | None:
    """The limit of a stage other than handling."""
    key = (stage, held.town_code, day_of(session, at))
    if key not in limits:
        found = queries.stage_limit(session, stage=stage, town_code=held.town_code, day=key[-1])
        limits[key] = None if found is None or found.amount is None else Limit(found.amount, found.unit)
    return limits[key]


def _handling_limit(session: Session, held: Ticket, known: Sequence[StageClock]) -> Limit | None:
    rule = session.get(FilingRule, held.rule_id) if held.rule_id is not None else None
    if rule is None:
        return None
    if held.due_at is not None and not any(clock.stage == HANDLE for clock in known):
        return None
    return Limit(rule.amount, rule.unit)


def day_of(session: Session, moment: datetime) -> date:
    """The district's day of a moment."""
    return moment.astimezone(ZoneInfo(installation(session).timezone)).date()
