"""Plain text, as it was typed or as it was drawn out of a PDF or slides."""

import re
from typing import Final

from tenants.procedures.parsing.characters import INVISIBLE
from tenants.procedures.parsing.manual import Doubt, DoubtKind, Reason
from tenants.procedures.parsing.reading.columns import unfolded
from tenants.procedures.parsing.source import (
    PLAIN,
    Cut,
    Line,
    Link,
    Source,
    Style,
    UnreadableManualError,
    apart,
    plain_lines,
    without,
)

_UTF_8: Final = b"\xef\xbb\xbf"
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
_BREAK = re.compile(rb"\r\n|\r|\n")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x7f]")
_STRONG = re.compile(r"(?<!\\)(\*\*|\b__)(?=[^\s_]|_[^\W_])([^*]{1,200}?)(?<=[^\s\\])(\1)(?!(?<=_)\w)")
_EMPHASIS = re.compile(r"(?<![\w\\])((?<!\*)\*(?!\*)|_(?!_))(?=\S)([^*]{1,200}?)(?<=[^\s\\])(\1)(?!\w|(?<=\*)\*)")
_LINK = re.compile(r"(?<!\\)(\[)([^\]\[]{1,200})(\]\(([^)\s]{1,500})\))")


def read_text(data: bytes) -> Source:
    """Raises UnreadableManualError where the bytes are not text."""
    text, doubts = decode(data)
    return source_of(text, doubts)


def source_of(text: str, doubts: tuple[Doubt, ...] = ()) -> Source:
    """A text as a source. Marks of emphasis and links that a conversion left in it are markup, and cut."""
    marked = len(_STRONG.findall(text)) >= 2 or _LINK.search(text) is not None
    lines = []
    unseen = INVISIBLE.search(text) is not None
    for number, start, stop, end, page_ends in plain_lines(text):
        cuts, links, strong = inline_markup(text, start, stop) if marked else ((), (), None)
        if unseen:
            cuts = without_width(text, start, stop, cuts)
        content = without(text, start, stop, cuts) if cuts else text[start:stop]
        style = Style(strong=strong) if strong is not None else PLAIN
        lines.append(Line(number, start, end, content, style, cuts, links, page_ends))
    ordered, told = unfolded(lines)
    return Source("text", text, ordered, doubts=(*doubts, *told))


def inline_markup(text: str, start: int, stop: int) -> tuple[tuple[Cut, ...], tuple[Link, ...], int | None]:
    """Cuts for signs of emphasis and for the targets of links, the links, and where leading bold text ends."""
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
    return apart(cuts), tuple(links), strong


def without_width(text: str, start: int, stop: int, cuts: tuple[Cut, ...]) -> tuple[Cut, ...]:
    """The cuts of a line, and with them one for each run of characters that nobody sees."""
    found = [Cut(*one.span(), Reason.INVISIBLE) for one in INVISIBLE.finditer(text, start, stop)]
    return apart((*cuts, *found)) if found else cuts


def decode(data: bytes) -> tuple[str, tuple[Doubt, ...]]:
    """The text of UTF-8, of UTF-16, or failing these of Windows-1252, which is a doubt."""
    doubts: tuple[Doubt, ...] = ()
    try:
        text = data.decode(_wide(data)) if _wide(data) else data.removeprefix(_UTF_8).decode("utf-8")
    except UnicodeDecodeError as error:
        text = data.decode("cp1252", errors="replace")
        line = len(_BREAK.findall(data[: error.start])) + 1
        told = "not UTF-8, read as Windows-1252: look at its dashes, quotation marks and accents"
        doubts = (Doubt(line, DoubtKind.ENCODING, told),)
    if "\x00" in text or len(_CONTROL.findall(text[:100_000])) * 50 > min(len(text), 100_000):
        raise UnreadableManualError("It is not text. Save the manual as .docx, .odt, .html, .md or .txt.")
    return text, doubts


def _wide(data: bytes) -> str:
    """The name of the UTF-16 that the bytes are, by its mark or by every other byte being none; else empty."""
    if data.startswith(_UTF_16):
        return "utf-16"
    begin = data[:400]
    even, odd = begin[::2].count(0), begin[1::2].count(0)
    if max(even, odd) * 10 < len(begin) * 4 or min(even, odd) > len(begin) // 20:
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"
