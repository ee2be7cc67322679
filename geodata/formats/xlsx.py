"""XLSX: one sheet, the first row being the headings."""

import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, time
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.xml import DEFUSEDXML

from geodata.formats import archives
from geodata.formats.errors import LayerNeeded, TooLarge, Unreadable
from geodata.formats.table import Fault, Note, Table, Value, unique_headings

SUFFIXES = (".xlsx",)
TITLE = "XLSX"
# All text of a workbook is held in memory, several times over.
MAX_BYTES = 128 * 1024 * 1024
MAX_COLUMNS = 500
MAX_ROWS = 1_048_576

# Office writes no document type; where one stands, somebody means entities.
_DOCTYPE = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_ERRORS = {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"}
# A float holds fifteen digits for certain; a longer number has lost its end in the spreadsheet.
_SAFE = 10**15
_HEAD = 65536


def looks_right(path: Path) -> bool:
    """Whether the file is a zip that holds a workbook."""
    try:
        with ZipFile(path) as archive:
            return "[Content_Types].xml" in archive.namelist() and "xl/workbook.xml" in archive.namelist()
    except (BadZipFile, OSError):
        return False


def read(path: Path, *, layer: str | None = None) -> Table:
    """The first sheet, or the one named `layer`; cells with content, as text or as what the sheet types them.

    Whole numbers come as integers, so that a code has no ".0"; numbers of sixteen digits and more are
    faults, as the spreadsheet has rounded them, and so are cells that hold an Excel error. Formulas count
    with their last result. Raises LayerNeeded, Unreadable, TooLarge, UnsafeArchive.
    """
    _check_archive(path)
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
    except Exception as error:  # openpyxl raises whatever a broken part makes it trip over
        raise Unreadable(path.name, f"the workbook is broken ({type(error).__name__})") from error
    try:
        sheet = _sheet(book, path.name, layer)
        return _table(_rows(sheet, path.name), path.name)
    finally:
        book.close()


def write(
    headings: Sequence[str],
    rows: Iterable[Sequence[Value]],
    *,
    sheet: str = "Sheet1",
    choices: Mapping[str, Sequence[str]] | None = None,
) -> bytes:
    """A workbook of one sheet; text is written as text, also where it begins like a formula.

    choices   words to choose from in the cells below a heading; anything else may be written there after a question.
    """
    book = openpyxl.Workbook(write_only=True)
    page = book.create_sheet(sheet)
    for name, known in (choices or {}).items():
        letter = get_column_letter(headings.index(name) + 1)
        offered = DataValidation(type="list", formula1=f'"{",".join(known)}"', allow_blank=True, errorStyle="warning")
        offered.add(f"{letter}2:{letter}{MAX_ROWS}")
        page.data_validations.append(offered)
    for row in _chain(headings, rows):
        cells = []
        for value in row:
            cell = WriteOnlyCell(page, value=value)
            if isinstance(value, str):
                cell.data_type = "s"
            cells.append(cell)
        page.append(cells)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _chain(headings: Sequence[Value], rows: Iterable[Sequence[Value]]) -> Iterator[Sequence[Value]]:
    yield headings
    yield from rows


def _check_archive(path: Path) -> None:
    if not DEFUSEDXML:
        raise RuntimeError("openpyxl runs without defusedxml; install it, and do not set OPENPYXL_DEFUSEDXML")
    with archives.opened(path, max_bytes=MAX_BYTES) as archive:
        for entry in archive.infolist():
            if not entry.filename.endswith((".xml", ".rels", ".vml")):
                continue
            with archive.open(entry) as part:
                # in UTF-16 every second byte of it is zero
                if _DOCTYPE.search(part.read(_HEAD).replace(b"\0", b"")):
                    raise Unreadable(path.name, f"{entry.filename} declares a document type, as no workbook does")


def _sheet(book: Any, file: str, layer: str | None) -> Any:  # noqa: ANN401 - openpyxl has no types
    names = [sheet.title for sheet in book.worksheets]
    if not names or (layer is not None and layer not in names):
        raise LayerNeeded(file, names, layer)
    return book[layer if layer is not None else names[0]]


def _rows(sheet: Any, file: str) -> Iterator[tuple[int, list[Any]]]:  # noqa: ANN401 - openpyxl has no types
    """Row numbers and cells; a sheet may lie about its size, so it is counted."""
    sheet.reset_dimensions()
    try:
        for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
            if number > MAX_ROWS:
                raise TooLarge(file, "the sheet has too many rows", f"{MAX_ROWS:,}")
            if len(cells) > MAX_COLUMNS:
                raise TooLarge(file, f"row {number} has {len(cells):,} columns", f"{MAX_COLUMNS:,}")
            yield number, list(cells)
    except TooLarge:
        raise
    except Exception as error:
        raise Unreadable(file, f"the sheet is broken ({type(error).__name__})") from error


def _table(rows: Iterator[tuple[int, list[Any]]], file: str) -> Table:
    notes: list[Note] = []
    _, first = next(rows, (0, []))
    names = unique_headings(["" if cell is None else str(cell).strip() for cell in first], notes)
    if not any(names):
        raise Unreadable(file, "there is no row of headings", "row 1")
    table = Table(tuple(name for name in names if name), [], [], notes=notes)
    for number, cells in rows:
        if all(cell is None or (isinstance(cell, str) and not cell.strip()) for cell in cells):
            continue
        index = len(table.rows)
        row: dict[str, Value] = dict.fromkeys(table.columns)
        for name, cell in zip(names, cells, strict=False):
            if name:
                row[name] = _value(cell, index, name, table.faults)
        table.rows.append(row)
        table.numbers.append(number)
    return table


def _value(cell: Any, index: int, name: str, faults: list[Fault]) -> Value:  # noqa: ANN401 - openpyxl has no types
    if isinstance(cell, str):
        if cell in _ERRORS:
            faults.append(Fault(index, name, cell, "the cell holds an error of the spreadsheet"))
            return None
        return cell if cell.strip() else None
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return _number(cell, index, name, faults)
    if cell is None or isinstance(cell, bool | date | time):
        return cell
    return str(cell)


def _number(cell: float, index: int, name: str, faults: list[Fault]) -> Value:
    if isinstance(cell, float) and not cell.is_integer():
        return cell
    if abs(cell) >= _SAFE:
        reason = "the spreadsheet keeps fifteen digits of a number; format the column as text and enter it again"
        faults.append(Fault(index, name, f"{cell:g}", reason))
        return None
    return int(cell)
