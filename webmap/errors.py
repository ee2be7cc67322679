"""Which error answers with which status; the only place that knows."""

from collections.abc import Sequence
from http import HTTPStatus

from geodata import errors as records
from geodata import export_errors as exports
from geodata.record_errors import FieldsWrong, FilterRefused, ImportsBusy, TicketChanged
from spatial import errors as geometry
from spatial.errors import WanggeError


class BadParameter(WanggeError):
    """A value in the address of a request cannot be used."""

    def __init__(self, name: str, value: str, wanted: str) -> None:
        super().__init__(f"{name}={value!r} cannot be used: it must be {wanted}")
        self.name = name
        self.value = value


class BadBody(WanggeError):
    """What was sent is not what its type says, so that nothing of it can be read."""

    def __init__(self, why: str) -> None:
        super().__init__(f"the body cannot be read: {why}")
        self.why = why


class WrongMediaType(WanggeError):
    """What was sent is of a type that is not taken here."""

    def __init__(self, found: str, wanted: Sequence[str]) -> None:
        super().__init__(f"Content-Type is {found[:60]!r}; send {' or '.join(wanted)}")
        self.wanted = tuple(wanted)


class VersionNeeded(WanggeError):
    """A change that does not say which version of the record it is a change of."""

    def __init__(self) -> None:
        super().__init__("this needs If-Match with the ETag of the feature as you have read it")


