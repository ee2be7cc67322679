"""The map."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, g, render_template, url_for
from flask_babel import gettext as _

from geodata.queries import versions
from geodata.queries.features import Box
from geodata.queries.positions import area_boxes, extent
from geodata.queries.ticket_filter import NO_AREA
from geodata.services import classes
from geodata.services.categories import categories, unit_kinds
from geodata.services.coverage import areas_unjudged, areas_without_units
from webmap.access import may, needs, role
from webmap.languages import language, zone
from webmap.maps import assets
from webmap.maps.canvas import CONFIG_ID
from webmap.maps.coverage_texts import unjudged
from webmap.maps.layers import DEEPEST_TILES, LAYERS, MapLayer, group_titles, layers_for
from webmap.maps.page import map_parts
from webmap.maps.styles import Break, KindOfUnit
from webmap.maps.texts import script_texts
from webmap.pages import words
from webmap.records import current_session

bp = Blueprint("map", __name__)

# A longer list is read on the coverage page.
MOST_LISTED = 60

MEASURED = ("coverage_cells", "coverage_towns", "coverage_villages")


@bp.get("/")
@needs("map.read")
def show() -> str:
    """The map with its layers, the areas without a unit beside it, and "who is responsible here"."""
    session = current_session()
    without = areas_without_units(session, level="village") or areas_without_units(session, level="town")
    boxes = area_boxes(session, without[0].level) if without else {}
    ground = extent(session)
    example = example_pair(ground)
    return render_template(
        "map.html",
        parts=map_parts(g.csp_nonce),
        modules=assets.modules("map.js"),
        config=map_config(ground, example),
        config_id=CONFIG_ID,
        example=example,
        categories=categories(session),
        without=[(area, boxes.get(area.code)) for area in without[:MOST_LISTED]],
        without_count=len(without),
        unjudged=unjudged(areas_unjudged(session)),
        has_ground=ground is not None,
        can_read_tickets=may("ticket.read"),
        report_url=_report_url(),
    )


def example_pair(ground: Box | None) -> str:
    """A coordinate of this district as one would type it; somewhere at sea where nothing has a place."""
    if ground is None:
        return "0.00, 0.00"
    return f"{(ground.west + ground.east) / 2:.2f}, {(ground.south + ground.north) / 2:.2f}"


def map_config(ground: Box | None, example: str, layers: Sequence[MapLayer] = LAYERS) -> dict[str, Any]:
    """What the scripts of a map need to know: layers, addresses and words.

    example  a coordinate of this district as one would type it.
    """
    session = current_session()
    lang = language()
    kinds = [KindOfUnit(kind.code, kind.name_en if lang == "en" else kind.name_zh) for kind in unit_kinds(session)]

    breaks = {
        name: [Break(one.low, one.high, one.count) for one in classes.classes(session, name)] for name in MEASURED
    }
    return {
        "layers": layers_for(
            may=may,
            kinds=kinds,
            version=versions.collection_versions(session),
            lang=lang,
            breaks=breaks,
            layers=layers,
        ),
        "groups": [
            {"id": id_, "title": title, "parts": _("Parts of the base map") if id_ == "base" else ""}
            for id_, title in group_titles().items()
        ],
        "bounds": list(ground) if ground else None,
        "deepestTiles": DEEPEST_TILES,
        "jointUrl": "/tiles/several/{ids}/{z}/{x}/{y}.mvt",
        "whereUrl": url_for("where.here"),
        "searchUrl": url_for("search.find"),
        "listUrl": "/api/list/",
        "exportUrl": "/export/",
        "countsUrl": "/api/tickets/counts" if may("ticket.read") else None,
        "reportUrl": _report_url(),
        "signInUrl": url_for("login.form"),
        "unitUrl": url_for("units.index") + "/",
        "ticketUrl": url_for("tickets.index") + "/",
        "ticketsUrl": url_for("tickets.index"),
        "zone": zone(),
        "lang": lang,
        "texts": {**script_texts(example), "noGround": _no_ground()},
        "states": words.states(),
        "conditions": {
            "state": words.groups(),
            "due": words.deadlines(),
            "desk": words.desks(),
            "area": {NO_AREA: words.without_town()},
        },
        "modules": {"pbf": assets.url("pbf"), "vectorTile": assets.url("vector_tile")},
    }


def _no_ground() -> str:
    """What a map with nothing on it says: to those who look after the data, how they come in."""
    if role() == "admin":
        return str(_("No boundary yet. Import one: wangge import areas FILE --level town --datum D"))
    return str(_("The data of this district have not been imported yet."))


def _report_url() -> str | None:
    """Where a problem is reported; None for those who may not."""
    return "/report" if may("ticket.report") else None
