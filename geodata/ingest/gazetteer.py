"""The gazetteer: named places and crossings that addresses are found by."""

from collections.abc import Sequence

from geodata.geocode.gazetteer import entry_parts
from geodata.geocode.text import normalise
from geodata.ingest.cells import one_of, text
from geodata.ingest.columns import Field
from geodata.ingest.kinds import Job, Kind, Record
from geodata.ingest.places import point_values
from geodata.ingest.spellings import ACCURACY, ADDRESS, named
from geodata.models import GazetteerEntry

_KINDS = {
    **dict.fromkeys(("place", "地点", "场所", "小区", "站点"), "place"),
    **dict.fromkeys(("crossing", "路口", "交叉口"), "crossing"),
    **dict.fromkeys(("door", "门牌", "门牌号"), "door"),
}
_PARTS = ("road", "cross_road", "lane", "number")


def _fields(_job: Job) -> tuple[Field, ...]:
    return (
        named("地名", "stop_name", "station_name", "estate", "place_name", "poi", "站名", "车站", "小区名称"),
        Field("kind", one_of(_KINDS), ("类型", "地名类型", "entry_kind")),
        Field("road", text, ("道路", "路名", "street")),
        Field("cross_road", text, ("交叉道路", "相交道路", "cross_street")),
        Field("lane", text, ("弄", "弄号")),
        Field("number", text, ("门牌", "门牌号", "house_number")),
        ADDRESS,
        ACCURACY,
    )


def _finish(records: Sequence[Record], job: Job) -> None:
    for record in records:
        cells = record.cells
        read = entry_parts(cells["name"])
        told = {name: normalise(cells[name]) if cells.get(name) else None for name in _PARTS}
        if any(told.values()):
            parts = told
            likely = "crossing" if told["cross_road"] else "door" if told["number"] or told["lane"] else "place"
        else:
            likely = read.kind if cells.get("kind") in {None, read.kind} else "place"
            parts = {name: getattr(read, name) if likely == read.kind else None for name in _PARTS}
        record.values = {
            "kind": cells.get("kind") or likely,
            "name": cells["name"],
            "name_norm": read.name_norm,
            "source": job.source,
            **parts,
        }
        if "address" in cells:
            record.values["address"] = cells["address"]
        record.values |= point_values(record, job)


GAZETTEER = Kind(
    name="gazetteer",
    title_zh="地名库",
    title_en="gazetteer",
    model=GazetteerEntry,
    fields=_fields,
    key=("kind", "name", "raw_x", "raw_y", "source"),
    finish=_finish,
    shape="point",
    place_required=True,
)
