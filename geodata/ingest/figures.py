"""Figures that a report or an article states of an area."""

from collections.abc import Sequence

from geodata.formats.table import Value
from geodata.ingest.cells import CellRefused, number, one_of, period, text
from geodata.ingest.columns import Field
from geodata.ingest.kinds import Job, Kind, Record
from geodata.ingest.named_areas import named_area
from geodata.ingest.spellings import AREA, LEVEL
from geodata.models import StatedFigure

# What can be stated, by its word here and as reports write it; each has its counterpart in
# `geodata/queries/figures.py`, which counts it here.
FIGURE_WORDS = {
    **dict.fromkeys(("units_district", "区级成员单位"), "units_district"),
    **dict.fromkeys(("units_town", "街镇级成员单位"), "units_town"),
    **dict.fromkeys(("units_village", "居村级成员单位"), "units_village"),
    **dict.fromkeys(("units_registered", "双报到单位", "报到单位"), "units_registered"),
    **dict.fromkeys(("members_registered", "双报到党员", "报到党员"), "members_registered"),
    **dict.fromkeys(("members_rate", "党员报到率", "报到率"), "members_rate"),
    **dict.fromkeys(("resources", "共享资源"), "resources"),
    **dict.fromkeys(("projects_district", "区级共建项目"), "projects_district"),
    **dict.fromkeys(("projects_town", "街镇级共建项目"), "projects_town"),
    **dict.fromkeys(("regions", "责任片区"), "regions"),
    **dict.fromkeys(("blocks", "责任区块"), "blocks"),
    **dict.fromkeys(("points", "责任点"), "points"),
    **dict.fromkeys(("teams", "服务团队"), "teams"),
}
FIGURES = tuple(dict.fromkeys(FIGURE_WORDS.values()))
# Shares are kept as 0..1, and may be written per cent.
SHARES = frozenset({"members_rate"})
LARGEST = 1e9


def _value(value: Value) -> float:
    plain = text(value) if isinstance(value, str) else value
    is_per_cent = isinstance(plain, str) and plain.endswith(("%", "％"))
    found = number(plain.rstrip("%％").strip() if isinstance(plain, str) and is_per_cent else plain)
    if not 0 <= found <= LARGEST:
        raise CellRefused("it must be a number from 0 to a thousand million")
    return found / 100 if is_per_cent else found


def _fields(_job: Job) -> tuple[Field, ...]:
    return (
        Field("figure", one_of(FIGURE_WORDS), ("指标", "数据项", "名称"), required=True),
        LEVEL,
        AREA,
        Field("period", period, ("期间", "时期", "年度", "年份"), required=True),
        Field("value", _value, ("数值", "数据", "值"), required=True),
        Field("source", text, ("来源", "依据", "出处")),
    )


def _finish(records: Sequence[Record], job: Job) -> None:
    for record in records:
        cells = record.cells
        area = named_area(record, job)
        if area is None:
            continue
        if cells["figure"] in SHARES and cells["value"] > 1:
            job.problem(record, "value", "a share is at most 1, or 100 %: write 0.833 or 83.3%")
            continue
        record.values = {"level": area.level, "area_code": area.code}
        record.values |= {name: cells[name] for name in ("figure", "period", "value")}
        if "source" in cells:
            record.values["source"] = cells["source"]


STATED_FIGURES = Kind(
    name="figures",
    title_zh="引用数据",
    title_en="stated figures",
    model=StatedFigure,
    fields=_fields,
    key=("figure", "level", "area_code", "period"),
    finish=_finish,
)
