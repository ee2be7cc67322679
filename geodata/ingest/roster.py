"""The duty roster of teams and points, and the areas that share them: units and posts, never people."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from geodata.formats.table import Value
from geodata.ingest.cells import CellRefused, code, day, one_of, text
from geodata.ingest.columns import Field
from geodata.ingest.kinds import Job, Kind, Record
from geodata.ingest.named_areas import named_area
from geodata.ingest.spans import refuse_overlaps
from geodata.ingest.spellings import AREA, LEVEL
from geodata.models import RosterTurn, SharedService

SERVICE_WORDS = {
    **dict.fromkeys(("team", "服务团队", "团队"), "team"),
    **dict.fromkeys(("point", "责任点", "点位"), "point"),
}
_KIND = Field("of_kind", one_of(SERVICE_WORDS), ("服务类型", "类型", "种类"), required=True)
_CODE = Field("of_code", code, ("服务编码", "团队编码", "点位编码", "编码"), required=True)


def _clock(value: Value) -> time:
    if isinstance(value, time):
        return value.replace(second=0, microsecond=0, tzinfo=None)
    try:
        return time.fromisoformat(text(value).replace("：", ":").zfill(5))
    except ValueError as error:
        raise CellRefused("write a time such as 08:30") from error


def _turn_fields(job: Job) -> tuple[Field, ...]:
    return (
        _KIND,
        _CODE,
        Field("day", day, ("日期", "值班日期"), required=True),
        Field("opens", _clock, ("开始时间", "起", "上班时间"), required=True),
        Field("closes", _clock, ("结束时间", "止", "下班时间"), required=True),
        Field("unit", job.references.unit, ("单位编码", "值班单位", "单位", "单位名称")),
        Field("role", text, ("值班岗位", "岗位", "值班岗")),
    )


def _finish_turns(records: Sequence[Record], job: Job) -> None:
    for record in records:
        cells = record.cells
        unit, role = cells.get("unit"), cells.get("role")
        if cells["closes"] <= cells["opens"]:
            job.problem(record, "closes", f"it must be after {cells['opens']:%H:%M}")
        elif unit is None and role is None:
            job.problem(record, "unit", "tell the unit or the post that is on duty", "")
        elif not _is_known(record, job):
            continue
        else:
            record.values = {name: cells[name] for name in ("of_kind", "of_code", "day", "opens", "closes")}
            record.values |= {"unit_id": unit.id if unit else None, "role": role}
    days = [record.values["day"] for record in records if record.values]
    stored = job.references.turns(min(days), max(days)) if days else ()
    names = {record.values["unit_id"]: record.cells["unit"].name for record in records if record.values.get("unit_id")}

    def of_whom(values: Mapping[str, Any]) -> str:
        return str(values.get("unit_name") or names.get(values.get("unit_id")) or values["role"] or "")

    def when(values: Mapping[str, Any]) -> tuple[date, date | None]:
        day, opens, closes = values["day"], values["opens"], values["closes"]
        return datetime.combine(day, opens), datetime.combine(day, closes)

    within = ("of_kind", "of_code", "day")
    refuse_overlaps(records, job, stored, within=within, of_whom=of_whom, when=when, field="opens")


def _finish_sharing(records: Sequence[Record], job: Job) -> None:
    for record in records:
        area = named_area(record, job)
        if area is None or not _is_known(record, job):
            continue
        record.values = {name: record.cells[name] for name in ("of_kind", "of_code")}
        record.values |= {"level": area.level, "area_code": area.code}


def _is_known(record: Record, job: Job) -> bool:
    kind, said = record.cells["of_kind"], record.cells["of_code"]
    if said in job.references.service_codes(kind):
        return True
    job.problem(record, "of_code", f"there is no {kind} of this code")
    return False


ROSTER = Kind(
    name="roster",
    title_zh="值班表",
    title_en="duty roster",
    model=RosterTurn,
    fields=_turn_fields,
    key=("of_kind", "of_code", "day", "opens"),
    finish=_finish_turns,
)

SHARED_SERVICES = Kind(
    name="shared_services",
    title_zh="共享团队和责任点",
    title_en="teams and points shared by areas",
    model=SharedService,
    fields=lambda _job: (_KIND, _CODE, LEVEL, AREA),
    key=("of_kind", "of_code", "level", "area_code"),
    finish=_finish_sharing,
)
