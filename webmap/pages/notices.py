"""What somebody has been told: the list, what is read of it, and how much is not."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import format_datetime
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from geodata.queries.whistle import CallLine
from geodata.services import notices
from geodata.services.notices import NoticeLine
from webmap import params
from webmap.access import account, needs, ticket_scope, told
from webmap.pages import paging, ticket_words, whistle
from webmap.records import current_session, is_database_away, note_database_away

bp = Blueprint("notices", __name__, url_prefix="/notices")

LINES_A_PAGE = 50


class Notice(NamedTuple):
    """A notice in words: what happened, and what it tells beside; `call` is the whistle call it is about."""

    line: NoticeLine
    title: str
    more: list[str]
    is_urgent: bool
    call: CallLine | None = None


@bp.get("")
@needs("notice.read")
def index() -> str:
    """Notices of whoever asks, unread ones first; `page` turns."""
    params.only("page")
    session, user_id = current_session(), account().id
    total = notices.total(session, user_id)
    at = paging.turned(total, lines=LINES_A_PAGE)
    lines = notices.listed(session, user_id, scope=ticket_scope(), limit=at.lines, skip=at.skip)
    calls = _calls(lines)
    return render_template(
        "notices.html",
        notices=[_call(line, calls) if line.word in notices.CALLS else in_words(line) for line in lines],
        newest=max((line.id for line in lines), default=0),
        total=total,
        page=at.page,
        pages=at.pages,
    )


@bp.post("/<int:notice_id>/read")
@needs("notice.read")
def read(notice_id: int) -> Response:
    """Mark one as read; the form carries `page`, to come back to it."""
    notices.mark_read(current_session(), account().id, notice_id)
    return redirect(_back())


@bp.post("/read")
@needs("notice.read")
def read_all() -> Response:
    """Mark all as read, up to the newest that was shown: `until` of the form."""
    until = request.form.get("until", "")
    if until.isdecimal() and len(until) < 19:
        notices.mark_all_read(current_session(), account().id, until=int(until))
    return redirect(url_for("notices.index"))


def unread() -> int:
    """How many notices whoever asks has not read, for the head of every page; 0 without a sign-in."""
    if is_database_away() or not current_user.is_authenticated:
        return 0
    try:
        return notices.unread(current_session(), account().id)
    except SQLAlchemyError:
        # the page itself may do without
        note_database_away()
        return 0


def in_words(line: NoticeLine) -> Notice:
    """A notice as its reader is told it."""
    if line.word == "warning":
        return _warning(line)
    title = ticket_words.moves().get(line.word, line.word)
    more = []
    if line.word in {"assign", "choose"}:
        more.append(_("to %(unit)s", unit=line.unit_name) if line.unit_name else _office(line))
    elif line.word == "return" and line.office_name:
        more.append(_office(line))
    if line.actor:
        more.append(_("by %(name)s", name=line.actor))
    return Notice(line._replace(title=told(line.title)), title, [part for part in more if part], is_urgent=False)


def _calls(lines: Sequence[NoticeLine]) -> dict[str, CallLine]:
    """The whistle calls that these notices tell of and whoever asks may read, by code."""
    codes = {line.facts["whistle"] for line in lines if line.word in notices.CALLS}
    return whistle.calls_of_codes(codes)


def _call(line: NoticeLine, calls: Mapping[str, CallLine]) -> Notice:
    titles = {
        notices.CALLED: _("You are called to a place"),
        notices.CALLED_OFF: _("The whistle call is called off"),
        notices.ARRIVAL_TAKEN_BACK: _("Your arrival was taken back"),
    }
    call = calls.get(line.facts["whistle"])
    more = [_("by %(name)s", name=line.facts["by"])]
    if call is not None and line.word == notices.CALLED:
        more.insert(0, _("to be there by %(time)s", time=format_datetime(call.meet_at, "yyyy-MM-dd HH:mm")))
    is_urgent = line.word == notices.CALLED and line.read_at is None and call is not None and call.is_running
    return Notice(line, str(titles[line.word]), [str(part) for part in more], is_urgent=is_urgent, call=call)


def _warning(line: NoticeLine) -> Notice:
    share, stage = float(line.facts["share"]), ticket_words.stages()[line.facts["stage"]]
    due = format_datetime(datetime.fromisoformat(line.facts["due_at"]), "yyyy-MM-dd HH:mm")
    if share < 1:
        title = _("%(stage)s: %(share)s %% of the time is used up", stage=stage, share=f"{100 * share:g}")
    elif share == 1:
        title = _("%(stage)s: the time is used up", stage=stage)
    else:
        title = _("%(stage)s: %(share)s %% of the time, long overdue", stage=stage, share=f"{100 * share:g}")
    told_line = line._replace(title=told(line.title))
    return Notice(told_line, str(title), [_("due %(time)s", time=due)], is_urgent=share >= 1)


def _office(line: NoticeLine) -> str:
    return str(_("to the office of %(area)s", area=line.office_name)) if line.office_name else ""


def _back() -> str:
    page = request.form.get("page", "")
    return url_for("notices.index", page=page if page.isdecimal() and page != "1" and len(page) < 6 else None)
