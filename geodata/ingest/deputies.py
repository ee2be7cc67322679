"""Deputies of the holders of regions, blocks, points and teams, by role and in the order in which they step in."""

from collections.abc import Sequence

from geodata.ingest.cells import CellRefused, count, one_of, text
from geodata.ingest.columns import Field
from geodata.ingest.kinds import Job, Kind, Record
from geodata.models import DutyDeputy

# The first spelling is the one that exports write.
GROUND_WORDS = {
    **dict.fromkeys(("region", "责任片区", "片区", "regions"), "region"),
    **dict.fromkeys(("block", "责任区块", "区块", "blocks"), "block"),
    **dict.fromkeys(("point", "责任点", "点位", "points"), "point"),
    **dict.fromkeys(("team", "服务团队", "团队", "teams"), "team"),
}


def _fields(job: Job) -> tuple[Field, ...]:
    return (
        Field("of_kind", one_of(GROUND_WORDS), ("责任类别", "类别", "责任对象类别"), required=True),
        Field("of_code", text, ("责任对象编码", "责任对象", "编码", "code"), required=True),
        Field("rank", count, ("次序", "顺序", "递补次序"), required=True),
        Field("unit", job.references.unit, ("单位", "单位编码", "单位名称", "unit_code", "unit_name"), required=True),
        Field("role", text, ("岗位", "递补岗位", "deputy_role")),
    )


def _finish(records: Sequence[Record], job: Job) -> None:
    for record in records:
        cells = record.cells
        try:
            of = job.references.ground(cells["of_kind"], cells["of_code"])
        except CellRefused as refusal:
            job.problem(record, "of_code", str(refusal), cells["of_code"])
            continue
        if cells["rank"] < 1:
            job.problem(record, "rank", "it must be 1 or more: who steps in first has 1")
            continue
        record.values = {
            "of_kind": cells["of_kind"],
            "of_code": of.code,
            "rank": cells["rank"],
            "unit_id": cells["unit"].id,
        }
        if "role" in cells:
            record.values["role"] = cells["role"]


DEPUTIES = Kind(
    name="deputies",
    title_zh="递补责任单位",
    title_en="deputies of holders",
    model=DutyDeputy,
    fields=_fields,
    key=("of_kind", "of_code", "rank"),
    finish=_finish,
)
