"""What becomes of made-up tickets: some of everything that the trade knows, most of it done in time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from geodata.demo import words
from geodata.demo.courses import Course
from geodata.worktime import Limit

# Who is asked afterwards whether all is well, having told an office of it.
CALLERS = ("hotline", "resident", "higher_office", "media")

_DAYS = Limit(3.0, "working_days")
_T = TypeVar("_T")


@dataclass(frozen=True)
class Story:
    """A kind of life: so great a share of all tickets, and so many at least, however few there are.

    is_open   whether it goes on: its deadline stands as `standing` says, None where that does not matter.
    sources   whence such tickets come, empty for anywhere.
    days      how long ago an open one was reported, about: one of these.
    has_twin  whether another report of the same thing comes in meanwhile and is merged into it.
    """

    name: str
    tell: Callable[[Course], None]
    share: float
    least: int = 0
    is_open: bool = False
    standing: str | None = None
    sources: tuple[str, ...] = ()
    days: tuple[float, ...] = (0.15, 1.0, 4.0, 14.0)
    has_twin: bool = False


def _filed(c: Course) -> None:
    c.does("verify", "town", c.office(0.05, 0.4))
    c.does("file", "town", c.office(0.05, 0.4), facts={"rule": c.rule} if c.rule else {})


def _assigned(c: Course, who: str) -> None:
    c.does("assign", who, c.office(0.1, 0.6))
    c.start(c.last)


def _dispatched(c: Course) -> None:
    """Given to a unit by the program at once, or by the office after a look at it."""
    if c.by_desk:
        _filed(c)
        _assigned(c, "town")
    else:
        c.does("assign", "system", c.last)
        c.start(c.last)


def _accepted(c: Course) -> None:
    _dispatched(c)
    c.does("accept", "officer", c.after(0.04, 0.15))


def _handled(c: Course) -> None:
    _accepted(c)
    c.does("handle", "officer", c.after(0.04, 0.2))


def _done(c: Course, low: float = 0.1, high: float = 0.35) -> None:
    c.does("done", "officer", c.after(low, high), photos=("after",))


def _checked(c: Course) -> None:
    c.does("check", "checker", c.after(0.02, 0.12), facts={"metres": int(c.rng.integers(2, 35))})


def _closed(c: Course) -> None:
    _checked(c)
    c.does("close", "town", c.after(0.01, 0.08))


def _worked(c: Course) -> None:
    """All from the assignment to the end, in time."""
    _handled(c)
    _done(c)
    _closed(c)


def _late(c: Course) -> None:
    _handled(c)
    _done(c, 0.9, 1.6)
    _closed(c)


def _returned(c: Course) -> None:
    c.does("accept", "officer", c.after(0.04, 0.15))
    code, reason = _one(c, words.RETURNS)
    c.does("return", "officer", c.after(0.03, 0.15), reason=reason, facts={"code": code})


def _came_back(c: Course) -> None:
    """To the office of the town, from the unit that had it first."""
    _dispatched(c)
    _returned(c)


def _given_again(c: Course) -> None:
    _came_back(c)
    _assigned(c, "town")


def _worked_by_another(c: Course) -> None:
    _given_again(c)
    _rest(c)


def _rest(c: Course) -> None:
    """All from a later assignment to the end."""
    c.does("accept", "officer", c.after(0.04, 0.15))
    c.does("handle", "officer", c.after(0.04, 0.2))
    _done(c)
    _closed(c)


def _came_back_twice(c: Course) -> None:
    _given_again(c)
    _returned(c)


def _refereed(c: Course) -> None:
    _came_back_twice(c)
    _assigned(c, "district")
    _rest(c)


def _asked_longer(c: Course) -> None:
    _handled(c)
    amount = max(1.0, round(c.limit.amount / 2.0))
    reason = _one(c, words.EXTENSIONS)
    c.does("ask_extend", "officer", c.after(0.2, 0.35), reason=reason, facts={"amount": amount})


def _got_longer(c: Course) -> None:
    _asked_longer(c)
    c.does("grant_extend", "town", c.after(0.03, 0.1))
    c.extend(float(c.acts[-2].facts["amount"]))


def _worked_longer(c: Course) -> None:
    _got_longer(c)
    _done(c, 0.15, 0.3)
    _closed(c)


def _got_no_longer(c: Course) -> None:
    _asked_longer(c)
    c.does("refuse_extend", "town", c.after(0.03, 0.1), reason=_one(c, words.REFUSALS))
    _done(c, 0.05, 0.1)
    _closed(c)


def _asked_to_wait(c: Course) -> None:
    _handled(c)
    c.does("ask_suspend", "officer", c.after(0.1, 0.2), reason=_one(c, words.SUSPENSIONS))


def _waits(c: Course) -> None:
    _asked_to_wait(c)
    c.does("grant_suspend", "town", c.after(0.03, 0.1))
    c.pause(c.last)


def _waited(c: Course) -> None:
    _waits(c)
    c.does("resume", "officer", c.office(0.2, 1.0, limit=_DAYS))
    c.resume(c.last)
    _done(c, 0.1, 0.2)
    _closed(c)


def _supervised(c: Course) -> None:
    _handled(c)
    c.does("supervise", "district", c.after(0.2, 0.4), reason=_one(c, words.SUPERVISIONS))


def _answered(c: Course) -> None:
    _supervised(c)
    c.does("answer", "officer", c.after(0.02, 0.1), reason=_one(c, words.ANSWERS))


def _worked_under_supervision(c: Course) -> None:
    _answered(c)
    _done(c, 0.05, 0.15)
    _closed(c)


def _put_right(c: Course) -> None:
    """Found and put right at once, and looked at by somebody else."""
    c.does("self_handle", "officer", c.office(0.02, 0.2), reason=_one(c, words.PUT_RIGHT), photos=("before", "after"))
    c.does("check", "checker", c.office(0.1, 0.9), facts={"metres": int(c.rng.integers(2, 35))})
    c.does("close", "town", c.office(0.05, 0.5))


def _worked_again(c: Course) -> None:
    """Sent back by whoever checked it."""
    _handled(c)
    _done(c)
    _checked(c)
    c.does("rework", "checker", c.after(0.01, 0.05), reason=_one(c, words.REWORKS))


def _worked_twice(c: Course) -> None:
    _worked_again(c)
    _done(c, 0.1, 0.2)
    _closed(c)


def _waits_for_check(c: Course) -> None:
    _handled(c)
    _done(c)


def _is_checked(c: Course) -> None:
    _waits_for_check(c)
    _checked(c)


def _open_again(c: Course) -> None:
    _worked(c)
    c.does("reopen", "town", c.office(0.2, 1.0, limit=_DAYS), reason=_one(c, words.REOPENINGS))


def _closed_again(c: Course) -> None:
    _open_again(c)
    _assigned(c, "town")
    _rest(c)


def _cancelled(c: Course) -> None:
    c.does("verify", "town", c.office(0.05, 0.4))
    c.does("cancel", "town", c.office(0.1, 0.6), reason=_one(c, words.CANCELLATIONS))


def _chosen(c: Course) -> None:
    """The office knows better than the rule."""
    _dispatched(c)
    c.does("choose", "town", c.after(0.02, 0.08), reason=_one(c, words.CHOICES))
    c.start(c.last)
    _rest(c)


def _satisfied(c: Course) -> None:
    _worked(c)
    c.does("visit", "town", c.office(limit=_DAYS), facts={"satisfied": True})


def _unsatisfied(c: Course) -> None:
    _late(c)
    c.does("visit", "town", c.office(limit=_DAYS), facts={"satisfied": False})


def _appealed(c: Course) -> None:
    _late(c)
    c.does("appeal", "officer", c.office(limit=_DAYS), reason=_one(c, words.APPEALS))


def _excused(c: Course) -> None:
    _appealed(c)
    c.does("grant_appeal", "district", c.office(0.2, 0.9, limit=_DAYS), reason=_one(c, words.APPEALS_GRANTED))


def _not_excused(c: Course) -> None:
    _appealed(c)
    c.does("refuse_appeal", "district", c.office(0.2, 0.9, limit=_DAYS), reason=_one(c, words.APPEALS_REFUSED))


def _told_twice(c: Course) -> None:
    """Told of once more, by somebody else, while it is at work; the other report ends in this one."""
    _accepted(c)
    c.does("absorb", "town", c.after(0.05, 0.15))
    c.does("handle", "officer", c.after(0.04, 0.2))
    _done(c)
    _closed(c)


def _nothing(_c: Course) -> None:
    """Nobody has looked at it yet."""


def _one(c: Course, choices: Sequence[_T]) -> _T:
    return choices[int(c.rng.integers(len(choices)))]


# Whatever is left of all tickets.
USUAL = Story("worked", _worked, 1.0)
# The other report of a story with a twin.
MERGED = Story("merged", _nothing, 0.0)

STORIES: tuple[Story, ...] = (
    Story("late", _late, 0.09, 1),
    Story("returned", _worked_by_another, 0.045, 1),
    Story("refereed", _refereed, 0.01),
    Story("extended", _worked_longer, 0.03, 1),
    Story("not_extended", _got_no_longer, 0.01),
    Story("waited", _waited, 0.02),
    Story("supervised", _worked_under_supervision, 0.02, 1),
    Story("put_right", _put_right, 0.07, 1, sources=("patrol",)),
    Story("worked_twice", _worked_twice, 0.03, 1),
    Story("closed_again", _closed_again, 0.015, 1),
    Story("cancelled", _cancelled, 0.02, 1, sources=("hotline", "resident", "video")),
    Story("chosen", _chosen, 0.015),
    Story("satisfied", _satisfied, 0.06, 2, sources=CALLERS),
    Story("unsatisfied", _unsatisfied, 0.015, 1, sources=CALLERS),
    Story("excused", _excused, 0.01, 1),
    Story("not_excused", _not_excused, 0.006),
    Story("told_twice", _told_twice, 0.01, 1, has_twin=True),
    Story("new", _nothing, 0.016, 2, is_open=True, days=(0.05,)),
    Story("filed", _filed, 0.006, 1, is_open=True, sources=("hotline", "resident", "video"), days=(0.3,)),
    Story("dispatched_ontime", _dispatched, 0.006, 1, is_open=True, standing="ontime"),
    Story("dispatched_soon", _dispatched, 0.004, is_open=True, standing="soon"),
    Story("dispatched_late", _dispatched, 0.004, is_open=True, standing="late"),
    Story("accepted_ontime", _accepted, 0.005, is_open=True, standing="ontime"),
    Story("accepted_soon", _accepted, 0.004, 1, is_open=True, standing="soon"),
    Story("accepted_late", _accepted, 0.004, is_open=True, standing="late"),
    Story("handling_ontime", _handled, 0.01, 1, is_open=True, standing="ontime"),
    Story("handling_soon", _handled, 0.006, 1, is_open=True, standing="soon"),
    Story("handling_late", _handled, 0.008, 1, is_open=True, standing="late"),
    Story("done", _waits_for_check, 0.006, 1, is_open=True),
    Story("checking", _is_checked, 0.003, is_open=True),
    Story("asked_longer", _asked_longer, 0.004, 1, is_open=True, standing="soon"),
    Story("got_longer", _got_longer, 0.004, is_open=True, standing="ontime"),
    Story("asked_to_wait", _asked_to_wait, 0.003, is_open=True),
    Story("waits", _waits, 0.006, 1, is_open=True),
    Story("supervision", _supervised, 0.004, 1, is_open=True, standing="late"),
    Story("answered", _answered, 0.004, is_open=True, standing="late"),
    Story("came_back", _came_back, 0.004, is_open=True),
    Story("given_again", _given_again, 0.004, is_open=True),
    Story("came_back_twice", _came_back_twice, 0.003, 1, is_open=True),
    Story("worked_again", _worked_again, 0.004, is_open=True),
    Story("open_again", _open_again, 0.003, is_open=True),
    Story("appealed", _appealed, 0.003, 1, is_open=True),
)
