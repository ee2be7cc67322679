"""Where messages may be sent: only to hosts that the operator has listed, and only where those really are.

The list names hosts with a comma between, each `host`, `host:port`, or `host=network`:

    hooks.example.cn             any address of the wide internet, on the port of http or https
    oa.town.lan=10.20.0.0/16     an address of this network only: a name inside needs one
    10.20.3.4:8080               this address on this port

Names are looked up when a message is sent, and the connection goes to the very address that was checked, so a name
that suddenly leads elsewhere (DNS rebinding) leads nowhere.
"""

import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from geodata.errors import BadSetting, DestinationRefused
from geodata.settings import HOSTS_VARIABLE

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

PORTS = {"http": 80, "https": 443}
LONGEST_URL = 1000

_LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
# 0x7f.1, 127.1 and 2130706433 are addresses to a resolver, written so that a reader does not see it
_LOOKS_LIKE_ADDRESS = re.compile(r"(?:.*\.)?(?:\d+|0x[0-9a-f]*)")
# these carry another address in them, perhaps one from inside
_CARRIERS = tuple(ip_network(text) for text in ("64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "2002::/16"))


@dataclass(frozen=True)
class Allowed:
    """One entry of the list.

    port      None is the port of http or https.
    network   where a name has to lead; None for an address, and for a name of the wide internet.
    """

    host: str
    port: int | None
    network: Network | None


@dataclass(frozen=True)
class Destination:
    """An address on the list, taken apart. `path` is what stands behind the host, with its query."""

    scheme: str
    host: str
    port: int
    path: str
    allowed: Allowed

    @property
    def authority(self) -> str:
        """What the header Host says: the host, and the port where it is not the usual one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


def allowed_hosts(setting: str) -> tuple[Allowed, ...]:
    """The entries of the operator's list; none where it is empty. Raises BadSetting for one that cannot be read."""
    return tuple(_entry(part) for part in re.split(r"[,\s]+", setting) if part)


def destination(url: str, hosts: Sequence[Allowed]) -> Destination:
    """An address that messages may be sent to, nothing looked up yet. Raises DestinationRefused with the reason."""
    parts = _parts(url)
    host, port = _host(parts, url), parts.port or PORTS[parts.scheme]
    for one in hosts:
        if one.host == host and port == (one.port or PORTS[parts.scheme]):
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            return Destination(parts.scheme, host, port, path, one)
    why = f"{HOSTS_VARIABLE} does not name {host} with port {port}; the operator adds it there"
    raise DestinationRefused(f"{host}:{port}", "listed", why)


def addresses(target: Destination) -> list[str]:
    """The addresses to connect to, in the resolver's order; it is asked now.

    Raises DestinationRefused where the name leads only to addresses that its entry does not allow, and OSError
    where it leads to none.
    """
    literal = _address(target.host)
    if literal is not None:
        return [str(literal)]
    found = [ip_address(text) for text in resolve(target.host, target.port)]
    good = [str(one) for one in found if _is_allowed(one, target.allowed)]
    if not good:
        wanted = str(target.allowed.network) if target.allowed.network else "an address of the wide internet"
        why = f"it leads to {', '.join(map(str, found))}, and {HOSTS_VARIABLE} wants {wanted} (write host=network)"
        raise DestinationRefused(target.host, "resolved", why)
    return good


def resolve(host: str, port: int) -> list[str]:
    """What the resolver of this machine says about a name. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(place[0]) for *_, place in found))


def _entry(part: str) -> Allowed:
    text, _, wanted = part.lower().partition("=")
    name, port = text, None
    if (found := re.fullmatch(r"(\[.+\]|[^:]+):(\d{1,5})", text)) is not None:
        name, port = found[1], int(found[2])
    literal = _address(name.strip("[]"))
    try:
        network = ip_network(wanted) if wanted else None
    except ValueError:
        raise _unreadable(part) from None
    is_name = _NAME.fullmatch(name) is not None and _LOOKS_LIKE_ADDRESS.fullmatch(name) is None
    if (literal is None) != is_name or (literal is not None and network is not None) or port == 0:
        raise _unreadable(part)
    if literal is not None and (literal.is_unspecified or literal.is_multicast):
        raise _unreadable(part)
    return Allowed(name if literal is None else str(literal), port, network)


def _unreadable(part: str) -> BadSetting:
    return BadSetting(HOSTS_VARIABLE, part, "host, host:port or host=network, with commas between")


def _parts(url: str) -> SplitResult:
    if len(url) > LONGEST_URL or not url.isascii() or any(not 32 < ord(sign) < 127 or sign in '\\"<>' for sign in url):
        raise DestinationRefused(ascii(url[:60]), "address", "the address is too long or holds signs that none has")
    try:
        parts = urlsplit(url)
        # a port that is no number is noticed only when it is asked for
        is_whole = bool(parts.scheme in PORTS and parts.hostname) and parts.port != 0 and not parts.fragment
    except ValueError:
        is_whole = False
    if not is_whole:
        raise DestinationRefused(ascii(url[:60]), "address", "write it as https://host/path or http://host:port/path")
    if "@" in parts.netloc:
        # before the @ may stand a host that a reader takes for the real one
        raise DestinationRefused(ascii(parts.hostname), "userinfo", "an address with a user or a password is not used")
    return parts


def _host(parts: SplitResult, url: str) -> str:
    host = (parts.hostname or "").rstrip(".")
    literal = _address(host)
    if literal is not None:
        return str(literal)
    if _NAME.fullmatch(host) is None or len(host) > 253 or _LOOKS_LIKE_ADDRESS.fullmatch(host):
        raise DestinationRefused(ascii(url[:60]), "address", f"{host!r} is no name of a host, nor a whole address")
    return host


def _address(text: str) -> Address | None:
    """An address in its one spelling; None for a name. What is IPv4 in the clothes of IPv6 is IPv4."""
    try:
        found = ip_address(text)
    except ValueError:
        return None
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        return found.ipv4_mapped
    return None if isinstance(found, IPv6Address) and found.scope_id else found


def _is_allowed(found: Address, entry: Allowed) -> bool:
    plain = found.ipv4_mapped or found if isinstance(found, IPv6Address) else found
    if entry.network is not None:
        return plain.version == entry.network.version and plain in entry.network
    return plain.is_global and not plain.is_multicast and not any(plain in one for one in _CARRIERS)
