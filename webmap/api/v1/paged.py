"""Lists of the API, a page at a time: `items`, and as `next` where the following ones are."""

from collections.abc import Sequence
from typing import Any

from flask import Response, request, url_for

from webmap import params
from webmap.openapi.v1_parameters import DEFAULT_LIMIT, LARGEST_LIMIT
from webmap.responses import as_json

NAMES = ("limit", "after")


def limit() -> int:
    """How many items a page may hold. Raises BadParameter beyond LARGEST_LIMIT."""
    return params.whole("limit", low=1, high=LARGEST_LIMIT) or DEFAULT_LIMIT


def page(items: Sequence[Any], *, after: str | None = None, kept: Sequence[str] = (), **more: Any) -> Response:  # noqa: ANN401 - any JSON value
    """One page of a list.

    after   where it ended, as the parameter `after` of the next page; None on the last.
    kept    names of parameters that the next page is asked for with.
    """
    following = None
    if after is not None:
        asked = {**(request.view_args or {}), **params.kept("limit", "lang", *kept), "after": after}
        following = url_for(request.endpoint or "", **asked)
    return as_json({"items": list(items), "next": following, **more})
