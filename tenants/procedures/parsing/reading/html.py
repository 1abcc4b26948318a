"""HTML, as a chapter saved from a web site. The source is the text drawn out of it; lines are those of the file."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, cast

from lxml import etree
from lxml import html as lxml_html

from tenants.procedures.parsing.manual import Doubt, Reason
from tenants.procedures.parsing.marks import as_roman
from tenants.procedures.parsing.reading.drawing import Drawing
from tenants.procedures.parsing.reading.text import decode
from tenants.procedures.parsing.source import Source, Style, UnreadableManualError

_HEADINGS: Final = {f"h{level}": level for level in range(1, 7)}
_BLOCKS: Final = frozenset(
    [
        "p",
        "div",
        "section",
        "article",
        "main",
        "header",
        "footer",
        "nav",
        "aside",
        "ul",
        "ol",
        "li",
        "dl",
        "dt",
        "dd",
        "table",
        "thead",
        "tbody",
        "tfoot",
        "tr",
        "td",
        "th",
        "caption",
        "blockquote",
        "pre",
        "form",
        "fieldset",
        "address",
        "figure",
        "figcaption",
        "hr",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "body",
        "html",
        "br",
        "title",
    ]
)
_AWAY: Final = {
    "script": Reason.SCRIPT, "style": Reason.SCRIPT, "noscript": Reason.SCRIPT, "template": Reason.SCRIPT,
    "nav": Reason.NAVIGATION, "title": Reason.METADATA, "button": Reason.NAVIGATION, "select": Reason.NAVIGATION,
}  # fmt: skip
_CRUMBS = re.compile(r"\b(?:breadcrumbs?|crumbs?|navigation|navbar|skip-?link|pager|cookie)\b", re.IGNORECASE)
_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([A-Za-z0-9_-]{2,20})", re.IGNORECASE)
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
_DEEPEST: Final = 200
_PARAGRAPH: Final = Style(paragraph=True)


@dataclass(frozen=True)
class _State:
    """What the elements around say. ``label`` is counted for an item of an ordered list."""

    style: Style = _PARAGRAPH
    away: Reason | None = None
    target: str | None = None
    strong: bool = False
    depth: int = -1


def read_html(data: bytes) -> Source:
    """Raises UnreadableManualError where it is no HTML. No entity is resolved and nothing is fetched."""
    text, doubts = _decode(data)
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
    reader.element(root, _State(), 0)
    reader.close(_State())
    return drawing.source()


def _decode(data: bytes) -> tuple[str, tuple[Doubt, ...]]:
    declared = _CHARSET.search(data[:2048])
    if declared is not None and declared[1].lower() not in (b"utf-8", b"utf8"):
        try:
            return data.decode(declared[1].decode("ascii")), ()
        except (LookupError, UnicodeDecodeError):
            pass
    return decode(data)


class _Reader:
    """Walks the elements in order; a block element ends the line that is open."""

    def __init__(self, drawing: Drawing) -> None:
        self._drawing = drawing
        self._anchors: list[str] = []
        self._tables = 0
        self._line = 1
        self._strong_until: int | None = None
        self._label: tuple[str | None, int] | None = None  # of an item, until its first text

    def element(self, element: etree._Element, state: _State, deep: int) -> None:
        if not isinstance(element.tag, str):
            if isinstance(element, etree._Comment):  # noqa: SLF001  # lxml's own name for it
                self._comment(element)
            return
        if deep > _DEEPEST:
            raise UnreadableManualError("Its elements are nested too deep to be a manual's. Save the page again.")
        tag = element.tag.lower()
        if tag in _BLOCKS:
            self.close(state)
        self._line = _number(element, self._line)
        for name in (element.get("id"), element.get("name") if tag == "a" else None):
            if name:
                self._anchors.append(name)
        inner = self._inner(element, tag, state)
        if tag == "table":
            self._table(element, inner, deep)
        else:
            self._children(element, tag, inner, deep)
        if tag in _BLOCKS:
            self.close(inner)

    def _children(self, element: etree._Element, tag: str, inner: _State, deep: int) -> None:
        self._say(element.text, inner)
        count = _start(element)
        for child in element:
            given = inner
            if tag in ("ol", "ul") and child.tag == "li":
                label = _counted(count, element.get("type")) if tag == "ol" else None
                given = replace(inner, style=replace(inner.style, item=inner.depth))
                self.close(inner)
                self._label = label, inner.depth
                count = _value(child, count) + 1
            self.element(child, given, deep + 1)
            self._say(child.tail, inner)

    def _inner(self, element: etree._Element, tag: str, state: _State) -> _State:
        away = _AWAY.get(tag) or state.away
        if _CRUMBS.search(f"{element.get('class') or ''} {element.get('id') or ''} {element.get('role') or ''}"):
            away = away or Reason.NAVIGATION
        if tag in _HEADINGS:
            return replace(state, style=Style(heading=_HEADINGS[tag], paragraph=True), away=away)
        if tag in ("ol", "ul"):
            return replace(state, depth=state.depth + 1, away=away)
        if tag in ("strong", "b", "dt"):
            return replace(state, strong=True, away=away)
        if tag == "a" and element.get("href"):
            return replace(state, target=element.get("href"), away=away)
        return replace(state, away=away)

    def _table(self, table: etree._Element, state: _State, deep: int) -> None:
        """A table within a cell, or one that only lays the page out, is read as if it were none."""
        rows = [row for row in table.iter("tr") if _own_table(row) is table]
        plain = any(len(list(cell.iter("table", "h1", "h2", "h3", "ul", "ol"))) for row in rows for cell in row)
        if plain or not rows or max(len(row) for row in rows) < 2:
            self._children(table, "table", state, deep)
            return
        self._tables += 1
        for caption in table.iter("caption"):
            self._say("".join(_texts(caption)), state)
            self.close(state)
        for row in rows:
            self._line = _number(row, self._line)
            cells = []
            for place, cell in enumerate(cell for cell in row if cell.tag in ("td", "th")):
                if place:
                    self._drawing.say("\t")
                start = self._drawing.place
                self._drawing.say(" ".join("".join(_texts(cell)).split()), away=state.away)
                cells.append((start, self._drawing.place))
                for link in cell.iter("a"):
                    if link.get("id"):
                        self._anchors.append(link.get("id") or "")
            style = Style(cells=tuple(cells), table=self._tables, paragraph=True, away=state.away)
            self._drawing.end(style, self._line)

    def _say(self, text: str | None, state: _State) -> None:
        if not text:
            return
        fresh = self._drawing.place == self._drawing.open_from
        words = re.sub(r"\s+", " ", text)
        if fresh:
            words = words.lstrip()
        if not words:
            return
        if state.strong and (fresh or self._strong_until == self._drawing.place):
            self._strong_until = self._drawing.place + len(words)
        self._drawing.say(words, away=state.away, target=state.target if words.strip() else None)

    def _comment(self, comment: etree._Element) -> None:
        if (comment.text or "").strip():
            self._drawing.say(f" {' '.join((comment.text or '').split())} ", away=Reason.COMMENT)

    def close(self, state: _State) -> None:
        """End the line that is open, as an item where it is the first of one."""
        if self._drawing.place == self._drawing.open_from:
            return
        style = replace(state.style, anchors=tuple(self._anchors), strong=self._strong_until, paragraph=True)
        if self._label is not None and style.heading is None:
            style = replace(style, label=self._label[0], item=self._label[1])
            self._label = None
        elif style.heading is None:
            style = replace(style, item=None, inside=style.item)
        self._anchors, self._strong_until = [], None
        self._drawing.end(style, self._line)


def _number(element: etree._Element, otherwise: int) -> int:
    """The line of the file on which an element begins, where that is known."""
    line = cast("int | None", element.sourceline)
    return line or otherwise


def _own_table(row: etree._Element) -> etree._Element | None:
    return next(iter(row.iterancestors("table")), None)


def _texts(element: etree._Element) -> Iterator[str]:
    for text in element.itertext():
        yield text if isinstance(text, str) else ""
        yield " "


def _start(element: etree._Element) -> int:
    start = element.get("start") or "1"
    return int(start) if start.lstrip("-").isdigit() and len(start) < 6 else 1


def _value(item: etree._Element, counted: int) -> int:
    value = item.get("value") or ""
    return int(value) if value.isdigit() and len(value) < 6 else counted


def _counted(number: int, kind: str | None) -> str:
    """What a browser prints before the item."""
    if kind in ("a", "A") and 1 <= number <= 26:
        letter = _LETTERS[number - 1]
        return f"{letter.upper() if kind == 'A' else letter})"
    if kind in ("i", "I") and 1 <= number < 40:
        return f"{as_roman(number)})"
    return f"{number}."
