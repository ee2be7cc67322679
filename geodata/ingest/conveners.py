"""Rotating conveners (轮值召集人): which unit convenes the network of an area, and in which year or from day to day."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from geodata.formats.table import Value
from geodata.ingest.cells import CellRefused, text
from geodata.ingest.columns import Field
from geodata.ingest.kinds import Job, Kind, Record
from geodata.ingest.named_areas import named_area
from geodata.ingest.spans import FIRST_DAY, LAST_DAY, refuse_overlaps, span_of
from geodata.ingest.spellings import AREA, LEVEL
from geodata.models import ConvenerTerm

UNIT_HEADINGS = (
    "轮值召集人",
    "召集人",
    "轮值单位",
    "召集单位",
    "单位",
    "单位编码",
    "单位名称",
    "convener",
    "unit_code",
)


def _year(value: Value) -> int:
    """A year such as 2026 or 2026年度."""
    found = re.fullmatch(r"(\d{4})\s*(?:年度?)?", unicodedata.normalize("NFKC", text(value)))
    if found is None:
        raise CellRefused("write the year as 2026")
    return int(found[1])


def _fields(job: Job) -> tuple[Field, ...]:
    return (
        LEVEL,
        AREA,
        Field("unit", job.references.unit, UNIT_HEADINGS, required=True),
        Field("year", _year, ("年度", "年份", "轮值年度", "轮值年份")),
        FIRST_DAY,
        LAST_DAY,
    )


def _finish(records: Sequence[Record], job: Job) -> None:
    names = {}
    for record in records:
        cells = record.cells
        area, year = named_area(record, job), cells.get("year")
        if year is not None and not cells.get("valid_from"):
            cells["valid_from"] = date(year, 1, 1)
            cells["last_day"] = cells.get("last_day") or date(year, 12, 31)
        if cells.get("valid_from") is None:
            job.problem(record, "valid_from", "say the year, or the day from which it convenes", "")
            continue
        span = span_of(record, job)
        if area is None or span is None:
            continue
        names[cells["unit"].id] = cells["unit"].name
        record.values = {"level": area.level, "area_code": area.code, "unit_id": cells["unit"].id, **span}

    def of_whom(values: Mapping[str, Any]) -> str:
        return str(values.get("unit_name") or names.get(values["unit_id"], ""))

    refuse_overlaps(records, job, job.references.terms, within=("level", "area_code"), of_whom=of_whom)


CONVENERS = Kind(
    name="conveners",
    title_zh="轮值召集人",
    title_en="rotating conveners",
    model=ConvenerTerm,
    fields=_fields,
    key=("level", "area_code", "valid_from"),
    finish=_finish,
)
