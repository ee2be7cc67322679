"""Writing down what others have told an office: a patrol, the hotline, residents, papers, offices above, cameras."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import Blueprint, g, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from geodata.errors import SourceKnown
from geodata.services import masks, reports
from geodata.services.categories import categories
from geodata.services.datums import datums_offered
from geodata.services.photos import MOST_AT_ONCE
from geodata.services.places import where
from geodata.services.reports import SOURCES, Alike
from webmap import params
from webmap.access import needs, ticket_scope
from webmap.languages import zone
from webmap.maps import assets
from webmap.maps.canvas import CONFIG_ID
from webmap.maps.page import map_parts
from webmap.pages import report_form as form_
from webmap.pages import report_send, words
from webmap.pages.pick_place import MODULE
from webmap.pages.report_form import Draft
from webmap.pages.report_shell import config
from webmap.pages.report_texts import compared, labels
from webmap.records import current_session
from webmap.sentences import sentence
from webmap.uploads import photos, takes_photos

bp = Blueprint("intake", __name__, url_prefix="/intake")

LONGEST_REF = 60
OLDEST = timedelta(days=366)
# Clocks of offices go a little fast.
NEWEST = timedelta(minutes=5)


# What to do with telephones and the like in the words: hide them, or keep them because the work needs them.
MASK, KEEP = "mask", "keep"


@dataclass
class Origin:
    """Where an issue was heard of, as it was typed; `at` is None for now or what cannot be read.

    personal   what was decided about numbers of people in the words: `mask`, `keep` or nothing yet.
    """

    source: str = ""
    source_ref: str = ""
    typed_at: str = ""
    at: datetime | None = None
    is_nowhere: bool = False
    personal: str = ""


@bp.get("")
@needs("ticket.intake")
def form() -> str:
    """The form, with a `source` and a `category` chosen beforehand."""
    params.only("source", "category", "lon", "lat", "unit", "point")
    return _page(form_.given(), Origin(source=params.one_of("source", SOURCES) or ""))


@bp.post("")
@needs("ticket.intake")
@takes_photos
def send() -> Response | tuple[str, int]:
    """Write it down, give it to the unit the rule picks, go to its ticket; with anything wrong, back to the form."""
    draft, origin = form_.typed(), _origin()
    if request.form.get("look"):
        form_.look_up(draft)
        return _page(draft, origin), 200
    taken = photos({"photos": "report"})
    asked = form_.asked_for(draft, origin.source, origin.source_ref, origin.typed_at, origin.personal)
    had = report_send.had_answer(asked, taken)
    if had is not None:
        return redirect(str(had.facts["href"]))
    check(draft, origin, taken)
    alike = form_.alike(draft)
    unseen = [one for one in alike if one.ticket.number not in draft.seen]
    kept = [] if draft.wrong or unseen else report_send.cleaned(taken, draft.wrong)
    if draft.wrong or unseen:
        must_see = bool(unseen) and not draft.wrong
        return _page(draft, origin, alike, must_see=must_see), 422 if draft.wrong else 200
    told = form_.telling(draft, source=origin.source, source_ref=origin.source_ref or None, at=origin.at)
    try:
        done = report_send.send_once(asked, taken, lambda: reports.report(current_session(), told, photos=kept))
    except SourceKnown as error:
        draft.wrong["source_ref"] = sentence(error)
        return _page(draft, origin, alike), 422
    return redirect(str(done.facts["href"]))


def _origin() -> Origin:
    at, typed_at = form_.moment("reported_at", zone())
    source, personal = request.form.get("source", ""), request.form.get("personal", "")
    return Origin(
        source=source if source in SOURCES else "",
        source_ref=request.form.get("source_ref", "").strip()[: LONGEST_REF + 1],
        typed_at=typed_at,
        at=at,
        is_nowhere=request.form.get("nowhere") == "yes",
        personal=personal if personal in {MASK, KEEP} else "",
    )


def check(draft: Draft, origin: Origin, taken: report_send.Uploads) -> None:
    """Write down what is wrong with what is to be stored; numbers of people are hidden where that was decided."""
    if not origin.source:
        draft.wrong["source"] = _("Choose where you heard of it.")
    if len(origin.source_ref) > LONGEST_REF:
        draft.wrong["source_ref"] = _("At most %(most)s characters; these are %(many)s.", most=LONGEST_REF, many="…")
    now = datetime.now(UTC)
    if origin.typed_at and (origin.at is None or not now - OLDEST <= origin.at <= now + NEWEST):
        draft.wrong["reported_at"] = _("Give a moment of the last year, or nothing for now.")
    if draft.position is None and draft.find and not origin.is_nowhere:
        form_.look_up(draft)
    form_.check(draft, photos=taken)
    if origin.is_nowhere and draft.position is None:
        draft.wrong.pop("place", None)
    if not draft.title:
        draft.wrong["title"] = _("Say in a few words what is wrong.")
    _check_personal(draft, origin)


def _check_personal(draft: Draft, origin: Origin) -> None:
    """Numbers of people are hidden, or kept on purpose; nobody writes them down by the way."""
    session = current_session()
    found = masks.told(session, draft.title, draft.description, draft.address)
    if not found or origin.personal == KEEP:
        return
    if origin.personal == MASK:
        draft.title, draft.description, draft.address = (
            masks.masked(session, text) for text in (draft.title, draft.description, draft.address)
        )
        return
    names = _(", ").join(name for word, name in words.personal().items() if word in found)
    draft.wrong["personal"] = _("The words hold details of a person: %(names)s. Choose below what to do.", names=names)


def _page(draft: Draft, origin: Origin, alike: list[Alike] | None = None, *, must_see: bool = False) -> str:
    session = current_session()
    at = draft.at
    return render_template(
        "intake.html",
        parts=map_parts(g.csp_nonce, MODULE),
        modules=assets.modules("intake.js"),
        config=config(at),
        config_id=CONFIG_ID,
        draft=draft,
        origin=origin,
        at=at,
        place=where(session, lon=at[0], lat=at[1], scope=ticket_scope()) if at else None,
        alike=[compared(one) for one in (form_.alike(draft) if alike is None else alike)],
        must_see=must_see,
        sources={word: name for word, name in words.sources().items() if word in SOURCES},
        categories=categories(session),
        datums=datums_offered(session),
        longest={**form_.LONGEST, "source_ref": LONGEST_REF},
        most_photos=MOST_AT_ONCE,
        key=report_send.new_key(),
        spot_value=form_.spot_value,
        labels={
            **labels(),
            "source": _("Where from"),
            "source_ref": _("Number there"),
            "reported_at": _("When"),
            "personal": _("Details of a person in the words"),
        },
    )
