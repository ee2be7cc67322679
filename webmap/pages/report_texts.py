"""What the pages of a report say of places, of tickets like it, and of their own fields."""

from typing import Any

from flask import url_for
from flask_babel import format_datetime
from flask_babel import gettext as _

from geodata.services.places import PlaceAnswer
from geodata.services.reports import Alike
from webmap.access import told
from webmap.languages import language
from webmap.pages import ticket_words, words


def compared(one: Alike) -> dict[str, Any]:
    """A ticket like the one to be reported, as plain values."""
    ticket = one.ticket
    return {
        "number": ticket.number,
        "href": url_for("tickets.show", number=ticket.number),
        "title": told(ticket.title),
        "kind": ticket.category_en if language() == "en" else ticket.category_zh,
        "state": words.states().get(ticket.state, ticket.state),
        "reported": format_datetime(ticket.reported_at, "yyyy-MM-dd HH:mm"),
        "metres": round(ticket.metres),
        "photos": [url_for("photos.small", number=ticket.number, photo_id=id_) for id_ in one.photos],
    }


def border(place: PlaceAnswer) -> str | None:
    """Both sides of a border that is near, and which of them the rule chooses; None where none is near."""
    return ticket_words.border(place.borders[-1].to_json()) if place.borders else None


def labels() -> dict[str, str]:
    """The fields of a report by name."""
    return {
        "place": _("Place"),
        "category": _("Kind of issue"),
        "title": _("What is wrong"),
        "description": _("Description"),
        "address": _("Address"),
        "photos": _("Photos"),
        "handled": _("Put right at once"),
    }
