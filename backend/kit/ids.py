"""Identifiers: time-ordered UUIDs for rows, short spoken references for people."""

import os
import secrets
import time
from uuid import UUID

# Crockford's alphabet without vowels or look-alikes: readable over a bad line, spells no word.
_SPOKEN = "23456789BCDFGHJKMNPQRTVWXZ"


def uuid7() -> UUID:
    """A UUID version 7 (RFC 9562 §5.7): 48 bits of Unix milliseconds, then 74 random bits."""
    value = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return UUID(int=value)


def spoken_reference() -> str:
    """Eight random characters in two groups, such as ``7F3K-2Q9D``: 37 bits, tells nothing."""
    letters = [secrets.choice(_SPOKEN) for _ in range(8)]
    return "".join(letters[:4]) + "-" + "".join(letters[4:])
