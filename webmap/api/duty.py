"""The shape of a region or block, told what it comes to before anybody saves it."""

from typing import Any

from flask import Blueprint, Response
from flask_babel import lazy_gettext as _l

from geodata.record_errors import BadValue
from geodata.services import duty_shapes
from webmap.access import demand_in, needs
from webmap.openapi.for_pages import asked_by_pages
from webmap.pages import duty_form, duty_words, forms
from webmap.records import current_session
from webmap.responses import as_json
from webmap.sentences import sentence

bp = Blueprint("duty_shape", __name__, url_prefix="/api/duty")


@bp.post("/check")
@asked_by_pages(
    _l("Whether a shape can be the border of a region or block"),
    "kind",
    "town",
    "code",
    "shape",
    "village",
    "areas",
    method="POST",
)
@needs("ground.set")
def check() -> Response:
    """Whether a drawn `shape` (GeoJSON), or what is made of `village` and `areas`, can be the border of a `kind`.

    `town` is the town that it is for, `code` the record that has it. The answer has `is_fine`, the sentence `said`
    and, where the border crosses itself, `at` (lon, lat); of a fine one also `area_m2`, `point_count` and the shape.
    Nothing is stored.
    """
    town = forms.text("town") or ""
    demand_in("ground.set", "town", town)
    try:
        kind = forms.one_of("kind", {"region", "block"})
        shape = duty_form.shape_told(town)
        if shape is None:
            raise BadValue("shape", "missing")
        found = duty_shapes.check(current_session(), kind, shape, town_code=town, code=forms.text("code"))
    except BadValue as error:
        return as_json(_refused(error))
    return as_json(
        {
            "is_fine": True,
            "said": duty_words.report(found),
            "at": None,
            "area_m2": round(found.area_m2, 1),
            "point_count": found.point_count,
            "shape": duty_form.as_geojson(found.shape),
        }
    )


def _refused(error: BadValue) -> dict[str, Any]:
    facts = error.facts
    at = [facts["lon"], facts["lat"]] if error.word == "crosses" else None
    return {"is_fine": False, "said": sentence(error), "at": at, "field": error.field}
