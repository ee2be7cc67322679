"""The shapes of our answers: problems, JSON, and pages that name their own scripts."""

import gzip
import json
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from threading import Lock
from typing import Any

from cachetools import LRUCache
from flask import Flask, Response, current_app, g, render_template, request
from flask_babel import gettext as _

from geodata.record_errors import FieldsWrong
from spatial.errors import WanggeError
from webmap.errors import challenge, retry_after_s, status_of
from webmap.sentences import explanation, sentence

POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; "
    "img-src 'self' data: blob:; connect-src 'self'; font-src 'self'; worker-src 'self' blob:; "
    "manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)

# Never a page of their own: on the map's first visit the policies of a page took 50 kB on these.
PARTS = frozenset({"text/javascript", "text/css", "application/vnd.mapbox-vector-tile"})

# Their ETag is that of a record, however it is told: it must come back as it went, to change the record by.
OF_RECORDS = frozenset({"application/geo+json"})

# Kinds of text that are sent packed; streams (exports, tickets by the thousand) go as they come.
PACKED = frozenset(
    {
        *("text/html", "text/css", "text/javascript", "text/xml", "image/svg+xml"),
        *("application/json", "application/geo+json", "application/schema+json"),
        *("application/atom+xml", "application/rss+xml"),
    }
)
SMALLEST_PACKED_BYTES = 800

# Answers a problem in a shape of its own: (status, sentences of what is wrong).
Shape = Callable[[HTTPStatus, Sequence[str]], Response]

_SHAPES = "wangge.shapes"

_files: LRUCache[tuple[str, str], bytes] = LRUCache(4 * 1024 * 1024, getsizeof=len)
_lock = Lock()


def wants_json() -> bool:
    """Whether the caller prefers JSON to a page; browsers say text/html first."""
    best = request.accept_mimetypes.best_match(["text/html", "application/json", "application/geo+json"])
    return best != "text/html" or request.accept_mimetypes.quality("text/html") == 0


def as_json(value: Any, *, status: int = 200, mimetype: str = "application/json") -> Response:  # noqa: ANN401 - anything JSON can hold
    """A JSON answer with Chinese left readable; NaN and Infinity are refused, as they are not JSON."""
    body = json.dumps(value, ensure_ascii=False, allow_nan=False, default=str)
    return Response(body, status=status, mimetype=mimetype)


def shape_problems(app: Flask, prefix: str, shape: Shape) -> None:
    """Have problems under addresses that begin so answered as a contract of others wants them."""
    app.extensions.setdefault(_SHAPES, {})[prefix] = shape


def problem(
    status: HTTPStatus,
    detail: str,
    *,
    said: str | None = None,
    several: Sequence[str] = (),
    more: Mapping[str, Any] | None = None,
) -> Response:
    """The one error shape: `application/problem+json` with `detail` for programs, a page for people.

    said      the sentence for people in the reader's language, on the page and as `said` of the JSON; None explains
              the status.
    several   what is wrong one by one, for shapes that tell it so.
    more      members of the JSON beside.
    """
    words = said or explanation(status)
    shapes: dict[str, Shape] = current_app.extensions.get(_SHAPES, {})
    for prefix, shape in shapes.items():
        if request.path.startswith(prefix):
            return shape(status, several or [detail if said in {None, detail} else f"{said} ({detail})"])
    is_for_programs = g.get("is_by_key") or f"{request.path}/".startswith(
        ("/tiles/", "/export/", "/api/", "/ogc/", "/feeds/")
    )
    if is_for_programs or wants_json():
        facts = {
            "type": "about:blank",
            "title": status.phrase,
            "status": status.value,
            "detail": detail,
            "said": str(words),
            **(more or {}),
        }
        return as_json(facts, status=status.value, mimetype="application/problem+json")
    page = render_template("error.html", status=status.value, title=titles()[status], detail=words)
    return Response(page, status=status.value)


