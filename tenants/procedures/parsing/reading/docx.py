"""Word's .docx. The source is the text drawn out: a line for each paragraph, a tab between cells.

Text that a tracked change inserted is read, what it deleted is reported, and both are doubts. Numbers that Word
counts are counted as it does. Headers, footers, comments and contents pages are reported. What stands in an element
that is not known here is read: only what prints nothing is passed over.
"""

from collections.abc import Iterator
from typing import Final

from lxml import etree

from tenants.procedures.parsing.manual import Doubt, DoubtKind, Reason
from tenants.procedures.parsing.reading import word_runs as runs
from tenants.procedures.parsing.reading.drawing import Drawing
from tenants.procedures.parsing.reading.word_elements import W, inner
from tenants.procedures.parsing.reading.word_numbers import WordNumbers
from tenants.procedures.parsing.reading.word_parts import WordParts, open_word
from tenants.procedures.parsing.reading.word_runs import Paragraph, Run, WordRuns
from tenants.procedures.parsing.reading.word_styles import WordStyles
from tenants.procedures.parsing.source import Source, Style

Element = etree._Element  # noqa: SLF001  # lxml's own name for it
_PASSED_OVER: Final = frozenset(f"{W}{name}" for name in ("sectPr", "tblPr", "tblGrid", "sdtPr", "sdtEndPr", "pPr"))
_MOST_COLUMNS: Final = 63  # of a table in Word
_DELETED: Final = frozenset((f"{W}del", f"{W}moveFrom"))


def read_docx(data: bytes) -> Source:
    """Raises UnreadableManualError where it is no Word document."""
    drawing = Drawing("docx")
    with open_word(data) as parts:
        _Reader(parts, drawing).read()
    return drawing.source()


