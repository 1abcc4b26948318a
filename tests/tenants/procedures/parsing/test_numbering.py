"""Printed numbers are kept, addresses are unique, and every oddity is a doubt with its line."""

from support.read_manual import addresses, at, doubts, read
from tenants.procedures.parsing.manual import DoubtKind


def test_numbers_to_any_depth_are_the_addresses() -> None:
    manual = read("""
        1 REFERRAL

        1.1 RINGING

        1.1.1 The nurse rings.
        1.1.2 The nurse writes:
        (a) a name
        (i) in full
        (ii) as told
        (b) a day
        1.1.2.1 The day is a weekday.
        1.2 WRITING

        1.2.1 The nurse writes.
        """)
    assert addresses(manual) == [
        "1", "1.1", "1.1.1", "1.1.2", "1.1.2/a", "1.1.2/a/i", "1.1.2/a/ii", "1.1.2/b", "1.1.2.1", "1.2", "1.2.1",
    ]  # fmt: skip
    assert at(manual, "1.1.2.1").parent == "1.1.2"
    assert at(manual, "1.1.2/a/ii").marker == "(ii)"


def test_the_ninth_letter_is_told_from_the_first_roman_number() -> None:
    letters = "".join(f"({letter}) thing {letter}\n" for letter in "abcdefghij")
    assert addresses(read(f"1.1 Bring:\n{letters}"))[-2:] == ["1.1/i", "1.1/j"]


def test_a_heading_without_a_number_groups_and_does_not_restart_the_numbers() -> None:
    manual = read("""
        1.3 POLICY AND PROCEDURE

        1.3.1 Both are words.

        SHARED BELIEFS

        1.3.2 Books are kept.

        1.4 UPDATING

        1.4.1 Once a year.
        """)
    assert addresses(manual) == ["1.3", "1.3.1", "1.3/shared-beliefs", "1.3.2", "1.4", "1.4.1"]
    assert at(manual, "1.3.2").parent == "1.3/shared-beliefs"


def test_numbers_that_start_afresh_in_a_chapter_are_said_with_it() -> None:
    manual = read("""
        CHAPTER 1: RINGING

        1.1 The nurse rings.

        CHAPTER 2: WRITING

        1.1 The nurse writes.
        1.2 The nurse signs.
        2.1 The nurse posts it.

        CHAPTER 3: VISITS

        3.1 The nurse visits.
        """)
    assert addresses(manual) == [
        "chapter-1", "1.1", "chapter-2", "chapter-2/1.1", "chapter-2/1.2", "chapter-2/2.1", "chapter-3", "3.1",
    ]  # fmt: skip
    ((line, _),) = doubts(manual, DoubtKind.NUMBERING_RESTARTED)
    assert line == 7


def test_a_repeated_number_gets_an_address_of_its_own() -> None:
    manual = read("4.1 The nurse rings.\n\n4.2 The nurse writes.\n\n4.2 The nurse signs.\n\n4.3 The nurse posts it.\n")
    assert addresses(manual) == ["4.1", "4.2", "4.2~2", "4.3"]
    assert at(manual, "4.2~2").number == "4.2"
    assert doubts(manual, DoubtKind.NUMBER_REPEATED) == [(5, "4.2 was there before; this one is kept as 4.2~2")]


def test_a_skipped_number_is_named() -> None:
    manual = read("4.1 The nurse rings.\n\n4.4 The nurse writes.\n")
    assert doubts(manual, DoubtKind.NUMBER_SKIPPED) == [(3, "4.1 is followed by 4.4: there is no 4.2, 4.3")]


def test_lists_that_count_within_each_heading_stand_under_it() -> None:
    manual = read("""
        Rationale

        1. Books are kept.

        2. Books are read.

        Procedure

        1. The nurse writes.

        2. The nurse signs.
        """)
    assert addresses(manual) == ["rationale", "rationale/1", "rationale/2", "procedure", "procedure/1", "procedure/2"]
    assert not doubts(manual, DoubtKind.NUMBER_REPEATED)


def test_headings_that_count_within_a_section_stand_under_it() -> None:
    manual = read("""
        Policy

        1. Books are kept.

        Procedures

        1. When a nurse rings

        Answer at once.

        2. When a parent is told of a visit

        Write it down.
        """)
    assert addresses(manual) == [
        "policy", "policy/1", "procedures", "procedures/1", "procedures/1/p1", "procedures/2", "procedures/2/p1",
    ]  # fmt: skip


def test_a_number_that_opens_a_broken_line_is_text() -> None:
    manual = read("""
        4.1 The nurse of the ward rings the duty team for each child under the age of
        16. The ward sister looks at the calendar, and rings as it says in section
        4.7 of these pages, where there is more about the calendar and its closures.
        """)
    assert addresses(manual) == ["4.1"]
    assert [line for line, _ in doubts(manual, DoubtKind.NUMBER_IN_TEXT)] == [2, 3]


def test_dates_and_times_at_the_start_of_a_line_are_no_numbers() -> None:
    manual = read("01.08.06 was the day.\n\n9.30 am was the hour.\n")
    assert addresses(manual) == ["p1", "p2"]
