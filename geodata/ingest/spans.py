"""Times from a day to a last day; overlaps are told by row before the database refuses them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from geodata.ingest.cells import day
from geodata.ingest.columns import Field
from geodata.ingest.kinds import Job, Record
from geodata.models import OPEN_START

FIRST_DAY = Field("valid_from", day, ("开始日期", "起始日期", "任期开始", "生效日期", "自", "from", "since"))
LAST_DAY = Field("last_day", day, ("截止日期", "结束日期", "任期至", "至", "until", "to", "last"))


class Span(NamedTuple):
    """One time, until before `until`; `row` is None for what is stored already, `name` whose it is.

    It is of days, or of moments of one day by the district's clock.
    """

    since: date
    until: date | None
    row: int | None
    name: str

    def meets(self, other: "Span") -> bool:
        """Whether both hold on some day."""
        return (other.until is None or self.since < other.until) and (self.until is None or other.since < self.until)

    def told(self) -> str:
        """In words: of whom, of when, and from where it is known."""
        where = "stored already" if self.row is None else f"of row {self.row}"
        if isinstance(self.since, datetime):
            return f"{self.name} from {self.since:%Y-%m-%d %H:%M} to {self.until:%H:%M} ({where})".strip()
        first = "ever" if self.since == OPEN_START else self.since.isoformat()
        last = "on" if self.until is None else f"to {self.until - timedelta(days=1)}"
        return f"{self.name} from {first} {last} ({where})".strip()


def span_of(record: Record, job: Job) -> dict[str, Any] | None:
    """The columns `valid_from` and `valid_to` of a row; None, with a problem noted, where it ends before it begins."""
    since, last = record.cells.get("valid_from") or OPEN_START, record.cells.get("last_day")
    if last is not None and last < since:
        job.problem(record, "last_day", f"it ends before it begins, on {since}", last)
        return None
    return {"valid_from": since, "valid_to": None if last is None else last + timedelta(days=1)}


def refuse_overlaps(
    records: Sequence[Record],
    job: Job,
    stored: Iterable[Mapping[str, Any]],
    *,
    within: Sequence[str],
    of_whom: Callable[[Mapping[str, Any]], str] = lambda _values: "",
    when: Callable[[Mapping[str, Any]], tuple[date, date | None]] = lambda values: (
        values["valid_from"],
        values["valid_to"],
    ),
    field: str = "valid_from",
) -> None:
    """Note a problem for every row whose time overlaps another row's, or one that is stored and that no row replaces.

    within    the columns that two times must share to be in each other's way.
    of_whom   the name that a row (its values) or a stored time is told by.
    when      from when until before when a row or a stored time is; the days of its columns, unless told.
    field     where the problem is noted.
    """
    spans: dict[tuple[object, ...], list[Span]] = {}
    good = [record for record in records if record.values]
    replaced = {_key(job, record.values) for record in good}
    for values in stored:
        if _key(job, values) not in replaced:
            span = Span(*when(values), None, of_whom(values))
            spans.setdefault(tuple(values[name] for name in within), []).append(span)
    taken: set[tuple[object, ...]] = set()
    for record in good:
        values = record.values
        # the same key twice is told where records are brought together
        if (key := _key(job, values)) in taken:
            continue
        taken.add(key)
        span = Span(*when(values), record.row, of_whom(values))
        others = spans.setdefault(tuple(values[name] for name in within), [])
        if other := next((one for one in others if one.meets(span)), None):
            job.problem(record, field, f"it overlaps {other.told()}; there can be one at a time", record.values[field])
        others.append(span)


def _key(job: Job, values: Mapping[str, Any]) -> tuple[object, ...]:
    return tuple(values[name] for name in job.kind.key)
