"""Addresses of provisions: the printed number where it is enough, and unique whatever the numbering does.

``1.4.2`` is the paragraph so numbered, ``1.4.2/a/ii`` an item under it, ``1.4.2/b3`` its third bullet, ``/p2`` its
second paragraph without a number, ``/t1/r4`` the fourth row of its first table. ``chapter-3`` and ``appendix-b`` are
headings so worded; under one whose number is another, as where numbering starts afresh in each chapter, a number is
preceded by it: ``chapter-3/1.2``. A heading without a number goes by its words: ``1.3/shared-beliefs``. What would be
the same a second time ends in ``~2``; one longer than anybody would write is cut, and ends in a few signs of its own.
"""

import re
from collections import Counter
from hashlib import sha256
from typing import Final

_NOT_A_WORD = re.compile(r"[^a-z0-9]+")
_LONGEST_SLUG: Final = 60
LONGEST: Final = 280
"""Of an address, but for what tells it from another."""

ROOT: Final = ""


class Addresses:
    """Gives out addresses, in the order of the manual."""

    def __init__(self) -> None:
        self._given: set[str] = set()
        self._count: Counter[tuple[str, str]] = Counter()
        self._again: Counter[str] = Counter()

    def numbered(self, number: str, container: str) -> str:
        """A paragraph numbered 1.4.2. ``container`` is empty where the number itself says where it stands."""
        return self._unique(under(container, number))

    def item(self, parent: str, number: str) -> str:
        return self._unique(under(parent, number))

    def counted(self, parent: str, letter: str) -> str:
        """The next bullet (b), paragraph (p), table (t) or row (r) of a parent."""
        while True:
            self._count[parent, letter] += 1
            address = under(parent, f"{letter}{self._count[parent, letter]}")
            if address not in self._given:
                return self._unique(address)

    def titled(self, parent: str, title: str) -> str:
        return self._unique(under(parent, slug(title) or "heading"))

    def taken(self, address: str) -> bool:
        return address in self._given

    def _unique(self, address: str) -> str:
        if len(address) > LONGEST:
            address = f"{address[: LONGEST - 9]}-{sha256(address.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"
        unique = address
        while unique in self._given:
            self._again[address] += 1
            unique = f"{address}~{self._again[address] + 1}"
        self._given.add(unique)
        return unique


def under(parent: str, name: str) -> str:
    return f"{parent}/{name}" if parent else name


def slug(title: str) -> str:
    """Its words in small letters, joined by hyphens, cut at a word."""
    made = _NOT_A_WORD.sub("-", title.lower().replace("\u2019", "").replace("'", "")).strip("-")
    if len(made) <= _LONGEST_SLUG:
        return made
    return made[:_LONGEST_SLUG].rsplit("-", 1)[0]
