"""Amendments: proposed by anybody, agreed before anybody is sent them, to every agency's manager, and from there on."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from backend.identity.policies import Caller
from backend.kit.ids import uuid7
from backend.kit.problems import Conflict, Forbidden, Invalid, NotFound
from backend.kit.session import TenantSession
from backend.procedures import amending, publishing
from backend.procedures.amending import AgreementTold, ProposalTold
from backend.procedures.reviewing import REVIEW_PROCEDURES
from infra.dev.clock import Clock
from notifications.deliveries import notices
from support.partnership import Partnership
from support.procedures import MANUAL, approved, drafted, manual, said
from support.work import Work
from tenants.contacts.models import Channel, ContactMethod
from tenants.procedures import changes, corrections, repository
from tenants.procedures.change_models import ProcedureAmendment, ProcedureCirculation
from tenants.procedures.changes import AdoptionTold
from tenants.procedures.models import ProcedureEdition
from tenants.procedures.vocabulary import AdoptionClass, AmendmentState

NEW = "Anybody who believes that a child may be at risk must refer the child within the hour."


@dataclass
class SubGroup:
    """A manual in force that two agencies hold to, and who proposes and agrees."""

    partnership: Partnership
    edition: ProcedureEdition
    proposer: Caller
    chair: Caller
    agencies: list[str]

    async def proposed(self, session: TenantSession, *, urgent: bool = True) -> ProcedureAmendment:
        told = ProposalTold(self.edition.id, "1.1", "Say by when.", "It is not said.", "Now." if urgent else None)
        return await amending.propose(session, self.proposer, told, uuid7())

    async def agreed(self, session: TenantSession, *, urgent: bool = True) -> ProcedureAmendment:
        row = await self.proposed(session, urgent=urgent)
        today = await repository.today(session)
        told = AgreementTold(NEW, "Sub-group, minute 9", today if urgent else None)
        return await amending.agree(session, self.chair, row.id, told, "duty_manager")

    async def nominate(self, session: TenantSession, agency: str) -> UUID:
        """Make the first person of an agency who has a verified email address its manager."""
        found: UUID = await session.scalar(text(
            "SELECT person.id FROM person JOIN agency ON agency.id = agency_id JOIN contact_method AS method"
            " ON method.person_id = person.id WHERE agency.code = :agency AND channel = 'email'"
            " AND verified_at IS NOT NULL AND retired_at IS NULL AND active ORDER BY person.id LIMIT 1"
        ), {"agency": agency})  # fmt: skip
        await changes.nominate(session, agency, found, self.chair.person_id)
        return found


@pytest.fixture
async def group(cambs: Partnership) -> SubGroup:
    chair, proposer = await cambs.member("duty_manager"), await cambs.member("paediatrician")
    async with cambs.session() as session:
        edition = await approved(session, await drafted(session, None))
        agencies = await _with_email(session)
        today = await repository.today(session)
        for code in agencies:
            await changes.adopt(session, edition.id, AdoptionTold(AdoptionClass.AGREED, today, code), chair.person_id,
                                uuid7())  # fmt: skip
        body = AdoptionTold(AdoptionClass.ENCOURAGED, today, body="Elected members")
        await changes.adopt(session, edition.id, body, chair.person_id, uuid7())
        await session.commit()
    assert len(agencies) == 2
    return SubGroup(cambs, edition, proposer, chair, agencies)


async def _with_email(session: TenantSession) -> list[str]:
    """Give somebody of each of two agencies a verified email address. Returns the agencies' codes."""
    found = await session.execute(text(
        "SELECT DISTINCT ON (agency.code) agency.code, person.id FROM person JOIN agency ON agency.id = agency_id"
        " WHERE active ORDER BY agency.code, person.id LIMIT 2"
    ))  # fmt: skip
    people = {row.code: row.id for row in found}
    for code, person_id in people.items():
        session.append(ContactMethod, person_id=person_id, channel=Channel.EMAIL, address=f"{code}@example.org",
                       verified_at=await session.now())  # fmt: skip
    return list(people)


async def test_an_urgent_amendment_is_in_force_once_agreed_as_the_next_level_of_the_edition(group: SubGroup) -> None:
    async with group.partnership.session() as session:
        row = await group.agreed(session)
        (now,) = await repository.in_force(session, await repository.today(session), MANUAL)
        assert (now.id, now.number, now.amendment) == (row.text_id, group.edition.number, 1)
        assert now.next_review == group.edition.next_review
        found = await repository.provision(session, now.id, "1.1")
        before = await repository.provision(session, group.edition.id, "1.1")
        assert found is not None
        assert before is not None
        assert (found.text, before.text != NEW) == (NEW, True)


