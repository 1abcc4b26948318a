"""Printed contents pages and indexes: dotted leaders, or titles that stand again further on."""

import re
from collections.abc import Sequence
from typing import Final

from tenants.procedures.parsing import marks
from tenants.procedures.parsing.manual import Doubt, DoubtKind
from tenants.procedures.parsing.source import Line

_HEADING = re.compile(
    r"\W*(?:table of )?(?:contents?(?: pages?| list)?|list of (?:contents|appendices|figures|tables)|index)\W*$",
    re.IGNORECASE,
)
_LEADER = re.compile(r"(?:\.\s?){3,}\s*[\divxlc]{1,5}\s*$|…+\s*\d{1,4}\s*$|_{3,}\s*\d{1,4}\s*$", re.IGNORECASE)
_PAGE = re.compile(r"\S(?:\s{2,}|\t+|\s)\d{1,4}\s*$")
_PAGE_APART = re.compile(r"\S(?:\s{3,}|\t+)\d{1,4}\s*$")
_PAGE_WORD = re.compile(r"\s*page(?:s| no\.?)?\s*$", re.IGNORECASE)
_NUMBER = re.compile(r"\W+\d{1,4}\s*$")
_LONGEST_WRAPPED: Final = 100
_FEWEST: Final = 3
_TAIL: Final = 250
"""As much of a line as a leader can fill; a longer row of dots is not looked through from each of its dots."""


def entry(text: str) -> bool:
    """Whether a line is an entry by its look alone: a leader of dots and a page."""
    return _LEADER.search(text[-_TAIL:]) is not None and any(letter.isalpha() for letter in text)


def contents_pages(lines: Sequence[Line], away: frozenset[int]) -> tuple[set[int], list[Doubt]]:
    """Indexes of the lines of contents pages; ``away`` lines were already put away and break none."""
    titles = _titles(lines, away)
    found: set[int] = set()
    doubts: list[Doubt] = []
    index = 0
    while index < len(lines):
        if index in away or lines[index].blank:
            index += 1
            continue
        headed = _HEADING.match(lines[index].content) is not None
        if not headed and not entry(lines[index].content):
            index += 1
            continue
        block, sure = _block(lines, away, index, titles, headed=headed)
        if not block:
            index += 1
            continue
        found.update(block)
        if not sure:
            told = "taken for a contents page: its titles stand again further on"
            doubts.append(Doubt(lines[index].number, DoubtKind.CONTENTS_PAGE, told))
        index = block[-1] + 1
    return found, doubts


def _titles(lines: Sequence[Line], away: frozenset[int]) -> dict[str, list[int]]:
    """Where each short title stands, by its words."""
    found: dict[str, list[int]] = {}
    for index, line in enumerate(lines):
        if index not in away and 0 < len(line.content) <= _LONGEST_WRAPPED * 2 and (title := _title(line.content)):
            for name in {title, _bare(line.content)}:
                found.setdefault(name, []).append(index)
    return found


def _title(text: str) -> str:
    bare = _LEADER.sub("", text) if entry(text) else _NUMBER.sub("", text)
    return " ".join(re.findall(r"[^\W_]+", bare)).casefold()


def _bare(text: str) -> str:
    """The title without its number: a list of contents may leave it out."""
    opening = marks.number_mark(text)
    return _title(text[opening.end :]) if opening is not None else _title(text)


def _block(
    lines: Sequence[Line], away: frozenset[int], start: int, titles: dict[str, list[int]], *, headed: bool
) -> tuple[list[int], bool]:
    """The entries from ``start`` on, and whether their look is proof. Ends where a title stands the second time."""
    taken: list[int] = [start] if headed else []
    pending: list[int] = []  # a wrapped title, whose page number follows
    seen: set[str] = set()
    sure = blanks = entries = 0
    index = start + headed
    while index < len(lines):
        line = lines[index]
        if index in away or line.blank:
            blanks += line.blank
            index += 1
            continue
        title = _title(line.content)
        if title in seen or _bare(line.content) in seen or len(line.content) > _LONGEST_WRAPPED * 2:
            break
        if entry(line.content) or (headed and _PAGE_APART.search(line.content)):
            known, sure = True, sure + 1
        elif headed and _PAGE_WORD.match(line.content):
            known = True
        else:
            known = headed and _stands_again(title, index, titles)
            known = known or (headed and bool(sure) and _PAGE.search(line.content) is not None)
        if known:
            taken += [*pending, index]
            pending = []
            entries += 1
            seen.add(title)
        elif len(pending) < 2 and len(line.content) <= _LONGEST_WRAPPED and _may_wrap(lines, index):
            pending.append(index)
        else:
            break
        index += 1
    return (taken, sure >= _FEWEST) if entries >= _FEWEST or (entries and headed and sure) else ([], False)


def _stands_again(title: str, index: int, titles: dict[str, list[int]]) -> bool:
    return bool(title) and titles.get(title, [index])[-1] > index


def _may_wrap(lines: Sequence[Line], index: int) -> bool:
    """Whether the next line is an entry by its look, of which this is the first half."""
    following = next((line for line in lines[index + 1 : index + 3] if not line.blank), None)
    opens = following is not None and marks.number_mark(following.content) is not None
    return following is not None and not opens and entry(following.content)
