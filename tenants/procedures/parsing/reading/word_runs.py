"""The runs of a Word paragraph: their words, their marks of change and of hiding, and what is drawn beside them."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from lxml import etree

from tenants.procedures.parsing.manual import Doubt, DoubtKind, Reason
from tenants.procedures.parsing.notes import RAISED
from tenants.procedures.parsing.reading.drawing import Drawing
from tenants.procedures.parsing.reading.word_elements import W, is_on
from tenants.procedures.parsing.reading.word_styles import WordStyles

_R: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_MC: Final = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_M: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
ALTERNATE: Final = f"{_MC}AlternateContent"
_SIGNS: Final = {"tab": "\t", "ptab": "\t", "cr": " ", "noBreakHyphen": "-", "softHyphen": "\u00ad"}
_WORDS: Final = ("t", "delText", "instrText", "delInstrText")
_PASSED_OVER: Final = frozenset(
    f"{W}{name}" for name in ("pPr", "rPr", "sdtPr", "sdtEndPr", "smartTagPr", "customXmlPr", "fldData")
)
_PICTURES: Final = frozenset(("pic", "imagedata", "relIds", "chart", "OLEObject"))


@dataclass(frozen=True, slots=True)
class Run:
    """What holds for the text about to be said."""

    target: str | None = None
    away: Reason | None = None
    strong: bool = False


@dataclass(slots=True)
class Paragraph:
    """What its runs said of it. ``strong`` is where bold text that opens it ends."""

    anchors: list[str] = field(default_factory=list)
    strong: int | None = None
    plain: bool = False
    said: bool = False
    boxes: list[etree._Element] = field(default_factory=list)
    diagrams: list[str] = field(default_factory=list)

    @property
    def bold(self) -> bool:
        """Whether all of it is bold or underlined."""
        return self.said and not self.plain


class WordRuns:
    def __init__(self, drawing: Drawing, styles: WordStyles, targets: dict[str, str]) -> None:
        self._drawing = drawing
        self._styles = styles
        self._targets = targets
        self._notes: dict[tuple[str, str], int] = {}

    def note(self, kind: str, name: str) -> int:
        """The number of a note, in the order in which the text refers to them; the others come after."""
        return self._notes.setdefault((kind, name), len(self._notes) + 1)

    def inline(self, parent: etree._Element, run: Run, paragraph: Paragraph, *, breaks: bool = True) -> None:
        """Say what a paragraph holds; with ``breaks`` its lines are ended where it breaks them."""
        for element in parent:
            tag = element.tag
            if tag == f"{W}r":
                self._run(element, run, paragraph, breaks=breaks)
                continue
            if tag == f"{W}bookmarkStart":
                paragraph.anchors.append(element.get(f"{W}name") or "")
            elif tag == f"{_M}t":
                self._drawing.say(element.text or "", away=run.away)
            elif tag == f"{W}subDoc":
                self._doubt(DoubtKind.EMBEDDED, "a chapter kept in a file of its own is not read: import that file too")
            elif tag == ALTERNATE:
                self._drawn(element, paragraph)
            elif isinstance(tag, str) and tag not in _PASSED_OVER:
                self.inline(element, self._within(element, run), paragraph, breaks=breaks)

    def _within(self, element: etree._Element, run: Run) -> Run:
        """What holds within a link or a tracked change; anything else changes nothing."""
        if element.tag == f"{W}hyperlink":
            anchor, relation = element.get(f"{W}anchor"), element.get(f"{_R}id")
            return replace(run, target=f"#{anchor}" if anchor else self._targets.get(relation or ""))
        if element.tag in (f"{W}ins", f"{W}moveTo"):
            self._changed(element, DoubtKind.INSERTED_TEXT, "inserted by a tracked change, and read")
        elif element.tag in (f"{W}del", f"{W}moveFrom"):
            self._changed(element, DoubtKind.DELETED_TEXT, "deleted by a tracked change, and reported")
            return replace(run, away=Reason.DELETED_TEXT)
        return run

    def _changed(self, element: etree._Element, kind: DoubtKind, told: str) -> None:
        text = "".join(part.text or "" for part in element.iter(f"{W}t", f"{W}delText")).strip()
        if text:
            self._doubt(kind, f"{told}: {text[:80]}")

    def _run(self, element: etree._Element, run: Run, paragraph: Paragraph, *, breaks: bool) -> None:
        properties = element.find(f"{W}rPr")
        strong = self._styles.run_strong(properties, otherwise=run.strong)
        self._unseen(element, properties)
        raised = properties is not None and _raised(properties)
        underlined = properties is not None and properties.find(f"{W}u") is not None
        for part in element:
            if not isinstance(part.tag, str) or part.tag in _PASSED_OVER:
                continue
            if part.tag == f"{W}br" and breaks and part.get(f"{W}type") is None:
                self._drawing.break_line()
                continue
            text = self._text(part, paragraph)
            if raised and text.strip().isdigit():
                text = text.strip().translate(RAISED)
            fresh = self._drawing.place == self._drawing.open_from
            code = part.tag in (f"{W}instrText", f"{W}delInstrText")
            self._drawing.say(text, away=run.away or (Reason.MARKUP if code else None), target=run.target)
            if not text.strip() or run.away is not None or code:
                continue
            paragraph.said = True
            paragraph.plain = paragraph.plain or not (strong or underlined)
            if strong and (fresh or paragraph.strong is not None) and not paragraph.plain:
                paragraph.strong = self._drawing.place

    def _unseen(self, element: etree._Element, properties: etree._Element | None) -> None:
        text = "".join(part.text or "" for part in element.iter(f"{W}t")).strip()
        if properties is None or not text:
            return
        if is_on(properties, "vanish"):
            self._doubt(DoubtKind.HIDDEN_TEXT, f"hidden in Word, and read: {text[:80]}")
        if is_on(properties, "strike") or is_on(properties, "dstrike"):
            self._doubt(DoubtKind.STRUCK_TEXT, f"struck through, and read: {text[:80]}")

    def _text(self, part: etree._Element, paragraph: Paragraph) -> str:
        name = etree.QName(part).localname
        if name in _WORDS:
            return part.text or ""
        if name in ("footnoteReference", "endnoteReference"):
            return f"[{self.note(name.removesuffix('Reference'), part.get(f'{W}id') or '')}]"
        if name in ("drawing", "pict", "object", "AlternateContent"):
            self._drawn(part, paragraph)
            return ""
        if name == "sym":
            return _sign(part.get(f"{W}char") or "")
        if name == "br":
            return " "
        return _SIGNS.get(name) or ("".join(word.text or "" for word in part.iter(f"{W}t")) if len(part) else "")

    def _drawn(self, part: etree._Element, paragraph: Paragraph) -> None:
        """Boxes of text are read after the paragraph; a picture is told, with the words that describe it."""
        shown = chosen(part)
        paragraph.boxes += [box for box in shown.iter(f"{W}txbxContent") if _outermost(box)]
        names = {etree.QName(each).localname: each for each in shown.iter() if isinstance(each.tag, str)}
        if "relIds" in names:
            paragraph.diagrams.append(names["relIds"].get(f"{_R}dm") or "")
        if not _PICTURES & names.keys():
            return
        described = next((each.get("descr") or each.get("title") for each in shown.iter() if each.get("descr")), None)
        if "relIds" in names:
            told = "a drawing: its words are read in the order in which they are kept, and its arrows are not"
        else:
            told = "an embedded file is not read" if "OLEObject" in names else "a picture is not read"
        self._doubt(DoubtKind.FIGURE_MISSING, f"{told}{': ' + described[:120] if described else ''}")

    def _doubt(self, kind: DoubtKind, told: str) -> None:
        self._drawing.doubts.append(Doubt(self._drawing.number, kind, told))


def _raised(properties: etree._Element) -> bool:
    found = properties.find(f"{W}vertAlign")
    return found is not None and found.get(f"{W}val") == "superscript"


def chosen(element: etree._Element) -> etree._Element:
    """Of two ways in which the same is kept the first."""
    choice = element.find(f"{_MC}Choice") if element.tag == ALTERNATE else None
    return element if choice is None else choice


def end_deleted(paragraph: etree._Element) -> bool:
    """Whether a tracked change deleted the end of the paragraph, so that the next goes on with it."""
    properties = paragraph.find(f"{W}pPr/{W}rPr")
    return properties is not None and any(properties.find(f"{W}{name}") is not None for name in ("del", "moveFrom"))


def _outermost(box: etree._Element) -> bool:
    ancestors: Iterator[etree._Element] = box.iterancestors(f"{W}txbxContent")
    return next(ancestors, None) is None


def _sign(code: str) -> str:
    """A sign of a font of signs: of a private place, where lists have their bullets."""
    try:
        return chr(int(code, 16))
    except ValueError:
        return ""
