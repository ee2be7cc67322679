"""Who is responsible here."""

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from geodata.queries.locate import UnitNear
from geodata.services.categories import categories
from geodata.services.places import PlaceAnswer, Standing, where
from geodata.services.units import Opening
from webmap import params
from webmap.access import may, ticket_scope
from webmap.languages import local, local_or_none
from webmap.openapi import Answer, described
from webmap.openapi.parameters import CATEGORY, LANG, LAT, LON
from webmap.openapi.shapes import HTML, JSON, PAGE, ref
from webmap.pages import hours as hour_words
from webmap.pages import network_words, ticket_words, words
from webmap.records import current_session
from webmap.responses import as_json, wants_json

bp = Blueprint("where", __name__)

# Said of the unit in other words already: its metres and its hours stand on their own.
SAID_ELSEWHERE = frozenset({"distance", "open_until", "hours_unknown", "load", "capacity"})


@bp.get("/where")
@described(
    _l("What lies at a place, and who answers for it"),
    "v1",
    {200: Answer(_l("The areas, the responsible and the units near by"), {JSON: ref("Place"), HTML: PAGE})},
    query=(LON, LAT, CATEGORY, LANG),
    errors=(422,),
)
def here() -> Response | str:
    """What lies at `lon`, `lat` and who answers for it, as JSON or as a page; `category` asks about a kind of issue."""
    place, category = asked()
    if wants_json():
        return as_json(place)
    return render_template(
        "where.html",
        place=place,
        topics=network_words.by_topic(place["contacts"]),
        hours_of=hour_words.in_words,
        state_words=words.states(),
        categories=categories(current_session()),
        category=category,
    )


def asked() -> tuple[dict[str, Any], str | None]:
    """What is told of the place that this request asks about, and the category it asks with."""
    params.only("lon", "lat", "category")
    lon, lat = params.lon_lat()
    category = params.text("category")
    answer = where(current_session(), lon=lon, lat=lat, scope=ticket_scope(), category=category)
    return facts(answer, category=category), category


def facts(answer: PlaceAnswer, *, category: str | None = None) -> dict[str, Any]:
    """The answer as plain values, less what the caller's role does not see.

    `is_inside` is null while no boundary at all is imported, and `missing` lists the levels (district, town,
    village) of which none is: there null means not known, elsewhere that the place is in none.
    """
    pairs = zip(answer.units, answer.hours, strict=True)
    found: dict[str, Any] = {
        "lon": answer.lon,
        "lat": answer.lat,
        "is_inside": answer.is_inside,
        "missing": answer.missing,
        **{level: hit._asdict() if hit else None for level, hit in answer.areas.items()},
        "cell": answer.cell._asdict() if answer.cell else None,
        "duty_grids": [hit._asdict() for hit in answer.duty_grids],
        "overlapping": answer.overlapping,
        "blocks": [hit._asdict() for hit in answer.blocks],
        "points": [_rounded(hit._asdict()) for hit in answer.points],
        "units": [_unit(unit, hours, answer.standings.get(unit.code)) for unit, hours in pairs],
        "unheld": answer.unheld,
        "borders": [{**told, "said": ticket_words.border(told)} for told in (one.to_json() for one in answer.borders)],
        "coverage_m": None if answer.coverage_m is None else round(answer.coverage_m),
        "contacts": _contacts(answer),
        "report": _report(answer, category),
        "tickets": None,
    }
    if may("ticket.read"):
        found["tickets"] = [
            {**_rounded(hit._asdict()), "reported_at": local(hit.reported_at)} for hit in answer.tickets
        ]
    if not may("contact.read"):
        for block in found["blocks"]:
            block["contact_role"] = block["contact_phone"] = None
    return found


def _contacts(answer: PlaceAnswer) -> list[dict[str, Any]]:
    """Whom to call here, by topic, the nearest first; without telephones for those who do not read contacts."""
    names = {hit.code: hit.name for hit in answer.areas.values() if hit}
    with_phone = may("contact.read")
    return [
        network_words.contact_facts(one, names.get(one.area_code, ""), with_phone=with_phone) for one in answer.contacts
    ]


def _unit(unit: UnitNear, hours: Opening, standing: Standing | None) -> dict[str, Any]:
    """A unit near the place; `eligible` and `handles` are None when no category was asked about.

    `hours` is a sentence about now; `until` the district's time at which it closes.
    """
    reasons = [one for one in (standing.reasons if standing else ()) if one.word not in SAID_ELSEWHERE]
    return _rounded(unit._asdict()) | {
        "is_open": hours.is_open,
        "until": local_or_none(hours.until),
        "hours": _hours(unit, hours),
        "eligible": standing.is_eligible if standing else None,
        "reasons": [_("closed now") if one.word == "closed" else words.reason(one.word, one.facts) for one in reasons],
    }


def _hours(unit: UnitNear, hours: Opening) -> str:
    if not unit.is_active:
        return str(_("not active"))
    if hours.is_open is None:
        return str(_("opening hours not known"))
    if not hours.is_open:
        return str(_("closed now"))
    if hours.until is None:
        return str(_("open now"))
    is_today = hours.until.date() == datetime.now(hours.until.tzinfo).date()
    return str(_("open until %(time)s", time=f"{hours.until:%H:%M}" if is_today else f"{hours.until:%Y-%m-%d %H:%M}"))


def _report(answer: PlaceAnswer, category: str | None) -> str | None:
    """Address of the page on which this place is reported; None for roles that may not, and beyond the district."""
    if answer.is_inside is False or not may("ticket.report"):
        return None
    # url_for leaves out what is None
    return url_for("report.form", lon=f"{answer.lon:.6f}", lat=f"{answer.lat:.6f}", category=category)


def _rounded(hit: dict[str, Any]) -> dict[str, Any]:
    return {**hit, "metres": round(hit["metres"])}
