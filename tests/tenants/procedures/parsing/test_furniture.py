"""What pages carry besides their text is reported with its reason, and breaks no list and no sentence."""

from support.read_manual import addresses, at, doubts, read, reported
from tenants.procedures.parsing.manual import DoubtKind, Reason


def test_a_contents_page_with_leaders_is_reported_and_the_headings_stay() -> None:
    manual = read("""
        CONTENTS

        1 Referral .......................... 3
        1.1 Who rings the duty team and what
        is written down ..................... 4
        2 Visits ............................ 9

        1 REFERRAL

        1.1 The nurse rings the team.

        2 VISITS

        2.1 The nurse visits.
        """)
    assert addresses(manual) == ["1", "1.1", "2", "2.1"]
    assert len(reported(manual, Reason.CONTENTS_PAGE)) == 5


def test_a_contents_page_without_leaders_ends_where_its_titles_come_again() -> None:
    manual = read("""
        Contents

        1 Referral
        2 Visits
        3 Glossary

        1 Referral

        The nurse rings the team.

        2 Visits

        The nurse visits.

        3 Glossary

        Nothing is explained.
        """)
    assert addresses(manual) == ["1", "1/p1", "2", "2/p1", "3", "3/p1"]
    assert doubts(manual, DoubtKind.CONTENTS_PAGE)


def test_a_form_with_dots_to_write_on_is_no_contents_page() -> None:
    manual = read("""
        Name of the child: ......................
        Told by: ................................
        Signed: .................................
        """)
    assert not reported(manual, Reason.CONTENTS_PAGE)


def test_a_running_header_without_page_breaks_does_not_end_the_list_that_it_breaks_into() -> None:
    manual = read("""
        1 KEEPING THE BOOK

        1.1 Agencies will:
        - write in blue
        - write at once

        KEEPING THE BOOK

        - write in full
        - sign

        KEEPING THE BOOK

        1.2 The book is kept in the office, and whoever borrows it

        KEEPING THE BOOK

        writes down where it went.
        """)
    assert addresses(manual) == ["1", "1.1", "1.1/b1", "1.1/b2", "1.1/b3", "1.1/b4", "1.2"]
    assert at(manual, "1.2").text == "The book is kept in the office, and whoever borrows it writes down where it went."
    assert reported(manual, Reason.RUNNING_HEADER) == ["KEEPING THE BOOK"] * 3


def test_headers_of_two_lines_and_page_numbers_within_a_sentence_are_taken_out_of_it() -> None:
    head = "Anyshire Children's Board\nProcedures, volume one\n\n"
    pages = [
        f"{head}{page}.1 The nurse rings the team and asks that\n\n{2 * page - 1}\n\f"
        f"{head}the family be visited.\n\n{2 * page}\n\f"
        for page in (1, 2, 3)
    ]
    manual = read("".join(pages))
    assert addresses(manual) == ["1.1", "2.1", "3.1"]
    assert at(manual, "2.1").text == "The nurse rings the team and asks that the family be visited."
    assert len(reported(manual, Reason.PAGE_NUMBER)) == 6
    assert len(reported(manual, Reason.RUNNING_HEADER)) == 12
    assert len(doubts(manual, DoubtKind.BREAK_JOINED)) == 3


def test_a_heading_that_every_chapter_has_is_no_running_header() -> None:
    manual = read(
        "".join(
            f"Chapter {number}: Visit {number}\n\nIntroduction\n\nThe visit is the {number}th.\n\n"
            for number in range(1, 6)
        )
    )
    assert [one for one in addresses(manual) if one.endswith("introduction")] == [
        f"chapter-{number}/introduction" for number in range(1, 6)
    ]


def test_crumbs_of_a_saved_web_page_are_navigation() -> None:
    manual = read("""
        Home > Procedures > Chapter 4

        4. Leaving the county

        Tell the other county.

        Back to top
        """)
    assert reported(manual, Reason.NAVIGATION) == ["Home > Procedures > Chapter 4", "Back to top"]


def test_a_year_broken_off_its_sentence_is_no_page_number() -> None:
    manual = read("""
        The blue book was begun by the county in January
        2007
        and has been kept since then in the office there.
        """)
    assert "January 2007 and" in at(manual, "p1").text


def test_a_header_that_counts_pages_needs_no_page_break_and_takes_its_neighbour_with_it() -> None:
    header = "Anyshire Children's Board\nProcedures of the county                    {}\n\n"
    manual = read(
        header.format(1) + "1.1 The nurse of the ward rings the duty team, which is told by the sister that it\n\n"
        + header.format(2) + "is to visit at once (see 1.2).\n\n1.2 The team visits.\n\n"
        + header.format(3) + "1.3 The team writes.\n"
    )  # fmt: skip
    assert addresses(manual) == ["1.1", "1.2", "1.3"]
    assert at(manual, "1.1").text.endswith("the sister that it is to visit at once (see 1.2).")
    assert len(reported(manual, Reason.RUNNING_HEADER)) == 6


def test_a_list_of_contents_may_leave_the_numbers_out() -> None:
    manual = read("""
        Contents

        Introduction
        Visits
        Keys

        1. Introduction

        The nurse rings.

        2. Visits

        The nurse visits.

        3. Keys

        The nurse has them.
        """)
    assert addresses(manual) == ["1", "1/p1", "2", "2/p1", "3", "3/p1"]
    assert reported(manual, Reason.CONTENTS_PAGE) == ["Contents", "Introduction", "Visits", "Keys"]


def test_a_header_that_says_how_many_pages_there_are_is_one_without_page_breaks_too() -> None:
    pages = [
        f"ANYSHIRE PROCEDURES          Page {number} of 12\n{number}.1 The nurse must ring the\nteam at once.\n"
        for number in range(1, 5)
    ]
    manual = read("\n".join(pages))
    assert addresses(manual) == ["1.1", "2.1", "3.1", "4.1"]
    assert len(reported(manual, Reason.RUNNING_HEADER)) == 4


def test_a_row_of_a_table_is_no_menu_of_a_site() -> None:
    manual = read("1.1 As follows.\n\nHome | by day | ring\nWard | by night | write\n\nHome | Contact us | Map\n")
    assert manual.tables[0].rows == (("Home", "by day", "ring"), ("Ward", "by night", "write"))
    assert reported(manual, Reason.NAVIGATION) == ["Home | Contact us | Map"]
