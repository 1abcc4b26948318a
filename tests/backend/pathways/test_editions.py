"""Editions: what blocks one, who may put it in force, which one a case follows, and runs that stay on theirs."""

from datetime import timedelta
from uuid import UUID

import pytest

from backend.identity.policies import Caller
from backend.kit.ids import uuid7
from backend.kit.problems import Conflict, Forbidden, Invalid
from backend.kit.session import TenantSession
from backend.pathways import migrating, repository
from backend.pathways.editions import repository as editions
from backend.pathways.editions import service
from backend.pathways.models import EditionState, PathwayEdition
from infra.dev.clock import Clock
from support.casework import REFERRAL, Started
from support.partnership import Partnership

OVERLAY = """
pathway: referral-to-childrens-social-care
partnership: hertfordshire
edition: Hertfordshire manual, second edition
words_stand: Board minute 1
starts: {referral-decided: referral-received, referral-chased: written-referral-sent}
change:
  clocks:
    referral-acknowledged: {force: must}
"""


async def approved(session: TenantSession, partnership: Partnership, *, days: int = 0) -> PathwayEdition:
    """A second edition of the referral, in force some days from now."""
    author, chief = await partnership.member("administrator"), await partnership.member("duty_manager")
    row = await service.draft(session, author, REFERRAL, OVERLAY, uuid7())
    await service.check(session, author, row.id)
    day = (await session.now()).date() + timedelta(days=days)
    await service.approve(session, chief, row.id, day, "Board minute 2")
    await session.flush()
    return row


async def test_on_boarding_puts_the_shipped_definitions_in_force(herts: Partnership, cambs: Partnership) -> None:
    for partnership in (herts, cambs):
        async with partnership.session() as session:
            today = (await session.now()).date()
            for pathway in (REFERRAL, "allegation-against-staff", "child-death-joint-agency-response"):
                found = await editions.in_force(session, pathway, today)
                assert found is not None
                assert (found.state, found.number, found.local_edition is None) == (EditionState.APPROVED, 1, False)


async def test_open_choices_block_an_edition_and_are_named(herts: Partnership) -> None:
    author = await herts.member("administrator")
    async with herts.session() as session:
        row = await service.draft(session, author, REFERRAL, None, uuid7())
        with pytest.raises(Invalid) as refused:
            await service.check(session, author, row.id)
    fields = {error.field for error in refused.value.errors}
    assert {"settings.inform-police-of-offence-within", "starts.referral-decided"} <= fields
    assert row.state is EditionState.DRAFT


async def test_a_must_is_not_loosened_without_an_authority(cambs: Partnership) -> None:
    loose = OVERLAY.replace("{force: must}", "{limit: {value: 3, unit: working_days}}")
    author = await cambs.member("administrator")
    async with cambs.session() as session:
        with pytest.raises(Invalid, match="give the reason in ground"):
            await service.draft(session, author, REFERRAL, loose, uuid7())


async def test_whoever_wrote_an_edition_does_not_approve_it(herts: Partnership) -> None:
    author = await herts.member("administrator")
    both = Caller(author.tenant_id, author.partnership, author.person_id, ("administrator", "duty_manager"))
    async with herts.session() as session:
        row = await service.draft(session, both, REFERRAL, OVERLAY, uuid7())
        today = (await session.now()).date()
        other = await herts.member("duty_manager")
        with pytest.raises(Conflict, match="only a checked one"):
            await service.approve(session, other, row.id, today, "Board minute 2")
        await service.check(session, both, row.id)
        with pytest.raises(Forbidden, match="does not approve"):
            await service.approve(session, both, row.id, today, "Board minute 2")
        with pytest.raises(Invalid, match="inForceFrom"):
            await service.approve(session, other, row.id, today - timedelta(days=1), "Board minute 2")
        await service.approve(session, other, row.id, today, "Board minute 2")
        assert (row.approved_role, row.approved_by) == ("duty_manager", other.person_id)


async def test_a_case_follows_the_edition_of_its_day(herts: Partnership) -> None:
    async with herts.session() as session:
        await approved(session, herts, days=3)
        today = (await session.now()).date()
        found = [await editions.in_force(session, REFERRAL, today + timedelta(days=days)) for days in (0, 2, 3, 30)]
        assert [row.number for row in found if row is not None] == [1, 1, 2, 2]


async def test_a_run_stays_on_its_edition_until_it_is_migrated_with_the_difference_kept(
    started: Started, clock: Clock
) -> None:
    async with started.partnership.session() as session:
        newer = await approved(session, started.partnership)
        run = await repository.run(session, started.run_id)
        assert run.edition_id != newer.id
        shown = {one.place for one in await migrating.preview(session, started.manager, run.id, newer.id)}
        assert "clocks.referral-acknowledged.force" in shown
        await migrating.migrate(session, started.manager, run.id, newer.id, None, "The board asks.", started.known(2))
        assert run.edition_id == newer.id
        kept = (await repository.actions(session, run.id))[-1].detail
        assert {one["path"] for one in kept["differences"]} == shown
        with pytest.raises(Conflict, match="already"):
            await migrating.migrate(session, started.manager, run.id, newer.id, None, "Again.", started.known())


async def test_a_withdrawn_edition_is_readable_and_its_runs_go_on(started: Started) -> None:
    chief = started.manager
    async with started.partnership.session() as session:
        run = await repository.run(session, started.run_id)
        await withdraw(session, chief, run.edition_id)
        today = (await session.now()).date()
        assert await editions.in_force(session, REFERRAL, today) is None
        kept = await editions.edition(session, run.edition_id)
        assert (kept.overlay_text is None, kept.definition["id"]) == (False, REFERRAL)
        assert (await repository.run(session, run.id)).edition_id == kept.id


async def withdraw(session: TenantSession, chief: Caller, edition_id: UUID) -> None:
    await service.withdraw(session, chief, edition_id, "Superseded by the single assessment.")
    await session.flush()
