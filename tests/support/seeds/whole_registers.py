"""Registers, transfers and a letter of which everything is told that may be left out."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlmodel import col

from backend.cases.children.checks import AddressTold, ChildTold
from backend.cases.people import practitioners
from backend.identity.policies import Caller
from backend.kit.ids import uuid7
from backend.kit.session import TenantSession
from backend.letters.models import Audience, IssuedLetter
from backend.pathways import opening
from backend.registers.deaths import service as death_register
from backend.registers.deaths.models import MatchOutcome, NoticeSource, StepKind
from backend.registers.deaths.service import NoticeTold, StepTold
from backend.registers.enquiries import service as enquiries
from backend.registers.enquiries.models import (
    CheckMethod,
    Disclosed,
    DutyKind,
    DutyOutcome,
    DutyState,
    EnquiryDuty,
    Result,
)
from backend.registers.enquiries.told import About, AnswerTold, CheckTold, EnquiryTold
from backend.registers.plans import service as plan_register
from backend.registers.plans.models import Holder
from backend.sharing import offering
from backend.sharing.kinds import FORMS, ConsentGround, Gate, Kind, PaperKind
from backend.sharing.models import TransferAct, TransferExport, TransferPaper
from backend.sharing.offering import OfferTold
from backend.sharing.packet import ConsentTold, CourtTold
from backend.sharing.papers import OpenedTold, PaperTold
from backend.sharing.states import State
from support.meetings import arrived
from support.partnership import HOME, Partnership
from support.seeds.cases import NEWEST_AREA
from support.seeds.whole_cases import LATELY, LONG_AGO

ELSEWHERE = "Faraway County"


async def seed_whole_death(partnership: Partnership, caller: Caller) -> None:
    """A second report of the seeded death, of a child who lived elsewhere, with every step of its review."""
    async with partnership.session() as session:
        same = (await session.execute(text("SELECT id, child_name FROM child_death ORDER BY id LIMIT 1"))).one()
    death = await partnership.report_death(
        child_name=same.child_name, nhs_number="9434765919", home_area=None, home_area_outside=ELSEWHERE
    )
    async with partnership.session() as session:
        now = await session.now()
        steps = [StepTold(kind) for kind in (StepKind.FORM_A_RECEIVED, StepKind.FORM_C_AGREED)]
        steps += [StepTold(kind, body="Reedwater") for kind in (StepKind.FORM_B_REQUESTED, StepKind.FORM_B_RECEIVED)]
        steps += [StepTold(StepKind.PANEL_TOLD, body="Riverside"), StepTold(StepKind.SAME_DEATH_AS, other_id=same.id)]
        for step in steps:
            await death_register.record_step(session, caller, death.id, step)
        told = NoticeTold(NoticeSource.OTHER_PANEL, "Riverside", now, "R-3", came_from="Riverside", child_name="x")
        notice = await death_register.receive(session, told, uuid7(), by=caller)
        await session.flush()
        await death_register.match(session, caller, notice.id, MatchOutcome.MATCHED, death.id, "One child")
        await session.commit()


async def seed_whole_enquiry(session: TenantSession, caller: Caller, case_id: UUID) -> None:
    """An enquiry about the case's child that was answered, and a duty of it that was done."""
    row = (await session.execute(text(
        "SELECT child.id, child.name, child.date_of_birth FROM child JOIN case_subject AS s ON s.child_id = child.id"
        " WHERE s.case_id = :case ORDER BY child.id LIMIT 1"), {"case": case_id})).one()  # fmt: skip
    asked = EnquiryTold("Dr Outside", "Ward", "Nurse", "01632 960103", "Bruises",
                        About(row.name, ("Third",), row.date_of_birth, "3 Invented Row"))  # fmt: skip
    enquiry = await enquiries.record(session, caller, asked, uuid7())
    await session.flush()
    number = await session.scalar(text("SELECT value FROM directory_point WHERE kind = 'phone' LIMIT 1"))
    check = CheckTold(CheckMethod.CALLED_BACK, "The ward.", number)
    await enquiries.check(session, caller, enquiry.id, check)
    await session.flush()
    await enquiries.search(session, caller, enquiry.id, None)
    await session.flush()
    told = AnswerTold(Result.KNOWN, "Call us.", row.id, (Disclosed.WHETHER_KNOWN,))
    await enquiries.answer(session, caller, enquiry.id, told)
    session.append(EnquiryDuty, enquiry_id=enquiry.id, kind=DutyKind.TELL_KEY_WORKER, role="x", case_id=case_id,
                   state=DutyState.DECIDED, began_at=await session.now(), owner_id=caller.person_id,
                   outcome=DutyOutcome.SEEN, reasons="Told.", decided_by=caller.person_id,
                   decided_at=await session.now())  # fmt: skip
    await session.flush()


