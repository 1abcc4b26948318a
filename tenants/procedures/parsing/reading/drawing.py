"""Draws a text out of a document that has no lines of its own, and keeps what the format says of each line."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from tenants.procedures.parsing.characters import INVISIBLE
from tenants.procedures.parsing.manual import Doubt, Reason
from tenants.procedures.parsing.source import Cut, Line, Link, Source, Style, without

_Range = TypeVar("_Range", Cut, Link)


@dataclass(slots=True)
class Drawing:
    """A reader adds text to the line that is open and ends it with its style; lines follow each other."""

    format: str
    doubts: list[Doubt] = field(default_factory=list)
    _text: list[str] = field(default_factory=list)
    _lines: list[tuple[int, int, int, Style, tuple[Cut, ...], tuple[Link, ...]]] = field(default_factory=list)
    _length: int = 0
    _start: int = 0
    _cuts: list[Cut] = field(default_factory=list)
    _links: list[Link] = field(default_factory=list)
    _breaks: list[int] = field(default_factory=list)

    @property
    def number(self) -> int:
        """The number of the line that is open."""
        return self._lines[-1][0] + 1 if self._lines else 1

    @property
    def place(self) -> int:
        """Where the next character will stand."""
        return self._length

    @property
    def open_from(self) -> int:
        return self._start

    def say(self, text: str, *, away: Reason | None = None, target: str | None = None) -> None:
        """Add to the open line; ``away`` keeps it from being read, ``target`` makes it a link."""
        one_line = " ".join(text.splitlines())
        if not one_line:
            return
        start = self._length
        self._text.append(one_line)
        self._length += len(one_line)
        if away is not None:
            self._cuts.append(Cut(start, self._length, away))
        else:
            self._cuts += [
                Cut(start + one.start(), start + one.end(), Reason.INVISIBLE) for one in INVISIBLE.finditer(one_line)
            ]
        if target is not None:
            self._links.append(Link(start, self._length, target))

    def break_line(self) -> None:
        """Break the open line: what follows is the same paragraph, but may be an item that was typed by hand."""
        if self._length > max([self._start, *self._breaks[-1:]]):
            self._text.append("\n")
            self._length += 1
            self._breaks.append(self._length)

    def end(self, style: Style, number: int | None = None) -> None:
        """End the open line, broken or not; nothing where nothing was said."""
        if self._length == self._start:
            return
        if self._breaks[-1:] != [self._length]:
            self._text.append("\n")
            self._length += 1
        start, of = self._start, number or self.number
        for end in (*self._breaks, self._length):
            if end > start:
                cuts, links = _between(self._cuts, start, end), _between(self._links, start, end)
                self._lines.append((of, start, end, style, cuts, links))
                style, start = Style(note=style.note, away=style.away, inside=style.inside), end
        self._start, self._cuts, self._links, self._breaks = self._length, [], [], []

    def source(self) -> Source:
        text = "".join(self._text)
        lines = tuple(
            Line(number, start, end, without(text, start, end - 1, cuts), style, cuts, links)
            for number, start, end, style, cuts, links in self._lines
        )
        return Source(self.format, text, lines, styled=True, doubts=tuple(self.doubts))


def _between(ranges: Sequence[_Range], start: int, end: int) -> tuple[_Range, ...]:
    """Those that begin from ``start`` to before ``end``, of ranges in order."""
    first, last = (bisect_left(ranges, place, key=lambda one: one.start) for place in (start, end))
    return tuple(ranges[first:last])
