"""How many tickets a filter leaves, and what other choices would leave."""

import time
from collections.abc import Mapping
from threading import Lock
from typing import Any

from cachetools import LRUCache
from flask import Blueprint, Response
from flask_babel import lazy_gettext as _l

from geodata.queries import versions
from geodata.queries.facets import Facet, TicketCounts, ticket_counts
from geodata.queries.ticket_filter import GROUPS, NO_UNIT, TicketFilter
from webmap import params
from webmap.access import needs, ticket_scope
from webmap.languages import language
from webmap.openapi.for_pages import asked_by_pages
from webmap.pages import index_words, words
from webmap.records import current_engine, current_session
from webmap.responses import as_json

bp = Blueprint("ticket_counts", __name__, url_prefix="/api/tickets")

# Filters each process keeps the counts of; one is some kilobytes.
MOST_KEPT = 200

_kept: LRUCache[tuple[str, TicketFilter, str, int], TicketCounts] = LRUCache(MOST_KEPT)
_lock = Lock()


@bp.get("/counts")
@asked_by_pages(_l("Tickets counted by each condition"), *params.FILTER_NAMES)
@needs("ticket.read")
def counts() -> Response:
    """Totals, counts by state, deadline, category, town and unit, and by week.

    Each of them counts with all conditions of the query string except its own.
    """
    params.only(*params.FILTER_NAMES)
    asked = params.ticket_filter(ticket_scope())
    found = _counts(asked)
    groups = {group: sum(found.state.get(state, 0) for state in states) for group, states in GROUPS.items()}
    return as_json(
        {
            "total": found.total,
            "placed": found.placed,
            "index": index_words.said(asked.index) if asked.index else None,
            "facets": {
                "state": _of_words(words.groups(), groups),
                "due": _of_words(words.deadlines(), found.deadline),
                "category": [_fact(facet) for facet in found.category],
                "town": [_fact(facet) for facet in found.town],
                "unit": [_fact(facet) for facet in found.unit],
            },
            "weeks": [{"start": week.start.isoformat(), "count": week.count} for week in found.weeks],
        }
    )


def _counts(tickets: TicketFilter) -> TicketCounts:
    """From memory while nothing has changed in the records, and no longer than the minute: deadlines pass."""
    session = current_session()
    # read before the data: what changes between the two is kept under a key that is never asked for again
    key = (str(current_engine().url), tickets, versions.snapshot(session), int(time.time() // 60))
    with _lock:
        found = _kept.get(key)
    if found is None:
        found = ticket_counts(session, tickets)
        with _lock:
            _kept[key] = found
    return found


def _of_words(titles: Mapping[str, str], counts: Mapping[str, int]) -> list[dict[str, Any]]:
    return [{"value": value, "title": title, "count": counts.get(value, 0)} for value, title in titles.items()]


def _fact(facet: Facet) -> dict[str, Any]:
    title = facet.title_en if language() == "en" else facet.title_zh
    if facet.value == NO_UNIT and title is None:
        title = words.without_unit()
    return {"value": facet.value, "title": title or facet.value, "count": facet.count}
