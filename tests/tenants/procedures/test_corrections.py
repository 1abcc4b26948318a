"""Corrections of a draft: they survive another reading of its file, and those that no longer fit are listed."""

from datetime import date

import pytest

from backend.kit.ids import uuid7
from backend.kit.problems import Conflict, Invalid, NotFound
from backend.kit.session import TenantSession
from support.partnership import Partnership
from support.procedures import PLAIN, approved, drafted, manual, refers, said
from tenants.procedures import corrections, drafting, filling, reading, repository
from tenants.procedures.corrections import TermTold
from tenants.procedures.drafting import DraftTold
from tenants.procedures.models import (
    ProcedureEdition,
    ProcedureProvision,
    ProcedureRedirect,
    ProcedureReference,
    ProcedureTerm,
)
from tenants.procedures.parsing.manual import Doubt, DoubtKind, Manual, Term
from tenants.procedures.vocabulary import Force, Kind, ReferenceKind
from tenants.procedures.working_models import ProcedureDoubt


async def read_again(session: TenantSession, row: ProcedureEdition, source: Manual = PLAIN) -> int:
    return await filling.fill(session, row, reading.content(source, session.tenant_id, row.id))


async def texts(session: TenantSession, row: ProcedureEdition) -> dict[str, str]:
    return {one.address: one.text for one in await repository.parts(session, ProcedureProvision, row.id)}


async def test_every_kind_of_correction_is_made_again_when_the_file_is_read_again(cambs: Partnership) -> None:
    by = (await cambs.member("administrator")).person_id
    async with cambs.session() as session:
        row = await drafted(session, by)
        await corrections.set_fields(session, row.id, ["2.1"], {"force": "must", "text": "They must take part."}, by)
        await corrections.set_fields(session, row.id, ["1.1", "1.2"], {"kind": "law", "audience": ["health"]}, by)
        await corrections.split(session, row.id, "1.2", "see 2.1.", "1.2a", None, by)
        await corrections.set_fields(session, row.id, ["2.2"], {"address": "2.5", "number": "2.5"}, by)
        await corrections.merge(session, row.id, ["2.1", "2.5"], by)
        fields = {"address": "1.3", "number": "1.3", "text": "Ring first.", "parent": "1", "depth": 2}
        await corrections.add(session, row.id, fields, "1.2a", by)
        await corrections.remove(session, row.id, "1.1", by)
        mended = {
            "1": "", "1.2": "The referrer should confirm in writing within 48 hours;", "1.2a": "see 2.1.",
            "1.3": "Ring first.", "2": "",
            "2.1": "They must take part.\nAn enquiry under section 47 may follow.",
        }  # fmt: skip
        assert await texts(session, row) == mended
        assert await read_again(session, row) == 8
        assert await texts(session, row) == mended
        found = {one.address: one for one in await repository.parts(session, ProcedureProvision, row.id)}
        assert (found["1.2"].kind, found["1.2"].audience) == (Kind.LAW, ["health"])
        assert (found["1.2a"].kind, found["2.1"].force) == (Kind.LAW, Force.MUST)
        assert [one.position for one in found.values()] == list(range(1, 7))
        assert await repository.parts(session, ProcedureDoubt, row.id) == []


async def test_a_correction_of_words_that_the_file_no_longer_has_is_listed_and_blocks(cambs: Partnership) -> None:
    by = (await cambs.member("administrator")).person_id
    async with cambs.session() as session:
        row = await drafted(session, by)
        await corrections.set_fields(session, row.id, ["1.1"], {"text": "Anybody must refer."}, by)
        await corrections.set_fields(session, row.id, ["2.2"], {"force": "should"}, by)
        one, _, *rest = PLAIN.provisions
        changed = manual(one, said("1.1", "Everybody must refer within a day.", parent="1"), *rest)
        assert await read_again(session, row, changed) == 1
        assert (await texts(session, row))["1.1"] == "Everybody must refer within a day."
        (doubt,) = await repository.parts(session, ProcedureDoubt, row.id)
        assert doubt.blocking
        assert doubt.message.startswith("A correction (set) to 1.1 no longer fits")
        with pytest.raises(Invalid, match="no longer fits"):
            await approved(session, row)


