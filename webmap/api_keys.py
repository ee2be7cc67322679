"""Keys of programs: a request that brings one is its owner's, within the key's scopes, and no cookie counts.

A browser never adds a key by itself, so a request with a good one needs no token against forged forms.
"""

from flask import Flask, current_app, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf import CSRFProtect
from limits import parse

from geodata.services import api_keys
from geodata.services.api_keys import MARK
from webmap import params
from webmap.access import enter_by_key, is_vouched_for, leave_session
from webmap.errors import KeyElsewhere, KeyRefused, KeysTried
from webmap.records import current_session

# What is made for programs. Pages are for people, who sign in.
DOORS = ("/api", "/ogc", "/open311", "/export", "/tiles", "/feeds", "/where", "/openapi.json")

# GeoReport clients send their key with what they ask.
_WITH_PARAMETER = "/open311"

# Of an address, in each server process. Good keys are taken however many wrong ones came before.
WRONG_KEYS = parse("30 per 15 minutes")

_EXTENSION = "wangge.wrong_keys"


class FormGuard(CSRFProtect):  # type: ignore[misc]  # Flask-WTF ships no types
    """The check that forms are ours, for all but requests that a good key vouches for."""

    def protect(self, *args: object, **kwargs: object) -> None:
        """Refuse what may have been sent by another site's page."""
        if not is_vouched_for():
            super().protect(*args, **kwargs)


def init_api_keys(app: Flask, limiter: Limiter) -> None:
    """Tie keys to the application: before whatever asks who is there, behind what makes room for uploads."""
    app.extensions[_EXTENSION] = limiter
    app.before_request(_enter)


def sign_in_by_key(text: str) -> bool:
    """Make this request that of the key's owner; False, and a try counted, for one that is not good.

    Raises KeysTried where too many wrong ones came from this address.
    """
    leave_session()
    session = current_session()
    found = api_keys.by_text(session, text)
    if found is None:
        _count_try()
        return False
    key, user = found
    if api_keys.note_use(session, key):
        # whatever comes of the request, and so that others with the key need not wait for its end
        session.commit()
    enter_by_key(user, frozenset(key.scopes))
    return True


def is_door(path: str) -> bool:
    """Whether programs may come in here by a key."""
    return any(path == door or path.startswith(f"{door}/") for door in DOORS)


def _enter() -> None:
    """Let in whoever brings a key. Raises KeyRefused, KeyElsewhere and KeysTried."""
    brought = _brought()
    if not brought:
        return
    leave_session()
    if not is_door(request.path):
        raise KeyElsewhere(", ".join(DOORS))
    if len(brought) > 1:
        raise KeyRefused("two keys came with one request; send one")
    if not sign_in_by_key(brought.pop()):
        raise KeyRefused


def _brought() -> set[str]:
    """The keys that came with the request. Elsewhere than at the doors a token may be a proxy's: ours say so."""
    mark = "" if is_door(request.path) else MARK
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    sent = [token.strip()] if scheme.lower() == "bearer" else []
    sent += request.headers.getlist("X-API-Key")
    found = {text for text in sent if text.startswith(mark)}
    if request.path.startswith(f"{_WITH_PARAMETER}/"):
        found |= params.api_keys()
    return found


def _count_try() -> None:
    limiter: Limiter = current_app.extensions[_EXTENSION]
    if not limiter.limiter.hit(WRONG_KEYS, "wrong keys", get_remote_address()):
        raise KeysTried
