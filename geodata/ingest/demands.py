"""Demands of areas: what villages ask of units, by code, or by name and area."""

from collections.abc import Sequence

from geodata.ingest.cells import count, day, moment, one_of, text
from geodata.ingest.codes import code_or_made, tell_made_codes
from geodata.ingest.columns import Field
from geodata.ingest.kinds import Job, Kind, Record
from geodata.ingest.named_areas import named_area
from geodata.ingest.places import given_point
from geodata.ingest.spellings import ACCURACY, ADDRESS, AREA, LEVEL, coded, named
from geodata.models import Demand

# What a list says of a demand; the first spelling is the one that sheets write.
DEMAND_STATE_WORDS = {
    **dict.fromkeys(("open", "待对接", "未满足", "未对接", "征集中"), "open"),
    **dict.fromkeys(("matched", "已对接", "对接中", "实施中"), "matched"),
    **dict.fromkeys(("met", "已满足", "已完成", "已办结", "办结"), "met"),
    **dict.fromkeys(("withdrawn", "已撤回", "撤回", "取消", "已取消"), "withdrawn"),
}
_KIND_HEADINGS = ("需求类型", "类型编码", "类型", "资源类型", "kind", "type")
_PLAIN = ("details", "audience", "people", "needed_from", "needed_until", "address")


def _fields(job: Job) -> tuple[Field, ...]:
    return (
        named("需求", "demand_name", "demand"),
        coded("需求", "demand_code"),
        Field("kind_code", job.references.resource_kind, _KIND_HEADINGS, required=True),
        LEVEL,
        AREA,
        Field("details", text, ("需求内容", "内容", "说明", "description")),
        Field("audience", text, ("服务对象", "面向对象", "对象", "for_whom")),
        Field("people", count, ("人数", "需求人数", "服务人数")),
        Field("needed_from", day, ("开始日期", "起始日期", "需要开始", "from")),
        Field("needed_until", day, ("截止日期", "结束日期", "需要截止", "until", "deadline")),
        Field("state", one_of(DEMAND_STATE_WORDS), ("状态", "需求状态", "对接状态", "status")),
        Field("posted_by", text, ("提出岗位", "提出方", "申报岗位")),
        Field("posted_at", moment(job.zone), ("提出时间", "申报时间", "提出日期")),
        ADDRESS,
        ACCURACY,
    )


def _finish(records: Sequence[Record], job: Job) -> None:
    for record in records:
        cells = record.cells
        area = named_area(record, job)
        if area is None:
            continue
        code = code_or_made(record, "D", cells["name"], area.level, area.code)
        record.values = {"code": code, "name": cells["name"], "kind_code": cells["kind_code"]}
        record.values |= {"level": area.level, "area_code": area.code}
        record.values |= {column: cells[column] for column in _PLAIN if column in cells}
        if "state" in cells:
            record.values["state"] = cells["state"] or "open"
        record.values["posted_by"] = cells.get("posted_by") or "import"
        if cells.get("posted_at") is not None:
            record.values["posted_at"] = cells["posted_at"]
        if cells.get("people") == 0:
            job.problem(record, "people", "it must be 1 or more; leave it empty where nobody has told it")
        _check_days(record, job)
        record.values |= given_point(record, job)
    _fill_moments(records)
    if "posted_by" not in job.fields:
        job.only_new.add("posted_by")
    tell_made_codes(job, sum(not record.cells.get("code") for record in records), "demands", "name and area")


def _fill_moments(records: Sequence[Record]) -> None:
    """Rows that say no moment, of a file in which others do, were asked for when the first of the others was."""
    told = [record.values["posted_at"] for record in records if "posted_at" in record.values]
    for record in records if told else ():
        record.values.setdefault("posted_at", min(told))


def _check_days(record: Record, job: Job) -> None:
    first, last = record.cells.get("needed_from"), record.cells.get("needed_until")
    if first is not None and last is not None and last < first:
        job.problem(record, "needed_until", f"it ends before it begins, on {first}", last)


DEMANDS = Kind(
    name="demands",
    title_zh="居村需求",
    title_en="demands of areas",
    model=Demand,
    fields=_fields,
    key=("code",),
    finish=_finish,
    shape="point",
)
