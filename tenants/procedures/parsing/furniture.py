"""What a page carries besides its text: running headers and footers, page numbers, rules, crumbs of navigation."""

import re
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from tenants.procedures.parsing import contents, marks, pages
from tenants.procedures.parsing.manual import Doubt, DoubtKind, Reason
from tenants.procedures.parsing.source import Line, Source
from tenants.procedures.parsing.view import ended, has_modal

_PAGE_SAID = re.compile(
    r"\s*(?:\W{0,3}\s*p\s?a\s?g\s?e\s*:?\s*\d{1,4}(?:\s*(?:of|/)\s*\d{1,4})?\s*\W{0,3}|\d{1,4}\s*\|\s*p\s?a\s?g\s?e"
    r"|[-\u2013\u2014]\s*\d{1,4}\s*[-\u2013\u2014]|\d{1,4}\s*(?:of|/)\s*\d{1,4})\s*$",
    re.IGNORECASE,
)
_LONE = re.compile(r"\s*(\d{1,4}|[ivxl]{1,6})\s*$")
_RULE = re.compile(r"\s*(?:[_=~]{3,}|[-\u2013\u2014]{3,}|(?:[*.]\s?){4,}|[\u2500\u2550]{3,})\s*$")
_CRUMB = re.compile(
    r"\s*(?:you are here:?\s*)?home\b\s*(?:[>\u00bb\u203a|]\s*[^>\u00bb\u203a|]{1,60})+$", re.IGNORECASE
)
_NAVIGATION = re.compile(
    r"\s*(?:skip to (?:main )?(?:content|navigation)|back to top|(?:return|back) to (?:contents|top|home)|"
    r"print this (?:page|chapter)|next (?:page|chapter)\s*[>\u00bb\u203a]*|"
    r"[<\u00ab\u2039]*\s*previous (?:page|chapter)|"
    r"top of page|click here to (?:print|return).{0,40})\W*$",
    re.IGNORECASE,
)
_TRAILING_PAGE = re.compile(
    r"(?:\s{2,}|\s*[|\t]\s*|\s+(?:page|p\.)\s*:?\s*)(\d{1,4})(?:\s*(?:of|/)\s*\d{1,4})?\s*$", re.IGNORECASE
)
_LEADING_PAGE = re.compile(r"^\s*(?:(?:page\s*)?\d{1,4}(?:\s*(?:of|/)\s*\d{1,4})?(?:\s{2,}|\s*\|\s*))", re.IGNORECASE)
_TRAILING_BARE = re.compile(r"(?<=[^\W\d])\s+\d{1,4}\s*$")
_LONGEST: Final = 110


def furniture(source: Source) -> tuple[dict[int, Reason], list[Doubt]]:
    """Why a line is not read, by its index. White space is not among them; a styled source has hardly any."""
    lines = source.lines
    away = {index: line.style.away for index, line in enumerate(lines) if line.style.away is not None}
    doubts: list[Doubt] = []
    if source.styled:
        for index, line in enumerate(lines):
            if line.style.heading is None and not line.style.cells and _leads_about(line.content):
                away.setdefault(index, Reason.NAVIGATION)
        pages, told = contents.contents_pages(lines, frozenset(away))
        return away | dict.fromkeys(pages, Reason.CONTENTS_PAGE), told
    for index, line in enumerate(lines):
        if index in away or line.blank or (reason := _by_its_look(line.content)) is None:
            continue
        if reason is not Reason.NAVIGATION or not _in_table(lines, index):
            away[index] = reason
    _lone_numbers(lines, away, doubts)
    for index in _running(lines, away, doubts):
        away[index] = Reason.RUNNING_HEADER
    pages, told = contents.contents_pages(lines, frozenset(away))
    away |= dict.fromkeys(pages, Reason.CONTENTS_PAGE)
    return away, doubts + told


def _by_its_look(text: str) -> Reason | None:
    if _PAGE_SAID.match(text):
        return Reason.PAGE_NUMBER
    if _RULE.match(text):
        return Reason.RULE
    return Reason.NAVIGATION if _leads_about(text) else None


