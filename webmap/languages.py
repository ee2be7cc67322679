"""The reader's language: Chinese first, English beside it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Flask, Response, g, request
from flask_babel import Babel, get_locale, get_timezone

from webmap import params
from webmap.records import district_if_there

COOKIE = "lang"


def init_languages(app: Flask) -> None:
    """Tie translations to the application."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = "translations"
    Babel(app, default_locale=params.LANGUAGES[0], locale_selector=_choose, timezone_selector=_zone)
    app.before_request(_listen)
    app.after_request(_remember)


def language() -> str:
    """The language of this answer: `zh_Hans` or `en`."""
    return str(get_locale() or params.LANGUAGES[0])


def zone() -> str:
    """The district's time zone, in which every time is shown."""
    return str(get_timezone())


def local(moment: datetime) -> str:
    """A moment as programs read it (RFC 3339), on the district's clock, to the second.

    In UTC before zones were reckoned in whole minutes: RFC 3339 cannot say more of them.
    """
    there = moment.astimezone(ZoneInfo(zone()))
    is_sayable = not (there.utcoffset() or timedelta()) % timedelta(minutes=1)
    return (there if is_sayable else moment.astimezone(UTC)).isoformat(timespec="seconds")


def local_or_none(moment: datetime | None) -> str | None:
    """The same; None for none."""
    return None if moment is None else local(moment)


def _listen() -> None:
    g.chosen_language = params.language()


def _choose() -> str:
    chosen = g.get("chosen_language") or request.cookies.get(COOKIE)
    if chosen in params.LANGUAGES:
        return str(chosen)
    # browsers say zh-CN or zh; both mean the Chinese we have
    offered = {"zh-CN": "zh_Hans", "zh-Hans": "zh_Hans", "zh": "zh_Hans", "en": "en"}
    best = request.accept_languages.best_match(list(offered))
    return offered[best] if best else _own_language()


def _own_language() -> str:
    known = district_if_there()
    return known.lang if known else params.LANGUAGES[0]


def _zone() -> str:
    known = district_if_there()
    return known.timezone if known else "UTC"


def _remember(response: Response) -> Response:
    chosen = g.get("chosen_language")
    if chosen:
        year_s = 365 * 86400
        secure = request.is_secure
        response.set_cookie(COOKIE, chosen, max_age=year_s, samesite="Lax", httponly=True, secure=secure)
    return response
