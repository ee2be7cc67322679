"""The gazetteer: named places, crossings, doors, posts, roads and other names that addresses are found by.

A file may be a list of points, a layer with a column for names, or features with the tags of
OpenStreetMap; its lines become roads, all else entries, and what has other names gives aliases.
"""

import re
from collections.abc import Sequence
from typing import Any

import shapely

from geodata.formats.osm import DOOR_TAGS, LEVEL_TAGS, MEANINGS, OTHER_NAMES
from geodata.geocode.gazetteer import entry_parts
from geodata.geocode.text import normalise
from geodata.ingest.cells import CellRefused, code, day, one_of, text
from geodata.ingest.columns import Field
from geodata.ingest.errors import FieldsMissing
from geodata.ingest.gazetteer_rows import FOUND_BY, LONGEST_NAME, Taking
from geodata.ingest.gazetteer_tags import NO_PLACES, NO_ROADS, NODE_ACCURACY_M, Tagged, is_tagged, km_of, layer_of
from geodata.ingest.house_numbers import HouseNumber, read_numbers, road_norm
from geodata.ingest.kinds import Job, Kind, Record
from geodata.ingest.places import shape_array
from geodata.ingest.report import RowRepair
from geodata.ingest.spellings import ACCURACY, ADDRESS, named
from geodata.models import GazetteerAlias, GazetteerEntry, GazetteerRoad
from spatial.lines import repair_lines

_KINDS = {
    **dict.fromkeys(("place", "地点", "场所", "小区", "站点"), "place"),
    **dict.fromkeys(("crossing", "路口", "交叉口"), "crossing"),
    **dict.fromkeys(("door", "门牌", "门牌号"), "door"),
    **dict.fromkeys(("km_post", "里程碑", "里程桩", "公里桩"), "km_post"),
    **dict.fromkeys(("alias", "别名"), "alias"),
    **dict.fromkeys(("road", "道路"), "road"),
}
_NAMED_THINGS = {
    **dict.fromkeys(("place", "地点", "场所", "小区", "站点"), "place"),
    **dict.fromkeys(("road", "道路", "路"), "road"),
    **dict.fromkeys(("town", "街镇", "街道", "镇"), "town"),
    **dict.fromkeys(("village", "村居", "村", "居委"), "village"),
}
Row = dict[str, Any]

_PARTS = ("road", "cross_road", "lane", "number")
_SEPARATED = re.compile("[;；、,，|]")


def _name(value: Any) -> str:  # noqa: ANN401 - whatever a cell holds
    found = text(value)
    if len(found) > LONGEST_NAME:
        raise CellRefused(f"{len(found)} characters, and a name has {LONGEST_NAME} at most")
    return found


def _km(value: Any) -> float:  # noqa: ANN401 - whatever a cell holds
    found = km_of(text(value))
    if found is None:
        raise CellRefused("write kilometres as 12.5 or K12+500")
    return found


def _fields(_job: Job) -> tuple[Field, ...]:
    extra = ("stop_name", "station_name", "estate", "place_name", "poi", "站名", "车站", "小区名称", "道路名称")
    return (
        Field("name", _name, named("地名", *extra).headings),
        Field("kind", one_of(_KINDS), ("类型", "地名类型", "entry_kind")),
        Field("road", _name, ("道路", "路名", "street")),
        Field("cross_road", _name, ("交叉道路", "相交道路", "cross_street")),
        Field("lane", _name, ("弄", "弄号")),
        Field("number", _name, ("门牌", "门牌号", "house_number")),
        Field("district", _name, ("区", "区县", "所属区", "所在区")),
        Field("km", _km, ("里程", "桩号", "公里数")),
        Field("alias", text, ("别名", "又名", "曾用名", "俗称")),
        Field("target", _name, ("正名", "标准名", "标准地名")),
        Field("what", text, ("所指", "别名类型")),
        Field("source", _name, ("来源", "数据来源")),
        Field("licence", _name, ("license", "许可", "许可协议", "授权")),
        Field("valid_from", day, ("启用日期", "生效日期", "起始日期")),
        Field("valid_to", day, ("停用日期", "失效日期", "终止日期")),
        Field("id", code, ("osm_id", "@id", "full_id", "way_id", "要素编号")),
        Field("road_class", text, ("fclass", "道路等级", "等级")),
        *(Field(tag, text) for tag in (*MEANINGS, *OTHER_NAMES, *DOOR_TAGS, *LEVEL_TAGS)),
        *(Field(tag, text) for tag in ("ref", "addr:interpolation", "distance", "pk")),
        ADDRESS,
        ACCURACY,
    )


