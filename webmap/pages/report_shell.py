"""What the page of a report is made of: its ground, its files, and the script that keeps them on a phone."""

from functools import cache
from typing import Any

from flask import url_for

from geodata.services import reports
from geodata.services.photos import MOST_AT_ONCE
from webmap import files
from webmap.access import actor
from webmap.languages import zone
from webmap.maps import assets
from webmap.pages import pick_place
from webmap.pages.report_words import script_texts

WORKER = assets.SCRIPTS / "report-worker.js"

STYLES = ("tokens", "base", "map", "ask", "pick-place", "report")


@cache
def worker_script() -> str:
    """The worker's script, with the list of what to keep and a name that changes with any of it."""
    kept = [files.address(f"css/{name}.css") for name in STYLES]
    kept += [assets.url(name) for name in ("leaflet_js", "leaflet_css")]
    kept += [*assets.modules("report.js"), *assets.modules("place-map.js"), *assets.modules("shell.js")]
    kept = sorted({*kept, files.address("icons/icon.svg")})
    listed = ",\n".join(f'  "{address}"' for address in kept)
    head = f'self.VERSION = "{files.version()}";\nself.FILES = [\n{listed},\n];\n'
    return head + WORKER.read_text(encoding="utf-8")


def config(at: tuple[float, float] | None) -> dict[str, Any]:
    """What the scripts need to know: the ground, addresses and words."""
    return {
        **pick_place.ground_config(),
        "at": list(at) if at else None,
        "user": actor(),
        "zone": zone(),
        "mostPhotos": MOST_AT_ONCE,
        "worstAccuracy": reports.WORST_ACCURACY_M,
        "places": sorted(pick_place.PLACES),
        "urls": {
            "send": url_for("report.send"),
            "check": url_for("report.check"),
            "follow": url_for("report.follow"),
            "token": url_for("report.token"),
            "worker": url_for("report.worker"),
            "search": url_for("search.find"),
            "signIn": url_for("login.form", next=url_for("report.form")),
        },
        "texts": script_texts(),
    }
