"""Makers of small shapes with round numbers, for tests that a reader can follow in the head."""

import geopandas as gpd
import shapely

METRE_CRS = "EPSG:4549"


def box(west, south, east, north):
    """A rectangle."""
    return shapely.box(west, south, east, north)


def layer(*boxes, codes=None, crs=METRE_CRS):
    """Areas `A`, `B`, … from (west, south, east, north) or shapes, None for a missing boundary."""
    shapes = [box(*item) if isinstance(item, tuple) else item for item in boxes]
    names = codes if codes is not None else [chr(ord("A") + i) for i in range(len(shapes))]
    return gpd.GeoDataFrame({"code": names}, geometry=gpd.GeoSeries(shapes, crs=crs), crs=crs)


def sites(*places, crs=METRE_CRS):
    """Points from (x, y), None for a missing one."""
    return gpd.GeoSeries([None if place is None else shapely.Point(place) for place in places], crs=crs)
