"""Markdown. The source is the file itself; its marks are cut as markup, and what they mean goes into styles."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from markdown_it import MarkdownIt
from markdown_it.token import Token

from tenants.procedures.parsing.manual import Reason
from tenants.procedures.parsing.reading.dashes import dashed
from tenants.procedures.parsing.reading.markdown_marks import Marks, marks_within
from tenants.procedures.parsing.reading.text import decode, inline_markup, without_width
from tenants.procedures.parsing.source import PLAIN, Cut, Line, Source, Style, apart, plain_lines, without

_HEADING_MARK = re.compile(r" {0,3}#{1,6}[ \t]+")
_HEADING_END = re.compile(r"[ \t]+#+[ \t]*$")
_QUOTE_MARK = re.compile(r" {0,3}(?:>[ \t]?)+")
_NOTE = re.compile(r"\[\^([^\]\s]{1,30})\]:")
_TABLE_RULE = re.compile(r"[\s|:+-]+")
_BAR = re.compile(r"(?<!\\)\|")
_FIELD = re.compile(r"[\w-]+:(?:\s|$)|[\s#-]|$")
_TAG = re.compile(r"<[^<>]{1,2000}>")
_ANCHOR_LEFT_OUT = re.compile(r"[^\w\- ]")
_DEEPEST: Final = 60
_LONGEST_FRONT: Final = 60
_Span: TypeAlias = tuple[int, int, int, int, bool]
_LISTS: Final = {"bullet_list_open": 1, "ordered_list_open": 1, "bullet_list_close": -1, "ordered_list_close": -1}


@dataclass(slots=True)
class _Found:
    """What the blocks say of one line of the file."""

    style: Style = PLAIN
    heading_mark: bool = False
    underline: bool = False
    quote: bool = False
    rule: bool = False
    row: bool = False
    html: bool = False
    fenced: bool = False
    cells: tuple[tuple[int, int], ...] | None = None
    cuts: list[Cut] = field(default_factory=list)


def read_markdown(data: bytes) -> Source:
    """Raises UnreadableManualError where the bytes are not text."""
    text, doubts = decode(data)
    reader = MarkdownIt("commonmark", {"maxNesting": _DEEPEST}).enable("table")
    spans = list(plain_lines(text))
    # The library breaks lines at \n and \r alone; what else breaks one here must break it there too.
    front = _front_matter(text, spans)
    visible = "\n" * front + "".join(f"{text[start:stop]}\n" for _, start, stop, _, _ in spans[front:])
    tokens = reader.parse(visible.replace("\x00", " "))
    found = _blocks(tokens, len(spans))
    _rule_by_dashes([text[start:stop] for _, start, stop, _, _ in spans], found, front, len(tokens))
    metadata = [_away(text, span, Reason.METADATA) for span in spans[:front]]
    marked = [marks_within(text, number, start, stop) for number, start, stop, _, _ in spans[front:]]
    lines = [_line(text, *each) for each in zip(spans[front:], found[front:], marked, strict=True)]
    told = (doubt for marks in marked for doubt in marks.doubts)
    return Source("markdown", text, (*metadata, *lines), styled=True, doubts=(*doubts, *told))


def _front_matter(text: str, spans: Sequence[_Span]) -> int:
    """How many lines at the beginning are about the document, between two lines of dashes."""
    said = [text[start:stop].rstrip() for _, start, stop, _, _ in spans[:_LONGEST_FRONT]]
    end = next((count for count, line in enumerate(said[1:], 1) if line in ("---", "...")), 0)
    told = said[:1] == ["---"] and end > 1 and all(_FIELD.match(line) for line in said[1:end])
    return end + 1 if told else 0


def _away(text: str, span: _Span, reason: Reason) -> Line:
    number, start, stop, end, page_ends = span
    return Line(number, start, end, text[start:stop], Style(away=reason), page_ends=page_ends)


def _blocks(tokens: Sequence[Token], count: int) -> list[_Found]:
    """For each line what block it is in. ``paragraph`` is set for lines that open one; the next continue it."""
    found = [_Found() for _ in range(count)]
    depth = -1
    opens: int | None = None  # the line on which an item begins, until its text is met
    for number, token in enumerate(tokens):
        begin, end = token.map or (0, 0)
        if token.type in _LISTS:
            depth += _LISTS[token.type]
        elif token.type == "list_item_open":
            opens = begin
            found[begin].style = replace(found[begin].style, item=depth, paragraph=True)
        elif token.type == "inline" and token.map is not None:
            if begin != opens and found[begin].style.heading is None:
                inside = depth if depth >= 0 else None
                found[begin].style = replace(found[begin].style, paragraph=True, inside=inside)
            opens = None
        else:
            _block(token, found[begin:end], number)
    return found


def _rule_by_dashes(lines: Sequence[str], found: list[_Found], front: int, first: int) -> None:
    """Mark the rows and rules of tables that CommonMark takes for headings, rules and running text."""
    visible = ["" if place < front or found[place].fenced else line for place, line in enumerate(lines)]
    for number, table in enumerate(dashed(visible), first):
        for row in table.rows:
            style = Style(table=number, paragraph=True, adds=row.adds)
            found[row.line] = _Found(style, row=True, cells=row.cells)
        for place in table.rules:
            found[place] = _Found(underline=True)  # as markup: under a rule between paragraphs there may be notes


def _block(token: Token, lines: Sequence[_Found], number: int) -> None:
    """Mark the lines of one block that is neither a list nor running text."""
    if token.type == "heading_open":
        lines[0].style = replace(lines[0].style, heading=int(token.tag[1:]), paragraph=True)
        lines[0].heading_mark = token.markup.startswith("#")
        lines[-1].underline = not lines[0].heading_mark
    elif token.type in ("fence", "code_block"):
        lines[0].style = Style(paragraph=True)
    for line in lines:
        line.quote = line.quote or token.type == "blockquote_open"
        line.rule = line.rule or token.type == "hr"
        line.html = line.html or token.type == "html_block"
        line.fenced = line.fenced or token.type == "fence"
        if token.type == "table_open":
            line.style, line.row = Style(table=number, paragraph=True), True


def _line(text: str, span: _Span, found: _Found, marks: Marks) -> Line:
    number, start, stop, end, page_ends = span
    if found.rule or found.underline:
        return _away(text, span, Reason.RULE if found.rule else Reason.MARKUP)
    quote = _QUOTE_MARK.match(text, start, stop) if found.quote else None
    begin = quote.end() if quote is not None else start
    if found.row and _TABLE_RULE.fullmatch(text, begin, stop):
        return _away(text, span, Reason.RULE)
    inline, links, strong = inline_markup(text, start, stop)
    style = found.style
    if found.cells is not None:
        style = replace(style, cells=tuple((start + first, start + last) for first, last in found.cells))
    elif found.row:
        style = replace(style, cells=tuple(_cells(text, begin, stop)))
    elif (note := _NOTE.match(text, begin, stop)) is not None:
        begin, style = note.end(), Style(note=note[1], paragraph=True)
    elif strong is not None:
        style = replace(style, strong=strong)
    cuts = [Cut(start, begin, Reason.MARKUP)] if begin > start else []
    if found.html:
        cuts += [Cut(*tag.span(), Reason.MARKUP) for tag in _TAG.finditer(text, begin, stop)]
    else:
        cuts += (*_heading_marks(text, begin, stop, found), *marks.cuts, *inline)
    kept = without_width(text, start, stop, apart(cuts))
    opened = {cut.end for cut in kept}
    links = tuple(link for link in links if link.start in opened)  # not within a picture, which is cut as a whole
    content = without(text, start, stop, kept)
    title = () if style.heading is None else (_anchor(content),)
    style = replace(style, anchors=(*title, *marks.anchors))
    return Line(number, start, end, content, style, kept, links, page_ends)


def _heading_marks(text: str, start: int, stop: int, found: _Found) -> Iterator[Cut]:
    """Those of items stay: they are the item's marker."""
    if found.heading_mark and (mark := _HEADING_MARK.match(text, start, stop)) is not None:
        yield Cut(start, mark.end(), Reason.MARKUP)
        if (closing := _HEADING_END.search(text, mark.end(), stop)) is not None:
            yield Cut(closing.start(), stop, Reason.MARKUP)


def _cells(text: str, start: int, stop: int) -> Iterator[tuple[int, int]]:
    """What stands between the bars of a row, which may have one at either end."""
    place = start
    for bar in (*(found.start() for found in _BAR.finditer(text, start, stop)), stop):
        if text[place:bar].strip() or start < place <= bar < stop:
            yield place, bar
        place = bar + 1


def _anchor(title: str) -> str:
    """The name by which links in Markdown know a heading."""
    return _ANCHOR_LEFT_OUT.sub("", title.strip().lower()).replace(" ", "-")
