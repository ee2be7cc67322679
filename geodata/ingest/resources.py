"""Shared resources: what units lend to others, by code, or by name and unit."""

from collections.abc import Sequence

from geodata.ingest.cells import text
from geodata.ingest.codes import code_or_made, tell_made_codes
from geodata.ingest.columns import Field
from geodata.ingest.kinds import Job, Kind, Record
from geodata.ingest.places import given_point
from geodata.ingest.spellings import ACCURACY, ADDRESS, coded, named
from geodata.models import Resource

_UNIT_HEADINGS = ("提供单位", "所属单位", "单位", "单位名称", "提供单位编码", "unit_code", "unit_name", "provider")
# Free words: "80人", "每周六上午" say more than a number or a rule would.
_PLAIN = ("kind", "capacity", "available", "address")


def _fields(job: Job) -> tuple[Field, ...]:
    return (
        named("资源", "resource_name", "resource"),
        coded("资源", "resource_code"),
        Field("kind", text, ("类型", "资源类型", "类别", "type")),
        Field("unit", job.references.unit, _UNIT_HEADINGS),
        Field("capacity", text, ("容量", "规模", "容纳", "可容纳")),
        Field("available", text, ("开放时间", "可用时间", "服务时间", "opening_hours", "hours")),
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
        if "unit" in cells:
            record.values["unit_id"] = unit.id if unit else None
        record.values |= given_point(record, job)
    tell_made_codes(job, sum(not record.cells.get("code") for record in records), "resources", "name and unit")


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
