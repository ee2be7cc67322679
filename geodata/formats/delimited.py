"""CSV and its relatives: RFC 4180, with the delimiter and the encoding found out."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from geodata.formats.errors import TooLarge, Unreadable
from geodata.formats.table import Fault, Note, Table, Value, unique_headings

SUFFIXES = (".csv", ".tsv", ".txt")
TITLE = "CSV"
MAX_BYTES = 512 * 1024 * 1024
_DELIMITERS = ",;\t|"
_BINARY = (b"PK\x03\x04", b"SQLite format 3", b"\x00\x00\x27\x0a", b"\xd0\xcf\x11\xe0", b"%PDF")
# Beginnings that only other formats have; such a "CSV" wants to be read as something else.
_FOREIGN = re.compile(rb"\s*[<{\[]")


def looks_right(path: Path) -> bool:
    """Whether the file is text and does not begin like XML or JSON."""
    with path.open("rb") as file:
        head = file.read(4096)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    plain = head.removeprefix(b"\xef\xbb\xbf")
    return not (head.startswith(_BINARY) or b"\0" in head or _FOREIGN.match(plain))


def read(path: Path, *, layer: str | None = None) -> Table:  # noqa: ARG001 - all readers are called alike; there is one layer
    """The rows below the first, which holds the headings; every cell as text, empty ones None.

    UTF-8 (with or without mark), UTF-16 with mark, else GB18030, which is noted. Rows without any
    content are passed over. Raises Unreadable and TooLarge.
    """
    if path.stat().st_size > MAX_BYTES:
        raise TooLarge(path.name, f"it has {path.stat().st_size:,} bytes", f"{MAX_BYTES:,}")
    notes: list[Note] = []
    text = _decoded(path, notes)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    records = _records(lines, path.name)
    number, headings = next(records, (0, []))
    if not headings:
        raise Unreadable(path.name, "there is no row of headings")
    names = unique_headings([heading.strip() for heading in headings], notes)
    table = Table(tuple(name for name in names if name), [], [], notes=notes)
    for number, cells in records:
        _add(table, names, number, cells)
    return table


def write(headings: Sequence[str], rows: Iterable[Sequence[Value]]) -> Iterator[bytes]:
    """CSV in UTF-8 with mark, so that spreadsheets see Chinese; text that looks like a formula is disarmed."""
    yield b"\xef\xbb\xbf"
    for row in (headings, *rows) if isinstance(rows, Sequence) else _chain(headings, rows):
        line = io.StringIO()
        csv.writer(line).writerow([disarmed(cell) for cell in row])
        yield line.getvalue().encode("utf-8")


def disarmed(cell: Value) -> Value:
    """Text that a spreadsheet would run as a formula, with an apostrophe before it; all else unchanged."""
    if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")):
        return f"'{cell}"
    return cell


def _chain(headings: Sequence[Value], rows: Iterable[Sequence[Value]]) -> Iterator[Sequence[Value]]:
    yield headings
    yield from rows


def _decoded(path: Path, notes: list[Note]) -> str:
    raw = path.read_bytes()
    encodings = ["utf-16"] if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding not in {"utf-8-sig"}:
            notes.append(Note("encoding", f"the file was read as {encoding.upper()}", {"encoding": encoding}))
        return text
    raise Unreadable(path.name, "the text is neither UTF-8 nor GB18030")


def _delimiter(text: str) -> str:
    """The one of , ; tab | that stands most often in the first row, outside of quotes."""
    first = re.sub(r'"(?:[^"]|"")*"', "", text[:65536].lstrip("\r\n")).split("\n", 1)[0]
    return max(_DELIMITERS, key=lambda mark: (first.count(mark), -_DELIMITERS.index(mark)))


def _records(lines: Iterator[list[str]], file: str) -> Iterator[tuple[int, list[str]]]:
    """Row numbers as a spreadsheet shows them, and cells; rows without content are counted and passed over."""
    number = 0
    while True:
        number += 1
        try:
            cells = next(lines)
        except StopIteration:
            return
        except csv.Error as error:
            raise Unreadable(file, f"the quoting is broken ({error})", f"row {number}") from error
        if any(cell.strip() for cell in cells):
            yield number, cells


def _add(table: Table, names: list[str], number: int, cells: list[str]) -> None:
    index = len(table.rows)
    row: dict[str, Value] = dict.fromkeys(table.columns)
    row |= {name: cell for name, cell in zip(names, cells, strict=False) if name and cell.strip()}
    if any(cell.strip() for cell in cells[len(names) :]):
        reason = f"the row has {len(cells)} cells and there are {len(names)} headings; check its quotes and delimiters"
        table.faults.append(Fault(index, "", cells[len(names)], reason))
    table.rows.append(row)
    table.numbers.append(number)
