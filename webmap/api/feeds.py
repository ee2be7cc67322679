"""Feeds of what is new in the district, a town, a village or a cell."""

import hashlib
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, current_app, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug import Response as AnyResponse

from geodata.queries.feeds import News
from geodata.services import feeds
from geodata.services.feeds import Feed
from webmap import params
from webmap.access import enter_by_key, is_by_key, may, needs, reword, role, ticket_scope
from webmap.api.feed_documents import TYPES, Channel, Entry, written
from webmap.errors import KeyRefused
from webmap.languages import language, zone
from webmap.openapi import Answer, Param, described
from webmap.openapi.parameters import LANG
from webmap.openapi.shapes import TEXT
from webmap.pages import project_words
from webmap.records import current_session, district

bp = Blueprint("feeds", __name__, url_prefix="/feeds")

# Where the news of a kind stand at length.
PAGES = {
    "ticket": ("tickets.show", "number"),
    "project": ("projects.show", "code"),
    "demand": ("demands.show", "code"),
    "pledge": ("pledges.show", "code"),
    "meeting": ("meetings.show", "code"),
}

# Readers ask every few minutes, and nothing here is as hasty.
KEPT_S = 300

# Those who ask by a time alone would never hear of what is stored while others with that time have been told.
SETTLED_AFTER = timedelta(minutes=1)

READ_SCOPES = frozenset({"read"})

TOKEN = Param("token", TEXT, _l("The token of an address of one's own, made at /subscribe for this feed alone"))


@bp.get("/<any(district, town, village, cell):level>/<code>.<any(atom, rss):syntax>")
@needs("map.read")
@described(
    _l("The newest fifty of an area or cell, as far as whoever asks may read them"),
    "feeds",
    {
        200: Answer(
            _l("The feed"),
            dict.fromkeys(TYPES.values(), TEXT),
            {"ETag": _l("A name of its content"), "Last-Modified": _l("When the newest came about")},
        ),
        304: Answer(_l("The feed that is known already")),
    },
    query=(TOKEN, LANG),
    errors=(410,),
)
def show(level: str, code: str, syntax: str) -> AnyResponse:
    """What is new there, as Atom or RSS; with `token` as its owner reads it."""
    params.only("token")
    token = params.text("token")
    if token is not None:
        _enter(token, level, code)
    found = feeds.feed(current_session(), level, code, scope=ticket_scope(), with_meetings=may("meeting.read"))
    self_href = url_for(
        "feeds.show", level=level, code=code, syntax=syntax, token=token, lang=params.language(), _external=True
    )
    channel = _channel(found, self_href)
    return _sent(written(channel, syntax), TYPES[syntax], channel.at)


def _enter(token: str, level: str, code: str) -> None:
    """Make this request that of the token's owner. Raises NotFound, FeedEnded, and KeyRefused beside a key."""
    if is_by_key():
        raise KeyRefused("a key and a feed token came with one request; send one")
    key = str(current_app.config["SECRET_KEY"])
    enter_by_key(feeds.reader(current_session(), token, level, code, key=key), READ_SCOPES)


def _channel(found: Feed, self_href: str) -> Channel:
    name = found.ground.name
    began = datetime.combine(found.ground.since, time(), ZoneInfo(zone()))
    return Channel(
        # the name of this server as it was asked for, without a port
        namer=request.host.partition(":")[0],
        path=("feed", found.level, found.code),
        title=_("News of %(name)s", name=name),
        summary=_("Tickets, projects, demands, pledges and meetings, as far as you may read them"),
        author=district().name,
        lang=language().replace("_", "-"),
        href=url_for("subscribe.index", level=found.level, code=found.code, _external=True),
        self_href=self_href,
        at=found.news[0].at if found.news else began,
        entries=_entries(found),
    )


def _entries(found: Feed) -> list[Entry]:
    """The news in the reader's language, as they may read them."""
    mask = reword() or str
    titles = {
        "reported": _("New ticket"),
        "closed": _("Closed"),
        "project": _("New project"),
        "demand": _("New demand"),
        "pledge": _("New pledge"),
        "held": _("Meeting held"),
    }
    stages = project_words.stages()
    told = []
    for one in found.news:
        head = titles.get(one.what) or (titles[one.kind] if one.what == "new" else stages.get(one.what, one.what))
        endpoint, part = PAGES[one.kind]
        told.append(
            Entry(
                path=_path(one),
                title=_("%(what)s: %(name)s", what=head, name=mask(one.name)),
                summary=" · ".join(_facts(one, mask(one.address) if one.address else None)),
                at=one.at,
                href=url_for(endpoint, **{part: one.code}, _external=True),
                category=_category(one),
                place=None if one.lon is None or one.lat is None else (one.lon, one.lat),
            )
        )
    return told


def _path(one: News) -> tuple[str, ...]:
    return (one.kind, one.code, str(one.seq)) if one.kind == "project" else (one.kind, one.code, one.what)


def _facts(one: News, address: str | None) -> list[str]:
    category = _category(one)
    return [part for part in (category[1] if category else None, one.town, one.village, address, one.code) if part]


def _category(one: News) -> tuple[str, str] | None:
    name = one.category_en if language() == "en" else one.category_zh
    return None if one.category_code is None else (one.category_code, name or one.category_code)


def _sent(document: bytes, mimetype: str, at: datetime) -> AnyResponse:
    response = Response(document, content_type=f"{mimetype}; charset=utf-8")
    response.set_etag(hashlib.sha256(document).hexdigest()[:32])
    if at < datetime.now(UTC) - SETTLED_AFTER:
        response.last_modified = at
    # who asks decides on what is told: only the reader itself may keep it, and what is private asks each time
    response.cache_control.private = True
    if role() == "visitor":
        response.cache_control.max_age = KEPT_S
    else:
        response.cache_control.no_cache = True
    response.vary.update(("Accept-Language", "Authorization", "Cookie", "X-API-Key"))
    return response.make_conditional(request)