def _finish(records: Sequence[Record], job: Job) -> None:
    if not job.fields & {"name", "alias", "road", "addr:housenumber"}:
        raise FieldsMissing(["name"], sorted(job.fields))
    if not job.fields & {"lon", "alias"}:
        raise FieldsMissing(["lon", "lat"], sorted(job.fields))
    taking = Taking(job, is_tagged=is_tagged(job))
    mine = _placed(records, job)
    if taking.is_tagged:
        features = Tagged(taking)
        features.take(mine)
        features.finish()
    else:
        for record in mine:
            _take(record, taking)
    taking.finish()


class Extract:
    """An extract on its way into the gazetteer, a batch of records at a time."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._taking = Taking(job, is_tagged=True)
        self._features = Tagged(self._taking)

    def take(self, records: Sequence[Record]) -> tuple[list[Row], list[Row]]:
        """The entries and the stretches of roads that records become, by column; each record is told once.

        records   placed; those with a problem are left out.
        """
        bad = {problem.row for problem in self._job.report.problems}
        mine = _placed([record for record in records if record.row not in bad], self._job)
        self._features.take(mine)
        return self._entries(mine), self._job.beside.pop(GazetteerRoad, [])

    def finish(self) -> tuple[list[Row], list[Row]]:
        """The entries that only the whole tells, and all other names; the counts go into the report."""
        entries = self._entries(self._features.finish())
        self._taking.finish()
        return entries, self._job.beside.pop(GazetteerAlias, [])

    def _entries(self, records: Sequence[Record]) -> list[Row]:
        made = [record.values for record in (*records, *self._job.extra) if record.values]
        self._job.extra.clear()
        return made


def _placed(records: Sequence[Record], job: Job) -> list[Record]:
    """Records with a position or a line of some length; other names need neither."""
    lines = [record for record in records if record.shape is not None]
    made, repairs = repair_lines(shape_array([record.shape for record in lines]))
    for one in repairs:
        job.report.repairs.append(RowRepair(lines[one.index].row, one.what.value, one.detail, 0.0, 0.0))
    flat = set()
    for record, shape in zip(lines, made.tolist(), strict=True):
        record.shape = shape
        if shape is None:
            flat.add(id(record))
            job.problem(record, "geometry", "the line has no length", "")
        else:
            record.shape = shapely.force_2d(shape)
    placed = []
    for record in records:
        if id(record) in flat:
            continue
        if record.shape is None and record.lon is None and record.cells.get("kind") != "alias":
            job.problem(record, "position", "it has no position, and this kind needs one", "")
            continue
        placed.append(record)
    return placed


def _take(record: Record, taking: Taking) -> None:
    """One row of a file without tags."""
    cells, kind = record.cells, record.cells.get("kind")
    if kind == "alias":
        _take_alias(record, taking)
    elif record.shape is not None:
        _take_line(record, taking)
    elif kind == "road":
        taking.job.problem(record, "geometry", "a road is a line, and this is a point")
    elif cells.get("road_class") in NO_PLACES:
        taking.unused[f"a feature of the class {cells['road_class']}"] += 1
    elif kind == "km_post" or (cells.get("name") is None and cells.get("road") and cells.get("km") is not None):
        _take_post(record, taking)
    elif cells.get("name") or (cells.get("road") and (cells.get("number") or cells.get("lane"))):
        _take_entry(record, taking)
    elif "geometry" in taking.job.fields:
        taking.unused["a feature without a name"] += 1
    else:
        taking.job.problem(record, "name", "it is empty", "")


def _take_line(record: Record, taking: Taking) -> None:
    road_class = record.cells.get("road_class")
    name = record.cells.get("name") or record.cells.get("road")
    if not name:
        taking.unused["a line without a name"] += 1
    elif road_class in NO_ROADS:
        taking.unused[f"a line of the class {road_class}"] += 1
    else:
        taking.road(record, name, road_class=road_class, layer=layer_of(record))
        _take_other_names(record, "road", name, taking)


def _take_entry(record: Record, taking: Taking) -> None:
    cells = record.cells
    numbers = _numbers(record)
    told: dict[str, Any] = {part: normalise(cells[part]) if cells.get(part) else None for part in _PARTS}
    if told["road"]:
        told["road"] = road_norm(cells["road"])
    if cells.get("name") is None:
        if not numbers:
            taking.job.problem(record, "number", "it is no house number", told["number"] or told["lane"] or "")
            return
        taking.doors(record, cells["road"], told["road"], numbers)
        return
    name = cells["name"]
    read = entry_parts(name)
    if any(told.values()):
        parts = told
        likely = "crossing" if told["cross_road"] else "door" if told["number"] or told["lane"] else "place"
        if likely == "door" and len(numbers) == 1:
            parts = {**told, **numbers[0]._asdict()}
    else:
        likely = read.kind if cells.get("kind") in {None, read.kind} else "place"
        parts = {part: getattr(read, part, None) if likely == read.kind else None for part in FOUND_BY}
    worth = NODE_ACCURACY_M.get(f"place={cells.get('road_class')}")
    taking.entry(record, cells.get("kind") or likely, name, parts, norm=read.name_norm, accuracy_m=worth)
    if (cells.get("kind") or likely) == "place":
        _take_other_names(record, "place", name, taking)
        taking.listed_door(record)


def _numbers(record: Record) -> tuple[HouseNumber, ...]:
    """The house numbers that the columns `lane` and `number` tell together."""
    lane, number = record.cells.get("lane"), record.cells.get("number")
    if lane is not None:
        lane = normalise(lane)
        lane = lane if lane.endswith("弄") else f"{lane}弄"
    return read_numbers(number or "" if lane is None else number or lane, lane or "" if number else "")


def _take_post(record: Record, taking: Taking) -> None:
    cells = record.cells
    if cells.get("km") is None or not cells.get("road"):
        where = "km" if cells.get("km") is None else "road"
        taking.job.problem(record, where, "a post needs its road and its kilometre", "")
        return
    name = cells.get("name") or f"{cells['road']}{cells['km']:g}公里"
    taking.entry(record, "km_post", name, {"road": road_norm(cells["road"]), "km": cells["km"]})


def _take_alias(record: Record, taking: Taking) -> None:
    """A row that tells another name (`alias`, or `name`) of what is listed as `target`."""
    cells, job = record.cells, taking.job
    alias, target = cells.get("alias") or cells.get("name"), cells.get("target")
    if not alias or not target:
        job.problem(record, "target" if alias else "alias", "it is empty", "")
        return
    what = _NAMED_THINGS.get((cells.get("what") or "place").strip().lower())
    if what is None:
        job.problem(record, "what", f"it must be one of {', '.join(dict.fromkeys(_NAMED_THINGS.values()))}")
        return
    taking.alias(record, what, alias, target)


def _take_other_names(record: Record, kind: str, name: str, taking: Taking) -> None:
    for other in _SEPARATED.split(record.cells.get("alias") or ""):
        if other.strip():
            taking.alias(record, kind, other.strip(), name)


GAZETTEER = Kind(
    name="gazetteer",
    title_zh="地名库",
    title_en="gazetteer",
    model=GazetteerEntry,
    fields=_fields,
    key=("kind", "name", "raw_x", "raw_y", "source"),
    finish=_finish,
    shape="mixed",
)
