"""What is said about indices: periods, levels, parts, and how a figure has changed, in the reader's language."""

from typing import NamedTuple

from babel.dates import format_skeleton
from flask_babel import get_locale
from flask_babel import gettext as _

from geodata.queries import indices as queries
from geodata.queries.index_conditions import NO_KEY, IndexPart
from geodata.queries.indices import Figure, Named
from geodata.services.index_tables import Line
from geodata.services.indices import Index, Words, index
from geodata.services.periods import KINDS, Period, period_of
from webmap.languages import language
from webmap.records import current_session, district


def of(asked: Index) -> Words:
    """The words of an index."""
    return asked.words(language())


def kinds() -> dict[str, str]:
    """The kinds of period."""
    return dict(zip(KINDS, (_("Week"), _("Month"), _("Quarter"), _("Year")), strict=True))


def levels() -> dict[str, str]:
    """What the rows of a table may be, in the plural."""
    return {
        "town": _("Towns"),
        "village": _("Villages"),
        "post": _("Posts"),
        "unit": _("Units"),
        "category": _("Kinds of issue"),
    }


def level(name: str) -> str:
    """The heading of a column that names the rows of a level."""
    known = {
        "town": _("Town"),
        "village": _("Village"),
        "post": _("Post"),
        "unit": _("Unit"),
        "category": _("Kind of issue"),
    }
    return str(known.get(name, _("District")))


def period(asked: Period) -> str:
    """A period as one says it."""
    year, since = asked.since.year, asked.since
    if asked.kind == "week":
        year, number, _day = since.isocalendar()
        return str(_("week %(number)s of %(year)s", number=number, year=year))
    if asked.kind == "month":
        return str(format_skeleton("yMMMM", since, locale=get_locale()))
    if asked.kind == "quarter":
        return str(_("quarter %(number)s of %(year)s", number=(since.month + 2) // 3, year=year))
    if asked.kind == "year":
        return str(_("the year %(year)s", year=year))
    return str(_("%(since)s to %(until)s", since=since.isoformat(), until=asked.until.isoformat()))


def last(asked: Period) -> str:
    """What the period before one is called."""
    known = {
        "week": _("the week before"),
        "month": _("the month before"),
        "quarter": _("the quarter before"),
        "year": _("the year before"),
    }
    return str(known.get(asked.kind, _("the days before")))


def parts(asked: Index) -> dict[str, str]:
    """What the parts of an index hold, in a few words."""
    words = of(asked)
    return {
        "numerator": words.counted,
        "denominator": words.of_which,
        "rest": _("all but “%(what)s”", what=words.counted),
        "excluded": _("left out"),
    }


def name(row: Named, level_: str) -> str:
    """What a row is called."""
    if row.of == NO_KEY:
        return without(level_)
    if not row.of:
        return str(_("Together"))
    return row.name_en if language() == "en" else row.name_zh


def without(level_: str) -> str:
    """What tickets without a code on a level are called."""
    known = {
        "town": _("place not known"),
        "village": _("no village"),
        "post": _("in no duty grid"),
        "unit": _("no unit"),
        "category": _("no kind"),
    }
    return str(known[level_])


def share(figure: Figure) -> str:
    """A share in per cent; a dash where there is nothing to divide by."""
    return "–" if figure.share is None else f"{100 * figure.share:.1f}\u00a0%"


def change(line: Line) -> str:
    """How a share has changed since the period before, in words; empty where one of the two is missing."""
    grown = line.change
    if grown is None:
        return ""
    points = f"{abs(100 * grown):.1f}"
    if points == "0.0":
        return str(_("as before"))
    up = _("up %(points)s points", points=points)
    return str(up if grown > 0 else _("down %(points)s points", points=points))


def verdict(line: Line) -> str:
    """Whether the change is a good one; empty where there is none to speak of."""
    if line.is_better is None or f"{abs(100 * (line.change or 0)):.1f}" == "0.0":
        return ""
    return str(_("better") if line.is_better else _("worse"))


def direction(asked: Index) -> str:
    """Which way is good."""
    return str(_("The higher, the better.") if asked.good == "high" else _("The lower, the better."))


class Told(NamedTuple):
    """The figure of an index that tickets are behind: in one line, and the parts one may turn to, by id and title."""

    said: str
    part: str
    parts: dict[str, str]


def told(part: IndexPart) -> Told:
    """What a list says of the figure it opens."""
    return Told(said(part), part.part, parts(index(part.index)))


def said(part: IndexPart) -> str:
    """The tickets of a figure, for a chip: which index, which part, whose, and when."""
    asked = index(part.index)
    days = period(period_of(part.since, part.until))
    return " · ".join([of(asked).name, parts(asked)[part.part], whose(part.level, part.of), days])


def whose(level_: str, of_: str) -> str:
    """What a code on a level is called; the district's name for the district."""
    if level_ == "district":
        return district().name
    if of_ == NO_KEY:
        return without(level_)
    rows = queries.names(current_session(), level_, codes=[of_], areas=[of_])
    return next((name(row, level_) for row in rows if row.of == of_), of_)
