"""What comes in and goes out: referrals, transfers, enquiries and notices, and the registers."""

from datetime import date, timedelta
from uuid import UUID

from joserfc.jwk import ECKey
from sqlalchemy import text

from backend.cases.children.checks import AddressTold, ChildTold
from backend.cases.children.identity import Sex
from backend.cases.people import practitioners
from backend.identity.policies import Caller
from backend.kit.ids import uuid7
from backend.kit.session import TenantSession
from backend.pathways import opening
from backend.referrals import service as referrals
from backend.referrals.told import ReferralTold, ReferrerKind, ReferrerTold
from backend.registers.deaths import service as death_register
from backend.registers.deaths.models import NoticeSource
from backend.registers.deaths.service import NoticeTold
from backend.registers.enquiries import service as enquiries
from backend.registers.enquiries.models import DutyKind, DutyState, EnquiryDuty
from backend.registers.enquiries.told import About, EnquiryTold
from backend.registers.plans import service as plan_register
from backend.registers.plans.models import Holder
from backend.sharing import offering
from backend.sharing.kinds import FORMS, Kind, PaperKind
from backend.sharing.models import TransferExport
from backend.sharing.offering import OfferTold
from backend.sharing.papers import PaperTold
from backend.sharing.recipients import OutsideTold
from support.partnership import HOME
from support.seeds.cases import NEWEST_AREA


async def seed_transfer(session: TenantSession, caller: Caller) -> None:
    """A placement offered to somebody outside, with a paper that the court holds back, and a sealed file."""
    case_id: UUID = await session.scalar(text("SELECT id FROM case_file ORDER BY id DESC LIMIT 1"))
    document = await session.scalar(text("SELECT id FROM document WHERE case_id = :case LIMIT 1"), {"case": case_id})
    kind = Kind.LOOKED_AFTER
    items = {one.code: "2026-12-01" for one in FORMS[kind].items if one.required}
    key = ECKey.generate_key("P-256").as_pem(private=False).decode()
    home = AddressTold(HOME, hidden=True)
    child = ChildTold(
        name=f"Only Of {caller.partnership.title()} Three", date_of_birth=date(2024, 2, 29), addresses=(home,),
        other_names=("Third",), nhs_number="9434765919", sex=Sex.FEMALE, ethnicity="White", first_language="Welsh",
        interpreter_needed=False, communication_needs="None",
    )  # fmt: skip
    paper = PaperTold(document, PaperKind.EXPERT_REPORT)
    told = OfferTold(
        kind, case_id, (child,), items, "Placed.", papers=(paper,),
        outside=OutsideTold("Elsewhere", "Somebody", "Manager", key, "01632 960001"),
    )  # fmt: skip
    row = await offering.offer(session, caller, told, uuid7())
    session.append(TransferExport, transfer_id=row.id, title="x", content_type="application/pdf", size=1,
                   sha256="a" * 64, object_key=str(row.id), version_id="1", thumbprint="x", papers=[],
                   made_by=caller.person_id, made_at=await session.now())  # fmt: skip
    await session.flush()


async def seed_registers(session: TenantSession, caller: Caller) -> None:
    """A plan on the newest case with a stay elsewhere, an enquiry that leaves a duty, and a notice of a death."""
    case_id: UUID = await session.scalar(text("SELECT id FROM case_file ORDER BY id DESC LIMIT 1"))
    child_id: UUID = await session.scalar(
        text("SELECT child_id FROM case_subject WHERE case_id = :case LIMIT 1"), {"case": case_id}
    )
    worker: UUID = await session.scalar(text("SELECT id FROM person ORDER BY id DESC LIMIT 1"))
    area: UUID = await session.scalar(NEWEST_AREA)
    await practitioners.assign(
        session, caller, case_id, practitioners.AssignmentTold("key-worker", person_id=worker), uuid7()
    )
    entry = opening.EntryTold("child-protection-plan", ("conference-decided",))
    await opening.start(session, caller, case_id, entry, uuid7(), "plan")
    day = (await session.now()).date() - timedelta(days=1)
    stay = plan_register.StayTold(Holder.OURS, "Faraway County", area, temporary=True, from_on=day, told_by="x")
    await plan_register.record_stay(session, caller, case_id, child_id, stay, uuid7())
    about = About(f"Only Of {caller.partnership}", ("Third",), date(2024, 2, 28), "3 Invented Row")
    asked = EnquiryTold("Dr Outside", "Ward", "Nurse", "01632 960103", "Bruises", about)
    enquiry = await enquiries.record(session, caller, asked, uuid7())
    now = await session.now()
    session.append(EnquiryDuty, enquiry_id=enquiry.id, kind=DutyKind.CONSIDER_NEED, role="x", state=DutyState.OPEN,
                   began_at=now)  # fmt: skip
    told = NoticeTold(
        NoticeSource.REGISTRAR, "Registrar", now, "R-2", child_name=f"Only Of {caller.partnership}", died_on=day,
        date_of_birth=date(2024, 2, 27), place_of_death="Ward", usual_home="3 Invented Row",
    )  # fmt: skip
    await death_register.receive(session, told, uuid7(), by=caller)
    await session.flush()


async def seed_referral(session: TenantSession, caller: Caller) -> None:
    """A referral by the caller: a written one, of a child of its own case."""
    area: UUID = await session.scalar(text("SELECT id FROM area WHERE kind = 'local_authority' ORDER BY id LIMIT 1"))
    child = ChildTold(name=f"Only Of {caller.partnership.title()} Four", date_of_birth=date(2024, 2, 29))
    referrer = ReferrerTold(ReferrerKind.PROFESSIONAL, "Dr Outside", "Ward", "01632 960103")
    told = ReferralTold(area, (child,), referrer, significant_harm=False, concern="Bruises", their_reference="R-1")
    await referrals.make(session, caller, told, uuid7())
    await session.flush()
