"""Rows as record batches of Arrow, for the formats that GDAL and pyarrow write."""

from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa

from geodata.catalog.properties import Kind
from geodata.formats.writing.layer import Layer

GEOMETRY = "geometry"

_TYPES: dict[Kind, pa.DataType] = {
    "text": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "datetime": pa.timestamp("ms", "UTC"),
}


def schema_of(
    layer: Layer, names: Iterable[str] | None = None, *, types: dict[str, pa.DataType] | None = None
) -> pa.Schema:
    """The columns of a collection and its geometry as WKB.

    names    what the properties are called instead, in their order.
    types    by name of the property, what it is instead.
    """
    properties = layer.collection.properties
    fields = [
        pa.field(name, (types or {}).get(one.name, _TYPES[one.kind]))
        for name, one in zip(names or layer.collection.names, properties, strict=True)
    ]
    wkb = pa.field(GEOMETRY, pa.binary(), metadata={b"ARROW:extension:name": b"geoarrow.wkb"})
    return pa.schema([*fields, wkb])


def record_batches(batches: Iterable[list[list[Any]]], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """Batches of rows as batches of columns."""
    for rows in batches:
        columns = zip(*rows, strict=True)
        arrays = [pa.array(values, field.type) for values, field in zip(columns, schema, strict=True)]
        yield pa.record_batch(arrays, schema=schema)


def reader(batches: Iterable[list[list[Any]]], schema: pa.Schema) -> pa.RecordBatchReader:
    """The rows as a stream that another library draws from."""
    return pa.RecordBatchReader.from_batches(schema, record_batches(batches, schema))
