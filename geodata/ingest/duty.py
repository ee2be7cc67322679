"""The duty list: which kind of unit answers for which category."""

from collections.abc import Sequence

from geodata.ingest.cells import one_of
from geodata.ingest.columns import Field
from geodata.ingest.kinds import Job, Kind, Record
from geodata.ingest.spellings import TOWN_CODE
from geodata.models import OPEN_START, DutyRule

_ROLES = {
    **dict.fromkeys(("find", "发现", "巡查"), "find"),
    **dict.fromkeys(("handle", "处置", "处理", "责任"), "handle"),
    **dict.fromkeys(("assist", "协助", "配合"), "assist"),
}


def _fields(job: Job) -> tuple[Field, ...]:
    kinds = ("单位类型", "类型", "责任单位类型", "kind")
    return (
        Field("category_code", job.references.category, ("类别", "类别编码", "category", "事项"), required=True),
        Field("unit_kind", job.references.unit_kind, kinds, required=True),
        Field("role", one_of(_ROLES), ("职责", "角色", "责任"), required=True),
        TOWN_CODE,
    )


def _finish(records: Sequence[Record], job: Job) -> None:
    towns = {area.code for area in job.references.areas("town")}
    for record in records:
        town = record.cells.get("town_code") or ""
        if town and town not in towns:
            job.problem(record, "town_code", "there is no town of this code today")
            continue
        record.values = {name: record.cells[name] for name in ("category_code", "unit_kind", "role")}
        record.values |= {"town_code": town, "rule_code": "", "valid_from": OPEN_START}


DUTY = Kind(
    name="duty",
    title_zh="清单目录",
    title_en="duty list",
    model=DutyRule,
    fields=_fields,
    key=("category_code", "unit_kind", "role", "town_code", "rule_code", "valid_from"),
    finish=_finish,
)
