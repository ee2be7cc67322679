"""POST requests that act once however often they are sent, under the `Idempotency-Key` that their sender gave them.

    @bp.post("/requests")
    @needs("ticket.report")
    @once
    def send() -> Response: ...

`once` stands below `needs`: whoever may no longer do it is not told what came of it either. The key is taken, the
work done and the answer kept in one transaction, so a view under it never commits by itself; one that has slow things
to do first (photos to clean) does them, then calls `act_once`.

Kept for seven days are answers below 400, with status, body, `Content-Type`, `Location` and `ETag`. A request that was
refused or failed has done nothing: nothing is kept of it, and it may come again under its key, mended or not.

Keys are a person's own, by whichever way they sign in. Visitors share one book: a phone changes its address between
two tries, so the key itself, made at random, is all that it has.
"""

import hashlib
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, ParamSpec

from flask import Response, current_app, request
from flask.typing import ResponseReturnValue

from geodata.errors import KeyBusy
from geodata.services import request_keys
from geodata.services.request_keys import Answer
from webmap import params
from webmap.access import actor
from webmap.errors import BadParameter
from webmap.records import current_session

P = ParamSpec("P")

HEADER = "Idempotency-Key"
WANTED = "16 to 100 letters, digits, - or _, made at random for each request"

_KEPT_HEADERS = ("Content-Type", "Location", "ETag")

# They say who sends a form, not what is asked for.
_NOT_ASKED = frozenset({"csrf_token", "api_key"})

_FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")

_BLOCK_BYTES = 64 * 1024


def once(view: Callable[P, ResponseReturnValue]) -> Callable[P, Response]:
    """Decorator of a view that acts once for each key; without a key it acts as it would without the decorator.

    Raises BadParameter for what is no key, KeyReused where it came with something else, KeyBusy where a request with
    it takes too long.
    """

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> Response:
        return act_once(lambda: view(*args, **kwargs))

    return guarded


def once_with_key(view: Callable[P, ResponseReturnValue]) -> Callable[P, Response]:
    """`once`, for a view that refuses to act without a key. Raises BadParameter for that too."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> Response:
        if key_of_request() is None:
            raise BadParameter(HEADER, "", WANTED)
        return act_once(lambda: view(*args, **kwargs))

    return guarded


def act_once(act: Callable[[], ResponseReturnValue]) -> Response:
    """The answer of `act`, or that which the same request has had. Raises as `once`."""
    key, session = key_of_request(), current_session()
    if key is None:
        return current_app.make_response(act())
    taken = {"actor": actor(), "key": key}
    try:
        had = request_keys.claim(session, **taken, body_hash=body_of_request())
    except KeyBusy:
        # the wait has spoilt the transaction, and the answer is still to be put into words
        session.rollback()
        raise
    if had is not None:
        return _again(had)
    work = session.get_transaction()
    answer = current_app.make_response(act())
    if answer.status_code >= 400:
        session.rollback()
        return answer
    if session.get_transaction() is not work:
        raise RuntimeError(f"{request.endpoint} commits before its answer is kept under its key")
    request_keys.keep(session, _kept(answer), **taken)
    return answer


def answered() -> Response | None:
    """The answer that the same request has had; None for a new one, and for one without a key.

    For views that look at much before they act: what has been done may have changed what they would say. Raises
    BadParameter for what is no key, and KeyReused.
    """
    key = key_of_request()
    if key is None:
        return None
    had = request_keys.answered(current_session(), actor=actor(), key=key, body_hash=body_of_request())
    return None if had is None else _again(had)


def key_of_request() -> str | None:
    """The sender's own name for this request: the header, else field `key` of a form; None without one.

    The header may be quoted, as in structured fields. Raises BadParameter.
    """
    sent = request.headers.get(HEADER)
    name = "key" if sent is None else HEADER
    key = request.form.get("key", "") if sent is None else sent.strip()
    if sent is not None and len(key) > 1 and key[0] == key[-1] == '"':
        key = key[1:-1]
    if not key and sent is None:
        return None
    if not request_keys.is_key(key):
        raise BadParameter(name, key[:100], WANTED)
    return key


def body_of_request() -> str:
    """One hash of all that this request asks for: method, address and body; of a form its fields and files."""
    return request_keys.body_hash([request.method, params.address(), request.mimetype, *_body()])


def _body() -> Iterator[str | bytes]:
    if request.mimetype not in _FORMS:
        yield request.get_data()
        return
    for name, value in request.form.items(multi=True):
        if name not in _NOT_ASKED:
            yield from ("field", name, value)
    for name, file in request.files.items(multi=True):
        file.seek(0)
        content = hashlib.sha256()
        while block := file.read(_BLOCK_BYTES):
            content.update(block)
        file.seek(0)
        yield from ("file", name, file.filename or "", content.digest())


def _kept(answer: Response) -> Answer:
    headers = {name: answer.headers[name] for name in _KEPT_HEADERS if name in answer.headers}
    return Answer(answer.status_code, {"body": answer.get_data(as_text=True), "headers": headers})


def _again(had: Answer) -> Response:
    facts: dict[str, Any] = had.facts
    return Response(facts["body"], had.status, facts["headers"])
