"""Every character of a manual is in one place of it, or reported with its reason: for any text whatever."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from support.manuals import manual as invented
from tenants.procedures.parsing import parse
from tenants.procedures.parsing.assembling import assemble
from tenants.procedures.parsing.manual import Kind, Manual, Reason
from tenants.procedures.parsing.reading.text import source_of
from tenants.procedures.parsing.report import figures

LINES = st.sampled_from(
    (
        "", "", "1 REFERRAL", "1.1 Staff must ring.", "1.1.2 They should write", "- bullet", "• other", " - set in",
        "o round", "(a) letter", "(i) roman", "3. third", "Policy", "CONTENTS", "1.1 Scope ........ 4",
        "Chapter 2: Visits", "12", "Page 3 of 9", "\fANYSHIRE BOARD", "ANYSHIRE BOARD", "| a | b |", "|---|---|",
        "Who   What   When", "\tTab\tbed",
        "[1] A note", "word[1] marked", "_____", "Term: what it is", "and so on to the multi-",
        "agency meeting", "see section 9.9", "Staff must:", "**Bold** and [1.1](#) link", "1 A slide", "2Glued",
        "3Glued again - with - dashes", "4Chapter 2Glued", "-", "- Â", "Title: A manual", "\u00ad soft\u00ad",
        "Home > Chapter",
        "4.2", "\ufeff5.1 First of a file", "\u200b\u2022 con\ufb01dential", "The team1 and the ward2", "1 By day.",
    "the child \u2018must\u2019 be seen. It should be so.",
    )
)  # fmt: skip

LIGATURES = {"\ufb00": "ff", "\ufb01": "fi", "\ufb02": "fl", "\ufb03": "ffi", "\ufb04": "ffl", "\ufb05": "st",
             "\ufb06": "st"}  # fmt: skip


def account(manual: Manual) -> None:
    """The pieces are the source, in order, and what a place says is what its pieces hold."""
    assert "".join(manual.text[piece.start : piece.end] for piece in manual.pieces) == manual.text
    place = 0
    held: dict[str, str] = {}
    for piece in manual.pieces:
        assert piece.start == place < piece.end
        assert (piece.address is None) != (piece.reason is None)
        if piece.reason in (Reason.WHITE_SPACE, Reason.PAGE_BREAK):
            blank = manual.text[piece.start : piece.end]
            assert not blank.strip(), f"lost as if nothing stood there: {blank!r}"
        place = piece.end
        if piece.address is not None:
            held[piece.address] = held.get(piece.address, "") + manual.text[piece.start : piece.end]
    said = {one.address: one.marker + one.title + one.text for one in manual.provisions if one.kind is not Kind.TABLE}
    said |= {note.address: note.marker + note.text for note in manual.notes}
    assert held.keys() == said.keys()
    for address, text in held.items():
        assert solid(text) == solid(said[address]), address


def solid(text: str) -> str:
    """Without white space, the hyphens at the ends of lines, and the bars between cells; ligatures spelt out."""
    spelt = (LIGATURES.get(letter, letter) for letter in text)
    return "".join(letter for letter in spelt if not letter.isspace() and letter not in "-\u2010\u2011\u00ad|")


@given(st.text(max_size=400))
@settings(max_examples=200, deadline=None)
def test_any_text_is_accounted_for(text: str) -> None:
    account(assemble(source_of(text)))


@given(st.lists(LINES, max_size=40), st.sampled_from(("\n", "\r\n", "\r")))
@settings(max_examples=300, deadline=None)
def test_lines_of_every_kind_in_any_order_are_accounted_for(lines: list[str], brk: str) -> None:
    manual = assemble(source_of(brk.join(lines)))
    account(manual)
    addresses = [*(one.address for one in manual.provisions), *(note.address for note in manual.notes)]
    assert len(addresses) == len(set(addresses))
    parents = {one.parent for one in manual.provisions} - {None}
    assert parents <= set(addresses)


def test_an_invented_manual_is_accounted_for_and_read_as_it_was_meant() -> None:
    text, truth = invented(seed=7)
    manual = parse("manual.txt", text.encode())
    account(manual)
    told = figures(manual)
    assert (
        told["characters_total"] == len(text) == told["characters_placed"] + sum(told["characters_reported"].values())
    )
    assert (told["must"], told["should"]) == (truth.must, truth.should)
    assert (told["dangling"], told["notes"], told["tables"]) == (truth.dangling, truth.notes, truth.tables)
    addresses = {one.address for one in manual.provisions}
    assert set(truth.numbers) <= addresses
    assert sum(address.startswith("chapter-") and "/" not in address for address in addresses) == truth.chapters
    assert len([piece for piece in manual.pieces if piece.reason == "running header"]) == truth.headers
    assert told["doubts_by_kind"]["number skipped"] == truth.skipped
    assert told["doubts_by_kind"]["number repeated"] == truth.repeated


def test_manuals_of_other_seeds_are_read_alike() -> None:
    for seed in random.Random(3).sample(range(1000), 4):  # noqa: S311  # no secret
        text, truth = invented(seed, chapters=6, sections=4, paragraphs=4)
        told = figures(parse("manual.txt", text.encode()))
        assert (told["must"], told["should"], told["dangling"]) == (truth.must, truth.should, truth.dangling), seed


def test_a_provision_is_found_again_in_the_next_reading_of_the_same_words() -> None:
    text, _ = invented(seed=5, chapters=3)
    first, second = parse("manual.txt", text.encode()), parse("manual.txt", text.replace("\n", "\r\n").encode())
    assert [one.key for one in first.provisions] == [one.key for one in second.provisions]
    assert len({one.key for one in first.provisions}) == len(first.provisions)
