"""Shared resources: what units lend to others, by code, or by name and unit."""

from collections.abc import Sequence

from geodata.ingest.cells import CellRefused, count, day, hours, text
from geodata.ingest.codes import code_or_made, tell_made_codes
from geodata.ingest.columns import Field
from geodata.ingest.kinds import Job, Kind, Record
from geodata.ingest.places import given_point
from geodata.ingest.spellings import ACCURACY, ADDRESS, coded, named
from geodata.models import Resource

_UNIT_HEADINGS = ("提供单位", "所属单位", "单位", "单位名称", "提供单位编码", "unit_code", "unit_name", "provider")
# Free words beside what is matched by: "80人", "每周六上午" say more than a number or a rule would.
_PLAIN = (
    *("kind", "kind_code", "capacity", "capacity_count", "available", "hours", "audience", "valid_from", "valid_to"),
    "address",
)


def _fields(job: Job) -> tuple[Field, ...]:
    return (
        named("资源", "resource_name", "resource"),
        coded("资源", "resource_code"),
        Field("kind", text, ("类型", "资源类型", "类别", "type")),
        Field("kind_code", job.references.resource_kind, ("类型编码", "资源类型编码")),
        Field("unit", job.references.unit, _UNIT_HEADINGS),
        Field("capacity", text, ("容量", "规模", "容纳", "可容纳")),
        Field("capacity_count", count, ("容纳人数", "可容纳人数", "容量人数", "places")),
        Field("available", text, ("开放时间", "可用时间", "服务时间")),
        Field("hours", hours, ("开放规则", "opening_hours")),
        Field("audience", text, ("服务对象", "面向对象", "面向", "对象", "for_whom")),
        Field("valid_from", day, ("开始日期", "起始日期", "提供起始", "from")),
        Field("valid_to", day, ("结束日期", "终止日期", "提供截止", "to")),
        ADDRESS,
        ACCURACY,
    )


def _finish(records: Sequence[Record], job: Job) -> None:
    for record in records:
        cells = record.cells
        unit = cells.get("unit")
        code = code_or_made(record, "S", cells["name"], unit.code if unit else cells.get("address"))
        record.values = {"code": code, "name": cells["name"]}
        record.values |= {column: cells[column] for column in _PLAIN if column in cells}
        if "kind" in cells and "kind_code" not in cells:
            record.values["kind_code"] = _kind_named(cells["kind"], job)
        if "unit" in cells:
            record.values["unit_id"] = unit.id if unit else None
        if cells.get("capacity_count") == 0:
            job.problem(record, "capacity_count", "it must be 1 or more; leave it empty where nobody has told it")
        _check_days(record, job)
        record.values |= given_point(record, job)
    tell_made_codes(job, sum(not record.cells.get("code") for record in records), "resources", "name and unit")


def _kind_named(said: str | None, job: Job) -> str | None:
    """The code of the kind that the words name; None where they name none, and stay words."""
    try:
        return None if said is None else job.references.resource_kind(said)
    except CellRefused:
        return None


def _check_days(record: Record, job: Job) -> None:
    first, end = record.cells.get("valid_from"), record.cells.get("valid_to")
    if first is not None and end is not None and end <= first:
        job.problem(record, "valid_to", f"it ends before it begins, on {first}", end)


RESOURCES = Kind(
    name="resources",
    title_zh="共享资源",
    title_en="shared resources",
    model=Resource,
    fields=_fields,
    key=("code",),
    finish=_finish,
    shape="point",
)