class _Reader:
    def __init__(self, parts: WordParts, drawing: Drawing) -> None:
        self._parts = parts
        self._drawing = drawing
        self._styles = WordStyles(parts.styles)
        self._numbers = WordNumbers(parts.numbering, self._styles)
        self._runs = WordRuns(drawing, self._styles, parts.targets)
        self._tables = 0
        self._open: Paragraph | None = None  # whose end a tracked change deleted: the next paragraph goes on with it

    def read(self) -> None:
        for text in self._parts.headers():
            self._drawing.say(text)
            self._drawing.end(Style(away=Reason.RUNNING_HEADER, paragraph=True))
        self._blocks(self._parts.body, None)
        for kind, name, note in self._parts.notes():
            number = self._runs.note(kind, name)
            for paragraph in note.iter(f"{W}p"):
                self._paragraph(paragraph, None, note=str(number))
        for paragraph in self._parts.comments():
            self._paragraph(paragraph, Reason.COMMENT)

    def _blocks(self, parent: Element, away: Reason | None) -> None:
        for element in parent:
            if element.tag == f"{W}p":
                self._paragraph(element, away)
            elif element.tag == f"{W}tbl":
                self._table(element, away)
            elif element.tag == f"{W}sdt":
                gallery = element.find(f"{W}sdtPr/{W}docPartObj/{W}docPartGallery")
                contents = gallery is not None and gallery.get(f"{W}val") == "Table of Contents"
                self._blocks(element, Reason.CONTENTS_PAGE if contents else away)
            elif element.tag == f"{W}altChunk":
                self._doubt(DoubtKind.EMBEDDED, "a document put into this one is not read: save this one in Word again")
            elif element.tag == runs.ALTERNATE:
                self._blocks(runs.chosen(element), away)
            elif isinstance(element.tag, str) and element.tag not in _PASSED_OVER:
                self._blocks(element, Reason.DELETED_TEXT if element.tag in _DELETED else away)

    def _paragraph(self, element: Element, away: Reason | None, note: str | None = None) -> None:
        paragraph, self._open = self._open or Paragraph(), None
        name = self._styles.of(element)
        away = away or (Reason.CONTENTS_PAGE if self._styles.contents(name) else None)
        self._runs.inline(element, Run(strong=self._styles.strong(name)), paragraph)
        if runs.end_deleted(element) and away is None:
            self._open = paragraph
            return
        label: str | None = None
        item: int | None = None
        if note is None and away is None:
            number, depth = self._styles.numbering(element, name)
            if number is not None:
                depth = self._numbers.depth(number, name, depth)
                label, listed = self._numbers.next(number, depth)
                item = depth if listed else None
        heading = self._styles.heading(element, name) if note is None else None
        style = Style(
            heading=heading, item=item if heading is None else None, label=label, note=note,
            strong=None if paragraph.bold else paragraph.strong, away=away, paragraph=True,
            anchors=tuple(paragraph.anchors), bold=paragraph.bold,
        )  # fmt: skip
        self._drawing.end(style)
        self._after(paragraph, away)

    def _after(self, paragraph: Paragraph, away: Reason | None) -> None:
        """What stands beside a paragraph: the words of its boxes and of its drawings, read after it."""
        for box in paragraph.boxes:
            self._blocks(box, away)
        for name in paragraph.diagrams:
            for text in self._parts.diagram(name):
                self._drawing.say(text)
                self._drawing.end(Style(paragraph=True, away=away))

    def _table(self, table: Element, away: Reason | None) -> None:
        """A row is a line. A table within a cell is read after it, as a table of its own."""
        self._tables += 1
        number, within, beside = self._tables, list[Element](), list[tuple[Paragraph, Reason | None]]()
        for row in table.iter(f"{W}tr"):
            if _nearest(row, f"{W}tbl") is not table:
                continue
            gone = row.find(f"{W}trPr/{W}del") is not None
            if gone:
                words = " ".join(part.text or "" for part in row.iter(f"{W}t", f"{W}delText"))
                told = f"a row deleted by a tracked change, and reported: {words.strip()[:80]}"
                self._doubt(DoubtKind.DELETED_TEXT, told)
            why = Reason.DELETED_TEXT if gone else away
            paragraph, cells = Paragraph(), []
            for place, cell in enumerate(one for one in row.iter(f"{W}tc") if _nearest(one, f"{W}tr") is row):
                if place:
                    self._drawing.say("\t")
                start = self._drawing.place
                self._cell(cell, start, paragraph, within)
                cells.append((start, self._drawing.place))
                for _ in range(_columns(cell) - 1):
                    self._drawing.say("\t")
                    cells.append((self._drawing.place, self._drawing.place))
            anchors = tuple(paragraph.anchors)
            self._drawing.end(Style(cells=tuple(cells), table=number, paragraph=True, away=why, anchors=anchors))
            beside.append((paragraph, why))
        for one in within:
            self._table(one, away)
        for paragraph, why in beside:
            self._after(paragraph, why)

    def _cell(self, parent: Element, start: int, paragraph: Paragraph, within: list[Element]) -> None:
        """The paragraphs of a cell on one line; items with their bullet or number, as they are seen."""
        for element in parent:
            if element.tag == f"{W}p":
                if self._drawing.place > start:
                    self._drawing.say(" ")
                name = self._styles.of(element)
                number, depth = self._styles.numbering(element, name)
                if number is not None and _words(element):
                    label, listed = self._numbers.next(number, self._numbers.depth(number, name, depth))
                    self._drawing.say(f"{label} " if label else "• " if listed else "")
                self._runs.inline(element, Run(strong=self._styles.strong(name)), paragraph, breaks=False)
            elif element.tag == f"{W}tbl":
                within.append(element)
            elif isinstance(element.tag, str) and element.tag not in _PASSED_OVER | {f"{W}tcPr"}:
                self._cell(element, start, paragraph, within)

    def _doubt(self, kind: DoubtKind, told: str) -> None:
        self._drawing.doubts.append(Doubt(self._drawing.number, kind, told))


def _columns(cell: Element) -> int:
    """Over how many columns a cell reaches."""
    said = inner(cell.find(f"{W}tcPr"), "gridSpan") or ""
    return min(int(said), _MOST_COLUMNS) if said.isdecimal() and len(said) < 6 else 1


def _nearest(element: Element, tag: str) -> Element | None:
    ancestors: Iterator[Element] = element.iterancestors(tag)
    return next(ancestors, None)


def _words(element: Element) -> bool:
    return any((part.text or "").strip() for part in element.iter(f"{W}t"))