class VersionPassed(WanggeError):
    """A change of a version of the record that is no longer the one there is."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name!r} is another one now than If-Match says, or gone; read it again, then change it")
        self.name = name


class BadMember(WanggeError):
    """A member of the JSON that was sent cannot be used.

    pointer   where it stands (RFC 6901), '' for the whole.
    """

    def __init__(self, pointer: str, why: str) -> None:
        super().__init__(f"{pointer or 'the body'} cannot be used: {why}")
        self.pointer = pointer
        self.why = why


class BodyTooLarge(WanggeError):
    """More was sent than is read here."""

    def __init__(self, most_bytes: int) -> None:
        super().__init__(f"the body is larger than {most_bytes} bytes; send less at a time")
        self.most_bytes = most_bytes


class SignInNeeded(WanggeError):
    """Only those who sign in may see or do this."""

    def __init__(self) -> None:
        super().__init__("sign in first")


class NotAllowed(WanggeError):
    """The role of the person signed in does not allow this."""

    def __init__(self, action: str, why: str | None = None) -> None:
        super().__init__(why or f"your role does not allow {action!r}; ask the administrator for another role")
        self.action = action


class ScopeLacking(NotAllowed):
    """The role allows this, the key that the request came with does not.

    scope   the one that the key lacks; None for what no key may ever do.
    """

    def __init__(self, action: str, scope: str | None) -> None:
        needed = f"{action!r} needs the scope {scope!r}, which this key has not; make a key that has it"
        super().__init__(action, needed if scope else f"no key may do {action!r}; sign in with a password")
        self.scope = scope


class KeyRefused(WanggeError):
    """The key that a request came with is not good."""

    def __init__(self, why: str = "this key is wrong, revoked or expired; make another at /keys") -> None:
        super().__init__(why)


class KeyElsewhere(KeyRefused):
    """A key where none is taken: it opens what is made for programs, not pages."""

    def __init__(self, doors: str) -> None:
        super().__init__(f"a key is taken only at {doors}; leave it out here, and sign in with a password")


class KeysTried(WanggeError):
    """So many wrong keys came from one address that it has to wait."""

    def __init__(self) -> None:
        super().__init__("too many wrong keys from this address; wait a quarter of an hour, or send a good one")


class KeyNeeded(KeyRefused):
    """Applications write with a key alone, and none has come with the request."""

    def __init__(self) -> None:
        super().__init__("a good api_key is needed here; ask the district's administrator for one")


class PrintingUnavailable(WanggeError):
    """Sheets cannot be made into PDF on this machine: a library or a Chinese font is missing."""

    def __init__(self, missing: str) -> None:
        super().__init__(
            f"no PDF can be made here: {missing} is missing; install libpango-1.0-0 libpangoft2-1.0-0 "
            "libharfbuzz-subset0 fonts-noto-cjk (Debian, Ubuntu), pango google-noto-sans-cjk-fonts (Fedora) "
            "or pango (Homebrew), then start again"
        )
        self.missing = missing


class PrinterBusy(WanggeError):
    """Another sheet is being made; each takes the processor for itself."""

    def __init__(self) -> None:
        super().__init__("another PDF is being made; try again in a few seconds")


class SitingBusy(WanggeError):
    """Sites are being looked for already; it takes the processor and much memory for some seconds."""

    def __init__(self) -> None:
        super().__init__("sites are being looked for already, one question at a time; try again in a few seconds")


# The first class that fits counts, so the particular stand before the general.
STATUS: tuple[tuple[type[WanggeError], HTTPStatus], ...] = (
    (BadParameter, HTTPStatus.BAD_REQUEST),
    (geometry.UnknownCrs, HTTPStatus.BAD_REQUEST),
    (FilterRefused, HTTPStatus.BAD_REQUEST),
    (FieldsWrong, HTTPStatus.BAD_REQUEST),
    (BadBody, HTTPStatus.BAD_REQUEST),
    (WrongMediaType, HTTPStatus.UNSUPPORTED_MEDIA_TYPE),
    (VersionNeeded, HTTPStatus.PRECONDITION_REQUIRED),
    (VersionPassed, HTTPStatus.PRECONDITION_FAILED),
    (records.NotJson, HTTPStatus.BAD_REQUEST),
    (BodyTooLarge, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    (TicketChanged, HTTPStatus.PRECONDITION_FAILED),
    (SignInNeeded, HTTPStatus.UNAUTHORIZED),
    (KeyRefused, HTTPStatus.UNAUTHORIZED),
    (KeysTried, HTTPStatus.TOO_MANY_REQUESTS),
    (NotAllowed, HTTPStatus.FORBIDDEN),
    (records.NotFound, HTTPStatus.NOT_FOUND),
    (records.LinkEnded, HTTPStatus.GONE),
    (records.FeedEnded, HTTPStatus.GONE),
    (records.Refused, HTTPStatus.CONFLICT),
    (records.PictureTooLarge, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    (records.PicturesBusy, HTTPStatus.SERVICE_UNAVAILABLE),
    (ImportsBusy, HTTPStatus.SERVICE_UNAVAILABLE),
    (records.DatabaseError, HTTPStatus.SERVICE_UNAVAILABLE),
    (exports.ExportsBusy, HTTPStatus.SERVICE_UNAVAILABLE),
    (exports.ExportTooLong, HTTPStatus.SERVICE_UNAVAILABLE),
    (exports.ExportCancelled, HTTPStatus.CONFLICT),
    (PrintingUnavailable, HTTPStatus.SERVICE_UNAVAILABLE),
    (PrinterBusy, HTTPStatus.SERVICE_UNAVAILABLE),
    (SitingBusy, HTTPStatus.SERVICE_UNAVAILABLE),
    (geometry.WanggeError, HTTPStatus.UNPROCESSABLE_ENTITY),
)


def status_of(error: WanggeError) -> HTTPStatus:
    """The HTTP status an error answers with."""
    return next(status for kind, status in STATUS if isinstance(error, kind))


# After how many seconds it is worth trying again.
RETRY_AFTER_S: tuple[tuple[type[WanggeError], int], ...] = (
    (records.KeyBusy, 2),
    (records.PicturesBusy, 5),
    (exports.ExportsBusy, 5),
    (ImportsBusy, 5),
    (PrinterBusy, 5),
    (SitingBusy, 5),
    (KeysTried, 900),
)


def retry_after_s(error: WanggeError) -> int | None:
    """Seconds to wait where waiting helps, else None."""
    return next((seconds for kind, seconds in RETRY_AFTER_S if isinstance(error, kind)), None)


def challenge(error: WanggeError) -> str | None:
    """What `WWW-Authenticate` says of an error (RFC 6750): what is wanted, or wrong with what came."""
    if isinstance(error, ScopeLacking):
        return f'Bearer error="insufficient_scope", scope="{error.scope}"' if error.scope else "Bearer"
    if isinstance(error, KeyRefused):
        return 'Bearer error="invalid_token"'
    return "Bearer" if isinstance(error, SignInNeeded) else None
