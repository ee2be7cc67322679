"""The figures by which towns are compared, each with the list of exactly the tickets behind it."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from flask_babel import gettext as _

from geodata.queries.ticket_filter import OPEN_GROUPS
from geodata.services.dashboard import Days, Town

OPEN = {"state": ",".join(sorted(OPEN_GROUPS))}

Value = Callable[[Town], float | None]
Asked = Callable[[Days], Mapping[str, str]]


class Figure(NamedTuple):
    """One column of the comparison.

    value    of a town, None where there is nothing to tell.
    asked    conditions of the list of the tickets behind it.
    unit     stands in the head; `digits` after the point.
    beside   what a cell says beside its figure: of how many.
    """

    name: str
    title: str
    value: Value
    asked: Asked
    unit: str = ""
    digits: int = 0
    beside: Callable[[Town], str] | None = None


def figures() -> list[Figure]:
    """The columns in their order: what is there now, then how it went lately."""
    return [
        Figure("open", _("Tickets open"), lambda town: town.figures.open, _always(**OPEN)),
        Figure("late", _("Overdue"), lambda town: town.figures.late, _always(desk="late")),
        Figure("assign", _("To be assigned"), lambda town: town.figures.to_assign, _always(desk="assign")),
        Figure("check", _("To be checked"), lambda town: town.figures.to_check, _always(desk="check")),
        Figure("density", _("Open on 100 ha"), lambda town: town.density, _always(**OPEN), digits=1),
        Figure("week", _("Closed this week"), lambda town: town.figures.closed_week, _this_week),
        Figure("month", _("Closed this month"), lambda town: town.figures.closed_month, _this_month),
        Figure("ontime", _("In time"), lambda town: town.in_time, _lately(due="late,ontime"), "%", 1, _of_due),
        Figure("rework", _("With rework"), lambda town: town.reworked, _lately(desk="reworked"), "%", 1, _reworked),
        Figure("returns", _("With returns"), lambda town: town.bounced, _lately(desk="bounced"), "%", 1, _bounced),
        Figure("dispatch", _("To dispatch, median"), lambda town: town.figures.dispatch_h, _lately(), _("h"), 1),
        Figure("done", _("To done, median"), lambda town: town.figures.done_h, _lately(), _("h"), 1),
    ]


def _always(**conditions: str) -> Asked:
    return lambda _days: conditions


def _lately(**conditions: str) -> Asked:
    return lambda days: {"closed_since": days.lately.isoformat(), **conditions}


def _this_week(days: Days) -> Mapping[str, str]:
    return {"closed_since": days.week.isoformat()}


def _this_month(days: Days) -> Mapping[str, str]:
    return {"closed_since": days.month.isoformat()}


def _of_due(town: Town) -> str:
    return f"{town.figures.in_time}/{town.figures.in_time + town.figures.too_late}"


def _reworked(town: Town) -> str:
    return f"{town.figures.reworked}/{town.figures.closed}"


def _bounced(town: Town) -> str:
    return f"{town.figures.bounced}/{town.figures.closed}"
