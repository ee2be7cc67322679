"""Reporting an issue: the form of the pages, filled in by another system."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, url_for
from flask_babel import lazy_gettext as _l

from geodata.models import Ticket
from geodata.services import reports
from geodata.services.history import version
from geodata.services.photos import NewPhoto, clean_photos
from geodata.services.reports import SOURCES, Alike
from webmap import params
from webmap.access import demand, needs, role, told
from webmap.api.v1 import ticket_facts
from webmap.api.v1.tickets import ETAG
from webmap.api.v1.versions import with_version
from webmap.bodies import JsonBody
from webmap.errors import BadMember
from webmap.idempotency import act_once, answered
from webmap.languages import language, local
from webmap.openapi import Answer, Body, described
from webmap.openapi.parameters import LANG
from webmap.openapi.shapes import JSON, ref
from webmap.openapi.v1_parameters import IDEMPOTENCY_KEY
from webmap.pages import intake
from webmap.pages import report_form as form
from webmap.pages.intake import Origin
from webmap.pages.report_form import Draft
from webmap.records import current_session
from webmap.responses import as_json, problem
from webmap.uploads import photos, takes_photos

bp = Blueprint("v1_reports", __name__, url_prefix="/api/v1/tickets")

# What only those say who write down what an office has heard of.
OF_AN_OFFICE = frozenset({"source", "source_ref", "reported_at", "personal", "nowhere"})

REPORT = JsonBody(
    {
        "category": {"type": "string", "minLength": 1, "maxLength": 20},
        "title": {"type": "string", "maxLength": form.LONGEST["title"]},
        "description": {"type": "string", "maxLength": form.LONGEST["description"]},
        "address": {"type": "string", "maxLength": form.LONGEST["address"]},
        "lon": {"type": "number", "minimum": -1e8, "maximum": 1e8},
        "lat": {"type": "number", "minimum": -1e8, "maximum": 1e8},
        "datum": {"type": "string", "minLength": 1, "maxLength": 40},
        "accuracy_m": {"type": "number", "minimum": 0, "maximum": 1e6},
        "handled": {"type": "boolean"},
        "unless_similar": {"type": "boolean"},
        "seen": {
            "type": "array",
            "items": {"type": "string", "maxLength": 40},
            "maxItems": form.MOST_SEEN,
        },
        "source": {"type": "string", "enum": list(SOURCES)},
        "source_ref": {"type": "string", "minLength": 1, "maxLength": intake.LONGEST_REF},
        "reported_at": {"type": "string", "format": "date-time", "minLength": 20, "maxLength": 40},
        "personal": {"type": "string", "enum": [intake.MASK, intake.KEEP]},
        "nowhere": {"type": "boolean"},
    },
    required=("category",),
    files=form.PHOTO_FIELDS,
)


@bp.post("")
@described(
    _l("Report an issue"),
    "v1",
    {
        201: Answer(_l("The ticket, and open ones like it near by"), {JSON: ref("Reported")}, headers=ETAG),
    },
    query=(LANG, IDEMPOTENCY_KEY),
    body=Body(REPORT.content),
    errors=(409, 413, 415, 422),
    is_open=False,
    method="POST",
)
@takes_photos
@needs("ticket.report")
def report() -> Response:
    """Store a report with its photos and give it to the unit the rule picks, as the page of a report does.

    With `source` it is written down as heard from somewhere, which is for offices (`ticket.intake`). `similar` are
    open tickets of the kind near by; with `unless_similar` nothing is stored while there is one that is not `seen`.
    """
    params.only()
    had = answered()
    if had is not None:
        return had
    sent = REPORT.sent()
    draft, origin = _draft(sent), _origin(sent)
    taken = photos(REPORT.files)
    if origin is None:
        form.check(draft, photos=taken)
    else:
        demand("ticket.intake")
        intake.check(draft, origin, taken)
    if draft.wrong:
        return _refused(draft.wrong)
    similar = form.alike(draft)
    unseen = [one for one in similar if one.ticket.number not in draft.seen]
    if sent.get("unless_similar") and unseen:
        return _not_stored(unseen)
    if taken:
        # others work while pictures are drawn anew
        current_session().commit()
    kept = clean_photos(taken)
    return act_once(lambda: _made(_store(draft, origin, kept), similar))


def _draft(sent: Mapping[str, Any]) -> Draft:
    """The form as it would have been filled in."""
    draft = Draft(
        x=sent.get("lon"),
        y=sent.get("lat"),
        accuracy_m=sent.get("accuracy_m"),
        category=sent["category"],
        title=form.plain(sent.get("title", "")),
        description=form.plain(sent.get("description", "")),
        address=form.plain(sent.get("address", "")),
        is_handled=sent.get("handled", False),
        seen=list(sent.get("seen", ())),
    )
    form.take_datum(draft, sent.get("datum", "wgs84"))
    return draft


def _origin(sent: Mapping[str, Any]) -> Origin | None:
    """Where an office has heard of it; None for what somebody has found themselves."""
    if "source" not in sent:
        for name in sorted(OF_AN_OFFICE & set(sent)):
            raise BadMember(f"/{name}", "left out without source")
        return None
    if sent.get("handled"):
        raise BadMember("/handled", "left out with source")
    at = _moment(sent.get("reported_at"))
    return Origin(
        source=sent["source"],
        source_ref=form.plain(sent.get("source_ref", "")),
        typed_at=sent.get("reported_at", ""),
        at=at,
        is_nowhere=sent.get("nowhere", False),
        personal=sent.get("personal", ""),
    )


def _moment(said: str | None) -> datetime | None:
    if said is None:
        return None
    try:
        found = datetime.fromisoformat(said)
        if found.tzinfo is not None:
            return found.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise BadMember("/reported_at", "a time with its offset, like 2026-03-02T08:00:00+08:00")


def _store(draft: Draft, origin: Origin | None, kept: Sequence[NewPhoto]) -> Ticket:
    session = current_session()
    if origin is not None:
        heard = form.telling(draft, source=origin.source, source_ref=origin.source_ref or None, at=origin.at)
        return reports.report(session, heard, photos=kept)
    found = form.telling(draft)
    if draft.is_handled:
        return reports.report_handled(session, found, role=role(), photos=kept)
    return reports.report(session, found, photos=kept)


def _made(made: Ticket, similar: Sequence[Alike]) -> Response:
    now = version(current_session(), made)
    facts = {
        "number": made.number,
        "version": now,
        "ticket": ticket_facts.if_seen(made.number),
        "similar": [_similar(one) for one in similar],
    }
    answer = as_json(facts, status=201)
    answer.headers["Location"] = url_for("v1_tickets.show", number=made.number)
    return with_version(answer, now)


def _refused(wrong: Mapping[str, str]) -> Response:
    """What the page says beside each field."""
    return problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        f"{', '.join(sorted(wrong))} cannot be used; `errors` says why of each",
        said=" ".join(wrong.values()),
        more={"errors": dict(wrong)},
    )


def _not_stored(unseen: Sequence[Alike]) -> Response:
    numbers = ", ".join(one.ticket.number for one in unseen)
    return problem(
        HTTPStatus.CONFLICT,
        f"open tickets like it are there ({numbers}): look at them, then name in `seen` those that are something else",
        more={"similar": [_similar(one) for one in unseen]},
    )


def _similar(one: Alike) -> dict[str, Any]:
    found = one.ticket
    return {
        "number": found.number,
        "href": url_for("v1_tickets.show", number=found.number),
        "title": told(found.title),
        "category": found.category_en if language() == "en" else found.category_zh,
        "state": found.state,
        "reported_at": local(found.reported_at),
        "metres": round(found.metres, 1),
    }
