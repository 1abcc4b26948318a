"""Bullets of every shape, broken lines, tables and notes come out as a careful reader would take them."""

import pytest

from support.read_manual import addresses, at, doubts, read, reported
from tenants.procedures.parsing.manual import DoubtKind, Kind, Reason


@pytest.mark.parametrize("bullet", ["•", "-", "–", "o", "*", "▪", "\uf0b7", "·", "➢"])  # noqa: RUF001
def test_bullets_of_every_shape_are_items(bullet: str) -> None:
    manual = read(f"2.1 Bring:\n{bullet} a pen\n{bullet} a book\n\n2.2 Nothing else.\n")
    assert addresses(manual) == ["2.1", "2.1/b1", "2.1/b2", "2.2"]
    assert at(manual, "2.1/b2").text == "a book"


def test_another_bullet_is_a_list_within_the_item() -> None:
    manual = read("2.1 Bring:\n• a bag with\n  o a pen\n  o a book\n• a coat\n")
    assert addresses(manual) == ["2.1", "2.1/b1", "2.1/b1/b1", "2.1/b1/b2", "2.1/b2"]


def test_a_bullet_alone_on_its_line_has_the_next_line_as_its_text() -> None:
    manual = read("2.1 Bring:\n•\na pen\n•\na book\n")
    assert [one.text for one in manual.provisions if one.kind is Kind.ITEM] == ["a pen", "a book"]


def test_empty_bullets_are_reported() -> None:
    manual = read("2.1 Bring:\n- a pen\n- \n- a book\n")
    assert reported(manual, Reason.EMPTY_BULLET) == ["-"]
    assert doubts(manual, DoubtKind.EMPTY_BULLET) == [(3, "a bullet with nothing after it")]


def test_lines_broken_for_want_of_room_are_joined_and_short_ones_are_not() -> None:
    manual = read("""
        The nurse of the ward rings the duty team and tells whoever
        answers what was seen on the ward, and at what hour of the
        day.
        The sister writes it in the blue book that lies on the desk
        of the ward, and signs.
        """)
    assert [one.text.split()[0] + " … " + one.text.split()[-1] for one in manual.provisions] == [
        "The … day.",
        "The … signs.",
    ]


def test_a_hyphen_at_the_end_of_a_line_goes_or_stays_as_the_word_is_written_elsewhere() -> None:
    manual = read("""
        Each multi-agency meeting is about safeguarding, and is held in the long room there.

        The nurse of the ward comes to each meeting of the county's multi-
        agency group, where there is talk of nothing but the safe-
        guarding of children in the long room and in the short room.
        """)
    assert "multi-agency group" in at(manual, "p2").text
    assert "the safeguarding of" in at(manual, "p2").text
    assert [text for _, text in doubts(manual, DoubtKind.HYPHEN_JOINED)] == [
        "kept: multi-agency",
        "joined: safe-guarding",
    ]


@pytest.mark.parametrize(
    "table",
    [
        "| Who | What |\n|-----|------|\n| Nurse | must ring |\n",
        "Who\tWhat\nNurse\tmust ring\n",
        "Who           What          When\nNurse         must ring     at once\n",
        "+-----+-----------+\n| Who | What      |\n+-----+-----------+\n| Nurse | must ring |\n+-----+-----------+\n",
    ],
)
def test_tables_drawn_in_every_way_are_rows_of_cells(table: str) -> None:
    manual = read(f"2.1 As follows.\n\n{table}\n2.2 That was all.\n")
    (found,) = manual.tables
    assert [row[:2] for row in found.rows] == [("Who", "What"), ("Nurse", "must ring")]
    assert at(manual, "2.1/t1/r2").kind is Kind.ROW
    assert at(manual, "2.2").text == "That was all."


SPACED = """
Who           What                    When
Nurse         rings the duty team     at once
              and waits
Sister                                later
"""
RULED = """
+--------+---------------------+---------+
| Who    | What                | When    |
+========+=====================+=========+
| Nurse  | rings the duty team | at once |
|        | and waits           |         |
+--------+---------------------+---------+
| Sister |                     | later   |
+--------+---------------------+---------+
"""


@pytest.mark.parametrize("table", [SPACED, RULED])
def test_a_cell_that_goes_on_in_the_next_line_is_one_cell_of_its_column(table: str) -> None:
    manual = read(table)
    assert manual.tables[0].rows == (
        ("Who", "What", "When"), ("Nurse", "rings the duty team and waits", "at once"), ("Sister", "", "later"),
    )  # fmt: skip


def test_rules_over_and_under_a_table_do_not_make_one_row_of_its_lines() -> None:
    manual = read("+---+---+\n| a | b |\n+---+---+\n| c | d |\n| e | f |\n+---+---+\n")
    assert manual.tables[0].rows == (("a", "b"), ("c", "d"), ("e", "f"))


def test_footnotes_are_notes_of_the_provision_that_carries_their_marker() -> None:
    manual = read("""
        2.1 The nurse rings the team[1] and the ward².

        ____________________
        [1] By telephone.
        ² Not at night.
        """)
    assert [(note.marker, note.text, note.marked_in) for note in manual.notes] == [
        ("[1]", "By telephone.", ("2.1",)), ("²", "Not at night.", ("2.1",)),
    ]  # fmt: skip


def test_a_marker_without_a_note_is_a_doubt() -> None:
    assert doubts(read("2.1 The nurse rings[4].\n"), DoubtKind.MARKER_WITHOUT_NOTE) == [(1, "there is no note 4")]


def test_slides_are_headings_whose_titles_have_lost_the_space_after_their_number() -> None:
    manual = read("""
        1Anyshire Board
        2Setting out
        - Rings
        - Visits by whoever is on the
        rota. - Keys
        3Chapter 1Keeping the book
        - All agencies must
        - Write in blue
        - Sign
        4Leaving
        - Tell the other county
        """)
    assert addresses(manual) == [
        "slide-1", "slide-2", "slide-2/b1", "slide-2/b2", "slide-2/b3", "slide-3", "slide-3/b1", "slide-3/b1/b1",
        "slide-3/b1/b2", "slide-4", "slide-4/b1",
    ]  # fmt: skip
    assert at(manual, "slide-2/b2").text == "Visits by whoever is on the rota."
    assert at(manual, "slide-3").title == "Chapter 1 Keeping the book", "its words are found when they are looked for"
