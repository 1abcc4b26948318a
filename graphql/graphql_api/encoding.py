"""Compressed answers, for phones on bad networks.

An answer is compressed whole, never what it shares with another. Length tells secrets (BREACH) only where a stranger
can make a signed-in browser ask: here nobody is signed in by a cookie, each request carries its own token, and no
answer repeats what was sent.
"""

import asyncio
import gzip
from collections.abc import Callable
from functools import lru_cache
from typing import Final

import brotli

LEAST: Final = 1_000
"""Bytes from which compressing saves a packet."""
_ASIDE: Final = 128 * 1024  # bytes that take long enough to let others go first
_BROTLI_QUALITY: Final = 5
_GZIP_LEVEL: Final = 6


def chosen(accept_encoding: str) -> str | None:
    """The best encoding that an ``Accept-Encoding`` header allows, None for none."""
    weights: dict[str, float] = {}
    for part in accept_encoding.lower().split(","):
        name, _, parameters = part.strip().partition(";")
        weights[name.strip()] = _weight(parameters)
    every = weights.get("*", 0.0)
    found = [(weights.get(name, every), name == "br", name) for name in ("br", "gzip")]
    weight, _, name = max(found)
    return name if weight > 0 else None


def _weight(parameters: str) -> float:
    key, _, value = parameters.strip().partition("=")
    if key.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0


async def encoded(body: bytes, accept_encoding: str) -> tuple[bytes, str | None]:
    """The body as the client can take it, and its encoding; a short one stays as it is."""
    return await _by(compress, body, accept_encoding)


async def kept(body: bytes, accept_encoding: str) -> tuple[bytes, str | None]:
    """As ``encoded``, of a body that is the same for everybody: compressed once and kept as long as the process."""
    return await _by(_compressed_once, body, accept_encoding)


async def _by(work: Callable[[bytes, str], bytes], body: bytes, accept_encoding: str) -> tuple[bytes, str | None]:
    name = chosen(accept_encoding) if len(body) >= LEAST else None
    if name is None:
        return body, None
    if len(body) >= _ASIDE:
        return await asyncio.to_thread(work, body, name), name
    return work(body, name), name


def compress(body: bytes, name: str) -> bytes:
    """The body in an encoding, ``br`` or ``gzip``."""
    if name == "br":
        return bytes(brotli.compress(body, mode=brotli.MODE_TEXT, quality=_BROTLI_QUALITY))
    return gzip.compress(body, _GZIP_LEVEL, mtime=0)


_compressed_once: Final = lru_cache(maxsize=4_096)(compress)
