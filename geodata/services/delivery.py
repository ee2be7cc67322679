"""One message over the wire: signed, to an address that was checked, within a time that nobody can stretch."""

import contextlib
import hashlib
import hmac
import http.client
import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from geodata.errors import DeliveryFailed, DestinationRefused
from geodata.services.destinations import Allowed, Destination, addresses, destination

CONNECT_S = 3.0
TOTAL_S = 10.0

# Nothing is done with an answer but its status; so much is read that the other side can end politely.
MOST_READ = 1024

AGENT = "wangge"


def body_of(payload: Mapping[str, Any]) -> bytes:
    """A payload as it is sent: the same bytes at every try."""
    return json.dumps(payload, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8")


def signature(secret: str, body: bytes, *, at: int) -> str:
    """The header by which a receiver knows us: `t=<unix seconds>,v1=<HMAC-SHA256 of "t.body">` in hexadecimal."""
    digest = hmac.new(secret.encode("utf-8"), f"{at}.".encode("ascii") + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


def deliver(
    url: str,
    *,
    secret: str,
    word: str,
    message_id: str,
    payload: Mapping[str, Any],
    hosts: Sequence[Allowed],
    at: float | None = None,
) -> None:
    """Send a message and return when the other side has taken it with a status 2xx.

    message_id   the same at every try, so that a receiver can drop what it has.
    at           unix seconds for the signature; None is now.

    No redirect is followed and nothing of the answer is kept. Raises DeliveryFailed within about ten seconds,
    also where the address is not allowed (any longer).
    """
    body = body_of(payload)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": AGENT,
        "Wangge-Event": word,
        "Wangge-Delivery": message_id,
        "Wangge-Signature": signature(secret, body, at=int(time.time() if at is None else at)),
    }
    with _told():
        status = _post(destination(url, hosts), body, headers)
    if 300 <= status < 400:
        raise DeliveryFailed(f"it answered {status}, and redirects are not followed", is_unreachable=False)
    if not 200 <= status < 300:
        raise DeliveryFailed(f"it answered {status}", is_unreachable=False)


def fetch(url: str, *, hosts: Sequence[Allowed], most_bytes: int) -> tuple[int, bytes]:
    """The status and the body of what an address answers to a plain question (GET), within about ten seconds.

    No redirect is followed: its status is given back. Raises DeliveryFailed where it cannot be reached, or answers
    more than `most_bytes`; DestinationRefused where the address is not allowed. Neither says more of the address
    than its host.
    """
    target = destination(url, hosts)
    places = _resolved(target)
    with _told():
        give_up = time.monotonic() + TOTAL_S
        connection = _Connection(target, places, give_up)
        try:
            with connection.watched():
                headers = {"Host": target.authority, "Connection": "close", "User-Agent": AGENT}
                connection.request("GET", target.path, headers={**headers, "Accept": "application/json"})
                with connection.getresponse() as response:
                    connection.check()
                    body = response.read(most_bytes + 1)
                    # cut off in the middle, it looks as if it had ended there
                    connection.check()
                    status = response.status
        finally:
            connection.close()
    if len(body) > most_bytes:
        raise DeliveryFailed(f"its answer is longer than {most_bytes:,} bytes", is_unreachable=False)
    return status, body


def _resolved(target: Destination) -> list[str]:
    """The addresses its name leads to now. Raises DestinationRefused, and DeliveryFailed where there are none."""
    try:
        return addresses(target)
    except OSError as error:
        raise DeliveryFailed(f"its name {target.host} leads nowhere", is_unreachable=True) from error


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Say as DeliveryFailed what goes wrong on the wire."""
    try:
        yield
    except DestinationRefused as error:
        raise DeliveryFailed(str(error), is_unreachable=True) from error
    except ssl.SSLCertVerificationError as error:
        raise DeliveryFailed(f"its certificate is not good: {error.verify_message}", is_unreachable=True) from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        why = "it did not answer in time" if isinstance(error, TimeoutError) else f"{type(error).__name__}: {error}"
        raise DeliveryFailed(f"it could not be reached ({why[:200]})", is_unreachable=True) from error


def _post(target: Destination, body: bytes, headers: Mapping[str, str]) -> int:
    """The status of the answer. Raises OSError, HTTPException or ValueError."""
    give_up = time.monotonic() + TOTAL_S
    connection = _Connection(target, addresses(target), give_up)
    try:
        with connection.watched():
            connection.request("POST", target.path, body, {"Host": target.authority, "Connection": "close", **headers})
            # the connection is the answer's from here on, and closed with it
            with connection.getresponse() as response:
                # cut off in the middle of its headers, an answer looks as if it had ended there
                connection.check()
                # the status says it all: how an answer ends after it makes no difference
                with contextlib.suppress(OSError, http.client.HTTPException):
                    response.read(MOST_READ)
                return response.status
    finally:
        connection.close()


class _Connection(http.client.HTTPConnection):
    """A connection to one of the addresses that were checked, never to what the name leads to by then."""

    def __init__(self, target: Destination, places: Sequence[str], give_up: float) -> None:
        super().__init__(target.host, target.port)
        self._target = target
        self._places = places
        self._give_up = give_up
        self._is_late = False
        self._line: socket.socket | None = None

    def connect(self) -> None:
        """Connect, with TLS where the scheme says so: the certificate must be that of the host's name."""
        if self._target.scheme == "http":
            self.sock = self._line = self._reached()
            return
        # the certificates that this machine trusts, or those of SSL_CERT_FILE
        context = ssl.create_default_context()
        # a line that is cut before it is wrapped would be left open by the wrapping
        secured = context.wrap_socket(self._reached(), server_hostname=self._target.host, do_handshake_on_connect=False)
        self.sock = self._line = secured
        self.check()
        secured.do_handshake()

    def _reached(self) -> socket.socket:
        last: OSError | None = None
        for place in self._places:
            left = self._left_s()
            try:
                reached = socket.create_connection((place, self._target.port), timeout=min(CONNECT_S, left))
            except OSError as error:
                last = error
            else:
                reached.settimeout(left)
                return reached
        raise last or TimeoutError

    def _left_s(self) -> float:
        left = self._give_up - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """End the conversation at the limit: a time-out of the socket begins anew with every byte that drips in."""
        watch = threading.Timer(self._left_s(), self._cut)
        watch.daemon = True
        watch.start()
        try:
            yield
        except (OSError, http.client.HTTPException, ValueError) as error:
            if self._is_late:
                raise TimeoutError from error
            raise
        finally:
            watch.cancel()
            watch.join()

    def check(self) -> None:
        """Raise TimeoutError where the conversation has been ended at the limit."""
        if self._is_late:
            raise TimeoutError

    def _cut(self) -> None:
        self._is_late = True
        if self._line is not None:
            with contextlib.suppress(OSError):
                socket.socket.shutdown(self._line, socket.SHUT_RDWR)
