"""What a manual says of itself: the day of its law, its edition and date, its next review, what it replaces."""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from tenants.procedures.parsing.manual import Doubt, DoubtKind, Fact, FactKind, Kind, Precision, Provision

_MONTHS: Final = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_SEASONS: Final = {"spring": 3, "summer": 6, "autumn": 9, "winter": 12}
_MONTH = "|".join(f"{name[:3]}(?:{name[3:]})?" if len(name) > 3 else name for name in _MONTHS) + "|sept"
DATE: Final = (
    r"(?:(?:\d{1,2}(?:st|nd|rd|th)?\s+)?(?:" + _MONTH + r")\.?,?\s+\d{4}|(?:" + _MONTH + r")\s+\d{1,2},?\s+\d{4}"
    r"|\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})(?!\d)|\d{4}-\d{2}-\d{2}|(?:spring|summer|autumn|winter)\s+\d{4}|(?<![\d.])(?:19|20)\d{2}(?![\d.]))"
)
_DAY_MONTH = re.compile(r"(?:(\d{1,2})(?:st|nd|rd|th)?\s+)?([a-z]+)\.?,?\s+(?:(\d{1,2}),?\s+)?(\d{4})$", re.IGNORECASE)
_FIGURES = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4}|\d{2})$")
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})$")
_NEAR = r"[^.\n]{0,70}?"
_NEXT = (
    r"\b(?:next (?:edition|review|revision|update)|review date|due for review|to be reviewed|for review|"
    r"review(?:ed)? (?:by|in|on|due))\b"
)
_LAW = r"\b(?:as at|law (?:as )?(?:at|of|up to)|correct (?:as )?at|up to date (?:as )?(?:at|to)|in force (?:at|on))\b"
_DATED = (
    r"\b(?:edition|version|issued?|published|publication date|last (?:updated|reviewed|amended)|updated|date of issue|"
    r"amended|adopted|approved|revised)\b[:,\s]"
)
_SAID: Final = (
    (FactKind.NEXT_REVIEW, _NEXT + _NEAR),
    (FactKind.LAW_AS_AT, _LAW + r"[^.\n\d]{0,20}?"),
    (FactKind.REPLACES, r"\b(?:replaces?|supersedes?|in place of)\b" + _NEAR),
    (FactKind.EDITION_DATE, _DATED + _NEAR),
)
_PATTERNS: Final = tuple((kind, re.compile(lead + f"({DATE})", re.IGNORECASE)) for kind, lead in _SAID)
_EDITION = re.compile(
    r"\b(?:(?:\d{1,2}(?:st|nd|rd|th)|first|second|third|fourth|fifth|sixth)\s+edition|"
    r"edition\s+\d{1,3}(?:\.\d{1,3})?|version:?\s+\d{1,3}(?:\.\d{1,3})*)\b",
    re.IGNORECASE,
)
_ALONE = re.compile(rf"\s*({DATE})\s*$", re.IGNORECASE)
_HINT = re.compile(
    r"edition|version|review|replac|supersed|as at|law |correct|date|issue|publi|adopt|approv|revis|amend|force|place",
    re.IGNORECASE,
)
_ANY = re.compile(DATE, re.IGNORECASE)
_DRAWN: Final = r"(?:diagram|figure|flow[ -]?chart|chart|graph|picture|illustration)s?"
_BESIDE: Final = r"(?:below|above|overleaf|opposite|on the (?:next|following|previous|facing) page)"
_FIGURE = re.compile(
    rf"\b(?:{_DRAWN}(?:\s+[a-z]+){{0,3}}\s+{_BESIDE}|diagrammatically\s+{_BESIDE}"
    rf"|(?:below|following|above|attached|accompanying)\s+{_DRAWN}|(?:see|in) (?:figure|fig\.|diagram|chart)\s+\d+)\b",
    re.IGNORECASE,
)
_SHOWN: Final = 160
_FRONT: Final = 40
"""Lines at the beginning among which a date alone is taken for the edition's, as a doubt."""