def _leads_about(text: str) -> bool:
    """Whether a line only leads about a site: crumbs, "back to top"."""
    return _CRUMB.match(text) is not None or _NAVIGATION.match(text) is not None


def _in_table(lines: Sequence[Line], index: int) -> bool:
    """Whether the line beside it has as many bars: "Home | by day" is a row of a table then."""
    bars = lines[index].content.count("|")
    return bars > 0 and any(
        one.content.count("|") == bars for one in (*lines[max(0, index - 1) : index], *lines[index + 1 : index + 2])
    )


def _lone_numbers(lines: Sequence[Line], away: dict[int, Reason], doubts: list[Doubt]) -> None:
    """Numbers alone on a line: of pages where they go up from one to the next, or stand at a page's end."""
    lone = [
        (index, value) for index, line in enumerate(lines) if index not in away and (value := _lone(line)) is not None
    ]
    for place, (index, value) in enumerate(lone):
        around = [lone[other][1] for other in (place - 1, place + 1) if 0 <= other < len(lone)]
        climbs = value - 1 in around[:1] or value + 1 in around[-1:] or value - 1 in around
        if climbs or _at_page_end(lines, index):
            away[index] = Reason.PAGE_NUMBER
        elif not _opens_heading(lines, index, value):
            alone = _blank(lines, index - 1) or _blank(lines, index + 1)
            if alone:
                away[index] = Reason.PAGE_NUMBER
            told = (
                f"the number {value} alone on a line was {'taken for a page number' if alone else 'left in its text'}"
            )
            doubts.append(Doubt(lines[index].number, DoubtKind.LONE_NUMBER, told))


def _blank(lines: Sequence[Line], index: int) -> bool:
    return not 0 <= index < len(lines) or lines[index].blank


def _lone(line: Line) -> int | None:
    found = _LONE.match(line.content)
    if found is None:
        return None
    return int(found[1]) if found[1].isdigit() else marks.roman(found[1])


def _at_page_end(lines: Sequence[Line], index: int) -> bool:
    """Whether only blank lines part it from the break of a page, before or after."""
    after = before = index
    while after < len(lines) and (after == index or lines[after].blank):
        if lines[after].page_ends:
            return True
        after += 1
    while before > 0 and (before == index or lines[before].blank):
        before -= 1
        if lines[before].page_ends and (lines[before].blank or before == index - 1):
            return True
    return False


def _opens_heading(lines: Sequence[Line], index: int, value: int) -> bool:
    """A chapter's number on a line of its own, its title on the next."""
    following = lines[index + 1].content.strip() if index + 1 < len(lines) else ""
    alone = index == 0 or lines[index - 1].blank
    return alone and value < 60 and 2 < len(following) < 80 and following[:1].isupper() and following.isupper()


def _running(lines: Sequence[Line], away: dict[int, Reason], doubts: list[Doubt]) -> set[int]:
    """Lines that come again and again: at the edges of pages, or where they break into the text."""
    groups: dict[str, list[int]] = defaultdict(list)
    for index, line in enumerate(lines):
        if index not in away and not line.blank and (key := _key(line.content)) is not None:
            groups[key].append(index)
    if any(line.page_ends for line in lines):
        keys = {
            index: key for key, members in groups.items() for index in members if not _sentence(lines[index].content)
        }
        return pages.headers_and_footers(lines, away, keys)
    titled = _titled(lines)
    found = {index for members in groups.values() if _counts_pages(lines, members) for index in members}
    known = {**away, **dict.fromkeys(found, Reason.PAGE_NUMBER)}
    for key, members in groups.items():
        if found.issuperset(members):
            continue
        if len(members) >= 3 and (broken := _breaking_in(lines, known, titled.get(key.casefold()), members)):
            found.update(broken)
            told = f"taken for a running header, {len(broken)} times: {lines[broken[0]].content.strip()[:80]}"
            doubts.append(Doubt(lines[broken[0]].number, DoubtKind.RUNNING_HEADER, told))
    return found


