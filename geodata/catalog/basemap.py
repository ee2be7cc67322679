"""The base map."""

from geodata.catalog.properties import KIND, NAME, Collection, Property, Shape

_OF_FEATURES = (
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
        _OF_FEATURES,
        key="id",
        tables=("basemap_feature",),
        on_tile=on_tile,
        min_zoom=min_zoom,
        has_web=True,
    )


BASEMAP = (
    _basemap("green", "绿地", "Green", "MultiPolygon", min_zoom=11),
    _basemap("water", "水面", "Water", "MultiPolygon", min_zoom=9),
    _basemap("waterways", "河道", "Watercourses", "MultiLineString", min_zoom=11),
    _basemap("buildings", "建筑", "Buildings", "MultiPolygon", min_zoom=15),
    _basemap("rails", "轨道", "Railways", "MultiLineString", min_zoom=10),
    _basemap("roads", "道路", "Roads", "MultiLineString", min_zoom=9),
)
