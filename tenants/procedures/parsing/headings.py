"""Which lines of a text without styles are headings. What is less than sure is told as a doubt."""

import re
from dataclasses import dataclass
from enum import Enum
from typing import Final

from tenants.procedures.parsing import marks
from tenants.procedures.parsing.view import View, capitals, ended, has_modal, has_verb

_LONGEST: Final = 110
_LONGEST_NUMBERED: Final = 130
_MOST_WORDS: Final = 14
_STATUTE: Final = 17
"""No manual has so many sections: Section 47 names a section of the Children Act 1989."""

_OPENS = re.compile(r"[\"'\u2018\u201c(\[*]*[A-Z\d]")
_TITLE = re.compile(r"\s*Title:\s+(?=\S)")
_ADDRESS = re.compile(r"www\.|https?:|@|\d{5,}")


class Look(Enum):
    """What makes a line look a heading; the order is that of weight."""

    STYLED = "styled"
    SLIDE = "slide"
    WORD = "word"
    NUMBER = "number"
    CAPITALS = "capitals"
    SHORT = "short"


@dataclass(frozen=True, slots=True)
class Heading:
    """``end`` is where the title begins. An unsure one is told as a doubt."""

    look: Look
    end: int
    mark: marks.Mark | None = None
    word: marks.Word | None = None
    sure: bool = True


def heading(view: View, index: int, chapter: int | None, listed: int | None) -> Heading | None:
    """What makes the line a heading, or None.

    ``chapter`` is the number of the last heading that one number opened, ``listed`` that of the last item of an
    open list: what goes on from it is an item too.
    """
    text = view.lines[index].content
    if index in view.shape.slides:
        end = view.shape.slides[index]
        number = text[:end].strip()
        return Heading(Look.SLIDE, end, marks.Mark(marks.Shape.BARE, number, number, (int(number),), end))
    if (found := _by_word(view, index, text)) is not None:
        return found
    if (found := _titled(view, index, text) or _by_number(view, index, text, chapter)) is not None:
        goes_on = found.mark is not None and found.mark.shape is marks.Shape.INTEGER and listed is not None
        return None if goes_on and found.mark is not None and found.mark.parts[0] == (listed or 0) + 1 else found
    return _by_look(view, index, text.strip()) if marks.mark(text) is None else None


def _by_word(view: View, index: int, text: str) -> Heading | None:
    """Chapter 3, Appendix B: alone or with a title, not opening a sentence."""
    word = marks.word(text)
    if word is None or (not view.apart(index) and not _after_end(view, index)):
        return None
    title = text[word.end :].strip()
    statute = word.word in ("section", "part") and word.number.isdigit() and int(word.number) >= _STATUTE
    prose = (
        title[:1].islower() or (ended(title) and not title.endswith(":")) or len(title) > _LONGEST or has_verb(title)
    )
    if statute or (prose and not capitals(title)) or title.startswith((",", ";", ")")):
        return None
    return Heading(Look.WORD, word.end, word=word)


def _after_end(view: View, index: int) -> bool:
    before = view.before[index]
    return before is None or ended(view.text(before)) or capitals(view.text(before))


def _titled(view: View, index: int, text: str) -> Heading | None:
    """The title that some conversions set at the beginning."""
    found = _TITLE.match(text) if view.before[index] is None else None
    return found and Heading(Look.CAPITALS, found.end())


def _by_number(view: View, index: int, text: str, chapter: int | None) -> Heading | None:
    mark = marks.number_mark(_unbulleted(text)) or _next_bare(text, chapter)
    if mark is None or mark.shape not in (marks.Shape.DECIMAL, marks.Shape.INTEGER, marks.Shape.BARE):
        return None
    end = mark.end + len(text) - len(_unbulleted(text))
    title = text[end:].strip()
    if not title or len(title) > _LONGEST_NUMBERED or not _OPENS.match(title):
        return None
    if capitals(title) and not title.endswith((".", ";")):
        return Heading(Look.NUMBER, end, mark)
    sentence = ended(title) or title.endswith(",") or has_modal(title) or _ADDRESS.search(title) or view.full(index)
    sentence = sentence or (has_verb(title) and not view.stands_off(index))
    if sentence or _unbulleted(text) != text or not _has_body(view, index, mark):
        return None
    return Heading(Look.NUMBER, end, mark, sure=mark.shape is marks.Shape.DECIMAL and len(title) <= _LONGEST)


def _unbulleted(text: str) -> str:
    """Without the bullet that some conversions set before a numbered paragraph."""
    found = marks.bullet(text)
    return text[found.end :] if found and marks.number_mark(text[found.end :]) else text


def _next_bare(text: str, chapter: int | None) -> marks.Mark | None:
    """A chapter's number without a full stop: only the first, or one soon after the last."""
    mark = marks.bare_number(text)
    last = chapter or 0
    return mark if mark is not None and last < mark.parts[0] <= last + 3 else None


def _has_body(view: View, index: int, mark: marks.Mark) -> bool:
    """Whether something other than the next number of the same list, or a continued sentence, follows."""
    following = view.after[index]
    if following is None:
        return False
    after = marks.mark(view.lines[following].content)
    if after is None:
        goes_on = view.text(following)[:1].islower()
        return not goes_on and (mark.shape is marks.Shape.DECIMAL or view.apart(following))
    if after.shape is mark.shape and len(after.parts) == len(mark.parts):
        return False
    return mark.shape is not marks.Shape.INTEGER or view.apart(index) or after.shape is marks.Shape.DECIMAL


def _by_look(view: View, index: int, text: str) -> Heading | None:
    """Capitals, or few words that stand off from what is before."""
    if not 2 < len(text) <= _LONGEST or len(text.split()) > _MOST_WORDS or not _OPENS.match(text):
        return None
    if (
        text.endswith((".", ",", ";", "-", "\u2013", ":"))
        or _ADDRESS.search(text)
        or (has_verb(text) and not capitals(text))
    ):
        return None
    if capitals(text):
        lone = view.apart(index) or view.stands_off(index) or _after_end(view, index)
        return Heading(Look.CAPITALS, 0) if lone and any(len(word) > 2 for word in text.split()) else None
    return _short(view, index, text)


def _short(view: View, index: int, text: str) -> Heading | None:
    """A few words between blank lines; or after one, over a longer line, which is a guess."""
    following = view.after[index]
    if not view.apart(index) or following is None or not view.text(index)[:1].isupper():
        return None
    before = view.before[index]
    if before is not None and not view.parted[index] and not ended(view.text(before)):
        return None  # only a page's end stands between: the sentence may go on
    after = view.text(following)
    if after[:1].islower() or (view.full(index) and not view.parted[following]):
        return None
    if view.parted[following]:
        return Heading(Look.SHORT, 0, sure=len(text) <= 60)
    longer = len(after) > len(text) * 1.3 or marks.mark(view.lines[following].content) is not None
    return Heading(Look.SHORT, 0, sure=False) if longer and len(text) <= 70 else None
