"""Which lines of a text without styles are headings. What is less than sure is told as a doubt."""

import re
from dataclasses import dataclass
from enum import Enum
from typing import Final

from tenants.procedures.parsing import contents, marks
from tenants.procedures.parsing.source import Line
from tenants.procedures.parsing.view import View, capitals, ended, has_modal, has_verb

_LONGEST: Final = 110
_LONGEST_NUMBERED: Final = 130
_MOST_WORDS: Final = 14
_STATUTE: Final = 17
"""No manual has so many sections: Section 47 names a section of the Children Act 1989."""

_OF_HEADINGS: Final = frozenset((marks.Shape.DECIMAL, marks.Shape.INTEGER, marks.Shape.BARE))
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
    if (found := _on_contents_page(view, index, text)) is not None:
        return found
    if index in view.shape.slides:
        end = view.shape.slides[index]
        number = text[:end].strip()
        return Heading(Look.SLIDE, end, marks.Mark(marks.Shape.BARE, number, number, (int(number),), end))
    if (found := _by_word(view, index, text)) is not None:
        return found
    if (found := _titled(view, index, text) or _by_number(view, index, text, chapter)) is not None:
        mark = found.mark
        goes_on = mark is not None and mark.shape is marks.Shape.INTEGER and listed == mark.parts[0] - 1
        return None if goes_on else found
    return _by_look(view, index, text.strip()) if marks.mark(text) is None else None


def styled(line: Line) -> Heading | None:
    """The heading that the format says the line is, or None. A number that it counts is the heading's own."""
    if line.style.heading is None:
        return None
    label = line.style.label or ""
    own, counted = _proper(marks.word(line.content)), marks.word(label)
    if own is None and counted is not None:
        return Heading(Look.STYLED, 0, word=marks.Word(counted.word, counted.number, label, 0))
    if own is not None:
        return Heading(Look.STYLED, own.end, word=own)
    mark = _typed_or_counted(line)
    return Heading(Look.STYLED, mark.end if mark else 0, mark)


def _proper(word: marks.Word | None) -> marks.Word | None:
    """A heading's own word, unless it names a section of a statute."""
    statute = word is not None and word.word in ("section", "part") and word.number.isdigit()
    return None if word is None or (statute and int(word.number) >= _STATUTE) else word


def _typed_or_counted(line: Line) -> marks.Mark | None:
    label = line.style.label
    mark = marks.number_mark(line.content) or marks.bare_number(line.content)
    if mark is None and label:
        counted = marks.number_mark(f"{label} ") or marks.bare_number(f"{label} A")
        mark = counted and marks.Mark(counted.shape, label, counted.number, counted.parts, 0)
    return mark


def by_hand(view: View, index: int) -> Heading | None:
    """A heading made by hand where the format has styles for it: bold, in capitals, or named on the contents page."""
    line, following = view.lines[index], view.after[index]
    style = line.style
    if style.cells or style.note is not None or not style.paragraph or style.inside is not None:
        return None
    if (found := _on_contents_page(view, index, line.content)) is not None:
        return found
    word, mark = _proper(marks.word(line.content)), _typed_or_counted(line)
    title = line.content[word.end if word else mark.end if mark else 0 :].strip()
    if following is None or not _may_be_title(title, bold=style.bold) or (mark and mark.shape not in _OF_HEADINGS):
        return None
    if (style.item is not None or marks.bullet(line.content)) and (mark is None or _alike(view, following, line)):
        return None
    sure = style.bold and not view.lines[following].style.bold and not has_verb(title)
    if word is not None:
        return Heading(Look.WORD, word.end, word=word, sure=sure)
    look = Look.NUMBER if mark else Look.CAPITALS if capitals(title) else Look.SHORT
    return Heading(look, mark.end if mark else 0, mark, sure=sure)


def _may_be_title(title: str, *, bold: bool) -> bool:
    if not 2 < len(title) <= _LONGEST or len(title.split()) > _MOST_WORDS or not _OPENS.match(title):
        return False
    unended = not title.endswith((".", ",", ";", ":")) and _ADDRESS.search(title) is None
    return unended and (capitals(title) or (bold and not has_modal(title)))


def _alike(view: View, following: int, line: Line) -> bool:
    """Whether the next line is an item of the same list, set in bold too."""
    after = view.lines[following].style
    return after.item == line.style.item and after.bold == line.style.bold


def _on_contents_page(view: View, index: int, text: str) -> Heading | None:
    """A line that stands off and says what the contents page says: its title, and its number where it has one."""
    if not view.listed or not 2 < len(text) <= _LONGEST_NUMBERED or not contents.named(text, view.listed):
        return None
    if not view.apart(index) and not view.lines[index].style.paragraph:
        return None
    if (word := _proper(marks.word(text))) is not None:
        return Heading(Look.WORD, word.end, word=word)
    mark = _typed_or_counted(view.lines[index])
    if mark is not None and mark.shape not in _OF_HEADINGS:
        return None
    title = text[mark.end if mark else 0 :].strip()
    look = Look.NUMBER if mark else Look.CAPITALS if capitals(title) else Look.SHORT
    return Heading(look, mark.end if mark else 0, mark)


def _by_word(view: View, index: int, text: str) -> Heading | None:
    """Chapter 3, Appendix B: alone or with a title, not opening a sentence."""
    word = _proper(marks.word(text))
    if word is None or (not view.apart(index) and not _after_end(view, index)):
        return None
    title = text[word.end :].strip()
    prose = (
        title[:1].islower() or (ended(title) and not title.endswith(":")) or len(title) > _LONGEST or has_verb(title)
    )
    if (prose and not capitals(title)) or title.startswith((",", ";", ")")):
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
    mark = marks.number_mark(_unbulleted(text)) or _next_bare(view, index, text, chapter)
    if mark is None or mark.shape not in _OF_HEADINGS:
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


def _next_bare(view: View, index: int, text: str, chapter: int | None) -> marks.Mark | None:
    """A chapter's number without a full stop: the first, one soon after the last, or one over a paragraph n.1."""
    mark = marks.bare_number(text)
    if mark is None:
        return None
    last, following = chapter or 0, view.after[index]
    after = marks.number_mark(view.lines[following].content) if following is not None else None
    own = after is not None and after.shape is marks.Shape.DECIMAL and after.parts == (*mark.parts, 1)
    return mark if last < mark.parts[0] and (own or mark.parts[0] <= last + 3) else None


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
