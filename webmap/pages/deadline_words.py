"""How a deadline came about, in words, and how days and moments are said."""

from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from flask_babel import format_date
from flask_babel import gettext as _

from geodata.services.calendars import DayName, Span
from geodata.services.deadlines import Explanation
from webmap.languages import language, zone
from webmap.pages.ticket_words import limit

# More weekends than this are counted, not listed.
_MOST_LISTED = 3


class DeadlineTold(NamedTuple):
    """A deadline for `_deadline.html`: one sentence, and the same step by step as (what, value)."""

    sentence: str
    steps: list[tuple[str, str]]


def deadline_told(found: Explanation) -> DeadlineTold:
    """How a deadline came about, in words."""
    start = moment(found.started_at)
    how_long = limit(found.limit.amount, found.limit.unit)
    skipped, made_up, stood = _skipped(found.skipped), _made_up(found.made_up), _stood(found)
    end = moment(found.due_at) if found.due_at else _("open while the clock stands")
    if not found.is_by_todays_calendar and found.due_at:
        end = _("%(end)s, by the calendar of then", end=end)
    parts = [_("From %(start)s, %(limit)s", start=start, limit=how_long)]
    parts += [_("%(days)s not counted", days=days) for days in skipped]
    parts += [_("%(days)s counted", days=days) for days in made_up]
    parts += [_("clock stood %(times)s", times=times) for times in stood]
    parts.append(_("until %(end)s", end=end))
    between = _("; ")
    steps = [(_("Start"), start), (_("Time limit"), how_long)]
    steps += [(_("Not counted"), _(", ").join(skipped))] if skipped else []
    steps += [(_("Counted all the same"), _(", ").join(made_up))] if made_up else []
    steps += [(_("Clock stood"), _(", ").join(stood))] if stood else []
    steps.append((_("Deadline"), end))
    return DeadlineTold(between.join(parts), steps)


def moment(at: datetime) -> str:
    """A moment of the district's clock; the year only where it is another than this one."""
    return f"{day(at.date())} {at:%H:%M}"


def day(at: date) -> str:
    """A day; the year only where it is another than this one."""
    is_this_year = at.year == datetime.now(ZoneInfo(zone())).year
    return str(format_date(at, _("d MMM") if is_this_year else _("d MMM yyyy")))


def days(first: date, last: date) -> str:
    """Days on end."""
    if first == last:
        return day(first)
    if (first.year, first.month) == (last.year, last.month):
        whole = day(last)
        own = str(last.day)
        # the month stands before the days in one language and after them in the other
        head, _number, tail = whole.rpartition(own) if language() != "en" else whole.partition(own)
        return f"{head}{first.day}–{own}{tail}"
    return str(_("%(first)s to %(last)s", first=day(first), last=day(last)))


def name(words: DayName) -> str:
    """The name of a day in the reader's language."""
    return words.en if language() == "en" else words.zh


def _skipped(spans: tuple[Span, ...]) -> list[str]:
    off = [_named(span) for span in spans if span.kind == "off"]
    rest = [span for span in spans if span.kind == "rest"]
    if len(rest) > _MOST_LISTED:
        return [*off, _("%(count)s weekly days of rest", count=sum(span.days for span in rest))]
    listed = _(", ").join(days(span.first, span.last) for span in rest)
    return [*off, _("%(days)s (days of rest)", days=listed)] if rest else off


def _made_up(spans: tuple[Span, ...]) -> list[str]:
    return [_named(span) for span in spans]


def _named(span: Span) -> str:
    said = name(span.name)
    dates = days(span.first, span.last)
    return _("%(days)s (%(name)s)", days=dates, name=said) if said else dates


def _stood(found: Explanation) -> list[str]:
    return [
        _("from %(begin)s to %(end)s", begin=moment(begin), end=moment(end))
        if end
        else _("since %(begin)s", begin=moment(begin))
        for begin, end in found.pauses
    ]
