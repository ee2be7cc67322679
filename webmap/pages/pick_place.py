"""A small map in a form on which a place is pointed at, for `_pick_place.html` and `pick-place.js`."""

from typing import Any

from flask import g
from flask_babel import gettext as _

from geodata.queries import versions
from geodata.queries.positions import extent
from geodata.services.categories import unit_kinds
from webmap.access import may
from webmap.languages import language
from webmap.maps import assets
from webmap.maps.canvas import CONFIG_ID
from webmap.maps.layers import DEEPEST_TILES, LAYERS, layers_for
from webmap.maps.page import map_parts
from webmap.maps.styles import KindOfUnit
from webmap.records import current_session

MODULE = "/static/js/pick-place.js"

# What tells somebody where they point; nothing that has to be counted or chosen.
GROUND = frozenset({"districts", "green", "water", "waterways", "buildings", "rails", "roads", "villages", "towns"})


def picker() -> dict[str, Any]:
    """What a template needs that shows the map: `picker.parts`, `.modules`, `.config` and `.config_id`."""
    session, lang = current_session(), language()
    ground = extent(session)
    kinds = [KindOfUnit(kind.code, kind.name_en if lang == "en" else kind.name_zh) for kind in unit_kinds(session)]
    config = {
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
        "lang": lang,
        "texts": {
            "mapLabel": _("Map. Arrow keys move it, plus and minus zoom, Enter puts the pin in its middle."),
            "zoomInButton": _("Zoom in"),
            "zoomOutButton": _("Zoom out"),
            "mapAway": _("The map did not load. Write the coordinate below, or leave the place open."),
            "placed": _("Place chosen: %(lon)s, %(lat)s"),
        },
    }
    return {
        "parts": map_parts(g.csp_nonce, MODULE),
        "modules": assets.modules("pick-place.js"),
        "config": config,
        "config_id": CONFIG_ID,
    }
