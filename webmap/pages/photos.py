"""Photos of tickets, as pictures and nothing else."""

from flask import Blueprint, Response, request

from geodata.models import Ticket
from geodata.services.photos import photo_file
from webmap import access
from webmap.access import needs
from webmap.records import current_session

bp = Blueprint("photos", __name__, url_prefix="/tickets")

# A photo never changes; whoever may see it keeps it for a day, and nobody in between does.
KEPT = "private, max-age=86400, immutable"


# the largest number that the column holds; any more is no photo
ONE = "/<number>/photos/<int(max=9223372036854775807):photo_id>"


@bp.get(f"{ONE}.jpg")
@needs("photo.read")
def large(number: str, photo_id: int) -> Response:
    """A photo of a ticket; for whoever may not see the ticket it is not there."""
    return _picture(number, photo_id, is_small=False)


@bp.get(f"{ONE}-small.jpg")
@needs("photo.read")
def small(number: str, photo_id: int) -> Response:
    """A photo of a ticket as lists show it."""
    return _picture(number, photo_id, is_small=True)


def _picture(number: str, photo_id: int, *, is_small: bool) -> Response:
    return picture(access.ticket(number), photo_id, is_small=is_small)


def picture(ticket: Ticket, photo_id: int, *, is_small: bool) -> Response:
    """A photo of a ticket that whoever asks may see. Raises NotFound."""
    found = photo_file(current_session(), ticket, photo_id, is_small=is_small)
    answer = Response(found.content, mimetype="image/jpeg")
    answer.set_etag(f"{found.sha256[:32]}{'-small' if is_small else ''}")
    answer.headers["Cache-Control"] = KEPT
    # opened by itself it is a document of no origin, with no scripts and no way out
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["Content-Disposition"] = "inline"
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    answer.make_conditional(request)
    return answer