def problem_of(error: WanggeError) -> Response:
    """The answer to an error of ours."""
    several = [str(one) for one in error.problems] if isinstance(error, FieldsWrong) else ()
    answer = problem(status_of(error), str(error), said=sentence(error), several=several)
    seconds = retry_after_s(error)
    if seconds is not None:
        answer.headers["Retry-After"] = str(seconds)
    wanted = challenge(error)
    if wanted is not None:
        answer.headers["WWW-Authenticate"] = wanted
    return answer


def conditional(response: Response) -> Response:
    """The answer, or less where the one who asks has it already (304) or wants another version of it (412)."""
    # werkzeug (3.1) takes `If-Match: *`, which fits whatever is there, for the name of a version
    if not request.if_match.star_tag:
        response.make_conditional(request)
    return response


def attachment(document: bytes, name: str, *, mimetype: str) -> Response:
    """A document to be kept under a name of ASCII letters."""
    response = Response(document, mimetype=mimetype)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def titles() -> dict[HTTPStatus, str]:
    """Headings of error pages in the reader's language; any other status is a slip of the program."""
    known = {
        HTTPStatus.BAD_REQUEST: _("This address cannot be read"),
        HTTPStatus.UNAUTHORIZED: _("Sign in first"),
        HTTPStatus.FORBIDDEN: _("Your role does not allow this"),
        HTTPStatus.NOT_FOUND: _("There is nothing here"),
        HTTPStatus.METHOD_NOT_ALLOWED: _("This cannot be done here"),
        HTTPStatus.CONFLICT: _("This is not possible now"),
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: _("This is too large"),
        HTTPStatus.UNPROCESSABLE_ENTITY: _("This cannot be used"),
        HTTPStatus.TOO_MANY_REQUESTS: _("Too many tries; wait a while"),
        HTTPStatus.SERVICE_UNAVAILABLE: _("The service is busy; try again soon"),
    }
    return {status: known.get(status, _("Something went wrong")) for status in HTTPStatus}


def protect(response: Response) -> Response:
    """Headers every answer carries; policies of a page where a page, or what may be opened as one, is answered."""
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    if response.mimetype not in PARTS:
        response.headers.setdefault("Content-Security-Policy", POLICY.format(nonce=g.get("csp_nonce", "")))
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers.setdefault("Permissions-Policy", "geolocation=(self), camera=(self), microphone=()")
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "private, no-store"
    return response


def pack(response: Response) -> Response:
    """Shrink text for callers that read gzip.

    A page that repeats what it was asked beside a secret must not be measured by others: our cookie is
    SameSite=Lax, so another site gets no answer that is made for a person signed in here.

    Ours, because Flask-Compress (1.25) takes files for streams: it packs them anew for every request or
    never, and packs a part of a file (206) as if it were the whole.
    """
    is_file = request.endpoint == "static" and response.direct_passthrough
    if response.mimetype not in PACKED or "Content-Encoding" in response.headers:
        return response
    if (response.is_streamed and not is_file) or (response.content_length or 0) < SMALLEST_PACKED_BYTES:
        return response
    response.vary.add("Accept-Encoding")
    if response.status_code not in {200, 304} or request.accept_encodings.quality("gzip") <= 0:
        return response
    name, is_weak = response.get_etag()
    if name and not is_weak and response.mimetype not in OF_RECORDS:
        # the same text in two codings is alike, not the same bytes
        response.set_etag(name, weak=True)
    if response.status_code == 304:
        return response
    response.direct_passthrough = False
    content = _packed_file(request.path, name, response) if is_file and name else gzip.compress(response.get_data(), 6)
    response.set_data(content)
    response.headers["Content-Encoding"] = "gzip"
    # whoever asks for the rest of these bytes would get plain ones
    response.headers.pop("Accept-Ranges", None)
    return response


def _packed_file(path: str, version: str, response: Response) -> bytes:
    # the open file belongs to the answer that is replaced
    response.call_on_close(getattr(response.response, "close", _nothing))
    with _lock:
        found = _files.get((path, version))
    if found is None:
        found = gzip.compress(response.get_data(), 6, mtime=0)
        with _lock:
            _files[path, version] = found
    return found


def _nothing() -> None:
    """What there is to close where nothing was opened."""
