"""What is new as Atom (RFC 4287) and RSS 2.0: entries with names that never change, built by the library of XML."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import NamedTuple
from urllib.parse import quote
from xml.etree.ElementTree import Element, SubElement, tostring

from markupsafe import escape

ATOM = "http://www.w3.org/2005/Atom"
GEORSS = "http://www.georss.org/georss"

TYPES = {"atom": "application/atom+xml", "rss": "application/rss+xml"}

# The year in which such names were first given out: a part of each of them for ever (RFC 4151).
_SINCE = "2026"
_NAMER = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

# Programs read titles of RSS as text or as HTML, as they please: these are brackets to either.
_NO_MARKUP = str.maketrans("<>", "＜＞")


class Entry(NamedTuple):
    """One thing that is new. `path` names it for ever; `place` is (lon, lat) in degrees of WGS 84, or None."""

    path: Sequence[str]
    title: str
    summary: str
    at: datetime
    href: str
    category: tuple[str, str] | None
    place: tuple[float, float] | None


class Channel(NamedTuple):
    """A feed; `at` is when the newest entry came about, and of one without entries when its ground began to be."""

    namer: str
    path: Sequence[str]
    title: str
    summary: str
    author: str
    lang: str
    href: str
    self_href: str
    at: datetime
    entries: Sequence[Entry]


def written(channel: Channel, form: str) -> bytes:
    """A feed as `atom` or `rss`; what XML cannot hold is left out of texts."""
    root = _atom(channel) if form == "atom" else _rss(channel)
    document: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def tag(namer: str, path: Sequence[str]) -> str:
    """A name that is never given to anything else, under the name of a host; of a host without one, under localhost."""
    host = namer.lower()
    return f"tag:{host if _NAMER.fullmatch(host) else 'localhost'},{_SINCE}:{'/'.join(quote(p, safe='') for p in path)}"


def _atom(channel: Channel) -> Element:
    feed = Element("feed", {"xmlns": ATOM, "xmlns:georss": GEORSS, "xml:lang": channel.lang})
    _text(feed, "id", tag(channel.namer, channel.path))
    _text(feed, "title", channel.title)
    _text(feed, "subtitle", channel.summary)
    _text(feed, "updated", _rfc3339(channel.at))
    _text(SubElement(feed, "author"), "name", channel.author)
    SubElement(feed, "link", {"rel": "self", "type": TYPES["atom"], "href": _clean(channel.self_href)})
    SubElement(feed, "link", {"rel": "alternate", "type": "text/html", "href": _clean(channel.href)})
    for entry in channel.entries:
        told = SubElement(feed, "entry")
        _text(told, "id", tag(channel.namer, entry.path))
        _text(told, "title", entry.title)
        _text(told, "updated", _rfc3339(entry.at))
        _text(told, "published", _rfc3339(entry.at))
        SubElement(told, "link", {"rel": "alternate", "type": "text/html", "href": _clean(entry.href)})
        if entry.category is not None:
            term, label = entry.category
            SubElement(told, "category", {"term": _clean(term), "label": _clean(label)})
        _text(told, "summary", entry.summary)
        _point(told, entry.place)
    return feed


def _rss(channel: Channel) -> Element:
    root = Element("rss", {"version": "2.0", "xmlns:atom": ATOM, "xmlns:georss": GEORSS})
    told = SubElement(root, "channel")
    _text(told, "title", channel.title.translate(_NO_MARKUP))
    _text(told, "link", channel.href)
    _text(told, "description", str(escape(channel.summary)))
    _text(told, "language", "zh-cn" if channel.lang.startswith("zh") else channel.lang)
    _text(told, "lastBuildDate", _rfc822(channel.at))
    SubElement(told, "atom:link", {"rel": "self", "type": TYPES["rss"], "href": _clean(channel.self_href)})
    for entry in channel.entries:
        item = SubElement(told, "item")
        _text(item, "title", entry.title.translate(_NO_MARKUP))
        _text(item, "link", entry.href)
        # readers take it for HTML
        _text(item, "description", str(escape(entry.summary)))
        if entry.category is not None:
            _text(item, "category", entry.category[1])
        _text(item, "guid", tag(channel.namer, entry.path)).set("isPermaLink", "false")
        _text(item, "pubDate", _rfc822(entry.at))
        _point(item, entry.place)
    return root


def _text(parent: Element, name: str, text: str) -> Element:
    made = SubElement(parent, name)
    made.text = _clean(text)
    return made


def _point(parent: Element, place: tuple[float, float] | None) -> None:
    if place is not None:
        lon, lat = place
        _text(parent, "georss:point", f"{lat:.6f} {lon:.6f}")


def _clean(text: str) -> str:
    return _NOT_XML.sub("", text)


def _rfc3339(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _rfc822(at: datetime) -> str:
    return format_datetime(at.astimezone(UTC), usegmt=True)
