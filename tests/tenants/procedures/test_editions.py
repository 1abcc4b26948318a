"""Editions of a manual: drafted, checked, approved by somebody else, in force from a day, withdrawn, never changed."""

from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from backend.kit.ids import uuid7
from backend.kit.problems import Conflict, Forbidden, Invalid
from infra.dev.clock import Clock
from support.partnership import Partnership
from support.procedures import LAW, MANUAL, PLAIN, approved, drafted, manual, refers, said
from tenants.procedures import approving, corrections, drafting, repository
from tenants.procedures.checks import blocking
from tenants.procedures.drafting import DraftTold
from tenants.procedures.models import ProcedureProvision, ProcedureReference
from tenants.procedures.parsing.manual import Doubt, DoubtKind
from tenants.procedures.vocabulary import Basis, EditionState, Force, Level
from tenants.procedures.working_models import ProcedureDoubt

DAY = timedelta(days=1)


async def test_what_was_read_is_in_force_from_the_day_it_was_approved_for(cambs: Partnership) -> None:
    author = await cambs.member("administrator")
    async with cambs.session() as session:
        row = await approved(session, await drafted(session, author.person_id))
        today = await repository.today(session)
        assert [one.id for one in await repository.in_force(session, today)] == [row.id]
        assert await repository.in_force(session, today - DAY) == []
        found = await repository.parts(session, ProcedureProvision, row.id)
        assert [(one.address, one.force) for one in found if one.text] == [
            ("1.1", Force.MUST), ("1.2", Force.SHOULD), ("2.1", Force.WILL), ("2.2", Force.MAY),
        ]  # fmt: skip
        assert row.next_review == today.replace(year=today.year + 2).isoformat()


async def test_a_dangling_reference_a_repeated_address_and_an_open_doubt_each_keep_a_draft_from_approval(
    cambs: Partnership,
) -> None:
    wrong = manual(
        said("1", "See 9.", refers=[refers("See 9", dangling=True)]),
        said("2", "See 7.", refers=[refers("See 7", "7")]),
        said("2", "Twice."),
        doubts=[Doubt(3, DoubtKind.DELETED_TEXT, "must"), Doubt(4, DoubtKind.UNGRADED_WORD, "will")],
    )
    async with cambs.session() as session:
        row = await drafted(session, None, wrong)
        found = blocking(await drafting.found(session, row))
        assert sorted((one.code, one.address) for one in found) == [
            ("dangling-reference", "1"), ("dangling-reference", "2"), ("duplicate-address", "2"), ("open-doubt", None),
        ]  # fmt: skip
        with pytest.raises(Invalid) as refused:
            await approved(session, row)
        assert len(refused.value.errors) == 4
        assert row.state is EditionState.DRAFT


async def test_corrections_mend_a_draft_until_it_can_be_approved(cambs: Partnership) -> None:
    author = (await cambs.member("administrator")).person_id
    wrong = manual(
        said("1", "See 9.", refers=[refers("See 9", dangling=True)]), said("2", "Once."),
        doubts=[Doubt(3, DoubtKind.DELETED_TEXT, "must")],
    )  # fmt: skip
    async with cambs.session() as session:
        row = await drafted(session, author, wrong)
        (reference,) = await repository.parts(session, ProcedureReference, row.id)
        await corrections.set_reference(session, row.id, "1", reference.wording, reference.kind, ["2"], author)
        (doubt,) = await repository.parts(session, ProcedureDoubt, row.id)
        await corrections.resolve(session, doubt.id, "It was struck out on purpose.", author)
        assert blocking(await drafting.found(session, row)) == []
        await approved(session, row)
        assert row.state is EditionState.APPROVED


async def test_whoever_wrote_an_edition_does_not_approve_it(cambs: Partnership) -> None:
    author = (await cambs.member("administrator")).person_id
    async with cambs.session() as session:
        row = await drafted(session, author)
        with pytest.raises(Forbidden):
            await approved(session, row, author)


async def test_an_edition_is_not_put_in_force_for_days_gone_by_nor_with_a_review_past_two_years(
    cambs: Partnership,
) -> None:
    async with cambs.session() as session:
        row = await drafted(session, None)
        today = await repository.today(session)
        row.next_review = f"{today.year + 3}-autumn"
        with pytest.raises(Invalid) as refused:
            await approved(session, row, day=today - DAY)
        assert [error.field for error in refused.value.errors] == ["inForceFrom", "nextReview"]


