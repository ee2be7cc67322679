"""Services, requests and updates as plain structures, told as whoever asks may read them."""

from collections.abc import Callable, Mapping, Sequence

from flask import url_for
from flask_babel import gettext as _

from geodata.models import Category, ServiceAttribute
from geodata.queries.service_requests import EventRow, RequestRow
from geodata.services.service_attributes import LISTS, Answered, Kept
from geodata.services.service_requests import words_of
from geodata.services.workflow import ENDED
from webmap.access import may, reads_words, reword
from webmap.api.open311_shape import Plain, link
from webmap.languages import language
from webmap.pages import ticket_words, words

# Six decimals of a degree are a decimetre.
# Of degrees: a decimetre; and what is told to anybody, about ten metres.
DECIMALS = 6
PUBLIC_DECIMALS = 4


def service(category: Category, *, has_questions: bool, extensions: bool = False) -> Mapping[str, Plain]:
    """One kind of issue as a service."""
    name, other = _both(category.name_zh, category.name_en)
    group, other_group = _both(category.major_zh, category.major_en)
    found: dict[str, Plain] = {
        "service_code": category.code,
        "service_name": name,
        "description": _("%(group)s: %(name)s", group=group, name=name),
        "metadata": has_questions,
        "type": category.service_type,
        "keywords": ",".join(dict.fromkeys(one.replace(",", " ") for one in (name, other, other_group))),
        "group": group,
    }
    return found | ({"groups": [group]} if extensions else {})


def definition(code: str, questions: Sequence[ServiceAttribute]) -> Mapping[str, Plain]:
    """What is asked with a service."""
    return {"service_code": code, "attributes": [_question(one) for one in questions]}


def status(state: str) -> str:
    """A state of ours as one of the two of Open311."""
    return "closed" if state in ENDED else "open"


class Teller:
    """Tells many requests or updates in one answer: what all of them need is worked out once."""

    def __init__(self, *, is_public: bool) -> None:
        self._decimals = PUBLIC_DECIMALS if is_public else DECIMALS
        self._reword: Callable[[str], str] | None = reword()
        self._sees_photos = may("photo.read")
        self._states = words.states()
        self._moves = ticket_words.moves()
        self._in_english = language() == "en"

    def request(self, row: RequestRow) -> dict[str, Plain]:
        """One ticket as a request."""
        return {
            "service_request_id": row.number,
            "status": status(row.state),
            "status_notes": self._states.get(row.state, row.state),
            "service_name": row.category_en if self._in_english else row.category_zh,
            "service_code": row.category_code,
            "description": self._told(words_of(row.title, row.description)),
            "agency_responsible": row.agency,
            "service_notice": None,
            "requested_datetime": row.reported_at,
            "updated_datetime": row.updated_at,
            "expected_datetime": row.due_at,
            "address": self._told(row.address),
            "address_id": row.address_id,
            "zipcode": None,
            "lat": None if row.lat is None else round(row.lat, self._decimals),
            "long": None if row.lon is None else round(row.lon, self._decimals),
            "media_url": self._media(row),
        }

    def extended(
        self, row: RequestRow, questions: Sequence[ServiceAttribute], events: Sequence[EventRow]
    ) -> dict[str, Plain]:
        """What a request has beside with `extensions=true`."""
        answers = [Answered(one, row.attributes[one.code]) for one in questions if one.code in row.attributes]
        return {
            "service_object_type": row.object_type,
            "service_object_id": row.object_code,
            "extended_attributes": {
                "channel": row.source,
                "state": row.state,
                "town_code": row.town_code,
                "village_code": row.village_code,
                "cell_code": row.cell_code,
                "photos": [self._photo(row.number, id_) for id_ in row.photos] if self._sees_photos else [],
            },
            "attributes": [self._answer(one) for one in answers],
            "notes": [{"datetime": one.at, "description": self._happened(one), "type": one.action} for one in events],
        }

    def update(self, row: EventRow) -> dict[str, Plain]:
        """One thing that happened to a ticket as an update."""
        photo = self._photo(row.number, row.photo) if row.photo and self._sees_photos else None
        return {
            "update_id": str(row.id),
            "service_request_id": row.number,
            "status": status(row.to_state),
            "updated_datetime": row.at,
            "description": self._happened(row),
            "media_url": photo or (row.facts.get("media_url") if self._sees_photos else None),
            "external_status_code": row.to_state,
        }

    def _happened(self, row: EventRow) -> str:
        """What happened in words; the reasons of offices are for those who read words."""
        title = self._moves.get(row.action, row.action)
        reason = row.facts.get("reason")
        if not reason or not reads_words():
            return title
        return str(reason) if row.action == "note" else _("%(title)s: %(reason)s", title=title, reason=reason)

    def _answer(self, one: Answered) -> dict[str, Plain]:
        shown = one.words(in_english=self._in_english)
        free = one.attribute.datatype not in LISTS
        return {
            "code": one.attribute.code,
            "name": _both(one.attribute.name_zh, one.attribute.name_en)[0],
            "values": [
                {"key": self._told(key) if free else key, "name": self._told(name) if free else name}
                for key, name in zip(_keys(one.kept), shown, strict=True)
            ],
        }

    def _told(self, text: str | None) -> str | None:
        return text if text is None or self._reword is None else self._reword(text)

    def _media(self, row: RequestRow) -> str | None:
        if not self._sees_photos:
            return None
        return self._photo(row.number, row.photos[0]) if row.photos else row.media_url

    def _photo(self, number: str, photo_id: int) -> str:
        return link(url_for("photos.large", number=number, photo_id=photo_id))


def _question(one: ServiceAttribute) -> dict[str, Plain]:
    in_english = language() == "en"
    values: list[Plain] = [
        {"key": each["key"], "name": each["name_en" if in_english else "name_zh"]} for each in one.choices
    ]
    return {
        "variable": one.is_variable,
        "code": one.code,
        "datatype": one.datatype,
        "required": one.is_required,
        "datatype_description": one.hint_en if in_english else one.hint_zh,
        "order": one.position,
        "description": one.name_en if in_english else one.name_zh,
        "values": values,
    }


def _keys(kept: Kept) -> list[str]:
    return [kept] if isinstance(kept, str) else list(kept)


def _both(zh: str, en: str) -> tuple[str, str]:
    """Of a name in two languages the reader's, and the other one."""
    return (en, zh) if language() == "en" else (zh, en)
