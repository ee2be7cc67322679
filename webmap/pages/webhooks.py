"""Webhooks for administrators: which systems are told, how their messages stand, and sending once more."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from geodata.errors import BadSetting, DestinationRefused, NameTaken, NotFound
from geodata.models import Webhook
from geodata.services import notices, outbox, webhooks
from geodata.services.destinations import Allowed, allowed_hosts
from webmap import params
from webmap.access import needs
from webmap.errors import status_of
from webmap.pages import areas, ticket_words
from webmap.records import current_session, district
from webmap.sentences import sentence

bp = Blueprint("webhooks", __name__, url_prefix="/webhooks")

MANAGE = "webhook.set"

MOST_LISTED = 200


@bp.get("")
@needs(MANAGE)
def index() -> str:
    """All webhooks with what waits for them, and a form for another."""
    params.only()
    return _page({})


@bp.post("")
@needs(MANAGE)
def add() -> str | tuple[str, int]:
    """Add one; its secret stands on the answer, and nowhere afterwards."""
    typed = {name: request.form.get(name, "").strip() for name in ("name", "url", "town")}
    words = request.form.getlist("word")
    try:
        made = webhooks.add(
            current_session(),
            typed["name"],
            url=typed["url"],
            hosts=_hosts(),
            words=words,
            town_code=typed["town"] or None,
        )
    except (BadSetting, NameTaken, NotFound, DestinationRefused) as error:
        return _page({**typed, "words": words}, wrong=sentence(error)), status_of(error)
    return _page({}, made=made)


@bp.get("/<int:webhook_id>")
@needs(MANAGE)
def show(webhook_id: int) -> str:
    """One webhook with its newest messages; `state` says which."""
    params.only("state")
    one = webhooks.of_id(current_session(), webhook_id)
    standing = params.one_of("state", tuple(outbox.STANDINGS))
    return render_template(
        "webhook.html",
        webhook=one,
        messages=outbox.messages(current_session(), webhook_id=one.id, standing=standing, limit=MOST_LISTED),
        most=MOST_LISTED,
        standing=standing,
        standings=_standings(),
        since=datetime.now(ZoneInfo(district().timezone)) - timedelta(days=1),
        **_words(),
    )


@bp.post("/<int:webhook_id>/switch")
@needs(MANAGE)
def switch(webhook_id: int) -> Response:
    """Let it rest, or hear again: `is_active` of the form."""
    one = webhooks.of_id(current_session(), webhook_id)
    webhooks.switch(current_session(), one, is_active=request.form.get("is_active") == "yes")
    return _back(one)


@bp.post("/<int:webhook_id>/remove")
@needs(MANAGE)
def remove(webhook_id: int) -> Response:
    """Remove it with all its messages; the form repeats its `name`, as nothing brings it back."""
    one = webhooks.of_id(current_session(), webhook_id)
    if request.form.get("name", "").strip() != one.name:
        flash(_("Nothing was removed: write the name as it is."))
        return _back(one)
    webhooks.remove(current_session(), one)
    flash(_("%(name)s is not told any more.", name=one.name))
    return redirect(url_for("webhooks.index"))


@bp.post("/<int:webhook_id>/test")
@needs(MANAGE)
def test(webhook_id: int) -> Response:
    """Put a message that says nothing into its queue."""
    one = webhooks.of_id(current_session(), webhook_id)
    webhooks.queue_trial(current_session(), one)
    flash(_("A trial is on its way: look at it again in a few seconds."))
    return _back(one)


@bp.post("/<int:webhook_id>/replay")
@needs(MANAGE)
def replay(webhook_id: int) -> Response:
    """Send once more: message `number` of the form, or all since the moment `since` in the district's time."""
    session = current_session()
    one = webhooks.of_id(session, webhook_id)
    number = request.form.get("number", "")
    if number.isdecimal() and len(number) < 19:
        outbox.again(session, int(number), webhook_id=one.id)
        count = 1
    else:
        count = outbox.again_since(session, one.id, since=_moment(request.form.get("since", "")))
    flash(_("%(count)s will be sent once more.", count=count))
    return _back(one)


def _page(typed: dict[str, object], *, wrong: str | None = None, made: Webhook | None = None) -> str:
    return render_template(
        "webhooks.html",
        webhooks=webhooks.webhooks(current_session()),
        hosts=[_spelled(one) for one in _hosts()],
        typed=typed,
        wrong=wrong,
        made=made,
        choices=[(word, title) for word, title in _words()["word_titles"].items() if word != webhooks.TRIAL],
        **_words(),
    )


def _words() -> dict[str, dict[str, str]]:
    return {
        "word_titles": {
            **ticket_words.moves(),
            notices.CALLED: str(_("Whistle call")),
            notices.CALLED_OFF: str(_("Whistle call called off")),
            webhooks.TRIAL: str(_("Trial")),
        },
        "towns": areas.names("town"),
    }


def _standings() -> dict[str, str]:
    return {"waiting": str(_("waiting")), "delivered": str(_("arrived")), "dead": str(_("given up"))}


def _hosts() -> tuple[Allowed, ...]:
    return allowed_hosts(current_app.config["WEBHOOK_HOSTS"])


def _spelled(one: Allowed) -> str:
    host = f"[{one.host}]" if ":" in one.host else one.host
    port = f":{one.port}" if one.port else ""
    return f"{host}{port}" + (f" ({one.network})" if one.network else "")


def _moment(told: str) -> datetime:
    try:
        found = datetime.fromisoformat(told)
    except ValueError as error:
        raise BadSetting("since", told[:40], "a moment like 2026-03-02T08:00") from error
    return (found if found.tzinfo else found.replace(tzinfo=ZoneInfo(district().timezone))).astimezone(UTC)


def _back(one: Webhook) -> Response:
    return redirect(url_for("webhooks.show", webhook_id=one.id))
