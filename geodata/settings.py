"""Settings of the process, from the environment; settings of the district are in its database."""

import os
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

DATA_VARIABLE = "WANGGE_DATA"
URL_VARIABLE = "WANGGE_DATABASE_URL"
HOSTS_VARIABLE = "WANGGE_WEBHOOK_HOSTS"
DECODE_VARIABLE = "WANGGE_DECODE_GCJ02"


@dataclass(frozen=True)
class Settings:
    """Where this process keeps its things.

    data_dir       folder of the private cluster, the secret key and uploads.
    database_url   a server to use instead of the private cluster, or None.
    webhook_hosts  where messages may be sent, as `geodata.services.destinations` reads it; empty is nowhere.
    """

    data_dir: Path
    database_url: str | None = None
    webhook_hosts: str = ""

    @classmethod
    def from_environment(cls, data: Path | None = None, *, env: Mapping[str, str] = os.environ) -> "Settings":
        """Settings from `--data`, else from the environment, else the defaults of the system."""
        named = env.get(DATA_VARIABLE)
        folder = data or (Path(named) if named else default_data_dir(env))
        return cls(
            data_dir=folder.expanduser().absolute(),
            database_url=env.get(URL_VARIABLE) or None,
            webhook_hosts=env.get(HOSTS_VARIABLE, ""),
        )

    def secret_key(self) -> str:
        """The key that signs browser sessions: WANGGE_SECRET_KEY, or one made once and kept in the data folder."""
        given = os.environ.get("WANGGE_SECRET_KEY")
        if given:
            return given
        path = self.data_dir / "secret_key"
        if not path.exists():
            self.data_dir.mkdir(parents=True, exist_ok=True)
            draft = path.with_name(f".secret_key.{os.getpid()}")
            draft.touch(mode=0o600)
            draft.write_text(secrets.token_urlsafe(48), encoding="ascii")
            # link() fails where another process was first, whose key then counts
            try:
                os.link(draft, path)
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        return path.read_text(encoding="ascii")


def decodes_gcj02(env: Mapping[str, str]) -> bool:
    """Whether GCJ-02 and BD-09 may be decoded: yes, unless the operator says anything but `on`.

    A word that is mistyped forbids: what was meant as a no must not become a yes.
    """
    return env.get(DECODE_VARIABLE, "on").strip().lower() in {"", "on"}


def default_data_dir(env: Mapping[str, str] = os.environ) -> Path:
    """The data folder when none is named: /var/lib/wangge for root, else the user's data home."""
    if sys.platform != "win32" and os.geteuid() == 0:
        return Path("/var/lib/wangge")
    home = env.get("XDG_DATA_HOME")
    return (Path(home) if home else Path.home() / ".local" / "share") / "wangge"
