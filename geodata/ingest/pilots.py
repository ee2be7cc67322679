"""Pilot areas (试点): where something is tried out first, and from when to when."""

from collections.abc import Sequence

from geodata.ingest.cells import text
from geodata.ingest.columns import Field
from geodata.ingest.kinds import Job, Kind, Record
from geodata.ingest.named_areas import named_area
from geodata.ingest.spans import FIRST_DAY, LAST_DAY, refuse_overlaps, span_of
from geodata.ingest.spellings import AREA, LEVEL
from geodata.models import PilotArea


def _fields(_job: Job) -> tuple[Field, ...]:
    return (
        LEVEL,
        Field("area_code", text, (*AREA.headings, "试点区域", "试点居村", "试点街镇", "试点"), required=True),
        Field("note", text, ("试点内容", "试点任务", "说明", "备注")),
        FIRST_DAY,
        LAST_DAY,
    )


def _finish(records: Sequence[Record], job: Job) -> None:
    for record in records:
        area, span = named_area(record, job), span_of(record, job)
        if area is None or span is None:
            continue
        record.values = {"level": area.level, "area_code": area.code, **span}
        if "note" in record.cells:
            record.values["note"] = record.cells["note"]
    refuse_overlaps(records, job, job.references.pilots, within=("level", "area_code"))


PILOTS = Kind(
    name="pilots",
    title_zh="试点",
    title_en="pilot areas",
    model=PilotArea,
    fields=_fields,
    key=("level", "area_code", "valid_from"),
    finish=_finish,
)
