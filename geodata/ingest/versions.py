"""From when until before when a row's version of a record holds, and what no file may rewrite.

A row without `valid_from` says what holds from today on: where it says what holds already, nothing changes, and else
today's version ends and another begins. So the file that an export wrote may be edited and taken in again.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from geodata.ingest.cells import day
from geodata.ingest.columns import Field
from geodata.ingest.kinds import Job, Record
from geodata.validity import V, begun, holding

SPAN = (
    Field("valid_from", day, ("生效日期", "起始日期", "since")),
    Field("valid_to", day, ("失效日期", "截止日期")),
)


def span_of(
    record: Record, versions: Sequence[V], job: Job, *, values: Mapping[str, Any]
) -> tuple[date, date | None] | None:
    """From when until before when what the row says holds; None, and a problem, where that would rewrite the past.

    versions   all that the record has; `values` what the row says, by column.
    """
    first, last = _days(record, versions, job, values)
    return None if _is_out_of_time(record, versions, job, values, first=first, last=last) else (first, last)


def _days(record: Record, versions: Sequence[V], job: Job, values: Mapping[str, Any]) -> tuple[date, date | None]:
    told: date | None = record.cells.get("valid_from")
    same = holding(versions, job.today) if told is None else begun(versions, told)
    if told is None and (same is None or _differ(same, values)):
        return job.today, record.cells.get("valid_to")
    first = told or (same.valid_from if same else job.today)
    if "valid_to" in record.cells and (told is not None or record.cells["valid_to"] is not None):
        return first, record.cells["valid_to"]
    return first, same.valid_to if same else None


def _is_out_of_time(
    record: Record, versions: Sequence[V], job: Job, values: Mapping[str, Any], *, first: date, last: date | None
) -> bool:
    """Whether the row would rewrite what tickets were handled under, or ends before it begins: a problem then."""
    if last is not None and last <= first:
        job.problem(record, "valid_to", f"it must be after the first day, {first}", last)
        return True
    same = begun(versions, first)
    if first >= job.today or not versions:
        return False
    if same is None or _differ(same, values):
        reason = "the past stays as it was: leave the day empty to change the rule from today on, or give a later day"
        job.problem(record, "valid_from", reason, first)
        return True
    if last != same.valid_to and last is not None and last < job.today:
        job.problem(record, "valid_to", "the past stays as it was: give today or a later day", last)
        return True
    return False


def _differ(version: V, values: Mapping[str, Any]) -> bool:
    return any(getattr(version, name) != value for name, value in values.items())
