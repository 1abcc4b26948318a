"""Invented manuals of every nastiness, made from a seed, with what a careful reader would make of them.

The words are made up. Chapters are of mixed age: some broken at 60 to 80 columns, some not at all, some with bullets
of one shape and some of another.
"""

import random
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field

ACTORS = ("The duty worker", "Each agency", "The named nurse", "The team manager", "The front desk", "The ward sister")
DUTIES = (
    "record the call in the blue book before the end of the day",
    "ring the duty team without waiting for the written form",
    "ask the family what name they go by and write it down as they say it",
    "tell the person who rang what will not be done and why",
    "keep the key of the cabinet away from the cabinet",
    "look at the calendar of closures and choose another day",
)
PLAIN = (
    "The weather of the county has no part in these pages and is named here only to fill a line",
    "A folder with a red spine stands on the second shelf of each reception and is looked through on Mondays",
    "The team was formed from two others, which had different forms and different telephones",
    "Everything on this page was agreed by people who sat round one table for most of an afternoon",
)
TITLES = (
    "Making a referral",
    "After the visit",
    "Keeping the book",
    "Meetings and minutes",
    "Who holds the keys",
    "Leaving the county",
)
BULLETS = ("•", "-", "–", "o", "*", "▪")  # noqa: RUF001
LETTERS = ("(a)", "(b)", "(c)", "(d)")
WIDTHS: tuple[int | None, ...] = (None, 62, 78, None)
ROMANS = ("(i)", "(ii)", "(iii)", "(iv)")


@dataclass
class Truth:
    """What was put in. ``numbers`` are the addresses of numbered paragraphs, in order."""

    must: int = 0
    should: int = 0
    numbers: list[str] = field(default_factory=list)
    chapters: int = 0
    headers: int = 0
    dangling: int = 0
    notes: int = 0
    rows: int = 0
    tables: int = 0
    terms: int = 0
    skipped: int = 0
    repeated: int = 0


@dataclass
class Maker:
    """Writes the text; ``lines`` holds it so far."""

    seed: int
    widths: Sequence[int | None]
    chance: random.Random = field(init=False)
    truth: Truth = field(default_factory=Truth)
    lines: list[str] = field(default_factory=list)
    width: int | None = None
    page: int = 1
    since_page: int = 0
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)  # noqa: S311  # invented text, not a secret

    def say(self, text: str, *, indent: int = 0, hang: int = 0) -> None:
        """A paragraph, broken as the chapter is."""
        if self.width is None:
            self.lines.append(" " * indent + text)
        else:
            room = self.width - indent
            first, rest = " " * indent, " " * (indent + hang)
            self.lines += textwrap.wrap(
                text, room + indent, initial_indent=first, subsequent_indent=rest, break_long_words=False,
                break_on_hyphens=False,
            )  # fmt: skip
        self.since_page += 1

    def gap(self) -> None:
        self.lines.append("")

    def turn_page(self, chapter: int) -> None:
        """The foot of one page and the head of the next: notes, a number, a form feed, two lines of header."""
        if self.notes:
            self.lines += ["", "____________________", *self.notes]
            self.notes = []
        self.lines += [
            "",
            str(self.page),
            "\fAnyshire Children's Board Procedures",
            f"Chapter {chapter}    Page {self.page + 1}",
            "",
        ]
        self.truth.headers += 2
        self.page += 1
        self.since_page = 0

    def sentence(self, word: str) -> str:
        actor, duty = self.chance.choice(ACTORS), self.chance.choice(DUTIES)
        if word == "must":
            return f"{actor} must {duty}."
        if word == "should":
            return f"{actor} should {duty}."
        return f"{self.chance.choice(PLAIN)}."

    def body(self, sentences: int) -> str:
        """Some sentences, the truth told of the strongest of each kind."""
        words = [self.chance.choice(("must", "should", "", "", "")) for _ in range(sentences)]
        self.truth.must += "must" in words
        self.truth.should += "should" in words
        return " ".join(self.sentence(word) for word in words)


def manual(
    seed: int = 1, chapters: int = 12, sections: int = 6, paragraphs: int = 5, widths: Sequence[int | None] = WIDTHS
) -> tuple[str, Truth]:
    """A text as it is drawn out of a PDF, and what is in it. The chapters take turns at the widths."""
    maker = Maker(seed, widths)
    _front(maker, chapters, sections)
    for chapter in range(1, chapters + 1):
        _chapter(maker, chapter, sections, paragraphs)
    _glossary(maker)
    return "\n".join(maker.lines) + "\n", maker.truth


