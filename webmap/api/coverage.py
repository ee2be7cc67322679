"""Coverage on the map: the units that count, and what would change if some closed or opened."""

from typing import Any

from flask import Blueprint, Response
from flask_babel import lazy_gettext as _l
from shapely import set_precision
from shapely.geometry import mapping
from werkzeug import Response as AnyResponse

from geodata import catalog
from geodata.queries.coverage import SiteChoice
from geodata.queries.tiles import tile
from geodata.services.coverage_trial import MOST_CHANGES, Place, Trial, coverage_trial
from webmap import params
from webmap.access import demand, needs
from webmap.api.tiles import TILE_ANSWERS, on_the_matrix, sent
from webmap.errors import BadParameter
from webmap.maps.coverage_run import run_asked
from webmap.maps.coverage_texts import said
from webmap.openapi.for_pages import asked_by_pages
from webmap.records import current_session
from webmap.responses import as_json

bp = Blueprint("coverage_trial", __name__, url_prefix="/api/coverage")

UNITS = "units"

# About a centimetre; the map shows no more, and a disc has many corners.
GRID_DEGREES = 1e-7


@bp.get("/try")
@asked_by_pages(_l("What coverage would be with other units"), "radius", "category", "closed", "open")
@needs("map.read")
def trial() -> Response:
    """Coverage with the units `closed=CODE,CODE` gone and others at `open=lon,lat;lon,lat`; nothing is stored."""
    return as_json(tried())


def tried() -> dict[str, Any]:
    """What this request asks to be tried."""
    params.only("radius", "category", "closed", "open")
    asked = run_asked()
    closed, opened = params.words("closed"), [Place(*pair) for pair in params.places("open")]
    if not 1 <= len(closed) + len(opened) <= MOST_CHANGES:
        raise BadParameter("closed", ",".join(closed), f"together with open 1 to {MOST_CHANGES} changes")
    found = coverage_trial(
        current_session(), radius_m=asked.radius_m, category=asked.category, closed=closed, opened=opened
    )
    return facts(found)


@bp.get("/units/<int:z>/<int:x>/<int:y>.mvt")
@asked_by_pages(_l("A vector tile of the units that a coverage counts"), "v", "category", answers=TILE_ANSWERS)
@needs("map.read")
def units(z: int, x: int, y: int) -> AnyResponse:
    """A vector tile with the units that a coverage of this `category` counts, in a layer `units`; 204 where none is."""
    params.only("v", "category")
    collection = catalog.collection(UNITS)
    demand(collection.read)
    on_the_matrix(z, x, y)
    content = tile(current_session(), collection, z=z, x=x, y=y, sites=SiteChoice(params.text("category")))
    return sent(content, max_age=60)


def facts(found: Trial) -> dict[str, Any]:
    """The answer as JSON values; shares 0..1, areas geodesic m², `said` in the reader's language."""
    return {
        "radius_m": found.radius_m,
        "category": found.category,
        "said": said(found),
        "closed": [
            {"code": unit.code, "name": unit.name, "lon": unit.lon, "lat": unit.lat, "counts": unit.counts}
            for unit in found.closed
        ],
        "opened": [place._asdict() for place in found.opened],
        "district": None if found.share is None else {"share": found.share, "was": found.was_share},
        "lost_m2": round(found.total_m2("lost"), 1),
        "gained_m2": round(found.total_m2("gained"), 1),
        "areas": [area._asdict() for area in found.areas],
        "without": [area._asdict() for area in found.without],
        "gaps": {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "geometry": mapping(set_precision(piece.shape, GRID_DEGREES)),
                    "properties": {"change": piece.change, "area_m2": round(piece.area_m2, 1)},
                }
                for piece in found.pieces
            ],
        },
    }
