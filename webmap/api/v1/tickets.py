"""Tickets: found by conditions, looked up, with their history."""

from flask import Blueprint, Response
from flask_babel import lazy_gettext as _l

from geodata.models import Ticket
from geodata.queries import facets
from geodata.queries.desk import ORDERS, desk_lines
from geodata.services.photos import photos_of
from webmap import access, params
from webmap.access import demand, needs, ticket_scope
from webmap.api.v1 import paged, ticket_facts
from webmap.api.v1.versions import with_version
from webmap.openapi import Answer, Param, described
from webmap.openapi.parameters import AFTER, LANG, TICKETS
from webmap.openapi.shapes import JSON, TEXT, ref
from webmap.openapi.v1_parameters import LIMIT
from webmap.pages.ticket import history_of
from webmap.records import current_session
from webmap.responses import as_json

bp = Blueprint("v1_tickets", __name__, url_prefix="/api/v1/tickets")

# The newest report first, unless another order is asked for.
SORTS = ("reported", *(name for name in ORDERS if name != "reported"))

# Counting is given up after this long; the list itself says that there is more.
COUNTED_WITHIN_MS = 300

ETAG = {"ETag": _l("The version of the ticket, for If-Match")}


@bp.get("")
@described(
    _l("Tickets of some conditions, the newest report or the nearest deadline first"),
    "v1",
    {200: Answer(_l("A page of tickets"), {JSON: ref("TicketPage")})},
    query=(
        *TICKETS,
        Param("sort", {**TEXT, "enum": list(SORTS), "default": SORTS[0]}, _l("Newest report first, or by deadline")),
        LIMIT,
        AFTER,
        LANG,
    ),
    is_open=False,
)
@needs("ticket.read")
def index() -> Response:
    """Tickets that whoever asks may see and that fit the conditions, `limit` of them from behind `after` on.

    `total` comes with the first page, where counting is quick; else it is null.
    """
    params.only(*params.FILTER_NAMES, "sort", *paged.NAMES)
    session, asked = current_session(), params.ticket_filter(ticket_scope())
    limit, after = paged.limit(), params.mark("after")
    order = params.one_of("sort", SORTS) or SORTS[0]
    found = desk_lines(session, asked, order=order, limit=limit + 1, after=after)
    total = None
    if after is None:
        is_all = len(found) <= limit
        total = len(found) if is_all else facets.total_within(session, asked, milliseconds=COUNTED_WITHIN_MS)
    return paged.page(
        ticket_facts.summaries(found[:limit]),
        after=str(found[limit - 1].mark) if len(found) > limit else None,
        kept=(*params.FILTER_NAMES, "sort"),
        total=total,
    )


@bp.get("/<number>")
@described(
    _l("One ticket: what and where, how it stands, what may be done with it"),
    "v1",
    {200: Answer(_l("The ticket"), {JSON: ref("Ticket")}, headers=ETAG)},
    query=(LANG,),
    is_open=False,
)
@needs("ticket.read")
def show(number: str) -> Response:
    """One ticket. `ETag` is its version: whoever decides by what they read sends it back as `If-Match`."""
    params.only()
    return told(access.ticket(number))


@bp.get("/<number>/events")
@described(
    _l("What happened to a ticket"),
    "v1",
    {200: Answer(_l("Its events in order, all of them"), {JSON: ref("EventPage")}, headers=ETAG)},
    query=(LANG,),
    is_open=False,
)
@needs("ticket.read")
def events(number: str) -> Response:
    """All events of a ticket in their order; free text as whoever asks may read it."""
    params.only()
    ticket = access.ticket(number)
    found = [ticket_facts.event(one) for one in history_of(ticket)]
    return with_version(paged.page(found), found[-1]["seq"] if found else 0)


@bp.get("/<number>/photos")
@described(
    _l("Photos of a ticket"),
    "v1",
    {200: Answer(_l("All of them, in the order they came"), {JSON: ref("PhotoPage")})},
    query=(LANG,),
    is_open=False,
)
@needs("photo.read")
def photos(number: str) -> Response:
    """What is known of the photos of a ticket, and where their bytes are."""
    params.only()
    ticket = access.ticket(number)
    demand("photo.read", ticket=ticket)
    return paged.page([ticket_facts.photo(number, one) for one in photos_of(current_session(), ticket)])


def told(ticket: Ticket) -> Response:
    """A ticket as an answer, with its version."""
    facts = ticket_facts.whole(ticket)
    return with_version(as_json(facts), facts["version"])
