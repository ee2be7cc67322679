"""Responsibility points, by code, or by name with address or position."""

from collections.abc import Sequence

from geodata.ingest.cells import code, positive, text
from geodata.ingest.codes import code_or_made, tell_made_codes
from geodata.ingest.columns import Field
from geodata.ingest.kinds import Job, Kind, Record
from geodata.ingest.places import given_point
from geodata.ingest.spellings import ACCURACY, ADDRESS, HOLDER_HEADINGS, HOLDER_ROLE, coded, named
from geodata.models import ResponsibilityPoint

_PLAIN = ("kind", "block_code", "address", "holder_role")


def _fields(job: Job) -> tuple[Field, ...]:
    return (
        named("责任点", "点位", "point", "point_name", "estate", "小区", "小区名称"),
        coded("责任点", "点位编码", "point_code"),
        Field("kind", text, ("类型", "责任点类型", "type")),
        Field("block_code", code, ("区块编码", "责任区块", "block")),
        Field("holder", job.references.unit, HOLDER_HEADINGS),
        HOLDER_ROLE,
        Field("radius_m", positive, ("半径", "责任半径", "radius")),
        ADDRESS,
        ACCURACY,
    )


def _finish(records: Sequence[Record], job: Job) -> None:
    for record in records:
        cells = record.cells
        where = cells.get("address") or ("" if record.x is None else f"{record.x!r},{record.y!r}")
        record.values = {"code": code_or_made(record, "P", cells["name"], where), "name": cells["name"]}
        record.values |= {column: cells[column] for column in _PLAIN if column in cells}
        if "holder" in cells:
            record.values["holder_id"] = cells["holder"].id if cells["holder"] else None
        if "radius_m" in job.fields:
            record.values["radius_m"] = cells.get("radius_m") or 50.0
        record.values |= given_point(record, job)
    tell_made_codes(job, sum(not record.cells.get("code") for record in records), "points", "name and place")


POINTS = Kind(
    name="points",
    title_zh="责任点",
    title_en="responsibility points",
    model=ResponsibilityPoint,
    fields=_fields,
    key=("code",),
    finish=_finish,
    shape="point",
)
