"""Sending a report once, however often the form or the queue of a phone sends it."""

import secrets
from collections.abc import Callable, Sequence

from flask import request, url_for

from geodata.errors import PictureRefused
from geodata.models import Ticket
from geodata.services import request_keys
from geodata.services.photos import NewPhoto, clean_photos
from geodata.services.request_keys import Answer
from webmap.access import actor
from webmap.idempotency import key_of_request
from webmap.records import current_session
from webmap.sentences import sentence

Uploads = Sequence[tuple[str, bytes]]


def new_key() -> str:
    """A name for the request of a form that is shown now, so that its button may be pressed twice."""
    return secrets.token_urlsafe(24)


def had_answer(asked: Sequence[str], photos: Uploads) -> Answer | None:
    """The answer that the same request has had; None for a new one. Raises KeyReused, and BadParameter for no key."""
    key = key_of_request()
    if key is None:
        return None
    return request_keys.answered(current_session(), actor=actor(), key=key, body_hash=_hash(asked, photos))


def cleaned(photos: Uploads, wrong: dict[str, str]) -> list[NewPhoto]:
    """The photos made clean; one that is refused is written down as what is wrong.

    The database is let go meanwhile: others work while pictures are drawn anew.
    """
    if not photos:
        return []
    current_session().commit()
    try:
        return clean_photos(photos)
    except PictureRefused as error:
        wrong["photos"] = sentence(error)
        return []


def send_once(asked: Sequence[str], photos: Uploads, store: Callable[[], Ticket]) -> Answer:
    """Store a report, unless the same request has been here or is here just now: then its answer.

    Raises KeyReused and KeyBusy.
    """
    key, session = key_of_request(), current_session()
    if key is not None:
        had = request_keys.claim(session, actor=actor(), key=key, body_hash=_hash(asked, photos))
        if had is not None:
            return had
    made = store()
    answer = Answer(201, {"number": made.number, "href": url_for("tickets.show", number=made.number)})
    if key is not None:
        request_keys.keep(session, answer, actor=actor(), key=key)
    return answer


def _hash(asked: Sequence[str], photos: Uploads) -> str:
    return request_keys.body_hash([request.endpoint or "", *asked, *(part for photo in photos for part in photo)])