async def seed_whole_plan(session: TenantSession, caller: Caller, case_id: UUID) -> None:
    """The case's child stays here with a plan of another authority's, and elsewhere with one of ours."""
    child_id: UUID = await session.scalar(
        text("SELECT child_id FROM case_subject WHERE case_id = :case ORDER BY id LIMIT 1"), {"case": case_id}
    )
    area: UUID = await session.scalar(NEWEST_AREA)
    day = (await session.now()).date()
    stay = plan_register.StayTold(
        Holder.ANOTHER, ELSEWHERE, area, temporary=True, from_on=day, told_by="x",
        until_on=day + timedelta(days=9), plan_from_on=day - timedelta(days=9), categories=("neglect",),
        key_worker="Perrin Woodruff", key_worker_telephone="01632 960111",
    )  # fmt: skip
    away = plan_register.StayTold(Holder.OURS, ELSEWHERE, area, temporary=True, from_on=day, told_by="x")
    for one in (stay, away):
        await plan_register.record_stay(session, caller, case_id, child_id, one, uuid7())
    core = practitioners.AssignmentTold("core-group-member", person_id=caller.person_id)
    await practitioners.assign(session, caller, case_id, core, uuid7())
    entry = opening.EntryTold("child-protection-plan", ("conference-decided",))
    await opening.start(session, caller, case_id, entry, uuid7(), "whole plan")
    await session.flush()


async def seed_whole_transfer(session: TenantSession, caller: Caller, case_id: UUID) -> None:
    """Two transfers with a neighbour: one agreed to, one shared without; with what only the other side can answer."""
    now = await session.now()
    earlier, run = [
        await session.scalar(text(f"SELECT id FROM {table} ORDER BY id DESC LIMIT 1"))  # noqa: S608
        for table in ("partnership_transfer", "pathway_run")
    ]
    agreed = ConsentTold("Bryony Parent", "All of it", now.date())
    ground = ConsentTold(ground=ConsentGround.PREVENT_HARM, reasons="Tonight")
    court = CourtTold("Family Court", now.date(), "To the neighbour")
    child = ChildTold("Sorrel Samechild", date_of_birth=date(2024, 2, 29), died_on=date(2024, 3, 1),
                      addresses=(AddressTold(HOME, LONG_AGO, LATELY, hidden=True),))  # fmt: skip
    unborn = ChildTold(expected_on=now.date() + timedelta(days=9))
    for agreement, kind in ((agreed, Kind.CHILD_IN_NEED), (ground, Kind.SECTION_47)):
        document = await arrived(session, case_id, caller, f"Paper of {kind}")
        paper = PaperTold(document, PaperKind.EXPERT_REPORT, (Gate.CONSENT, Gate.COURT_PERMISSION),
                          OpenedTold(agreement, court))  # fmt: skip
        items = {one.code: "2026-12-01" for one in FORMS[kind].items if one.required}
        told = OfferTold(kind, case_id, (child, unborn), items, "Moves.", partner="hertfordshire",
                         area="hertfordshire", move_on=now.date(), agreement=agreement, papers=(paper,))  # fmt: skip
        row = await offering.offer(session, caller, told, uuid7())
        row.state, row.received_at, row.answered_at, row.answer_reason = State.ACCEPTED, now, now, "Come."
        row.accountable_name, row.accountable_post, row.settled_at = "Perrin Woodruff", "Manager", now
        row.replaces_id, row.run_id, row.undelivered_at = earlier, run, now
        await session.flush()
        papers = await session.scalars(select(TransferPaper).where(col(TransferPaper.transfer_id) == row.id))
        for one in papers:
            one.crossed_at, one.undelivered_at = (now, None) if agreement is agreed else (None, now)
        session.append(TransferAct, transfer_id=row.id, act="written", ours=True, at=now, by_id=caller.person_id,
                       words="Come on Monday.")  # fmt: skip
        session.append(TransferExport, transfer_id=row.id, title="x", content_type="application/pdf", size=1,
                       sha256="a" * 64, object_key=str(row.id), version_id="1", thumbprint="x",
                       papers=[str(earlier)], made_by=caller.person_id, made_at=now, fetched_at=now,
                       fetched_by=caller.person_id)  # fmt: skip


async def seed_whole_letters(session: TenantSession, caller: Caller, case_id: UUID) -> None:
    """A letter to a person here and one to somebody outside, with a paragraph left out of each."""
    recipients: list[dict[str, Any]] = [{"recipient_id": caller.person_id}, {"recipient_name": "Mx Outside"}]
    for number, to in enumerate(recipients, 1):
        session.append(
            IssuedLetter, document_id=await arrived(session, case_id, caller, "Letter"), case_id=case_id,
            number=number, template="meeting-minutes", wording="a" * 64, audience=Audience.RECIPIENT,
            left_out=["opening"], issued_by=caller.person_id, issued_at=await session.now(), **to,
        )  # fmt: skip
    await session.flush()