async def test_whoever_proposes_does_not_agree_and_nothing_is_sent_before_agreement(group: SubGroup) -> None:
    async with group.partnership.session() as session:
        row = await group.proposed(session)
        for code in group.agencies:
            await group.nominate(session, code)
        with pytest.raises(Conflict, match="proposed already"):
            await amending.circulate(session, group.chair, row.id)
        told = AgreementTold(NEW, "Minute 9", await repository.today(session))
        with pytest.raises(Forbidden):
            await amending.agree(session, group.proposer, row.id, told, "paediatrician")
        with pytest.raises(Invalid, match="effectiveFrom"):
            await amending.agree(session, group.chair, row.id, AgreementTold(NEW, "Minute 9"), "duty_manager")
        assert await notices.about(session, [row.id]) == {}


async def test_an_agency_without_a_manager_blocks_the_circulation_and_is_named(group: SubGroup) -> None:
    first, second = group.agencies
    async with group.partnership.session() as session:
        row = await group.agreed(session)
        await group.nominate(session, first)
        with pytest.raises(Conflict, match=f"at {second}:"):
            await amending.circulate(session, group.chair, row.id)
        assert await notices.about(session, [row.id]) == {}
        assert await changes.circulations(session, row.id) == []


async def test_each_agencys_manager_is_sent_it_confirms_it_and_says_when_it_was_passed_on(group: SubGroup) -> None:
    async with group.partnership.session() as session:
        row = await group.agreed(session)
        managers = [await group.nominate(session, code) for code in group.agencies]
        await amending.circulate(session, group.chair, row.id)
        assert row.state is AmendmentState.CIRCULATED
        sent = (await notices.about(session, [row.id]))[row.id]
        assert {one.person_id for one in sent} == set(managers)
        assert [one.person_id for one in sent if one.channel == "email"]
        (one, _), (other, _) = await changes.circulations(session, row.id)
        mine = Caller(group.partnership.id, group.partnership.slug, managers[0], ("clinician",))
        with pytest.raises(Conflict, match="Confirm first"):
            await amending.forward(session, mine, one.id, 3)
        with pytest.raises(Forbidden):
            await amending.acknowledge(session, mine, other.id)
        await amending.acknowledge(session, mine, one.id)
        done: ProcedureCirculation = await amending.forward(session, mine, one.id, 3)
        assert (done.forwarded_at is not None, done.copies, other.acknowledged_at) == (True, 3, None)


async def test_an_amendment_that_can_wait_is_met_by_the_next_edition_that_has_its_words(group: SubGroup) -> None:
    async with group.partnership.session() as session:
        row = await group.agreed(session, urgent=False)
        with pytest.raises(Conflict, match="next edition"):
            await amending.circulate(session, group.chair, row.id)
        author = group.proposer.person_id
        draft = await drafted(session, author, based_on=group.edition.id)
        await corrections.set_fields(session, draft.id, ["1.1"], {"text": NEW}, author)
        today = await repository.today(session)
        await publishing.approve(session, group.chair, draft.id, "duty_manager", today, "Minute 10")
        assert (row.state, row.text_id) == (AmendmentState.INCORPORATED, draft.id)


async def test_a_proposal_is_about_a_provision_of_a_text_that_is_or_was_in_force(group: SubGroup) -> None:
    async with group.partnership.session() as session:
        draft = await drafted(session, None, manual(said("1", "x")), name="other")
        for told in (ProposalTold(draft.id, "1", "x", "x"), ProposalTold(group.edition.id, "9.9", "x", "x")):
            with pytest.raises(NotFound):
                await amending.propose(session, group.proposer, told, uuid7())


async def test_subscribers_hear_of_a_new_text_and_nobody_else_does(group: SubGroup) -> None:
    async with group.partnership.session() as session:
        reader = group.proposer.person_id
        await changes.subscribe(session, MANUAL, reader)
        await changes.subscribe(session, MANUAL, reader)
        draft = await drafted(session, None)
        today = await repository.today(session)
        await publishing.approve(session, group.chair, draft.id, "duty_manager", today, "Minute 11")
        sent = (await notices.about(session, [draft.id]))[draft.id]
        assert {one.person_id for one in sent} == {reader}
        with pytest.raises(NotFound):
            await changes.subscribe(session, "no-such-manual", reader)


async def test_a_review_is_brought_to_mind_before_it_is_due_and_when_it_is_overdue_but_not_of_what_was_replaced(
    group: SubGroup, clock: Clock, work: Work
) -> None:
    async with group.partnership.session() as session:
        draft = await drafted(session, None)
        today = await repository.today(session)
        await publishing.approve(session, group.chair, draft.id, "duty_manager", today, "Minute 12")
        await session.commit()

    async def told() -> int:
        async with group.partnership.session() as session:
            return len((await notices.about(session, [draft.id])).get(draft.id, []))

    await clock.shift(timedelta(days=365 * 2 - 95))
    await work.run_due(REVIEW_PROCEDURES, rounds=1)
    assert await told() == 0
    await clock.shift(timedelta(days=365 * 2 - 85))
    await work.run_due(REVIEW_PROCEDURES, rounds=1)
    before = await told()
    assert before > 0
    await clock.shift(timedelta(days=365 * 2 + 5))
    await work.run_due(REVIEW_PROCEDURES, rounds=1)
    assert await told() > before
