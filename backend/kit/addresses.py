"""Addresses that others give us to call: a browser's push service, an agency's own system.

Only the internet at large is called, never our own network. The name is looked up once, every answer
is checked, and the connection goes to what was checked: a name that changes its mind between the
check and the call leads nowhere else. So the check is made where an address is registered, for its
owner to hear of it, and again by whoever calls it. ``PRIVATE_TARGETS`` lifts it on a development machine.
"""

import asyncio
import ipaddress
import socket
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urlsplit

from backend.kit.problems import FieldError, Invalid
from backend.kit.settings import settings

LOOK_UP_SECONDS: Final = 1.0
_LONGEST: Final = 2_000
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052


class Unsafe(Exception):
    """The address must not be called. The message is for its owner: what is wrong with it."""


class NoSuchHost(Exception):
    """The name has no address at this moment."""


@dataclass(frozen=True, slots=True)
class Target:
    """How to call a checked address: request ``url``, as ``host``, which TLS has to prove where there is any."""

    url: str
    host: str
    tls_name: str | None


def check_url(url: str, *, private: bool | None = None) -> SplitResult:
    """Take a URL apart. Raises ``Unsafe`` for what can be told from its text alone.

    ``private`` allows plain http and private networks; by default as ``PRIVATE_TARGETS`` says.
    """
    allowed = settings().private_targets if private is None else private
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise Unsafe("is not an https address") from None
    if len(url) > _LONGEST or not url.isascii() or not url.isprintable() or " " in url:
        raise Unsafe("is not an https address")
    if not host or parts.scheme not in ({"https", "http"} if allowed else {"https"}):
        raise Unsafe("is not an https address")
    if parts.username is not None or parts.password is not None:
        raise Unsafe("must not hold a user name or password")
    if not allowed and _is_literal(host) and not is_public(host):
        raise Unsafe("leads into a private network")
    return parts


async def target_of(url: str) -> Target:
    """Where to connect for ``url`` now.

    Raises ``Unsafe``, also when a single one of the name's addresses is not on the internet at large,
    and ``NoSuchHost``.
    """
    parts = check_url(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        async with asyncio.timeout(LOOK_UP_SECONDS):
            found = await asyncio.get_running_loop().getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except (OSError, TimeoutError, UnicodeError):
        raise NoSuchHost("cannot be found") from None
    addresses = [str(entry[4][0]) for entry in found]
    if not addresses:
        raise NoSuchHost("cannot be found")
    if not settings().private_targets and not all(is_public(address) for address in addresses):
        raise Unsafe("leads into a private network")
    at = f"[{addresses[0]}]" if ":" in addresses[0] else addresses[0]
    netloc = f"{at}:{parts.port}" if parts.port else at
    return Target(
        parts._replace(netloc=netloc).geturl(), parts.netloc, parts.hostname if parts.scheme == "https" else None
    )


async def require_public(url: str, field: str) -> None:
    """Raise ``Invalid`` naming ``field`` for an address that could not be called now."""
    try:
        await target_of(url)
    except (Unsafe, NoSuchHost) as error:
        raise Invalid([FieldError(field, str(error))]) from error


def is_public(address: str) -> bool:
    """Whether an IP address is on the internet at large. An IPv4 address inside an IPv6 one is judged as what it is."""
    parsed = ipaddress.ip_address(address.split("%", maxsplit=1)[0])
    if isinstance(parsed, ipaddress.IPv6Address):
        inner = parsed.ipv4_mapped or parsed.sixtofour
        if inner is None and parsed in _NAT64:
            inner = ipaddress.IPv4Address(int(parsed) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
        if parsed.is_site_local:
            return False
    return parsed.is_global and not parsed.is_multicast and not parsed.is_reserved


def _is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host.split("%", maxsplit=1)[0])
    except ValueError:
        return False
    return True
