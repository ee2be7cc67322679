"""Membership of units on the three levels."""

from collections.abc import Mapping, Sequence
from typing import Any

from geodata.ingest.cells import day
from geodata.ingest.columns import Field
from geodata.ingest.kinds import Job, Kind, Record
from geodata.ingest.named_areas import named_area
from geodata.ingest.spans import refuse_overlaps
from geodata.ingest.spellings import AREA, LEVEL
from geodata.models import OPEN_START, Membership


def _fields(job: Job) -> tuple[Field, ...]:
    return (
        Field("unit", job.references.unit, ("单位", "单位编码", "单位名称", "unit_code", "unit_name"), required=True),
        LEVEL,
        AREA,
        Field("valid_from", day, ("开始日期", "加入日期", "from")),
        Field("valid_to", day, ("结束日期", "退出日期", "to")),
    )


def _finish(records: Sequence[Record], job: Job) -> None:
    names = {}
    for record in records:
        cells = record.cells
        area = named_area(record, job)
        since, until = cells.get("valid_from") or OPEN_START, cells.get("valid_to")
        if until is not None and until <= since:
            job.problem(record, "valid_to", f"it ends before it begins, on {since}", until)
            continue
        if area is None:
            continue
        names[cells["unit"].id] = cells["unit"].name
        record.values = {"unit_id": cells["unit"].id, "level": area.level, "area_code": area.code}
        record.values |= {"valid_from": since, "valid_to": until}

    def of_whom(values: Mapping[str, Any]) -> str:
        return str(values.get("unit_name") or names.get(values["unit_id"], ""))

    within = ("unit_id", "level", "area_code")
    refuse_overlaps(records, job, job.references.memberships, within=within, of_whom=of_whom)


MEMBERSHIPS = Kind(
    name="memberships",
    title_zh="单位参与",
    title_en="memberships of units",
    model=Membership,
    fields=_fields,
    key=("unit_id", "level", "area_code", "valid_from"),
    finish=_finish,
)
