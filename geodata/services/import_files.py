"""Files that wait for their import: each in a folder of its own that only its owner is told of, and not for long.

A folder holds the file under a name of ours, what is known of it (`upload.json`), and what was found out about it. Its
name is made at random. Nothing else has to run: whoever comes next takes away what is too old.
"""

import fcntl
import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Self

from geodata.errors import NotFound
from geodata.formats import FORMATS, osm
from geodata.formats.errors import TooLarge, UnknownFormat
from geodata.record_errors import UploadsFull

FOLDER = "imports"
KEPT_S = 24 * 3600
MOST_FILES = 5
# Of one person together, in the largest files there may be.
MOST_LARGEST = 3
LONGEST_NAME = 100

# Extracts of OpenStreetMap are for the command line: they take minutes, and have no rows that a person looks through.
FAMILIES = tuple(family for family in FORMATS if family is not osm)
SUFFIXES = tuple(suffix for family in FAMILIES for suffix in family.SUFFIXES)

_ID = re.compile(r"[0-9a-f]{32}")
_UNTOLD = re.compile(r"[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_PIECE_BYTES = 1024 * 1024


@dataclass(frozen=True)
class WaitingFile:
    """A file that somebody sent for an import.

    name    what its owner calls it; for reading, never a path. `size` is in bytes, `sent_at` in seconds of the epoch.
    kind    of record, one of `geodata.ingest.KINDS` by name.
    """

    folder: Path
    owner_id: int
    name: str
    kind: str
    size: int
    sent_at: float

    @property
    def id(self) -> str:
        """What it goes by in addresses."""
        return self.folder.name

    @property
    def path(self) -> Path:
        """The file itself."""
        return self.folder / f"data{Path(self.name).suffix.lower()}"

    @property
    def stem(self) -> str:
        """Its name without ending, where records say where they are from."""
        return Path(self.name).stem

    @classmethod
    def of(cls, folder: Path) -> Self | None:
        """The file in a folder; None where that is none, or not yet."""
        facts = read_json(folder / "upload.json")
        return None if facts is None else cls(folder, **facts)

    def read(self, name: str) -> dict[str, Any] | None:
        """Something that was written down about the file; None where nothing was."""
        return read_json(self.folder / f"{name}.json")

    def write(self, name: str, facts: Mapping[str, Any]) -> None:
        """Write something down, whole or not at all. Raises OSError where there is no room, or no folder any more."""
        write_json(self.folder / f"{name}.json", facts)

    def drop_data(self) -> None:
        """Take the file itself away; what is known of it stays for as long as the folder."""
        self.path.unlink(missing_ok=True)

    @contextmanager
    def held(self) -> Iterator[bool]:
        """Hold the file for work on it; False where somebody does already. Whoever dies lets go."""
        with locked(self.folder / "work.lock") as is_mine:
            yield is_mine

    @property
    def is_held(self) -> bool:
        """Whether somebody works on it now."""
        with self.held() as is_mine:
            return not is_mine


def largest_bytes(limit_mb: int) -> int:
    """The size of the largest file there may be."""
    return limit_mb * 1024 * 1024


def keep(data_dir: Path, file: IO[bytes], *, name: str, owner_id: int, kind: str, most_bytes: int) -> WaitingFile:
    """Take a file in.

    file        what was sent, read piece by piece.
    name        as its sender calls it; told only after it was made harmless.
    most_bytes  the largest file there may be.

    Raises UnknownFormat, TooLarge, UploadsFull, and OSError where there is no room; nothing is left behind then.
    """
    told = harmless(name)
    suffix = Path(told).suffix.lower()
    if suffix not in SUFFIXES:
        raise UnknownFormat(told, suffix, SUFFIXES)
    root = _root(data_dir)
    sweep(data_dir)
    with locked(root / "quota.lock", wait=True):
        mine = waiting(data_dir, owner_id=owner_id)
        if len(mine) >= MOST_FILES:
            raise UploadsFull("files", MOST_FILES)
        left = min(most_bytes, MOST_LARGEST * most_bytes - sum(one.size for one in mine))
        folder = root / secrets.token_hex(16)
        folder.mkdir(mode=0o700)
        try:
            size = _copy(file, folder / f"data{suffix}", most=left)
            if size is None:
                if left < most_bytes:
                    raise UploadsFull("bytes", MOST_LARGEST * most_bytes)
                raise TooLarge(told, "it is too large", f"{most_bytes // 2**20} MB")
            facts: dict[str, Any] = {
                "owner_id": owner_id,
                "name": told,
                "kind": kind,
                "size": size,
                "sent_at": time.time(),
            }
            write_json(folder / "upload.json", facts)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
    return WaitingFile(folder, **facts)


def found(data_dir: Path, id_: str, *, owner_id: int) -> WaitingFile:
    """The file of an id, for its owner. Raises NotFound for another's as for one there is not."""
    one = WaitingFile.of(data_dir / FOLDER / id_) if _ID.fullmatch(id_) else None
    if one is None or one.owner_id != owner_id or _is_old(one):
        raise NotFound("file", id_[:40])
    return one


def waiting(data_dir: Path, *, owner_id: int) -> list[WaitingFile]:
    """Somebody's files that were neither imported nor discarded, the newest first."""
    known = (WaitingFile.of(folder) for folder in _folders(data_dir))
    mine = [one for one in known if one and one.owner_id == owner_id and one.path.exists() and not _is_old(one)]
    return sorted(mine, key=lambda one: (-one.sent_at, one.id))


def discard(one: WaitingFile) -> None:
    """Take a file away with all that is known of it."""
    shutil.rmtree(one.folder, ignore_errors=True)


def sweep(data_dir: Path) -> int:
    """Take away what is older than a day; how many folders that were."""
    gone = 0
    for folder in _folders(data_dir):
        with suppress(FileNotFoundError):
            one = WaitingFile.of(folder)
            is_old = _is_old(one) if one else folder.stat().st_mtime < time.time() - KEPT_S
            if is_old and not (one and one.is_held):
                shutil.rmtree(folder, ignore_errors=True)
                gone += 1
    return gone


def harmless(name: str) -> str:
    """The name of a file as it may be told: its last part, without signs that nobody sees, and not too long."""
    last = re.split(r"[/\\]", name)[-1]
    plain = _UNTOLD.sub("", last).strip(" .") or "file"
    suffix = Path(plain).suffix[:12]
    return plain if len(plain) <= LONGEST_NAME else plain[: LONGEST_NAME - len(suffix)] + suffix


@contextmanager
def locked(path: Path, *, wait: bool = False) -> Iterator[bool]:
    """Hold a lock file among all processes; False where another has it and nobody is to wait."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(handle)


def slot(data_dir: Path, number: int) -> Path:
    """The lock of one of the places at which this machine works on imports."""
    return _root(data_dir) / f"slot-{number}.lock"


def read_json(path: Path) -> dict[str, Any] | None:
    """What a file of ours holds; None where there is none."""
    try:
        found_facts: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found_facts


def write_json(path: Path, facts: Mapping[str, Any]) -> None:
    """Put a file in place, whole or not at all."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        draft.write_text(json.dumps(facts, ensure_ascii=False, allow_nan=False, default=str), encoding="utf-8")
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def _root(data_dir: Path) -> Path:
    root = data_dir / FOLDER
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    return root


def _folders(data_dir: Path) -> list[Path]:
    root = data_dir / FOLDER
    return sorted(one for one in root.iterdir() if _ID.fullmatch(one.name)) if root.is_dir() else []


def _is_old(one: WaitingFile) -> bool:
    return one.sent_at < time.time() - KEPT_S


def _copy(file: IO[bytes], path: Path, *, most: int) -> int | None:
    """Write a stream down; its size in bytes, None for more than `most`."""
    size = 0
    with path.open("xb") as target:
        while piece := file.read(_PIECE_BYTES):
            size += len(piece)
            if size > most:
                return None
            target.write(piece)
    path.chmod(0o600)
    return size
