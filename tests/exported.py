"""Exported files as readers of others read them."""

import csv
import io

import numpy as np
import openpyxl
import pyarrow.parquet as pq
import pyogrio
import shapely


def read(path, form):
    """Columns and shapes of a file by GDAL or pyarrow, in the file's order."""
    if form == "parquet":
        table = pq.read_table(path).to_pydict()
        shapes = shapely.from_wkb(np.array([*table.pop("geometry"), None], dtype=object)[:-1])
        return table, shapes
    source = f"/vsizip/{path}" if form == "shp" else path
    meta, _, wkb, fields = pyogrio.raw.read(source, datetime_as_string=True)
    columns = {str(name): list(values) for name, values in zip(meta["fields"], fields, strict=True)}
    return columns, shapely.from_wkb(wkb)


def plain(value):
    """A value, with None for what is no number."""
    return None if value is None or value != value else value  # noqa: PLR0124 - only NaN differs from itself


def table_of(path, form):
    """Rows of a table as dicts."""
    if form == "csv":
        raw = path.read_bytes()
        assert raw.startswith(b"\xef\xbb\xbf")
        return list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline=""), strict=True))
    page = openpyxl.load_workbook(path).active
    heads, *rows = page.iter_rows(values_only=True)
    return [dict(zip(heads, row, strict=True)) for row in rows]
