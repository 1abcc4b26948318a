"""Contents pages and indexes: dotted leaders, titles that stand again further on, links that lead there."""

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
        if not headed and not entry(lines[index].content) and not _leads_on(lines[index], index, titles):
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
        if index not in away and 0 < len(line.content) <= _LONGEST_WRAPPED * 2 and (whole := title(line.content)):
            for name in {whole, _bare(line.content)}:
                found.setdefault(name, []).append(index)
    return found


def title(text: str) -> str:
    """Its words and numbers alone, in small letters, without the page's number."""
    bare = _LEADER.sub("", text) if entry(text) else _NUMBER.sub("", text)
    return " ".join(re.findall(r"[^\W_]+", bare)).casefold()


def _bare(text: str) -> str:
    """The title without its number: a list of contents may leave it out."""
    opening = marks.number_mark(text)
    return title(text[opening.end :]) if opening is not None else title(text)


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
        name = title(line.content)
        proof = _proof(line, index, titles, headed=headed)
        again = name in seen or _bare(line.content) in seen
        if (again and not proof) or line.style.heading is not None or len(line.content) > _LONGEST_WRAPPED * 2:
            break
        if proof:
            known, sure = True, sure + 1
        elif headed and _PAGE_WORD.match(line.content):
            known = True
        else:
            known = headed and _stands_again(name, index, titles)
            known = known or (headed and bool(sure) and _PAGE.search(line.content) is not None)
        if known:
            taken += [*pending, index]
            pending = []
            entries += 1
            seen.add(name)
        elif len(pending) < 2 and len(line.content) <= _LONGEST_WRAPPED and _may_wrap(lines, index):
            pending.append(index)
        else:
            break
        index += 1
    return (taken, sure >= _FEWEST) if entries >= _FEWEST or (entries and headed and sure) else ([], False)


def _proof(line: Line, index: int, titles: dict[str, list[int]], *, headed: bool) -> bool:
    """Whether the line can be nothing but an entry: a leader and a page, or a link to what stands further on."""
    if entry(line.content) or _leads_on(line, index, titles):
        return True
    return headed and (_PAGE_APART.search(line.content) is not None or _linked(line))


def _stands_again(name: str, index: int, titles: dict[str, list[int]]) -> bool:
    return bool(name) and titles.get(name, [index])[-1] > index


def _leads_on(line: Line, index: int, titles: dict[str, list[int]]) -> bool:
    return _linked(line) and _stands_again(title(line.content), index, titles)


def _linked(line: Line) -> bool:
    """Whether all words of the line lead to places of the same text."""
    links = [link for link in line.links if link.target.startswith("#") and len(link.target) > 1]
    if not links:
        return False
    words = list(line.content)
    for link in links:
        start, end = line.offset(link.start), line.offset(link.end)
        words[start:end] = " " * (end - start)
    return not any(letter.isalpha() for letter in words)


def named(text: str, listed: frozenset[str]) -> bool:
    """Whether the line says what an entry of a contents page says, which may leave its number out."""
    return title(text) in listed or (marks.number_mark(text) is not None and _bare(text) in listed)


def _may_wrap(lines: Sequence[Line], index: int) -> bool:
    """Whether the next line is an entry by its look, of which this is the first half."""
    following = next((line for line in lines[index + 1 : index + 3] if not line.blank), None)
    opens = following is not None and marks.number_mark(following.content) is not None
    return following is not None and not opens and entry(following.content)
