"""The feeds of an area or cell: their public addresses, and addresses of one's own that tell what one may read."""

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from geodata.errors import TooMany
from geodata.models import FEED_LEVELS
from geodata.services import feeds
from webmap import params
from webmap.access import may, needs, user_id
from webmap.errors import BadParameter, status_of
from webmap.languages import language
from webmap.pages import areas, forms
from webmap.records import current_session, district

bp = Blueprint("subscribe", __name__, url_prefix="/subscribe")

OWN = "key.own"
SYNTAXES = {"atom": "Atom", "rss": "RSS 2.0"}


@bp.get("")
@needs("map.read")
def index() -> str:
    """The addresses of the feeds of `level` and `code`, the district's where neither is said, and one's own."""
    params.only("level", "code")
    level, code = params.one_of("level", FEED_LEVELS), params.text("code")
    if level is None and code is None:
        return _page("district", district().code)
    if level is None or code is None:
        raise BadParameter("level" if level is None else "code", "", "given: level and code together name the ground")
    return _page(level, code)


@bp.post("")
@needs(OWN)
def add() -> str | tuple[str, int]:
    """Make an address of one's own; it stands on the answer, and nowhere afterwards."""
    level, code = request.form.get("level", "")[: forms.LONGEST], request.form.get("code", "")[: forms.LONGEST]
    key = str(current_app.config["SECRET_KEY"])
    try:
        _made, token = feeds.make_link(current_session(), user_id(), level, code, key=key)
    except TooMany as error:
        wrong = _("You have %(most)s addresses already. Revoke one that is not used.", most=error.most)
        return _page(level, code, wrong=str(wrong)), status_of(error)
    return _page(level, code, token=token)


@bp.post("/<int:link_id>/revoke")
@needs(OWN)
def revoke(link_id: int) -> Response:
    """Make one of one's own addresses good no more."""
    gone = feeds.revoke_link(current_session(), user_id(), link_id)
    flash(_("The address is revoked: it tells nobody anything any more."))
    return redirect(url_for("subscribe.index", level=gone.level, code=gone.code))


def _page(level: str, code: str, *, token: str = "", wrong: str = "") -> str:
    session = current_session()
    there = feeds.ground(session, level, code)

    def address(syntax: str, token: str | None = None) -> str:
        where = {"level": level, "code": code, "syntax": syntax, "lang": language(), "token": token}
        return url_for("feeds.show", **where, _external=True)

    return render_template(
        "subscribe.html",
        level=level,
        code=code,
        name=there.name,
        levels={"district": _("District"), "town": _("Town"), "village": _("Village"), "cell": _("Grid cell")},
        addresses=[(name, address(syntax)) for syntax, name in SYNTAXES.items()],
        own=[(name, address(syntax, token)) for syntax, name in SYNTAXES.items()] if token else [],
        links=feeds.links_of(session, user_id()) if may(OWN) else None,
        district_code=district().code,
        towns=areas.names("town"),
        wrong=wrong,
    )
