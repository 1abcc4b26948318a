"""What differs between two texts: by provision, following what was renumbered, word by word."""

from uuid import UUID

from tenants.procedures.difference import Change, Words, compared, differences, digest
from tenants.procedures.models import ProcedureProvision
from tenants.procedures.vocabulary import Force

NOBODY = UUID(int=0)


def text(*said: tuple[str, str], **force: Force) -> list[ProcedureProvision]:
    return [
        ProcedureProvision(tenant_id=NOBODY, edition_id=NOBODY, position=position, address=address, key=address,
                           number=address, text=words, force=force.get(f"at_{address}"))
        for position, (address, words) in enumerate(said, 1)
    ]  # fmt: skip


BEFORE = text(("1", "Refer at once."), ("2", "Write within 48 hours."), ("3", "Tell the police."))


def told(later: list[ProcedureProvision], redirects: dict[str, str]) -> list[tuple[Change, str | None, str | None]]:
    return [
        (one.change, one.before.address if one.before else None, one.after.address if one.after else None)
        for one in differences(BEFORE, later, redirects)
    ]


def test_a_text_does_not_differ_from_itself() -> None:
    assert told(BEFORE, {}) == []


def test_what_was_added_taken_out_and_changed_is_told_in_the_order_of_the_later_text() -> None:
    later = text(("1", "Refer at once."), ("1a", "Ring first."), ("2", "Write within 24 hours."))
    assert told(later, {}) == [(Change.ADDED, None, "1a"), (Change.CHANGED, "2", "2"), (Change.REMOVED, "3", None)]


def test_what_was_renumbered_has_moved_and_is_neither_new_nor_gone() -> None:
    later = text(("1", "Refer at once."), ("2", "Tell the police."), ("3", "Write within 48 hours."))
    assert told(later, {"2": "3", "3": "2"}) == [(Change.MOVED, "3", "2"), (Change.MOVED, "2", "3")]


def test_a_change_of_force_alone_is_a_change() -> None:
    (one,) = differences(BEFORE, text(*((row.address, row.text) for row in BEFORE), at_2=Force.MUST), {})
    assert (one.change, one.fields) == (Change.CHANGED, ("force",))


def test_words_taken_out_come_before_those_put_in() -> None:
    assert compared("Write within 48 hours.", "Write within 24 hours now.") == [
        Words("Write within"), Words("48 hours.", Change.REMOVED), Words("24 hours now.", Change.ADDED),
    ]  # fmt: skip


def test_the_digest_is_of_what_is_said_and_where() -> None:
    same = text(*((row.address, row.text) for row in BEFORE))
    assert digest(same) == digest(BEFORE)
    assert digest(text(("1", "Refer at once!"))) != digest(text(("1", "Refer at once.")))
    assert digest(text(("1", "Refer."))) != digest(text(("2", "Refer.")))
