"""The base map: roads, railways and watercourses as lines, water, green and buildings as polygons.

What a feature is, a column `theme` tells, or its tags of OpenStreetMap do. Which tags are drawn, under which
theme and from which zoom, is data (`seed/basemap_kinds.csv`); what is not on that list is left out and counted.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geodata import seed
from geodata.ingest.cells import CellRefused, code, count, one_of, text
from geodata.ingest.columns import Field
from geodata.ingest.errors import BadOption
from geodata.ingest.kinds import Job, Kind, Record
from geodata.ingest.places import repair_areas, shape_array, wkb
from geodata.ingest.report import RowRepair
from geodata.ingest.spellings import CODE_HEADINGS, NAME_HEADINGS
from geodata.models import AREA_THEMES, LINE_THEMES, BasemapFeature
from spatial.lines import repair_lines

THEMES = {
    **dict.fromkeys(("road", "roads", "道路", "公路", "路网"), "road"),
    **dict.fromkeys(("rail", "rails", "railway", "轨道", "铁路", "轨道交通"), "rail"),
    **dict.fromkeys(("waterway", "waterways", "河道", "水系线", "河流"), "waterway"),
    **dict.fromkeys(("water", "水面", "水域", "水系"), "water"),
    **dict.fromkeys(("green", "绿地", "绿化", "公园绿地"), "green"),
    **dict.fromkeys(("building", "buildings", "建筑", "建筑物", "房屋"), "building"),
}
# Around the district, as a map shows a little more than its own ground.
PADDING_M = 2000.0

_LINES = frozenset({"LineString", "LinearRing", "MultiLineString"})
_AREAS = frozenset({"Polygon", "MultiPolygon"})
_NEAREST_ZOOM = 22
_ANY, _NO = "*", "no"
_MADE_REF = "made:"
_TOLD = 8


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of the list; `order` says which goes first where several fit a feature."""

    order: int
    theme: str
    kind: str | None
    from_zoom: int


@dataclass(frozen=True)
class Listing:
    """The list: by tag and value, by theme and kind, and what a theme alone counts as."""

    by_tag: dict[tuple[str, str], list[Listed]]
    by_kind: dict[tuple[str, str], Listed]
    by_theme: dict[str, Listed]
    tags: tuple[str, ...]


@cache
def listing() -> Listing:
    """The list as the seed has it."""
    made = Listing({}, {}, {}, ())
    tags: dict[str, None] = {}
    for order, row in enumerate(seed.rows("basemap_kinds")):
        one = Listed(order, row["theme"], row["kind"] or None, int(row["from_zoom"]))
        if row["tag"]:
            tags[row["tag"]] = None
            made.by_tag.setdefault((row["tag"], row["value"]), []).append(one)
        else:
            made.by_theme[row["theme"]] = one
        if row["kind"]:
            made.by_kind.setdefault((row["theme"], row["kind"]), one)
    return Listing(made.by_tag, made.by_kind, made.by_theme, tuple(tags))


def _zoom(value: Any) -> int:  # noqa: ANN401 - whatever a cell holds
    found = count(value)
    if found > _NEAREST_ZOOM:
        raise CellRefused(f"it must be a zoom from 0 to {_NEAREST_ZOOM}")
    return found


def _fields(_job: Job) -> tuple[Field, ...]:
    return (
        Field("theme", one_of(THEMES), ("主题", "要素类别")),
        Field("kind", text, ("类型", "等级", "道路等级", "fclass")),
        Field("name", text, ("名", "路名", "道路名称", *NAME_HEADINGS)),
        Field("from_zoom", _zoom, ("起始级别", "min_zoom")),
        Field("id", code, ("osm_id", "@id", "full_id", "way_id", "要素编号", *CODE_HEADINGS)),
        *(Field(tag, text) for tag in listing().tags),
    )


def _finish(records: Sequence[Record], job: Job) -> None:
    if not job.fields & {"theme", *listing().tags}:
        told = ", ".join(listing().tags)
        raise BadOption("--map", f"no column tells the theme; say --map theme==road, or name one of {told}")
    chosen = _listed(_near(records, job), job)
    lines = [pair for pair in chosen if pair[1].theme in LINE_THEMES]
    areas = [pair for pair in chosen if pair[1].theme in AREA_THEMES]
    _fill(lines, _lines([record for record, _ in lines], job), job)
    _fill(areas, repair_areas([record for record, _ in areas], job), job)


