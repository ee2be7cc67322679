"""Any collection as rows of a list: the map in words."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response
from flask_babel import format_datetime
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from geodata import catalog
from geodata.queries.listing import Listed, listing
from geodata.queries.ticket_filter import ALL_UNITS, GROUPS, NO_TICKETS
from geodata.services import classes
from geodata.services.categories import categories, unit_kinds
from webmap import params
from webmap.access import demand, ticket_scope, told
from webmap.api.readers import names_of, reader_of
from webmap.api.record_pages import page_of
from webmap.languages import language
from webmap.openapi.for_pages import asked_by_pages
from webmap.pages import areas, demand_words, meeting_words, whistle_words, words
from webmap.records import current_session
from webmap.responses import as_json

bp = Blueprint("lists", __name__, url_prefix="/api/list")

ROWS = 50
MOST_ROWS = 200
FARTHEST_ROW = 1_000_000

# From the properties of a feature to what its row says beside the title; empty parts fall out.
Note = Callable[[dict[str, Any]], list[str | None]]


@bp.get("/<collection_id>")
@asked_by_pages(
    _l("Records of a collection as rows of a list"),
    "bbox",
    "limit",
    "skip",
    "key",
    "radius",
    "period",
    *params.FILTER_NAMES,
)
def rows(collection_id: str) -> Response:
    """Features in `bbox`, `limit` of them after `skip`, with a title, a short note and a point on each.

    `key` asks for one of them; tickets take their conditions, units those that say where.
    """
    collection = catalog.collection(collection_id)
    demand(collection.read)
    names = ["bbox", "limit", "skip", "key"]
    session = current_session()
    tickets, units, run_id = NO_TICKETS, ALL_UNITS, None
    if collection.id == "tickets":
        params.only(*names, *params.FILTER_NAMES)
        tickets = params.ticket_filter(ticket_scope())
    elif collection.id == "units":
        params.only(*names, *params.GROUND_NAMES)
        units = params.unit_filter()
    elif collection.id in classes.OF_A_RUN:
        params.only(*names, "radius", "category")
        radius_m, category = params.run()
        run_id = classes.run_id(session, radius_m=radius_m, category=category)
    else:
        params.only(*names, *names_of(collection))
    found = listing(
        session,
        collection,
        box=params.box(),
        limit=params.whole("limit", low=1, high=MOST_ROWS) or ROWS,
        skip=params.whole("skip", low=0, high=FARTHEST_ROW) or 0,
        tickets=tickets,
        units=units,
        run_id=run_id,
        reader=reader_of(collection),
        key=params.text("key"),
    )
    note = _notes().get(collection.id, _nothing)
    return as_json({"total": found.total, "rows": [_row(collection, each, note) for each in found.rows]})


def _row(collection: catalog.Collection, listed: Listed, note: Note) -> dict[str, Any]:
    facts = {**listed.properties, "is_placed": listed.lon is not None}
    facts |= {name: told(facts[name]) for name in collection.free_text}
    key = facts[collection.key]
    return {
        "key": key,
        "title": _title(collection, facts),
        "note": " · ".join(part for part in note(facts) if part),
        "lon": None if listed.lon is None else round(listed.lon, 6),
        "lat": None if listed.lat is None else round(listed.lat, 6),
        "href": page_of(collection.id, key),
    }


def _title(collection: catalog.Collection, facts: dict[str, Any]) -> str:
    if collection.id == "gaps":
        return str(_("gap %(rank)s", rank=facts["rank"]))
    return str(facts.get("title") or facts.get("name") or facts.get("reason") or facts[collection.key])


def _nothing(_facts: dict[str, Any]) -> list[str | None]:
    return []


def _notes() -> dict[str, Note]:
    """What a row says by collection. Words of the records are looked up once for all rows, and only where needed."""
    return {
        "tickets": _ticket_note(),
        "units": _unit_note(),
        "villages": lambda f: [f["town_name"]],
        "grid_cells": lambda f: [f["village_name"] or f["town_name"]],
        "duty_grids": lambda f: [f["post"]],
        "regions": _town_note(),
        "blocks": lambda f: [f["holder_name"] or _("nobody responsible"), f["team_name"]],
        "points": lambda f: [f["holder_name"] or _("nobody responsible"), f["address"]],
        "gaps": lambda f: [f["area_name"], _("%(area)s ha", area=f"{f['area_m2'] / 10_000:,.1f}")],
        "coverage_towns": _share_note,
        "coverage_villages": _share_note,
        "coverage_cells": _distance_note,
        "projects": lambda f: [f["lead_name"]],
        "resources": lambda f: [f["unit_name"], f["available"]],
        "pledges": lambda f: [f["unit_name"], f["hours"]],
        "duty_teams": lambda f: [f["holder_name"] or _("nobody responsible"), f["town_name"], _ground_word(f)],
        "meetings": _meeting_note,
        "whistle_calls": _call_note,
        "registrations": _registered_note,
        "registrations_of_towns": _registered_note,
        "unit_density": _density_note,
        "demands": lambda f: [f["kind_name"], f["area_name"], demand_words.states().get(f["state"])],
    }


def _ticket_note() -> Note:
    names: dict[str, dict[str, str]] = {}
    now = datetime.now(UTC)
    state_words, deadline_words = words.states(), words.deadlines()

    def deadline(facts: dict[str, Any]) -> str | None:
        if facts["due_at"] is None:
            return None
        if facts["state"] in GROUPS["closed"]:
            return deadline_words["late"] if facts["deadline"] == "late" else None
        return words.remaining(facts["due_at"], now)

    def place(facts: dict[str, Any]) -> str | None:
        area = names["village"].get(facts["village_code"]) or names["town"].get(facts["town_code"])
        return area or (None if facts["is_placed"] else _("place not known"))

    def note(facts: dict[str, Any]) -> list[str | None]:
        if not names:
            names["category"] = {each.code: _own(each.name_zh, each.name_en) for each in categories(current_session())}
            names.update({level: areas.names(level) for level in ("village", "town")})
        return [
            names["category"].get(facts["category_code"], facts["category_name"]),
            state_words.get(facts["state"], facts["state"]),
            deadline(facts),
            place(facts),
        ]

    return note


def _unit_note() -> Note:
    kinds: dict[str, str] = {}

    def note(facts: dict[str, Any]) -> list[str | None]:
        if not kinds:
            kinds.update({each.code: _own(each.name_zh, each.name_en) for each in unit_kinds(current_session())})
        inactive = None if facts["is_active"] else _("not active")
        return [kinds.get(facts["kind"], facts["kind_name"]), facts["village_name"] or facts["town_name"], inactive]

    return note


def _town_note() -> Note:
    names: dict[str, str] = {}

    def note(facts: dict[str, Any]) -> list[str | None]:
        names.update(names or areas.names("town"))
        return [names.get(facts["town_code"])]

    return note


def _share_note(facts: dict[str, Any]) -> list[str | None]:
    return [
        facts.get("town_name"),
        _("%(share)s %% covered", share=f"{100 * facts['share']:.1f}"),
        _("%(count)s units", count=facts["unit_count"]),
    ]


def _distance_note(facts: dict[str, Any]) -> list[str | None]:
    if facts["nearest_m"] is None:
        return [words.without_unit()]
    return [_("%(metres)s m to the nearest unit", metres=f"{facts['nearest_m']:,.0f}"), facts["unit_code"]]


def _meeting_note(facts: dict[str, Any]) -> list[str | None]:
    late = facts["resolutions_late"]
    return [
        meeting_words.bodies().get(facts["body"]),
        facts["area_name"],
        _moment(facts["held_at"]),
        meeting_words.states().get(facts["state"]),
        _("%(count)s resolutions", count=facts["resolutions"]) if facts["resolutions"] else None,
        _("%(count)s of them overdue", count=late) if late else None,
    ]


def _call_note(facts: dict[str, Any]) -> list[str | None]:
    return [
        facts["code"],
        whistle_words.states().get(facts["state"]),
        _moment(facts["meet_at"]),
        _("%(came)s of %(called)s arrived", came=facts["arrived"], called=facts["invited"]),
        facts["area_name"],
    ]


def _registered_note(facts: dict[str, Any]) -> list[str | None]:
    rate = None if facts["rate"] is None else _("%(rate)s %% registered", rate=f"{100 * facts['rate']:.1f}")
    return [facts.get("town_name"), facts["period"], rate or _("no rate")]


def _density_note(facts: dict[str, Any]) -> list[str | None]:
    if not facts["unit_count"]:
        return [facts["town_name"], words.without_unit()]
    density = facts["units_per_km2"]
    return [
        facts["town_name"],
        _("%(count)s units", count=facts["unit_count"]),
        None if density is None else _("%(density)s per km²", density=f"{density:,.1f}"),
    ]


def _ground_word(facts: dict[str, Any]) -> str | None:
    said = {"areas": _("ground of the areas that share it"), "town": _("ground of its town")}.get(facts["ground_by"])
    return None if said is None else str(said)


def _moment(at: datetime) -> str:
    return str(format_datetime(at, "yyyy-MM-dd HH:mm"))


def _own(zh: str, en: str) -> str:
    return en if language() == "en" else zh
