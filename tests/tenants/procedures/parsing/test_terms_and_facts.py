"""Glossaries, abbreviations, and what a manual says of its own age."""

from datetime import date

import pytest

from support.read_manual import at, doubts, read
from tenants.procedures.parsing.facts import read_date
from tenants.procedures.parsing.manual import DoubtKind, FactKind, Kind, Precision


def test_entries_of_a_glossary_are_terms() -> None:
    manual = read("""
        1 KEYS

        1.1 They are kept.

        GLOSSARY

        Key holder: whoever holds the key
        Closure day - a day on which nobody comes
        """)
    assert [(term.term, term.definition) for term in manual.terms] == [
        ("Key holder", "whoever holds the key"), ("Closure day", "a day on which nobody comes"),
    ]  # fmt: skip
    assert at(manual, manual.terms[0].address).kind is Kind.DEFINITION


def test_terms_listed_after_a_lead_in_are_definitions() -> None:
    manual = read("""
        1.1 Readers note that the following terms are used:
        - **Child** to refer to anyone under 18
        - **Head of Keys** refers to the person who holds them
        """)
    assert [(term.term, term.address) for term in manual.terms] == [("Child", "1.1/b1"), ("Head of Keys", "1.1/b2")]


def test_a_label_before_a_quotation_is_a_definition() -> None:
    manual = read(
        "1. The kinds are:\n\nLoss:\n\u2018The key is nowhere, and is not to be found anywhere in the office\u2019\n"
    )
    assert manual.terms[0].term == "Loss"


def test_abbreviations_are_spelt_out_where_the_initials_agree() -> None:
    manual = read("1.1 The Anyshire Board of Keys (ABK) and the county (XYZ) agree.\n")
    assert [(term.term, term.abbreviation) for term in manual.terms] == [("Anyshire Board of Keys", "ABK")]


def test_a_term_defined_again_in_other_words_is_a_doubt() -> None:
    manual = read("GLOSSARY\n\nKey holder: whoever holds it\nKey holder: somebody else\n")
    assert [line for line, _ in doubts(manual, DoubtKind.TERM_REPEATED)] == [4]


def test_what_a_manual_says_of_its_age_is_told_as_printed() -> None:
    manual = read("""
        ANYSHIRE PROCEDURES

        Third edition, March 2007

        1.1 It is consistent with the law (as at 01.08.06).

        1.2 It replaces the procedures dated October 2005.

        1.3 The next edition should be produced in Autumn 2009.
        """)
    found = {fact.kind: (fact.value, fact.precision) for fact in manual.facts if fact.value}
    assert found == {
        FactKind.EDITION_DATE: (date(2007, 3, 1), Precision.MONTH),
        FactKind.LAW_AS_AT: (date(2006, 8, 1), Precision.DAY),
        FactKind.REPLACES: (date(2005, 10, 1), Precision.MONTH),
        FactKind.NEXT_REVIEW: (date(2009, 9, 1), Precision.SEASON),
    }
    assert manual.facts[0].text == "ANYSHIRE PROCEDURES"
    assert [line for line, _ in doubts(manual, DoubtKind.FUZZY_DATE)] == [3, 7, 9]


@pytest.mark.parametrize(
    ("text", "value", "precision"),
    [
        ("1 January 2007", date(2007, 1, 1), Precision.DAY),
        ("31st March 2006", date(2006, 3, 31), Precision.DAY),
        ("01.08.06", date(2006, 8, 1), Precision.DAY),
        ("2024-05-09", date(2024, 5, 9), Precision.DAY),
        ("Sept 2008", date(2008, 9, 1), Precision.MONTH),
        ("Winter 2008", date(2008, 12, 1), Precision.SEASON),
        ("2002", date(2002, 1, 1), Precision.YEAR),
        ("31 February 2007", None, None),
        ("99.99.2007", None, None),
    ],
)
def test_dates_are_read_as_far_as_they_are_printed(text: str, value: date | None, precision: Precision | None) -> None:
    assert read_date(text) == (value, precision)


def test_a_picture_that_is_spoken_of_and_not_there_is_a_doubt() -> None:
    manual = read("""
        1.1 How keys and books belong together is represented diagrammatically below.

        1.2 The stages are set out in the following chart.

        | Stage | Who |
        |-------|-----|
        | One | Nurse |

        1.3 Where the book goes is in the flow chart for night staff overleaf; see figure 4.

        1.4 The figures of last year are above those of this one.
        """)
    assert doubts(manual, DoubtKind.FIGURE_MISSING) == [
        (1, "speaks of what is drawn, and pictures are not read: diagrammatically below"),
        (9, "speaks of what is drawn, and pictures are not read: flow chart for night staff overleaf"),
    ]
