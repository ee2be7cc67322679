"""XLSX: one sheet, row by row."""

from collections.abc import Iterable
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.worksheet import _writer as sheet_writer

from geodata.formats.writing.layer import Layer, Writer
from geodata.formats.xlsx import MAX_ROWS
from geodata.queries.feature_rows import LONLAT, WKT

MIMETYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

# What a cell holds; the library would cut the rest away without a word.
LONGEST_CELL = 32_767

# The library takes these beginnings for a formula and for an error of the spreadsheet.
_SIGNS = ("=", "#")


def write(batches: Iterable[list[list[Any]]], layer: Layer, path: Path) -> None:
    """A workbook of one sheet, headings first; codes stay text, moments are those of the district's clock.

    Text longer than a cell is cut and counted as `text`, a WKT longer than that is left out and counted as `geometry`.
    """
    book = openpyxl.Workbook(write_only=True)
    page = book.create_sheet(layer.collection.title_zh[:31])
    page.freeze_panes = "A2"
    _keep_beside(page, path)
    page.append(layer.headings)
    properties = layer.collection.properties
    texts = [index for index, one in enumerate(properties) if one.kind == "text"]
    moments = [index for index, one in enumerate(properties) if one.kind == "datetime"]
    try:
        for rows in batches:
            for row in rows:
                for index in texts:
                    row[index] = _text(row[index], page, layer)
                for index in moments:
                    row[index] = _moment(row[index], layer.zone)
                if layer.geometry == WKT and len(row[-1] or "") > LONGEST_CELL:
                    layer.lost["geometry"] += 1
                    row[-1] = None
                page.append(row)
    except BaseException:
        # the library would stumble over a sheet that was left open
        page.close()
        page._writer.cleanup()  # noqa: SLF001 - there is no other way in
        raise
    book.save(path)


def _keep_beside(page: Any, path: Path) -> None:  # noqa: ANN401 - openpyxl has no types
    """Have the sheet grow beside the workbook: the library would take the system's temporary folder."""
    draft = str(path.with_suffix(".sheet"))
    sheet_writer.ALL_TEMP_FILES.append(draft)
    page._writer = sheet_writer.WorksheetWriter(page, draft)  # noqa: SLF001 - there is no other way in
    page._writer.write_top()  # noqa: SLF001 - likewise


def _text(value: str | None, page: Any, layer: Layer) -> Any:  # noqa: ANN401 - text, or a cell of openpyxl
    if not value:
        return value
    # as workbooks spell what XML cannot hold
    held = ILLEGAL_CHARACTERS_RE.sub(lambda found: f"_x{ord(found[0]):04X}_", value)
    if len(held) * 2 > LONGEST_CELL and (cut := _cut(held)) != held:
        layer.lost["text"] += 1
        held = cut
    if not held.startswith(_SIGNS):
        return held
    cell = WriteOnlyCell(page, value=held)
    cell.data_type = "s"
    return cell


def _cut(text: str) -> str:
    # spreadsheets count letters beyond the basic plane twice
    return text.encode("utf-16-le")[: LONGEST_CELL * 2].decode("utf-16-le", errors="ignore")


def _moment(value: datetime | None, zone: tzinfo) -> datetime | None:
    # a workbook has no zones
    return None if value is None else value.astimezone(zone).replace(tzinfo=None)


XLSX = Writer(
    "xlsx",
    ".xlsx",
    MIMETYPE,
    "XLSX 工作簿",
    "XLSX workbook",
    rows="batches",
    write=write,
    geometries=(LONLAT, WKT),
    most=MAX_ROWS - 1,
)
