"""Plain text, as it was typed or as it was drawn out of a PDF or slides."""

import re
from typing import Final

from tenants.procedures.parsing.manual import Doubt, DoubtKind, Reason
from tenants.procedures.parsing.source import (
    Cut,
    Line,
    Link,
    Source,
    Style,
    UnreadableManualError,
    plain_lines,
    without,
)

_UTF_8: Final = b"\xef\xbb\xbf"
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x7f]")
_STRONG = re.compile(r"(\*\*)(?=\S)([^*]{1,200}?)(?<=\S)(\*\*)")
_EMPHASIS = re.compile(r"(?<![*\w])(\*)(?=[^\s*])([^*]{1,200}?)(?<=[^\s*])(\*)(?![*\w])")
_LINK = re.compile(r"(\[)([^\]\[]{1,200})(\]\(([^)\s]{1,500})\))")


def read_text(data: bytes) -> Source:
    """Raises UnreadableManualError where the bytes are not text."""
    text, doubts = decode(data)
    return source_of(text, doubts)


def source_of(text: str, doubts: tuple[Doubt, ...] = ()) -> Source:
    """A text as a source. Marks of emphasis and links that a conversion left in it are markup, and cut."""
    marked = len(_STRONG.findall(text)) >= 2 or _LINK.search(text) is not None
    lines = []
    for number, start, stop, end, page_ends in plain_lines(text):
        cuts, links, strong = inline_markup(text, start, stop) if marked else ((), (), None)
        content = without(text, start, stop, cuts) if cuts else text[start:stop]
        style = Style(strong=strong - _cut_before(cuts, strong)) if strong is not None else Style()
        lines.append(Line(number, start, end, content, style, cuts, links, page_ends))
    return Source("text", text, tuple(lines), doubts=doubts)


def _cut_before(cuts: tuple[Cut, ...], place: int) -> int:
    return sum(cut.end - cut.start for cut in cuts if cut.start < place)


def inline_markup(text: str, start: int, stop: int) -> tuple[tuple[Cut, ...], tuple[Link, ...], int | None]:
    """Cuts for ** and * around words and for the target of a link, the links, and where leading bold text ends."""
    cuts: list[Cut] = []
    links: list[Link] = []
    strong: int | None = None
    for found in _STRONG.finditer(text, start, stop):
        cuts += [Cut(*found.span(1), Reason.MARKUP), Cut(*found.span(3), Reason.MARKUP)]
        if strong is None and not any(letter.isalpha() for letter in text[start : found.start()]):
            strong = found.end(2)
    for found in _EMPHASIS.finditer(text, start, stop):
        cuts += [Cut(*found.span(1), Reason.MARKUP), Cut(*found.span(3), Reason.MARKUP)]
    for found in _LINK.finditer(text, start, stop):
        cuts += [Cut(*found.span(1), Reason.MARKUP), Cut(*found.span(3), Reason.MARKUP)]
        links.append(Link(found.start(2), found.end(2), found[4]))
    return tuple(_apart(sorted(cuts, key=lambda cut: cut.start))), tuple(links), strong


def _apart(cuts: list[Cut]) -> list[Cut]:
    """Without those that begin within another."""
    kept: list[Cut] = []
    for cut in cuts:
        if not kept or cut.start >= kept[-1].end:
            kept.append(cut)
    return kept


def decode(data: bytes) -> tuple[str, tuple[Doubt, ...]]:
    """The text of UTF-8, of UTF-16 with its mark, or failing these of Windows-1252, which is a doubt."""
    doubts: tuple[Doubt, ...] = ()
    try:
        wide = data.startswith(_UTF_16)
        text = data.decode("utf-16") if wide else data.removeprefix(_UTF_8).decode("utf-8")
    except UnicodeDecodeError as error:
        text = data.decode("cp1252", errors="replace")
        line = data[: error.start].count(b"\n") + 1
        told = "not UTF-8, read as Windows-1252: look at its dashes, quotation marks and accents"
        doubts = (Doubt(line, DoubtKind.ENCODING, told),)
    if "\x00" in text or len(_CONTROL.findall(text[:100_000])) * 50 > min(len(text), 100_000):
        raise UnreadableManualError("It is not text. Save the manual as .docx, .odt, .html, .md or .txt.")
    return text, doubts
