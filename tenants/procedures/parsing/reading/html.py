"""HTML, as a chapter saved from a web site. The source is the text drawn out of it; lines are those of the file."""

import re
from dataclasses import dataclass, replace
from typing import Final

from lxml import etree
from lxml import html as lxml_html

from tenants.procedures.parsing.manual import Doubt, DoubtKind, Reason
from tenants.procedures.parsing.notes import RAISED
from tenants.procedures.parsing.reading import html_marks as marks
from tenants.procedures.parsing.reading.drawing import Drawing
from tenants.procedures.parsing.reading.html_cells import cells_of, is_grid, own_rows
from tenants.procedures.parsing.source import Source, Style, UnreadableManualError

_DEEPEST: Final = 200
_PARAGRAPH: Final = Style(paragraph=True)


@dataclass(frozen=True)
class State:
    """What the elements around say. ``depth`` is that of the list, -1 outside; ``lines`` are kept as written."""

    style: Style = _PARAGRAPH
    away: Reason | None = None
    target: str | None = None
    strong: bool = False
    depth: int = -1
    lines: bool = False
    raised: bool = False


def read_html(data: bytes) -> Source:
    """Raises UnreadableManualError where it is no HTML. No entity is resolved and nothing is fetched."""
    text, doubts = marks.decoded(data)
    if "<!ENTITY" in text[:100_000]:
        raise UnreadableManualError(
            "It defines entities of its own, which are not read. Save the page again from a browser."
        )
    parser = lxml_html.HTMLParser(no_network=True, huge_tree=False, remove_pis=True, encoding="utf-8")
    try:
        root = lxml_html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableManualError("It cannot be read as HTML. Save the page again from a browser.") from error
    drawing = Drawing("html", list(doubts))
    reader = _Reader(drawing)
    reader.element(root, State(), 0)
    reader.close(State())
    return drawing.source()


