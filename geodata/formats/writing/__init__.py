"""Formats that collections are written in: a family a file, one register.

Reading takes any file that people bring; writing takes rows as the database gives them, and most formats need
neither the other's libraries nor its caution. So they stand apart.
"""

from geodata.errors import NotFound
from geodata.formats.writing.delimited import CSV
from geodata.formats.writing.flatgeobuf import FGB
from geodata.formats.writing.geojson import GEOJSON, GEOJSONSEQ
from geodata.formats.writing.geopackage import GPKG
from geodata.formats.writing.geoparquet import PARQUET
from geodata.formats.writing.kml import KML
from geodata.formats.writing.layer import Layer, Writer
from geodata.formats.writing.shapefile import SHP
from geodata.formats.writing.xlsx import XLSX

__all__ = ["WRITERS", "Layer", "Writer", "writer"]

WRITERS: dict[str, Writer] = {
    each.form: each for each in (GEOJSON, GEOJSONSEQ, GPKG, SHP, FGB, CSV, XLSX, PARQUET, KML)
}


def writer(form: str) -> Writer:
    """The writer of a form. Raises NotFound, which lists those there are."""
    try:
        return WRITERS[form]
    except KeyError:
        raise NotFound("format", form, tuple(WRITERS)) from None
