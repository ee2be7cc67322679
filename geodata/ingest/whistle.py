"""Whistle calls, who was called and came, and the tasks they left."""

from collections.abc import Sequence

from geodata.ingest.cells import CellRefused, count, moment, number, one_of, text
from geodata.ingest.codes import code_or_made, tell_made_codes
from geodata.ingest.columns import Field
from geodata.ingest.kinds import Job, Kind, Record
from geodata.ingest.named_areas import named_area
from geodata.ingest.places import given_point
from geodata.ingest.resolutions import resolution_fields, take_resolutions
from geodata.ingest.spellings import ACCURACY, ADDRESS, AREA, LEVEL, coded
from geodata.models import LEVELS, Resolution, WhistleCall, WhistleInvitee

# The first spelling is the one that exports write.
CALL_STATE_WORDS = {
    **dict.fromkeys(("called", "待到场", "已吹哨"), "called"),
    **dict.fromkeys(("met", "现场处置", "已到场"), "met"),
    **dict.fromkeys(("closed", "已办结", "办结"), "closed"),
    **dict.fromkeys(("cancelled", "已取消", "取消"), "cancelled"),
}
_CALL = ("吹哨编码", "吹哨", "whistle_code", "call_code")


def _call_fields(job: Job) -> tuple[Field, ...]:
    return (
        coded("吹哨", "whistle_code"),
        Field("reason", text, ("事由", "吹哨事由", "事项"), required=True),
        LEVEL,
        AREA,
        Field("meet_at", moment(job.zone), ("到场时限", "到场时间", "集结时间", "时间"), required=True),
        Field("state", one_of(CALL_STATE_WORDS), ("状态", "办理状态", "status")),
        Field("minutes", text, ("现场结论", "结论", "处置结果")),
        Field("closed_at", moment(job.zone), ("办结时间", "结束时间")),
        Field("ticket", text, ("工单编号", "工单号", "工单", "ticket_number")),
        ADDRESS,
        ACCURACY,
    )


def _finish_calls(records: Sequence[Record], job: Job) -> None:
    tickets = job.references.ticket_ids([str(record.cells.get("ticket") or "") for record in records])
    # a call that is there stays whose it is
    job.only_new.add("called_by")
    for record in records:
        cells = record.cells
        area = named_area(record, job)
        if area is None:
            continue
        said = cells.get("ticket")
        if said is not None and said not in tickets:
            job.problem(record, "ticket", "there is no ticket of this number")
            continue
        code = code_or_made(record, "W", area.level, area.code, cells["meet_at"].isoformat(), cells["reason"])
        record.values = {
            "code": code,
            "reason": cells["reason"],
            "level": area.level,
            "area_code": area.code,
            "meet_at": cells["meet_at"],
            "called_by": "import",
        }
        record.values |= {name: cells[name] for name in ("minutes", "closed_at", "address") if name in cells}
        if "ticket" in cells:
            record.values["ticket_id"] = tickets[said] if said else None
        if "state" in cells:
            record.values["state"] = cells["state"] or "called"
        record.values |= given_point(record, job)
    tell_made_codes(job, sum(not record.cells.get("code") for record in records), "calls", "area, time and reason")


WHISTLE_CALLS = Kind(
    name="whistle_calls",
    title_zh="吹哨",
    title_en="whistle calls",
    model=WhistleCall,
    fields=_call_fields,
    key=("code",),
    finish=_finish_calls,
    shape="point",
)


def _invitee_fields(job: Job) -> tuple[Field, ...]:
    return (
        Field("call", job.references.whistle_call, _CALL, required=True),
        Field("seq", count, ("序号", "次序", "no"), required=True),
        Field("unit", job.references.unit, ("单位编码", "单位", "应到单位", "unit_code")),
        Field("office", text, ("办公室区域编码", "办公室", "街镇办公室", "office_code")),
        Field("part", text, ("科室或岗位", "科室", "岗位")),
        Field("arrived_at", moment(job.zone), ("到场时间", "报到时间")),
        Field("arrived_m", number, ("距现场米数", "距离", "距离米")),
        Field("note", text, ("备注", "说明")),
    )


def _finish_invitees(records: Sequence[Record], job: Job) -> None:
    for record in records:
        cells = record.cells
        unit, office = cells.get("unit"), cells.get("office")
        if (unit is None) == (office is None):
            job.problem(record, "unit", "who is called is a unit or the office of an area: tell one of them")
            continue
        if cells["seq"] < 1:
            job.problem(record, "seq", "those who are called are numbered from 1", cells["seq"])
            continue
        if (cells.get("arrived_m") or 0) < 0:
            job.problem(record, "arrived_m", "nobody is nearer than 0 metres", cells["arrived_m"])
            continue
        code = None if office is None else _office(record, office, job)
        if office is not None and code is None:
            continue
        record.values = {
            "call_id": cells["call"],
            "seq": cells["seq"],
            "unit_id": unit.id if unit else None,
            "office_code": code,
        }
        told = ("part", "arrived_at", "arrived_m", "note")
        record.values |= {name: cells[name] for name in told if name in cells}


def _office(record: Record, said: str, job: Job) -> str | None:
    """The code of the town or district whose office it is; None, with a problem noted, where there is none."""
    for level in (LEVELS[1], LEVELS[0]):
        try:
            return job.references.area_code(said, level)
        except CellRefused:
            continue
    job.problem(record, "office", "there is no district or town of this code or name", said)
    return None


WHISTLE_INVITEES = Kind(
    name="whistle_invitees",
    title_zh="吹哨应到",
    title_en="who is called by whistle calls",
    model=WhistleInvitee,
    fields=_invitee_fields,
    key=("call_id", "seq"),
    finish=_finish_invitees,
)


def _task_fields(job: Job) -> tuple[Field, ...]:
    return (Field("call", job.references.whistle_call, _CALL, required=True), *resolution_fields(job))


WHISTLE_TASKS = Kind(
    name="whistle_tasks",
    title_zh="吹哨后续任务",
    title_en="tasks of whistle calls",
    model=Resolution,
    fields=_task_fields,
    key=("whistle_id", "seq"),
    finish=lambda records, job: take_resolutions(records, job, origin=("call", "whistle_id")),
)
