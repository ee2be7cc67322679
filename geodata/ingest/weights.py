"""What each index weighs in an evaluation of units, villages or towns, from a day on."""

from collections.abc import Sequence
from datetime import date

from geodata.formats.table import Value
from geodata.ingest.cells import CellRefused, day, number, one_of
from geodata.ingest.columns import Field
from geodata.ingest.kinds import Job, Kind, Record
from geodata.models import OPEN_START, IndexWeight
from geodata.queries.evaluation import ROWS

SUBJECT_WORDS = {
    **dict.fromkeys(("unit", "单位"), "unit"),
    **dict.fromkeys(("village", "居村"), "village"),
    **dict.fromkeys(("town", "街镇"), "town"),
}
INDEX_WORDS = {
    **dict.fromkeys(("in_time", "按期处置"), "in_time"),
    **dict.fromkeys(("first_pass", "一次核查通过"), "first_pass"),
    **dict.fromkeys(("pledges", "承诺兑现"), "pledges"),
    **dict.fromkeys(("projects", "项目完成"), "projects"),
    **dict.fromkeys(("resources", "资源使用"), "resources"),
    **dict.fromkeys(("attendance", "会商出席"), "attendance"),
    **dict.fromkeys(("resolutions", "议定事项落实"), "resolutions"),
    **dict.fromkeys(("demands", "需求满足"), "demands"),
    **dict.fromkeys(("registration", "报到率"), "registration"),
    **dict.fromkeys(("held", "责任点落实"), "held"),
    **dict.fromkeys(("coverage", "覆盖率"), "coverage"),
}
LARGEST = 1000.0


def _weight(value: Value) -> float:
    found = number(value)
    if not 0 <= found <= LARGEST:
        raise CellRefused(f"it must be a number from 0 to {LARGEST:g}")
    return found


def _fields(_job: Job) -> tuple[Field, ...]:
    return (
        Field("subject", one_of(SUBJECT_WORDS), ("评价对象", "对象"), required=True),
        Field("index", one_of(INDEX_WORDS), ("指标", "指标名称"), required=True),
        Field("weight", _weight, ("权重", "分值"), required=True),
        Field("valid_from", day, ("生效日期", "开始日期", "from")),
        Field("valid_to", day, ("失效日期", "结束日期", "to")),
    )


def _finish(records: Sequence[Record], job: Job) -> None:
    for record in records:
        cells = record.cells
        if cells["subject"] not in ROWS[cells["index"]]:
            job.problem(record, "index", f"there is no such index of a {cells['subject']}")
            continue
        first: date = cells.get("valid_from") or OPEN_START
        last = cells.get("valid_to")
        if last is not None and last <= first:
            job.problem(record, "valid_to", f"it must be after the first day, {first}", last)
            continue
        record.values = {name: cells[name] for name in ("subject", "index", "weight")}
        record.values |= {"valid_from": first, "valid_to": last}


WEIGHTS = Kind(
    name="weights",
    title_zh="评价权重",
    title_en="weights of the evaluation",
    model=IndexWeight,
    fields=_fields,
    key=("subject", "index", "valid_from"),
    finish=_finish,
)
