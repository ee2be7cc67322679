"""Zip files, looked at before anything is unpacked.

A zip says of each entry how large it will be; reading stops there whatever the entry holds, so
checking what it says is enough. Only entries a reader asks for are unpacked, under names of our own.
"""

import errno
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from geodata.formats.errors import TooLarge, Unreadable, UnsafeArchive

MAX_ENTRIES: Final = 1000
MAX_BYTES: Final = 512 * 1024 * 1024
MAX_RATIO: Final = 200
# Below this size a high ratio does no harm (an empty sheet packs very well).
_RATIO_FROM: Final = 4 * 1024 * 1024
_CHUNK: Final = 1024 * 1024
_NAMES_ARE_UTF8: Final = 0x800
_ENCRYPTED: Final = 0x1


@contextmanager
def opened(path: Path, *, max_bytes: int = MAX_BYTES) -> Iterator[zipfile.ZipFile]:
    """The zip file, after a look at its list of entries; `max_bytes` is what they may unpack to, together.

    Raises TooLarge, UnsafeArchive, Unreadable.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            _check(path.name, archive.infolist(), max_bytes)
            yield archive
    except (zipfile.BadZipFile, NotImplementedError, EOFError, UnicodeDecodeError, zlib.error, OSError) as error:
        # a damaged list of entries points to places before the file's beginning; disks fail otherwise
        if isinstance(error, OSError) and error.errno != errno.EINVAL:
            raise
        raise Unreadable(path.name, f"the zip file is damaged or of an unusual kind ({error})") from error


def shown_name(entry: zipfile.ZipInfo) -> str:
    """An entry's name as its maker saw it: names without the UTF-8 mark are often GBK."""
    if entry.flag_bits & _NAMES_ARE_UTF8:
        return entry.filename
    raw = entry.filename.encode("cp437", errors="replace")
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return entry.filename


def unpack(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path) -> None:
    """Write one entry to a path of our own."""
    with archive.open(entry) as source, target.open("wb") as sink:
        while chunk := source.read(_CHUNK):
            sink.write(chunk)


def _check(file: str, entries: list[zipfile.ZipInfo], max_bytes: int) -> None:
    if len(entries) > MAX_ENTRIES:
        raise TooLarge(file, f"it has {len(entries):,} entries", f"{MAX_ENTRIES:,}")
    total = sum(entry.file_size for entry in entries)
    if total > max_bytes:
        raise TooLarge(file, f"unpacked it has {total:,} bytes", f"{max_bytes:,}")
    seen: set[str] = set()
    for entry in entries:
        _check_entry(file, entry)
        if entry.filename in seen:
            raise UnsafeArchive(file, f"it holds {shown_name(entry)!r} twice")
        seen.add(entry.filename)


def _check_entry(file: str, entry: zipfile.ZipInfo) -> None:
    name = shown_name(entry)
    # the list keeps what stands before a NUL, and turns backslashes only on Windows
    raw = entry.orig_filename
    parts = raw.replace("\\", "/").split("/")
    if "\0" in raw or ".." in parts or raw.startswith(("/", "\\")) or (len(parts[0]) > 1 and parts[0][1] == ":"):
        raise UnsafeArchive(file, f"the entry {name!r} points outside the archive")
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise UnsafeArchive(file, f"the entry {name!r} is a link")
    if entry.flag_bits & _ENCRYPTED:
        raise UnsafeArchive(file, f"the entry {name!r} is locked with a password")
    if entry.file_size > _RATIO_FROM and entry.file_size > MAX_RATIO * max(entry.compress_size, 1):
        raise UnsafeArchive(file, f"the entry {name!r} unpacks to {entry.file_size:,} bytes, suspiciously many")