async def test_an_approved_text_changes_neither_by_us_nor_by_anybody_with_the_applications_rights(
    cambs: Partnership,
) -> None:
    async with cambs.session() as session:
        row = await approved(session, await drafted(session, None))
        await session.commit()
    tries = [
        "UPDATE procedure_provision SET text = 'x'", "DELETE FROM procedure_provision",
        "UPDATE procedure_reference SET targets = '[]'", "UPDATE procedure_term SET definition = 'x'",
        "UPDATE procedure_edition SET title = 'x'", "UPDATE procedure_edition SET state = 'draft'",
        "UPDATE procedure_edition SET in_force_from = '2000-01-01'", "DELETE FROM procedure_edition",
        "UPDATE procedure_words SET position = 1", "DELETE FROM procedure_posting",
        "INSERT INTO procedure_redirect SELECT tenant_id, id, id, 'a', 'b' FROM procedure_edition",
    ]  # fmt: skip
    for statement in tries:
        async with cambs.session() as session:
            with pytest.raises(DBAPIError, match=r"does not change|left as it is|permission denied"):
                await session.execute(text(statement))
    async with cambs.session() as session:
        with pytest.raises(Conflict, match="approved"):
            await corrections.set_fields(session, row.id, ["1.1"], {"text": "x"}, uuid7())


async def test_a_withdrawn_edition_stays_readable_and_was_in_force_until_the_day_before(
    cambs: Partnership, clock: Clock
) -> None:
    async with cambs.session() as session:
        row = await approved(session, await drafted(session, None))
        first = await repository.today(session)
        await session.commit()
    await clock.shift(DAY * 3)
    by = (await cambs.member("duty_manager")).person_id
    async with cambs.session() as session:
        await approving.withdraw(session, row.id, by, "A mistake in 1.1.")
        await session.commit()
    async with cambs.session() as session:
        assert await repository.in_force(session, await repository.today(session)) == []
        assert [one.id for one in await repository.in_force(session, first + DAY)] == [row.id]
        assert len(await repository.parts(session, ProcedureProvision, row.id)) == 6
        with pytest.raises(Conflict):
            await approving.withdraw(session, row.id, by, "Again.")


async def test_the_next_edition_takes_over_on_its_day_and_a_case_still_finds_the_text_of_its_own(
    cambs: Partnership,
) -> None:
    async with cambs.session() as session:
        first = await approved(session, await drafted(session, None))
        today = await repository.today(session)
        other = manual(said("1.1", "Refer at once."), said("3", "New."))
        second = await approved(session, await drafted(session, None, other, based_on=first.id), day=today + 10 * DAY)
        assert second.number == first.number + 1
        for day, wanted in ((today + 9 * DAY, first), (today + 10 * DAY, second)):
            assert [one.id for one in await repository.in_force(session, day, MANUAL)] == [wanted.id]
        left = [one.address for one in await drafting.found(session, second) if one.code == "left-out"]
        assert left == ["1", "1.2", "2", "2.1", "2.2"]


async def test_an_edition_replaces_the_one_before_and_its_update_although_they_are_other_manuals(
    cambs: Partnership,
) -> None:
    async with cambs.session() as session:
        old = await approved(session, await drafted(session, None, name="procedures-2002"))
        told = DraftTold("procedures-2026", "New", law_as_at=LAW, based_on_id=old.id,
                         replaces=((old.id, None), (None, "October 2005 update")))  # fmt: skip
        new = await drafting.draft(session, told, None, uuid7())
        today = await repository.today(session)
        await approved(session, new, day=today + DAY)
        assert [one.id for one in await repository.in_force(session, today)] == [old.id]
        assert [one.id for one in await repository.in_force(session, today + DAY)] == [new.id]
        assert len(await repository.parts(session, ProcedureProvision, old.id)) == 6


async def test_a_local_edition_over_a_regional_one_says_of_each_provision_where_it_is_from(cambs: Partnership) -> None:
    author = (await cambs.member("administrator")).person_id
    async with cambs.session() as session:
        regional = await approved(session, await drafted(session, None, name="regional"))
        told = DraftTold("local", "Local", Level.LOCAL, LAW, based_on_id=regional.id, over=True)
        local = await drafting.draft(session, told, author, uuid7())
        await corrections.set_fields(session, local.id, ["1.2"], {"text": "Confirm within 24 hours; see 2.1."}, author)
        fields = {"address": "1.3", "number": "1.3", "text": "Ring the hub first.", "parent": "1", "depth": 2}
        await corrections.add(session, local.id, fields, "1.2", author)
        found = {row.address: row for row in await repository.parts(session, ProcedureProvision, local.id)}
        assert list(found) == ["1", "1.1", "1.2", "1.3", "2", "2.1", "2.2"]
        assert {row.address for row in found.values() if row.basis is Basis.TAKEN_OVER} == {
            "1",
            "1.1",
            "2",
            "2.1",
            "2.2",
        }
        assert (found["1.2"].basis, found["1.3"].basis) == (Basis.REPLACED, Basis.OWN)
        assert found["1.2"].origin == "Manual of regional, edition 1: 1.2"
        assert found["1.3"].origin is None


async def test_a_manual_of_another_partnership_is_not_there(cambs: Partnership, herts: Partnership) -> None:
    async with cambs.session() as session:
        row = await approved(session, await drafted(session, None, PLAIN))
        await session.commit()
    async with herts.session() as session:
        assert await repository.in_force(session, date(2027, 1, 1)) == []
        assert await repository.parts(session, ProcedureProvision, row.id) == []
