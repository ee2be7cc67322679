"""Every published collection, once: the API, tiles, exports and map layers all read this.

Where the rows come from is SQL and so stands in `geodata/queries/sources.py`, under the same id.
"""

from dataclasses import dataclass, field
from typing import Literal

from geodata.errors import NotFound

Kind = Literal["text", "integer", "number", "boolean", "datetime"]
Shape = Literal["Point", "MultiLineString", "MultiPolygon"]


@dataclass(frozen=True)
class Property:
    """One published attribute: its name on the wire, its kind, and its heading in two languages."""

    name: str
    kind: Kind
    title_zh: str
    title_en: str


@dataclass(frozen=True)
class Collection:
    """A set of features open to those who hold the permission `read`.

    key         the property that names a feature.
    tables      whose changes make cached tiles of it stale; empty when it changes too often to cache.
    on_tile     properties a tile carries (styling only: details come by click).
    min_zoom    below it, polygons are left out of tiles and points are counted per square.
    measure     property whose mean stands for areas that a tile counts instead of drawing them; tiles carry
                its whole part.
    has_web     rows carry `geom_web` (EPSG:3857) beside `geom`.
    free_text   properties in which people write what they like, and so what is for few eyes.

    Where `from_zoom` is among the properties, a tile draws only the rows whose value its zoom has reached.
    """

    id: str
    title_zh: str
    title_en: str
    shape: Shape
    properties: tuple[Property, ...]
    key: str = "code"
    read: str = "map.read"
    tables: tuple[str, ...] = ()
    on_tile: tuple[str, ...] = ()
    min_zoom: int = 0
    measure: str | None = None
    has_web: bool = False
    free_text: tuple[str, ...] = ()
    names: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", tuple(p.name for p in self.properties))


CODE = Property("code", "text", "编码", "Code")
NAME = Property("name", "text", "名称", "Name")
ADDRESS = Property("address", "text", "地址", "Address")
AREA = Property("area_m2", "number", "面积（平方米）", "Area (m²)")
TOWN = Property("town_code", "text", "街镇编码", "Town code")
TOWN_NAME = Property("town_name", "text", "街镇", "Town")
VILLAGE = Property("village_code", "text", "居村编码", "Village code")
VILLAGE_NAME = Property("village_name", "text", "居村", "Village")
CELL = Property("cell_code", "text", "网格编码", "Cell code")
HOLDER = Property("holder_code", "text", "责任单位编码", "Holder's code")
HOLDER_NAME = Property("holder_name", "text", "责任单位", "Holder")
ACCURACY = Property("accuracy_m", "number", "位置精度（米）", "Accuracy (m)")
KIND = Property("kind", "text", "类型", "Kind")
BOUNDARY = Property("has_boundary", "boolean", "有边界", "Has a boundary")
VALID_FROM = Property("valid_from", "datetime", "生效日期", "Valid from")
SHARE = Property("share", "number", "覆盖率", "Covered share")
UNITS = Property("unit_count", "integer", "单位数", "Units")
RADIUS = Property("radius_m", "number", "半径（米）", "Radius (m)")

BASEMAP = (
    Property("id", "integer", "序号", "Number"),
    NAME,
    KIND,
    Property("from_zoom", "integer", "起始级别", "From zoom"),
)


def _basemap(id_: str, title_zh: str, title_en: str, shape: Shape, *, min_zoom: int = 0) -> Collection:
    on_tile = ("id", "name", "kind") if shape == "MultiLineString" else ("id",)
    return Collection(
        id_,
        title_zh,
        title_en,
        shape,
        BASEMAP,
        key="id",
        tables=("basemap_feature",),
        on_tile=on_tile,
        min_zoom=min_zoom,
        has_web=True,
    )


