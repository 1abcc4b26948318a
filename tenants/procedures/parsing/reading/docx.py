"""Word's .docx. The source is the text drawn out: a line for each paragraph, a tab between cells.

Text that a tracked change inserted is read, what it deleted is reported, and both are doubts. Numbers that Word
counts are counted as it does. Headers, footers, comments and contents pages are reported.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, Final
from zipfile import BadZipFile

import docx
from docx.opc.exceptions import PackageNotFoundError
from lxml import etree

from tenants.procedures.parsing.manual import Doubt, DoubtKind, Reason
from tenants.procedures.parsing.reading.drawing import Drawing
from tenants.procedures.parsing.reading.word_numbers import W, WordNumbers
from tenants.procedures.parsing.reading.word_styles import WordStyles
from tenants.procedures.parsing.source import Source, Style, UnreadableManualError

_R: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_MC: Final = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_NOTES: Final = (("footnotes", "footnote"), ("endnotes", "endnote"))
_DAMAGED: Final = "It is damaged, or no Word document. Open it in Word and save it again as .docx."


def read_docx(data: bytes) -> Source:
    """Raises UnreadableManualError where it is no Word document."""
    try:
        document = docx.Document(BytesIO(data))
        drawing = Drawing("docx")
        _Reader(document, drawing).read()
    except (PackageNotFoundError, KeyError, ValueError, BadZipFile, etree.LxmlError, AttributeError) as error:
        raise UnreadableManualError(_DAMAGED) from error
    return drawing.source()


@dataclass(slots=True)
class _Run:
    """What holds for the text about to be said."""

    target: str | None = None
    away: Reason | None = None
    inserted: bool = False


@dataclass(slots=True)
class _Paragraph:
    anchors: list[str] = field(default_factory=list)
    strong: int | None = None
    all_strong: bool = True
    boxes: list[etree._Element] = field(default_factory=list)


class _Reader:
    def __init__(self, document: Any, drawing: Drawing) -> None:
        self._document = document
        self._drawing = drawing
        self._parts: dict[str, etree._Element] = {}
        self._targets: dict[str, str] = {}
        for name, relation in document.part.rels.items():
            if relation.is_external:
                self._targets[name] = relation.target_ref
            elif relation.reltype.rsplit("/", 1)[-1] in ("numbering", "footnotes", "endnotes", "comments"):
                self._parts[relation.reltype.rsplit("/", 1)[-1]] = _root(relation.target_part)
        self._styles = WordStyles(document.styles.element)
        self._numbers = WordNumbers(self._parts.get("numbering"))
        self._tables = 0
        self._notes: dict[tuple[str, str], int] = {}

    def read(self) -> None:
        self._headers()
        self._blocks(self._document.element.body, None)
        for part, tag in _NOTES:
            for note in self._parts[part].iterchildren(f"{W}{tag}") if part in self._parts else ():
                number = self._notes.get((tag, note.get(f"{W}id") or ""))
                for paragraph in note.iterchildren(f"{W}p") if number is not None else ():
                    self._paragraph(paragraph, None, note=str(number))
        comments = self._parts.get("comments")
        for paragraph in comments.iter(f"{W}p") if comments is not None else ():
            self._paragraph(paragraph, Reason.COMMENT)

    def _headers(self) -> None:
        """Each header and footer once, however many sections share it."""
        seen: set[str] = set()
        for section in self._document.sections:
            for part in (section.header, section.footer, section.first_page_header, section.first_page_footer):
                for paragraph in part.paragraphs if not part.is_linked_to_previous else ():
                    text = paragraph.text.strip()
                    if text and text not in seen:
                        seen.add(text)
                        self._drawing.say(text)
                        self._drawing.end(Style(away=Reason.RUNNING_HEADER, paragraph=True))

    def _blocks(self, parent: etree._Element, away: Reason | None) -> None:
        for element in parent:
            if element.tag == f"{W}p":
                self._paragraph(element, away)
            elif element.tag == f"{W}tbl":
                self._table(element, away)
            elif element.tag == f"{W}sdt":
                gallery = element.find(f"{W}sdtPr/{W}docPartObj/{W}docPartGallery")
                contents = gallery is not None and gallery.get(f"{W}val") == "Table of Contents"
                content = element.find(f"{W}sdtContent")
                if content is not None:
                    self._blocks(content, Reason.CONTENTS_PAGE if contents else away)
            elif element.tag in (f"{W}ins", f"{W}moveTo", f"{W}customXml"):
                self._blocks(element, away)
            elif element.tag in (f"{W}del", f"{W}moveFrom"):
                self._blocks(element, Reason.DELETED_TEXT)

    def _paragraph(self, element: etree._Element, away: Reason | None, note: str | None = None) -> None:
        paragraph = _Paragraph()
        name = self._styles.of(element)
        away = away or (Reason.CONTENTS_PAGE if self._styles.contents(name) else None)
        self._inline(element, _Run(away=None), paragraph)
        label: str | None = None
        item: int | None = None
        if note is None and away is None:
            number, depth = self._styles.numbering(element, name)
            if number is not None:
                label, listed = self._numbers.next(number, depth)
                item = depth if listed else None
        heading = self._styles.heading(element, name)
        strong = None if paragraph.all_strong else paragraph.strong
        style = Style(
            heading=heading if note is None else None, item=item if heading is None else None, label=label, note=note,
            strong=strong, away=away, paragraph=True, anchors=tuple(paragraph.anchors),
        )  # fmt: skip
        self._drawing.end(style)
        for box in paragraph.boxes:
            self._blocks(box, away)

    def _inline(self, parent: etree._Element, run: _Run, paragraph: _Paragraph) -> None:
        for element in parent:
            tag = element.tag
            if tag == f"{W}r":
                self._run(element, run, paragraph)
            elif tag == f"{W}hyperlink":
                anchor, relation = element.get(f"{W}anchor"), element.get(f"{_R}id")
                target = f"#{anchor}" if anchor else self._targets.get(relation or "")
                self._inline(element, _Run(target, run.away, run.inserted), paragraph)
            elif tag in (f"{W}ins", f"{W}moveTo"):
                self._changed(element, DoubtKind.INSERTED_TEXT, "inserted by a tracked change, and read")
                self._inline(element, _Run(run.target, run.away, inserted=True), paragraph)
            elif tag in (f"{W}del", f"{W}moveFrom"):
                self._changed(element, DoubtKind.DELETED_TEXT, "deleted by a tracked change, and reported")
                self._inline(element, _Run(run.target, Reason.DELETED_TEXT), paragraph)
            elif tag == f"{W}bookmarkStart":
                paragraph.anchors.append(element.get(f"{W}name") or "")
            elif tag in (f"{W}smartTag", f"{W}sdt", f"{W}sdtContent", f"{W}fldSimple", f"{W}customXml"):
                self._inline(element, run, paragraph)

    def _changed(self, element: etree._Element, kind: DoubtKind, told: str) -> None:
        text = "".join(part.text or "" for part in element.iter(f"{W}t", f"{W}delText")).strip()
        if text:
            self._drawing.doubts.append(Doubt(self._drawing.number, kind, f"{told}: {text[:80]}"))

    def _run(self, element: etree._Element, run: _Run, paragraph: _Paragraph) -> None:
        properties = element.find(f"{W}rPr")
        strong = properties is not None and _on(properties, "b")
        if properties is not None and _on(properties, "vanish"):
            hidden = "".join(part.text or "" for part in element.iter(f"{W}t"))
            if hidden.strip():
                told = f"hidden in Word, and read: {hidden.strip()[:80]}"
                self._drawing.doubts.append(Doubt(self._drawing.number, DoubtKind.HIDDEN_TEXT, told))
        for part in _parts(element):
            text = self._text(part, paragraph)
            fresh = self._drawing.place == self._drawing.open_from
            self._drawing.say(
                text, away=run.away or (Reason.MARKUP if part.tag == f"{W}instrText" else None), target=run.target
            )
            if text.strip() and strong and (fresh or paragraph.strong is not None):
                paragraph.strong = self._drawing.place if fresh or paragraph.strong is not None else None
            elif text.strip() and not strong:
                paragraph.all_strong = False
                paragraph.strong = paragraph.strong

    def _text(self, part: etree._Element, paragraph: _Paragraph) -> str:
        name = etree.QName(part).localname
        if name in ("t", "delText", "instrText"):
            return part.text or ""
        if name in ("footnoteReference", "endnoteReference"):
            number = len(self._notes) + 1
            self._notes[name.removesuffix("Reference"), part.get(f"{W}id") or ""] = number
            return f"[{number}]"
        if name in ("drawing", "pict", "AlternateContent"):
            chosen = part.find(f"{_MC}Choice") if name == "AlternateContent" else part
            paragraph.boxes += list((chosen if chosen is not None else part).iter(f"{W}txbxContent"))
            return ""
        return {"tab": "\t", "br": " ", "cr": " ", "noBreakHyphen": "-", "softHyphen": "\u00ad"}.get(name, "")

    def _table(self, table: etree._Element, away: Reason | None) -> None:
        """A row is a line. A table within a cell is read after it, as a table of its own."""
        self._tables += 1
        number, within = self._tables, []
        for row in table.iter(f"{W}tr"):
            if next(row.iterancestors(f"{W}tbl"), None) is not table:
                continue
            cells = []
            for place, cell in enumerate(row.iterchildren(f"{W}tc")):
                if place:
                    self._drawing.say("\t")
                start = self._drawing.place
                for count, inner in enumerate(cell.iterchildren(f"{W}p")):
                    if count and self._drawing.place > start:
                        self._drawing.say(" ")
                    self._inline(inner, _Run(), _Paragraph())
                cells.append((start, self._drawing.place))
                within += list(cell.iterchildren(f"{W}tbl"))
            self._drawing.end(Style(cells=tuple(cells), table=number, paragraph=True, away=away))
        for inner in within:
            self._table(inner, away)


def _parts(run: etree._Element) -> Iterator[etree._Element]:
    for part in run:
        if isinstance(part.tag, str):
            yield part


def _on(properties: etree._Element, name: str) -> bool:
    found = properties.find(f"{W}{name}")
    return found is not None and found.get(f"{W}val") not in ("0", "false", "off")


def _root(part: Any) -> etree._Element:
    element = getattr(part, "element", None)
    if element is not None:
        return element  # type: ignore[no-any-return]  # python-docx parsed it
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    return etree.fromstring(part.blob, parser)
