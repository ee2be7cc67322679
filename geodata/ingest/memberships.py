"""Membership of units on the three levels."""

from collections.abc import Sequence

from geodata.ingest.cells import code, day, one_of
from geodata.ingest.columns import Field
from geodata.ingest.kinds import Job, Kind, Record
from geodata.models import OPEN_START, Membership

_LEVELS = {
    **dict.fromkeys(("district", "区", "区级"), "district"),
    **dict.fromkeys(("town", "街镇", "街镇级", "镇", "街道"), "town"),
    **dict.fromkeys(("village", "居村", "居村级", "村居", "村", "居委"), "village"),
}


def _fields(job: Job) -> tuple[Field, ...]:
    return (
        Field("unit", job.references.unit, ("单位", "单位编码", "单位名称", "unit_code", "unit_name"), required=True),
        Field("level", one_of(_LEVELS), ("层级", "级别"), required=True),
        Field("area_code", code, ("区域编码", "区域", "area"), required=True),
        Field("valid_from", day, ("开始日期", "加入日期", "from")),
        Field("valid_to", day, ("结束日期", "退出日期", "to")),
    )


def _finish(records: Sequence[Record], job: Job) -> None:
    for record in records:
        cells = record.cells
        if cells["area_code"] not in {area.code for area in job.references.areas(cells["level"])}:
            job.problem(record, "area_code", f"there is no {cells['level']} of this code today")
            continue
        record.values = {
            "unit_id": cells["unit"].id,
            "level": cells["level"],
            "area_code": cells["area_code"],
            "valid_from": cells.get("valid_from") or OPEN_START,
            "valid_to": cells.get("valid_to"),
        }


MEMBERSHIPS = Kind(
    name="memberships",
    title_zh="单位参与",
    title_en="memberships of units",
    model=Membership,
    fields=_fields,
    key=("unit_id", "level", "area_code", "valid_from"),
    finish=_finish,
)
