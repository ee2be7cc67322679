"""GeoParquet 1.1: columns of Arrow, the geometry as WKB."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from geodata.formats.writing.layer import Layer, Writer
from geodata.queries.features import WGS84
from spatial.crs import crs_of

VERSION = "1.1.0"


def write(batches: Iterable[list[list[Any]]], layer: Layer, path: Path) -> None:
    """A file whose row groups are the batches; moments are in UTC, coordinates x before y."""
    import numpy as np  # noqa: PLC0415 - as in vector.py
    import pyarrow.parquet as pq  # noqa: PLC0415 - likewise
    import shapely  # noqa: PLC0415 - likewise

    from geodata.formats.writing import arrow  # noqa: PLC0415 - likewise

    schema = arrow.schema_of(layer)
    bounds = np.array([np.inf, np.inf, -np.inf, -np.inf])
    with pq.ParquetWriter(path, schema, compression="zstd") as file:
        for batch in arrow.record_batches(batches, schema):
            found = shapely.total_bounds(shapely.from_wkb(batch.column(arrow.GEOMETRY).to_numpy(zero_copy_only=False)))
            if np.isfinite(found).all():
                bounds = np.concatenate([np.minimum(bounds[:2], found[:2]), np.maximum(bounds[2:], found[2:])])
            file.write_batch(batch)
        about = _about(layer, bounds.tolist() if np.isfinite(bounds).all() else None)
        file.add_key_value_metadata(
            {
                "geo": json.dumps(
                    {"version": VERSION, "primary_column": arrow.GEOMETRY, "columns": {arrow.GEOMETRY: about}}
                )
            }
        )


def _about(layer: Layer, bounds: list[float] | None) -> dict[str, Any]:
    about: dict[str, Any] = {"encoding": "WKB", "geometry_types": [layer.collection.shape]}
    if layer.srid != WGS84:
        # without a word it is OGC:CRS84
        about["crs"] = crs_of(layer.srid).to_json_dict()
    if bounds is not None:
        about["bbox"] = bounds
    return about


PARQUET = Writer(
    "parquet", ".parquet", "application/vnd.apache.parquet", "GeoParquet", "GeoParquet", rows="batches", write=write
)
