"""How far numbers go on from those before: what tells 16. at the start of a broken line from the item 16."""

import re
from typing import Final

from tenants.procedures.parsing import marks
from tenants.procedures.parsing.block import Block, Is
from tenants.procedures.parsing.marks import Mark, Shape
from tenants.procedures.parsing.view import ended

_REFERS: Final = re.compile(
    r"\b(?:sections?|paragraphs?|paras?\.?|chapters?|parts?|appendix|annex|see|to|and|or|of|at|under|in|age|aged|than|by|for|the|"
    r"schedule|article|regulation|s\.)\s*$",
    re.IGNORECASE,
)
_NAMES: Final = re.compile(
    r"\b(?:sections?|paragraphs?|paras?\.?|chapters?|appendix|annex|see|and|between|than|of|aged|schedule|article|regulation)\s*$",
    re.IGNORECASE,
)
_SKIPPED: Final = 5
_LISTS: Final = frozenset(Shape) - {Shape.DECIMAL, Shape.BARE, Shape.BULLET}


class Sequence:
    """The last number seen in each shape; lists start afresh under a heading."""

    def __init__(self) -> None:
        self._last: dict[Shape, tuple[int, ...]] = {}

    @property
    def listed(self) -> int | None:
        """The number of the last item of a list that counts 1. 2. 3."""
        last = self._last.get(Shape.INTEGER)
        return last[0] if last is not None else None

    def headed(self) -> None:
        for shape in _LISTS:
            self._last.pop(shape, None)

    def saw(self, mark: Mark) -> None:
        if mark.shape is not Shape.BULLET:
            self._last[mark.shape] = mark.parts
        if mark.shape is Shape.DECIMAL:
            self.headed()

    def fitting(self, mark: Mark | None) -> Mark | None:
        """The reading of (i) that goes on from what was: the ninth letter after (h), else the first Roman number.

        None for a single letter that nothing leads to, which is an initial.
        """
        if mark is None:
            return None
        other = mark.other
        if other is not None:
            last = self._last.get(other.shape)
            roman = self._last.get(mark.shape)
            if last is not None and other.parts[0] == last[0] + 1 and (roman is None or mark.parts[0] != roman[0] + 1):
                return other
            mark = mark if mark.parts[0] == 1 or roman is not None else other
        if mark.shape in (Shape.LETTER, Shape.ROMAN) and mark.parts[0] != 1:
            last = self._last.get(mark.shape)
            if last is None or not 0 < mark.parts[0] - last[0] <= _SKIPPED:
                return None
        return mark

    def plausible(self, mark: Mark, block: Block | None, *, full: bool) -> bool:
        """Whether a mark that no blank line parts from the block before opens something new."""
        if block is None or block.is_a in (Is.HEADING, Is.ROW):
            return True
        tail = block.tail.rstrip()
        if mark.shape is Shape.BULLET:
            return self._bullet(mark, block, tail, full=full)
        if _NAMES.search(tail[-16:]) or (full and _REFERS.search(tail[-16:])):
            return False
        last = self._last.get(mark.shape)
        if mark.shape is Shape.DECIMAL:
            return not full or ended(tail) or last is None or follows(last, mark.parts)
        goes_on = last is not None and 0 < mark.parts[0] - last[0] <= (_SKIPPED if ended(tail) else 1)
        return goes_on or mark.parts[0] == 1

    def _bullet(self, mark: Mark, block: Block, tail: str, *, full: bool) -> bool:
        if marks.sure_bullet(mark.marker) or not full or ended(tail):
            return True
        # A dash may as well part a sentence where the line was broken.
        return block.mark is not None and block.mark.marker == mark.marker


def follows(last: tuple[int, ...], parts: tuple[int, ...]) -> bool:
    """Whether a number comes soon after another: the next, one lower down, or the next higher up."""
    for depth, (old, new) in enumerate(zip(last, parts, strict=False)):
        if new != old:
            return 0 < new - old <= _SKIPPED and all(part <= 1 for part in parts[depth + 1 :])
    return len(parts) > len(last) and all(part <= 1 for part in parts[len(last) :])