async def test_renumbering_takes_references_along_and_leads_on_from_the_number_before(cambs: Partnership) -> None:
    by = (await cambs.member("administrator")).person_id
    async with cambs.session() as session:
        first = await approved(session, await drafted(session, by))
        row = await drafted(session, by, based_on=first.id)
        await corrections.set_fields(session, row.id, ["2.1"], {"address": "2.7", "number": "2.7"}, by)
        await corrections.set_fields(session, row.id, ["2.7"], {"address": "2.8", "number": "2.8"}, by)
        (reference,) = await repository.parts(session, ProcedureReference, row.id)
        assert reference.targets == ["2.8"]
        (redirect,) = await repository.parts(session, ProcedureRedirect, row.id)
        assert (redirect.old_address, redirect.new_address) == ("2.1", "2.8")
        await approved(session, row)
        assert await repository.redirected(session, row.id, "2.1") == "2.8"


async def test_an_old_number_leads_on_through_every_later_text_until_it_is_given_to_something_else(
    cambs: Partnership,
) -> None:
    by = (await cambs.member("administrator")).person_id

    async def next_draft(before: ProcedureEdition) -> ProcedureEdition:
        told = DraftTold(before.manual, before.title, law_as_at=before.law_as_at, based_on_id=before.id)
        return await drafting.draft(session, told, by, uuid7())

    async def at(edition: ProcedureEdition, address: str) -> str | None:
        found = await repository.standing(session, edition.id, address)
        return found.address if found else None

    async with cambs.session() as session:
        first = await approved(session, await drafted(session, by))
        second = await next_draft(first)
        await corrections.set_fields(session, second.id, ["2.1"], {"address": "2.7"}, by)
        await approved(session, second)
        third = await next_draft(second)
        assert await at(third, "2.1") == "2.7"
        await corrections.set_fields(session, third.id, ["2.7"], {"address": "2.8"}, by)
        assert [await at(third, address) for address in ("2.1", "2.7")] == ["2.8", "2.8"]
        await corrections.add(session, third.id, {"address": "2.1", "text": "Another."}, None, by)
        assert [await at(third, address) for address in ("2.1", "2.7")] == ["2.1", "2.8"]
        assert await repository.followed(session, third.id, first.id, "2.1") == "2.8"
        await approved(session, third)
        fourth = await next_draft(third)
        assert [await at(fourth, address) for address in ("2.1", "2.7")] == ["2.1", "2.8"]
        assert await repository.followed(session, fourth.id, first.id, "2.1") == "2.8"
        assert await repository.followed(session, fourth.id, third.id, "2.1") == "2.1"
        await corrections.remove(session, fourth.id, "2.8", by)
        assert await at(fourth, "2.7") is None
        assert not [one for one in await drafting.found(session, fourth) if one.code == "dangling-redirect"]


async def test_a_file_whose_numbers_have_moved_leads_on_by_itself(cambs: Partnership) -> None:
    async with cambs.session() as session:
        first = await approved(session, await drafted(session, None))
        row = await drafted(session, None, based_on=first.id)
        *rest, last = PLAIN.provisions
        await read_again(session, row, manual(*rest, said("2.9", last.text, parent="2")))
        (redirect,) = await repository.parts(session, ProcedureRedirect, row.id)
        assert (redirect.old_address, redirect.new_address) == ("2.2", "2.9")


async def test_what_cannot_be_corrected_is_refused_with_the_remedy(cambs: Partnership) -> None:
    by = (await cambs.member("administrator")).person_id
    async with cambs.session() as session:
        row = await drafted(session, by)
        with pytest.raises(Invalid, match="another provision has it"):
            await corrections.set_fields(session, row.id, ["1.1"], {"address": "1.2"}, by)
        with pytest.raises(Invalid, match="name one provision"):
            await corrections.set_fields(session, row.id, ["1.1", "1.2"], {"text": "x"}, by)
        with pytest.raises(Invalid, match="control character"):
            await corrections.set_fields(session, row.id, ["1.1"], {"text": "a\x02b"}, by)
        with pytest.raises(Invalid, match="once"):
            await corrections.split(session, row.id, "1.1", "nowhere", "1.9", None, by)
        with pytest.raises(Conflict, match="belong to it"):
            await corrections.remove(session, row.id, "1", by)
        with pytest.raises(NotFound):
            await corrections.remove(session, row.id, "9.9", by)
        assert await texts(session, row) == {one.address: one.text for one in PLAIN.provisions}


