"""Schemas of our own API: places, units, kinds of issue, coverage, indices."""

from collections.abc import Mapping
from typing import Any

from webmap.openapi.shapes import (
    AN_OBJECT,
    DAY,
    MOMENT,
    NUMBER,
    TEXT,
    WHOLE,
    YES_OR_NO,
    an_object,
    list_of,
    one_of,
    or_null,
    page_of,
    ref,
)
from webmap.openapi.ticket_shapes import CODE_AND_NAME, COUNT

TEXTS = list_of(TEXT)
TEXT_OR_NULL = or_null(TEXT)
SHARE = {"type": "number", "minimum": 0, "maximum": 1}

AREA_HIT = or_null(an_object({"level": TEXT, "code": TEXT, "name": TEXT}))
HOLDER = dict.fromkeys(("holder_code", "holder_name", "holder_role", "deputy_name", "deputy_role"), TEXT_OR_NULL)

PLACE = {
    "lon": NUMBER,
    "lat": NUMBER,
    "is_inside": {**or_null(YES_OR_NO), "description": "Null while no boundary is known."},
    "missing": TEXTS,
    **dict.fromkeys(("district", "town", "village"), AREA_HIT),
    "cell": or_null(an_object({"code": TEXT, "town_code": TEXT_OR_NULL, "village_code": TEXT_OR_NULL})),
    "duty_grids": list_of(an_object({"scheme": TEXT, "code": TEXT, "name": TEXT, "post": TEXT_OR_NULL})),
    "overlapping": TEXTS,
    "blocks": list_of(
        an_object(
            {
                "code": TEXT,
                "name": TEXT,
                **HOLDER,
                **dict.fromkeys(("team_name", "contact_role", "contact_phone"), TEXT_OR_NULL),
            }
        )
    ),
    "points": list_of(an_object({"code": TEXT, "name": TEXT, "metres": NUMBER, **HOLDER})),
    "units": list_of(
        an_object(
            {
                **dict.fromkeys(("code", "name", "kind", "kind_zh", "kind_en", "hours"), TEXT),
                **dict.fromkeys(("metres", "lon", "lat"), NUMBER),
                "is_active": YES_OR_NO,
                "opening_hours": TEXT_OR_NULL,
                **dict.fromkeys(("handles", "is_open", "eligible"), or_null(YES_OR_NO)),
                "until": or_null(MOMENT),
                "reasons": TEXTS,
            }
        )
    ),
    "unheld": TEXTS,
    "borders": list_of(
        an_object(
            {
                "level": TEXT,
                "rule": TEXT,
                "chosen": TEXT_OR_NULL,
                "sides": list_of(an_object({"code": TEXT, "name": TEXT, "metres": NUMBER})),
                "said": TEXT,
            }
        )
    ),
    "coverage_m": or_null(NUMBER),
    "contacts": list_of(
        an_object(
            {
                **dict.fromkeys(("topic", "level", "area", "role", "said"), TEXT),
                **dict.fromkeys(("phone", "hours"), TEXT_OR_NULL),
                "is_open": or_null(YES_OR_NO),
                "until": or_null(MOMENT),
            }
        )
    ),
    "report": TEXT_OR_NULL,
    "tickets": or_null(
        list_of(
            an_object(
                {
                    **dict.fromkeys(("number", "category_zh", "category_en", "state"), TEXT),
                    "reported_at": MOMENT,
                    "metres": NUMBER,
                }
            )
        )
    ),
}

FIGURE = an_object({**dict.fromkeys(("numerator", "denominator", "excluded"), COUNT), "share": or_null(NUMBER)})
INDEX_ROW = an_object(
    {
        **dict.fromkeys(("index", "of", "name"), TEXT),
        "within": TEXT_OR_NULL,
        **dict.fromkeys(("numerator", "denominator", "excluded"), COUNT),
        "share": or_null(NUMBER),
        "reason": TEXT_OR_NULL,
        **dict.fromkeys(("change", "per_hectare", "per_thousand"), or_null(NUMBER)),
        "trend": list_of(FIGURE),
        "href": or_null({"type": "object", "additionalProperties": TEXT}),
    }
)

PIECE = an_object(
    {
        "type": one_of("Feature"),
        "geometry": ref("Geometry"),
        "properties": an_object({"change": one_of("lost", "gained"), "area_m2": NUMBER}),
    }
)

AREA_NAMED = {"level": TEXT, "code": TEXT, "name": TEXT}
RUN = {"radius_m": NUMBER, "category": TEXT_OR_NULL}

