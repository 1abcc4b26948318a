"""Documents into which print was pasted: each printed line is a paragraph, and nothing says what belongs together."""

from dataclasses import replace
from itertools import pairwise
from typing import Final

from tenants.procedures.parsing.manual import Doubt, DoubtKind
from tenants.procedures.parsing.source import Line, Source
from tenants.procedures.parsing.view import ended

_FEWEST: Final = 12
"""Paragraphs that go on in the next, at the least."""

_SHARE: Final = 0.25
"""And of all that have no style of their own."""


def as_printed(source: Source) -> Source:
    """The source with its lines left open, to be joined as those of plain text are; with a doubt that says so."""
    plain = [line for line in source.lines if _plain(line)]
    going_on = [one for one, after in pairwise(plain) if _goes_on(one, after)]
    if not source.styled or len(going_on) < max(_FEWEST, _SHARE * len(plain)):
        return source
    told = f"{len(going_on)} paragraphs end in the midst of a sentence: read as printed lines, and joined"
    lines = tuple(
        replace(line, style=replace(line.style, paragraph=False)) if _plain(line) else line for line in source.lines
    )
    doubt = Doubt(going_on[0].number, DoubtKind.BREAK_JOINED, told)
    return replace(source, lines=lines, styled=False, doubts=(*source.doubts, doubt))


def _plain(line: Line) -> bool:
    style = line.style
    marked = style.heading, style.item, style.label, style.note, style.inside, style.away
    return style.paragraph and not style.cells and all(one is None for one in marked)


def _goes_on(one: Line, after: Line) -> bool:
    return not ended(one.content) and after.content.lstrip()[:1].islower()
