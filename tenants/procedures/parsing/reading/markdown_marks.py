"""What Markdown and its converters write within a line beside emphasis and links: escapes, attributes, pictures."""

import re
from dataclasses import dataclass
from typing import Final

from tenants.procedures.parsing.manual import Doubt, DoubtKind, Reason
from tenants.procedures.parsing.source import Cut

_NAMED: Final = r"\{(?=[#.]|[\w-]{1,40}=)([^{}\n]{1,300})\}"
"""Attributes, as Pandoc writes them: a name to link to, classes, measures."""

_SPAN = re.compile(rf"(?<![\\!])(\[)[^\]\[\n]{{0,300}}(\]{_NAMED})")
_BESIDE = re.compile(rf"(?<=\)){_NAMED}|[ \t]*{_NAMED}[ \t]*$")
_PICTURE = re.compile(rf"(?<!\\)!\[([^\]\[\n]{{0,300}})\]\([^()\n]{{0,500}}\)(?:{_NAMED})?")
_STRUCK = re.compile(r"(?<!\\)(~~)(?=\S)([^~\n]{1,300}?)(?<=\S)(~~)")
_ESCAPE = re.compile(r"\\(?=[!-/:-@\[-`{-~]|$)")
_NAME = re.compile(r"#([^\s{}]+)")


@dataclass(frozen=True, slots=True)
class Marks:
    """``anchors`` are the names by which links know the line."""

    cuts: tuple[Cut, ...]
    doubts: tuple[Doubt, ...]
    anchors: tuple[str, ...]


def marks_within(text: str, number: int, start: int, stop: int) -> Marks:
    """The marks of the line of this number, which stands from ``start`` to ``stop``."""
    cuts: list[Cut] = []
    doubts: list[Doubt] = []
    named: list[str] = []
    for picture in _PICTURE.finditer(text, start, stop):
        told = f"a picture is not read{': ' + picture[1][:120] if picture[1].strip() else ''}"
        doubts.append(Doubt(number, DoubtKind.FIGURE_MISSING, told))
        cuts.append(Cut(*picture.span(), Reason.PICTURE))
    for struck in _STRUCK.finditer(text, start, stop):
        doubts.append(Doubt(number, DoubtKind.STRUCK_TEXT, f"struck through, and read: {struck[2][:80]}"))
        cuts += [Cut(*struck.span(group), Reason.MARKUP) for group in (1, 3)]
    for span in _SPAN.finditer(text, start, stop):
        cuts += [Cut(*span.span(group), Reason.MARKUP) for group in (1, 2)]
        named += _NAME.findall(span[3])
    for beside in _BESIDE.finditer(text, start, stop):
        cuts.append(Cut(*beside.span(), Reason.MARKUP))
        named += _NAME.findall(beside[0])
    cuts += [Cut(*escape.span(), Reason.MARKUP) for escape in _ESCAPE.finditer(text, start, stop)]
    return Marks(tuple(cuts), tuple(doubts), tuple(named))
