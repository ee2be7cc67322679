"""The place of a form: asked for by `_pick_place.html`, `pick-place.js` and `place-map.js`, and read back here."""

from typing import Any

from flask import g, url_for
from flask_babel import gettext as _

from geodata.queries import versions
from geodata.queries.positions import extent
from geodata.queries.scope import NOTHING
from geodata.record_errors import BadValue
from geodata.services import reports
from geodata.services.categories import unit_kinds
from geodata.services.search import SearchHit, fold, search
from webmap.access import may
from webmap.languages import language
from webmap.maps import assets
from webmap.maps.canvas import CONFIG_ID
from webmap.maps.layers import DEEPEST_TILES, LAYERS, layers_for
from webmap.maps.page import map_parts
from webmap.maps.styles import KindOfUnit
from webmap.pages import forms, place_words
from webmap.records import current_session

MODULE = "place-map.js"

# What tells somebody where they point; nothing that has to be counted or chosen.
GROUND = frozenset(
    {"districts", "green", "water", "waterways", "buildings", "rails", "roads", "grid_cells", "villages", "towns"}
)

# What a name may mean that is a place: areas are too large, and tickets are issues.
PLACES = frozenset({"unit", "point", "place", "coordinate", "block", "cell"})
MOST_NAMED = 5


def picker() -> dict[str, Any]:
    """What a template needs that asks for a place: `picker.parts`, `.modules`, `.config` and `.config_id`."""
    return {
        "parts": map_parts(g.csp_nonce, MODULE),
        "modules": [*assets.modules("place-map.js"), *assets.modules("pick-place.js")],
        "config": {**ground_config(), **place_config()},
        "config_id": CONFIG_ID,
    }


def ground_config() -> dict[str, Any]:
    """What the scripts of a small map need to know: the ground that it draws."""
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
        "lang": lang,
    }


def place_config() -> dict[str, Any]:
    """What the script of a form's place needs to know: addresses, limits and words."""
    return {
        "urls": {"search": url_for("search.find")},
        "whereUrl": url_for("where.here"),
        "places": sorted(PLACES),
        "worstAccuracy": reports.WORST_ACCURACY_M,
        "showsCoordinate": True,
        "texts": place_words.script_texts(),
    }


def told() -> tuple[float, float] | None:
    """The place of a form (WGS 84 degrees, longitude first): its coordinate, else what the name in `find` means.

    None where both are empty. Raises BadValue.
    """
    return forms.lon_lat() or named("find")


def needed() -> tuple[float, float]:
    """The place of a form that must have one. Raises BadValue."""
    found = told()
    if found is None:
        raise BadValue("place", "missing")
    return found


def typed(place: tuple[float, float] | None) -> dict[str, str]:
    """A stored place as the form says it before anybody has typed."""
    return {"lon": f"{place[0]:.6f}" if place else "", "lat": f"{place[1]:.6f}" if place else ""}


def named(field: str) -> tuple[float, float] | None:
    """The place that a text of a form means: an address, a unit, a point or a coordinate; None where it is empty.

    Raises BadValue where it means nothing, or several things.
    """
    said = forms.text(field, longest=200)
    if said is None:
        return None
    hits = [hit for hit in search(current_session(), said, scope=NOTHING) if hit.kind in PLACES and hit.lon is not None]
    same = [hit for hit in hits if fold(hit.title) == fold(said)]
    for meant in (same, hits):
        if len(meant) == 1:
            return _at(meant[0])
    if not hits:
        raise BadValue(field, "unknown", said)
    raise BadValue(field, "choice", said, known=str(_(", ")).join(hit.title for hit in hits[:MOST_NAMED]))


def _at(hit: SearchHit) -> tuple[float, float] | None:
    return None if hit.lon is None or hit.lat is None else (hit.lon, hit.lat)
