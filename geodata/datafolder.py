"""The data folder on disk: who may enter it, who holds it now, where its socket is."""

import fcntl
import os
import shutil
import stat
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from geodata.cluster_errors import ClusterBusy, DataFolderRefused
from geodata.postgres import Account, run_as

PORT = 5432  # only a part of the socket's file name; nothing listens on it
# sockaddr_un holds 108 bytes on Linux, 104 on macOS and the BSDs, the final NUL included
SOCKET_PATH_LIMIT = 107 if sys.platform == "linux" else 103
LOCK_LIMIT_S = 120.0


@contextmanager
def hold(data_dir: Path) -> Iterator[None]:
    """Hold the folder against other starters for as long as the block runs; it is made if absent.

    Raises ClusterBusy after two minutes, DataFolderRefused where it cannot be made or written.
    """
    make_folder(data_dir)
    try:
        handle = os.open(data_dir / "cluster.lock", os.O_RDONLY | os.O_CREAT, 0o644)
    except OSError as error:
        raise DataFolderRefused(
            str(data_dir), f"cannot be written ({error.strerror})", "choose another with --data"
        ) from error
    try:
        give_up = time.monotonic() + LOCK_LIMIT_S
        while not _locked(handle):
            if time.monotonic() > give_up:
                raise ClusterBusy(str(data_dir), LOCK_LIMIT_S)
            time.sleep(0.05)
        yield
    finally:
        os.close(handle)


def _locked(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def make_folder(folder: Path) -> None:
    """Make the data folder and those above it; root's may be passed through by the server's account."""
    absent = [one for one in (folder, *folder.parents) if not one.exists()]
    try:
        for one in reversed(absent):
            one.mkdir(mode=0o700, exist_ok=True)
            if os.geteuid() == 0:
                one.chmod(0o711)
    except OSError as error:
        raise DataFolderRefused(
            str(folder), f"cannot be made ({error.strerror})", "choose another with --data or WANGGE_DATA"
        ) from error


def make_private(folder: Path, account: Account) -> None:
    """Make a folder that only the server's account may enter, or turn one into that."""
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        if account.is_other:
            os.chown(folder, account.uid, account.gid)
        folder.chmod(0o700)
    except OSError as error:
        raise DataFolderRefused(
            str(folder), f"cannot be made private ({error.strerror})", f"give it to the user {account.name}"
        ) from error


def check_reach(data_dir: Path, account: Account) -> None:
    """Raise DataFolderRefused where the server's account cannot get into the data folder."""
    if not account.is_other:
        return
    # Passing through the folder is all that is granted: what is private inside has mode 0700 or 0600.
    found = data_dir.stat()
    if not found.st_mode & stat.S_IXOTH and found.st_uid == os.geteuid():
        data_dir.chmod(stat.S_IMODE(found.st_mode) | 0o011)
    answer = run_as(account, ["/bin/sh", "-c", 'cd "$1"', "sh", str(data_dir)], cwd=Path("/"))
    if answer.returncode == 0:
        return
    folders = [*reversed(data_dir.parents), data_dir]
    blocker = next((one for one in folders if not one.stat().st_mode & stat.S_IXOTH), data_dir)
    raise DataFolderRefused(
        str(data_dir),
        f"cannot be reached by the user {account.name}, as whom the server runs (never as root)",
        f"run `chmod o+x {blocker}`, or choose a folder such as /var/lib/wangge with --data",
    )


def socket_dir(data_dir: Path) -> Path:
    """Where the socket is or will be."""
    record = _record(data_dir)
    if record.exists():
        return Path(record.read_text(encoding="utf-8").strip())
    return data_dir / "run"


def place_socket(data_dir: Path, account: Account) -> Path:
    """A folder for the socket that only the server's account may enter, with a name short enough.

    Where the data folder's own name is too long, a new one under the system's temporary folder,
    its place written into `<data>/socket.path`.
    """
    usual = data_dir / "run"
    record = _record(data_dir)
    # libpq splits its host at commas, and the server its list of folders at quotes
    if _fits_socket(usual) and not set(str(usual)) & set(',"'):
        record.unlink(missing_ok=True)
        make_private(usual, account)
        return usual
    known = socket_dir(data_dir)
    if record.exists() and _is_private(known, account):
        return known
    # not tempfile's own choice, which may itself be long
    short = Path(tempfile.mkdtemp(prefix="wangge-", dir="/tmp"))
    if account.is_other:
        os.chown(short, account.uid, account.gid)
    record.write_text(str(short), encoding="utf-8")
    return short


def remove_short_socket(data_dir: Path) -> None:
    """Take away the folder that `place_socket` made elsewhere, if it did."""
    record = _record(data_dir)
    if record.exists():
        shutil.rmtree(socket_dir(data_dir), ignore_errors=True)
        record.unlink()


def _record(data_dir: Path) -> Path:
    return data_dir / "socket.path"


def _is_private(folder: Path, account: Account) -> bool:
    """A real folder of the account's own that nobody else may enter."""
    try:
        found = folder.lstat()
    except FileNotFoundError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == account.uid and not found.st_mode & 0o077


def _fits_socket(folder: Path) -> bool:
    return len(os.fsencode(folder / f".s.PGSQL.{PORT}")) <= SOCKET_PATH_LIMIT
