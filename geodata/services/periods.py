"""Periods that figures are told of: weeks from Monday, months, quarters, years, or any run of days."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from geodata.errors import BadSetting

KINDS = ("week", "month", "quarter", "year")
DAYS = "days"

_WORD = re.compile(r"(\d{4})(?:-(?:W(\d{2})|Q([1-4])|(\d{2})))?", re.ASCII)
_RUN = re.compile(r"(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})", re.ASCII)
WANTED = "a period like 2026-02, 2026-W07, 2026-Q1, 2026 or 2026-02-03..2026-02-16"

# Nobody counts earlier or later tickets, and every period must have one before and one after it.
FIRST_YEAR, LAST_YEAR = 1980, 2200


@dataclass(frozen=True)
class Period:
    """Days of the district's calendar from `since` to `until`, both included; `kind` is of KINDS, or DAYS."""

    kind: str
    since: date
    until: date

    @property
    def word(self) -> str:
        """The period as addresses and files name it; `period` reads it back."""
        year, since = self.since.year, self.since
        if self.kind == "week":
            year, week, _ = since.isocalendar()
            return f"{year}-W{week:02}"
        if self.kind == "month":
            return f"{year}-{since.month:02}"
        if self.kind == "quarter":
            return f"{year}-Q{(since.month + 2) // 3}"
        return str(year) if self.kind == "year" else f"{since.isoformat()}..{self.until.isoformat()}"

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.until - self.since).days + 1

    def previous(self) -> "Period":
        """The period of the same kind just before; of a run of days, as many days."""
        if self.kind == DAYS:
            return Period(DAYS, self.since - timedelta(days=self.days), self.since - timedelta(days=1))
        return containing(self.kind, self.since - timedelta(days=1))

    def following(self) -> "Period":
        """The period of the same kind just after."""
        if self.kind == DAYS:
            return Period(DAYS, self.until + timedelta(days=1), self.until + timedelta(days=self.days))
        return containing(self.kind, self.until + timedelta(days=1))

    def up_to(self, count: int) -> "list[Period]":
        """So many periods in a row that end with this one, the oldest first."""
        found = [self]
        while len(found) < count and found[0].since.year > FIRST_YEAR:
            found.insert(0, found[0].previous())
        return found


def containing(kind: str, day: date) -> Period:
    """The week, month, quarter or year of a day."""
    if kind == "week":
        monday = day - timedelta(days=day.weekday())
        return Period(kind, monday, monday + timedelta(days=6))
    months = {"month": 1, "quarter": 3, "year": 12}[kind]
    first = day.replace(month=(day.month - 1) // months * months + 1, day=1)
    beyond = first.year * 12 + first.month - 1 + months
    return Period(kind, first, date(beyond // 12, beyond % 12 + 1, 1) - timedelta(days=1))


def run_of_days(since: date, until: date) -> Period:
    """Any run of days. Raises BadSetting for one that ends before it begins, or lies where no period may."""
    found = Period(DAYS, since, until)
    if since > until or not FIRST_YEAR <= since.year <= until.year < LAST_YEAR or found.days > 366 * 20:
        raise BadSetting("period", found.word, WANTED)
    return found


def period_of(since: date, until: date) -> Period:
    """The week, month, quarter or year that these days are, else the run of them; raises as `run_of_days` does."""
    run = run_of_days(since, until)
    whole = (containing(kind, since) for kind in KINDS)
    return next((each for each in whole if (each.since, each.until) == (since, until)), run)


def period(word: str) -> Period:
    """The period of a word. Raises BadSetting with the spellings there are."""
    run, match = _RUN.fullmatch(word), _WORD.fullmatch(word)
    try:
        if run:
            return run_of_days(date.fromisoformat(run[1]), date.fromisoformat(run[2]))
        if match is None or not FIRST_YEAR <= int(match[1]) < LAST_YEAR:
            raise BadSetting("period", word, WANTED)
        year, week, quarter, month = int(match[1]), match[2], match[3], match[4]
        if week:
            return containing("week", date.fromisocalendar(year, int(week), 1))
        if quarter:
            return containing("quarter", date(year, 3 * int(quarter), 1))
        return containing("month", date(year, int(month), 1)) if month else containing("year", date(year, 1, 1))
    except ValueError as error:
        raise BadSetting("period", word, WANTED) from error


def last_whole(kind: str, today: date) -> Period:
    """The newest period of a kind that is over."""
    return containing(kind, today).previous()
