"""Member units: the list, and one of them."""

from datetime import UTC, datetime

from flask import Blueprint, render_template

from geodata.queries.positions import unit_at
from geodata.services import units
from geodata.services.categories import handled_by, unit_kinds
from geodata.services.tickets import tickets_of_unit
from webmap import params
from webmap.access import may, needs
from webmap.languages import language
from webmap.pages import areas, words
from webmap.records import current_session, district

bp = Blueprint("units", __name__, url_prefix="/units")

# One page holds what a district has; more are found through a town or a kind.
MOST_LISTED = 1000


@bp.get("")
@needs("map.read")
def index() -> str:
    """Units by code, those of a kind or a town when `kind` or `town` says so."""
    params.only("kind", "town")
    kind, town = params.text("kind"), params.text("town")
    found = units.list_units(current_session(), kind=kind, town_code=town, limit=MOST_LISTED + 1)
    return render_template(
        "units.html",
        units=found[:MOST_LISTED],
        is_cut=len(found) > MOST_LISTED,
        kinds=_kind_names(),
        towns=areas.names("town"),
        villages=areas.names("village"),
        kind=kind,
        town=town,
    )


@bp.get("/<code>")
@needs("map.read")
def show(code: str) -> str:
    """One unit: where it is, what it takes on, whose contact to call, and its tickets."""
    session = current_session()
    unit = units.unit(session, code)
    now = units.opening(unit.opening_hours, datetime.now(UTC), timezone=district().timezone)
    return render_template(
        "unit.html",
        unit=unit,
        kind_name=_kind_names().get(unit.kind, unit.kind),
        opening=now,
        at=unit_at(session, code),
        towns=areas.names("town"),
        villages=areas.names("village"),
        handled=handled_by(session, unit.kind, town_code=unit.town_code),
        tickets=tickets_of_unit(session, unit.id) if may("ticket.read") else None,
        level_words=words.levels(),
        place_words=words.place_levels(),
        state_words=words.states(),
    )


def _kind_names() -> dict[str, str]:
    is_english = language() == "en"
    return {kind.code: kind.name_en if is_english else kind.name_zh for kind in unit_kinds(current_session())}
