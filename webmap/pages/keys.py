"""Keys by which programs act for a person: one's own, and for administrators everybody's."""

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from geodata.errors import NotFound, TooMany
from geodata.record_errors import BadValue
from geodata.services import api_keys
from geodata.services.permissions import SCOPES
from webmap import params
from webmap.access import account, actor, may, needs
from webmap.errors import status_of
from webmap.pages import forms
from webmap.records import current_session
from webmap.sentences import sentence

bp = Blueprint("keys", __name__, url_prefix="/keys")

OWN = "key.own"
EVERYBODYS = "user.set"

MOST_LISTED = 500
USUAL_DAYS = 365

# Behind this many letters of the mark and the prefix, lists show nothing of a key.
SHOWN = f"{api_keys.MARK}%s_…"

HEADER = f"Authorization: Bearer {api_keys.MARK}…"


@bp.get("")
@needs(OWN)
def index() -> str:
    """Keys of whoever asks (of everybody for who looks after users), and a form for another."""
    params.only()
    return _page({"days": str(USUAL_DAYS), "scopes": ["read"]})


@bp.post("")
@needs(OWN)
def add() -> str | tuple[str, int]:
    """Make one; it stands on the answer, and nowhere afterwards."""
    typed = {
        "name": request.form.get("name", "")[: forms.LONGEST],
        "days": request.form.get("days", "")[: forms.LONGEST],
        "scopes": request.form.getlist("scope"),
    }
    try:
        made, text = api_keys.issue(
            current_session(),
            actor(),
            name=forms.needed("name", longest=api_keys.LONGEST_NAME),
            scopes=forms.several("scope"),
            days=forms.whole("days", low=1, high=api_keys.MOST_DAYS),
        )
    except (BadValue, TooMany) as error:
        field = error.field if isinstance(error, BadValue) else ""
        return _page(typed, wrong=_wrong(error), wrong_field=field), status_of(error)
    return _page({"days": str(USUAL_DAYS), "scopes": ["read"]}, made=made.name, text=text)


@bp.post("/<prefix>/revoke")
@needs(OWN)
def revoke(prefix: str) -> Response:
    """Make one's own key good no more, or anybody's for who looks after users."""
    session = current_session()
    found = api_keys.of_prefix(session, prefix)
    if found.key.user_id != account().id and not may(EVERYBODYS):
        raise NotFound("key", prefix)
    api_keys.revoke(session, prefix)
    flash(_("The key “%(name)s” is revoked: nobody gets in by it any more.", name=found.key.name))
    return redirect(url_for("keys.index"))


def scope_words() -> dict[str, tuple[str, str]]:
    """Each scope of a key in the reader's language: its name, and what it lets a program do."""
    return {
        "read": (_("Read"), _("the map, tickets, records, figures and exports, as your own pages show them")),
        "report": (_("Report"), _("send in new tickets")),
        "work": (_("Work"), _("assign, handle, check and close tickets, whistle calls, matches, addresses")),
        "edit": (_("Change records"), _("network, duty ground, projects, resources, meetings, rules, policies")),
    }


def _wrong(error: BadValue | TooMany) -> str:
    if isinstance(error, BadValue) and error.field == "scope":
        return str(_("Choose at least one."))
    if isinstance(error, TooMany):
        return str(_("You have %(most)s keys already. Revoke one that is not used.", most=error.most))
    return sentence(error)


def _page(
    typed: Mapping[str, object], *, wrong: str = "", wrong_field: str = "", made: str = "", text: str = ""
) -> str:
    sees_all = may(EVERYBODYS)
    listed = api_keys.list_keys(current_session(), None if sees_all else actor(), limit=MOST_LISTED)
    return render_template(
        "keys.html",
        keys=listed,
        sees_all=sees_all,
        most=MOST_LISTED,
        scopes=scope_words(),
        order=SCOPES,
        standings={"revoked": _("revoked"), "expired": _("expired")},
        shown=SHOWN,
        header=HEADER,
        typed=typed,
        wrong=wrong,
        wrong_field=wrong_field,
        made=made,
        text=text,
    )
