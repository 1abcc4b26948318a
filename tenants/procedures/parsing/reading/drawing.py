"""Draws a text out of a document that has no lines of its own, and keeps what the format says of each line."""

from dataclasses import dataclass, field

from tenants.procedures.parsing.manual import Doubt, Reason
from tenants.procedures.parsing.source import Cut, Line, Link, Source, Style, without


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

    @property
    def number(self) -> int:
        """The number of the line that is open."""
        return len(self._lines) + 1

    @property
    def place(self) -> int:
        """Where the next character will stand."""
        return self._length

    @property
    def open_from(self) -> int:
        return self._start

    def say(self, text: str, *, away: Reason | None = None, target: str | None = None) -> None:
        """Add to the open line; ``away`` keeps it from being read, ``target`` makes it a link."""
        if not text:
            return
        one_line = (
            " ".join(text.splitlines())
            if len(text.splitlines()) > 1 or text[-1:] in "\n\r\f\v\x85\u2028\u2029"
            else text
        )
        start = self._length
        self._text.append(one_line)
        self._length += len(one_line)
        if away is not None and one_line:
            self._cuts.append(Cut(start, self._length, away))
        if target is not None:
            self._links.append(Link(start, self._length, target))

    def end(self, style: Style, number: int | None = None) -> None:
        """End the open line; nothing where nothing was said and the style says nothing either."""
        if self._length == self._start:
            return
        self._text.append("\n")
        self._length += 1
        line = (number or self.number, self._start, self._length, style, tuple(self._cuts), tuple(self._links))
        self._lines.append(line)
        self._start, self._cuts, self._links = self._length, [], []

    def source(self) -> Source:
        text = "".join(self._text)
        lines = tuple(
            Line(number, start, end, without(text, start, end - 1, cuts), style, cuts, links)
            for number, start, end, style, cuts, links in self._lines
        )
        return Source(self.format, text, lines, styled=True, doubts=tuple(self.doubts))
