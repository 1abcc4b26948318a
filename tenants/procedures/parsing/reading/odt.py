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
from tenants.procedures.parsing.reading.drawing import Drawing
from tenants.procedures.parsing.reading.odt_lists import OFFICE, STYLE, TABLE, TEXT, OdtLists
from tenants.procedures.parsing.source import Source, Style, UnreadableManualError

_XLINK: Final = "{http://www.w3.org/1999/xlink}"
_DAMAGED: Final = "It is damaged, or no OpenDocument text. Open it in its own program and save it again as .odt."
_INDEXES: Final = frozenset(
    f"{TEXT}{name}"
    for name in ("table-of-content", "alphabetical-index", "illustration-index", "table-index", "user-index")
)
_DEEPEST: Final = 60


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
    reader = _Reader(drawing, OdtLists(content, styles))
    reader.headers(styles)
    reader.blocks(body, None, 0)
    reader.notes()
    return drawing.source()


def _parsed(part: str | bytes | None) -> etree._Element:
    if part is None:
        raise KeyError
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    return etree.fromstring(part if isinstance(part, bytes) else part.encode("utf-8"), parser)


class _Reader:
    def __init__(self, drawing: Drawing, lists: OdtLists) -> None:
        self._drawing = drawing
        self._lists = lists
        self._tables = 0
        self._footnotes: list[etree._Element] = []
        self._anchors: list[str] = []
        self._strong: int | None = None

    def headers(self, styles: etree._Element) -> None:
        seen: set[str] = set()
        for page in styles.iter(f"{STYLE}header", f"{STYLE}footer"):
            for paragraph in page.iter(f"{TEXT}p"):
                text = " ".join("".join(str(part) for part in paragraph.itertext()).split())
                if text and text not in seen:
                    seen.add(text)
                    self._drawing.say(text)
                    self._drawing.end(Style(away=Reason.RUNNING_HEADER, paragraph=True))

    def blocks(self, parent: etree._Element, away: Reason | None, deep: int) -> None:
        if deep > _DEEPEST:
            raise UnreadableManualError("Its parts are nested too deep to be a manual's. Save it again.")
        for element in parent:
            tag = element.tag
            if tag == f"{TEXT}h":
                level = element.get(f"{TEXT}outline-level") or "1"
                depth = int(level) if level.isdigit() else 1
                label = (
                    self._lists.heading(depth)
                    if away is None and element.get(f"{TEXT}is-list-header") != "true"
                    else None
                )
                self._paragraph(element, Style(heading=depth, label=label, away=away, paragraph=True))
            elif tag == f"{TEXT}p":
                self._paragraph(element, Style(away=away, paragraph=True))
            elif tag == f"{TEXT}list":
                self._list(element, away, element.get(f"{TEXT}style-name"), 0, deep)
            elif tag == f"{TABLE}table":
                self._table(element, away)
            elif tag == f"{TEXT}tracked-changes":
                self._deleted(element)
            else:
                self.blocks(element, Reason.CONTENTS_PAGE if tag in _INDEXES else away, deep + 1)

    def _deleted(self, changes: etree._Element) -> None:
        for deletion in changes.iter(f"{TEXT}deletion"):
            for paragraph in deletion.iter(f"{TEXT}p", f"{TEXT}h"):
                text = "".join(str(part) for part in paragraph.itertext())
                if text.strip():
                    told = f"deleted by a tracked change, and reported: {text.strip()[:80]}"
                    self._drawing.doubts.append(Doubt(self._drawing.number, DoubtKind.DELETED_TEXT, told))
                    self._drawing.say(text)
                    self._drawing.end(Style(away=Reason.DELETED_TEXT, paragraph=True))

    def _list(self, element: etree._Element, away: Reason | None, name: str | None, depth: int, deep: int) -> None:
        if deep > _DEEPEST:
            raise UnreadableManualError("Its lists are nested too deep to be a manual's. Save it again.")
        counted = self._lists.begins(name, depth, on=element.get(f"{TEXT}continue-numbering") == "true")
        for item in element.iterchildren(f"{TEXT}list-item", f"{TEXT}list-header"):
            label = self._lists.next(name, depth, item.get(f"{TEXT}start-value")) if counted else None
            first = item.tag == f"{TEXT}list-item"
            for child in item:
                if child.tag in (f"{TEXT}p", f"{TEXT}h"):
                    if child.tag == f"{TEXT}h":
                        level = child.get(f"{TEXT}outline-level") or "1"
                        style = Style(
                            heading=int(level) if level.isdigit() else 1, label=label, away=away, paragraph=True
                        )
                    elif first:
                        style = Style(item=depth, label=label, away=away, paragraph=True)
                    else:
                        style = Style(inside=depth, away=away, paragraph=True)
                    first = False
                    self._paragraph(child, style)
                elif child.tag == f"{TEXT}list":
                    self._list(child, away, child.get(f"{TEXT}style-name") or name, depth + 1, deep + 1)
                else:
                    self.blocks(child, away, deep + 1)

    def _paragraph(self, element: etree._Element, style: Style) -> None:
        self._anchors = []
        self._inline(element, None)
        made = Style(
            style.heading, style.item, style.label, away=style.away, paragraph=True, anchors=tuple(self._anchors),
            inside=style.inside,
        )  # fmt: skip
        self._drawing.end(made)

    def _inline(self, element: etree._Element, target: str | None, deep: int = 0) -> None:
        if deep > _DEEPEST:
            raise UnreadableManualError("Its text is nested too deep to be a manual's. Save it again.")
        self._drawing.say(_single(element.text), target=target)
        for child in element:
            name = etree.QName(child).localname if isinstance(child.tag, str) else ""
            if child.tag == f"{TEXT}note":
                self._footnotes.append(child)
                self._drawing.say(f"[{len(self._footnotes)}]")
            elif name == "s":
                count = child.get(f"{TEXT}c") or "1"
                self._drawing.say(" " * min(int(count) if count.isdigit() else 1, 100))
            elif name in ("tab", "line-break"):
                self._drawing.say("\t" if name == "tab" else " ")
            elif name == "annotation":
                self._drawing.say(
                    " ".join("".join(str(part) for part in child.itertext()).split()), away=Reason.COMMENT
                )
            elif name in ("bookmark", "bookmark-start"):
                self._anchors.append(child.get(f"{TEXT}name") or "")
            elif name == "a":
                self._inline(child, child.get(f"{_XLINK}href"), deep + 1)
            elif name:
                self._inline(child, target, deep + 1)
            self._drawing.say(_single(child.tail), target=target)

    def _table(self, table: etree._Element, away: Reason | None) -> None:
        self._tables += 1
        number = self._tables
        for row in table.iter(f"{TABLE}table-row"):
            cells = []
            for place, cell in enumerate(row.iterchildren(f"{TABLE}table-cell", f"{TABLE}covered-table-cell")):
                if place:
                    self._drawing.say("\t")
                start = self._drawing.place
                for count, paragraph in enumerate(cell.iter(f"{TEXT}p", f"{TEXT}h")):
                    if count and self._drawing.place > start:
                        self._drawing.say(" ")
                    self._inline(paragraph, None)
                cells.append((start, self._drawing.place))
            self._drawing.end(Style(cells=tuple(cells), table=number, away=away, paragraph=True))

    def notes(self) -> None:
        for number, note in enumerate(self._footnotes, 1):
            body = note.find(f"{TEXT}note-body")
            for paragraph in body.iter(f"{TEXT}p") if body is not None else ():
                self._inline(paragraph, None)
                self._drawing.end(Style(note=str(number), paragraph=True))


def _single(text: str | None) -> str:
    """White space in OpenDocument's XML counts once, whatever it is."""
    if not text:
        return ""
    made = " ".join(text.split())
    return f"{' ' if text[:1].isspace() else ''}{made}{' ' if made and text[-1:].isspace() else ''}"
