"""Tokens of links: drawn by chance, marked as ours, and kept as a hash.

The mark spares the database the question for what somebody made up. A token that leaks is good for nothing but its
link; one whose hash is read in the database is good for nothing.
"""

import base64
import hashlib
import hmac
import secrets

_RANDOM_BYTES, _MARK_BYTES = 18, 12
_LONGEST = 100


def new(purpose: str, *, key: str) -> str:
    """A token for one kind of link; `key` is the secret of this installation."""
    drawn = secrets.token_bytes(_RANDOM_BYTES)
    return f"{_text(drawn)}.{_text(_mark(purpose, drawn, key))}"


def is_ours(purpose: str, token: str, *, key: str) -> bool:
    """Whether a token carries our mark of that kind of link."""
    drawn_text, dot, mark = token.partition(".")
    if not dot or len(token) > _LONGEST or not token.isascii():
        return False
    try:
        drawn = base64.urlsafe_b64decode(drawn_text)
    except ValueError:
        return False
    return hmac.compare_digest(mark, _text(_mark(purpose, drawn, key))) and drawn_text == _text(drawn)


def hashed(token: str) -> str:
    """What of a token of ours is stored."""
    return hashlib.sha256(token.encode("ascii")).hexdigest()


def _mark(purpose: str, drawn: bytes, key: str) -> bytes:
    return hmac.new(key.encode("utf-8"), f"{purpose}:".encode() + drawn, hashlib.sha256).digest()[:_MARK_BYTES]


def _text(plain: bytes) -> str:
    # both are whole multiples of three bytes, so that nothing is filled up with "="
    return base64.urlsafe_b64encode(plain).decode("ascii")
