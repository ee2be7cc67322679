"""Who a key stands for, and what it may be used for."""

from flask import Blueprint, Response
from flask_babel import lazy_gettext as _l

from webmap import params
from webmap.access import account, is_vouched_for, own_area, own_unit, role, scopes
from webmap.openapi import Answer, described
from webmap.openapi.parameters import LANG
from webmap.openapi.shapes import JSON, ref
from webmap.responses import as_json

bp = Blueprint("v1_me", __name__, url_prefix="/api/v1/me")


@bp.get("")
@described(
    _l("Who asks: name, role, area, scopes of the key"),
    "v1",
    {200: Answer(_l("The user that the key, or the sign-in, stands for"), {JSON: ref("Me")})},
    query=(LANG,),
    is_open=False,
)
def show() -> Response:
    """The user of the key or sign-in. Raises SignInNeeded for a visitor."""
    params.only()
    who, unit = account(), own_unit()
    return as_json(
        {
            "name": who.name,
            "role": role(),
            "area": own_area(),
            "unit": None if unit is None else {"code": unit.code, "name": unit.name},
            "is_by_key": is_vouched_for(),
            "scopes": scopes(),
        }
    )
