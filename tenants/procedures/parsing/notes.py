"""Footnotes of a plain text: [1] or ¹ at the foot of a page, or whatever is numbered under a rule.

Text drawn out of a PDF has lost what raised a marker: "carers1." in the text, and "1 Of both kinds." at the foot.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tenants.procedures.parsing import marks
from tenants.procedures.parsing.manual import Reason
from tenants.procedures.parsing.source import Line

RAISED: Final = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
SUPERSCRIPT: Final = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_DIGITS: Final = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_SIGNS: Final = "†‡"
_BRACKETED = re.compile(r"\s*(\[\^?([0-9]{1,3}|[a-z*])\]:?)\s*(?=\S)")
_RAISED = re.compile(rf"\s*(([{_DIGITS}]{{1,3}}|[{_SIGNS}]))\s*(?=\S)")
_MOST_LINES: Final = 4
_AT_FOOT = re.compile(r"\s{0,8}(([1-9]\d?))\s{1,4}(?=[A-Z\u2018\u201c(w])")
_UNDER_RULE = re.compile(r"\s*(\^?([0-9]{1,3}|[*†‡])[.)]?)\s+(?=\S)")
MARKER = re.compile(rf"(?<=\S)\s?\[\^?([0-9]{{1,3}}|[a-z*])\](?!\()|(?<=\S)([{_DIGITS}]{{1,3}}|[{_SIGNS}])")
"""A note's marker in the text; the number is in either group."""


@dataclass(frozen=True, slots=True)
class Opening:
    """A line that opens a note: its ``marker`` as printed, the ``number`` alone, where the text begins.

    ``glued`` where the marker in the text is only a number run into the word before it.
    """

    marker: str
    number: str
    end: int
    glued: bool = False


def notes(lines: Sequence[Line], away: dict[int, Reason]) -> dict[int, Opening]:
    """Lines that open a note. [1] and ¹ open one where the same marker stands in a text before."""
    marked = {found for line in lines for found in markers(line.content)}
    found = _at_the_foot(lines, away)
    under_rule = False
    for index, line in enumerate(lines):
        if index in found:
            continue
        if line.style.note is not None:
            found[index] = Opening("", line.style.note, 0)
        elif away.get(index) is Reason.RULE:
            under_rule = _short(line.content)
        elif line.page_ends or index in away:
            under_rule = under_rule and not line.page_ends
        elif not line.blank and (opening := _opening(line.content, marked, under_rule=under_rule)) is not None:
            found[index] = opening
        elif under_rule and not line.blank:
            under_rule = index - 1 in found  # a second line of the note just opened
    return found


def glued(number: str) -> "re.Pattern[str]":
    """A marker that is run into the word before it, and into nothing after."""
    return re.compile(rf"(?<=[^\W\d_]){number}(?![\w.]*\d|\w)|(?<=[^\W\d_][.,;:)\u2019\u201d]){number}(?=\s|$)")


def _at_the_foot(lines: Sequence[Line], away: dict[int, Reason]) -> dict[int, Opening]:
    """Numbered lines at the foot of a page, each of whose numbers is run into a word above on the same page."""
    found: dict[int, Opening] = {}
    page: list[int] = []
    for index, line in enumerate(lines):
        if index not in away and not line.blank:
            page.append(index)
        if line.page_ends:
            found |= _foot(lines, page)
            page = []
    return found


def _foot(lines: Sequence[Line], page: Sequence[int]) -> dict[int, Opening]:
    """From the last line upwards: notes whose numbers go down by one, each of a few lines."""
    found: dict[int, Opening] = {}
    more = 0
    for place in range(len(page) - 1, 0, -1):
        text = lines[page[place]].content
        opening = _AT_FOOT.match(text)
        follows = not found or (opening and int(opening[2]) == int(next(reversed(found.values())).number) - 1)
        marker = glued(opening[2]) if opening and follows else None
        if opening and marker and any(marker.search(lines[above].content) for above in page[:place]):
            found[page[place]], more = Opening(opening[1], opening[2], opening.end(), glued=True), 0
        elif more == _MOST_LINES or marks.mark(text) is not None:
            break
        else:
            more += 1
    first = min(found, default=0)
    return found if first and lines[first - 1].blank else {}


def markers(text: str) -> list[str]:
    """The numbers of the notes that a text refers to, in order."""
    return [(found[1] or found[2]).translate(SUPERSCRIPT) for found in MARKER.finditer(text)]


def _short(rule: str) -> bool:
    """A rule over footnotes is drawn with dashes or low lines; one of asterisks parts sections."""
    return set(rule.strip()) <= set("_-–—─")  # noqa: RUF001


def _opening(text: str, marked: set[str], *, under_rule: bool) -> Opening | None:
    for pattern in (_BRACKETED, _RAISED):
        found = pattern.match(text)
        if found is not None and (number := found[2].translate(SUPERSCRIPT)) in marked:
            return Opening(found[1], number, found.end())
    found = _UNDER_RULE.match(text) if under_rule else None
    return found and Opening(found[1], found[2], found.end())
