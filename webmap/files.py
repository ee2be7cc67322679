"""Scripts, styles and pictures, under addresses that change with them, so that a browser may keep what it has.

`/static/v0123456789ab/js/map.js` is the file `js/map.js` of the version that is served. A script reads others by
addresses next to its own, and so reads those of its version: after an upgrade no page is made of old and new ones.
"""

import hashlib
import re
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, send_from_directory

FOLDER = Path(__file__).parent / "static"
ADDRESS = "/static/"

# No page asks for these, and an installation has none.
OF_TESTS = FOLDER / "vendor-dev"

YEAR_S = 365 * 86400

_VERSIONED = re.compile(r"v([0-9a-f]{12})/(.+)")


@cache
def version() -> str:
    """A name of all these files, another one as soon as a byte of them is."""
    whole = hashlib.sha256()
    for path in sorted(path for path in FOLDER.rglob("*") if path.is_file() and OF_TESTS not in path.parents):
        content = path.read_bytes()
        whole.update(f"{path.relative_to(FOLDER).as_posix()}\0{len(content)}\0".encode())
        whole.update(content)
    return whole.hexdigest()[:12]


def versioned(name: str) -> str:
    """`js/map.js` with the version before it, as it stands in an address."""
    return f"v{version()}/{name}"


def address(name: str) -> str:
    """Where a page finds the file of that name (`js/map.js`)."""
    return ADDRESS + versioned(name)


def init_files(app: Flask) -> None:
    """Have `url_for("static", …)` give addresses with the version, and the files be served under them."""
    app.view_functions["static"] = _file
    app.url_defaults(_with_version)


def _with_version(endpoint: str, values: dict[str, Any]) -> None:
    if endpoint == "static" and "filename" in values:
        values["filename"] = versioned(values["filename"])


def _file(filename: str) -> Response:
    """A file; what is asked for without the version that is served is asked about each time, for it changes."""
    found = _VERSIONED.fullmatch(filename)
    is_served = found is not None and found[1] == version()
    response = send_from_directory(FOLDER, found[2] if found else filename, max_age=YEAR_S if is_served else None)
    if is_served:
        response.cache_control.immutable = True
    return response
