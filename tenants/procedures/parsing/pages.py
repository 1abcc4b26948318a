"""Headers and footers where pages are told apart: what stands in the same place at the edge of page after page."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from tenants.procedures.parsing.manual import Reason
from tenants.procedures.parsing.source import Line

_DEEPEST: Final = 4
"""Lines of a header or a footer, at the most."""

_FEWEST: Final = 2
_FEWEST_NUMBERED: Final = 3
_PAGE: Final = re.compile(r"\bpage\s+\d{1,4}(?:\s+of\s+\d{1,4})?\s*$", re.IGNORECASE)
_DENSEST: Final = 0.5
"""The share of pages, from a header's first to its last, that have it: a chapter's name runs through its chapter."""


def headers_and_footers(lines: Sequence[Line], away: Mapping[int, Reason], keys: Mapping[int, str]) -> set[int]:
    """Indexes of the lines of headers and footers; ``keys`` say which lines are the same but for a number."""
    found: set[int] = set()
    pages = _pages(lines, away)
    for edge in (1, -1):
        for depth in range(_DEEPEST):
            found |= _at(pages, keys, found, edge, depth)
        found |= _numbered(lines, pages, found, edge)
    return found


def _numbered(lines: Sequence[Line], pages: Sequence[Sequence[int]], found: set[int], edge: int) -> set[int]:
    """Lines at the edge that end in the page's number, said so: a header even where it is on one page alone."""
    outer = [next((index for index in page[::edge] if index not in found), None) for page in pages]
    said = {index for index in outer if index is not None and _PAGE.search(lines[index].content[-30:])}
    counted = sum(_PAGE.search(lines[index].content[-30:]) is not None for page in pages for index in page[::edge][:2])
    return said if counted >= _FEWEST_NUMBERED else set()


def _pages(lines: Sequence[Line], away: Mapping[int, Reason]) -> list[list[int]]:
    """The lines of each page that say something, page numbers and rules apart."""
    pages: list[list[int]] = [[]]
    for index, line in enumerate(lines):
        if not line.blank and index not in away:
            pages[-1].append(index)
        if line.page_ends:
            pages.append([])
    return pages


def _at(pages: Sequence[Sequence[int]], keys: Mapping[int, str], found: set[int], edge: int, depth: int) -> set[int]:
    """The lines at one place from the edge that repeat; only under those above it that do."""
    standing: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for number, page in enumerate(pages):
        at_edge = page[:_DEEPEST] if edge > 0 else page[: -_DEEPEST - 1 : -1]
        outer = [index for index in at_edge if index not in found]
        if outer and len(at_edge) - len(outer) <= depth and outer[0] in keys:
            standing[keys[outer[0]]].append((number, outer[0]))
    taken: set[int] = set()
    for places in standing.values():
        first, last = places[0][0], places[-1][0]
        if len(places) >= _FEWEST and len(places) >= _DENSEST * (last - first + 1):
            taken.update(index for _, index in places)
    return taken
