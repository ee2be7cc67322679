"""KML 2.2, feature by feature.

GDAL's writer holds the whole document in memory (9 kB a feature measured); PostGIS makes the geometries, and what
stands around them is little.
"""

import re
from collections.abc import Iterable, Iterator
from xml.sax.saxutils import escape, quoteattr

from geodata.formats.writing.layer import Layer, Pieces, Writer
from geodata.queries.features import in_blocks

_TYPES = {
    "text": "string",
    "integer": "int",
    "number": "double",
    "boolean": "bool",
    "date": "string",
    "datetime": "string",
}

# What XML 1.0 cannot hold, in any spelling.
_UNHELD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")

# What a globe shows beside a feature, the first that the collection has.
_TITLES = ("name", "title", "reason")


def pieces(cells: Iterable[list[str | None]], layer: Layer) -> Pieces:
    """One Document with a Schema of all properties; a Placemark without geometry where there is none."""
    return in_blocks(_parts(cells, layer))


def _parts(cells: Iterable[list[str | None]], layer: Layer) -> Iterator[bytes]:
    collection = layer.collection
    fields = "".join(
        f"<SimpleField name={quoteattr(one.name)} type={quoteattr(_TYPES[one.kind])}>"
        f"<displayName>{_text(f'{one.title_zh} {one.title_en}')}</displayName></SimpleField>\n"
        for one in collection.properties
    )
    yield (
        '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2">\n'
        f'<Document id="root_doc"><name>{_text(collection.title_zh)}</name>\n'
        f"<Schema name={quoteattr(collection.id)} id={quoteattr(f'{collection.id}.schema')}>\n{fields}</Schema>\n"
    ).encode()
    heads = [f"<SimpleData name={quoteattr(name)}>" for name in collection.names]
    key = collection.names.index(collection.key)
    title = next((collection.names.index(name) for name in _TITLES if name in collection.names), key)
    begin = f"<ExtendedData><SchemaData schemaUrl={quoteattr(f'#{collection.id}.schema')}>"
    for row in cells:
        *values, geometry = row
        known = "".join(
            f"{head}{_text(value)}</SimpleData>" for head, value in zip(heads, values, strict=True) if value is not None
        )
        shown = values[title] or values[key] or ""
        yield (
            f"<Placemark><name>{_text(shown)}</name>{begin}{known}</SchemaData></ExtendedData>"
            f"{geometry or ''}</Placemark>\n"
        ).encode()
    yield b"</Document></kml>\n"


def _text(value: str) -> str:
    # a bare carriage return would come back as a line feed
    return escape(_UNHELD.sub("\ufffd", value), {"\r": "&#13;"})


KML = Writer(
    "kml",
    ".kml",
    "application/vnd.google-earth.kml+xml",
    "KML",
    "KML",
    rows="cells",
    pieces=pieces,
    takes_crs=False,
    geometry="kml",
)
