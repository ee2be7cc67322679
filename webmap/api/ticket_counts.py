"""How many tickets a filter leaves, and what other choices would leave."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response

from geodata.queries.facets import Facet, ticket_counts
from geodata.queries.ticket_filter import GROUPS, NO_UNIT
from webmap import params
from webmap.access import needs
from webmap.languages import language
from webmap.pages import words
from webmap.records import current_session
from webmap.responses import as_json

bp = Blueprint("ticket_counts", __name__, url_prefix="/api/tickets")


@bp.get("/counts")
@needs("ticket.read")
def counts() -> Response:
    """Totals, counts by state, deadline, category, town and unit, and by week.

    Each of them counts with all conditions of the query string except its own.
    """
    params.only(*params.FILTER_NAMES)
    found = ticket_counts(current_session(), params.ticket_filter())
    groups = {group: sum(found.state.get(state, 0) for state in states) for group, states in GROUPS.items()}
    return as_json(
        {
            "total": found.total,
            "placed": found.placed,
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


def _of_words(titles: Mapping[str, str], counts: Mapping[str, int]) -> list[dict[str, Any]]:
    return [{"value": value, "title": title, "count": counts.get(value, 0)} for value, title in titles.items()]


def _fact(facet: Facet) -> dict[str, Any]:
    title = facet.title_en if language() == "en" else facet.title_zh
    if facet.value == NO_UNIT and title is None:
        title = words.without_unit()
    return {"value": facet.value, "title": title or facet.value, "count": facet.count}
