"""CSV, row by row."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from geodata.formats.delimited import disarmed
from geodata.formats.writing.layer import Layer, Pieces, Writer
from geodata.queries.feature_rows import LONLAT, WKT
from geodata.queries.features import in_blocks

# Rows that are quoted in one go: enough to be fast, few enough to leave at once.
_AT_ONCE = 200


def pieces(cells: Iterable[list[str | None]], layer: Layer) -> Pieces:
    """RFC 4180 in UTF-8 with mark, so that spreadsheets see Chinese; text that looks like a formula is disarmed."""
    return in_blocks(_lines(cells, layer))


def _lines(cells: Iterable[list[str | None]], layer: Layer) -> Iterator[bytes]:
    yield b"\xef\xbb\xbf" + _quoted([layer.headings])
    texts = [index for index, one in enumerate(layer.collection.properties) if one.kind == "text"]
    rows = iter(cells)
    # nothing waits for rows that have not come yet
    for row in rows:
        some = [row, *islice(rows, _AT_ONCE - 1)]
        for each in some:
            for index in texts:
                if (words := each[index]) is not None:
                    each[index] = str(disarmed(words))
        yield _quoted(some)


def _quoted(rows: Iterable[Sequence[str | None]]) -> bytes:
    lines = io.StringIO()
    csv.writer(lines).writerows(rows)
    return lines.getvalue().encode("utf-8")


CSV = Writer("csv", ".csv", "text/csv", "CSV 表格", "CSV table", rows="cells", pieces=pieces, geometries=(LONLAT, WKT))
