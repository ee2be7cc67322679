"""What the page of a report is made of: its ground, its files, and the script that keeps them on a phone."""

import hashlib
from functools import cache
from typing import Any

from flask import url_for

from geodata.queries import versions
from geodata.queries.positions import extent
from geodata.services import reports
from geodata.services.categories import unit_kinds
from geodata.services.photos import MOST_AT_ONCE
from webmap.access import actor, may
from webmap.languages import language, zone
from webmap.maps import assets
from webmap.maps.layers import DEEPEST_TILES, LAYERS, layers_for
from webmap.maps.styles import KindOfUnit
from webmap.pages import report_form
from webmap.pages.report_words import script_texts
from webmap.records import current_session

MAP_MODULE = "/static/js/report-map.js"
WORKER = assets.SCRIPTS / "report-worker.js"
STATIC = assets.SCRIPTS.parent

# What tells somebody where they stand; nothing that has to be counted or chosen.
GROUND = frozenset(
    {"districts", "green", "water", "waterways", "buildings", "rails", "roads", "grid_cells", "villages", "towns"}
)
STYLES = ("tokens", "base", "map", "ask", "report")


@cache
def worker_script() -> str:
    """The worker's script, with the list of what to keep and a name that changes with any of it."""
    files = [f"/static/css/{name}.css" for name in STYLES]
    files += [assets.url(name) for name in ("leaflet_js", "leaflet_css")]
    files += [*assets.modules("report.js"), *assets.modules("report-map.js"), "/static/js/shell.js"]
    files = sorted({*files, "/static/icons/icon.svg", *assets.modules("shell.js")})
    version = hashlib.sha256()
    for name in files:
        version.update((STATIC.parent / name.lstrip("/")).read_bytes())
    listed = ",\n".join(f'  "{name}"' for name in files)
    head = f'self.VERSION = "{version.hexdigest()[:16]}";\nself.FILES = [\n{listed},\n];\n'
    return head + WORKER.read_text(encoding="utf-8")


def config(at: tuple[float, float] | None) -> dict[str, Any]:
    """What the scripts need to know: the ground, addresses and words."""
    session, lang = current_session(), language()
    ground = extent(session)
    kinds = [KindOfUnit(kind.code, kind.name_en if lang == "en" else kind.name_zh) for kind in unit_kinds(session)]
    return {
        "layers": layers_for(
            may=may,
            kinds=kinds,
            version=versions.collection_versions(session),
            lang=lang,
            layers=[layer for layer in LAYERS if layer.collection in GROUND],
        ),
        "bounds": list(ground) if ground else None,
        "deepestTiles": DEEPEST_TILES,
        "jointUrl": "/tiles/several/{ids}/{z}/{x}/{y}.mvt",
        "modules": {"pbf": assets.url("pbf"), "vectorTile": assets.url("vector_tile")},
        "at": list(at) if at else None,
        "user": actor(),
        "lang": lang,
        "zone": zone(),
        "mostPhotos": MOST_AT_ONCE,
        "worstAccuracy": reports.WORST_ACCURACY_M,
        "places": sorted(report_form.PLACES),
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