class _Reader:
    """Walks the elements in order; a block element ends the line that is open."""

    def __init__(self, drawing: Drawing) -> None:
        self._drawing = drawing
        self._anchors: list[str] = []
        self._tables = 0
        self._line = 1
        self._strong_until: int | None = None
        self._label: tuple[str | None, int] | None = None  # of an item, until its first text
        self._term = False  # whether the open line is a term, on which its definition follows

    def element(self, element: etree._Element, state: State, deep: int) -> None:
        if not isinstance(element.tag, str):
            if isinstance(element, etree._Comment):  # noqa: SLF001  # lxml's own name for it
                self._comment(element)
            return
        if deep > _DEEPEST:
            raise UnreadableManualError("Its elements are nested too deep to be a manual's. Save the page again.")
        tag = element.tag.lower()
        if tag in marks.BLOCKS and not (tag == "dd" and self._term):
            self.close(state)
        self._line = marks.line_of(element, self._line)
        self._anchors += [
            name for name in (element.get("id"), element.get("name") if tag == "a" else None) if name
        ]  # fmt: skip
        inner = self._inner(element, tag, state)
        self._told(element, tag, inner)
        if tag == "table":
            self._table(element, inner, deep)
        else:
            self._children(element, tag, inner, deep)
        self._closed(tag, inner)

    def _closed(self, tag: str, inner: State) -> None:
        if tag == "dt":
            self._term = True
            self._drawing.say(" " if self._drawing.place > self._drawing.open_from else "")
        elif tag in marks.BLOCKS:
            self.close(inner)

    def _children(self, element: etree._Element, tag: str, inner: State, deep: int) -> None:
        self.say(element.text, inner)
        count = marks.first_number(element)
        for child in element:
            given = inner
            if tag in ("ol", "ul") and child.tag == "li":
                count = marks.own_number(child, count)
                label = marks.printed(count, element.get("type")) if tag == "ol" else None
                given = replace(inner, style=replace(inner.style, item=inner.depth))
                self.close(inner)
                self._label = label, inner.depth
                count += 1
            self.element(child, given, deep + 1)
            self.say(child.tail, inner)

    def _inner(self, element: etree._Element, tag: str, state: State) -> State:
        state = replace(state, away=state.away or marks.not_read(element, tag))
        if tag in marks.HEADINGS:
            return replace(state, style=Style(heading=marks.HEADINGS[tag], paragraph=True))
        if tag in ("pre", "textarea"):
            return replace(state, lines=True)
        if tag in ("ol", "ul"):
            return replace(state, depth=state.depth + 1)
        if tag in ("strong", "b", "dt"):
            return replace(state, strong=True)
        if tag == "sup":
            return replace(state, raised=True)
        return replace(state, target=element.get("href")) if tag == "a" and element.get("href") else state

    def _told(self, element: etree._Element, tag: str, state: State) -> None:
        """Breaks of lines, pictures, and what should be known of the words in an element."""
        if tag == "br":
            self._break(element, state)
        elif tag in marks.PICTURES and state.away is None:
            self._picture(element)
        if (found := marks.unseen(element, tag)) is not None:
            text = " ".join("".join(str(part) for part in element.itertext()).split())
            if text:
                self._drawing.doubts.append(Doubt(self._line, found[0], f"{found[1]}: {text[:80]}"))

    def _table(self, table: etree._Element, state: State, deep: int) -> None:
        """A table that holds another, or only lays the page out, is read as if it were none."""
        if not is_grid(table):
            self._children(table, "table", state, deep)
            return
        self._tables += 1
        number = self._tables
        for caption in table.iter("caption"):
            self.element(caption, state, deep + 1)
        for row, places in cells_of(own_rows(table)):
            self._line = marks.line_of(row, self._line)
            cells = []
            for place, cell in enumerate(places):
                if place:
                    self._drawing.say("\t")
                start = self._drawing.place
                if cell is not None:
                    self._cell(cell, replace(state, lines=False), deep)
                cells.append((start, self._drawing.place))
            anchors, self._anchors, self._strong_until = tuple(self._anchors), [], None
            style = Style(cells=tuple(cells), table=number, paragraph=True, away=state.away, anchors=anchors)
            self._drawing.end(style, self._line)

    def _cell(self, element: etree._Element, state: State, deep: int) -> None:
        """The words of a cell on the line of its row; items with a bullet."""
        if deep > _DEEPEST:
            raise UnreadableManualError("Its elements are nested too deep to be a manual's. Save the page again.")
        tag = element.tag.lower() if isinstance(element.tag, str) else ""
        self._anchors += [element.get("id") or ""] if tag and element.get("id") else []
        inner = self._inner(element, tag, state) if tag else state
        if tag:
            self._told(element, "" if tag == "br" else tag, inner)
            self.say(" • " if tag == "li" else " ", state)
            self.say(element.text, inner)
        for child in element:
            self._cell(child, inner, deep + 1)
            self.say(child.tail, inner)
        if tag in marks.BLOCKS:
            self.say(" ", state)

    def say(self, text: str | None, state: State) -> None:
        """Say words as a browser shows them: white space single, but where lines are kept."""
        if not text:
            return
        if state.lines:
            self._lines(text, state)
            return
        fresh = self._drawing.place == self._drawing.open_from
        words = re.sub(r"\s+", " ", text)
        if fresh:
            words = words.lstrip()
        if not words:
            return
        if state.raised and words.strip().isdigit():
            words = words.strip().translate(RAISED)
        if state.strong and (fresh or self._strong_until == self._drawing.place):
            self._strong_until = self._drawing.place + len(words)
        self._drawing.say(words, away=state.away, target=state.target if words.strip() else None)

    def _lines(self, text: str, state: State) -> None:
        """Text whose lines are broken as they are written; an empty one ends a paragraph."""
        for number, line in enumerate(text.split("\n")):
            if number:
                self._drawing.break_line()
                self._line += 1
            if not line.strip():
                self.close(state)
            self._drawing.say(line.rstrip("\r"), away=state.away, target=state.target)

    def _break(self, element: etree._Element, state: State) -> None:
        """One break within a paragraph only ends a line; two on end, or one after words in bold, end it."""
        bold = self._strong_until is not None and self._strong_until == self._drawing.place
        following = element.getnext()
        twice = following is not None and following.tag == "br" and not (element.tail or "").strip()
        if bold or twice:
            self.close(state)
        else:
            self._drawing.break_line()

    def _picture(self, element: etree._Element) -> None:
        """Tell of a picture that may say something; one whose description is empty says of itself that it does not."""
        described = " ".join((element.get("alt") or element.get("title") or "").split())
        if described or element.get("alt") is None:
            told = f"a picture is not read{': ' + described[:120] if described else ''}"
            self._drawing.doubts.append(Doubt(self._line, DoubtKind.FIGURE_MISSING, told))

    def _comment(self, comment: etree._Element) -> None:
        if (comment.text or "").strip():
            self._drawing.say(f" {' '.join((comment.text or '').split())} ", away=Reason.COMMENT)

    def close(self, state: State) -> None:
        """End the line that is open, as an item where it is the first of one."""
        term, self._term = self._term, False
        if self._drawing.place == self._drawing.open_from:
            return
        bold = self._strong_until is not None and self._strong_until == self._drawing.place and not term
        strong = None if bold else self._strong_until
        style = replace(state.style, anchors=tuple(self._anchors), strong=strong, paragraph=True, bold=bold)
        if self._label is not None and style.heading is None:
            style = replace(style, label=self._label[0], item=self._label[1])
            self._label = None
        elif style.heading is None:
            style = replace(style, item=None, inside=style.item)
        self._anchors, self._strong_until = [], None
        self._drawing.end(style, self._line)
