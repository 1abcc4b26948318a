"""A block: what belongs together on the page, one paragraph, item, heading, row or note, joined from its lines."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from tenants.procedures.parsing import marks
from tenants.procedures.parsing.characters import as_read
from tenants.procedures.parsing.headings import Heading
from tenants.procedures.parsing.source import PLAIN, Link, Style

_SOFT_HYPHEN: Final = "\u00ad"
_KEPT_BEFORE_HYPHEN: Final = frozenset(
    [
        "multi",
        "inter",
        "non",
        "pre",
        "post",
        "co",
        "re",
        "self",
        "well",
        "long",
        "short",
        "cross",
        "ex",
        "anti",
        "sub",
        "on",
        "off",
        "follow",
        "fact",
        "semi",
        "mid",
        "part",
        "full",
    ]
)


class Is(Enum):
    HEADING = "heading"
    NUMBERED = "numbered"
    ITEM = "item"
    PARAGRAPH = "paragraph"
    ROW = "row"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Cover:
    """A half-open range of the source, white space and all, that is one block's."""

    start: int
    end: int
    line: int


@dataclass(slots=True)
class Block:
    """``indent`` is the column of its first character; ``table`` tells the rows of one table from the next's."""

    is_a: Is
    first_line: int
    last_line: int
    indent: int = 0
    mark: marks.Mark | None = None
    heading: Heading | None = None
    note: str | None = None
    marker: str = ""
    parts: list[str] = field(default_factory=list)
    lead: str = ""
    cells: list[str] = field(default_factory=list)
    table: int = 0
    guessed: bool = False
    style: Style = PLAIN
    covers: list[Cover] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    last_index: int = 0

    @property
    def tail(self) -> str:
        """The end of what was said so far."""
        return self.parts[-1] if self.parts else ""

    @property
    def silent(self) -> bool:
        """Whether nothing was said yet; what was said first is not looked through again for each line."""
        return not any(part.strip() for part in self.parts[:2]) and len(self.parts) < 3

    @property
    def worded(self) -> str | None:
        """The number of a heading such as Chapter 3."""
        return self.heading.word.number if self.heading is not None and self.heading.word is not None else None

    @property
    def text(self) -> str:
        return as_read(" | ".join(self.cells)) if self.is_a is Is.ROW else joined(self.parts)


def joined(parts: list[str]) -> str:
    """The lines as one text: white space made single, ligatures spelt out. A part ending in one joins the next."""
    made: list[str] = []
    glue = ""
    for part in parts:
        words = " ".join(part.split())
        if not words:
            continue
        made += [glue, as_read(words)]
        glue = "" if words.endswith(_SOFT_HYPHEN) else " "
    return "".join(made)


def hyphen_dropped(before: str, after: str, words: frozenset[str]) -> bool | None:
    """Whether the hyphen at the end of a line only parts a word; None where there is none to judge.

    Where the manual writes the word elsewhere with its hyphen or without, so it is here.
    """
    left, right = before.rstrip(), after.lstrip()
    if not left.endswith(("-", "\u2010")) or len(left) < 3 or not left[-2].isalpha() or not right[:1].islower():
        return None
    first = left[:-1].rsplit(None, 1)[-1].lstrip("(\"'\u2018\u201c").lower()
    second = "".join(_letters(right)).lower()
    if f"{first}-{second}" in words:
        return False
    return f"{first}{second}" in words or first not in _KEPT_BEFORE_HYPHEN


def _letters(text: str) -> list[str]:
    taken: list[str] = []
    for letter in text[:60]:
        if not letter.isalpha():
            break
        taken.append(letter)
    return taken
