"""What a reader of a format gives: the text, and its lines with what the format says of them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from tenants.procedures.parsing.manual import Doubt, Reason

_LINE = re.compile(r"[^\n\r\f\v\x85\u2028\u2029]*(\r\n|[\n\r\f\v\x85\u2028\u2029]|\Z)")
_COUNTED = ("\n", "\r", "\r\n")


class UnreadableManualError(Exception):
    """The file cannot be read as a manual; the message is one line and says what would help."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A half-open range within a line that is not read: markup, or text that a tracked change deleted."""

    start: int
    end: int
    reason: Reason


@dataclass(frozen=True, slots=True)
class Link:
    """A half-open range within a line that leads to ``target``: ``#anchor`` or an address on the web."""

    start: int
    end: int
    target: str


@dataclass(frozen=True, slots=True)
class Style:
    """What the format itself says; plain text says nothing.

    ``heading`` counts levels from 1, ``item`` the depth in a list from 0. ``label`` is a number that the format
    counts and does not print. ``cells`` are ranges of the source; ``table`` tells one table from the next. A row that
    ``adds`` goes on in the cells of the row before.
    A paragraph ``inside`` an item of that depth is not its first. ``strong`` is where leading bold text ends.
    ``away`` is the reason why the line is not read. A ``paragraph`` is whole: it continues no other line. ``bold``
    is set where all of it is bold or underlined, as headings are that were made by hand.
    """

    heading: int | None = None
    item: int | None = None
    label: str | None = None
    cells: tuple[tuple[int, int], ...] = ()
    table: int | None = None
    adds: bool = False
    note: str | None = None
    strong: int | None = None
    away: Reason | None = None
    paragraph: bool = False
    anchors: tuple[str, ...] = ()
    inside: int | None = None
    bold: bool = False


PLAIN = Style()


@dataclass(frozen=True, slots=True)
class Line:
    """The range ``start`` to ``end`` of the source, its line break with it.

    ``number`` is the line as an editor counts, from 1; where the format has no lines, the paragraph. ``content`` is
    what is read: the line without its break and without what is cut. ``width`` is that of its column, where it is
    known to stand in one.
    """

    number: int
    start: int
    end: int
    content: str
    style: Style = PLAIN
    cuts: tuple[Cut, ...] = ()
    links: tuple[Link, ...] = ()
    page_ends: bool = False
    width: int | None = None

    def at(self, offset: int) -> int:
        """Where in the source the character of ``content`` at ``offset`` stands."""
        place = self.start + offset
        for cut in self.cuts:
            if cut.start <= place:
                place += cut.end - cut.start
        return place

    def offset(self, place: int) -> int:
        """Where in ``content`` the character of the source at ``place`` stands."""
        return place - self.start - sum(min(cut.end, place) - cut.start for cut in self.cuts if cut.start < place)

    @property
    def indent(self) -> int:
        """Columns before the first character; a tab counts to the next of 4."""
        expanded = self.content.expandtabs(4)
        return len(expanded) - len(expanded.lstrip())

    @property
    def blank(self) -> bool:
        return not self.content.strip()


@dataclass(frozen=True, slots=True)
class Source:
    """``lines`` cover ``text``, in the order of reading. A ``styled`` one says what is a heading and a paragraph."""

    format: str
    text: str
    lines: tuple[Line, ...]
    styled: bool = False
    doubts: tuple[Doubt, ...] = field(default=())


def plain_lines(text: str) -> Iterable[tuple[int, int, int, int, bool]]:
    """Number, start, end of the content, end with its break, and whether a page ends, for each line of a text."""
    number, place = 1, 0
    while place < len(text):
        if (found := _LINE.match(text, place)) is None:  # every text matches
            raise AssertionError
        brk = found[1]
        yield number, place, found.start(1), found.end(), brk == "\f"
        number += brk in _COUNTED
        place = found.end()


def apart(cuts: Iterable[Cut]) -> tuple[Cut, ...]:
    """In order, without those that begin within another."""
    kept: list[Cut] = []
    for cut in sorted(cuts, key=lambda one: one.start):
        if not kept or cut.start >= kept[-1].end:
            kept.append(cut)
    return tuple(kept)


def without(text: str, start: int, end: int, cuts: Iterable[Cut]) -> str:
    """The range of the text without what is cut from it; cuts are in order and do not overlap."""
    kept, place = [], start
    for cut in cuts:
        kept.append(text[place : cut.start])
        place = cut.end
    kept.append(text[place:end])
    return "".join(kept)
