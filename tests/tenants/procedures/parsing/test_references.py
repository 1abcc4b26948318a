"""References lead to addresses; what the manual has not is dangling, and what lies outside it is not."""

import pytest

from support.read_manual import at, doubts, read
from tenants.procedures.parsing.manual import DoubtKind, ReferenceKind

BOOK = """
CHAPTER 3: VISITS

3.1 The nurse visits.

3.2 The nurse writes:
(a) the day
(b) the hour

CHAPTER 4: KEYS

4.1 {}

4.2 The end.

APPENDIX B: FORMS

Form one.
"""


@pytest.mark.parametrize(
    ("text", "kind", "targets"),
    [
        ("See section 3.1.", ReferenceKind.PROVISION, ("3.1",)),
        ("As in paragraph 3.2(b).", ReferenceKind.PROVISION, ("3.2/b",)),
        ("Chapter 3 has more.", ReferenceKind.CHAPTER, ("chapter-3",)),
        ("See Appendix B.", ReferenceKind.APPENDIX, ("appendix-b",)),
        ("Follow paragraphs 3.1 to 4.2.", ReferenceKind.RANGE, ("3.1", "4.2")),
        ("This goes for all named (see 3.1).", ReferenceKind.PROVISION, ("3.1",)),
    ],
)
def test_a_reference_leads_to_its_address(text: str, kind: ReferenceKind, targets: tuple[str, ...]) -> None:
    (found,) = at(read(BOOK.format(text)), "4.1").references
    assert (found.kind, found.targets, found.dangling) == (kind, targets, False)


@pytest.mark.parametrize(
    "text", ["See section 3.9.", "Chapter 12 has more.", "See Appendix D.", "Follow paragraphs 3.1 to 3.8."]
)
def test_a_reference_to_what_is_not_there_dangles_with_its_line(text: str) -> None:
    manual = read(BOOK.format(text))
    (found,) = at(manual, "4.1").references
    assert found.dangling
    assert [line for line, _ in doubts(manual, DoubtKind.DANGLING_REFERENCE)] == [11]


@pytest.mark.parametrize(
    "text",
    [
        "Section 47 of the Children Act 1989 is older.",
        "A section 47 enquiry is opened.",
        "Under the Children Act 1989, section 17, it is so.",
        "See s.31 (9) of that Act.",
        "It is done under section 85.",
    ],
)
def test_a_place_in_a_statute_does_not_dangle(text: str) -> None:
    (found,) = at(read(BOOK.format(text)), "4.1").references
    assert (found.kind, found.dangling) == (ReferenceKind.STATUTE, False)


def test_a_chapter_of_another_document_does_not_dangle() -> None:
    (found,) = at(read(BOOK.format("It is Chapter 9 of Working Together.")), "4.1").references
    assert found.kind is ReferenceKind.DOCUMENT


def test_a_list_of_places_leads_to_each() -> None:
    found = at(read(BOOK.format("See paragraphs 3.1, 3.2 and 4.2.")), "4.1").references
    assert [one.targets for one in found] == [("3.1",), ("3.2",), ("4.2",)]


def test_above_is_relative_and_says_not_where() -> None:
    manual = read(BOOK.format("The nurse rings as above."))
    (found,) = at(manual, "4.1").references
    assert (found.kind, found.targets, found.dangling) == (ReferenceKind.RELATIVE, (), False)
    assert doubts(manual, DoubtKind.AMBIGUOUS_REFERENCE) == [(11, "'as above' does not say where")]


def test_above_the_first_provision_there_is_nothing() -> None:
    (found,) = at(read("1.1 The nurse rings as above.\n"), "1.1").references
    assert found.dangling


def test_the_same_number_in_the_same_chapter_comes_first() -> None:
    manual = read("""
        CHAPTER 1: RINGING

        1.1 The nurse rings.

        CHAPTER 2: WRITING

        1.1 The nurse writes.

        1.2 See paragraph 1.1.
        """)
    assert at(manual, "chapter-2/1.2").references[0].targets == ("chapter-2/1.1",)


def test_a_link_that_a_conversion_left_leads_by_its_number() -> None:
    manual = read("1.1 The nurse rings.\n\n1.2 This goes for those cited in [1.1](#).\n")
    assert at(manual, "1.2").text == "This goes for those cited in 1.1."
    assert at(manual, "1.2").references[0].targets == ("1.1",)


def test_a_web_address_is_told() -> None:
    (found,) = at(read("1.1 See www.example.org/book.\n"), "1.1").references
    assert (found.kind, found.text) == (ReferenceKind.WEB, "www.example.org/book")
