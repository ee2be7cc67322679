"""When the moves of a made-up ticket come: in the working time of its own limit, each later than the one before."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from numpy.random import Generator

from geodata.worktime import Calendar, Limit, Pause, deadline, elapsed, moment_of_share

# What an office takes for one of its own moves.
OFFICE = Limit(2.0, "working_hours")
SOON = timedelta(hours=24)
_LEAST = timedelta(minutes=1)


@dataclass(frozen=True)
class Act:
    """One thing that happens to a ticket; `verb` is a move of `workflow.MOVES`, `who` one of the sample users.

    photos  kinds of the pictures that somebody takes.
    """

    verb: str
    who: str
    at: datetime
    reason: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    photos: tuple[str, ...] = ()


class Course:
    """The acts of one ticket so far, and the clock by which the next ones come.

    limit     of handling. Its clock starts with `start`, or runs from the report where another system set the limit.
    rule      code of the rule to file it under where that is not the first of its category; it goes by the desk then.
    """

    def __init__(
        self,
        rng: Generator,
        calendar: Calendar,
        reported_at: datetime,
        limit: Limit,
        *,
        rule: str | None = None,
        by_desk: bool = False,
        is_set: bool = False,
    ) -> None:
        self.rng = rng
        self.limit = limit
        self.rule = rule
        self.by_desk = by_desk
        self.acts: list[Act] = []
        self.last = reported_at
        self._calendar = calendar
        self._is_set = is_set
        self._since = reported_at if is_set else None
        self._pauses: list[Pause] = []

    def does(
        self,
        verb: str,
        who: str,
        at: datetime,
        *,
        reason: str | None = None,
        facts: Mapping[str, Any] | None = None,
        photos: tuple[str, ...] = (),
    ) -> None:
        """Add an act."""
        self.acts.append(Act(verb, who, at, reason, facts or {}, photos))
        self.last = at

    def start(self, at: datetime) -> None:
        """Let the clock of handling begin anew."""
        if not self._is_set:
            self._since, self._pauses = at, []

    def pause(self, at: datetime) -> None:
        """Let the clock stand."""
        self._pauses.append((at, None))

    def resume(self, at: datetime) -> None:
        """Let it go on."""
        self._pauses[-1] = (self._pauses[-1][0], at)

    def extend(self, amount: float) -> None:
        """Add to the limit."""
        self.limit = Limit(self.limit.amount + amount, self.limit.unit)

    def after(self, low: float, high: float) -> datetime:
        """A moment when another `low` to `high` of the limit is used up; counted from the last act without a clock."""
        since = self.last if self._since is None else self._since
        used = elapsed(since, self.last, self.limit, self._calendar, self._pauses)
        share = used + float(self.rng.uniform(low, high))
        found = moment_of_share(since, self.limit, self._calendar, round(share, 6), self._pauses)
        return self._later(found)

    def office(self, low: float = 0.1, high: float = 0.9, *, limit: Limit = OFFICE) -> datetime:
        """A moment when an office has taken that share of its own time since the last act."""
        share = round(float(self.rng.uniform(low, high)), 6)
        return self._later(moment_of_share(self.last, limit, self._calendar, share))

    def due_at(self) -> datetime | None:
        """When the limit runs out; None while no clock of handling runs."""
        if self._since is None:
            return None
        return deadline(self._since, self.limit, self._calendar, self._pauses)

    def used(self, now: datetime) -> float:
        """The share of the limit that is used up; 0 without a clock."""
        return 0.0 if self._since is None else elapsed(self._since, now, self.limit, self._calendar, self._pauses)

    def standing(self, now: datetime) -> str:
        """`late`, `soon`, `ontime` or `none`, as the lists say of an open ticket."""
        due = self.due_at()
        if due is None:
            return "none"
        return "late" if due < now else "soon" if due < now + SOON else "ontime"

    def _later(self, found: datetime | None) -> datetime:
        least = self.last + _LEAST
        return least if found is None else max(least, found.astimezone(least.tzinfo).replace(microsecond=0))
