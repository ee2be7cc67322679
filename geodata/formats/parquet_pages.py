"""The pages of a Parquet column, by their own headers.

A file's footer tells how large its columns are unpacked, and may lie; what is set aside in memory is what the
header of each page asks for. So these are read first, as they stand: structures of Thrift in its compact form,
of which only numbers matter here.
"""

from collections.abc import Iterator
from typing import Any, BinaryIO, Final, NamedTuple

PLAIN, PLAIN_DICTIONARY, DELTA_LENGTH, RLE_DICTIONARY = 0, 2, 6, 8

_MOST_HEADER: Final = 1024 * 1024
_LEAST_HEADER: Final = 4096
_MAX_DEPTH: Final = 8
# The fields of a page's header, and of what it holds for each kind of page.
_KIND, _UNPACKED, _PACKED, _V1, _DICTIONARY, _V2 = 1, 2, 3, 5, 7, 8
_ENCODINGS: Final = {_V1: 2, _DICTIONARY: 2, _V2: 4}


class BadPage(ValueError):
    """Bytes that are no header of a page."""


class Page(NamedTuple):
    """One page: bytes that it takes when unpacked, and how its values are encoded (None where it has none)."""

    unpacked_bytes: int
    encoding: int | None


def pages(file: BinaryIO, start: int, end: int) -> Iterator[Page]:
    """The pages between two places of an open file. Raises BadPage where there is something else."""
    at = start
    while at < end:
        header, length = _header(file, at, end)
        unpacked, packed = header.get(_UNPACKED), header.get(_PACKED)
        if not isinstance(unpacked, int) or not isinstance(packed, int) or unpacked < 0 or packed < 0:
            raise BadPage("a page without a size")
        at += length + packed
        if at > end:
            raise BadPage("a page longer than its column")
        encoding = None
        for kind, field in _ENCODINGS.items():
            if isinstance(header.get(kind), dict):
                encoding = header[kind].get(field)
        yield Page(unpacked, encoding)


def _header(file: BinaryIO, at: int, end: int) -> tuple[dict[int, Any], int]:
    """The structure that begins here, and how many bytes it takes."""
    size = _LEAST_HEADER
    while True:
        file.seek(at)
        data = file.read(min(size, end - at))
        reader = _Compact(data)
        try:
            return reader.structure(), reader.at
        except IndexError as error:
            if size >= min(_MOST_HEADER, end - at):
                raise BadPage("the header of a page breaks off") from error
            size *= 16


class _Compact:
    """A reader of Thrift's compact form. Raises IndexError at the end of the bytes."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.at = 0

    def structure(self, depth: int = 0) -> dict[int, Any]:
        """Values by the numbers of their fields."""
        if depth > _MAX_DEPTH:
            raise BadPage("the header of a page nests too deep")
        found: dict[int, Any] = {}
        field = 0
        while head := self._byte():
            step, kind = head >> 4, head & 15
            field = field + step if step else self._whole()
            found[field] = self._value(kind, depth)
        return found

    def _value(self, kind: int, depth: int) -> Any:  # noqa: ANN401 - whatever a field holds
        if kind in {1, 2}:
            return kind == 1
        if kind == 3:
            return self._byte()
        if kind in {4, 5, 6}:
            return self._whole()
        if kind in {7, 8}:
            return self._skip(8 if kind == 7 else self._plain())
        if kind in {9, 10}:
            return self._list(depth)
        if kind == 12:
            return self.structure(depth + 1)
        raise BadPage("an unknown type in the header of a page")

    def _list(self, depth: int) -> None:
        head = self._byte()
        kind = head & 15
        for _ in range(head >> 4 if head >> 4 < 15 else self._plain()):
            # yes and no take a byte each in lists
            if kind in {1, 2}:
                self._byte()
            else:
                self._value(kind, depth + 1)

    def _skip(self, count: int) -> None:
        self.at += count
        if self.at > len(self._data):
            raise IndexError

    def _byte(self) -> int:
        value = self._data[self.at]
        self.at += 1
        return value

    def _plain(self) -> int:
        value = 0
        for shift in range(0, 70, 7):
            byte = self._byte()
            value |= (byte & 127) << shift
            if byte < 128:
                return value
        raise BadPage("a number that does not end")

    def _whole(self) -> int:
        value = self._plain()
        return value >> 1 ^ -(value & 1)
