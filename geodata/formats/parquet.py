"""Rows of a Parquet file, batch by batch, after a look at all that could make them too many or too large."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
from pyarrow.parquet import ParquetFile

from geodata.formats import archives
from geodata.formats.errors import FileRefused, TooLarge, Unreadable
from geodata.formats.parquet_pages import (
    DELTA_LENGTH,
    PLAIN,
    PLAIN_DICTIONARY,
    RLE_DICTIONARY,
    BadPage,
    Page,
    pages,
)
from geodata.formats.parquet_values import is_bytes, is_read, is_text

MAX_BYTES: Final = 512 * 1024 * 1024
MAX_UNPACKED: Final = 512 * 1024 * 1024
MAX_FOOTER: Final = 16 * 1024 * 1024
MAX_COLUMNS: Final = 500
MAX_ROWS: Final = 2_000_000
# Of columns that are all alike, a few bytes hold any number.
MAX_CELLS: Final = 40_000_000
# One holds about a megabyte; many small ones, or the same ones told of again and again, only cost time.
MAX_PAGES: Final = 200_000
BATCH: Final = 5000

# The length of the footer and the mark behind it; a mark of four bytes stands in front.
_TAIL, _FRONT = 8, 4
# Below this size a high ratio does no harm.
_RATIO_FROM: Final = 64 * 1024 * 1024
# How text may be packed: each value once, or one after the other. Other ways let a value grow out of the one before.
_LISTED: Final = {PLAIN, PLAIN_DICTIONARY, RLE_DICTIONARY}
_DAMAGE: Final = (pa.ArrowException, OSError, ValueError, OverflowError, IndexError, KeyError, TypeError)


@dataclass(frozen=True, slots=True)
class Column:
    """One column at the top: its name and type, and the numbers of the columns of numbers and bytes in it."""

    name: str
    type: pa.DataType
    leaves: tuple[int, ...]
    is_read: bool


class Parquet:
    """An open file whose footer is known to be harmless. Whatever is wrong with it is raised as FileRefused."""

    def __init__(self, path: Path) -> None:
        """Read the footer. Raises TooLarge and Unreadable."""
        self.path = path
        self.file = path.name
        _check_size(path)
        try:
            self._opened = self._open()
            self.metadata = self._opened.metadata
            self.schema: pa.Schema = self._opened.schema_arrow
            self.columns = self._columns()
        except _DAMAGE as error:
            raise Unreadable(self.file, f"its footer cannot be read ({_first_line(error)})") from error
        self.rows: int = self.metadata.num_rows
        if not 0 <= self.rows <= MAX_ROWS:
            raise TooLarge(self.file, f"it has {self.rows:,} rows", f"{MAX_ROWS:,}")
        if len(self.columns) > MAX_COLUMNS:
            raise TooLarge(self.file, f"it has {len(self.columns):,} columns", f"{MAX_COLUMNS:,}")

    def batches(self, columns: Sequence[Column]) -> Iterator[list[pa.Array]]:
        """The arrays of these columns, at most BATCH rows at a time. Raises TooLarge and Unreadable."""
        if self.rows * len(columns) > MAX_CELLS:
            raise TooLarge(self.file, f"it has {self.rows * len(columns):,} cells", f"{MAX_CELLS:,}")
        names = [one.name for one in columns]
        given = 0
        try:
            reader = self._open(read_dictionary=self._checked(columns))
            for batch in reader.iter_batches(batch_size=BATCH, columns=names, use_threads=False):
                given += batch.num_rows
                if batch.schema.names != names or given > self.rows:
                    raise Unreadable(self.file, "its rows are not what its footer tells")
                batch.validate(full=True)
                yield [batch.column(index) for index in range(len(names))]
        except FileRefused:
            raise
        except _DAMAGE as error:
            raise Unreadable(self.file, f"its rows cannot be read ({_first_line(error)})") from error
        if given != self.rows:
            raise Unreadable(self.file, f"it breaks off after {given} of {self.rows} rows")

    def _open(self, **options: Any) -> ParquetFile:  # noqa: ANN401 - options of the library
        return ParquetFile(
            self.path,
            memory_map=False,
            pre_buffer=False,
            buffer_size=1024 * 1024,
            thrift_string_size_limit=MAX_FOOTER,
            thrift_container_size_limit=1_000_000,
            page_checksum_verification=True,
            arrow_extensions_enabled=False,
            **options,
        )

    def _columns(self) -> list[Column]:
        found = []
        at = 0
        for one in self.schema:
            leaves = tuple(range(at, at + _leaves(one.type)))
            at += len(leaves)
            stored = self.metadata.schema.column(leaves[0]) if len(leaves) == 1 else None
            read = stored is not None and is_read(one.type, physical=stored.physical_type, width=stored.length)
            found.append(Column(one.name, one.type, leaves, read))
        if at != len(self.metadata.schema):
            raise Unreadable(self.file, "its columns are not what its footer tells")
        return found

    def _checked(self, columns: Sequence[Column]) -> list[str]:
        """Names of the columns to be read with each value once. Raises TooLarge and Unreadable."""
        listed = []
        unpacked = count = 0
        with self.path.open("rb") as file:
            for column in columns:
                ways: set[int | None] = set()
                for page in (page for leaf in column.leaves for page in self._pages(file, leaf)):
                    count += 1
                    unpacked += page.unpacked_bytes
                    ways.add(page.encoding)
                    self._check_pages(count, unpacked)
                if not (is_text(column.type) or is_bytes(column.type)):
                    continue
                if ways <= _LISTED:
                    listed.append(column.name)
                elif ways != {DELTA_LENGTH}:
                    reason = f"the column {column.name} is packed in a way that is not read"
                    raise Unreadable(self.file, f"{reason}; write it with dictionaries or plain, as is usual")
        return listed

    def _pages(self, file: Any, leaf: int) -> Iterator[Page]:  # noqa: ANN401 - an open file
        for number in range(self.metadata.num_row_groups):
            group = self.metadata.row_group(number)
            # of a group without rows nothing is read, and where its pages should be is left open
            if group.num_rows == 0:
                continue
            chunk = group.column(leaf)
            first = chunk.data_page_offset
            if chunk.has_dictionary_page and 0 < chunk.dictionary_page_offset < first:
                first = chunk.dictionary_page_offset
            try:
                yield from pages(file, first, first + chunk.total_compressed_size)
            except (BadPage, ValueError) as error:
                raise Unreadable(self.file, f"a column is damaged ({_first_line(error)})") from error

    def _check_pages(self, count: int, unpacked: int) -> None:
        if count > MAX_PAGES:
            raise TooLarge(self.file, "it has too many pages", f"{MAX_PAGES:,}")
        size = self.path.stat().st_size
        most = min(MAX_UNPACKED, max(_RATIO_FROM, size * archives.MAX_RATIO))
        if unpacked > most:
            raise TooLarge(self.file, "unpacked it is suspiciously large", f"{most:,} bytes for a file of {size:,}")


def _check_size(path: Path) -> None:
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise TooLarge(path.name, f"it has {size:,} bytes", f"{MAX_BYTES:,}")
    with path.open("rb") as file:
        file.seek(size - _TAIL)
        footer = int.from_bytes(file.read(4), "little")
    if footer > size - _TAIL - _FRONT:
        raise Unreadable(path.name, "its footer is longer than the file")
    if footer > MAX_FOOTER:
        raise TooLarge(path.name, f"its footer has {footer:,} bytes", f"{MAX_FOOTER:,}")


def _leaves(kind: pa.DataType) -> int:
    """How many columns of numbers or bytes a type is made of."""
    if pa.types.is_map(kind):
        return _leaves(kind.key_type) + _leaves(kind.item_type)
    if pa.types.is_nested(kind):
        return sum(_leaves(kind.field(index).type) for index in range(kind.num_fields))
    return 1


def _first_line(error: BaseException) -> str:
    return str(error).split("\n", 1)[0][:160]
