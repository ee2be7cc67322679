"""One region, block, point or team: who answers for it, its border or place on the map, and the form that sets it."""

from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, g, redirect, render_template, url_for
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response as AnyResponse

from geodata.errors import NotFound
from geodata.models import Duty
from geodata.record_errors import BadValue
from geodata.services import duty_changes
from geodata.services.duty_changes import KINDS
from geodata.services.duty_ground import Duty as Shown
from geodata.services.duty_ground import duty, duty_ground
from spatial.errors import WanggeError
from webmap import params
from webmap.access import actor, demand_in, may, may_in, needs, own_area
from webmap.errors import BadParameter, status_of
from webmap.maps import assets
from webmap.maps.canvas import CONFIG_ID
from webmap.maps.page import map_parts
from webmap.pages import areas, change_rows, duty_form, duty_words, forms, pick_place
from webmap.pages.duty import READ, SET, config
from webmap.records import current_session

bp = Blueprint("duty_record", __name__, url_prefix="/duty/<any(region, block, point, team):ground>")

MODULE = "duty-record.js"
ON_MAP = frozenset({"region", "block"})


@bp.get("/<code>")
@needs(READ)
def show(ground: str, code: str) -> str:
    """What it is, what is amiss, who changed it; for those who may set it the form."""
    params.only()
    held = duty_changes.record(current_session(), ground, code)
    shown = duty(current_session(), ground, code)
    return _page(ground, held, shown, typed=duty_form.typed(held, shown))


@bp.post("/<code>")
@needs(SET)
def change(ground: str, code: str) -> AnyResponse:
    """Have it be what the form says, unless somebody changed it since the form was opened."""
    session = current_session()
    town = _demand_own(ground, code)
    try:
        told = duty_form.told(ground, town)
        version = forms.needed("version")
        duty_changes.set_duty(session, ground, code, told, actor=actor(), version=version)
    except NotFound:
        raise
    except WanggeError as error:
        return _refused(ground, code, error)
    return redirect(url_for("duty_record.show", ground=ground, code=code))


@bp.post("/<code>/remove")
@needs(SET)
def remove(ground: str, code: str) -> AnyResponse:
    """Remove it, unless others hang on it."""
    town = _demand_own(ground, code)
    try:
        duty_changes.remove_duty(current_session(), ground, code, actor=actor(), version=forms.needed("version"))
    except NotFound:
        raise
    except WanggeError as error:
        return _refused(ground, code, error, is_typed=False)
    return redirect(url_for("duty.index", town=town))


@bp.get("/new")
@needs(SET)
def new(ground: str) -> str:
    """The empty form for a `town`; without one, the towns to choose from."""
    params.only("town")
    towns = areas.names("town")
    town = params.text("town") or own_area()
    if town is None:
        return render_template("duty_town.html", ground=ground, towns=towns, kind_words=duty_words.kinds())
    demand_in(SET, "town", town)
    if town not in towns:
        raise BadParameter("town", town, "the code of a town")
    return _page(ground, None, None, typed={}, town=town)


@bp.post("/new")
@needs(SET)
def add(ground: str) -> AnyResponse:
    """Add one to the town of the form."""
    town = forms.text("town") or ""
    demand_in(SET, "town", town)
    if town not in areas.names("town"):
        raise BadValue("town", "unknown", town)
    try:
        told, code = duty_form.told(ground, town), duty_form.code_told()
        made = duty_changes.add_duty(current_session(), ground, told, actor=actor(), town_code=town, code=code)
    except WanggeError as error:
        current_session().rollback()
        page = _page(ground, None, None, typed=duty_form.typed_again(), town=town, wrong=error)
        return Response(page, status_of(error))
    return redirect(url_for("duty_record.show", ground=ground, code=made))


def _demand_own(ground: str, code: str) -> str | None:
    """The town that a record is of. Raises NotFound, SignInNeeded, NotAllowed."""
    held = duty_changes.record(current_session(), ground, code)
    town = duty_changes.town_of(current_session(), held)
    demand_in(SET, "town", town or "")
    return town


def _refused(ground: str, code: str, error: WanggeError, *, is_typed: bool = True) -> Response:
    """The page again with what was typed; the mark of the record stays that of what was opened."""
    session = current_session()
    session.rollback()
    held = duty_changes.record(session, ground, code)
    shown = duty(session, ground, code)
    typed = duty_form.typed_again() if is_typed else duty_form.typed(held, shown)
    page = _page(ground, held, shown, typed=typed, wrong=error, version=forms.text("version"))
    return Response(page, status_of(error))


def _page(
    ground: str,
    held: Duty | None,
    shown: Shown | None,
    *,
    typed: dict[str, Any],
    town: str | None = None,
    wrong: WanggeError | None = None,
    version: str | None = None,
) -> str:
    session = current_session()
    town = shown.row.town_code if shown else town
    can_set = may_in(SET, "town", town or "")
    wrong_field, said = forms.wrong(wrong) if wrong else ("", "")
    code = shown.row.code if shown else None
    with_contact = may("contact.read")
    return render_template(
        "duty_record.html",
        parts=map_parts(g.csp_nonce, MODULE),
        modules=assets.modules("duty-record.js"),
        config=_config(town, _editor(ground, held, code=code, town=town, typed=typed, can_set=can_set)),
        config_id=CONFIG_ID,
        ground=ground,
        shown=shown,
        held=held,
        gaps=duty_words.gaps(shown) if shown else [],
        below=_below(shown) if shown else [],
        version=version or (duty_changes.version_of(session, ground, held) if held else ""),
        choices=duty_form.choices(town) if can_set else None,
        deputies=range(1, duty_form.DEPUTIES + 1),
        typed=typed,
        wrong=said,
        wrong_field=wrong_field,
        status=HTTPStatus.OK if wrong is None else status_of(wrong),
        town=town,
        town_name=areas.names("town").get(town or ""),
        kind_words=duty_words.kinds(),
        has_border=ground in ON_MAP,
        can_set=can_set,
        with_contact=with_contact,
        changes=_changes(ground, code, with_contact=with_contact) if code else [],
    )


def _config(town: str | None, editor: dict[str, Any]) -> dict[str, Any]:
    """The settings of the map, of a form's place, and of this form."""
    place, made = pick_place.place_config(), config(town)
    return {**place, **made, "texts": {**place["texts"], **made["texts"]}, "duty": editor}


def _below(shown: Shown) -> list[tuple[Shown, list[str]]]:
    """Blocks of a region or points of a block, each with what is amiss."""
    if shown.kind not in {"region", "block"}:
        return []
    found = duty_ground(current_session(), town_code=shown.row.town_code)
    those = found.blocks_of(shown) if shown.kind == "region" else found.points_of(shown)
    return [(one, duty_words.gaps(one)) for one in those]


def _changes(ground: str, code: str, *, with_contact: bool) -> list[change_rows.ChangeRow]:
    labels = duty_words.change_labels(with_contact=with_contact)
    return change_rows.rows([KINDS[ground]], labels, about={"code": code})


def _editor(
    ground: str, held: Duty | None, *, code: str | None, town: str | None, typed: dict[str, Any], can_set: bool
) -> dict[str, Any]:
    """What the map of the form needs to know."""
    return {
        "kind": ground,
        "code": code,
        "town": town,
        "canSet": can_set,
        "shape": duty_form.shape_of(held),
        "place": duty_form.place_of(held),
        "drawn": typed.get("shape") or None,
        "checkUrl": url_for("duty_shape.check"),
        "token": generate_csrf(),
    }
