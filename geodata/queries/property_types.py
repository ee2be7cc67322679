"""The type of SQL for each kind of property that the catalogue knows."""

from collections.abc import Mapping

from geodata.catalog.properties import Kind

# Numbers of any size are one type, so that a value written down and read back is the value itself.
SQL_TYPES: Mapping[Kind, str] = {
    "text": "text",
    "integer": "bigint",
    "number": "float8",
    "boolean": "boolean",
    "date": "date",
    "datetime": "timestamptz",
}
