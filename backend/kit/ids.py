"""Identifiers: time-ordered UUIDs for rows, short spoken references for people."""

import os
import secrets
import time
from uuid import UUID

SPOKEN = "23456789BCDFGHJKMNPQRTVWXZ"
"""Crockford's alphabet without vowels or look-alikes: readable over a bad line, spells no word."""


def uuid7() -> UUID:
    """A UUID version 7 (RFC 9562 §5.7): Unix milliseconds, 12 bits of their fraction, 62 random bits.

    The fraction (§6.2, method 3) keeps rows that one process makes in a row in that order.
    """
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    fraction = (rest << 12) // 1_000_000
    random = int.from_bytes(os.urandom(8), "big") >> 2
    return UUID(int=milliseconds << 80 | 0x7 << 76 | fraction << 64 | 0x2 << 62 | random)


def spoken_reference() -> str:
    """Eight random characters in two groups, such as ``7F3K-2Q9D``: 37 bits, tells nothing."""
    letters = [secrets.choice(SPOKEN) for _ in range(8)]
    return "".join(letters[:4]) + "-" + "".join(letters[4:])
