"""How much ground lies near a unit, where none does, and what other units would change."""

from typing import Any

from flask import Blueprint, Response
from flask_babel import lazy_gettext as _l

from geodata.queries.coverage import AreaShare, Nearest, gaps_after, nearest_by_area
from geodata.services.coverage import MEASURED, coverage, current_run
from webmap import params
from webmap.access import needs
from webmap.api.coverage import tried
from webmap.api.v1 import paged
from webmap.languages import local
from webmap.maps.coverage_run import run_asked
from webmap.openapi import Answer, Param, described
from webmap.openapi.parameters import AFTER, CATEGORY, LANG, RADIUS
from webmap.openapi.shapes import JSON, TEXT, ref
from webmap.openapi.v1_parameters import LIMIT
from webmap.records import current_session
from webmap.responses import as_json

bp = Blueprint("v1_coverage", __name__, url_prefix="/api/v1/coverage")

LARGEST_RANK = 2**31 - 1


@bp.get("")
@described(
    _l("Share of each town or village that lies near a unit"),
    "v1",
    {200: Answer(_l("Areas of the level, the lowest share first; those without any unit"), {JSON: ref("Coverage")})},
    query=(
        RADIUS,
        CATEGORY,
        Param("level", {**TEXT, "enum": list(MEASURED), "default": "town"}, _l("The level of the areas")),
        LANG,
    ),
    errors=(409, 422),
)
@needs("map.read")
def index() -> Response:
    """Shares of ground within `radius` metres of an active unit (that handles a `category`), by area of a `level`."""
    params.only("radius", "category", "level")
    asked, session = run_asked(), current_session()
    level = params.one_of("level", MEASURED) or "town"
    found = coverage(session, radius_m=asked.radius_m, category=asked.category)
    near = nearest_by_area(session, found.run_id)
    shares = found.of_level(level)
    return paged.page(
        [_share(one, near.get((level, None if level == "district" else one.code))) for one in shares],
        radius_m=found.radius_m,
        category=found.category,
        level=level,
        at=local(found.at),
        units=found.site_count,
        without=[one._asdict() for one in found.without if one.level == level],
        unjudged=found.unjudged.get(level, 0),
    )


@bp.get("/gaps")
@described(
    _l("Ground that lies near no unit, the largest piece first"),
    "v1",
    {200: Answer(_l("A page of gaps"), {JSON: ref("GapPage")})},
    query=(RADIUS, CATEGORY, LIMIT, AFTER, LANG),
    errors=(409, 422),
)
@needs("map.read")
def gaps() -> Response:
    """Gaps of a `radius` and `category` with their shapes, `limit` of them from behind the rank `after` on."""
    params.only("radius", "category", *paged.NAMES)
    asked, session, limit = run_asked(), current_session(), paged.limit()
    run, _is_fresh = current_run(session, radius_m=asked.radius_m, category=asked.category)
    after = params.whole("after", low=0, high=LARGEST_RANK) or 0
    found = gaps_after(session, run.id, after=after, limit=limit + 1)
    return paged.page(
        [
            {
                "rank": one.rank,
                "area": {"code": one.area_code, "name": one.area_name},
                "area_m2": round(one.area_m2, 1),
                "geometry": shape,
            }
            for one, shape in found[:limit]
        ],
        after=str(found[limit - 1][0].rank) if len(found) > limit else None,
        kept=("radius", "category"),
        radius_m=run.radius_m,
        category=run.category_code,
    )


@bp.get("/trial")
@described(
    _l("What coverage would be with some units closed and others opened"),
    "v1",
    {200: Answer(_l("Shares then and now, ground lost and gained"), {JSON: ref("CoverageTrial")})},
    query=(
        RADIUS,
        CATEGORY,
        Param("closed", TEXT, _l("Codes of units that close, with commas between")),
        Param("open", TEXT, _l("Places lon,lat;lon,lat;… where units open, in degrees of WGS 84")),
        LANG,
    ),
    errors=(409, 422),
)
@needs("map.read")
def trial() -> Response:
    """Coverage with the units `closed` gone and others at `open`; nothing is stored."""
    return as_json(tried())


def _share(one: AreaShare, near: Nearest | None) -> dict[str, Any]:
    return {
        "code": one.code,
        "name": one.name,
        "within": one.parent_code,
        "share": one.share,
        "area_m2": round(one.area_m2, 1),
        "covered_m2": round(one.covered_m2, 1),
        "units": one.site_count,
        "nearest_mean_m": None if near is None else round(near.mean_m, 1),
        "nearest_farthest_m": None if near is None else round(near.farthest_m, 1),
    }
