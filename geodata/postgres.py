"""PostgreSQL's own programs: where they are on this machine, and as whom they run."""

import os
import pwd
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from geodata.cluster_errors import ClusterCommandFailed, DataFolderRefused, PostgresMissing, ServerAccountMissing

BIN_VARIABLE = "WANGGE_PG_BIN"
SERVER_ACCOUNT = "postgres"
SUPERUSER = "postgres"
PROGRAMS = ("initdb", "pg_ctl", "postgres", "createdb", "dropdb")
EXTENSIONS = ("postgis", "pg_trgm")
HAS_PROC = Path("/proc/self/cwd").exists()

# macOS has no C.UTF-8 in most releases; there the letters' classes (LC_CTYPE) come from a UTF-8 locale
# and everything else stays byte order, which is what C.UTF-8 means elsewhere.
LOCALES = (
    ("--locale=C.UTF-8",),
    ("--locale=C", "--lc-ctype=UTF-8"),
    ("--locale=C", "--lc-ctype=en_US.UTF-8"),
)

# A small server beside other programs: memory for one district's layers, no compiled queries
# (their start-up costs more than our short queries take), SSD-like random reads.
SETTINGS: Mapping[str, str] = {
    "cluster_name": "wangge",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_connections": "60",
    "random_page_cost": "1.1",
    "jit": "off",
    "wal_compression": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    "log_checkpoints": "off",
}

_FOLDER_PATTERNS = (
    ("/usr/lib/postgresql", "*/bin"),
    ("/usr", "pgsql-*/bin"),
    ("/opt/homebrew/opt", "postgresql*/bin"),
    ("/usr/local/opt", "postgresql*/bin"),
    ("/home/linuxbrew/.linuxbrew/opt", "postgresql*/bin"),
    ("/Applications/Postgres.app/Contents/Versions", "*/bin"),
)


@dataclass(frozen=True)
class Binaries:
    """One installed PostgreSQL that has PostGIS: its folder of programs and its major version."""

    folder: Path
    version: int

    def program(self, name: str) -> str:
        """Full path of one of its programs."""
        return str(self.folder / name)


@dataclass(frozen=True)
class Account:
    """The system user that the server runs as."""

    name: str
    uid: int
    gid: int

    @property
    def is_other(self) -> bool:
        """The server runs as somebody else than this process."""
        return self.uid != os.geteuid()


def find_binaries(version: int | None = None, *, env: Mapping[str, str] = os.environ) -> Binaries:
    """The first PostgreSQL with PostGIS: WANGGE_PG_BIN, then PATH, then the usual folders, newest first.

    version  take only this major version; None takes any.
    Raises PostgresMissing, which tells for each folder looked at what it lacks.
    """
    looked: list[str] = []
    for folder in _candidate_folders(env):
        found, lacks = _inspect(folder)
        if found and version in (None, found.version):
            return found
        looked.append(f"{folder}: {lacks}" if found is None else f"{folder}: version {found.version}")
    raise PostgresMissing(looked, version)


def _candidate_folders(env: Mapping[str, str]) -> Iterator[Path]:
    """Folders that may hold the programs, best first, none twice."""
    named = env.get(BIN_VARIABLE)
    if named:
        # who names a folder means that one and no other
        yield Path(named)
        return
    seen: set[Path] = set()
    on_path = [
        Path(program).resolve().parent
        for program in (shutil.which(name, path=env.get("PATH", "")) for name in ("initdb", "postgres"))
        if program
    ]
    usual = [
        folder
        for root, pattern in _FOLDER_PATTERNS
        for folder in sorted(Path(root).glob(pattern), key=_version_in_name, reverse=True)
    ]
    for folder in [*on_path, *usual]:
        if folder not in seen:
            seen.add(folder)
            yield folder


def _version_in_name(folder: Path) -> int:
    """The number in `/usr/lib/postgresql/15/bin` or `postgresql@15`, 0 where there is none."""
    number = re.search(r"(\d+)(?:\.\d+)?$", folder.parent.name)
    return int(number.group(1)) if number else 0


def _inspect(folder: Path) -> tuple[Binaries | None, str]:
    """The installation in a folder, or None and what it lacks."""
    missing = [name for name in PROGRAMS if not os.access(folder / name, os.X_OK)]
    if missing:
        return None, f"no {missing[0]}"
    said = _said_by(folder / "postgres", "--version")
    number = re.search(r"\(PostgreSQL\) (\d+)", said)
    if not number:
        return None, "postgres does not tell its version"
    version = int(number.group(1))
    shares = _share_folders(folder, version)
    for extension in EXTENSIONS:
        if not any((share / "extension" / f"{extension}.control").is_file() for share in shares):
            return None, f"version {version} without {extension}"
    return Binaries(folder, version), ""


