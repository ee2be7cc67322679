"""A ticket handed to a unit without a sign-in: the link that an office makes, and the page that it opens.

Whoever opens `/h/<token>` has nothing but that page: no way into the application, nobody's contact, and an address
that is told to no other site. Looking changes nothing, as programs that preview links look too.
"""

from http import HTTPStatus
from typing import Any

import segno
from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask import Response as FlaskResponse
from flask.blueprints import BlueprintSetupState
from flask_babel import gettext as _
from flask_limiter import Limiter
from flask_wtf.csrf import CSRFError, validate_csrf
from markupsafe import Markup
from werkzeug.exceptions import TooManyRequests
from werkzeug.wrappers import Response
from wtforms import ValidationError

from geodata.errors import LinkEnded, MoveRefused, NotFound, PictureRefused, PicturesBusy, TooManyPhotos
from geodata.models import Handover, Ticket
from geodata.queries import worklist
from geodata.queries.positions import ticket_at
from geodata.queries.scope import Scope
from geodata.services import handovers
from geodata.services.handovers import BY_LINK, LAST, Link
from geodata.services.photos import clean_photos, photos_of
from webmap import access, params
from webmap.access import actor, demand, may, needs, ticket_scope, told
from webmap.errors import status_of
from webmap.maps.drawing_place import PlaceMap, Spot, place_map
from webmap.maps.layers import ticket_groups
from webmap.pages import areas, ticket_words, words
from webmap.pages.photos import picture
from webmap.pages.ticket_moves import LONGEST_REASON, PHOTO_KINDS, choices, form_facts, offers_to
from webmap.pages.ticket_rows import list_rows, rule_of
from webmap.records import current_session, district
from webmap.sentences import sentence
from webmap.uploads import photos, takes_photos

bp = Blueprint("handover", __name__, url_prefix="/tickets")

# One address may stand for a whole office; whoever only guesses is stopped much earlier.
LOOKS = "120 per minute"
GUESSES = "30 per 15 minutes"
# as many photos as a ticket can have, a few times
PICTURES = "300 per minute"


@bp.post("/<number>/handover")
@needs("ticket.handover")
def make(number: str) -> str:
    """Make the link, and show the sheet to print or to send: the link stands on it this once."""
    demand("ticket.handover", ticket=access.ticket(number))
    link, token = handovers.make(current_session(), number, key=_key(), actor=actor(), scope=ticket_scope())
    address = url_for("handover_link.show", token=token, _external=True)
    return render_template("handover_sheet.html", address=address, code=_code(address), **_facts(link))


@bp.post("/<number>/handover/revoke")
@needs("ticket.handover")
def revoke(number: str) -> Response:
    """End the link before its time."""
    demand("ticket.handover", ticket=access.ticket(number))
    handovers.revoke(current_session(), number, scope=ticket_scope())
    return redirect(url_for("tickets.show", number=number))


def of_ticket(ticket: Ticket) -> dict[str, Any] | None:
    """What the page of a ticket offers about links; None where whoever asks makes none for it now."""
    is_given = ticket.unit_id is not None and ticket.state in handovers.GIVEN
    if not is_given or not may("ticket.handover", ticket=ticket):
        return None
    living: Handover | None = handovers.living(current_session(), ticket)
    return {"living": living}


