"""A text as it is read: which line comes before and after, past whatever was put away."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from tenants.procedures.parsing.manual import Reason
from tenants.procedures.parsing.shape import Shape
from tenants.procedures.parsing.source import Line

_MODAL = re.compile(r"\b(?:must|should|will|shall|may|can|cannot|could|would)\b")
_VERB = re.compile(r"\b(?:has|have|are|is|was|were)\b")

_ENDED = re.compile(r"[.!?:;][\"'\u2019\u201d)\]*]*$")
_TAIL: Final = 12
_WIDTH_OF_SLIDES: Final = 49


@dataclass(frozen=True)
class View:
    """``before`` and ``after`` give for each line the index of its neighbour that says something, or None.

    ``listed`` are the titles of contents pages, number and all, as ``contents.title`` has them.

    ``parted`` holds for each line whether a blank line, or the end of a page, stands before it.
    """

    lines: Sequence[Line]
    away: Mapping[int, Reason]
    shape: Shape
    listed: frozenset[str] = frozenset()
    before: list[int | None] = field(default_factory=list)
    after: list[int | None] = field(default_factory=list)
    parted: list[bool] = field(default_factory=list)
    gapped: list[bool] = field(default_factory=list)

    def __post_init__(self) -> None:
        last: int | None = None
        parted = gapped = False
        for index, line in enumerate(self.lines):
            self.before.append(last)
            self.parted.append(parted)
            self.gapped.append(gapped)
            if index in self.away:
                gapped = True
            elif line.blank:
                parted = True
            else:
                last, parted, gapped = index, False, False
            gapped = gapped or line.page_ends
        following: int | None = None
        for index in range(len(self.lines) - 1, -1, -1):
            self.after.append(following)
            if index not in self.away and not self.lines[index].blank:
                following = index
        self.after.reverse()

    def text(self, index: int | None) -> str:
        return "" if index is None else self.lines[index].content.strip()

    def full(self, index: int) -> bool:
        """Whether the line was broken for want of room: the next line's first word would not have fitted.

        In slides everything that has no bullet goes on, but for titles, whose number took no room.
        """
        width, following = self.shape.width(index), self.after[index]
        if following is None or following in self.shape.slides:
            return False
        if self.shape.slides:
            width = _WIDTH_OF_SLIDES + self.shape.slides[index] if index in self.shape.slides else 0
        if width is None:
            return False
        word = self.text(following).split(" ", 1)[0]
        return len(self.lines[index].content.rstrip()) + 1 + len(word) > width

    def apart(self, index: int) -> bool:
        """Whether something stands between this line and the one before: a blank line, a header, a page's end."""
        return self.parted[index] or self.gapped[index] or self.before[index] is None

    def stands_off(self, index: int) -> bool:
        """Whether a blank line or nothing at all follows."""
        following = self.after[index]
        return following is None or self.parted[following]


def ended(text: str) -> bool:
    """Whether a sentence, or the opening of a list, ends here."""
    return _ENDED.search(text.rstrip()[-_TAIL:]) is not None


def has_verb(text: str) -> bool:
    """Whether one of the commonest verbs of a manual's sentences is in it: a heading hardly ever has one.

    In small letters only: a title's words may all begin with a capital.
    """
    return has_modal(text) or _VERB.search(text) is not None


def has_modal(text: str) -> bool:
    return _MODAL.search(text) is not None


def capitals(text: str) -> bool:
    """Whether it is printed in capitals throughout; three letters at the least."""
    return sum(letter.isalpha() for letter in text) >= 3 and text.upper() == text
