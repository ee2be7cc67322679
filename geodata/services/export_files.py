"""Files of exports while they are made, and how far they are: in the data folder, so that all processes see them."""

import json
import os
import re
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from geodata.errors import BadSetting
from geodata.export_errors import ExportCancelled, ExportsBusy

# Each takes a processor and a connection for itself.
AT_ONCE = 2

# No export takes so long: what is older was left behind by a process that has ended.
LEFT_BEHIND_S = 3600

# How often it is written down how far an export is.
EVERY_S = 0.3

_ID = re.compile(r"[A-Za-z0-9_-]{16,64}")
_WANTED = "16 to 64 of A-Z a-z 0-9 - _"

_slots = threading.BoundedSemaphore(AT_ONCE)


class Standing(NamedTuple):
    """How far an export is; `state` is `waiting`, `making` or `made`."""

    state: str
    done: int = 0
    total: int = 0


WAITING = Standing("waiting")


@contextmanager
def workroom(data_dir: Path) -> Iterator[Path]:
    """A folder of one's own to make a file in, of which there are few at once; it goes when the block ends.

    An open file lives on until it is closed, so one is sent from it after the folder is gone. Raises ExportsBusy.
    """
    if not _slots.acquire(blocking=False):
        raise ExportsBusy
    try:
        clear(data_dir)
        room = Path(tempfile.mkdtemp(prefix="file-", dir=_home(data_dir)))
        try:
            yield room
        finally:
            shutil.rmtree(room, ignore_errors=True)
    finally:
        _slots.release()


def clear(data_dir: Path) -> None:
    """Remove what processes that have ended left behind."""
    oldest = time.time() - LEFT_BEHIND_S
    for one in _home(data_dir).iterdir():
        # another process may be quicker
        with suppress(FileNotFoundError):
            if one.stat().st_mtime < oldest:
                shutil.rmtree(one, ignore_errors=True) if one.is_dir() else one.unlink()


def check_id(id_: str) -> str:
    """The id of an export as its asker chose it. Raises BadSetting for one that could be guessed or is none."""
    if not _ID.fullmatch(id_):
        raise BadSetting("progress", id_[:20], _WANTED)
    return id_


def teller(data_dir: Path, id_: str) -> Callable[[int, int], None]:
    """What writes down how far the export of that id is, for `standing`; raising ExportCancelled once it must end."""
    path, stop = _paths(data_dir, id_)
    clear(data_dir)
    last = 0.0

    def tell(done: int, total: int) -> None:
        nonlocal last
        if stop.exists():
            raise ExportCancelled
        now = time.monotonic()
        if 0 < done < total and now - last < EVERY_S:
            return
        last = now
        state = "made" if done >= total else "making"
        draft = path.with_suffix(f".{os.getpid()}")
        draft.write_text(json.dumps({"state": state, "done": done, "total": total}), encoding="ascii")
        draft.replace(path)

    return tell


def standing(data_dir: Path, id_: str) -> Standing:
    """How far the export of that id is; `waiting` for one that nobody has begun. Raises BadSetting."""
    path, _stop = _paths(data_dir, id_)
    try:
        return Standing(**json.loads(path.read_text(encoding="ascii")))
    except FileNotFoundError:
        return WAITING


def cancel(data_dir: Path, id_: str) -> None:
    """Have the export of that id end with its next rows; nothing happens where there is none. Raises BadSetting."""
    path, stop = _paths(data_dir, id_)
    if path.exists():
        stop.touch(mode=0o600)


def _paths(data_dir: Path, id_: str) -> tuple[Path, Path]:
    home = _home(data_dir)
    return home / f"{check_id(id_)}.json", home / f"{id_}.stop"


def _home(data_dir: Path) -> Path:
    home = data_dir / "exports"
    data_dir.mkdir(parents=True, exist_ok=True)
    home.mkdir(mode=0o700, exist_ok=True)
    return home
