"""Seats of units in the meetings of an area: the three of a town (三会) and that of a village."""

from collections.abc import Mapping, Sequence
from typing import Any

from geodata.ingest.cells import one_of
from geodata.ingest.columns import Field
from geodata.ingest.kinds import Job, Kind, Record
from geodata.ingest.named_areas import named_area
from geodata.ingest.spans import FIRST_DAY, LAST_DAY, refuse_overlaps, span_of
from geodata.ingest.spellings import AREA, LEVEL
from geodata.models import BODIES_OF, ConferenceSeat

# The meetings by their word here and as lists write them; the first spelling is the one that exports write.
BODY_WORDS = {
    **dict.fromkeys(("joint_conference", "联席会议", "区域化党建联席会议", "党建联席会议"), "joint_conference"),
    **dict.fromkeys(("congress", "社区代表会议", "社区代表大会", "代表会议"), "congress"),
    **dict.fromkeys(("committee", "社区委员会", "委员会"), "committee"),
    **dict.fromkeys(("village_meeting", "村居共治会议", "居村共治会议", "共治会议"), "village_meeting"),
}
POSITION_WORDS = {
    **dict.fromkeys(("chair", "主任单位", "主任", "主席单位", "主席", "会长单位", "组长单位"), "chair"),
    **dict.fromkeys(("deputy", "副主任单位", "副主任", "副主席单位", "副主席", "副会长单位", "副组长单位"), "deputy"),
    **dict.fromkeys(("member", "成员单位", "成员", "委员单位", "委员", "理事单位"), "member"),
}


def _fields(job: Job) -> tuple[Field, ...]:
    return (
        LEVEL,
        AREA,
        Field("body", one_of(BODY_WORDS), ("会议", "会议名称", "议事机构", "meeting"), required=True),
        Field("unit", job.references.unit, ("单位", "单位编码", "单位名称", "unit_code", "unit_name"), required=True),
        Field("position", one_of(POSITION_WORDS), ("席位", "职务", "会内职务", "seat")),
        FIRST_DAY,
        LAST_DAY,
    )


def _finish(records: Sequence[Record], job: Job) -> None:
    names = {}
    for record in records:
        cells = record.cells
        area, span = named_area(record, job), span_of(record, job)
        if area is None or span is None:
            continue
        if cells["body"] not in BODIES_OF[area.level]:
            job.problem(record, "body", f"a {area.level} has {' and '.join(BODIES_OF[area.level])}", cells["body"])
            continue
        names[cells["unit"].id] = cells["unit"].name
        record.values = {"level": area.level, "area_code": area.code, "body": cells["body"]}
        record.values |= {"unit_id": cells["unit"].id, **span}
        if "position" in cells:
            record.values["position"] = cells["position"] or "member"

    def of_whom(values: Mapping[str, Any]) -> str:
        return str(values.get("unit_name") or names.get(values["unit_id"], ""))

    stored, body = job.references.seats, ("level", "area_code", "body")
    refuse_overlaps(records, job, stored, within=(*body, "unit_id"), of_whom=of_whom)
    bad = {problem.row for problem in job.report.problems}
    chairs = [one for one in records if one.row not in bad and one.values.get("position") == "chair"]
    # who has another seat by this file is no longer in the chair
    moved = {tuple(one.values[name] for name in job.kind.key) for one in records if one.values}
    held = [one for one in stored if one["position"] == "chair" and tuple(one[n] for n in job.kind.key) not in moved]
    refuse_overlaps(chairs, job, held, within=body, of_whom=of_whom)


SEATS = Kind(
    name="seats",
    title_zh="会议席位",
    title_en="seats in the meetings",
    model=ConferenceSeat,
    fields=_fields,
    key=("level", "area_code", "body", "unit_id", "valid_from"),
    finish=_finish,
)
