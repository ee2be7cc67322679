"""What a calculation of coverage found."""

from geodata.catalog.properties import (
    AREA,
    CODE,
    NAME,
    RADIUS,
    SHARE,
    TOWN,
    TOWN_NAME,
    UNITS,
    VILLAGE,
    Collection,
    Property,
)

COVERAGE = (
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
)
