"""Which error answers with which status; the only place that knows."""

from http import HTTPStatus

from geodata import errors as records
from geodata.record_errors import FilterRefused
from spatial import errors as geometry
from spatial.errors import WanggeError


class BadParameter(WanggeError):
    """A value in the address of a request cannot be used."""

    def __init__(self, name: str, value: str, wanted: str) -> None:
        super().__init__(f"{name}={value!r} cannot be used: it must be {wanted}")
        self.name = name
        self.value = value


class SignInNeeded(WanggeError):
    """Only those who sign in may see or do this."""

    def __init__(self) -> None:
        super().__init__("sign in first")


class NotAllowed(WanggeError):
    """The role of the person signed in does not allow this."""

    def __init__(self, action: str) -> None:
        super().__init__(f"your role does not allow {action!r}; ask the administrator for another role")
        self.action = action


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


# The first class that fits counts, so the particular stand before the general.
STATUS: tuple[tuple[type[WanggeError], HTTPStatus], ...] = (
    (BadParameter, HTTPStatus.BAD_REQUEST),
    (geometry.UnknownCrs, HTTPStatus.BAD_REQUEST),
    (FilterRefused, HTTPStatus.BAD_REQUEST),
    (SignInNeeded, HTTPStatus.UNAUTHORIZED),
    (NotAllowed, HTTPStatus.FORBIDDEN),
    (records.NotFound, HTTPStatus.NOT_FOUND),
    (records.LinkEnded, HTTPStatus.GONE),
    (records.Refused, HTTPStatus.CONFLICT),
    (records.PictureTooLarge, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    (records.PicturesBusy, HTTPStatus.SERVICE_UNAVAILABLE),
    (records.DatabaseError, HTTPStatus.SERVICE_UNAVAILABLE),
    (PrintingUnavailable, HTTPStatus.SERVICE_UNAVAILABLE),
    (PrinterBusy, HTTPStatus.SERVICE_UNAVAILABLE),
    (geometry.WanggeError, HTTPStatus.UNPROCESSABLE_ENTITY),
)


def status_of(error: WanggeError) -> HTTPStatus:
    """The HTTP status an error answers with."""
    return next(status for kind, status in STATUS if isinstance(error, kind))


# After how many seconds it is worth trying again.
RETRY_AFTER_S: tuple[tuple[type[WanggeError], int], ...] = (
    (records.KeyBusy, 2),
    (records.PicturesBusy, 5),
    (PrinterBusy, 5),
)


def retry_after_s(error: WanggeError) -> int | None:
    """Seconds to wait where waiting helps, else None."""
    return next((seconds for kind, seconds in RETRY_AFTER_S if isinstance(error, kind)), None)
