"""Responsibility blocks, with their holders and teams."""

from collections.abc import Sequence

from geodata.ingest.cells import code
from geodata.ingest.columns import Field
from geodata.ingest.kinds import Job, Kind, Record
from geodata.ingest.places import wkb
from geodata.ingest.spellings import HOLDER_HEADINGS, HOLDER_ROLE, TOWN_CODE, coded, named
from geodata.models import ResponsibilityBlock

_PLAIN = ("code", "name", "region_code", "town_code", "holder_role")


def _fields(job: Job) -> tuple[Field, ...]:
    return (
        coded("区块", "责任区块编码", "block_code", required=True),
        named("区块", "责任区块", "block_name"),
        Field("region_code", code, ("片区编码", "片区", "责任片区", "region")),
        TOWN_CODE,
        Field("holder", job.references.unit, HOLDER_HEADINGS),
        HOLDER_ROLE,
        Field("team", job.references.team, ("服务团队", "团队", "团队编码", "team_code", "team_name")),
    )


def _finish(records: Sequence[Record], job: Job) -> None:
    for record in records:
        cells = record.cells
        record.values = {name: cells[name] for name in _PLAIN if name in cells}
        for name in ("holder", "team"):
            if name in cells:
                record.values[f"{name}_id"] = cells[name].id if cells[name] else None
        if "geometry" in job.fields:
            record.values["geom"] = wkb(record.shape)


BLOCKS = Kind(
    name="blocks",
    title_zh="责任区块",
    title_en="responsibility blocks",
    model=ResponsibilityBlock,
    fields=_fields,
    key=("code",),
    finish=_finish,
    shape="polygon",
)