def _counts_pages(lines: Sequence[Line], members: list[int]) -> bool:
    """Whether the same words stand before a number that goes up, three times or more."""
    said = [_TRAILING_PAGE.search(lines[index].content.strip()) for index in members]
    numbers = [int(found[1]) for found in said if found is not None]
    climbs = all(0 < after - before <= 3 for before, after in pairwise(numbers))
    return len(members) >= 3 and len(numbers) == len(members) and climbs


def _key(text: str) -> str | None:
    """What is the same on each page: the words without the number of the page. None where no header is so."""
    stripped = text.strip()
    if not 2 < len(stripped) <= _LONGEST or contents.entry(text):
        return None
    plain = _LEADING_PAGE.sub("", _TRAILING_PAGE.sub("", stripped))
    numbered = plain.strip() != stripped
    if not numbered:
        opening = marks.mark(text)
        if opening is not None and opening.shape is not marks.Shape.BULLET:
            return None
        if opening is not None and marks.sure_bullet(opening.marker):
            return None
        if marks.word(text) is None:
            plain = _TRAILING_BARE.sub("", plain)
    key = " ".join(plain.split())
    return key if sum(letter.isalpha() for letter in key) >= 3 else None


def _breaking_in(lines: Sequence[Line], away: dict[int, Reason], title: int | None, members: list[int]) -> list[int]:
    """Which of them are headers, in a text without page breaks: near a page number, or in the midst of something.

    A header stands alone, or beside another; a line that was broken within a paragraph repeats by chance.
    """
    members = [index for index in members if _set_off(lines, away, index)]
    if len(members) < 3:
        return []
    near = [index for index in members if _near_page_number(away, index)]
    if len(near) * 2 >= len(members) and len(near) >= 2:
        return members
    within = [index for index in members if _in_the_midst(lines, away, index)]
    if (title is not None and title < members[0]) or (len(within) >= 2 and len(within) * 3 >= len(members)):
        return [index for index in members if index != title]
    return []


def _set_off(lines: Sequence[Line], away: dict[int, Reason], index: int) -> bool:
    """Whether a blank line or a page number is next to it, and it is no sentence."""
    if _sentence(lines[index].content):
        return False
    return any(
        not 0 <= other < len(lines) or lines[other].blank or away.get(other) is Reason.PAGE_NUMBER
        for other in (index - 1, index + 1)
    )


def _sentence(line: str) -> bool:
    """Whether a line reads as a part of a sentence, which may repeat by chance."""
    text = line.strip()
    return text[:1].islower() or has_modal(text) or text.endswith((".", ";", ":", ","))


def _near_page_number(away: dict[int, Reason], index: int) -> bool:
    return any(away.get(other) is Reason.PAGE_NUMBER for other in range(index - 3, index + 4))


def _titled(lines: Sequence[Line]) -> dict[str, int]:
    """The first line on which each title stands after a number of its own."""
    found: dict[str, int] = {}
    for index, line in enumerate(lines):
        text = line.content
        if len(text) <= _LONGEST:
            opening = marks.number_mark(text) or marks.bare_number(text) or marks.word(text)
            if opening is not None:
                found.setdefault(" ".join(text[opening.end :].split()).casefold(), index)
    return found


def _in_the_midst(lines: Sequence[Line], away: dict[int, Reason], index: int) -> bool:
    """Between two items of a list, or in a sentence that goes on after it."""
    before = _neighbour(lines, away, index, -1)
    after = _neighbour(lines, away, index, 1)
    if before is None or after is None:
        return False
    if marks.mark(after) is not None:
        last, following = marks.mark(before), marks.mark(after)
        same = last is not None and following is not None and last.shape is following.shape
        return same and not ended(before.rstrip(". "))
    return not ended(before) and after.lstrip()[:1].islower()


def _neighbour(lines: Sequence[Line], away: dict[int, Reason], index: int, step: int) -> str | None:
    for distance in range(1, 7):
        other = index + step * distance
        if not 0 <= other < len(lines):
            return None
        if (
            other not in away
            and not lines[other].blank
            and lines[other].content.strip() != lines[index].content.strip()
        ):
            return lines[other].content
    return None
