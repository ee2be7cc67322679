"""Pledges: what units promise, by code, or by name and unit."""

import re
from collections.abc import Sequence

from geodata.formats.table import Value
from geodata.ingest.cells import day, hours, positive, text
from geodata.ingest.codes import code_or_made, tell_made_codes
from geodata.ingest.columns import Field
from geodata.ingest.kinds import Job, Kind, Record
from geodata.ingest.named_areas import named_area
from geodata.ingest.places import given_point
from geodata.ingest.spellings import ACCURACY, ADDRESS, AREA, LEVEL, coded, named
from geodata.models import OPEN_START, Pledge

_PLAIN = ("radius_m", "hours", "address", "valid_to")


def _fields(job: Job) -> tuple[Field, ...]:
    def categories(value: Value) -> list[str]:
        parts = [part for part in re.split(r"[、,，;；\s]+", text(value)) if part]
        return sorted({job.references.category(part) for part in parts})

    return (
        named("承诺", "pledge_name", "pledge"),
        coded("承诺", "pledge_code"),
        Field("unit", job.references.unit, ("单位", "单位编码", "单位名称", "unit_code", "unit_name"), required=True),
        Field("category_codes", categories, ("问题类别", "类别", "类别编码", "category", "categories")),
        LEVEL,
        AREA,
        Field("radius_m", positive, ("半径", "范围米数", "radius")),
        Field("hours", hours, ("时段", "时间", "开放时间")),
        Field("valid_from", day, ("开始日期", "from")),
        Field("valid_to", day, ("结束日期", "to")),
        ADDRESS,
        ACCURACY,
    )


def _finish(records: Sequence[Record], job: Job) -> None:
    for record in records:
        cells = record.cells
        unit = cells["unit"]
        code = code_or_made(record, "L", cells["name"], unit.code)
        record.values = {"code": code, "name": cells["name"], "unit_id": unit.id}
        record.values |= {column: cells[column] for column in _PLAIN if column in cells}
        if "category_codes" in cells:
            record.values["category_codes"] = cells["category_codes"] or []
        record.values["valid_from"] = cells.get("valid_from") or OPEN_START
        if not _reaches(record, job):
            continue
        record.values |= given_point(record, job)
    if "valid_from" not in job.fields:
        job.only_new.add("valid_from")
    tell_made_codes(job, sum(not record.cells.get("code") for record in records), "pledges", "name and unit")


def _reaches(record: Record, job: Job) -> bool:
    """Note the area of a row that names one; False where it names none that there is, or reaches nothing."""
    cells = record.cells
    level = area = None
    if cells.get("area_code") or cells.get("level"):
        found = named_area(record, job)
        if found is None:
            return False
        level, area = found
    elif cells.get("category_codes") and cells.get("radius_m") is None:
        job.problem(record, "radius_m", "say how many metres it reaches, or the area it is for", "")
        return False
    if cells.get("valid_to") is not None and cells["valid_to"] <= record.values["valid_from"]:
        job.problem(record, "valid_to", f"it must be after the first day, {record.values['valid_from']}")
        return False
    if job.fields & {"level", "area_code"}:
        record.values |= {"level": level, "area_code": area}
    return True


PLEDGES = Kind(
    name="pledges",
    title_zh="单位承诺",
    title_en="pledges",
    model=Pledge,
    fields=_fields,
    key=("code",),
    finish=_finish,
    shape="point",
)
