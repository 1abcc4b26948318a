"""Marks that open a line: numbers of every shape, bullets, words such as Chapter 3. Pure lexis, no context."""

import re
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Final

_SIGNS: Final = "•·▪■□◦‣⁃●○◆◇►▶▸➢➤➔→⇒❑❒❍☐☑✓✔✗✘★☆✦❖\u2219\u22c5\u25fe\u2b1b\u2b25"  # noqa: RUF001
_DRAWN: Final = "".join(chr(code) for code in range(0xF020, 0xF100))
"""Where the fonts of signs have theirs; what they look like is lost, and that they are bullets is not."""

BULLETS: Final = f"{_SIGNS}{_DRAWN}§¨Ø»›√>~*+–—-"  # noqa: RUF001
_SURE: Final = frozenset(_SIGNS + _DRAWN)

_BULLET = re.compile(
    rf"\s*([{re.escape(BULLETS)}]|o(?=\s{{1,8}}\S))(?:\s+|$|(?<=[{re.escape(''.join(sorted(_SURE)))}]))"
)
_DECIMAL = re.compile(
    r"\s*(\(?([A-Z]?\d{1,3}(?:\.\d{1,3}){1,6}|[A-Z](?:\.\d{1,3}){1,6})\.?[):]?)(?=\s|$|(?<=\d)[A-Z‘“'\"])"  # noqa: RUF001
)
_INTEGER = re.compile(r"\s*(\((\d{1,3})\)|(\d{1,3})[.)](?=\s|$|[A-Z])|(\d{1,2}):(?=\s|$))")
_BARE = re.compile(r"\s*((\d{1,2})\s+)(?=[A-Z‘“])")  # noqa: RUF001
_LETTER = re.compile(r"\s*(\(([A-Za-z])\)|([A-Za-z])[.)](?=\s|$))")
_ROMAN = re.compile(r"\s*(\(([ivxIVX]{1,6})\)|([ivxIVX]{1,6})[.)](?=\s|$))")
_DATE = re.compile(r"\s*\(?(?:\d{1,2}\.\d{1,2}\.(?:\d{4}|0\d)|0\d\.\d{2}\.\d{2}|\d{1,2}\.0\d\.\d{2})\b(?!\.)")
_TIME = re.compile(r"\s*\d{1,2}\.\d{2}\s*(?:am|pm|hrs|hours)\b", re.IGNORECASE)
_WORD = re.compile(
    r"\s*((chapter|section|part|appendix|annexe?|slide)\s+(\d{1,3}(?:\.\d{1,3})*|[IVXL]{1,6}|[A-Z])(?![a-z]\b))"
    r"\s*[:.–—-]?\s*",  # noqa: RUF001
    re.IGNORECASE,
)
_ROMAN_VALUES: Final = {"i": 1, "v": 5, "x": 10, "l": 50}


class Shape(Enum):
    """How a label is made; labels of one list share it."""

    DECIMAL = "1.2"
    BARE = "1 "
    INTEGER = "1."
    BRACKETED = "(1)"
    LETTER = "a."
    BRACKETED_LETTER = "(a)"
    ROMAN = "i."
    BRACKETED_ROMAN = "(i)"
    BULLET = "•"


@dataclass(frozen=True, slots=True)
class Mark:
    """``marker`` as printed, ``number`` without its brackets, ``end`` where the text begins.

    ``parts`` count within the list: 1.4.2 is (1, 4, 2), c is (3,). A letter that is also a Roman number has the
    other reading in ``other``.
    """

    shape: Shape
    marker: str
    number: str | None
    parts: tuple[int, ...]
    end: int
    other: "Mark | None" = None


@dataclass(frozen=True, slots=True)
class Word:
    """A heading's own word and number: Chapter 3, Appendix B."""

    word: str
    number: str
    marker: str
    end: int


def roman(text: str) -> int | None:
    """The value of a Roman number below 90 as it is properly written, else None."""
    low = text.lower()
    total, last = 0, 0
    for letter in reversed(low):
        value = _ROMAN_VALUES.get(letter)
        if value is None:
            return None
        total += value if value >= last else -value
        last = max(last, value)
    return total if total > 0 and as_roman(total) == low else None


def as_roman(number: int) -> str:
    made = ""
    for value, letters in ((50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")):
        while number >= value:
            made, number = made + letters, number - value
    return made


@lru_cache(maxsize=4096)
def mark(text: str) -> Mark | None:
    """The mark that opens ``text``, a bullet only where nothing is numbered; None where it opens with words."""
    return number_mark(text) or bullet(text)


def number_mark(text: str) -> Mark | None:
    if _DATE.match(text) or _TIME.match(text):
        return None
    if found := _DECIMAL.match(text):
        return Mark(Shape.DECIMAL, found[1], found[2], decimal_parts(found[2]), _text_from(text, found.end(1)))
    if found := _INTEGER.match(text):
        number = found[2] or found[3] or found[4]
        shape = Shape.BRACKETED if found[2] else Shape.INTEGER
        return Mark(shape, found[1], number, (int(number),), _text_from(text, found.end(1)))
    return _roman_mark(text) or _letter_mark(text)


def decimal_parts(number: str) -> tuple[int, ...]:
    """A.2 is (1, 2) and A1.2 (1, 1, 2), so that an appendix's numbers count as others do."""
    first, *rest = number.split(".")
    lead = (ord(first[0]) - 64, *((int(first[1:]),) if first[1:] else ())) if first[0].isalpha() else (int(first),)
    return (*lead, *(int(part) for part in rest))


def _roman_mark(text: str) -> Mark | None:
    found = _ROMAN.match(text)
    if found is None or (value := roman(letters := found[2] or found[3])) is None:
        return None
    shape = Shape.BRACKETED_ROMAN if found[2] else Shape.ROMAN
    other = _letter_mark(text) if len(letters) == 1 else None
    return Mark(shape, found[1], letters, (value,), _text_from(text, found.end(1)), other)


def _letter_mark(text: str) -> Mark | None:
    found = _LETTER.match(text)
    if found is None:
        return None
    letter = found[2] or found[3]
    shape = Shape.BRACKETED_LETTER if found[2] else Shape.LETTER
    return Mark(shape, found[1], letter, (ord(letter.lower()) - 96,), _text_from(text, found.end(1)))


def bare_number(text: str) -> Mark | None:
    """A number that only spaces part from a capital: "4 REFERRAL". Prose opens so too, so ask only for headings."""
    found = _BARE.match(text)
    return found and Mark(Shape.BARE, found[2], found[2], (int(found[2]),), found.end())


def bullet(text: str) -> Mark | None:
    found = _BULLET.match(text)
    return found and Mark(Shape.BULLET, found[1], None, (), found.end())


def sure_bullet(marker: str) -> bool:
    """Whether the sign is a bullet and nothing else; a dash, an asterisk or an o may be text."""
    return marker in _SURE


def word(text: str) -> Word | None:
    """The heading word that opens ``text``, such as Chapter 3, whether or not a heading follows."""
    found = _WORD.match(text)
    if found is None:
        return None
    kind = found[2].lower()
    return Word("annex" if kind == "annexe" else kind, found[3], found[1], found.end())


def unglued(title: str) -> list[str]:
    """A title whose opening "Chapter 3" has lost the break after it, in its two parts; any other title whole."""
    opening = word(title)
    glued = opening is not None and title[: opening.end].endswith(opening.number) and title[opening.end :][:1].isupper()
    return [title[: opening.end], title[opening.end :]] if opening is not None and glued else [title]


def _text_from(text: str, place: int) -> int:
    while place < len(text) and text[place].isspace():
        place += 1
    return place
