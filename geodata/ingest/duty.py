"""The governance list (治理清单目录): which kind of unit finds, handles or assists with which category.

A row says that its line holds, from today on or in the days it names; lines that no row names stay as they are.
"""

from collections.abc import Sequence

from geodata.ingest.cells import one_of
from geodata.ingest.columns import Field
from geodata.ingest.kinds import Job, Kind, Record
from geodata.ingest.rules import rule_code
from geodata.ingest.spellings import TOWN_CODE
from geodata.ingest.versions import SPAN, span_of
from geodata.models import DutyRule

# The first spelling of each is the one that exports write.
ROLES: dict[str, tuple[str, ...]] = {
    "find": ("发现", "巡查"),
    "handle": ("处置", "处理", "责任"),
    "assist": ("协助", "配合"),
}
_ROLE = one_of({word: role for role, words in ROLES.items() for word in (role, *words)})
_KEY = ("category_code", "unit_kind", "role", "town_code", "rule_code")


def _fields(job: Job) -> tuple[Field, ...]:
    kinds = ("单位类型", "类型", "责任单位类型", "kind")
    return (
        Field("category_code", job.references.category, ("类别", "类别编码", "category", "事项"), required=True),
        # for whoever reads the file; the code says it
        Field("category_name", str, ("类别名称",)),
        Field("unit_kind", job.references.unit_kind, kinds, required=True),
        Field("role", _ROLE, ("职责", "角色", "责任"), required=True),
        TOWN_CODE,
        Field("rule_code", rule_code, ("立案条件编号", "编号")),
        *SPAN,
    )


def _finish(records: Sequence[Record], job: Job) -> None:
    towns = {area.code for area in job.references.areas("town")}
    for record in records:
        town, rule = record.cells.get("town_code") or "", record.cells.get("rule_code") or ""
        if town and town not in towns:
            job.problem(record, "town_code", "there is no town of this code today")
            continue
        category = record.cells["category_code"]
        if rule and not any(job.references.rule_versions.get((category, whose, rule)) for whose in {"", town}):
            job.problem(record, "rule_code", "the category has no filing rule of this number")
            continue
        key = (category, record.cells["unit_kind"], record.cells["role"], town, rule)
        span = span_of(record, job.references.duty_versions.get(key, []), job, values={})
        if span is not None:
            record.values = dict(zip(_KEY, key, strict=True)) | {"valid_from": span[0], "valid_to": span[1]}


DUTY = Kind(
    name="duty",
    title_zh="治理清单目录",
    title_en="governance list",
    model=DutyRule,
    fields=_fields,
    key=(*_KEY, "valid_from"),
    finish=_finish,
)
