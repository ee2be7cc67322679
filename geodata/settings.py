"""Settings of the process, from the environment; settings of the district are in its database."""

import os
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from geodata.errors import BadSetting

DATA_VARIABLE = "WANGGE_DATA"
URL_VARIABLE = "WANGGE_DATABASE_URL"
HOSTS_VARIABLE = "WANGGE_WEBHOOK_HOSTS"
DECODE_VARIABLE = "WANGGE_DECODE_GCJ02"
GEOCODER_VARIABLE = "WANGGE_GEOCODER"
IMPORT_VARIABLE = "WANGGE_IMPORT_MB"

# A sheet takes about 35 times its size in memory while it is looked at; more than the second no format is read of.
LARGEST_IMPORT_MB, MOST_IMPORT_MB = 40, 512

OPEN311_VARIABLE = "WANGGE_OPEN311"
JURISDICTION_VARIABLE = "WANGGE_OPEN311_JURISDICTION"
CONTACT_VARIABLE = "WANGGE_OPEN311_CONTACT"

# Who may read requests by Open311: everybody, applications with a key and people signed in, nobody at all.
OPEN311_MODES = ("open", "keys", "off")

LONGEST_KEY = 128


@dataclass(frozen=True)
class GeocoderSettings:
    """Which geocoder of another house may be asked; without a name none is, and nothing else here counts.

    key       what it knows us by, for its eyes only; `key_file` names a file that holds it instead.
    url       where it is reached from here, None is its own address; `network` is where the name of a gateway leads.
    quota     questions in a day that the contract allows, None is what a plain key does.
    around    what all addresses of this district lie in, sent before each: 上海市闵行区.
    """

    name: str = ""
    key: str | None = field(default=None, repr=False)
    key_file: Path | None = None
    url: str | None = None
    network: str | None = None
    quota: str | None = None
    around: str | None = None

    @classmethod
    def from_environment(cls, env: Mapping[str, str]) -> "GeocoderSettings":
        """The settings whose names begin with WANGGE_GEOCODER; an empty one is as good as none."""

        def named(ending: str) -> str | None:
            return env.get(f"{GEOCODER_VARIABLE}_{ending}", "").strip() or None

        file = named("KEY_FILE")
        return cls(
            name=env.get(GEOCODER_VARIABLE, "").strip(),
            key=named("KEY"),
            key_file=Path(file) if file else None,
            url=named("URL"),
            network=named("NETWORK"),
            quota=named("QUOTA"),
            around=named("AROUND"),
        )

    def secret(self) -> str:
        """The key. Raises BadSetting where there is none, or none that could be one; OSError for its file."""
        found = self.key
        if found is None and self.key_file is not None:
            found = self.key_file.read_text(encoding="utf-8", errors="replace").strip()
        if not found or len(found) > LONGEST_KEY or not all(32 < ord(sign) < 127 for sign in found):
            # what was found is not shown: it may be most of a key
            raise BadSetting(f"{GEOCODER_VARIABLE}_KEY", "", "the key from the console of that geocoder")
        return found


@dataclass(frozen=True)
class Open311Settings:
    """Whom other applications reach here, and what they call us.

    mode          one of OPEN311_MODES.
    jurisdiction  a name for this district beside its code, such as `minhang`; None is the code alone.
    contact       what applications show as whom to ask; None leaves it to the name of the district.
    """

    mode: str = "open"
    jurisdiction: str | None = None
    contact: str | None = None

    @classmethod
    def from_environment(cls, env: Mapping[str, str]) -> "Open311Settings":
        """The settings whose names begin with WANGGE_OPEN311. Raises BadSetting for a mode that there is not."""
        mode = env.get(OPEN311_VARIABLE, "").strip().lower() or OPEN311_MODES[0]
        if mode not in OPEN311_MODES:
            raise BadSetting(OPEN311_VARIABLE, mode, "one of " + ", ".join(OPEN311_MODES))
        return cls(
            mode=mode,
            jurisdiction=env.get(JURISDICTION_VARIABLE, "").strip() or None,
            contact=env.get(CONTACT_VARIABLE, "").strip() or None,
        )


@dataclass(frozen=True)
class Settings:
    """Where this process keeps its things.

    data_dir       folder of the private cluster, the secret key and uploads.
    database_url   a server to use instead of the private cluster, or None.
    webhook_hosts  where messages may be sent, as `geodata.services.destinations` reads it; empty is nowhere.
    import_mb      the largest file that is taken for an import on the web, in megabytes.
    geocoder       whose geocoder may be asked for addresses; nobody's unless it is named.
    open311        whom other applications reach here.
    """

    data_dir: Path
    database_url: str | None = None
    webhook_hosts: str = ""
    import_mb: int = LARGEST_IMPORT_MB
    geocoder: GeocoderSettings = GeocoderSettings()
    open311: Open311Settings = Open311Settings()

    @classmethod
    def from_environment(cls, data: Path | None = None, *, env: Mapping[str, str] = os.environ) -> "Settings":
        """Settings from `--data`, else from the environment, else the defaults of the system. Raises BadSetting."""
        named = env.get(DATA_VARIABLE)
        folder = data or (Path(named) if named else default_data_dir(env))
        return cls(
            data_dir=folder.expanduser().absolute(),
            database_url=env.get(URL_VARIABLE) or None,
            webhook_hosts=env.get(HOSTS_VARIABLE, ""),
            import_mb=_megabytes(env.get(IMPORT_VARIABLE, "")),
            geocoder=GeocoderSettings.from_environment(env),
            open311=Open311Settings.from_environment(env),
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


def _megabytes(told: str) -> int:
    if not told.strip():
        return LARGEST_IMPORT_MB
    if told.strip().isascii() and told.strip().isdigit() and 1 <= int(told.strip()[:6]) <= MOST_IMPORT_MB:
        return int(told)
    raise BadSetting(IMPORT_VARIABLE, told[:40], f"megabytes from 1 to {MOST_IMPORT_MB}")


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