def _front(maker: Maker, chapters: int, sections: int) -> None:
    maker.lines += [
        "ANYSHIRE CHILDREN'S BOARD PROCEDURES",
        "",
        "Third edition, March 2007",
        "",
        "Law as at 1 January 2007",
        "",
    ]
    maker.lines += ["CONTENTS", ""]
    for chapter in range(1, chapters + 1):
        maker.lines.append(f"Chapter {chapter} {_title(chapter)} {'.' * 30} {chapter * 9}")
        for section in range(1, sections + 1):
            maker.lines.append(
                f"  {chapter}.{section} {TITLES[section % len(TITLES)]} {'.' * 24} {chapter * 9 + section}"
            )
    maker.lines += ["", "\fAnyshire Children's Board Procedures", "Chapter 1    Page 1", ""]
    maker.truth.headers += 2


def _title(chapter: int) -> str:
    return f"The {('blue', 'red', 'green', 'grey')[chapter % 4]} book of {('forms', 'visits', 'keys')[chapter % 3]}"


def _chapter(maker: Maker, chapter: int, sections: int, paragraphs: int) -> None:
    """Every third is numbered afresh from 1; every fourth skips a number and repeats another."""
    maker.width = maker.widths[chapter % len(maker.widths)]
    afresh = chapter % 3 == 0
    maker.lines += [f"CHAPTER {chapter}: {_title(chapter).upper()}", ""]
    maker.truth.chapters += 1
    for section in range(1, sections + 1):
        stem = f"{section}" if afresh else f"{chapter}.{section}"
        place = f"chapter-{chapter}/{stem}" if afresh else stem
        maker.lines += [f"{stem} {TITLES[section % len(TITLES)].upper()}", ""]
        number = 0
        for count in range(1, paragraphs + 1):
            number += 1
            if chapter % 4 == 0 and section == 2 and count == 3:
                number += 1
                maker.truth.skipped += 1
            _numbered(maker, f"{stem}.{number}", f"{place}.{number}", chapter)
            if maker.since_page > 30:
                maker.turn_page(chapter)
        _extras(maker, chapter, section)
    maker.gap()


def _numbered(maker: Maker, number: str, place: str, chapter: int) -> None:
    kind = maker.chance.randrange(6)
    maker.truth.numbers.append(place)
    if kind == 0:
        word = maker.chance.choice(("must", "should"))
        maker.say(f"{number} {maker.chance.choice(ACTORS)} {word}:", hang=4)
        _list(maker, chapter, word)
    elif kind == 1:
        known = maker.chance.random() < 0.7
        target = "2.1.1" if known and chapter % 3 else "77.9"
        # In a chapter that is numbered afresh the number is looked for there first.
        maker.truth.dangling += target == "77.9"
        maker.say(f"{number} {maker.body(6)} See section {target} as well.", hang=4)
    elif kind == 2:
        maker.truth.notes += 1
        mark = maker.truth.notes
        maker.say(f"{number} {maker.body(4)[:-1]}[{mark}].", hang=4)
        maker.notes.append(f"[{mark}] Told at the meeting of the board by the person who keeps the minutes.")
    else:
        maker.say(f"{number} {maker.body(maker.chance.randint(4, 9))}", hang=4)
    maker.gap()


def _list(maker: Maker, chapter: int, word: str) -> None:
    """Items that complete a lead-in: each counts once."""
    bullet = BULLETS[chapter % len(BULLETS)]
    marks = maker.chance.choice(((bullet,) * 4, LETTERS, ROMANS))
    for mark in marks[: maker.chance.randint(2, 4)]:
        maker.say(f"{mark} {maker.chance.choice(DUTIES)}", indent=4, hang=4)
        if word == "must":
            maker.truth.must += 1
        else:
            maker.truth.should += 1


def _extras(maker: Maker, chapter: int, section: int) -> None:
    if section == 2:
        maker.lines += ["| Who | What | When |", "|-----|------|------|"]
        for actor in ACTORS[:3]:
            maker.lines.append(f"| {actor} | must ring the duty team | at once |")
        maker.truth.rows += 4
        maker.truth.tables += 1
        maker.truth.must += 3
        maker.gap()
    if section == 1 and chapter % 4 == 1:
        # Printed a second time by mistake.
        stem = f"{section}" if chapter % 3 == 0 else f"{chapter}.{section}"
        maker.say(f"{stem}.1 {maker.body(3)}", hang=4)
        maker.gap()
        maker.truth.repeated += 1
    if section == 3:
        maker.lines += ["Shared beliefs", ""]
        maker.say(maker.body(3))
        maker.gap()


def _glossary(maker: Maker) -> None:
    maker.turn_page(99)
    maker.width = None
    maker.lines += ["GLOSSARY", ""]
    for place, term in enumerate(("Duty team", "Blue book", "Closure day", "Key holder")):
        maker.lines += [f"{term}: {PLAIN[place % len(PLAIN)].lower()}.", ""]
        maker.truth.terms += 1


def great() -> tuple[str, Truth]:
    """A manual of the size of a county's: 650,000 characters in 4,500 lines or so."""
    return manual(seed=11, chapters=18, sections=9, paragraphs=8, widths=(None, None, None, None, None, 78))
