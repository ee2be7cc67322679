"""The lists that other systems need to name things: kinds of issue, and member units."""

from typing import Any

from flask import Blueprint, Response, url_for
from flask_babel import lazy_gettext as _l

from geodata.errors import NotFound
from geodata.models import UnitKind
from geodata.queries.unit_list import UnitLine, units_after
from geodata.services.categories import categories as all_categories
from webmap import params
from webmap.access import needs
from webmap.api.v1 import paged
from webmap.languages import language
from webmap.openapi import Answer, Param, described
from webmap.openapi.parameters import AFTER, LANG
from webmap.openapi.shapes import JSON, TEXT, ref
from webmap.openapi.v1_parameters import LIMIT
from webmap.records import current_session

bp = Blueprint("v1_lists", __name__, url_prefix="/api/v1")


@bp.get("/categories")
@described(
    _l("Kinds of issue, by code"),
    "v1",
    {200: Answer(_l("All of them"), {JSON: ref("CategoryPage")})},
    query=(LANG,),
)
@needs("map.read")
def categories() -> Response:
    """The kinds of issue; `code` is what reports name."""
    params.only()
    return paged.page(
        [
            {
                "code": one.code,
                "name_zh": one.name_zh,
                "name_en": one.name_en,
                "major_zh": one.major_zh,
                "major_en": one.major_en,
                "is_local": one.is_local,
            }
            for one in all_categories(current_session())
        ]
    )


@bp.get("/units")
@described(
    _l("Member units, by code"),
    "v1",
    {200: Answer(_l("A page of units"), {JSON: ref("UnitPage")})},
    query=(
        Param("area", TEXT, _l("Codes of towns, villages or cells")),
        Param("within", TEXT, _l("A polygon lon,lat;lon,lat;… in degrees of WGS 84")),
        Param("kind", TEXT, _l("Code of a kind of unit")),
        LIMIT,
        AFTER,
        LANG,
    ),
)
@needs("map.read")
def units() -> Response:
    """Units on some ground and of a kind, inactive ones too, `limit` of them from behind the code `after` on."""
    params.only(*params.GROUND_NAMES, "kind", *paged.NAMES)
    session, kind, limit = current_session(), params.text("kind"), paged.limit()
    if kind is not None and session.get(UnitKind, kind) is None:
        raise NotFound("kind of unit", kind)
    asked, after = params.unit_filter(), params.text("after")
    found = units_after(session, units=asked, kind=kind, after=after, limit=limit + 1)
    is_english = language() == "en"
    return paged.page(
        [_unit(one, is_english=is_english) for one in found[:limit]],
        after=found[limit - 1].code if len(found) > limit else None,
        kept=(*params.GROUND_NAMES, "kind"),
    )


def _unit(one: UnitLine, *, is_english: bool) -> dict[str, Any]:
    return {
        "code": one.code,
        "name": one.name,
        "kind": {"code": one.kind, "name": one.kind_en if is_english else one.kind_zh},
        "is_active": one.is_active,
        "capacity": one.capacity,
        "opening_hours": one.opening_hours,
        "place": {
            "lon": None if one.lon is None else round(one.lon, 7),
            "lat": None if one.lat is None else round(one.lat, 7),
            "address": one.address,
            "town": None if one.town_code is None else {"code": one.town_code, "name": one.town_name},
            "village": None if one.village_code is None else {"code": one.village_code, "name": one.village_name},
            "cell": one.cell_code,
        },
        "href": url_for("ogc.item", collection_id="units", feature_id=one.code),
    }
