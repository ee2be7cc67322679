"""Double registration (双报到) as counts of units and areas by period: how many, never who."""

from collections.abc import Sequence

from geodata.ingest.cells import count, period, text
from geodata.ingest.columns import Field
from geodata.ingest.kinds import Job, Kind, Record
from geodata.ingest.named_areas import named_area
from geodata.ingest.spellings import AREA, LEVEL
from geodata.models import RegistrationCount

COUNTS = ("members_total", "members_registered", "units_registered", "pledges_claimed")


def _fields(job: Job) -> tuple[Field, ...]:
    return (
        Field("unit", job.references.unit, ("单位编码", "单位", "单位名称", "unit_code", "unit_name")),
        LEVEL,
        AREA,
        Field("period", period, ("期间", "时期", "年度", "年份", "月份", "季度"), required=True),
        Field("members_total", count, ("应报到党员数", "党员总数", "在职党员总数", "党员数")),
        Field("members_registered", count, ("已报到党员数", "报到党员数", "报到人数")),
        Field("units_registered", count, ("已报到单位数", "报到单位数", "报到组织数", "已报到组织数")),
        Field("pledges_claimed", count, ("认领承诺数", "认领项目数", "认领数", "承诺数")),
        Field("source", text, ("来源", "依据")),
    )


def _finish(records: Sequence[Record], job: Job) -> None:
    for record in records:
        cells = record.cells
        unit = cells.get("unit")
        if unit is not None:
            of_kind, of_code = "unit", unit.code
        else:
            area = named_area(record, job)
            if area is None:
                continue
            of_kind, of_code = area
        total, registered = cells.get("members_total"), cells.get("members_registered")
        if total is not None and registered is not None and registered > total:
            job.problem(record, "members_registered", f"more have registered than there are ({total})")
            continue
        record.values = {"of_kind": of_kind, "of_code": of_code, "period": cells["period"]}
        record.values |= {name: cells[name] for name in (*COUNTS, "source") if name in cells}


REGISTRATIONS = Kind(
    name="registrations",
    title_zh="双报到统计",
    title_en="registrations as counts",
    model=RegistrationCount,
    fields=_fields,
    key=("of_kind", "of_code", "period"),
    finish=_finish,
)
