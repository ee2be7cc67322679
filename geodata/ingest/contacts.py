"""Whom to call in an area (沟通联系): by topic a role and its telephone; names of people are not asked for."""

from collections.abc import Sequence

from geodata.ingest.cells import hours, text
from geodata.ingest.columns import Field
from geodata.ingest.kinds import Job, Kind, Record
from geodata.ingest.named_areas import named_area
from geodata.ingest.spellings import AREA, LEVEL
from geodata.models import AreaContact


def _fields(_job: Job) -> tuple[Field, ...]:
    return (
        LEVEL,
        AREA,
        Field("topic", text, ("事项", "联系事项", "业务", "事由", "matter"), required=True),
        Field("role", text, ("联系岗位", "岗位", "联络岗位", "联系部门", "部门", "post"), required=True),
        Field("phone", text, ("电话", "值班电话", "办公电话", "联系电话", "telephone", "duty_phone")),
        Field("hours", hours, ("时间", "接听时间", "办公时间", "服务时间", "opening_hours")),
    )


def _finish(records: Sequence[Record], job: Job) -> None:
    for record in records:
        cells = record.cells
        area = named_area(record, job)
        if area is None:
            continue
        record.values = {"level": area.level, "area_code": area.code, "topic": cells["topic"], "role": cells["role"]}
        record.values |= {name: cells[name] for name in ("phone", "hours") if name in cells}


CONTACTS = Kind(
    name="contacts",
    title_zh="沟通联系",
    title_en="contacts of areas",
    model=AreaContact,
    fields=_fields,
    key=("level", "area_code", "topic", "role"),
    finish=_finish,
)