def _share_folders(folder: Path, version: int) -> list[Path]:
    """Folders where this installation may keep its extensions."""
    told = _said_by(folder / "pg_config", "--sharedir").strip()
    if told:
        return [Path(told)]
    return [
        Path("/usr/share/postgresql") / str(version),
        folder.parent / "share" / "postgresql",
        folder.parent / "share",
    ]


def _said_by(program: Path, argument: str) -> str:
    """What a program prints for one argument, empty where it is missing or fails."""
    if not os.access(program, os.X_OK):
        return ""
    answer = subprocess.run(  # noqa: S603 - a program of the PostgreSQL installation, fixed argument
        [str(program), argument], capture_output=True, text=True, timeout=20, check=False
    )
    return answer.stdout if answer.returncode == 0 else ""


def server_account(pgdata: Path) -> Account:
    """The user the server of this folder must run as.

    The folder's owner where it exists; otherwise this user, or `postgres` for root.
    Raises ServerAccountMissing, or DataFolderRefused where the folder is another user's and we are not root.
    """
    uid = os.geteuid()
    owner = pgdata.stat().st_uid if pgdata.exists() else uid
    if uid != 0:
        if owner != uid:
            raise DataFolderRefused(
                str(pgdata.parent),
                f"belongs to {_name_of(owner)}",
                f"start as {_name_of(owner)}, or choose another folder with --data",
            )
        return Account(_name_of(uid), uid, os.getegid())
    if owner != 0:
        return Account(_name_of(owner), owner, pgdata.stat().st_gid)
    try:
        entry = pwd.getpwnam(SERVER_ACCOUNT)
    except KeyError:
        raise ServerAccountMissing(SERVER_ACCOUNT) from None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _name_of(uid: int) -> str:
    """The account's name, or its number where it has none (as in some containers)."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def run_as(
    account: Account,
    command: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    limit_s: float = 300.0,
) -> subprocess.CompletedProcess[str]:
    """Run a PostgreSQL program as the server's account and return what it said.

    The caller's PG… variables are left out, so that nothing but the arguments decides which
    server is meant; messages are in English, because some of them are read by this program.
    Raises ClusterCommandFailed when it is not done after `limit_s`.
    """
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    clean |= {"LC_ALL": "C", "TZ": "UTC", **(env or {})}
    switched = account.is_other
    try:
        return subprocess.run(  # noqa: S603 - a program of the PostgreSQL installation, arguments from us
            list(command),
            cwd=cwd,
            env=clean,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=limit_s,
            check=False,
            umask=0o077,
            user=account.uid if switched else None,
            group=account.gid if switched else None,
            extra_groups=[] if switched else None,
        )
    except subprocess.TimeoutExpired as expired:
        raise ClusterCommandFailed(
            f"run {Path(command[0]).name}", str(cwd), f"not done after {limit_s:.0f} s"
        ) from expired


def demand(answer: subprocess.CompletedProcess[str], action: str, folder: Path) -> None:
    """Raise ClusterCommandFailed unless the program succeeded."""
    if answer.returncode != 0:
        raise ClusterCommandFailed(action, str(folder), answer.stderr or answer.stdout)


def initdb(binaries: Binaries, account: Account, *, folder: Path, sync: bool = True) -> None:
    """Make a server's files in an empty folder: UTF-8, C.UTF-8, data checksums, entry by socket only.

    sync  False leaves out writing through to the disk (for servers that live for one test).
    Raises ClusterCommandFailed.
    """
    command = [
        binaries.program("initdb"),
        f"--pgdata={folder}",
        "--encoding=UTF8",
        "--data-checksums",
        "--auth=trust",
        f"--username={SUPERUSER}",
        *([] if sync else ["--no-sync"]),
    ]
    for locale in LOCALES:
        answer = run_as(account, [*command, *locale], cwd=folder.parent)
        if answer.returncode == 0 or "invalid locale" not in answer.stderr:
            break
    demand(answer, "make the database", folder.parent)


def is_server(pid: int, pgdata: Path) -> bool:
    """The process is a PostgreSQL of this very folder.

    A number alone proves nothing: it may have been given to any program since it was written down.
    """
    if HAS_PROC:
        process = Path("/proc", str(pid))
        try:
            name = (process / "comm").read_text(encoding="utf-8", errors="replace")
            return name.startswith("postgres") and (process / "cwd").samefile(pgdata)
        except OSError:
            return False
    answer = run_as(server_account(pgdata), ["/bin/ps", "-p", str(pid), "-o", "comm="], cwd=Path("/"))
    return "postgres" in answer.stdout


def server_processes(pgdata: Path) -> list[int]:
    """Every PostgreSQL process of this folder, in no order; always empty where there is no /proc."""
    if not HAS_PROC:
        return []
    numbers = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    return [pid for pid in numbers if is_server(pid, pgdata)]
