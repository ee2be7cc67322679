"""Versions of tickets in headers: `ETag` tells the one that was read, `If-Match` which ones the sender goes by."""

from typing import Any

from flask import Response, request

from geodata.services.history import Seen
from webmap.errors import BadMember

LARGEST_VERSION = 2**31 - 1


def seen(sent: dict[str, Any]) -> Seen:
    """The versions that a request goes by: those of `If-Match`, and the member `version`; None for any.

    Raises BadMember where the two contradict one another.
    """
    by_header, member = _of_header(), sent.get("version")
    if member is None:
        return by_header
    if by_header is not None and member not in by_header:
        raise BadMember("/version", "that of If-Match, or left out")
    return frozenset({int(member)})


def with_version(answer: Response, version: int) -> Response:
    """The answer with the version of its ticket."""
    answer.set_etag(str(version))
    return answer


def _of_header() -> frozenset[int] | None:
    if "If-Match" not in request.headers:
        return None
    told = request.if_match
    if told.star_tag:
        return None
    # a weak tag, or what is no version of ours, matches nothing
    tags = [tag or "" for tag in told.as_set()]
    return frozenset(int(tag) for tag in tags if tag.isascii() and tag.isdecimal() and len(tag) < 10)
