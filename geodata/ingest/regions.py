"""Regions: parts of a town that group responsibility blocks."""

from collections.abc import Sequence

from geodata.ingest.columns import Field
from geodata.ingest.kinds import Job, Kind, Record
from geodata.ingest.places import wkb
from geodata.ingest.spellings import HOLDER_HEADINGS, HOLDER_ROLE, TOWN_CODE, coded, named
from geodata.models import Region

_PLAIN = ("code", "name", "town_code", "holder_role")


def _fields(job: Job) -> tuple[Field, ...]:
    return (
        coded("片区", "责任片区编码", "region_code", required=True),
        named("片区", "责任片区", "region_name"),
        TOWN_CODE,
        Field("holder", job.references.unit, HOLDER_HEADINGS),
        HOLDER_ROLE,
    )


def _finish(records: Sequence[Record], job: Job) -> None:
    for record in records:
        record.values = {name: record.cells[name] for name in _PLAIN if name in record.cells}
        if "holder" in record.cells:
            record.values["holder_id"] = record.cells["holder"].id if record.cells["holder"] else None
        if "geometry" in job.fields:
            record.values["geom"] = wkb(record.shape)


REGIONS = Kind(
    name="regions",
    title_zh="责任片区",
    title_en="regions",
    model=Region,
    fields=_fields,
    key=("code",),
    finish=_finish,
    shape="polygon",
)
