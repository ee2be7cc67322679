"""Following a ticket: to hear what becomes of it."""

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from geodata.services import merging
from webmap import access
from webmap.access import account, demand, needs
from webmap.records import current_session

bp = Blueprint("follow", __name__, url_prefix="/tickets")


@bp.post("/<number>/follow")
@needs("ticket.follow")
def follow(number: str) -> Response:
    """Hear of the ticket from now on."""
    ticket = access.ticket(number)
    demand("ticket.follow", ticket=ticket)
    merging.follow(current_session(), ticket, account().id)
    return redirect(url_for("tickets.show", number=number))


@bp.post("/<number>/unfollow")
@needs("ticket.follow")
def unfollow(number: str) -> Response:
    """Hear of the ticket no more; what one has because of one's work comes all the same."""
    ticket = access.ticket(number)
    demand("ticket.follow", ticket=ticket)
    merging.unfollow(current_session(), ticket, account().id)
    return redirect(url_for("tickets.show", number=number))
