"""Service teams, with the contact of a role."""

from collections.abc import Sequence

from geodata.ingest.cells import text
from geodata.ingest.columns import Field
from geodata.ingest.kinds import Job, Kind, Record
from geodata.ingest.spellings import HOLDER_HEADINGS, HOLDER_ROLE, TOWN_CODE, coded, named
from geodata.models import ServiceTeam

_PLAIN = ("code", "name", "town_code", "holder_role", "contact_role", "contact_phone")


def _fields(job: Job) -> tuple[Field, ...]:
    return (
        coded("团队", "服务团队编码", "team_code", required=True),
        named("团队", "服务团队", "team_name"),
        TOWN_CODE,
        Field("holder", job.references.unit, HOLDER_HEADINGS),
        HOLDER_ROLE,
        Field("contact_role", text, ("联络岗位", "联系岗位", "岗位")),
        Field("contact_phone", text, ("值班电话", "办公电话", "联络电话", "duty_phone")),
    )


def _finish(records: Sequence[Record], _job: Job) -> None:
    for record in records:
        record.values = {name: record.cells[name] for name in _PLAIN if name in record.cells}
        if "holder" in record.cells:
            record.values["holder_id"] = record.cells["holder"].id if record.cells["holder"] else None


TEAMS = Kind(
    name="teams",
    title_zh="服务团队",
    title_en="service teams",
    model=ServiceTeam,
    fields=_fields,
    key=("code",),
    finish=_finish,
)
