"""Duty grids: sets of cells given to a post, drawn as polygons or listed cell by cell."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geodata import masking
from geodata.formats.table import Value
from geodata.ingest.cells import CellRefused, one_of, text
from geodata.ingest.columns import Field
from geodata.ingest.kinds import Job, Kind, Record
from geodata.ingest.places import shape_array, wkb
from geodata.ingest.spellings import coded, named
from geodata.models import DutyGrid
from geodata.queries.grids import CellRow
from spatial.clean import only_area
from spatial.crs import geodesic_area_m2

RESPONSIBILITY, COMPREHENSIVE = "responsibility", "comprehensive"
_SCHEMES = {
    **dict.fromkeys((RESPONSIBILITY, "责任网格", "责任", "基础网格", "基础"), RESPONSIBILITY),
    **dict.fromkeys((COMPREHENSIVE, "综合网格", "综合"), COMPREHENSIVE),
}
_TITLE = "责任网格"
_OF_THE_GRID = ("name", "post", "town_code")
_CELL_HEADINGS = ("单元网格编码", "单元网格代码", "单元网格", "万米网格编码", "万米网格", "网格编码", "cell")
_POST_HEADINGS = ("岗位", "岗位名称", "网格员岗位", "网格岗位", "责任岗位", "岗位编号", "post_name")
_TOWN_HEADINGS = ("街镇", "街镇编码", "街镇名称", "所属街镇", "街道", "街道编码", "镇", "town")

# The hundred most frequent surnames. A short name that begins with one and has no word of a post is a person's.
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
    "姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
_PERSON = re.compile(rf"[{_SURNAMES}][\u3400-\u9fff·]{{1,3}}")
_OF_A_POST = re.compile("[岗员号组站点队区村社网格班段巡位长所]")


def _fields(job: Job) -> tuple[Field, ...]:
    return (
        coded(_TITLE, "综合网格编码", "综合网格代码", "duty_grid_code", "duty_grid", "网格编码", required=True),
        named(_TITLE, "综合网格名称", "综合网格", "网格名称", "duty_grid_name", required=False),
        Field("post", _post, _POST_HEADINGS),
        Field("scheme", one_of(_SCHEMES), ("网格体系", "体系", "网格类型", "类型", "type")),
        Field("town_code", lambda value: job.references.area_code(value, "town"), _TOWN_HEADINGS),
        Field("cell_code", job.references.cell, _CELL_HEADINGS),
    )


def _post(value: Value) -> str:
    """The name of a post; one that is a person's, or that leads to one, is refused."""
    found = text(value)
    if masking.told(found):
        raise CellRefused("it holds a number that leads to a person; write the post alone")
    if _PERSON.fullmatch(found) and not _OF_A_POST.search(found):
        raise CellRefused(f"it looks like the name of a person; write the post, such as {found[0]}家巷网格员岗")
    return found


def _finish(records: Sequence[Record], job: Job) -> None:
    if "scheme" not in job.fields:
        note = "the file does not tell the scheme: taken as responsibility grids (责任网格), else --map scheme=="
        job.report.note("scheme_unknown", f"{note}{COMPREHENSIVE}")
    for name in ("name", "town_code"):
        if name not in job.fields:
            job.only_new.add(name)
    if "cell_code" in job.fields:
        _listed(records, job)
    else:
        _drawn(records, job)


def _drawn(records: Sequence[Record], job: Job) -> None:
    """Each row a duty grid with its boundary; which cells it holds follows from where they lie."""
    towns = job.references.area_shapes("town")
    for record in records:
        if record.shape is None:
            job.problem(record, "geometry", "it has no boundary; a duty grid is drawn, or its cells are listed", "")
            continue
        _fill(record, job, told=record.cells, ground=record.shape, town=_largest(record.shape, towns))


def _largest(shape: BaseGeometry, towns: Mapping[str, BaseGeometry]) -> str | None:
    """The town that most of a shape lies in, the lower code of equals; None outside all."""
    codes = sorted(towns)
    if not codes:
        return None
    shared = geodesic_area_m2(shapely.intersection(shape, shape_array([towns[code] for code in codes])))
    best = int(np.argmax(shared))
    return codes[best] if shared[best] > 0 else None


def _listed(records: Sequence[Record], job: Job) -> None:
    """Each row a cell of a duty grid; the rows of a grid become one record, with its cells under `cells`."""
    groups: dict[tuple[str, str], list[Record]] = {}
    for record in records:
        if record.cells["cell_code"] is None:
            job.problem(record, "cell_code", "it names no cell", "")
        else:
            groups.setdefault((_scheme(record), record.cells["code"]), []).append(record)
    repeated: list[int] = []
    for rows in groups.values():
        told: dict[str, object] = {}
        cells: dict[str, CellRow] = {}
        for record in rows:
            if not _agrees(record, told, job):
                continue
            cell = record.cells["cell_code"]
            if cell.code in cells:
                repeated.append(record.row)
            cells[cell.code] = cell
        ground = only_area(shapely.union_all([cells[code].shape for code in sorted(cells)]))
        towns = Counter(cell.town_code for cell in cells.values() if cell.town_code)
        rows[0].cells["cells"] = frozenset(cells)
        most = min(towns, key=lambda code: (-towns[code], code)) if towns else None
        _fill(rows[0], job, told=told, ground=ground, town=most)
    if repeated:
        note = f"{len(repeated)} rows name a cell that their duty grid has already, and count once"
        job.report.note("duplicates", note, {"count": len(repeated), "rows": repeated[:1000]})


def _agrees(record: Record, told: dict[str, object], job: Job) -> bool:
    """Whether a row says nothing else of its duty grid than the rows before; what it adds is put to `told`."""
    for name in _OF_THE_GRID:
        said = record.cells.get(name)
        if said is None:
            continue
        if told.setdefault(name, said) != said:
            job.problem(record, name, f"a row before says {told[name]!r} of the duty grid {record.cells['code']}", said)
            return False
    return True


def _fill(record: Record, job: Job, *, told: Mapping[str, object], ground: BaseGeometry, town: str | None) -> None:
    record.values = {
        "scheme": _scheme(record),
        "code": record.cells["code"],
        # where nobody has a name for it, people say its code
        "name": told.get("name") or record.cells["code"],
        "town_code": told.get("town_code") or town,
        "geom": wkb(ground),
    }
    if "post" in job.fields:
        record.values["post"] = told.get("post")


def _scheme(record: Record) -> str:
    return record.cells.get("scheme") or RESPONSIBILITY


DUTY_GRIDS = Kind(
    name="duty_grids",
    title_zh="责任网格",
    title_en="duty grids",
    model=DutyGrid,
    fields=_fields,
    key=("scheme", "code"),
    finish=_finish,
    shape="polygon",
    instead_of_shape="cell_code",
    posts_only=True,
)
