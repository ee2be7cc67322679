"""Tickets of another system, by their number there."""

import hashlib
from collections.abc import Sequence

from geodata.ingest.cells import code, moment, one_of, text
from geodata.ingest.columns import Field
from geodata.ingest.kinds import Job, Kind, Record
from geodata.ingest.places import point_values
from geodata.ingest.spellings import ACCURACY, ADDRESS
from geodata.models import Ticket

# What other systems call the states, in lower case. What they mean by "assigned" is a unit of theirs:
# here such a ticket begins as filed, and lies with the town's office until the rule finds a unit.
STATES = {
    **dict.fromkeys(("reported", "open", "new", "received", "unassigned", "待受理", "已上报", "新建"), "reported"),
    **dict.fromkeys(("verifying", "核实中", "待核实"), "verifying"),
    **dict.fromkeys(("filed", "assigned", "accepted by agency", "已立案", "已受理", "立案", "受理"), "filed"),
    **dict.fromkeys(("dispatched", "已派遣", "已派单", "派遣", "待处置"), "dispatched"),
    **dict.fromkeys(("accepted", "已接单", "已签收"), "accepted"),
    **dict.fromkeys(("handling", "in progress", "started", "处置中", "处理中", "办理中"), "handling"),
    **dict.fromkeys(("waiting", "pending", "on hold", "挂账", "延期", "暂缓"), "waiting"),
    **dict.fromkeys(("done", "resolved", "fixed", "已处置", "已处理", "已办理"), "done"),
    **dict.fromkeys(("checking", "核查中", "待核查"), "checking"),
    **dict.fromkeys(("closed", "completed", "archived", "已结案", "结案", "已办结", "已关闭", "归档"), "closed"),
    **dict.fromkeys(("cancelled", "canceled", "作废", "已作废", "撤销"), "cancelled"),
    **dict.fromkeys(("returned", "回退", "已回退"), "returned"),
    **dict.fromkeys(("merged", "duplicate", "已合并", "重复"), "merged"),
    **dict.fromkeys(("reopened", "重新打开", "返工"), "reopened"),
}
_REF_HEADINGS = (
    *("工单号", "工单编号", "案件编号", "任务号", "编号"),
    *("unique_key", "case_no", "service_request_id", "number", "id"),
)
_TYPE_HEADINGS = ("类别", "案件类别", "问题类型", "分类", "category", "complaint_type", "service_code", "类别编码")
_MADE_REF = "made:"


def _fields(job: Job) -> tuple[Field, ...]:
    times = moment(job.zone)
    reported = ("上报时间", "发现时间", "创建时间", "created_date", "created_at", "requested_datetime", "occurred_at")
    closed = ("结案时间", "办结时间", "关闭时间", "closed_date", "closed_datetime")
    due = ("办结期限", "处置期限", "截止时间", "应办结时间", "due", "due_date", "expected_datetime", "deadline")
    return (
        Field("source_ref", code, _REF_HEADINGS),
        Field("category_code", job.references.category, _TYPE_HEADINGS, required=True),
        Field("title", text, ("标题", "descriptor", "subject", "摘要", "问题")),
        Field("description", text, ("描述", "问题描述", "内容", "details")),
        Field("state", one_of(STATES), ("状态", "案件状态", "status")),
        Field("reported_at", times, reported, required=True),
        Field("closed_at", times, closed),
        Field("due_at", times, due),
        ADDRESS,
        ACCURACY,
    )


def _finish(records: Sequence[Record], job: Job) -> None:
    known = job.references.tickets_of(job.source, [_ref(record) for record in records])
    kept = 0
    unplaced = []
    for record in records:
        cells = record.cells
        ref = _ref(record)
        there = known.get(ref)
        record.values = {
            "source": job.source,
            "source_ref": ref,
            "category_code": cells["category_code"],
            "reported_at": cells["reported_at"],
            "title": cells.get("title") or job.references.category_name(cells["category_code"]),
        }
        record.values |= {
            name: cells[name] for name in ("description", "address", "closed_at", "due_at") if name in cells
        }
        if "state" in job.fields:
            record.values["state"] = cells.get("state") or "reported"
        if there is not None and there.is_moved_on:
            # our own people have worked on it since; the other system no longer tells its state
            kept += record.values.get("state") not in {None, there.state}
            record.values |= {"state": there.state, "closed_at": there.closed_at}
        _check_times(record, job)
        if "lon" in job.fields:
            record.values |= point_values(record, job)
        if record.lon is None:
            unplaced.append(record.row)
    _tell(job, records, unplaced, kept)


def _ref(record: Record) -> str:
    """The other system's number; without one, a made one that the same report always gets."""
    given = record.cells.get("source_ref")
    if given:
        return str(given)
    told = (record.cells.get(name) for name in ("category_code", "reported_at", "title", "description", "address"))
    parts = [str(part) for part in (*told, record.x, record.y)]
    return _MADE_REF + hashlib.sha256("\x1f".join(parts).encode("utf-8")).hexdigest()[:16]


def _check_times(record: Record, job: Job) -> None:
    closed = record.cells.get("closed_at")
    if closed is not None and closed < record.cells["reported_at"]:
        job.report.note(
            "closed_before_reported", f"row {record.row} was closed before it was reported", {"row": record.row}
        )


def _tell(job: Job, records: Sequence[Record], unplaced: list[int], kept: int) -> None:
    if unplaced:
        text_ = f"{len(unplaced)} tickets have no position: they are kept, and lie with the district's office"
        job.report.note("no_position", text_, {"count": len(unplaced), "rows": unplaced})
    if kept:
        job.report.note("state_kept", f"{kept} tickets have moved on here and keep their state", {"count": kept})
    if records and "source_ref" not in job.fields:
        job.report.note("made_refs", "the file has no ticket numbers; they are told apart by their whole content")


TICKETS = Kind(
    name="tickets",
    title_zh="工单",
    title_en="tickets",
    model=Ticket,
    fields=_fields,
    key=("source", "source_ref"),
    finish=_finish,
    shape="point",
)
