"""Member units: organisations of the territory, by code, or by name and address."""

from collections.abc import Sequence

from geodata.ingest.cells import count, flag, hours, text
from geodata.ingest.codes import made_code, tell_made_codes
from geodata.ingest.columns import Field
from geodata.ingest.kinds import Job, Kind, Record
from geodata.ingest.places import given_point
from geodata.ingest.spellings import ACCURACY, ADDRESS, coded, named
from geodata.models import MemberUnit

OTHER = "other"
_PLAIN = ("address", "liaison_role", "liaison_phone", "capacity", "opening_hours", "is_active")


def _fields(job: Job) -> tuple[Field, ...]:
    return (
        named("单位", "unit_name", "unit", "机构名称", "企业名称"),
        coded("单位", "unit_code"),
        Field("kind", job.references.unit_kind, ("类型", "单位类型", "类别", "性质", "unit_kind", "type")),
        ADDRESS,
        Field("liaison_role", text, ("联络岗位", "联系岗位", "联络部门", "contact_role")),
        Field("liaison_phone", text, ("值班电话", "办公电话", "联络电话", "contact_phone", "duty_phone")),
        Field("capacity", count, ("容量", "受理上限", "同时受理上限")),
        Field("opening_hours", hours, ("开放时间", "营业时间")),
        Field("is_active", flag, ("在用", "启用", "是否在用", "active")),
        ACCURACY,
    )


def _finish(records: Sequence[Record], job: Job) -> None:
    made = 0
    for record in records:
        cells = record.cells
        name, address = cells["name"], cells.get("address")
        code = cells.get("code") or job.references.unit_code_at(name, address)
        if code is None:
            code = made_code("U", name, address or "")
            made += 1
        record.values = {"code": code, "name": name}
        record.values |= {column: cells[column] for column in _PLAIN if column in cells}
        if record.values.get("is_active", True) is None:
            record.values["is_active"] = True
        record.values["kind"] = cells.get("kind") or OTHER
        record.values |= given_point(record, job)
    tell_made_codes(job, made, "units", "name and address")
    if "kind" not in job.fields:
        job.only_new.add("kind")
        text = "the file does not tell the kind of unit: new units are 'other'; give it with --map kind==CODE"
        job.report.note("kind_unknown", text)


UNITS = Kind(
    name="units",
    title_zh="驻区单位",
    title_en="member units",
    model=MemberUnit,
    fields=_fields,
    key=("code",),
    finish=_finish,
    shape="point",
)
