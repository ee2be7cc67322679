"""Areas: districts, towns and villages, with or without boundaries, in generations."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import shapely

from geodata.geocode.text import normalise
from geodata.ingest.cells import code, text
from geodata.ingest.columns import Field
from geodata.ingest.kinds import Job, Kind, MadeArea, Record
from geodata.ingest.places import shape_array, wkb
from geodata.ingest.spellings import CODE_HEADINGS, NAME_HEADINGS
from geodata.models import LEVELS, OPEN_START, Area
from geodata.queries.references import AreaFact
from spatial.errors import BadCode

# How lists call the three levels; a list of villages carries the columns of its towns and district, too.
_TITLES: Mapping[str, tuple[str, ...]] = {
    "district": ("district", "county", "区", "区县"),
    "town": ("town", "street", "township", "街镇", "街道", "乡镇", "镇"),
    "village": (
        *("village", "neighbourhood", "neighborhood", "community"),
        *("居村", "村居", "居委", "村委", "社区", "居委会"),
    ),
}


def _fields(job: Job) -> tuple[Field, ...]:
    level = job.level or LEVELS[0]
    fields = [
        Field("code", code, (*_spelled(level, "code"), *CODE_HEADINGS)),
        Field("name", text, (*_spelled(level, "name"), *NAME_HEADINGS), required=True),
        Field("name_en", text, ("英文名", "英文名称", "english_name")),
    ]
    if level != LEVELS[0]:
        above = LEVELS[LEVELS.index(level) - 1]
        fields += [
            Field("parent_code", code, ("上级编码", "上级代码", *_spelled(above, "code"))),
            Field("parent_name", text, ("上级名称", "上级", *_spelled(above, "name"))),
        ]
    return tuple(fields)


def _spelled(level: str, what: str) -> tuple[str, ...]:
    endings = {"code": ("_code", "编码", "代码", "_id"), "name": ("_name", "名称", "")}[what]
    return tuple(f"{title}{ending}" for title in _TITLES[level] for ending in endings)


def begins(job: Job) -> tuple[date, date | None]:
    """The day on which the generation of this import begins, and the day a later one ends it.

    Without a day of its own, a file adds to the generation in force today, and the first file of a
    level begins before all records.
    """
    generations = job.references.generations(job.level or "")
    if job.valid_from is not None:
        first = job.valid_from
    else:
        past = [day for day in generations if day <= job.today]
        first = past[-1] if past else OPEN_START
    return first, next((day for day in generations if day > first), None)


def _finish(records: Sequence[Record], job: Job) -> None:
    level = job.level or ""
    first, last = begins(job)
    on = job.valid_from or job.today
    by_name = _by_name(job.references.areas(level, on))
    finder = _ParentFinder(job, on, first)
    without = []
    for record in records:
        found = record.cells.get("code") or by_name.get(normalise(record.cells["name"]))
        if found is None:
            job.problem(record, "code", f"there is no code, and no {level} of this name is there yet to take it from")
            continue
        found = _checked_code(found, record, job)
        parent = finder.parent(found, record)
        if found is None or (parent is None and record.row in finder.refused):
            continue
        if record.shape is None:
            without.append(record.row)
        record.values = {
            "level": level,
            "code": found,
            "name": record.cells["name"],
            "parent_code": parent,
            "valid_from": first,
            "valid_to": last,
            "origin": "imported",
            "geom": wkb(record.shape),
            "datum": job.datum.name if job.datum and record.shape is not None else None,
        }
        if "name_en" in record.cells:
            record.values["name_en"] = record.cells["name_en"]
    _tell(job, finder, without, taken_by_name="code" not in job.fields)


def _by_name(areas: Sequence[AreaFact]) -> dict[str, str]:
    """Codes by name; a name that two areas bear gives none."""
    count = Counter(normalise(area.name) for area in areas)
    return {normalise(area.name): area.code for area in areas if count[normalise(area.name)] == 1}


def _checked_code(found: str, record: Record, job: Job) -> str | None:
    """The code; for a district ours, however it is padded, and for another district's a problem."""
    if job.level != LEVELS[0]:
        return found
    if _is_same(found, job.district_code, job):
        return job.district_code
    reason = f"this installation is of district {job.district_code}; make another one for this"
    job.problem(record, "code", reason, found)
    return None


def _is_same(left: str, right: str, job: Job) -> bool:
    if left == right:
        return True
    try:
        return job.pattern.is_same(left, right)
    except BadCode:
        return False