async def test_a_correction_follows_words_that_stand_elsewhere_in_a_newer_file_if_they_stand_there_once(
    cambs: Partnership,
) -> None:
    by = (await cambs.member("administrator")).person_id
    ring, sign = said("p1", "Ring the duty team."), said("p2", "Sign the book.")
    async with cambs.session() as session:
        row = await drafted(session, by, manual(ring, sign))
        for address in ("p1", "p2"):
            await corrections.set_fields(session, row.id, [address], {"force": "must"}, by)
        newer = manual(
            said("p1", "Sign the book."), said("p2", "New here."), said("p3", "Ring the duty team."),
            said("p4", "Sign the book."),
        )  # fmt: skip
        assert await read_again(session, row, newer) == 1
        rows = {one.address: one for one in await repository.parts(session, ProcedureProvision, row.id)}
        assert {address: one.force for address, one in rows.items()} == {
            "p1": None, "p2": None, "p3": Force.MUST, "p4": None,
        }  # fmt: skip
        (doubt,) = await repository.parts(session, ProcedureDoubt, row.id)
        assert doubt.message.startswith("A correction (set) to p2 no longer fits")


async def test_where_a_reference_leads_and_what_a_term_means_are_kept_when_the_file_is_read_again(
    cambs: Partnership,
) -> None:
    by = (await cambs.member("administrator")).person_id
    lost = said("1.1~2", "Ring as in 9.9.", refers=[refers("9.9", dangling=True)])
    source = manual(
        said("1.1", "Ring."), lost, terms=[Term("SIO", "An officer.", "1.1", 1), Term("ward", "A room.", "1.1", 1)]
    )
    async with cambs.session() as session:
        row = await drafted(session, by, source)
        await corrections.set_reference(session, row.id, "1.1~2", "9.9", ReferenceKind.PROVISION, ["1.1"], by)
        meaning = TermTold("SIO", "The officer in charge.", ("senior officer",), date(2026, 1, 1))
        await corrections.set_term(session, row.id, meaning, by)
        await corrections.set_term(session, row.id, TermTold("ward", None), by)
        assert await read_again(session, row, source) == 3
        (reference,) = await repository.parts(session, ProcedureReference, row.id)
        assert reference.targets == ["1.1"]
        (term,) = await repository.parts(session, ProcedureTerm, row.id)
        assert (term.term, term.definition, term.aliases) == ("SIO", "The officer in charge.", ["senior officer"])
        assert (term.effective_from, term.effective_to) == (date(2026, 1, 1), None)
        assert await repository.parts(session, ProcedureDoubt, row.id) == []


async def test_a_doubt_that_was_settled_stays_settled_and_one_that_is_new_is_open(cambs: Partnership) -> None:
    by = (await cambs.member("administrator")).person_id
    ring, sign = said("p1", "Ring the team.", line=1), said("p2", "Sign the book.", line=2)
    gone, picture = DoubtKind.DELETED_TEXT, "a picture is not read"
    async with cambs.session() as session:
        row = await drafted(
            session, by, manual(ring, sign, doubts=[Doubt(1, gone, "now"), Doubt(2, DoubtKind.FIGURE_MISSING, picture)])
        )
        for doubt in await repository.parts(session, ProcedureDoubt, row.id):
            await corrections.resolve(session, doubt.id, f"Seen: {doubt.message}", by)
        newer = manual(
            said("p1", "New here.", line=3), said("p2", "Ring the team at once.", line=5),
            said("p3", "Sign the book.", line=8),
            doubts=[Doubt(3, DoubtKind.FIGURE_MISSING, picture), Doubt(3, gone, "later"), Doubt(6, gone, "now"),
                    Doubt(9, DoubtKind.FIGURE_MISSING, picture)],
        )  # fmt: skip
        await read_again(session, row, newer)
        found = await repository.parts(session, ProcedureDoubt, row.id)
        assert [(one.line, one.resolution) for one in found] == [
            (3, None), (3, None), (6, "Seen: now"), (9, f"Seen: {picture}"),
        ]  # fmt: skip
        with pytest.raises(Invalid) as refused:
            await approved(session, row)
        assert [fault.message for fault in refused.value.errors] == ["deleted text (line 3): later"]
        await corrections.resolve(session, found[1].id, "Seen too.", by)
        await read_again(session, row, newer)
        await approved(session, row)


