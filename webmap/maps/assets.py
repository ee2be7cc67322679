"""The scripts and styles that are not ours, served from here; anything else is refused.

`static/vendor/manifest.json` is written when the package is built and maps a name to a file. Folium
knows the same files under names of its own, which `FOLIUM` translates.
"""

import json
import re
from functools import cache

from spatial.errors import WanggeError
from webmap import files

VENDOR = files.FOLDER / "vendor"
SCRIPTS = files.FOLDER / "js"

IMPORTED = re.compile(r'^import [^;]*?from "\./([\w-]+\.js)";', re.M)

NEEDED = ("leaflet_js", "leaflet_css", "pbf", "vector_tile", "point_geometry")

# What Folium asks for, and the file of ours that answers.
FOLIUM = {"leaflet": "leaflet_js", "leaflet_css": "leaflet_css"}

# What Folium asks for with every map though only its markers and popups use it, which are not used here.
UNUSED = frozenset(
    {
        "jquery",
        "bootstrap",
        "bootstrap_css",
        "awesome_markers",
        "awesome_markers_css",
        "awesome_markers_font_css",
        "glyphicons_css",
        "awesome_rotate_css",
    }
)


class MissingAsset(WanggeError):
    """A script or style that the pages need is not on this server."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"the browser file {name!r} is not installed; run `pip install .` again, which fetches the files "
            "of webmap/vendor/package.json, or add it there first"
        )
        self.name = name


def check() -> None:
    """Raise MissingAsset unless every file the pages need is there."""
    for name in NEEDED:
        path = _files().get(name)
        if path is None or not (VENDOR / path).is_file():
            raise MissingAsset(name)


def url(name: str) -> str:
    """Address of a file on this server. Raises MissingAsset for one that nobody has brought here."""
    try:
        return files.address(f"vendor/{_files()[name]}")
    except KeyError:
        raise MissingAsset(name) from None


def folium_url(name: str) -> str | None:
    """Address for an asset that Folium asks for; None for one that no page of ours uses.

    Raises MissingAsset for any other, so that a new plug-in cannot reach outside unnoticed.
    """
    if name in UNUSED:
        return None
    if name not in FOLIUM:
        raise MissingAsset(name)
    return url(FOLIUM[name])


@cache
def modules(entry: str) -> tuple[str, ...]:
    """Addresses of a script of ours (`map.js`) and of all it reads, each once.

    A page names them in its head, so that a browser asks for all at once instead of one floor after another.
    """
    found: dict[str, None] = {}
    waiting = [entry]
    while waiting:
        name = waiting.pop(0)
        if name in found:
            continue
        found[name] = None
        waiting += IMPORTED.findall((SCRIPTS / name).read_text(encoding="utf-8"))
    return (
        *(files.address(f"js/{name}") for name in found),
        *(url(name) for name in ("pbf", "vector_tile", "point_geometry")),
    )


@cache
def _files() -> dict[str, str]:
    manifest = VENDOR / "manifest.json"
    if not manifest.is_file():
        return {}
    assets: dict[str, str] = json.loads(manifest.read_text(encoding="utf-8"))["assets"]
    return assets
