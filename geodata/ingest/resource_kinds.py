"""Kinds of resource: what demands ask for and units offer, by code."""

from collections.abc import Sequence

from geodata.ingest.cells import CellRefused, code, text
from geodata.ingest.columns import Field
from geodata.ingest.kinds import Job, Kind, Record
from geodata.models import ResourceKind


def _fields(_job: Job) -> tuple[Field, ...]:
    return (
        Field("code", code, ("类型编码", "资源类型编码", "编码", "代码"), required=True),
        Field("name_zh", text, ("中文名称", "类型名称", "资源类型", "名称", "name"), required=True),
        Field("name_en", text, ("英文名称",)),
    )


def _finish(records: Sequence[Record], job: Job) -> None:
    for record in records:
        told = record.cells
        # a district that speaks Chinese alone has one name for both
        name_en = told.get("name_en") or told["name_zh"]
        record.values = {"code": told["code"], "name_zh": told["name_zh"], "name_en": name_en}
    if "name_en" not in job.fields:
        job.only_new.add("name_en")
    for column in ("name_zh", "name_en"):
        _check_once(records, column, job)


def _check_once(records: Sequence[Record], column: str, job: Job) -> None:
    """Note a problem where two kinds of the file share a name, or one takes the name that a stored one has."""
    codes: dict[str, str] = {}
    for record in records:
        name, mine = record.values[column], record.values["code"]
        other = codes.setdefault(name, mine)
        if other == mine:
            other = _code_of(name, job) or mine
        if other != mine:
            job.problem(record, column, f"{other} has this name as well", name)


def _code_of(name: str, job: Job) -> str | None:
    try:
        return job.references.resource_kind(name)
    except CellRefused:
        return None


RESOURCE_KINDS = Kind(
    name="resource_kinds",
    title_zh="资源类型",
    title_en="kinds of resource",
    model=ResourceKind,
    fields=_fields,
    key=("code",),
    finish=_finish,
)