class _ParentFinder:
    """The parent of each area: by column, by name, by code, or by ground, and how many by which."""

    def __init__(self, job: Job, on: date, first: date) -> None:
        self.job = job
        self.level = job.level or ""
        self.on = on
        self.first = first
        self.above = LEVELS[LEVELS.index(self.level) - 1] if self.level != LEVELS[0] else None
        self.areas = job.references.areas(self.above, on) if self.above else []
        self.codes = {area.code for area in self.areas}
        self.names = _by_name(self.areas)
        self.shapes = job.references.area_shapes(self.above, on) if self.above == LEVELS[1] else {}
        self.made: dict[str, MadeArea] = {}
        self.refused: set[int] = set()
        self.by: Counter[str] = Counter()
        self.orphans: list[int] = []

    def parent(self, code_: str | None, record: Record) -> str | None:
        """The parent's code; None for a district, where none is found, and for a row refused here."""
        if self.above is None or code_ is None:
            return None
        if self.above == LEVELS[0]:
            return self._district(record)
        for way in (self._by_column, self._by_name, self._by_code, self._by_ground):
            found = way(code_, record)
            if found is not None:
                self.by[way.__name__.removeprefix("_by_")] += 1
                return found
            if record.row in self.refused:
                return None
        self.orphans.append(record.row)
        return None

    def _district(self, record: Record) -> str | None:
        said = record.cells.get("parent_code")
        if said is not None and not _is_same(said, self.job.district_code, self.job):
            self._refuse(record, "parent_code", f"it belongs to another district than {self.job.district_code}")
            return None
        return self.job.district_code

    def _by_column(self, _code: str, record: Record) -> str | None:
        said: str | None = record.cells.get("parent_code")
        if said is None:
            return None
        found = self._known(said)
        if found is not None:
            return found
        name = record.cells.get("parent_name")
        if name is None:
            reason = f"there is no {self.above} of this code on {self.on}; import the {self.above}s first"
            self._refuse(record, "parent_code", reason)
            return None
        self._make(said, name, record)
        return said

    def _by_name(self, _code: str, record: Record) -> str | None:
        said = record.cells.get("parent_name")
        return None if said is None else self.names.get(normalise(said))

    def _by_code(self, code_: str, _record: Record) -> str | None:
        try:
            return self._known(self.job.pattern.parent_code(code_, self.level, self.above or ""))
        except BadCode:
            return None

    def _by_ground(self, _code: str, record: Record) -> str | None:
        if record.shape is None or not self.shapes:
            return None
        codes = sorted(self.shapes)
        grounds = shape_array([self.shapes[one] for one in codes])
        shared = shapely.area(shapely.intersection(record.shape, grounds))
        best = int(np.argmax(shared))
        return codes[best] if shared[best] > 0 else None

    def _known(self, said: str) -> str | None:
        if said in self.codes or said in self.made:
            return said
        return next((one for one in sorted(self.codes) if _is_same(one, said, self.job)), None)

    def _make(self, code_: str, name: str, record: Record) -> None:
        """A parent that the file names and that was not there on that day, to be made without boundary."""
        begin = min((area.valid_from for area in self.areas), default=self.first)
        later = [day for day in self.job.references.generations(self.above or "") if day > begin]
        self.made[code_] = MadeArea(
            self.above or "", code_, name, self.job.district_code, begin, later[0] if later else None, record.row
        )

    def _refuse(self, record: Record, where: str, reason: str) -> None:
        self.refused.add(record.row)
        self.job.problem(record, where, reason)


def _tell(job: Job, finder: _ParentFinder, without: list[int], *, taken_by_name: bool) -> None:
    report = job.report
    job.made_areas.extend(finder.made.values())
    if finder.by:
        ways = {"column": "a column", "name": "the parent's name", "code": "the code", "ground": "the ground"}
        told = ", ".join(f"{number} by {ways[way]}" for way, number in sorted(finder.by.items()))
        report.note("parents", f"parents found: {told}", dict(finder.by))
    if finder.orphans:
        text_ = f"{len(finder.orphans)} areas have no parent that is known"
        report.note("no_parent", text_, {"count": len(finder.orphans), "rows": finder.orphans})
    if finder.made:
        names = ", ".join(f"{one.name} ({one.code})" for one in finder.made.values())
        text_ = f"{len(finder.made)} {finder.above}s not there on {finder.on} were made without boundary: {names}"
        report.note("parents_made", text_, {"count": len(finder.made), "codes": sorted(finder.made)})
    if without:
        text_ = f"{len(without)} areas have no boundary in the file"
        report.note("boundary_missing", text_, {"count": len(without)})
    if taken_by_name:
        report.note("codes_by_name", "the file has no codes; they were taken from areas of the same name")


AREAS = Kind(
    name="areas",
    title_zh="区域",
    title_en="areas",
    model=Area,
    fields=_fields,
    key=("level", "code", "valid_from"),
    finish=_finish,
    shape="polygon",
)
