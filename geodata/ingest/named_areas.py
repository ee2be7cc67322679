"""The level and the area that a row names, by whichever of both it tells."""

from typing import NamedTuple

from geodata.ingest.cells import CellRefused
from geodata.ingest.kinds import Job, Record
from geodata.models import LEVELS


class NamedArea(NamedTuple):
    """An area of today."""

    level: str
    code: str


def named_area(record: Record, job: Job) -> NamedArea | None:
    """The area of a row's `level` and `area_code`, each code or name; without both it is the district.

    Without a level every level is looked through, and the one that has the area is meant. None, with a problem noted,
    where there is no such area, or where the name alone could mean several.
    """
    level, said = record.cells.get("level"), record.cells.get("area_code")
    if said is None:
        if level in {None, LEVELS[0]}:
            return NamedArea(LEVELS[0], job.district_code)
        job.problem(record, "area_code", f"it is of a {level}, so say which: its code or its name", "")
        return None
    found, refusals = [], []
    for one in LEVELS if level is None else (level,):
        try:
            found.append(NamedArea(one, job.references.area_code(said, one)))
        except CellRefused as refusal:
            refusals.append(str(refusal))
    if len(found) == 1:
        return found[0]
    if found:
        reason = f"it names a {' and a '.join(one.level for one in found)}: tell the level as well"
    else:
        reason = refusals[0] if level else "there is no district, town or village of this code or name today"
    job.problem(record, "area_code", reason, said)
    return None
