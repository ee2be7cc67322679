"""Who takes part in a joint project: several units in one cell, stored beside the projects."""

import re
from typing import Any, NamedTuple

from geodata.formats.table import Value
from geodata.ingest.cells import CellRefused, Checker, text
from geodata.ingest.kinds import Job, Record
from geodata.ingest.references import References
from geodata.models import ProjectPartner
from geodata.queries.references import UnitFact

# As people write lists; a name with one of these in it can still be told by its code.
_BETWEEN = re.compile(r"[、;；,，\n]+")


class PartnerField(NamedTuple):
    """A column that lists units, and as what they take part."""

    field: str
    part: str
    headings: tuple[str, ...]


PARTNERS = (
    PartnerField(
        "partners",
        "partner",
        ("参与单位", "共建单位", "成员单位", "协办单位", "配合单位", "参与单位编码", "partner", "partner_units"),
    ),
    PartnerField("support", "support", ("支持单位", "支持单位编码", "supporters", "supporting_units")),
)


def units_of(references: References) -> Checker:
    """The checker of a cell with units between commas, each by code, or by a name only one has, each once."""

    def check(value: Value) -> list[UnitFact]:
        told = text(value)
        try:
            # one name may hold such a sign
            return [references.unit(told)]
        except CellRefused:
            names = [name for part in _BETWEEN.split(told) if (name := part.strip())]
        found: dict[int, UnitFact] = {}
        for name in names:
            try:
                unit = references.unit(name)
            except CellRefused as refusal:
                raise CellRefused(f"{name[:40]}: {refusal}") from refusal
            found[unit.id] = unit
        return list(found.values())

    return check


def note_partners(record: Record, job: Job) -> None:
    """Keep the units of a row that tells any, to be stored with its project; an empty cell says there are none.

    The lead is left out where it stands among them, as lists of offices have it; in two parts at once is a problem.
    """
    told = [one for one in PARTNERS if one.field in record.cells]
    if not told:
        return
    lead = record.cells.get("lead")
    units: dict[int, str] = {}
    for one in told:
        for unit in record.cells[one.field] or ():
            if lead is not None and unit.id == lead.id:
                continue
            if unit.id in units:
                job.problem(record, one.field, f"{unit.code} is a partner already; name it once", unit.code)
                return
            units[unit.id] = one.part
    row: dict[str, Any] = {"code": record.values["code"], "fields": [one.part for one in told], "units": units}
    job.beside.setdefault(ProjectPartner, []).append(row)
