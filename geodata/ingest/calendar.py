"""The working calendar: days off and make-up workdays (调休)."""

import re
from collections.abc import Sequence
from typing import Any

from geodata.formats.table import Value
from geodata.ingest.cells import CellRefused, day, one_of, text
from geodata.ingest.columns import Field
from geodata.ingest.kinds import Job, Kind, Record
from geodata.models import CalendarDay
from geodata.workyear import FIRST_YEAR, LAST_YEAR

_MONDAY = 1
# The first spelling is the one that exports write.
OFF, WORK = ("休", "off"), ("班", "work")
_KINDS = {
    **dict.fromkeys((*OFF, "休息", "放假", "节假日", "false", "0", "否"), "off"),
    **dict.fromkeys((*WORK, "上班", "补班", "调休上班", "true", "1", "是"), "work"),
}
_IS_WORKDAY = one_of(_KINDS)
_WEEKDAYS = "一二三四五六日"


def _is_workday(value: Value) -> bool:
    return bool(_IS_WORKDAY(value) == "work")


def _weekday(value: Value) -> int:
    word = text(value).removeprefix("星期").removeprefix("周")
    if word and word in _WEEKDAYS:
        return _WEEKDAYS.index(word) + 1
    if not re.fullmatch(r"[1-7]", word):
        raise CellRefused("write a weekday as 1 (Monday) to 7 (Sunday), or as 周一 to 周日")
    return int(word)


def fields(_job: Job | None = None) -> tuple[Field, ...]:
    """What a row may tell."""
    return (
        Field("day", day, ("日期", "date"), required=True),
        Field("is_workday", _is_workday, ("安排", "类型", "是否上班", "kind"), required=True),
        Field("as_weekday", _weekday, ("按星期", "按周几", "作息")),
        Field("name_zh", text, ("名称", "节日", "name", "holiday")),
        Field("name_en", text, ("英文名称",)),
    )


def day_values(*, is_workday: bool, as_weekday: int | None, name_zh: str | None, name_en: str | None) -> dict[str, Any]:
    """Columns of a named day; a name in one language does for both."""
    zh, en = name_zh or name_en, name_en or name_zh
    return {
        "is_workday": is_workday,
        "as_weekday": as_weekday if is_workday else None,
        "name_zh": zh or ("调休上班" if is_workday else "放假"),
        "name_en": en or ("workday" if is_workday else "day off"),
    }


def _finish(records: Sequence[Record], job: Job) -> None:
    working = job.references.working_weekdays
    for record in records:
        cells = record.cells
        if not FIRST_YEAR <= cells["day"].year <= LAST_YEAR:
            job.problem(record, "day", f"calendars go from {FIRST_YEAR} to {LAST_YEAR}")
            continue
        values = day_values(
            is_workday=cells["is_workday"],
            as_weekday=cells.get("as_weekday"),
            name_zh=cells.get("name_zh"),
            name_en=cells.get("name_en"),
        )
        like = values["as_weekday"] or _MONDAY
        if values["is_workday"] and working and like not in working:
            job.problem(record, "as_weekday", "this weekday has no hours of work", like)
            continue
        record.values = {"day": cells["day"], **values}


CALENDAR = Kind(
    name="calendar",
    title_zh="工作日历",
    title_en="working calendar",
    model=CalendarDay,
    fields=fields,
    key=("day",),
    finish=_finish,
)
