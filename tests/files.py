"""Makers of small files, for tests of formats and imports."""

import io
import json
import zipfile

import openpyxl

from geodata.formats import gdal  # the only door to GDAL, also for tests

WEST, SOUTH = 121.40, 31.10
CORNER = (WEST, SOUTH, WEST, SOUTH)


def ring(west, south, east, north):
    """The closed counter-clockwise ring of a box, in hundredths of a degree from the test district's corner."""
    w, s, e, n = (round(base + step / 100, 6) for base, step in zip(CORNER, (west, south, east, north), strict=True))
    return [[w, s], [e, s], [e, n], [w, n], [w, s]]


def polygon(west, south, east, north):
    """The GeoJSON polygon of the same box."""
    return {"type": "Polygon", "coordinates": [ring(west, south, east, north)]}


def point(east, north):
    """A GeoJSON point in the same hundredths."""
    return {"type": "Point", "coordinates": [WEST + east / 100, SOUTH + north / 100]}


def geojson(path, *features, **members):
    """A feature collection of (properties, geometry) pairs."""
    listed = [{"type": "Feature", "properties": p, "geometry": g} for p, g in features]
    path.write_text(json.dumps({"type": "FeatureCollection", **members, "features": listed}, ensure_ascii=False))
    return path


def table(path, *lines, encoding="utf-8"):
    """A text file of these lines."""
    path.write_bytes("".join(f"{line}\n" for line in lines).encode(encoding))
    return path


def workbook(path, *rows, sheet="Sheet1"):
    """A workbook of one sheet."""
    book = openpyxl.Workbook()
    page = book.active
    page.title = sheet
    for row in rows:
        page.append(row)
    book.save(path)
    return path


def archive(path, entries):
    """A zip file of (name, bytes) pairs."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as pack:
        for name, content in entries:
            pack.writestr(name, content)
    return path


def zipped_shapefile(path, frame, *, name="towns", leave_out=(), encoding="utf-8"):
    """A zip with the parts of one shapefile made of a GeoDataFrame."""
    folder = path.parent / f"{path.stem}-parts"
    folder.mkdir()
    gdal.pyogrio.write_dataframe(frame, folder / f"{name}.shp", driver="ESRI Shapefile", encoding=encoding)
    parts = [(one.name, one.read_bytes()) for one in sorted(folder.iterdir()) if one.suffix not in leave_out]
    return archive(path, parts)


def geopackage(path, **layers):
    """A GeoPackage of these layers."""
    for name, frame in layers.items():
        gdal.pyogrio.write_dataframe(frame, path, layer=name, driver="GPKG", append=path.exists())
    return path


def flatgeobuf(path, frame, **options):
    """A FlatGeobuf of a GeoDataFrame; without an index, as only that way geometries may be missing."""
    gdal.pyogrio.write_dataframe(frame, path, driver="FlatGeobuf", SPATIAL_INDEX="NO", **options)
    return path


def geoparquet(path, frame, **options):
    """A GeoParquet of a GeoDataFrame."""
    frame.to_parquet(path, **options)
    return path


def kml(path, *parts, head=""):
    """A KML file of one document with these parts; as a KMZ, packed as doc.kml."""
    opened = '<kml xmlns="http://www.opengis.net/kml/2.2" xmlns:gx="http://www.google.com/kml/ext/2.2">'
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?>{head}{opened}<Document>{"".join(parts)}</Document></kml>'.encode()
    )
    if path.suffix == ".kmz":
        return archive(path, [("doc.kml", content)])
    path.write_bytes(content)
    return path


def placemark(name, shape="", /, **extended):
    """A placemark with the KML of its shape and fields as ExtendedData."""
    fields = "".join(f'<Data name="{key}"><value>{value}</value></Data>' for key, value in extended.items())
    return f"<Placemark><name>{name}</name><ExtendedData>{fields}</ExtendedData>{shape}</Placemark>"


def kml_point(east, north):
    """The KML of a point, in hundredths of a degree from the test district's corner."""
    lon, lat = ring(east, north, east, north)[0]
    return f"<Point><coordinates>{lon},{lat}</coordinates></Point>"


def kml_box(*box):
    """The KML of a box in the same hundredths."""
    corners = " ".join(f"{lon},{lat}" for lon, lat in ring(*box))
    outline = f"<LinearRing><coordinates>{corners}</coordinates></LinearRing>"
    return f"<Polygon><outerBoundaryIs>{outline}</outerBoundaryIs></Polygon>"


def gpx(path, *parts, head=""):
    """A GPX file with these parts."""
    opened = '<gpx version="1.1" creator="test" xmlns="http://www.topografix.com/GPX/1/1">'
    path.write_text(f'<?xml version="1.0" encoding="UTF-8"?>{head}{opened}{"".join(parts)}</gpx>', "utf-8")
    return path


def packed(entries):
    """The bytes of a zip file of (name, bytes) pairs."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as pack:
        for name, content in entries:
            pack.writestr(name, content)
    return target.getvalue()
