"""Meetings of the bodies of areas, by code, or by body, area and day."""

from collections.abc import Sequence

from geodata.ingest.cells import moment, one_of, text
from geodata.ingest.codes import code_or_made, tell_made_codes
from geodata.ingest.columns import Field
from geodata.ingest.kinds import Job, Kind, Record
from geodata.ingest.named_areas import named_area
from geodata.ingest.places import given_point
from geodata.ingest.spellings import ACCURACY, ADDRESS, AREA, LEVEL, coded, named
from geodata.models import Meeting

BODY_WORDS = {
    **dict.fromkeys(("joint_conference", "联席会议", "社区联席会议"), "joint_conference"),
    **dict.fromkeys(("congress", "社区代表会议", "代表会议"), "congress"),
    **dict.fromkeys(("committee", "社区委员会", "委员会"), "committee"),
    **dict.fromkeys(("village_meeting", "村居共治会议", "共治会议", "居村共治会议"), "village_meeting"),
}
STATE_WORDS = {
    **dict.fromkeys(("planned", "待召开", "计划", "已安排"), "planned"),
    **dict.fromkeys(("held", "已召开", "已开"), "held"),
    **dict.fromkeys(("cancelled", "已取消", "取消"), "cancelled"),
}


def _fields(job: Job) -> tuple[Field, ...]:
    return (
        coded("会议", "meeting_code"),
        named("会议", "meeting_name"),
        Field("body", one_of(BODY_WORDS), ("会议类型", "类型", "会议种类"), required=True),
        LEVEL,
        AREA,
        Field("held_at", moment(job.zone), ("会议时间", "时间", "召开时间", "日期", "date", "time"), required=True),
        Field("state", one_of(STATE_WORDS), ("状态", "会议状态", "status")),
        Field("agenda", text, ("议程", "会议议程")),
        Field("minutes", text, ("会议纪要", "纪要")),
        ADDRESS,
        ACCURACY,
    )


def _finish(records: Sequence[Record], job: Job) -> None:
    for record in records:
        cells = record.cells
        area = named_area(record, job)
        if area is None:
            continue
        if (cells["body"] == "village_meeting") != (area.level == "village"):
            job.problem(record, "body", f"this is no meeting of a {area.level}: only villages have village meetings")
        code = code_or_made(record, "M", cells["body"], area.level, area.code, cells["held_at"].isoformat())
        record.values = {
            "code": code,
            "name": cells["name"],
            "body": cells["body"],
            "level": area.level,
            "area_code": area.code,
            "held_at": cells["held_at"],
        }
        record.values |= {name: cells[name] for name in ("agenda", "minutes", "address") if name in cells}
        if "state" in cells:
            record.values["state"] = state = cells["state"] or "planned"
            known = job.references.meetings.get(code)
            if state != "held" and known is not None and known.resolutions:
                job.problem(
                    record,
                    "state",
                    f"it was held, for it has {known.resolutions} resolutions; leave its state at held",
                    state,
                )
            day = cells["held_at"].astimezone(job.zone).date()
            if state == "held" and day > job.today:
                reason = f"the meeting is on {day}; note it as held from that day on, or correct its time"
                job.problem(record, "state", reason, state)
        record.values |= given_point(record, job)
    tell_made_codes(job, sum(not record.cells.get("code") for record in records), "meetings", "body, area and time")


MEETINGS = Kind(
    name="meetings",
    title_zh="会议",
    title_en="meetings",
    model=Meeting,
    fields=_fields,
    key=("code",),
    finish=_finish,
    shape="point",
)
