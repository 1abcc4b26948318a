"""Identifiers: time-ordered UUIDs for rows, short spoken references for people."""

import os
import secrets
import time
from typing import Final
from uuid import UUID

SPOKEN = "23456789BCDFGHJKMNPQRTVWXZ"
"""Crockford's alphabet without vowels or look-alikes: readable over a bad line, spells no word."""

_LETTERS: Final = 8
_BETWEEN: Final = frozenset(" \u00a0-\u2010\u2011\u2012\u2013\u2014")
"""Spaces and dashes that keyboards and mail programs put in place of a hyphen."""


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
    letters = [secrets.choice(SPOKEN) for _ in range(_LETTERS)]
    return "".join(letters[:4]) + "-" + "".join(letters[4:])


def quoted(reference: str) -> str:
    """A spoken reference as it was made, of one that somebody heard or typed: in either case of letters, with a
    space, another dash or nothing for its hyphen. Of what can be none, a text that none has.
    """
    letters = [letter for letter in reference.strip().upper() if letter not in _BETWEEN]
    fits = len(letters) == _LETTERS and all(letter in SPOKEN for letter in letters)
    return "".join([*letters[:4], "-", *letters[4:]]) if fits else ""
