"""Grid cells made elsewhere."""

from collections.abc import Sequence

from geodata.ingest.cells import code
from geodata.ingest.columns import Field
from geodata.ingest.kinds import Job, Kind, Record
from geodata.ingest.places import wkb
from geodata.ingest.spellings import TOWN_CODE, coded
from geodata.models import GridCell
from spatial.errors import BadCode


def _fields(_job: Job) -> tuple[Field, ...]:
    return (
        coded("网格", "单元网格编码", "网格编号", "cell_code", "grid_code", required=True),
        TOWN_CODE,
        Field("village_code", code, ("居村编码", "村居编码", "居委编码", "village")),
    )


def _finish(records: Sequence[Record], job: Job) -> None:
    for record in records:
        if record.shape is None:
            continue  # told already: a cell without a boundary is none
        cells = record.cells
        found = {name: cells.get(name) for name in ("town_code", "village_code")}
        if not all(found.values()):
            found = _from_code(cells["code"], job) | {name: value for name, value in found.items() if value}
        # squares of another raster: no arithmetic finds them
        raster = {"size_m": None, "gx": None, "gy": None, "is_whole": False}
        record.values = {"code": cells["code"], **found, **raster, "geom": wkb(record.shape)}


def _from_code(cell_code: str, job: Job) -> dict[str, str | None]:
    """The areas that a code of the district's pattern names; none for another code."""
    pattern = job.pattern
    try:
        above = {level: pattern.parent_code(cell_code, "cell", level) for level in pattern.levels}
        provisional = pattern.is_provisional(cell_code)
    except BadCode:
        return {"town_code": None, "village_code": None}
    return {"town_code": above.get("town"), "village_code": None if provisional else above.get("village")}


GRID = Kind(
    name="grid",
    title_zh="单元网格",
    title_en="grid cells",
    model=GridCell,
    fields=_fields,
    key=("code",),
    key_where="valid_to IS NULL",
    finish=_finish,
    shape="polygon",
    place_required=True,
)
