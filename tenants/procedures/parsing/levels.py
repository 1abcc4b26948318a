"""How deep each heading stands. Styles say it; numbers nearly do; for the rest the look is all there is."""

import re
from collections.abc import Sequence
from typing import Final

from tenants.procedures.parsing import marks
from tenants.procedures.parsing.block import Block, Is
from tenants.procedures.parsing.headings import Look

_DEEPEST: Final = 12
_OWN = re.compile(
    r"\W*(?:glossary|appendices|index|bibliography|acknowledge?ments|abbreviations|references|"
    r"(?:useful |key )?contacts|further reading|distribution list)\b",
    re.IGNORECASE,
)
"""What closes a manual stands under none of its chapters."""

_DIVIDES: Final = frozenset({"chapter", "part", "appendix", "annex", "slide"})


class Levels:
    """Levels count from 1. Worked out once for all headings, by the place of each among the blocks."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self._levels: dict[int, int] = {}
        self._within: set[int] = set()
        self._blocks = blocks
        headings = [block for block in blocks if block.is_a is Is.HEADING and block.heading is not None]
        looks = {block.heading.look for block in headings if block.heading is not None}
        words = {block.heading.word.word for block in headings if block.heading is not None and block.heading.word}
        self._chapters = bool(words & {"chapter", "part"})
        self._both_looks = Look.CAPITALS in looks
        self._numbers = self._next_numbers()
        self._styled: tuple[int, int] | None = None  # of the last heading by its style: level, parts of its number
        numbered, base = 0, 0
        first: int | None = None
        counted = False  # whether a 1. stood anywhere before
        series: int | None = None  # the last number of a series that counts within one heading
        for place, block in enumerate(blocks):
            single = _single(block)
            if block.is_a is not Is.HEADING or block.heading is None:
                counted = counted or single == 1
                continue
            level = self._level(place, block, numbered, base, first)
            if block.heading.look is Look.STYLED:
                self._styled = level, len(block.mark.parts) if block.mark is not None else 0
            begins = single == 1 and counted and numbered == 0 and place > 0
            if single is not None and not base and (begins or (series is not None and series + 1 == single)):
                series, level = single, 2
                self._within.add(place)
            elif level == 1:
                series = None
            counted = counted or single == 1
            self._levels[place] = min(level, _DEEPEST)
            look, mark = block.heading.look, block.mark
            if look is Look.WORD or (look is Look.SLIDE):
                base, numbered, first = level, level, _value(block)
            elif mark is not None and look is Look.NUMBER and place not in self._within:
                numbered, first = level, mark.parts[0]
            elif level == 1:
                numbered, base, first = 0, 0, None

    def of(self, place: int) -> int:
        return self._levels[place]

    def within(self, place: int) -> bool:
        """Whether a heading numbered 1, 2, 3 counts only within the heading without a number above it."""
        return place in self._within

    def _level(self, place: int, block: Block, numbered: int, base: int, first: int | None) -> int:
        heading = block.heading
        if heading is None or heading.look in (Look.SLIDE, Look.STYLED):
            return block.style.heading or 1
        if self._styled is not None:
            return self._by_hand(block, *self._styled)
        if heading.look is Look.WORD and heading.word is not None:
            return 1 if heading.word.word in _DIVIDES or not self._chapters else 2
        if block.mark is not None:
            depth = len(block.mark.parts)
            return depth + (base if base and block.mark.parts[0] != first else base and depth == 1)
        own = self._numbers[place] is None and _OWN.match(block.text) is not None
        if numbered and not own and self._stays_within(place, first):
            return numbered + (1 if heading.look is Look.CAPITALS else 2)
        return 1 if heading.look is Look.CAPITALS or not self._both_looks else 2

    @staticmethod
    def _by_hand(block: Block, styled: int, counted: int) -> int:
        """A heading made by hand among those by style: beside one whose number is as long, else within the last."""
        if block.heading is not None and block.heading.word is not None and block.heading.word.word in _DIVIDES:
            return 1
        if block.mark is not None and counted:
            return max(1, styled + len(block.mark.parts) - counted)
        return styled + 1

    def _stays_within(self, place: int, first: int | None) -> bool:
        """Whether the next number still belongs to the chapter that is open: then the heading stands within it."""
        following = self._numbers[place]
        return following is None or first is None or following == first

    def _next_numbers(self) -> list[int | None]:
        """For each block the first part of the next number that counts through the manual."""
        found: list[int | None] = [None] * len(self._blocks)
        following: int | None = None
        for place in range(len(self._blocks) - 1, -1, -1):
            found[place] = following
            mark = self._blocks[place].mark
            through = mark is not None and mark.shape is marks.Shape.DECIMAL
            heading = self._blocks[place].is_a is Is.HEADING and mark is not None
            if mark is not None and (through or heading):
                following = mark.parts[0] if len(mark.parts) > 1 else None
            elif self._blocks[place].worded is not None:
                following = None
        return found


def _single(block: Block) -> int | None:
    """The number of a block that one number opens: 4. or 4."""
    mark = block.mark
    whole = mark is not None and mark.shape in (marks.Shape.INTEGER, marks.Shape.BARE)
    return mark.parts[0] if mark is not None and whole else None


def _value(block: Block) -> int | None:
    """The number of a heading such as Chapter 3 or Appendix B."""
    number = block.worded
    if number is None:
        return block.mark.parts[0] if block.mark is not None else None
    if number[0].isdigit():
        return int(number.split(".")[0])
    return marks.roman(number) or ord(number[0].lower()) - 96