def figures_missing(provisions: Sequence[Provision]) -> list[Doubt]:
    """What speaks of a picture beside it, which no file of text has; a table that follows may be what is meant."""
    found: list[Doubt] = []
    for place, one in enumerate(provisions):
        said = _FIGURE.search(one.text)
        if said is not None and not any(each.kind is Kind.TABLE for each in provisions[place + 1 : place + 2]):
            told = f"speaks of what is drawn, and pictures are not read: {said[0]}"
            found.append(Doubt(one.first_line, DoubtKind.FIGURE_MISSING, told))
    return found


def facts(places: Sequence[tuple[int, str]]) -> tuple[list[Fact], list[Doubt]]:
    """From lines and their texts, in order. A date of less than a day's precision is a doubt too."""
    found: list[Fact] = []
    doubts: list[Doubt] = []
    for line, text in places:
        if _HINT.search(text):
            found += _said(line, text)
        if line <= _FRONT and (alone := _ALONE.match(text)):
            value, precision = read_date(alone[1])
            found.append(Fact(FactKind.EDITION_DATE, alone[1], line, value, precision))
            doubts.append(Doubt(line, DoubtKind.FUZZY_DATE, f"a date alone, taken for the edition's: {alone[1]}"))
    for fact in found:
        if fact.kind is not FactKind.EDITION and fact.precision is not Precision.DAY:
            known = f"only its {fact.precision.value} is known" if fact.precision else "its date cannot be read"
            doubts.append(Doubt(fact.line, DoubtKind.FUZZY_DATE, f"{fact.kind.value}: {fact.text}: {known}"))
    return list(dict.fromkeys(found)), doubts


def _said(line: int, text: str) -> Iterator[Fact]:
    taken: list[tuple[int, int]] = []
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            if any(start <= match.start(1) < end for start, end in taken):
                continue
            taken.append(match.span(1))
            for dated in _dates(kind, text, match):
                yield Fact(kind, _sentence(text, match), line, *read_date(dated))
    for match in _EDITION.finditer(text):
        yield Fact(FactKind.EDITION, match[0], line)


def _dates(kind: FactKind, text: str, match: "re.Match[str]") -> list[str]:
    """The date said, and where a manual replaces several documents, theirs up to the end of the sentence."""
    rest = text[match.end() : match.end() + _SHOWN].partition(". ")[0] if kind is FactKind.REPLACES else ""
    return [match[1], *(found[0] for found in _ANY.finditer(rest))]


def _sentence(text: str, match: "re.Match[str]") -> str:
    """From the word that says it to the end of the sentence."""
    said = text[match.start() : match.end()] + text[match.end() : match.end() + _SHOWN].partition(". ")[0]
    return " ".join(said.split()).rstrip(".)")


def read_date(text: str) -> tuple[date | None, Precision | None]:
    """The first day that a printed date may mean, and how much of it is printed. Figures are day, month, year."""
    said = " ".join(text.split())
    try:
        if found := _ISO.match(said):
            return date(int(found[1]), int(found[2]), int(found[3])), Precision.DAY
        if found := _FIGURES.match(said):
            year = int(found[3])
            century = 0 if year > 99 else 1900 if year > 70 else 2000
            return date(century + year, int(found[2]), int(found[1])), Precision.DAY
        if said.isdigit():
            return date(int(said), 1, 1), Precision.YEAR
        return _worded(said)
    except ValueError:
        return None, None


def _worded(said: str) -> tuple[date | None, Precision | None]:
    found = _DAY_MONTH.match(said)
    if found is None:
        return None, None
    word, year = found[2].lower(), int(found[4])
    if word in _SEASONS:
        return date(year, _SEASONS[word], 1), Precision.SEASON
    month = next((place for place, name in enumerate(_MONTHS, 1) if name.startswith(word[:3])), None)
    if month is None:
        return None, None
    day = found[1] or found[3]
    return (date(year, month, int(day)), Precision.DAY) if day else (date(year, month, 1), Precision.MONTH)
