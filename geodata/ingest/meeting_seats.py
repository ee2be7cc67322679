"""Units at meetings: their seats, and whether they came."""

from collections.abc import Sequence

from geodata.ingest.cells import flag, one_of
from geodata.ingest.columns import Field
from geodata.ingest.kinds import Job, Kind, Record
from geodata.ingest.seats import POSITION_WORDS
from geodata.models import MeetingSeat


def _fields(job: Job) -> tuple[Field, ...]:
    return (
        Field("meeting", job.references.meeting, ("会议编码", "会议", "meeting_code"), required=True),
        Field("unit", job.references.unit, ("单位编码", "单位", "单位名称", "unit_code"), required=True),
        Field("position", one_of(POSITION_WORDS), ("席位", "职务", "身份")),
        Field("attended", flag, ("到会", "是否到会", "出席", "came")),
    )


def _finish(records: Sequence[Record], _job: Job) -> None:
    for record in records:
        cells = record.cells
        record.values = {"meeting_id": cells["meeting"], "unit_id": cells["unit"].id}
        if "position" in cells:
            record.values["position"] = cells["position"] or "member"
        if "attended" in cells:
            record.values["attended"] = cells["attended"]


MEETING_SEATS = Kind(
    name="meeting_seats",
    title_zh="会议到会",
    title_en="units at meetings",
    model=MeetingSeat,
    fields=_fields,
    key=("meeting_id", "unit_id"),
    finish=_finish,
)
