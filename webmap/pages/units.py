"""Member units: the list, and one of them."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, render_template
from flask_babel import gettext as _

from geodata.models import MemberUnit
from geodata.queries import facets, geocode_desk, network, worklist
from geodata.queries.geocode_desk import DeskFilter
from geodata.queries.positions import unit_at
from geodata.queries.stamping import today
from geodata.queries.ticket_filter import OPEN_GROUPS, TicketFilter
from geodata.services import units
from geodata.services.categories import handled_by, unit_kinds
from webmap import params
from webmap.access import address_scope, may, may_of, needs, ticket_scope
from webmap.languages import language
from webmap.maps.drawing_place import PlaceMap, Spot, place_map
from webmap.maps.styles import UNIT_NEAR
from webmap.pages import areas, hours, network_words, pledges, project_rows, words
from webmap.pages.ticket_rows import list_rows
from webmap.records import current_session, district

bp = Blueprint("units", __name__, url_prefix="/units")

# One page holds what a district has; more are found through a town or a kind.
MOST_LISTED = 1000

# The list of tickets has the others.
MOST_TICKETS = 20


@bp.get("")
@needs("map.read")
def index() -> str:
    """Units by code, those of a kind or a town when `kind` or `town` says so."""
    params.only("kind", "town")
    kind, town = params.text("kind"), params.text("town")
    session = current_session()
    found = units.list_units(session, kind=kind, town_code=town, limit=MOST_LISTED + 1)
    listed = found[:MOST_LISTED]
    busy = worklist.open_by_unit(session, scope=ticket_scope()) if may("ticket.read") else None
    return render_template(
        "units.html",
        units=listed,
        is_cut=len(found) > MOST_LISTED,
        busy=busy,
        busy_total=sum((busy or {}).get(unit.id, 0) for unit in listed),
        kinds=_kind_names(),
        towns=areas.names("town"),
        villages=areas.names("village"),
        kind=kind,
        town=town,
        waiting=waiting_addresses(),
    )


@bp.get("/<code>")
@needs("map.read")
def show(code: str) -> str:
    """One unit: where it is, what it takes on and answers for, whose contact to call, and its tickets."""
    session = current_session()
    unit = units.unit(session, code)
    now = units.opening(unit.opening_hours, datetime.now(UTC), timezone=district().timezone)
    own = TicketFilter(units=(code,), scope=ticket_scope())
    in_work = replace(own, states=tuple(sorted(OPEN_GROUPS)))
    shown = worklist.lines(session, limit=MOST_TICKETS, tickets=own, order="due") if may("ticket.read") else None
    return render_template(
        "unit.html",
        unit=unit,
        kind_name=_kind_names().get(unit.kind, unit.kind),
        opening=now,
        hours=hours.in_words(unit.opening_hours),
        at=(at := unit_at(session, code)),
        picture=_picture(unit, at) if at else None,
        towns=areas.names("town"),
        villages=areas.names("village"),
        handled=handled_by(session, unit.kind, town_code=unit.town_code),
        held=units.held_by(session, unit.id),
        projects=project_rows.of_unit(session, unit.id),
        **_network(unit),
        pledges=pledges.of_unit(unit),
        can_pledge=may_of(pledges.SET, unit),
        lines=None if shown is None else list_rows(shown),
        total=facets.total(session, own) if shown else 0,
        open_total=facets.total(session, in_work) if shown else 0,
        level_words=words.levels(),
        place_words=words.place_levels(),
    )


def waiting_addresses() -> int | None:
    """How many addresses wait for whoever asks to decide; None for those who do not decide."""
    if not may("place.decide"):
        return None
    return geocode_desk.waiting_total(current_session(), address_scope(), DeskFilter())


def _network(unit: MemberUnit) -> dict[str, Any]:
    """The unit's part in the networks of areas: memberships, terms and seats, and how they are said."""
    day = today(current_session())
    parts = network.of_unit(current_session(), unit.id, day=day)
    return {
        "memberships": [one for one in unit.memberships if one.valid_to is None or one.valid_to > day],
        "terms": [one for one in parts if one.what == "term"],
        "seats": [one for one in parts if one.what == "seat"],
        "today": day,
        "days": network_words.days,
        "body_words": network_words.bodies(),
        "position_words": network_words.positions(),
    }


def _picture(unit: MemberUnit, at: tuple[float, float]) -> PlaceMap:
    return place_map(
        current_session(),
        [Spot(*at, UNIT_NEAR, unit.name)],
        title=_("Map of the place of %(name)s", name=unit.name),
        metre_srid=district().metre_srid,
        village_code=unit.village_code,
    )


def _kind_names() -> dict[str, str]:
    is_english = language() == "en"
    return {kind.code: kind.name_en if is_english else kind.name_zh for kind in unit_kinds(current_session())}