async def test_a_correction_that_does_not_fit_is_settled_once(cambs: Partnership) -> None:
    by = (await cambs.member("administrator")).person_id
    async with cambs.session() as session:
        row = await drafted(session, by, manual(said("p1", "Ring.")))
        await corrections.set_fields(session, row.id, ["p1"], {"force": "must"}, by)
        newer = manual(said("p1", "Ring at once."))
        await read_again(session, row, newer)
        (doubt,) = await repository.parts(session, ProcedureDoubt, row.id)
        await corrections.resolve(session, doubt.id, "It binds nobody.", by)
        await read_again(session, row, newer)
        await approved(session, row)


async def test_a_correction_that_a_newer_file_has_itself_fits(cambs: Partnership) -> None:
    by = (await cambs.member("administrator")).person_id
    async with cambs.session() as session:
        row = await drafted(session, by, manual(said("1", "Ring."), said("2", "Sign. Wait."), said("3", "Go.")))
        await corrections.set_fields(session, row.id, ["1"], {"text": "Ring at once."}, by)
        await corrections.split(session, row.id, "2", "Wait.", "2a", None, by)
        await corrections.remove(session, row.id, "3", by)
        fields = {"address": "4", "number": "4", "text": "Stay."}
        await corrections.add(session, row.id, fields, "2", by)
        newer = manual(said("1", "Ring at once."), said("2", "Sign."), said("2a", "Wait."), said("4", "Stay."))
        assert await read_again(session, row, newer) == 4
        assert await texts(session, row) == {one.address: one.text for one in newer.provisions}
        assert await repository.parts(session, ProcedureDoubt, row.id) == []


async def test_the_next_edition_has_the_corrections_of_the_one_before_and_shows_those_that_its_file_outgrew(
    cambs: Partnership,
) -> None:
    by = (await cambs.member("administrator")).person_id
    source = manual(said("1", "Ring."), said("2", "Sign."), doubts=[Doubt(1, DoubtKind.STRUCK_TEXT, "must")])
    async with cambs.session() as session:
        first = await drafted(session, by, source)
        await corrections.set_fields(session, first.id, ["1", "2"], {"kind": "law"}, by)
        await corrections.add(session, first.id, {"address": "3", "number": "3", "text": "Wait."}, "2", by)
        (doubt,) = await repository.parts(session, ProcedureDoubt, first.id)
        await corrections.resolve(session, doubt.id, "It still holds.", by)
        await approved(session, first)
        await session.commit()
    async with cambs.session() as session:
        told = DraftTold(first.manual, first.title, based_on_id=first.id, law_as_at=first.law_as_at)
        row = await drafting.draft(session, told, by, uuid7())
        newer = manual(said("1", "Ring at once."), *source.provisions[1:], doubts=source.doubts)
        assert await read_again(session, row, newer) == 3
        rows = {one.address: one for one in await repository.parts(session, ProcedureProvision, row.id)}
        assert {address: one.kind for address, one in rows.items()} == {
            "1": Kind.PROCEDURE, "2": Kind.LAW, "3": Kind.PROCEDURE,
        }  # fmt: skip
        assert rows["3"].edition_id == row.id
        settled, shown = await repository.parts(session, ProcedureDoubt, row.id)
        assert (settled.resolution, settled.resolved_by) == ("It still holds.", by)
        assert (shown.blocking, shown.message.split(":")[0]) == (False, "A correction (set) to 1 no longer fits")
        await approved(session, row)


async def test_doubts_of_a_kind_are_settled_together(cambs: Partnership) -> None:
    by = (await cambs.member("administrator")).person_id
    repeated = [Doubt(1, DoubtKind.NUMBER_REPEATED, f"1.{number} was there before") for number in range(3)]
    source = manual(said("1", "Ring."), doubts=[*repeated, Doubt(1, DoubtKind.STRUCK_TEXT, "must")])
    async with cambs.session() as session:
        row = await drafted(session, by, source)
        first, *_, other = await repository.parts(session, ProcedureDoubt, row.id)
        await corrections.resolve(session, first.id, "So it is printed.", by, of_its_kind=True)
        assert other.resolution is None
        await read_again(session, row, source)
        found = await repository.parts(session, ProcedureDoubt, row.id)
        assert [one.resolution for one in found] == ["So it is printed."] * 3 + [None]
