"""What a published collection and its attributes are, and the attributes that many share."""

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["text", "integer", "number", "boolean", "date", "datetime"]
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

    read        the permission; of `geodata.queries.readers.OF_A_READER` each reader has rows of their own.
    key         the property that names a feature.
    tables      whose changes make cached tiles of it stale; empty when it changes too often to cache, or is not
                the same for everybody.
    on_tile     properties a tile carries (styling only: details come by click).
    min_zoom    below it, polygons are left out of tiles and points are counted per square.
    measure     property whose mean stands for areas that a tile counts instead of drawing them; tiles carry
                its whole part.
    has_web     rows carry `geom_web` (EPSG:3857) beside `geom`.
    free_text   properties in which people write what they like, and so what is for few eyes.
    times       the property that says when a feature was or is, or the two between whose values it is (an open end
                is NULL); none where no time is known.

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
    times: tuple[str, ...] = ()
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
HOLDER_ROLE = Property("holder_role", "text", "责任岗位", "Role at the holder")
ACCURACY = Property("accuracy_m", "number", "位置精度（米）", "Accuracy (m)")
KIND = Property("kind", "text", "类型", "Kind")
KIND_CODE = Property("kind_code", "text", "类型编码", "Kind's code")
KIND_NAME = Property("kind_name", "text", "类型名称", "Kind's name")
LEVEL = Property("level", "text", "层级", "Level")
AREA_CODE = Property("area_code", "text", "区域编码", "Area code")
AREA_NAME = Property("area_name", "text", "区域", "Area")
STATE = Property("state", "text", "状态", "State")
UNIT = Property("unit_code", "text", "单位编码", "Unit's code")
UNIT_NAME = Property("unit_name", "text", "单位", "Unit")
PLACED_BY = Property("placed_by", "text", "位置依据", "Placed by")
BOUNDARY = Property("has_boundary", "boolean", "有边界", "Has a boundary")
VALID_FROM = Property("valid_from", "date", "生效日期", "Valid from")
VALID_TO = Property("valid_to", "date", "失效日期", "Valid until before")
STARTS_ON = Property("starts_on", "date", "开始日期", "Starts")
ENDS_ON = Property("ends_on", "date", "结束日期", "Ends")
SHARE = Property("share", "number", "覆盖率", "Covered share")
UNITS = Property("unit_count", "integer", "单位数", "Units")
RADIUS = Property("radius_m", "number", "半径（米）", "Radius (m)")