COLLECTIONS: tuple[Collection, ...] = (
    Collection(
        "districts",
        "区",
        "District",
        "MultiPolygon",
        (CODE, NAME, AREA, BOUNDARY, VALID_FROM),
        tables=("area",),
        on_tile=("code", "name"),
        has_web=True,
    ),
    Collection(
        "towns",
        "街镇",
        "Towns",
        "MultiPolygon",
        (CODE, NAME, AREA, BOUNDARY, VALID_FROM),
        tables=("area",),
        on_tile=("code", "name"),
        has_web=True,
    ),
    Collection(
        "villages",
        "居村",
        "Villages",
        "MultiPolygon",
        (CODE, NAME, TOWN, TOWN_NAME, AREA, BOUNDARY, VALID_FROM),
        tables=("area",),
        on_tile=("code", "name"),
        min_zoom=9,
        has_web=True,
    ),
    Collection(
        "grid_cells",
        "单元网格",
        "Grid cells",
        "MultiPolygon",
        (
            CODE,
            TOWN,
            TOWN_NAME,
            VILLAGE,
            VILLAGE_NAME,
            AREA,
            Property("is_whole", "boolean", "整格", "Whole square"),
            Property("is_provisional", "boolean", "临时编码", "Provisional code"),
        ),
        tables=("grid_cell", "area"),
        on_tile=("code",),
        min_zoom=13,
        has_web=True,
    ),
    Collection(
        "duty_grids",
        "责任网格",
        "Duty grids",
        "MultiPolygon",
        (
            CODE,
            NAME,
            Property("scheme", "text", "网格体系", "Scheme"),
            Property("post", "text", "岗位", "Post"),
            TOWN,
        ),
        tables=("duty_grid",),
        on_tile=("code", "name"),
    ),
    Collection(
        "regions",
        "责任片区",
        "Regions",
        "MultiPolygon",
        (CODE, NAME, TOWN),
        tables=("region",),
        on_tile=("code", "name"),
    ),
    Collection(
        "blocks",
        "责任区块",
        "Responsibility blocks",
        "MultiPolygon",
        (
            CODE,
            NAME,
            Property("region_code", "text", "片区编码", "Region code"),
            TOWN,
            HOLDER,
            HOLDER_NAME,
            Property("team_name", "text", "服务团队", "Service team"),
        ),
        tables=("responsibility_block", "member_unit"),
        on_tile=("code", "name", "holder_code"),
    ),
    Collection(
        "points",
        "责任点",
        "Responsibility points",
        "Point",
        (
            CODE,
            NAME,
            KIND,
            ADDRESS,
            Property("block_code", "text", "区块编码", "Block code"),
            HOLDER,
            HOLDER_NAME,
            TOWN,
            VILLAGE,
            CELL,
            ACCURACY,
        ),
        tables=("responsibility_point", "member_unit"),
        on_tile=("code", "name", "holder_code"),
    ),
    Collection(
        "units",
        "驻区单位",
        "Member units",
        "Point",
        (
            CODE,
            NAME,
            KIND,
            Property("kind_name", "text", "单位类型", "Kind of unit"),
            ADDRESS,
            Property("is_active", "boolean", "在用", "Active"),
            Property("capacity", "integer", "同时受理上限", "Capacity"),
            Property("opening_hours", "text", "开放时间", "Opening hours"),
            TOWN,
            TOWN_NAME,
            VILLAGE,
            VILLAGE_NAME,
            CELL,
            ACCURACY,
            Property("place_level", "text", "定位级别", "Place level"),
        ),
        tables=("member_unit", "area"),
        on_tile=("code", "name", "kind"),
    ),
    Collection(
        "tickets",
        "工单",
        "Tickets",
        "Point",
        (
            Property("number", "text", "工单号", "Number"),
            Property("category_code", "text", "类别编码", "Category code"),
            Property("category_name", "text", "类别", "Category"),
            Property("title", "text", "标题", "Title"),
            Property("state", "text", "状态", "State"),
            Property("source", "text", "来源", "Source"),
            Property("reported_at", "datetime", "上报时间", "Reported"),
            Property("due_at", "datetime", "办结期限", "Due"),
            Property("deadline", "text", "时限状态", "Deadline"),
            Property("closed_at", "datetime", "结案时间", "Closed"),
            Property("unit_code", "text", "承办单位编码", "Unit's code"),
            Property("unit_name", "text", "承办单位", "Unit"),
            Property("office_code", "text", "承办街镇编码", "Office's code"),
            ADDRESS,
            TOWN,
            VILLAGE,
            CELL,
            ACCURACY,
        ),
        key="number",
        read="ticket.read",
        on_tile=("number", "category_code", "state", "deadline"),
        min_zoom=13,
        free_text=("title", "address"),
    ),
    Collection(
        "gaps",
        "覆盖空白",
        "Coverage gaps",
        "MultiPolygon",
        (
            Property("rank", "integer", "名次", "Rank"),
            Property("area_code", "text", "区域编码", "Area code"),
            Property("area_name", "text", "区域", "Area"),
            AREA,
            RADIUS,
        ),
        key="rank",
        tables=("coverage_run", "installation"),
        on_tile=("rank", "area_name"),
        has_web=True,
    ),
    Collection(
        "coverage_towns",
        "街镇覆盖率",
        "Coverage by town",
        "MultiPolygon",
        (CODE, NAME, AREA, SHARE, UNITS, RADIUS),
        tables=("coverage_run", "installation", "area"),
        on_tile=("code", "name", "share"),
        has_web=True,
    ),
    Collection(
        "coverage_villages",
        "居村覆盖率",
        "Coverage by village",
        "MultiPolygon",
        (CODE, NAME, TOWN, TOWN_NAME, AREA, SHARE, UNITS, RADIUS),
        tables=("coverage_run", "installation", "area"),
        on_tile=("code", "name", "share"),
        has_web=True,
    ),
    Collection(
        "coverage_cells",
        "网格到最近单位的距离",
        "Distance to the nearest unit by cell",
        "MultiPolygon",
        (
            CODE,
            TOWN,
            VILLAGE,
            Property("nearest_m", "number", "最近单位（米）", "Nearest unit (m)"),
            Property("unit_code", "text", "最近单位编码", "Nearest unit's code"),
        ),
        tables=("coverage_run", "installation", "grid_cell"),
        # nobody points at one cell of thousands, and their codes would be most of the bytes
        on_tile=("nearest_m",),
        min_zoom=9,
        measure="nearest_m",
        has_web=True,
    ),
    Collection(
        "projects",
        "共建项目",
        "Joint projects",
        "Point",
        (
            CODE,
            NAME,
            Property("joint", "text", "六联", "Joint"),
            Property("level", "text", "层级", "Level"),
            Property("area_code", "text", "区域编码", "Area code"),
            Property("stage", "text", "阶段", "Stage"),
            Property("lead_code", "text", "牵头单位编码", "Lead unit's code"),
            Property("lead_name", "text", "牵头单位", "Lead unit"),
            Property("starts_on", "datetime", "开始日期", "Starts"),
            Property("ends_on", "datetime", "结束日期", "Ends"),
            Property("outcome", "text", "成效", "Outcome"),
            ADDRESS,
            TOWN,
            VILLAGE,
            CELL,
        ),
        tables=("project", "member_unit"),
        on_tile=("code", "name", "joint"),
    ),
    Collection(
        "resources",
        "共享资源",
        "Shared resources",
        "Point",
        (
            CODE,
            NAME,
            KIND,
            Property("unit_code", "text", "提供单位编码", "Unit's code"),
            Property("unit_name", "text", "提供单位", "Unit"),
            Property("capacity", "text", "容量", "Capacity"),
            Property("available", "text", "开放时间", "Available"),
            ADDRESS,
            TOWN,
            VILLAGE,
            CELL,
        ),
        tables=("resource", "member_unit"),
        on_tile=("code", "name"),
    ),
    _basemap("green", "绿地", "Green", "MultiPolygon", min_zoom=11),
    _basemap("water", "水面", "Water", "MultiPolygon", min_zoom=9),
    _basemap("waterways", "河道", "Watercourses", "MultiLineString", min_zoom=11),
    _basemap("buildings", "建筑", "Buildings", "MultiPolygon", min_zoom=15),
    _basemap("rails", "轨道", "Railways", "MultiLineString", min_zoom=10),
    _basemap("roads", "道路", "Roads", "MultiLineString", min_zoom=9),
)

_BY_ID = {collection.id: collection for collection in COLLECTIONS}


def collection(id_: str) -> Collection:
    """The collection of that id. Raises NotFound, which lists those there are."""
    try:
        return _BY_ID[id_]
    except KeyError:
        raise NotFound("collection", id_, tuple(_BY_ID)) from None
