"""The words of an OpenDocument paragraph: spaces, notes, comments, changes, what is hidden, struck out or drawn."""

from dataclasses import replace
from typing import Final

from lxml import etree

from tenants.procedures.parsing.manual import Doubt, DoubtKind, Reason
from tenants.procedures.parsing.reading.drawing import Drawing
from tenants.procedures.parsing.reading.odt_lists import OFFICE, TEXT, whole
from tenants.procedures.parsing.reading.odt_looks import OdtLooks, Shown
from tenants.procedures.parsing.source import Style, UnreadableManualError

DRAW: Final = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
_SVG: Final = "{urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0}"
_XLINK: Final = "{http://www.w3.org/1999/xlink}"
_XML: Final = "{http://www.w3.org/XML/1998/namespace}"
_DEEPEST: Final = 60
_PLAIN: Final = Shown()


class OdtWords:
    """Says paragraphs; ``footnotes`` grows by the notes that they refer to."""

    def __init__(self, drawing: Drawing, looks: OdtLooks) -> None:
        self.footnotes: list[etree._Element] = []
        self._drawing = drawing
        self._looks = looks
        self._insertions: set[str] = set()
        self._inserting: set[str] = set()
        self._inserted: list[str] = []
        self._anchors: list[str] = []
        self._boxes: list[etree._Element] = []
        self._plain = False
        self._strong: int | None = None
        self._cell = False

    def changes(self, element: etree._Element) -> None:
        """Learn which changes were insertions."""
        for region in element.iterchildren(f"{TEXT}changed-region"):
            if region.find(f"{TEXT}insertion") is not None:
                self._insertions.add(region.get(f"{TEXT}id") or region.get(f"{_XML}id") or "")

    def change(self, element: etree._Element) -> None:
        """An insertion begins or ends here."""
        name = element.get(f"{TEXT}change-id") or ""
        if element.tag == f"{TEXT}change-end":
            self._inserting.discard(name)
        elif name in self._insertions:
            self._inserting.add(name)

    def anchors(self) -> tuple[str, ...]:
        """The names of places since the last paragraph."""
        found, self._anchors = tuple(self._anchors), []
        return found

    def paragraph(self, element: etree._Element, shown: Shown, style: Style) -> list[etree._Element]:
        """Say a paragraph as a line of this style. Returns the boxes of text beside it, which are to be read next."""
        self._boxes, self._plain, self._strong, self._cell = [], False, None, False
        begun = self._drawing.place
        self._inline(element, None, shown, 0)
        said = self._drawing.place > begun
        bold = said and not self._plain
        self._tell_inserted()
        self._drawing.end(replace(style, anchors=self.anchors(), bold=bold, strong=None if bold else self._strong))
        return self._boxes

    def in_cell(self, element: etree._Element) -> list[etree._Element]:
        """Say a paragraph on the line of its row. Returns the boxes beside it."""
        self._boxes, self._cell = [], True
        shown = self._looks.of("paragraph", element.get(f"{TEXT}style-name"), _PLAIN)
        self._inline(element, None, shown, 0)
        self._tell_inserted()
        return self._boxes

    def frame(self, frame: etree._Element) -> None:
        """Tell of a picture, with the words that describe it."""
        described = " ".join(words_of(part) for part in frame.iterchildren(f"{_SVG}title", f"{_SVG}desc"))
        pictured = frame.find(f"{DRAW}image") is not None or frame.find(f"{DRAW}object") is not None
        if pictured and frame.find(f"{DRAW}text-box") is None:
            told = f"a picture is not read{': ' + described[:120] if described else ''}"
            self._doubt(DoubtKind.FIGURE_MISSING, told)

    def _tell_inserted(self) -> None:
        if text := "".join(self._inserted).strip():
            self._doubt(DoubtKind.INSERTED_TEXT, f"inserted by a tracked change, and read: {text[:80]}")
        self._inserted = []

    def _inline(self, element: etree._Element, target: str | None, shown: Shown, deep: int) -> None:
        if deep > _DEEPEST:
            raise UnreadableManualError("Its text is nested too deep to be a manual's. Save it again.")
        self._say(element.text, target, shown)
        for child in element:
            name = etree.QName(child).localname if isinstance(child.tag, str) else ""
            if not self._sign(child, name):
                link = child.get(f"{_XLINK}href") if child.tag == f"{TEXT}a" else target
                inner = self._looks.of("text", child.get(f"{TEXT}style-name"), shown) if name == "span" else shown
                if name == "span":
                    self._unseen(child, inner, shown)
                if name:
                    self._inline(child, link, inner, deep + 1)
            self._say(child.tail, target, shown)

    def _sign(self, child: etree._Element, name: str) -> bool:
        """Whether the element is said otherwise than by its text: a space, a note, a comment, a drawing."""
        if self._space(child, name):
            return True
        if child.tag == f"{TEXT}note":
            self.footnotes.append(child)
            self._drawing.say(f"[{len(self.footnotes)}]")
        elif child.tag == f"{OFFICE}annotation":
            self._drawing.say(" ".join(words_of(part) for part in child if words_of(part)), away=Reason.COMMENT)
        elif name in ("bookmark", "bookmark-start"):
            self._anchors.append(child.get(f"{TEXT}name") or "")
        elif name in ("change-start", "change-end"):
            self.change(child)
        elif isinstance(child.tag, str) and child.tag.startswith(DRAW) and child.tag != f"{DRAW}a":
            for part in child.iter(f"{_SVG}title", f"{_SVG}desc"):
                self._drawing.say(f" {words_of(part)}", away=Reason.PICTURE)
            for frame in child.iter(f"{DRAW}frame"):
                self.frame(frame)
            self._boxes.append(child)
        else:
            return False
        return True

    def _space(self, child: etree._Element, name: str) -> bool:
        if child.tag == f"{TEXT}s":
            self._drawing.say(" " * min(whole(child, "c"), 100))
        elif child.tag == f"{TEXT}line-break" and not self._cell:
            self._drawing.break_line()
        elif name in ("tab", "line-break"):
            self._drawing.say("\t" if name == "tab" and not self._cell else " ")
        else:
            return False
        return True

    def _say(self, text: str | None, target: str | None, shown: Shown) -> None:
        words = _single(text)
        fresh = self._drawing.place == self._drawing.open_from
        self._drawing.say(words, target=target)
        if not words.strip():
            return
        if self._inserting:
            self._inserted.append(words)
        self._plain = self._plain or not shown.bold
        if shown.bold and not self._plain and (fresh or self._strong is not None):
            self._strong = self._drawing.place

    def _unseen(self, span: etree._Element, shown: Shown, before: Shown) -> None:
        if not (text := words_of(span)):
            return
        if shown.hidden and not before.hidden:
            self._doubt(DoubtKind.HIDDEN_TEXT, f"hidden in the document, and read: {text[:80]}")
        if shown.struck and not before.struck:
            self._doubt(DoubtKind.STRUCK_TEXT, f"struck through, and read: {text[:80]}")

    def _doubt(self, kind: DoubtKind, told: str) -> None:
        self._drawing.doubts.append(Doubt(self._drawing.number, kind, told))


def words_of(element: etree._Element) -> str:
    """All its text, white space made single."""
    return " ".join("".join(str(part) for part in element.itertext()).split())


def _single(text: str | None) -> str:
    """White space in OpenDocument's XML counts once, whatever it is."""
    if not text:
        return ""
    made = " ".join(text.split())
    return f"{' ' if text[:1].isspace() else ''}{made}{' ' if made and text[-1:].isspace() else ''}"
