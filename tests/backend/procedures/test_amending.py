"""Amendments: proposed by anybody, agreed before anybody is sent them, to every agency's manager, and from there on."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, text
from sqlmodel import col

from backend.identity.policies import Caller
from backend.kit.ids import uuid7
from backend.kit.problems import Conflict, Forbidden, Invalid, NotFound
from backend.kit.session import TenantSession
from backend.procedures import amending, publishing
from backend.procedures.amending import AgreementTold, ProposalTold
from backend.procedures.chasing import CHASE_AMENDMENT
from backend.procedures.reviewing import REVIEW_PROCEDURES
from infra.dev.clock import Clock
from notifications.deliveries import notices
from notifications.deliveries.models import Delivery
from notifications.deliveries.wording import PROCEDURES_AMENDED
from support.api import database_now
from support.partnership import Partnership
from support.procedures import MANUAL, approved, drafted, manual, said
from support.work import Work
from tenants.contacts.models import Channel, ContactMethod
from tenants.procedures import changes, corrections, drafting, repository
from tenants.procedures.change_models import ProcedureAmendment, ProcedureCirculation
from tenants.procedures.changes import AdoptionTold
from tenants.procedures.models import ProcedureEdition
from tenants.procedures.vocabulary import AdoptionClass, AmendmentState

LONDON = ZoneInfo("Europe/London")
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


async def words_at(session: TenantSession, day: date, address: str = "1.1") -> str:
    """What the manual in force on a day says at an address, or has led on to from there."""
    (edition,) = await repository.in_force(session, day, MANUAL)
    found = await repository.standing(session, edition.id, address)
    assert found is not None
    return found.text


async def test_an_urgent_amendment_outlives_the_edition_that_was_to_follow_and_leaves_its_other_words(
    group: SubGroup,
) -> None:
    async with group.partnership.session() as session:
        author, today = group.proposer.person_id, await repository.today(session)
        release = today + timedelta(days=30)
        draft = await drafted(session, author, based_on=group.edition.id)
        await corrections.set_fields(session, draft.id, ["1.2"], {"text": "Confirm it."}, author)
        await corrections.set_fields(session, draft.id, ["1.1"], {"address": "1.9", "number": "1.9"}, author)
        await publishing.approve(session, group.chair, draft.id, "duty_manager", release, "Minute 8")
        await group.agreed(session)
        assert [await words_at(session, day) for day in (today, release)] == [NEW, NEW]
        assert await words_at(session, release, "1.2") == "Confirm it."
        assert await words_at(session, today, "1.2") != "Confirm it."


async def test_an_amendment_changes_what_was_meant_though_its_number_has_passed_to_something_else(
    group: SubGroup,
) -> None:
    async with group.partnership.session() as session:
        author, today = group.proposer.person_id, await repository.today(session)
        draft = await drafted(session, author, based_on=group.edition.id)
        await corrections.set_fields(session, draft.id, ["1.1"], {"address": "1.9", "number": "1.9"}, author)
        await corrections.add(session, draft.id, {"address": "1.1", "text": "Read this first."}, None, author)
        await publishing.approve(session, group.chair, draft.id, "duty_manager", today, "Minute 8")
        await group.agreed(session)  # of 1.1 of the edition before
        assert [await words_at(session, today, address) for address in ("1.1", "1.9")] == ["Read this first.", NEW]
        told = ProposalTold(draft.id, "1.1", "Shorter.", "It is long.", "Now.")
        other = await amending.propose(session, group.proposer, told, uuid7())
        await amending.agree(session, group.chair, other.id, AgreementTold("Read.", "Minute 9", today), "duty_manager")
        assert [await words_at(session, today, address) for address in ("1.1", "1.9")] == ["Read.", NEW]


async def test_of_two_urgent_amendments_the_one_agreed_last_holds_also_where_the_other_comes_later(
    group: SubGroup,
) -> None:
    async with group.partnership.session() as session:
        today = await repository.today(session)
        later = today + timedelta(days=10)
        told = ProposalTold(group.edition.id, "1.2", "Sooner.", "It is late.", "Now.")
        first = await amending.propose(session, group.proposer, told, uuid7())
        await amending.agree(session, group.chair, first.id, AgreementTold("By noon.", "Minute 7", later),
                             "duty_manager")  # fmt: skip
        await group.agreed(session)
        assert [await words_at(session, day) for day in (today, later)] == [NEW, NEW]
        assert await words_at(session, today, "1.2") != "By noon."
        assert await words_at(session, later, "1.2") == "By noon."


async def test_a_draft_without_the_words_that_were_agreed_is_told_so(group: SubGroup) -> None:
    async def told(draft: ProcedureEdition) -> list[str | None]:
        return [one.address for one in await drafting.found(session, draft) if one.code == "not-amended"]

    async with group.partnership.session() as session:
        author = group.proposer.person_id
        before = await drafted(session, author, based_on=group.edition.id)
        assert await told(before) == []
        await group.agreed(session)
        assert await told(before) == ["1.1"]
        await corrections.set_fields(session, before.id, ["1.1"], {"address": "1.9"}, author)
        assert await told(before) == ["1.9"]
        await corrections.set_fields(session, before.id, ["1.9"], {"text": NEW}, author)
        assert await told(before) == []


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
        offline = await session.now() - timedelta(hours=1)
        await amending.acknowledge(session, mine, one.id, offline)
        assert one.acknowledged_at is not None
        assert (one.device_at, one.acknowledged_at > offline) == (offline, True)
        done: ProcedureCirculation = await amending.forward(session, mine, one.id, 3)
        assert (done.forwarded_at is not None, done.copies, other.acknowledged_at) == (True, 3, None)


async def test_who_has_not_passed_it_on_is_asked_each_morning_for_two_weeks_and_nobody_else(
    group: SubGroup, clock: Clock, work: Work
) -> None:
    noon = (await database_now(group.partnership)).astimezone(LONDON).replace(hour=12, minute=0)
    await clock.freeze(noon)
    async with group.partnership.session() as session:
        row = await group.agreed(session)
        managers = [await group.nominate(session, code) for code in group.agencies]
        await amending.circulate(session, group.chair, row.id)
        (one, _), (other, _) = await changes.circulations(session, row.id)
        mine = Caller(group.partnership.id, group.partnership.slug, managers[0], ("clinician",))
        await amending.acknowledge(session, mine, one.id)
        await session.commit()

    async def asked() -> Counter[UUID | None]:
        """How often each was, by whatever ways."""
        again = col(Delivery.template) == PROCEDURES_AMENDED, col(Delivery.subject_id) != row.id
        async with group.partnership.session() as session:
            found = await session.scalars(select(Delivery).where(*again))
            return Counter(person for person, _ in {(one.person_id, one.subject_id) for one in found})

    await work.run_due(CHASE_AMENDMENT)
    assert await asked() == {}
    await clock.freeze(noon + timedelta(days=1))
    await work.run_due(CHASE_AMENDMENT)
    assert await asked() == dict.fromkeys(managers, 1)
    async with group.partnership.session() as session:
        await amending.forward(session, mine, one.id, 0)
        await session.commit()
    for days in range(2, 20):
        await clock.freeze(noon + timedelta(days=days))
        await work.run_due(CHASE_AMENDMENT)
    told = await asked()
    assert (told[one.person_id], told[other.person_id]) == (1, 14)


async def test_a_manager_who_comes_after_is_sent_what_was_not_passed_on_and_answers_for_it(group: SubGroup) -> None:
    async with group.partnership.session() as session:
        row = await group.agreed(session)
        managers = [await group.nominate(session, code) for code in group.agencies]
        await amending.circulate(session, group.chair, row.id)
        code = group.agencies[0]
        (one, _), _ = await changes.circulations(session, row.id)
        await session.execute(text("UPDATE person SET active = false WHERE id = :id"), {"id": managers[0]})
        new = await group.partnership.on_call("paediatrician")
        assert new not in managers
        successor = Caller(group.partnership.id, group.partnership.slug, new, ("clinician",))
        with pytest.raises(Forbidden):
            await amending.acknowledge(session, successor, one.id)
        agency_id = await amending.nominate(session, group.chair, code, new)
        assert new in {sent.person_id for sent in (await notices.about(session, [row.id]))[row.id]}
        assert list(await session.scalars(changes.circulations_to(session.tenant_id, new))) == [one]
        await amending.acknowledge(session, successor, one.id)
        assert (await amending.forward(session, successor, one.id, 0)).forwarded_at is not None
        await session.flush()
        assert await changes.not_passed_on(session, agency_id) == []


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
