"""What another application told beside a ticket, in words."""

from typing import NamedTuple

from geodata.models import ServiceRequest, Ticket
from geodata.queries.reports import named_place
from geodata.services.service_attributes import answered
from webmap.access import told
from webmap.languages import language
from webmap.records import current_session


class Answer(NamedTuple):
    """One question in the reader's language, and what was answered to it."""

    question: str
    words: list[str]


class Application(NamedTuple):
    """What came from an application.

    about      name and code of the unit or responsibility point that it is about; None where it is about none.
    media_url  the address of a picture elsewhere, which nobody here has fetched.
    """

    about: str | None
    answers: list[Answer]
    media_url: str | None


def application_of(ticket: Ticket) -> Application | None:
    """What an application told beside this ticket, as whoever asks may read it; None where it came otherwise."""
    session = current_session()
    found = session.get(ServiceRequest, ticket.id)
    if found is None:
        return None
    in_english = language() == "en"
    answers = [
        Answer(
            one.attribute.name_en if in_english else one.attribute.name_zh,
            [told(word) or "" for word in one.words(in_english=in_english)],
        )
        for one in answered(session, ticket.category_code, found.attributes)
    ]
    return Application(_about(found), answers, found.media_url)


def _about(found: ServiceRequest) -> str | None:
    if found.object_type is None or found.object_code is None:
        return None
    place = named_place(current_session(), found.object_type, found.object_code)
    return f"{place.name} ({place.code})" if place else found.object_code