def _near(records: Sequence[Record], job: Job) -> list[Record]:
    """Those that touch the district's extent and PADDING_M around it; the others are counted."""
    if job.extent is None:
        job.report.note("extent_unknown", "no area has a boundary yet, so all features were taken in")
        return list(records)
    shapes = shape_array([record.shape for record in records])
    box = padded(job.extent)
    is_near = shapely.intersects(shapely.box(*box), shapes)
    far = int((~is_near).sum())
    if far:
        text_ = f"{far} features beyond the district and {PADDING_M / 1000:.0f} km around it were left out"
        job.report.note("beyond_district", text_, {"count": far})
    if records and not is_near.any():
        west, south, east, north = shapely.total_bounds(shapes)
        job.report.refused = (
            f"none of the {far} features is near the district; they lie between {west:.4f}, {south:.4f} and "
            f"{east:.4f}, {north:.4f}. Longitude and latitude exchanged, another datum, or the file of another place?"
        )
    return [record for record, keep in zip(records, is_near.tolist(), strict=True) if keep]


def padded(extent: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    """The box with PADDING_M around it, degrees."""
    west, south, east, north = extent
    dy = PADDING_M / 111_000.0
    dx = dy / max(float(np.cos(np.radians((south + north) / 2.0))), 0.1)
    return west - dx, south - dy, east + dx, north + dy


def _listed(records: Sequence[Record], job: Job) -> list[tuple[Record, Listed]]:
    """Records with what the list has for them; those that are not on it are counted by tag."""
    chosen = []
    unlisted: Counter[str] = Counter()
    for record in records:
        found = _told(record, job) if record.cells.get("theme") else _tagged(record)
        if isinstance(found, Listed):
            chosen.append((record, found))
        elif found is not None:
            unlisted[found] += 1
    if unlisted:
        most = ", ".join(f"{what} ({number})" for what, number in unlisted.most_common(_TOLD))
        text_ = f"{unlisted.total()} features are of no kind that the map draws and were left out: {most}"
        job.report.note("not_drawn", text_, {"count": unlisted.total(), "kinds": dict(unlisted.most_common(100))})
    return chosen


def _told(record: Record, job: Job) -> Listed | None:
    """What the column `theme` says; None, and a problem, where the geometry does not fit it."""
    theme, kind = record.cells["theme"], record.cells.get("kind")
    if not _fits(record.shape, theme):
        wanted = "lines" if theme in LINE_THEMES else "polygons"
        shape = record.shape.geom_type if record.shape is not None else "nothing"
        job.problem(record, "geometry", f"the theme {theme} is drawn as {wanted}, and this is a {shape}", "")
        return None
    rest = listing().by_theme[theme]
    found = listing().by_kind.get((theme, kind or ""), rest)
    return Listed(found.order, theme, kind, found.from_zoom)


def _tagged(record: Record) -> Listed | str:
    """The first line of the list that fits its tags and its geometry; without one, the tag it has."""
    fitting = []
    first = "no tag"
    for tag in listing().tags:
        value = record.cells.get(tag)
        if not value:
            continue
        first = f"{tag}={value}" if first == "no tag" else first
        if value == _NO:
            continue
        lines = listing().by_tag
        fitting += [
            one for key in ((tag, value), (tag, _ANY)) for one in lines.get(key, ()) if _fits(record.shape, one.theme)
        ]
    return min(fitting, key=lambda one: one.order) if fitting else first


def _fits(shape: BaseGeometry | None, theme: str) -> bool:
    return shape is not None and shape.geom_type in (_LINES if theme in LINE_THEMES else _AREAS)


def _lines(records: Sequence[Record], job: Job) -> list[BaseGeometry | None]:
    made, repairs = repair_lines(shape_array([record.shape for record in records]))
    for one in repairs:
        job.report.repairs.append(RowRepair(records[one.index].row, one.what.value, one.detail, 0.0, 0.0))
    for record, shape in zip(records, made, strict=True):
        if shape is None:
            job.problem(record, "geometry", "the line has no length", "")
    return list(made)


def _fill(chosen: Sequence[tuple[Record, Listed]], shapes: Sequence[BaseGeometry | None], job: Job) -> None:
    for (record, listed), shape in zip(chosen, shapes, strict=True):
        if shape is None:
            continue
        cells = record.cells
        stored = wkb(shape)
        record.shape = shape
        zoom = cells.get("from_zoom")
        record.values = {
            "theme": listed.theme,
            "kind": listed.kind,
            "name": cells.get("name"),
            "from_zoom": listed.from_zoom if zoom is None else zoom,
            "source": job.source,
            "source_ref": cells.get("id") or _made_ref(listed, stored or b""),
            "geom": stored,
        }


def _made_ref(listed: Listed, stored: bytes) -> str:
    """A name that the same feature always gets."""
    digest = hashlib.sha256(f"{listed.theme}\x1f{listed.kind or ''}\x1f".encode() + stored)
    return _MADE_REF + digest.hexdigest()[:20]


BASEMAP = Kind(
    name="basemap",
    title_zh="底图要素",
    title_en="base map features",
    model=BasemapFeature,
    fields=_fields,
    key=("source", "source_ref"),
    finish=_finish,
    shape="feature",
    place_required=True,
)
