"""Finding things by what people type."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from geodata import catalog
from geodata.services.search import COLLECTIONS, KINDS, PLACES, SearchHit, search
from webmap import params
from webmap.access import may, reword, ticket_scope, told
from webmap.api.record_pages import page_of
from webmap.languages import language
from webmap.openapi.for_pages import asked_by_pages
from webmap.pages import demand_words, meeting_words, project_words, words
from webmap.records import current_session
from webmap.responses import as_json

bp = Blueprint("search", __name__, url_prefix="/api")

DIGITS = 7


@bp.get("/search")
@asked_by_pages(_l("Whatever has a name, a code or an address"), "q", "of")
def find() -> Response:
    """What `q` may mean: areas, units, the ground they answer for, what they do, places, tickets, or a coordinate.

    `of=places` leaves out what units do: for who looks for a place.
    """
    params.only("q", "of")
    typed = params.text("q") or ""
    kinds = PLACES if params.one_of("of", ("places",)) else readable()
    hits = search(current_session(), typed, scope=ticket_scope(), kinds=kinds, reword=reword())
    return as_json({"query": typed, "hits": [as_facts(hit) for hit in hits]})


def readable() -> tuple[str, ...]:
    """The kinds of record that whoever asks may find by name."""
    return tuple(kind for kind in KINDS if kind not in COLLECTIONS or may(catalog.collection(COLLECTIONS[kind]).read))


def as_facts(hit: SearchHit) -> dict[str, Any]:
    """A hit as plain values, its note in the reader's language."""
    return {
        "kind": hit.kind,
        "key": hit.key,
        "collection": hit.collection,
        "title": told(hit.title) if hit.kind == "ticket" else hit.title,
        "note": note(hit),
        "lon": _rounded(hit.lon),
        "lat": _rounded(hit.lat),
        "box": [_rounded(side) for side in hit.box] if hit.box else None,
        "href": page_of(hit.collection, hit.key) if hit.collection else None,
    }


def note(hit: SearchHit) -> str:
    """One short line that tells this hit from others of its name."""
    say = _NOTES.get(hit.kind)
    parts = say(hit) if say else []
    if hit.lon is None:
        parts.append(_("place not known"))
    return " · ".join(part for part in parts if part)


def _what(hit: SearchHit) -> str | None:
    if hit.found is None:
        return None
    return hit.found.what_en if language() == "en" else hit.found.what_zh


def _within(hit: SearchHit) -> str | None:
    return hit.found.within if hit.found else None


def _word(hit: SearchHit) -> str:
    return (hit.found.word if hit.found else None) or ""


def _of_coordinate(hit: SearchHit) -> list[str | None]:
    parts: list[str | None] = [_("Longitude, latitude (WGS 84)")]
    if hit.reading and hit.reading.is_swapped:
        parts = [_("Latitude came first; read as longitude, latitude.")]
    elif hit.reading and hit.reading.has_minutes:
        parts = [_("read from degrees and minutes (WGS 84)")]
    return parts


def _of_place(hit: SearchHit) -> list[str | None]:
    if hit.level is not None:
        level = words.place_levels().get(hit.level, hit.level)
        good_to = _("good to about %(metres)s m", metres=round(hit.error_m)) if hit.error_m is not None else None
        return [_("address"), level, good_to]
    return [_place_words().get(_word(hit)), _within(hit)]


def _place_words() -> dict[str, str]:
    return {
        **words.place_levels(),
        "rail": _("railway"),
        "waterway": _("river or canal"),
        "water": _("water"),
        "green": _("green space"),
        "building": _("building"),
    }


_NOTES: dict[str, Callable[[SearchHit], list[str | None]]] = {
    "area": lambda hit: [words.levels().get(_word(hit)), _within(hit)],
    "unit": lambda hit: [_what(hit), _within(hit)],
    "point": lambda hit: [_what(hit) or _("nobody responsible (a gap)"), _within(hit)],
    "block": lambda hit: [_what(hit) or _("nobody responsible (a gap)"), _within(hit)],
    "duty_grid": lambda hit: [_what(hit), _within(hit)],
    "cell": lambda hit: [_within(hit)],
    "ticket": lambda hit: [hit.key, _what(hit), words.states().get(_word(hit)), _within(hit)],
    "region": lambda hit: [_what(hit) or _("nobody responsible (a gap)"), _within(hit)],
    "team": lambda hit: [_what(hit) or _("nobody responsible (a gap)"), _within(hit)],
    "project": lambda hit: [project_words.stages().get(_word(hit)), _what(hit), _within(hit)],
    "resource": lambda hit: [_what(hit), _word(hit), _within(hit)],
    "demand": lambda hit: [_what(hit), demand_words.states().get(_word(hit)), _within(hit)],
    "pledge": lambda hit: [_what(hit), _within(hit)],
    "meeting": lambda hit: [_what(hit), meeting_words.states().get(_word(hit)), _within(hit)],
    "place": _of_place,
    "coordinate": _of_coordinate,
}


def _rounded(degrees: float | None) -> float | None:
    return None if degrees is None else round(degrees, DIGITS)