def link_blueprint(limiter: Limiter) -> Blueprint:
    """The page of a link, slow to guess."""
    page = Blueprint("handover_link", __name__, url_prefix="/h")
    page.record_once(_check_forms_ourselves)

    @page.get("/<token>")
    @limiter.limit(LOOKS)
    @limiter.limit(GUESSES, deduct_when=_was_guessed)
    def show(token: str) -> str:
        return _page(handovers.find(current_session(), token, key=_key()), token)

    @page.get("/<token>/photos/<int(max=9223372036854775807):photo_id>.jpg")
    @limiter.limit(PICTURES)
    @limiter.limit(GUESSES, deduct_when=_was_guessed)
    def photo(token: str, photo_id: int) -> FlaskResponse:
        link = handovers.find(current_session(), token, key=_key())
        return picture(link.ticket, photo_id, is_small=params.one_of("size", ("small",)) is not None)

    @page.post("/<token>/<action>")
    @limiter.limit(LOOKS)
    @limiter.limit(GUESSES, deduct_when=_was_guessed)
    @takes_photos
    def move(token: str, action: str) -> Response | str | tuple[str, int]:
        _check_form()
        session = current_session()
        # before anything is drawn anew: a link that is none gets no work done
        handovers.find(session, token, key=_key())
        session.rollback()
        try:
            _move(token, action)
        except (MoveRefused, PictureRefused, PicturesBusy, TooManyPhotos) as error:
            session.rollback()
            link = handovers.find(session, token, key=_key())
            return _page(link, token, wrong=sentence(error)), status_of(error)
        if action in LAST:
            return render_template("handover_ended.html", word=action)
        return redirect(url_for("handover_link.show", token=token))

    @page.errorhandler(LinkEnded)
    def ended(error: LinkEnded) -> tuple[str, int]:
        return render_template("handover_ended.html", word=error.word), status_of(error)

    @page.errorhandler(NotFound)
    def unknown(error: NotFound) -> tuple[str, int]:
        return render_template("handover_ended.html", word="unknown"), status_of(error)

    @page.errorhandler(TooManyRequests)
    def too_many(_error: TooManyRequests) -> tuple[str, int]:
        return render_template("handover_ended.html", word="often"), HTTPStatus.TOO_MANY_REQUESTS

    page.after_request(_tell_nobody)
    return page


def _move(token: str, action: str) -> None:
    """The move of a form, with its reason, what it says beside, and its photos."""
    reason = request.form.get("reason", "").strip()[:LONGEST_REASON] or None
    taken = clean_photos(photos({"photo": PHOTO_KINDS[action]})) if action in PHOTO_KINDS else []
    handovers.move(current_session(), token, action, key=_key(), reason=reason, facts=form_facts(action), photos=taken)


def _check_forms_ourselves(state: BlueprintSetupState) -> None:
    """By https the usual check wants to know the page that a form came from, and these pages tell nobody."""
    state.app.extensions["csrf"].exempt(state.blueprint)


def _check_form() -> None:
    """Raise CSRFError unless the form carries the token that its page was given."""
    if not current_app.config.get("WTF_CSRF_ENABLED", True):
        return
    try:
        validate_csrf(request.form.get("csrf_token"))
    except ValidationError as error:
        raise CSRFError(str(error)) from error


def _tell_nobody(response: FlaskResponse) -> FlaskResponse:
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _was_guessed(response: FlaskResponse) -> bool:
    return response.status_code == HTTPStatus.NOT_FOUND


def _page(link: Link, token: str, *, wrong: str | None = None) -> str:
    offers = [one for one in offers_to(link.ticket, "unit") if one.action in BY_LINK]
    return render_template(
        "handover.html",
        token=token,
        offers=sorted(offers, key=lambda one: BY_LINK.index(one.action)),
        choices=choices(link.ticket),
        wrong=wrong,
        photos=photos_of(current_session(), link.ticket),
        photo_words=words.photos(),
        **_facts(link),
    )


def _facts(link: Link) -> dict[str, Any]:
    """What the sheet and the page both tell: what, where, until when, and when it is well done."""
    session, ticket, scope = current_session(), link.ticket, Scope(unit_id=link.unit.id)
    line = worklist.line(session, ticket.number, scope=scope)
    at = ticket_at(session, ticket.number, scope=scope)
    return {
        "ticket": ticket,
        "unit": link.unit,
        "expires_at": link.handover.expires_at,
        "line": list_rows([line])[0] if line else None,
        "at": at,
        "picture": _picture(ticket, at) if at else None,
        "names": {**areas.names("town"), **areas.names("village"), district().code: district().name},
        "rule": rule_of(ticket),
        "pending": ticket_words.pending().get(ticket.pending or ""),
        "told": told,
    }


def _picture(ticket: Ticket, at: tuple[float, float]) -> PlaceMap:
    style = next(style for _title, style, states in ticket_groups() if ticket.state in states)
    title = _("Map of the place of ticket %(number)s", number=ticket.number)
    return place_map(current_session(), [Spot(*at, style)], title=title, metre_srid=district().metre_srid)


def _code(address: str) -> Markup:
    """The address as a QR code, drawn in lines."""
    drawn = segno.make(address, error="m").svg_inline(
        border=4, omitsize=True, svgclass="qr", lineclass=None, light="#fff"
    )
    return Markup(drawn)  # noqa: S704 - made of our own address, by a library that escapes


def _key() -> str:
    return str(current_app.config["SECRET_KEY"])
