"""What can go wrong with the private database server."""

from collections.abc import Sequence

from spatial.errors import WanggeError


class ClusterError(WanggeError):
    """The private database server cannot be made, started or stopped."""


class PostgresMissing(ClusterError):
    """No PostgreSQL with PostGIS on this machine, or not of the version asked for."""

    def __init__(self, looked: Sequence[str], version: int | None = None) -> None:
        number = str(version or "NN")
        wanted = f"PostgreSQL {version}" if version else "PostgreSQL"
        super().__init__(
            f"no {wanted} with PostGIS found (looked in {'; '.join(looked) or 'no folder'}); install it: "
            f"Debian and Ubuntu postgresql-{number}-postgis-3, "
            "Fedora postgresql-server postgresql-contrib postgis, Homebrew postgis; "
            "or name its folder in WANGGE_PG_BIN, or a server in WANGGE_DATABASE_URL"
        )
        self.looked = tuple(looked)
        self.version = version


class ServerAccountMissing(ClusterError):
    """Started as root, and the account that the server should run as does not exist."""

    def __init__(self, account: str) -> None:
        super().__init__(
            f"PostgreSQL refuses to run as root and there is no system user {account!r}; "
            "install the postgresql package, which makes it, or start as an ordinary user"
        )
        self.account = account


class VersionMismatch(ClusterError):
    """The data folder was made by another major version than the programs found."""

    def __init__(self, folder: str, made_by: int, found: int) -> None:
        super().__init__(
            f"{folder} was made by PostgreSQL {made_by} and only {found} is at hand; "
            f"install PostgreSQL {made_by} with PostGIS to go on with it, or to run `wangge db backup FILE` "
            "and then `wangge db restore FILE` into a new data folder"
        )
        self.made_by = made_by
        self.found = found


class DataFolderRefused(ClusterError):
    """The data folder cannot be used as it stands."""

    def __init__(self, folder: str, reason: str, remedy: str) -> None:
        super().__init__(f"data folder {folder} {reason}; {remedy}")
        self.folder = folder
        self.reason = reason


class ClusterBusy(ClusterError):
    """Another process has been starting or stopping this cluster for too long."""

    def __init__(self, folder: str, waited_s: float) -> None:
        super().__init__(
            f"another process has held the cluster in {folder} for {waited_s:.0f} s; "
            "wait for it or end it, then try again"
        )
        self.folder = folder


class ClusterCommandFailed(ClusterError):
    """A PostgreSQL program said no."""

    def __init__(self, action: str, folder: str, said: str) -> None:
        super().__init__(
            f"could not {action} in {folder}: {said.strip() or 'no reason given'}; the log is {folder}/log/postgres.log"
        )
        self.action = action
        self.said = said
