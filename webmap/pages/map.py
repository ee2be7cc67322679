"""The map."""

from typing import Any

from flask import Blueprint, g, render_template, url_for

from geodata import catalog
from geodata.queries import versions
from geodata.queries.positions import area_boxes, extent
from geodata.services.categories import categories, unit_kinds
from geodata.services.coverage import areas_without_units
from webmap.access import may, needs
from webmap.languages import language
from webmap.maps import assets
from webmap.maps.layers import DEEPEST_TILES, layers_for
from webmap.maps.page import map_parts
from webmap.maps.styles import KindOfUnit
from webmap.maps.texts import script_texts
from webmap.pages import words
from webmap.records import current_session

bp = Blueprint("map", __name__)

# A longer list is read on the coverage page.
MOST_LISTED = 60


@bp.get("/")
@needs("map.read")
def show() -> str:
    """The map with its layers, the areas without a unit beside it, and "who is responsible here"."""
    session = current_session()
    without = areas_without_units(session, level="village") or areas_without_units(session, level="town")
    boxes = area_boxes(session, without[0].level) if without else {}
    return render_template(
        "map.html",
        parts=map_parts(_config(), nonce=g.csp_nonce),
        categories=categories(session),
        without=[(area, boxes.get(area.code)) for area in without[:MOST_LISTED]],
        without_count=len(without),
        level_words=words.levels(),
    )


def _config() -> dict[str, Any]:
    """What the scripts need to know: constants, addresses and words, and nothing that a person has typed."""
    session = current_session()
    lang = language()
    kinds = [KindOfUnit(kind.code, kind.name_en if lang == "en" else kind.name_zh) for kind in unit_kinds(session)]

    def version(collection: catalog.Collection) -> str:
        return versions.data_version(session, collection.tables) if collection.tables else ""

    box = extent(session)
    return {
        "layers": layers_for(may=may, kinds=kinds, version=version, lang=lang),
        "bounds": list(box) if box else None,
        "deepestTiles": DEEPEST_TILES,
        "whereUrl": url_for("where.here"),
        "unitUrl": url_for("units.index") + "/",
        "ticketUrl": url_for("tickets.index") + "/",
        "lang": lang,
        "texts": script_texts(),
        "states": words.states(),
        "modules": {"pbf": assets.url("pbf"), "vectorTile": assets.url("vector_tile")},
    }
