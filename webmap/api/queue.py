"""The work of an office's desk as JSON: rows page after page, and how many wait for what."""

from typing import Any

from flask import Blueprint, Response
from flask_babel import lazy_gettext as _l

from geodata.queries import facets
from geodata.queries.desk import ORDERS, desk_counts, desk_lines
from webmap import params
from webmap.access import needs, role, ticket_scope
from webmap.openapi.for_pages import asked_by_pages
from webmap.pages.desk_rows import desk_rows
from webmap.pages.desk_words import to_do
from webmap.records import current_session
from webmap.responses import as_json

bp = Blueprint("queue_rows", __name__, url_prefix="/api/queue")

ROWS = 50
MOST_ROWS = 200


@bp.get("")
@asked_by_pages(_l("Tickets that wait at a desk"), "sort", "limit", "after", "key", *params.FILTER_NAMES)
@needs("ticket.assign")
def rows() -> Response:
    """Tickets of the conditions in the order `sort`, `limit` of them from behind `after` on, or the one of `key`.

    `next` is the `after` of the next page, null on the last; totals and counts come with the first page only.
    """
    params.only(*params.FILTER_NAMES, "sort", "limit", "after", "key")
    session = current_session()
    asked = params.ticket_filter(ticket_scope())
    limit = params.whole("limit", low=1, high=MOST_ROWS) or ROWS
    after, key = params.mark("after"), params.text("key")
    order = params.one_of("sort", tuple(ORDERS)) or next(iter(ORDERS))
    found = desk_lines(session, asked, order=order, limit=limit + 1, after=after, number=key)
    answer: dict[str, Any] = {
        "rows": [row.as_json() for row in desk_rows(found[:limit])],
        "next": str(found[limit - 1].mark) if len(found) > limit else None,
    }
    if after is None and key is None:
        counts = desk_counts(session, asked, todo=to_do(role()))
        answer |= {
            "total": facets.total(session, asked),
            "counts": {"todo": counts.todo, "open": counts.open, **counts.desks},
        }
    return as_json(answer)
