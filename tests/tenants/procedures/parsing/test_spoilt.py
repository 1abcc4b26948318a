"""Text as it comes out of a PDF or another's hands: unseen characters, spoilt ones, columns, notes without markers."""

from textwrap import wrap

import pytest

from support.read_manual import addresses, at, doubts, read, reported
from tenants.procedures.parsing import parse
from tenants.procedures.parsing.manual import DoubtKind, Force, Kind, Reason


def test_characters_that_nobody_sees_hide_no_number_and_ligatures_are_spelt_out() -> None:
    manual = read(
        "\ufeff4\u00a0RECORDS\n\n\u200b4.1\u00a0Each \ufb01le is con\ufb01den\u00adtial.\n\n\u200e4.2 Multi\u2011agency"
        " o\ufb03cers sign:\n\n\u2022\u200b\u00a0one\n\u2022\u00a0two\n"
    )
    assert addresses(manual) == ["4", "4.1", "4.2", "4.2/b1", "4.2/b2"]
    assert at(manual, "4.1").text == "Each file is confidential."
    assert at(manual, "4.2").text == "Multi-agency officers sign:"
    assert reported(manual, Reason.INVISIBLE) == ["\u200b", "\u200e", "\u200b"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("The nurse\u00e2\u20ac\u2122s \u00e2\u20ac\u0153book.", "2 characters were read in the wrong encoding"),
        ("The nurse\ufffds book.", "1 characters were lost when it was made"),
        ("The con(cid:64)dential book.", "1 characters were not known to the font"),
    ],
)  # fmt: skip
def test_what_was_spoilt_before_it_came_is_a_doubt(text: str, told: str) -> None:
    manual = parse("manual.txt", f"1 BOOKS\n\n1.1 {text}\n".encode())
    ((line, said),) = doubts(manual, DoubtKind.ENCODING)
    assert line == 3
    assert said.startswith(told)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_is_known_without_its_mark(encoding: str) -> None:
    assert addresses(parse("manual.txt", "1 BOOKS\n\n1.1 They are kept.\n".encode(encoding))) == ["1", "1.1"]


def test_a_doubt_on_the_encoding_counts_the_lines_of_an_old_macintosh() -> None:
    manual = parse("manual.txt", "1 BOOKS\r\r1.1 The nurse\u2019s.\r".encode("cp1252"))
    assert [line for line, _ in doubts(manual, DoubtKind.ENCODING)] == [3]


LEFT = (
    "It was the custom of the ward for as long as anybody can remember to write each call into a book of its own."
    " The book of the ward is kept in the long drawer by the sister, who must lock it up each evening. Whoever borrows"
    " it writes down where it went, and brings it back before the end of the day on which it was taken out of there."
)
RIGHT = (
    "Nobody may write into it in pencil, nor tear a page out of it, nor lend it to a child or to a caller."
    " Calls are written into it by whoever answers them. They should be read out at the next meeting of the whole ward,"
    " so that nobody can say of a call that it was not heard of; and the sister signs what has been read out by her."
)


def test_two_columns_are_read_one_after_the_other_and_a_table_is_none() -> None:
    left, right = wrap(LEFT, 44), wrap(RIGHT, 44)
    page = [f"{one:<50}{other}".rstrip() for one, other in zip(left, right, strict=False)]
    manual = read("\n".join(("A newsletter", "", *page, "", "All of it was agreed by the whole ward at once.")))
    assert [one.text for one in manual.provisions if one.kind is Kind.PARAGRAPH][:2] == [LEFT, RIGHT]
    assert [line for line, _ in doubts(manual, DoubtKind.COLUMNS)] == [3]
    rows = "".join(
        f"{f'A call of kind {name} comes in':<40}The nurse of the ward rings team {name}\n{'':<40}and writes it down.\n"
        for name in "ABCDEFGHIJ"
    )
    manual = read(rows)
    assert [len(row) for row in manual.tables[0].rows] == [2] * 10
    assert not doubts(manual, DoubtKind.COLUMNS)


def test_notes_whose_raised_numbers_were_lost_are_notes_and_break_no_sentence() -> None:
    manual = read(
        "1.1 The nurse rings the team1 of the ward and the sister.2 She\nwrites it into the book that lies in the"
        "\n\n1 By day only.\n2 Or whoever stands\n  in for her.\n\fdrawer, and signs.\n\n1.2 That is all.\n\n\f"
    )
    assert [(note.marker, note.text, note.marked_in) for note in manual.notes] == [
        ("1", "By day only.", ("1.1",)), ("2", "Or whoever stands in for her.", ("1.1",)),
    ]  # fmt: skip
    assert at(manual, "1.1").text.endswith("in the drawer, and signs.")
    assert [line for line, _ in doubts(manual, DoubtKind.NOTE_GUESSED)] == [4, 5]


def test_a_contents_page_says_which_lines_are_headings() -> None:
    manual = read("""
        Contents

        Foreword                                   2
        1     Keys                                 3
        2     Visits                               4

        Foreword

        It was agreed by all.

        1     Keys

        The nurse has them.

        2     Visits

        They are made by day.
        """)
    assert addresses(manual) == ["foreword", "foreword/p1", "1", "1/p1", "2", "2/p1"]
    assert not doubts(manual, DoubtKind.HEADING_GUESSED)


@pytest.mark.parametrize("bullet", ["→", "»", "❑", "√", "\uf0fc", "~"])
def test_signs_of_other_fonts_are_bullets_and_their_columns_no_table(bullet: str) -> None:
    manual = read(f"2.1 Bring:\n{bullet}   a pen\n{bullet}   a book\n{bullet}   a coat\n")
    assert addresses(manual) == ["2.1", "2.1/b1", "2.1/b2", "2.1/b3"]


@pytest.mark.parametrize(
    ("text", "force", "told"),
    [
        ("Staff mustn\u2019t wait.", Force.MUST, None),
        ("Staff shouldn't wait.", Force.SHOULD, None),
        ("If, should the nurse be away, nobody answers, ring again.", None, None),
        ("Should parents refuse, the nurse must ring.", Force.MUST, None),
        ("Should parents refuse, ring the team.", None, "taken for a condition, not counted"),
        ("The key may not be lent.", Force.MAY, "counted as may, though it may forbid"),
        ("It may be that nobody is there.", None, None),
        ("The first duty is to the child.", None, None),
    ],
)
def test_words_that_forbid_or_suppose_are_told_from_those_that_bind(
    text: str, force: Force | None, told: str | None
) -> None:
    manual = read(f"1.1 {text}\n")
    assert at(manual, "1.1").force is force
    assert [said.split(":")[0] for _, said in doubts(manual, DoubtKind.UNCLEAR_FORCE)] == ([told] if told else [])


def test_signs_that_may_be_there_are_permitted_to_nobody() -> None:
    manual = read("1.1 Signs may include:\n- a bruise\n- a burn\n")
    assert [one.force for one in manual.provisions] == [None, None, None]
