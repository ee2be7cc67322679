"""Photos of tickets at an address that takes keys; the bytes are those of the pages."""

from flask import Blueprint, Response
from flask_babel import lazy_gettext as _l

from webmap import access, params
from webmap.access import demand, needs
from webmap.openapi import Answer, described
from webmap.openapi.parameters import LANG
from webmap.pages.photos import picture

bp = Blueprint("v1_photos", __name__, url_prefix="/api/v1/tickets")

# the largest number that the column holds; any more is no photo
ONE = "/<number>/photos/<int(max=9223372036854775807):photo_id>"

ANSWERS = {200: Answer(_l("A picture"), {"image/jpeg": None}), 304: Answer(_l("As it was"))}


@bp.get(f"{ONE}.jpg")
@described(_l("A photo of a ticket"), "v1", ANSWERS, query=(LANG,), is_open=False)
@needs("photo.read")
def large(number: str, photo_id: int) -> Response:
    """A photo; for whoever may not see the ticket it is not there."""
    return _picture(number, photo_id, is_small=False)


@bp.get(f"{ONE}-small.jpg")
@described(_l("A photo of a ticket, small"), "v1", ANSWERS, query=(LANG,), is_open=False)
@needs("photo.read")
def small(number: str, photo_id: int) -> Response:
    """A photo as lists show it."""
    return _picture(number, photo_id, is_small=True)


def _picture(number: str, photo_id: int, *, is_small: bool) -> Response:
    params.only()
    ticket = access.ticket(number)
    demand("photo.read", ticket=ticket)
    return picture(ticket, photo_id, is_small=is_small)
