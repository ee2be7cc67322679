"""Joint projects: what units carry together, by code, or by name and level; a row may name who takes part."""

from collections.abc import Sequence

from geodata.ingest.cells import CellRefused, count, day, one_of, text
from geodata.ingest.codes import code_or_made, tell_made_codes
from geodata.ingest.columns import Field
from geodata.ingest.kinds import Job, Kind, Record
from geodata.ingest.places import given_point
from geodata.ingest.project_partners import PARTNERS, note_partners, units_of
from geodata.ingest.spellings import ACCURACY, ADDRESS, AREA, LEVEL, coded, named
from geodata.models import LEVELS, Project

# The six joints (六联) by their word here, their name, and the short forms that lists use.
JOINT_WORDS = {
    **dict.fromkeys(("party_building", "区域党建联建", "党建联建", "区域党建", "党建"), "party_building"),
    **dict.fromkeys(("governance", "社会治理联抓", "治理联抓", "社会治理", "治理"), "governance"),
    **dict.fromkeys(("civility", "文明城区联创", "文明联创", "文明城区", "文明"), "civility"),
    **dict.fromkeys(("welfare", "公益服务联做", "公益联做", "公益服务", "公益"), "welfare"),
    **dict.fromkeys(("culture", "文化活动联办", "文化联办", "文化活动", "文化"), "culture"),
    **dict.fromkeys(("talent", "干部人才联育", "人才联育", "干部人才", "人才"), "talent"),
}
STAGE_WORDS = {
    **dict.fromkeys(("proposed", "申报", "拟建", "意向", "提出"), "proposed"),
    **dict.fromkeys(("agreed", "签约", "已签约", "立项", "已立项", "商定"), "agreed"),
    **dict.fromkeys(("running", "实施", "实施中", "进行中", "推进中", "在建"), "running"),
    **dict.fromkeys(("done", "完成", "已完成", "结项", "已结项"), "done"),
    **dict.fromkeys(("stopped", "中止", "终止", "已终止", "停止", "取消"), "stopped"),
}
# Fields that go into the column of their name as they are.
_PLAIN = ("starts_on", "ends_on", "outcome", "people_served", "address")


def _fields(job: Job) -> tuple[Field, ...]:
    return (
        named("项目", "project_name", "project"),
        coded("项目", "project_code"),
        Field("joint", one_of(JOINT_WORDS), ("六联", "板块", "六联板块", "所属板块"), required=True),
        LEVEL,
        AREA,
        Field("stage", one_of(STAGE_WORDS), ("阶段", "状态", "项目阶段", "进展", "status")),
        Field(
            "lead", job.references.unit, ("牵头单位", "牵头单位编码", "负责单位", "lead_unit", "lead_code", "lead_name")
        ),
        Field("starts_on", day, ("开始日期", "起始日期", "启动日期", "开始时间", "start", "start_date", "starts")),
        Field("ends_on", day, ("结束日期", "完成日期", "结束时间", "end", "end_date", "ends")),
        Field("outcome", text, ("成效", "项目成效", "成果", "result")),
        Field("people_served", count, ("服务人次", "服务人数", "受益人数", "惠及人数", "people", "served")),
        *(Field(one.field, units_of(job.references), one.headings) for one in PARTNERS),
        ADDRESS,
        ACCURACY,
    )


def _finish(records: Sequence[Record], job: Job) -> None:
    for record in records:
        cells = record.cells
        level = cells.get("level") or LEVELS[0]
        code = code_or_made(record, "J", cells["name"], level, cells.get("area_code"))
        record.values = {"code": code, "name": cells["name"], "joint": cells["joint"], "level": level}
        record.values |= {name: cells[name] for name in _PLAIN if name in cells}
        if "stage" in cells:
            record.values["stage"] = cells["stage"] or "proposed"
        if "lead" in cells:
            record.values["lead_unit_id"] = cells["lead"].id if cells["lead"] else None
        if "area_code" in cells:
            record.values["area_code"] = _area(record, level, job)
        _check_days(record, job)
        note_partners(record, job)
        record.values |= given_point(record, job)
    tell_made_codes(job, sum(not record.cells.get("code") for record in records), "projects", "name, level and area")
    if "level" not in job.fields:
        job.only_new.add("level")
        job.report.note("level_unknown", "the file does not tell the level: new projects are the district's")


def _area(record: Record, level: str, job: Job) -> str | None:
    """The code of the area the project is of, by code or name; a district's project is of the district."""
    said = record.cells["area_code"]
    if level == LEVELS[0]:
        return job.district_code
    if said is None:
        return None
    try:
        return job.references.area_code(said, level)
    except CellRefused as refusal:
        job.problem(record, "area_code", str(refusal), said)
        return None


def _check_days(record: Record, job: Job) -> None:
    begins, ends = record.cells.get("starts_on"), record.cells.get("ends_on")
    if begins is not None and ends is not None and ends < begins:
        job.problem(record, "ends_on", f"it ends before it begins, on {begins}", ends)


PROJECTS = Kind(
    name="projects",
    title_zh="共建项目",
    title_en="joint projects",
    model=Project,
    fields=_fields,
    key=("code",),
    finish=_finish,
    shape="point",
)
