"""From a layer as GDAL gives it to a table."""

import math
from typing import TYPE_CHECKING, Any

from geodata.formats.table import Fault, Note, Row, Table, Value

if TYPE_CHECKING:
    from geodata.formats.gdal import Layer


def table_of(layer: "Layer", notes: list[Note]) -> Table:
    """The table of a layer: features counted from 1, geometries it could not understand as faults."""
    names = tuple(layer.columns)
    rows: list[Row] = [
        {name: _value(value) for name, value in zip(names, cells, strict=True)}
        for cells in zip(*layer.columns.values(), strict=True)
    ]
    if not names:
        rows = [{} for _ in layer.geometries]
    reason = "the geometry is damaged or of a kind that is not read (curves)"
    return Table(
        names,
        rows,
        list(range(1, len(rows) + 1)),
        geometries=layer.geometries,
        declared_crs=layer.crs,
        notes=notes,
        faults=[Fault(index, "geometry", "", reason) for index in layer.odd_geometries],
    )


def _value(value: Any) -> Value:  # noqa: ANN401 - whatever a field of GDAL holds
    if isinstance(value, str):
        return value if value.strip() else None
    if isinstance(value, float) and math.isnan(value):
        return None
    if value is None or isinstance(value, int | float | bool):
        return value
    return value if hasattr(value, "isoformat") else str(value)
