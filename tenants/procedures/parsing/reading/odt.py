"""OpenDocument text. The source is the text drawn out: a line for each paragraph, a tab between cells.

Numbers that the program counts in lists and headings are counted as it does; text deleted by a tracked change,
contents pages, headers, footers and comments are reported.
"""

from io import BytesIO
from typing import Final
from zipfile import BadZipFile

from lxml import etree
from odfdo import Container

from tenants.procedures.parsing.manual import Doubt, DoubtKind, Reason
from tenants.procedures.parsing.reading.archived import part_of
from tenants.procedures.parsing.reading.drawing import Drawing
from tenants.procedures.parsing.reading.odt_lists import OFFICE, STYLE, TABLE, TEXT, OdtLists, whole
from tenants.procedures.parsing.reading.odt_looks import OdtLooks, Shown
from tenants.procedures.parsing.reading.odt_words import DRAW, OdtWords, words_of
from tenants.procedures.parsing.source import Source, Style, UnreadableManualError

_DAMAGED: Final = "It is damaged, or no OpenDocument text. Open it in its own program and save it again as .odt."
_INDEXES: Final = frozenset(
    f"{TEXT}{name}"
    for name in ("table-of-content", "alphabetical-index", "illustration-index", "table-index", "user-index")
)
_DEEPEST: Final = 60
_TOO_DEEP: Final = "Its parts are nested too deep to be a manual's. Save it again."
_PLAIN: Final = Shown()


def read_odt(data: bytes) -> Source:
    """Raises UnreadableManualError where it is no OpenDocument text."""
    try:
        container = Container(BytesIO(data))
        content = _parsed(container.get_part("content.xml"))
        styles = _parsed(container.get_part("styles.xml"))
    except (KeyError, ValueError, BadZipFile, OSError, etree.LxmlError) as error:
        raise UnreadableManualError(_DAMAGED) from error
    body = content.find(f"{OFFICE}body/{OFFICE}text")
    if body is None:
        raise UnreadableManualError(_DAMAGED)
    drawing = Drawing("odt")
    reader = _Reader(drawing, OdtLists(content, styles), OdtLooks(content, styles))
    reader.headers(styles)
    reader.blocks(body, None, 0)
    reader.notes()
    return drawing.source()


def _parsed(part: str | bytes | None) -> etree._Element:
    if part is None:
        raise KeyError
    return part_of(part if isinstance(part, bytes) else part.encode("utf-8"))


