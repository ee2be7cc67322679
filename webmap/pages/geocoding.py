"""The desk of addresses: what geocoding was not sure of, beside a map, settled by one key each."""

from typing import Any

from flask import Blueprint, g, render_template, url_for
from flask_wtf.csrf import generate_csrf

from geodata.queries.positions import area_boxes, extent
from geodata.services.geocode_desk import MOST_AT_ONCE
from webmap import params
from webmap.access import needs, own_area
from webmap.maps import assets
from webmap.maps.canvas import CONFIG_ID
from webmap.maps.layers import LAYERS
from webmap.maps.page import map_parts
from webmap.pages import address_words
from webmap.pages.map import example_pair, map_config
from webmap.pages.units import waiting_addresses
from webmap.records import current_session

bp = Blueprint("geocoding", __name__, url_prefix="/geocoding")

MODULE = "addresses.js"

# Here one looks for where something is, not for what is going on.
ON_HERE = frozenset({"districts", "towns", "villages", "grid_cells"})

# From how many percent on the first candidates are offered to be taken together.
SURE_FROM = 60


@bp.get("")
@needs("place.decide")
def show() -> str:
    """The desk for the conditions of the address: `kind`, `town`, `level`, `reason` and the words `q`."""
    params.only(*params.ADDRESS_NAMES)
    asked = params.address_filter()
    ground = extent(current_session())
    config = map_config(
        ground,
        example_pair(ground),
        layers=[layer for layer in LAYERS if layer.group == "base" or layer.collection in ON_HERE],
    )
    return render_template(
        "geocoding.html",
        parts=map_parts(g.csp_nonce, MODULE),
        modules=assets.modules("addresses.js"),
        config={**config, "texts": {**config["texts"], **address_words.script_texts()}, "desk": _desk()},
        config_id=CONFIG_ID,
        asked=asked,
        waiting=waiting_addresses(),
        keys=address_words.keys(),
        sure_from=SURE_FROM,
    )


def _desk() -> dict[str, Any]:
    """What the desk's own scripts need to know beside the map's."""
    area = own_area()
    boxes = {code: list(box) for code, box in area_boxes(current_session(), "town").items()}
    return {
        "rowsUrl": url_for("geocoding_rows.rows"),
        "groundUrl": url_for("geocoding_rows.ground"),
        "decideUrl": url_for("geocoding_rows.decide"),
        "undoUrl": url_for("geocoding_rows.undo"),
        "sureUrl": url_for("geocoding_rows.sure"),
        "acceptUrl": url_for("geocoding_rows.accept"),
        "token": generate_csrf(),
        "most": MOST_AT_ONCE,
        "boxes": boxes,
        "home": boxes.get(area or ""),
    }
