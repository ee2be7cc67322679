"""Resolutions of meetings, by the code of the meeting and their number; tasks of whistle calls have the same words."""

from collections.abc import Sequence

from geodata.ingest.cells import code, count, day, one_of, text
from geodata.ingest.columns import Field
from geodata.ingest.kinds import Job, Kind, Record
from geodata.models import Resolution

STATE_WORDS = {
    **dict.fromkeys(("open", "办理中", "未办结", "推进中"), "open"),
    **dict.fromkeys(("done", "已落实", "已办结", "完成"), "done"),
    **dict.fromkeys(("dropped", "已终止", "终止"), "dropped"),
}
TARGET_WORDS = {
    **dict.fromkeys(("ticket", "工单", "案件"), "ticket"),
    **dict.fromkeys(("project", "项目", "共建项目"), "project"),
    **dict.fromkeys(("demand", "需求"), "demand"),
}


def _fields(job: Job) -> tuple[Field, ...]:
    meeting = Field("meeting", job.references.meeting, ("会议编码", "会议", "meeting_code"), required=True)
    return (meeting, *resolution_fields(job))


def resolution_fields(job: Job) -> tuple[Field, ...]:
    """What a row tells of a resolution, wherever it was made."""
    return (
        Field("seq", count, ("序号", "事项序号", "编号", "no"), required=True),
        Field("words", text, ("议定事项", "事项", "内容", "resolution"), required=True),
        Field("unit", job.references.unit, ("责任单位编码", "责任单位", "牵头单位", "unit_code")),
        Field("due_on", day, ("完成期限", "期限", "截止日期", "due")),
        Field("state", one_of(STATE_WORDS), ("办理结果", "状态", "status")),
        Field("target_kind", one_of(TARGET_WORDS), ("转为", "转办类型")),
        Field("target_code", code, ("转办编号", "转办编码")),
        Field("note", text, ("备注", "说明")),
    )


def _finish(records: Sequence[Record], job: Job) -> None:
    take_resolutions(records, job, origin=("meeting", "meeting_id"))


def take_resolutions(records: Sequence[Record], job: Job, *, origin: tuple[str, str]) -> None:
    """Fill the values of resolutions; `origin` is the field and the column of the record that they were made in."""
    field, column = origin
    known = job.references.targets([str(record.cells.get("target_code") or "") for record in records])
    states = {meeting.id: meeting.state for meeting in job.references.meetings.values()}
    for record in records:
        cells = record.cells
        if cells["seq"] < 1:
            job.problem(record, "seq", "resolutions are numbered from 1")
        if field == "meeting" and (state := states[cells["meeting"]]) != "held":
            job.problem(
                record,
                "meeting",
                f"this meeting is {state}, and only what was held has resolutions; import it as held first",
            )
        record.values = {column: cells[field], "seq": cells["seq"], "words": cells["words"]}
        record.values |= {name: cells[name] for name in ("due_on", "note") if name in cells}
        if "unit" in cells:
            record.values["unit_id"] = cells["unit"].id if cells["unit"] else None
        if "state" in cells:
            record.values["state"] = cells["state"] or "open"
        if "target_kind" in cells or "target_code" in cells:
            _take_target(record, job, known)


def _take_target(record: Record, job: Job, known: frozenset[tuple[str, str]]) -> None:
    """What it became: the kind and the code of a record that there is, or neither."""
    kind, target = record.cells.get("target_kind"), record.cells.get("target_code")
    record.values |= {"target_kind": kind, "target_code": target}
    if (kind is None) != (target is None):
        job.problem(record, "target_kind" if kind is None else "target_code", "tell both what it became and its code")
    elif kind is not None and (kind, target) not in known:
        job.problem(record, "target_code", f"there is no {kind} of this number or code")


RESOLUTIONS = Kind(
    name="resolutions",
    title_zh="会议议定事项",
    title_en="resolutions of meetings",
    model=Resolution,
    fields=_fields,
    key=("meeting_id", "seq"),
    finish=_finish,
)