class _Reader:
    def __init__(self, drawing: Drawing, lists: OdtLists, looks: OdtLooks) -> None:
        self._drawing = drawing
        self._lists = lists
        self._looks = looks
        self._words = OdtWords(drawing, looks)
        self._tables = 0

    def headers(self, styles: etree._Element) -> None:
        """Each header and footer once, those of left and of first pages too."""
        seen: set[str] = set()
        names = (f"{STYLE}{name}{side}" for name in ("header", "footer") for side in ("", "-left", "-first"))
        for page in styles.iter(*names):
            for paragraph in page.iter(f"{TEXT}p", f"{TEXT}h"):
                text = words_of(paragraph)
                if text and text not in seen:
                    seen.add(text)
                    self._drawing.say(text)
                    self._drawing.end(Style(away=Reason.RUNNING_HEADER, paragraph=True))

    def blocks(self, parent: etree._Element, away: Reason | None, deep: int) -> None:
        if deep > _DEEPEST:
            raise UnreadableManualError(_TOO_DEEP)
        for element in parent:
            tag = element.tag
            if tag == f"{TEXT}h":
                depth = whole(element, "outline-level")
                counted = away is None and element.get(f"{TEXT}is-list-header") != "true"
                label = self._lists.heading(depth) if counted else None
                self._paragraph(element, Style(heading=depth, label=label, away=away, paragraph=True), deep)
            elif tag == f"{TEXT}p":
                self._paragraph(element, Style(away=away, paragraph=True), deep)
            elif tag == f"{TEXT}list":
                self._list(element, away, element.get(f"{TEXT}style-name"), 0, deep)
            elif tag == f"{TABLE}table":
                self._table(element, away, deep)
            elif tag == f"{TEXT}tracked-changes":
                self._words.changes(element)
                self._deleted(element)
            elif tag in (f"{TEXT}change-start", f"{TEXT}change-end"):
                self._words.change(element)
            else:
                if tag == f"{DRAW}frame":
                    self._words.frame(element)
                self.blocks(element, Reason.CONTENTS_PAGE if tag in _INDEXES else away, deep + 1)

    def _deleted(self, changes: etree._Element) -> None:
        for deletion in changes.iter(f"{TEXT}deletion"):
            for paragraph in deletion.iter(f"{TEXT}p", f"{TEXT}h"):
                if text := words_of(paragraph):
                    told = f"deleted by a tracked change, and reported: {text[:80]}"
                    self._drawing.doubts.append(Doubt(self._drawing.number, DoubtKind.DELETED_TEXT, told))
                    self._drawing.say(text)
                    self._drawing.end(Style(away=Reason.DELETED_TEXT, paragraph=True))

    def _list(self, element: etree._Element, away: Reason | None, name: str | None, depth: int, deep: int) -> None:
        if deep > _DEEPEST:
            raise UnreadableManualError(_TOO_DEEP)
        counted = self._lists.begins(name, depth, on=element.get(f"{TEXT}continue-numbering") == "true")
        for item in element.iterchildren(f"{TEXT}list-item", f"{TEXT}list-header"):
            label = self._lists.next(name, depth, item.get(f"{TEXT}start-value")) if counted else None
            first = item.tag == f"{TEXT}list-item"
            for child in item:
                if child.tag in (f"{TEXT}p", f"{TEXT}h"):
                    if child.tag == f"{TEXT}h":
                        level = whole(child, "outline-level")
                        style = Style(heading=level, label=label, away=away, paragraph=True)
                    elif first:
                        style = Style(item=depth, label=label, away=away, paragraph=True)
                    else:
                        style = Style(inside=depth, away=away, paragraph=True)
                    first = False
                    self._paragraph(child, style, deep)
                elif child.tag == f"{TEXT}list":
                    self._list(child, away, child.get(f"{TEXT}style-name") or name, depth + 1, deep + 1)
                else:
                    self.blocks(child, away, deep + 1)

    def _paragraph(self, element: etree._Element, style: Style, deep: int) -> None:
        """A paragraph, and after it the text of the boxes that it holds."""
        shown = self._looks.of("paragraph", element.get(f"{TEXT}style-name"), _PLAIN)
        boxes = self._words.paragraph(element, shown, style)
        for box in boxes:
            self.blocks(box, style.away, deep + 1)

    def _table(self, table: etree._Element, away: Reason | None, deep: int) -> None:
        """A row is a line. A table within a cell is read after the one around it."""
        if deep > _DEEPEST:
            raise UnreadableManualError(_TOO_DEEP)
        self._tables += 1
        number, within = self._tables, list[etree._Element]()  # noqa: SLF001  # lxml's own name for it
        for row in table.iter(f"{TABLE}table-row"):
            if next(row.iterancestors(f"{TABLE}table"), None) is not table:
                continue
            cells = []
            for place, cell in enumerate(row.iterchildren(f"{TABLE}table-cell", f"{TABLE}covered-table-cell")):
                if place:
                    self._drawing.say("\t")
                start = self._drawing.place
                self._cell(cell, start, within, 0)
                cells.append((start, self._drawing.place))
            style = Style(cells=tuple(cells), table=number, away=away, paragraph=True, anchors=self._words.anchors())
            self._drawing.end(style)
        for inner in within:
            if inner.tag == f"{TABLE}table":
                self._table(inner, away, deep + 1)
            else:
                self.blocks(inner, away, deep + 1)

    def _cell(self, parent: etree._Element, start: int, within: list[etree._Element], depth: int) -> None:
        """The paragraphs of a cell on one line; items with their bullet or number, as they are seen."""
        if depth > _DEEPEST:
            raise UnreadableManualError(_TOO_DEEP)
        for element in parent:
            if element.tag in (f"{TEXT}p", f"{TEXT}h"):
                if self._drawing.place > start and words_of(element):
                    self._drawing.say(" ")
                if parent.tag == f"{TEXT}list-item" and element.getprevious() is None:
                    self._drawing.say("• ")
                within += self._words.in_cell(element)
            elif element.tag == f"{TABLE}table":
                within.append(element)
            else:
                self._cell(element, start, within, depth + 1)

    def notes(self) -> None:
        for number, note in enumerate(self._words.footnotes, 1):
            body = note.find(f"{TEXT}note-body")
            for paragraph in body.iter(f"{TEXT}p", f"{TEXT}h") if body is not None else ():
                self._words.paragraph(paragraph, _PLAIN, Style(note=str(number), paragraph=True))
