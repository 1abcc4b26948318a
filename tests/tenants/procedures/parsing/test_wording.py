"""The word that governs a statement is read where it governs one, and counted once."""

import pytest

from support.read_manual import at, doubts, read
from tenants.procedures.parsing.manual import DoubtKind, Force
from tenants.procedures.parsing.report import figures


@pytest.mark.parametrize(
    ("text", "force"),
    [
        ("The nurse must ring.", Force.MUST),
        ("The nurse must not ring.", Force.MUST),
        ("The nurse should ring, and may write.", Force.SHOULD),
        ("The nurse may ring. The sister must write.", Force.MUST),
        ("The nurse may write.", Force.MAY),
        ("The nurse will ring.", Force.WILL),
        ("The nurse is to ring.", Force.IS_TO),
        ("The nurse shall ring.", Force.SHALL),
        ("The nurse will ring and may write.", Force.MAY),
        ("The nurse rings.", None),
        ("The words \u2018must\u2019 and \u2018should\u2019 are told apart.", None),
        ("It says \u2018each call must be written down\u2019 there.", None),
        ("Should a call come, the nurse rings.", None),
        ("Should be rung by the nurse.", Force.SHOULD),
        ("It should have been written down.", None),
        ("Someone must have been there.", None),
        ("Must the nurse ring?", None),
        ("It was written in May 2006.", None),
        ("Read on 3 May and again on 4 May.", None),
        ("May be read by the nurse.", Force.MAY),
        ("It was done against her will.", None),
        ("The aim is to ring at once.", None),
        ("This is to leave time for a visit.", None),
        ("All agencies should have a book.", Force.SHOULD),
        ("A child may be at risk of harm.", None),
        ("The caller may also be in immediate danger.", None),
        ("The child may have been seen before.", None),
        ("A late call may indicate trouble at home.", None),
        ("It may not be necessary to ring twice.", None),
        ("The child may be at risk, and the nurse may write.", Force.MAY),
        ("The call may be made by anybody.", Force.MAY),
        ("The nurse may be told at once.", Force.MAY),
        ("Staff may have a copy of the book.", Force.MAY),
        ("Where a child may be at risk the nurse must ring.", Force.MUST),
    ],
)
def test_the_strongest_word_that_governs_a_statement_is_its_force(text: str, force: Force | None) -> None:
    assert at(read(f"1.1 {text}\n"), "1.1").force is force


def test_ungraded_words_are_kept_as_worded_and_told() -> None:
    manual = read("1.1 The nurse will ring and is to write.\n")
    assert at(manual, "1.1").ungraded == (Force.WILL, Force.IS_TO)
    ((line, text),) = doubts(manual, DoubtKind.UNGRADED_WORD)
    assert line == 1
    assert text.startswith("will, is to: kept as worded, not graded")


def test_the_items_of_a_lead_in_count_once_each_and_the_lead_in_not_at_all() -> None:
    manual = read("""
        1.1 Staff must:
        - ring the team
        - write it down, and should sign it

        1.2 Staff should also ensure that:
        (a) the book is kept
        (b) nothing must be torn out
        """)
    lead, first, second = (at(manual, address) for address in ("1.1", "1.1/b1", "1.1/b2"))
    assert (lead.lead_in, lead.force, dict(lead.statements)) == (True, Force.MUST, {})
    assert (first.inherited, first.force) == (True, Force.MUST)
    assert (second.inherited, second.force) == (True, Force.MUST)
    assert (at(manual, "1.2/a").force, at(manual, "1.2/b").force) == (Force.SHOULD, Force.MUST)
    told = figures(manual)
    assert (told["must"], told["should"]) == (3, 1)
    assert told["words"]["must"] == 2


def test_a_lead_in_with_a_verb_of_its_own_holds_the_duty_itself() -> None:
    manual = read("1.1 The board should hold a review where:\n- a book is lost\n- a key is lost\n")
    assert at(manual, "1.1").statements == {Force.SHOULD: 1}
    assert [at(manual, f"1.1/b{number}").force for number in (1, 2)] == [None, None]


def test_a_words_count_does_not_depend_on_what_it_does() -> None:
    words = figures(read("MUST READ\n\n1.1 It says \u2018must\u2019. It must be so. See May 2007.\n"))["words"]
    assert words == {"must": 3, "should": 0, "may": 0, "will": 0, "is_to": 0, "shall": 0}


def test_a_quoted_rule_is_a_doubt() -> None:
    manual = read("1.1 The guide says \u2018every call must be written down\u2019, and it is.\n")
    assert [line for line, _ in doubts(manual, DoubtKind.QUOTED_FORCE)] == [1]
