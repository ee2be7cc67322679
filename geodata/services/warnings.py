"""Warnings while a clock runs: at each step of the table, to whom the table says, and once.

After a long sleep several steps may have been reached: each of those who are to hear hears of the highest, and the
ones below count as told. A clock that stands warns nobody.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby

from sqlalchemy.orm import Session

from geodata.queries import notices
from geodata.queries import warnings as queries
from geodata.queries.notices import Warned
from geodata.queries.warnings import NearStep
from geodata.services.calendars import calendar
from geodata.services.clocks import pauses_from
from geodata.worktime import Limit, elapsed


def warn(session: Session, *, now: datetime | None = None) -> int:
    """Warn of all steps that running clocks have reached; returns how many warnings went out.

    Any number of processes may do this at the same time: each step goes out once.
    """
    moment = now or datetime.now(UTC)
    reached = _reached(session, queries.nearly_reached(session, now=moment), moment)
    if not reached:
        return 0
    mine = queries.mark(session, reached, at=moment)
    highest = [list(steps)[-1] for _, steps in groupby(reached, key=lambda one: (one.clock_id, one.whom))]
    told = [
        one
        for one in highest
        if (one.clock_id, one.share, one.whom) in mine and (one.told is None or one.share > one.told)
    ]
    if told:
        notices.warn(session, [Warned(one.ticket_id, one.whom, _facts(one)) for one in told], at=moment)
    return len(told)


def _reached(session: Session, steps: Sequence[NearStep], moment: datetime) -> list[NearStep]:
    """Those of the steps that have been reached, in the same order; a clock's share is worked out once."""
    found: list[NearStep] = []
    days = calendar(session)
    for _, group in groupby(steps, key=lambda one: one.clock_id):
        of_clock = list(group)
        first = of_clock[0]
        limit = Limit(first.amount, first.unit)
        used = elapsed(first.started_at, moment, limit, days, pauses_from(first.pauses))
        found += [one for one in of_clock if used >= one.share]
    return found


def _facts(step: NearStep) -> dict[str, object]:
    return {"stage": step.stage, "share": step.share, "due_at": step.due_at.astimezone(UTC).isoformat()}
