"""Filing rules (立案条件): the test, how long handling may take, the closing test.

Which versions rows make and which they may not touch is told in `geodata.ingest.versions`.
"""

import re
from collections.abc import Sequence
from typing import Any

from geodata.formats.table import Value
from geodata.ingest.cells import CellRefused, count, flag, one_of, positive, text
from geodata.ingest.columns import Field
from geodata.ingest.kinds import Job, Kind, Record
from geodata.ingest.spellings import TOWN_CODE, coded
from geodata.ingest.versions import SPAN, span_of
from geodata.models import FilingRule
from geodata.validity import holding

# More than anybody waits for, and within what calendars can count.
LARGEST_AMOUNT = 1000.0
LONGEST_TEXT = 500
# The first spelling of each is the one that exports write.
UNITS: dict[str, tuple[str, ...]] = {
    "urgent_hours": ("紧急小时", "紧急工作时", "紧急工作小时", "小时"),
    "working_hours": ("工作小时", "工作时"),
    "working_days": ("工作日", "个工作日"),
    "natural_days": ("自然日", "日历日", "天"),
}
_UNIT = one_of({word: unit for unit, words in UNITS.items() for word in (unit, *words)})

# What a new version takes from the one before where the file has no column for it.
_INHERITED: dict[str, Any] = {"rank": None, "needs_photo": False}


def _amount(value: Value) -> float:
    found = positive(value)
    if found > LARGEST_AMOUNT:
        raise CellRefused(f"it must be at most {LARGEST_AMOUNT:g}")
    return found


def _rank(value: Value) -> int:
    found = count(value)
    if not 1 <= found <= 999:
        raise CellRefused("it must be a whole number from 1 to 999")
    return found


def rule_code(value: Value) -> str:
    """The number of a filing rule. A checker: raises CellRefused."""
    found = text(value)
    if not re.fullmatch(r"[0-9A-Za-z]{1,20}", found):
        raise CellRefused("write 1 to 20 letters or digits")
    return found


def _sentence(value: Value) -> str:
    found = text(value)
    if len(found) > LONGEST_TEXT:
        raise CellRefused(f"{len(found)} characters, and {LONGEST_TEXT} are the limit")
    return found


def fields(job: Job) -> tuple[Field, ...]:
    """What a row may tell."""
    return (
        Field("category_code", job.references.category, ("类别编码", "类别", "category", "事项"), required=True),
        # for whoever reads the file; the code says it
        Field("category_name", text, ("类别名称",)),
        TOWN_CODE,
        Field("code", rule_code, ("编号", *coded("立案条件").headings), required=True),
        Field("rank", _rank, ("顺序", "排序")),
        Field("condition_zh", _sentence, ("立案条件", "condition"), required=True),
        Field("condition_en", _sentence, ("立案条件（英文）",)),
        Field("closing_zh", _sentence, ("结案条件", "结案标准", "closing"), required=True),
        Field("closing_en", _sentence, ("结案条件（英文）",)),
        Field("amount", _amount, ("时限", "处置时限", "limit"), required=True),
        Field("unit", _UNIT, ("时限单位", "单位"), required=True),
        Field("needs_photo", flag, ("需要照片", "是否拍照")),
        Field("source", _sentence, ("来源", "依据")),
        *SPAN,
    )


def _finish(records: Sequence[Record], job: Job) -> None:
    towns = {area.code for area in job.references.areas("town")}
    ranks: dict[tuple[str, str], int] = {}
    for record in records:
        town = record.cells.get("town_code") or ""
        if town and town not in towns:
            job.problem(record, "town_code", "there is no town of this code today")
            continue
        key = (record.cells["category_code"], town, record.cells["code"])
        versions = job.references.rule_versions.get(key, [])
        values = _said(record, job, holding(versions, record.cells.get("valid_from") or job.today))
        if values["rank"] is None:
            values["rank"] = ranks[key[:2]] = ranks.get(key[:2], _last_rank(job, key[:2])) + 1
        span = span_of(record, versions, job, values=values)
        if span is None:
            continue
        record.values = dict(zip(("category_code", "town_code", "code"), key, strict=True))
        record.values |= {**values, "valid_from": span[0], "valid_to": span[1]}


def _said(record: Record, job: Job, former: FilingRule | None) -> dict[str, Any]:
    """What the row says; what it has no column for is as before."""
    cells = record.cells
    values: dict[str, Any] = {name: cells[name] for name in ("condition_zh", "closing_zh", "amount", "unit")}
    for name in ("condition", "closing"):
        same = former is not None and getattr(former, f"{name}_zh") == values[f"{name}_zh"]
        kept = getattr(former, f"{name}_en") if same and f"{name}_en" not in cells else None
        values[f"{name}_en"] = cells.get(f"{name}_en") or kept or values[f"{name}_zh"]
    for name, otherwise in _INHERITED.items():
        before = otherwise if former is None else getattr(former, name)
        told = cells.get(name)
        values[name] = before if told is None else told
    if "source" in cells:
        values["source"] = cells["source"]
    else:
        is_same = former is not None and all(getattr(former, name) == value for name, value in values.items())
        values["source"] = former.source if former is not None and is_same else job.source
    return values


def _last_rank(job: Job, key: tuple[str, str]) -> int:
    found = [
        version.rank
        for known, versions in job.references.rule_versions.items()
        if known[:2] == key
        for version in versions
    ]
    return max(found, default=0)


FILING_RULES = Kind(
    name="filing_rules",
    title_zh="立案条件",
    title_en="filing rules",
    model=FilingRule,
    fields=fields,
    key=("category_code", "town_code", "code", "valid_from"),
    finish=_finish,
)