GROUND_SHAPES: Mapping[str, Mapping[str, Any]] = {
    "Place": an_object(PLACE),
    "GeocodePage": page_of(
        an_object(
            {
                "address": TEXT,
                "status": one_of("accepted", "review"),
                "level": TEXT_OR_NULL,
                "score": SHARE,
                **dict.fromkeys(("error_m", "lon", "lat"), or_null(NUMBER)),
                "town_code": TEXT_OR_NULL,
                "reasons": list_of(an_object({"word": TEXT, "facts": AN_OBJECT})),
                "candidates": list_of(
                    an_object(
                        {
                            "level": TEXT,
                            "name": TEXT,
                            "code": TEXT_OR_NULL,
                            "score": SHARE,
                            **dict.fromkeys(("error_m", "lon", "lat"), or_null(NUMBER)),
                            "town_code": TEXT_OR_NULL,
                            "reasons": list_of(an_object({"word": TEXT, "facts": AN_OBJECT})),
                        }
                    )
                ),
            }
        )
    ),
    "CategoryPage": page_of(
        an_object(
            {
                **dict.fromkeys(("code", "name_zh", "name_en", "major_zh", "major_en"), TEXT),
                "is_local": YES_OR_NO,
            }
        )
    ),
    "UnitPage": page_of(
        an_object(
            {
                "code": TEXT,
                "name": TEXT,
                "kind": CODE_AND_NAME,
                "is_active": YES_OR_NO,
                "capacity": or_null(WHOLE),
                "opening_hours": TEXT_OR_NULL,
                "place": ref("Ground"),
                "href": TEXT,
            }
        )
    ),
    "Coverage": page_of(
        an_object(
            {
                "code": TEXT,
                "name": TEXT_OR_NULL,
                "within": TEXT_OR_NULL,
                "share": SHARE,
                **dict.fromkeys(("area_m2", "covered_m2"), NUMBER),
                "units": COUNT,
                **dict.fromkeys(("nearest_mean_m", "nearest_farthest_m"), or_null(NUMBER)),
            }
        ),
        {
            **RUN,
            "level": TEXT,
            "at": MOMENT,
            "units": COUNT,
            "without": list_of(
                an_object(
                    {
                        **AREA_NAMED,
                        **dict.fromkeys(("parent_code", "parent_name"), TEXT_OR_NULL),
                        "has_boundary": YES_OR_NO,
                    }
                )
            ),
            "unjudged": COUNT,
        },
    ),
    "GapPage": page_of(
        an_object({"rank": WHOLE, "area": CODE_AND_NAME, "area_m2": NUMBER, "geometry": ref("Geometry")}), RUN
    ),
    "CoverageTrial": an_object(
        {
            **RUN,
            "said": TEXT,
            "closed": list_of(
                an_object(
                    {
                        "code": TEXT,
                        "name": TEXT,
                        **dict.fromkeys(("lon", "lat"), or_null(NUMBER)),
                        "counts": YES_OR_NO,
                    }
                )
            ),
            "opened": list_of(an_object({"lon": NUMBER, "lat": NUMBER})),
            "district": or_null(an_object({"share": SHARE, "was": SHARE})),
            "lost_m2": NUMBER,
            "gained_m2": NUMBER,
            "areas": list_of(
                an_object({**AREA_NAMED, **dict.fromkeys(("share", "was", "gap_m2", "was_gap_m2"), NUMBER)})
            ),
            "without": list_of(an_object({**AREA_NAMED, "was": YES_OR_NO})),
            "gaps": an_object({"type": one_of("FeatureCollection"), "features": list_of(PIECE)}),
        }
    ),
    "Siting": an_object(
        {
            "count": WHOLE,
            **RUN,
            "within": {**TEXT_OR_NULL, "description": "The town or village; null for the whole district."},
            "units": {**COUNT, "description": "How many count now."},
            "area_m2": NUMBER,
            "before": {**SHARE, "description": "Share of the ground near a unit now."},
            "after": {**SHARE, "description": "The same with all sites, measured on the ground."},
            "is_optimal": {**YES_OR_NO, "description": "Whether no other choice of cells is better, which is proven."},
            "gap": {**SHARE, "description": "By what part of the most that could be added it may fall short."},
            "lattice_m": {
                **or_null(NUMBER),
                "description": "Side of squares on which cells were put together; null where each stood for itself.",
            },
            "sites": list_of(
                an_object(
                    {
                        "rank": WHOLE,
                        "lon": NUMBER,
                        "lat": NUMBER,
                        "cell_code": TEXT,
                        **dict.fromkeys(("village_code", "village_name", "town_code", "town_name"), TEXT_OR_NULL),
                        "adds_m2": {**NUMBER, "description": "Ground that those before it do not cover."},
                        "share": {**SHARE, "description": "Share of the ground near a unit with it and those before."},
                    }
                )
            ),
        }
    ),
    "Indices": an_object(
        {
            "level": TEXT,
            "area": TEXT_OR_NULL,
            "period": TEXT,
            "since": DAY,
            "until": DAY,
            "periods": TEXTS,
            "indices": list_of(
                an_object(
                    dict.fromkeys(("id", "name", "formula", "numerator", "denominator", "left_out", "good"), TEXT)
                )
            ),
            **dict.fromkeys(("rows", "together", "district"), list_of(INDEX_ROW)),
        }
    ),
}
