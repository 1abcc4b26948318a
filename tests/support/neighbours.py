"""Two partnerships that have something of every kind, and a member of one who asks for the other's."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from joserfc.jwk import ECKey
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import Range

from backend.cases import service as cases
from backend.cases.access import teams
from backend.cases.children import service as children
from backend.cases.children.checks import ChildTold
from backend.cases.chronology import service as chronology
from backend.cases.chronology.models import EventKind
from backend.cases.drafts import service as drafts
from backend.cases.links import link_cases
from backend.cases.models import LinkKind
from backend.cases.people import practitioners
from backend.cases.people import service as people
from backend.cases.people.models import RelationshipKind
from backend.cases.policies import PartyRole
from backend.documents import service as documents
from backend.identity.policies import ROLES, Caller
from backend.kit.ids import uuid7
from backend.kit.session import TenantSession
from backend.kit.settings import settings
from backend.letters.models import IssuedLetter
from backend.meetings import calling, circulating, holding, minutes
from backend.meetings import repository as meetings
from backend.meetings.agenda import OutcomeTold
from backend.meetings.calling import CallTold, PlanTold
from backend.meetings.circulating import CopyTold
from backend.meetings.holding import AttendanceTold, HeldTold
from backend.meetings.inviting import InviteeTold
from backend.meetings.minutes import MinutesTold
from backend.meetings.models import ItemState, MeetingInvitation, MeetingItem
from backend.meetings.record_models import Attendance
from backend.pathways import casework, deciding, departing, disagreeing, opening, overlaying
from backend.pathways.moments import MomentTold
from backend.procedures import amending
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
from backend.thresholds import deciding as levels_of_need
from backend.thresholds import observing, publishing, viewing
from backend.thresholds.deciding import DecisionTold
from backend.thresholds.observing import IndicatorTold
from backend.thresholds.viewing import ViewTold
from graphql_api.ids import encode
from notifications.alerts import drills, offers
from notifications.alerts import repository as alerts
from notifications.alerts.service import override, raise_alert
from notifications.coverage.findings import WarningKind
from notifications.coverage.models import RotaWarning
from notifications.feeds import service as feeds
from notifications.handovers import service as handovers
from notifications.ladders.drills import DrillRule
from notifications.rotas import repository as rotas
from notifications.rotas import service as rota_service
from notifications.rotas import swaps
from notifications.rotas.materialisation import ends_of
from notifications.rotas.models import Shift
from notifications.webhooks import service as webhooks
from support.api import Api, Door
from support.casework import OVERLAY, REFERRAL, put_in_force
from support.meetings import CODE, PATHWAY, arrived, begun
from support.partnership import Partnership
from support.procedures import MANUAL, approved, drafted, manual, said
from support.ways import NAMES, VALUES, Way, request
from tenants.contacts import device_service as devices
from tenants.contacts import service as contacts
from tenants.contacts.models import Channel, DevicePlatform
from tenants.contacts.service_models import DirectoryChange, DirectoryHolder, DirectoryOrganisation, DirectoryPost
from tenants.procedures.change_models import ProcedureCirculation
from tenants.procedures.parsing.manual import Doubt, DoubtKind
from tenants.procedures.print_models import ProcedurePrint
from tenants.procedures.register_models import ProcedureRegisterEntry, RegisterKind
from tenants.procedures.working_models import ProcedureImport

NEIGHBOURS = {"cambs-peterborough": "hertfordshire", "hertfordshire": "cambs-peterborough"}

# Where a thing of each type with an id is stored. A type that is given a tag needs its table here.
TABLES = {
    "Alert": "alert",
    "AlertPolicy": "alert_policy",
    "AlertSlot": "alert_slot",
    "Area": "area",
    "CalendarFeed": "calendar_feed",
    "Case": "case_file",
    "CaseLink": "case_link",
    "CasePractitioner": "case_practitioner",
    "Child": "child",
    "ChildDeath": "child_death",
    "ChildEnquiry": "child_enquiry",
    "ChronologyEntry": "chronology_entry",
    "Clock": "clock",
    "ConfigurationAlarm": "configuration_alarm",
    "ContactMethod": "contact_method",
    "DeathNotice": "death_notice",
    "Delivery": "delivery",
    "DirectoryEntry": "directory_entry",
    "DirectoryPoint": "directory_point",
    "DirectoryService": "directory_service",
    "Document": "document",
    "Draft": "draft",
    "DrillSchedule": "drill_schedule",
    "EnquiryDuty": "enquiry_duty",
    "Handover": "handover",
    "HouseholdMember": "household_member",
    "Letter": "issued_letter",
    "Meeting": "meeting",
    "MeetingCopy": "meeting_copy",
    "MeetingInvitation": "meeting_invitation",
    "MeetingItem": "meeting_item",
    "MeetingMinutes": "meeting_minutes",
    "Party": "party",
    "PathwayDecision": "pathway_decision",
    "PathwayDeparture": "pathway_departure",
    "PathwayDisagreement": "pathway_disagreement",
    "PathwayEdition": "pathway_edition",
    "PathwayEvent": "pathway_event",
    "PathwayOverlay": "pathway_overlay",
    "PathwayRun": "pathway_run",
    "PathwayTask": "pathway_task",
    "Person": "person",
    "PlanEntry": "case_subject",
    "PlanStay": "plan_stay",
    "RecordedIndicator": "threshold_indicator",
    "ProcedureAmendment": "procedure_amendment",
    "ProcedureCirculation": "procedure_circulation",
    "ProcedureDoubt": "procedure_doubt",
    "ProcedureEdition": "procedure_edition",
    "ProcedureImport": "procedure_import",
    "ProcedurePrint": "procedure_print",
    "ProcedureRegisterEntry": "procedure_register_entry",
    "DirectoryChange": "directory_change",
    "DirectoryPost": "directory_post",
    "DirectoryHolder": "directory_holder",
    "Relationship": "relationship",
    "Rota": "rota",
    "RotaAdjustment": "rota_adjustment",
    "RotaWarning": "rota_warning",
    "SealedTransfer": "transfer_export",
    "Shift": "shift",
    "ShiftSwap": "shift_swap",
    "SlotOffer": "slot_offer",
    "Team": "team",
    "ThresholdDecision": "threshold_decision",
    "ThresholdEdition": "threshold_edition",
    "ThresholdView": "threshold_view",
    "Transfer": "partnership_transfer",
    "TransferPaper": "transfer_paper",
    "WebhookEndpoint": "webhook_endpoint",
}
_NEWEST_AREA = text("SELECT id FROM area ORDER BY id DESC LIMIT 1")


@dataclass(frozen=True)
class Things:
    """What a partnership has: ids of rows by type, names by field, and words that only it uses."""

    partnership: Partnership
    ids: Mapping[str, list[UUID]]
    names: Mapping[str, list[str]]
    words: set[str] = field(default_factory=set)


async def rota_things(session: TenantSession) -> None:
    """A swap that waits for its answer, somebody's leave, and a shift that is over."""
    rota = next(rota for rota in await rotas.rotas(session) if rota.role == "sio")
    now = await session.now()
    found = await rotas.shifts(session, [rota.id], now, now + timedelta(days=60))
    mine, theirs = [shift for shift in found if ends_of(shift.during)[0] > now][:2]
    await swaps.ask(session, mine.id, theirs.person_id, by=mine.person_id, swap_id=uuid7())
    off = now + timedelta(days=80)
    await rota_service.leave(session, mine.person_id, off, off + timedelta(days=1), by=mine.person_id, reason="Away")
    # The newest of the shifts, which is tried first, is over: what is asked of it is refused and it stays.
    over = Range(now - timedelta(days=2000), now - timedelta(days=1999))
    session.add(Shift(tenant_id=session.tenant_id, rota_id=rota.id, person_id=mine.person_id, during=over, turn=over))
    await session.flush()


async def rota_views(session: TenantSession, partnership: Partnership) -> None:
    """A warning about a rota, and a calendar feed of whoever is on call."""
    rota = (await rotas.rotas(session))[0]
    now = await session.now()
    session.append(RotaWarning, kind=WarningKind.EMPTY_ROTA, rota_id=rota.id, first_seen_at=now)
    owner = await partnership.on_call("paediatrician")
    await feeds.create(session, feed_id=uuid7(), owner_id=owner, rota_id=rota.id)


async def seeded(partnership: Partnership) -> Things:
    """Let a partnership have something of every kind."""
    row = await partnership.report_death(child_name=f"Only Of {partnership.slug.title()}")
    person = await partnership.member("paediatrician")
    async with partnership.session() as session:
        await documents.start_upload(
            session, document_id=uuid7(), case_id=row.case_id, title=f"Minutes of {partnership.slug}",
            content_type="application/pdf", size=30, sha256="b" * 64, person_id=person.person_id,
        )  # fmt: skip
        await rota_things(session)
        await rota_views(session, partnership)
        on_call = await partnership.on_call("paediatrician")
        await contacts.add(session, on_call, uuid7(), Channel.EMAIL, f"me@{partnership.slug}.example.org")
        await devices.register(session, on_call, uuid7(), DevicePlatform.FCM, f"device-of-{partnership.slug}")
        leaving = (await rotas.roster(session, await session.now())).find("paediatrician")
        await handovers.write(session, leaving[1], leaving[0][0], f"Note of {partnership.slug}")
        await _seed_alerts(session, person.person_id)
        await webhooks.create(
            session, uuid7(), name=f"System of {partnership.slug}", url=f"{settings().fcm_base_url}/webhooks/system",
            types=["clock.breached"], application_id=None, by=on_call,
        )  # fmt: skip
        caller = Caller(partnership.id, partnership.slug, on_call, tuple(ROLES))
        await _seed_pathway(session, caller)
        await _seed_case(session, caller)
        await _seed_threshold(session, caller)
        await _seed_meeting(session, caller)
        await _seed_procedures(session, caller)
        await _seed_transfer(session, caller)
        await _seed_registers(session, caller)
        await session.commit()
        ids = {
            kind: list(await session.scalars(text(f"SELECT id FROM {table} ORDER BY id DESC LIMIT 8")))  # noqa: S608
            for kind, table in TABLES.items()
        }
        names = {name: list(await session.scalars(text(query))) for name, query in NAMES.items()}
        names = {name: [one for one in found if one] for name, found in names.items()}
    words = {row.child_name, f"Minutes of {partnership.slug}", f"Note of {partnership.slug}", *names["reference"]}
    words |= {encode(kind, one) for kind, found in ids.items() for one in found}
    return Things(partnership, ids, names, words)


async def _seed_alerts(session: TenantSession, person_id: UUID) -> None:
    """An offered slot, a schedule of drills, and an alarm of a type without a policy."""
    await raise_alert(session, "never-heard-of", subject_kind="test", subject_id=uuid7())
    made = await raise_alert(session, "child-death-police-oncall-alert", subject_kind="test", subject_id=uuid7())
    assert made is not None
    await session.flush()
    slot = (await alerts.slots(session, [made.id]))[made.id][0]
    giver, receiver = list(
        await session.scalars(text("SELECT id FROM person WHERE post = 'Senior investigating officer' LIMIT 2"))
    )
    await override(session, slot.id, giver, person_id, "seeded")
    await session.flush()
    await offers.offer(session, slot.id, giver, receiver, within=3_600, offer_id=uuid7())
    rule = DrillRule.model_validate({"pattern": "weekly", "weekday": 2, "at": "14:00"})
    await drills.schedule(session, "missing-from-care", rule, by=person_id, schedule_id=uuid7())
    await raise_alert(
        session, "missing-from-care", subject_kind="drill", subject_id=uuid7(), drill=True, raised_by=person_id
    )
    await session.flush()


async def _seed_case(session: TenantSession, caller: Caller) -> None:
    """A case with everything that a case can have, in the newest of the areas, linked to one before it."""
    area = await session.scalar(_NEWEST_AREA)
    team = await teams.create(session, caller, "north", "North", uuid7())
    await session.flush()
    before = await cases.open_by_hand(session, caller, cases.Opening("none"), uuid7())
    case = await cases.open_by_hand(session, caller, cases.Opening("none", area, team_id=team.id), uuid7())
    child = ChildTold(name=f"Only Of {caller.partnership.title()} Too", date_of_birth=date(2024, 2, 29))
    subject = await children.add_new_subject(session, caller, case.id, child, uuid7())
    party = await people.add_party(session, caller, case.id, people.PartyTold((PartyRole.PARENT,)), uuid7())
    await session.flush()
    mother, them = people.Who(party_id=party.id), people.Who(subject.child_id)
    await people.add_household_member(session, caller, case.id, mother, people.Span(), uuid7())
    await people.record_relationship(
        session, caller, case.id, mother, RelationshipKind.PARENT, them, people.Span(), uuid7()
    )
    assignment = practitioners.AssignmentTold("gp", outside_name="Dr Outside")
    await practitioners.assign(session, caller, case.id, assignment, uuid7())
    await link_cases(session, caller, case.id, before.id, LinkKind.SIBLING, None, uuid7())
    event = chronology.EventTold(EventKind.VISIT, "Visit", "Seen", occurred="2026")
    await chronology.enter(session, caller, case.id, event, uuid7())
    await drafts.save(session, caller, "seeded", case.id, {"written": True}, 0, uuid7())
    await session.flush()


async def _seed_pathway(session: TenantSession, caller: Caller) -> None:
    """A team's referral with a decision, a departure and an overlay."""
    await put_in_force(session, OVERLAY)
    team = await teams.create(session, caller, "intake", "Intake", uuid7())
    await session.flush()
    area = await session.scalar(_NEWEST_AREA)
    case = await cases.open_by_hand(session, caller, cases.Opening(REFERRAL, area, team_id=team.id), uuid7())
    await session.flush()
    for role in ("social-care-intake", "social-care-manager"):
        assignment = practitioners.AssignmentTold(role, person_id=caller.person_id)
        await practitioners.assign(session, caller, case.id, assignment, uuid7())
    entry = opening.EntryTold(REFERRAL, ("significant-harm",))
    run = await opening.start(session, caller, case.id, entry, uuid7(), "start")
    for stage in ("intake", "consideration"):
        await casework.move(session, caller, run.id, stage, MomentTold(), None, casework.Known(None, stage))
    told = deciding.DecisionTold("possible-offence", ("no-offence-seen",), "None.")
    decided = await deciding.decide(session, caller, run.id, told, uuid7(), version=None, transaction_id="decide")
    dispute = disagreeing.DisagreementTold("An offence is possible.", "The police are told.")
    await disagreeing.disagree(session, caller, decided.id, dispute, uuid7(), "disagree")
    departure = departing.DepartureTold("obligation", "acknowledge", "Nothing.", "They rang.")
    await departing.acknowledge(session, caller, run.id, departure, uuid7())
    await overlaying.attach_by_hand(
        session, caller, run.id, "forced-marriage", "Feared.", uuid7(), version=None, transaction_id="attach"
    )
    await session.flush()


async def _seed_threshold(session: TenantSession, caller: Caller) -> None:
    """The newest case's level of need, decided and disputed, by a document in force; and a draft of another."""
    text_of = "title: Levels\nedition: Of {}\ncitation: Minute 1\nlevels:\n{}domains: [{{code: d, name: D}}]\n{}"
    levels = "".join(f"  - {{code: {one}, name: N, description: D, citation: C}}\n" for one in ("low", "high"))
    seen = "indicators: [{code: seen, name: Seen, domain: d, nature: state, of: family}]\n"
    words = text_of.format(caller.partnership, levels, seen)
    day = (await session.now()).date() - timedelta(days=1)
    await publishing.put_in_force(session, publishing.compiled(words), day, role="test", authority="test")
    case_id: UUID = await session.scalar(text("SELECT id FROM case_file ORDER BY id DESC LIMIT 1"))
    await observing.record(session, caller, case_id, IndicatorTold("seen"), uuid7())
    decided = await levels_of_need.decide(session, caller, case_id, DecisionTold("low", "x"), uuid7(), "level")
    disputed = ViewTold(agrees=False, reasons="x", wanted="high")
    await viewing.give(session, caller, decided.id, disputed, uuid7(), "view")
    await publishing.draft(session, caller, words, uuid7())
    await session.flush()


async def _seed_meeting(session: TenantSession, caller: Caller) -> None:
    """A strategy discussion that was held, with minutes that one person may not read whole, and one to come."""
    await put_in_force(session, PATHWAY)
    run_id, now = uuid7(), await session.now()
    case_id: UUID = await session.scalar(text("SELECT id FROM case_file ORDER BY id DESC LIMIT 1"))
    await begun(session, dict.fromkeys(("social-care-manager", "sio"), caller), run_id, case_id)
    police = InviteeTold("sio", outside_name="DS Outside", told_how="By telephone")
    asked = (InviteeTold("social-care-manager", person_id=caller.person_id), police)
    told = CallTold(CODE, PlanTold(now, "Here"), invitees=asked)
    meeting = await calling.call(session, caller, run_id, told, uuid7())
    people = await meetings.of_meeting(session, MeetingInvitation, meeting.id)
    agenda = await meetings.of_meeting(session, MeetingItem, meeting.id)
    came = tuple(AttendanceTold(row.id, Attendance.ATTENDED) for row in people)
    found = tuple(OutcomeTold(row.id, ItemState.NOTHING_FOUND, "Nothing.") for row in agenda)
    await holding.hold(session, caller, meeting.id, HeldTold(now, came, found), version=1, transaction_id="hold")
    document = await arrived(session, case_id, caller, f"Record of {caller.partnership}")
    row = await minutes.record(session, caller, meeting.id, MinutesTold(document), uuid7(), version=2)
    await minutes.approve(session, caller, row.id, uuid7())
    outside = CopyTold(people[1].id, ((agenda[0].id, "A source."),), sent_how="By hand")
    await circulating.circulate(session, caller, row.id, [CopyTold(people[0].id), outside])
    session.append(IssuedLetter, document_id=document, case_id=case_id, meeting_id=meeting.id, number=1,
                   template="meeting-minutes", wording="a" * 64, audience="case", issued_by=caller.person_id,
                   issued_at=await session.now())  # fmt: skip
    await session.flush()


async def _seed_procedures(session: TenantSession, caller: Caller) -> None:
    """A manual in force with an amendment on its way, and a draft with a doubt, which a file was read into."""
    row = await approved(session, await drafted(session, None))
    now = await session.now()
    amendment = await amending.propose(
        session, caller, amending.ProposalTold(row.id, "1.1", "Say when.", "It is not said.", "Now."), uuid7()
    )
    await session.flush()
    agency: UUID = await session.scalar(text("SELECT id FROM agency ORDER BY code LIMIT 1"))
    session.append(ProcedureCirculation, amendment_id=amendment.id, agency_id=agency, person_id=caller.person_id,
                   notices=1, sent_at=now)  # fmt: skip
    doubtful = manual(said("1", f"Only of {caller.partnership}."), doubts=[Doubt(1, DoubtKind.DELETED_TEXT, "x")])
    draft = await drafted(session, None, doubtful)
    session.append(ProcedureImport, manual=MANUAL, title="x", file_name="x.txt", content_type="text/plain", size=1,
                   sha256="a" * 64, object_key=str(draft.id), edition_id=draft.id, started_at=now)  # fmt: skip
    entry = ProcedureRegisterEntry(
        kind=RegisterKind.SUPPLEMENTARY_DOCUMENT, manual=MANUAL, title=f"Of {caller.partnership}",
        review_on=now.date() + timedelta(days=99), owner_id=caller.person_id, made_by=caller.person_id, made_at=now,
        tenant_id=session.tenant_id,
    )  # fmt: skip
    session.add(entry)
    organisation = DirectoryOrganisation(tenant_id=session.tenant_id, code="seeded", name="x")
    session.add(organisation)
    await session.flush()
    post = DirectoryPost(tenant_id=session.tenant_id, code="seeded", organisation_id=organisation.id, title="x")
    session.add(post)
    await session.flush()
    session.append(DirectoryHolder, post_id=post.id, name=f"Of {caller.partnership}", from_on=now.date())
    service: UUID = await session.scalar(text("SELECT id FROM directory_service ORDER BY id DESC LIMIT 1"))
    session.append(DirectoryChange, service_id=service, action="changed", fields=["name"], made_at=now)
    session.append(ProcedurePrint, edition_id=row.id, work="manual", medium="pdf", content="a" * 64, progress=10,
                   state="making", object_key=str(draft.id), asked_at=now)  # fmt: skip
    await session.flush()


async def _seed_transfer(session: TenantSession, caller: Caller) -> None:
    """A placement offered to somebody outside, with a paper that the court holds back, and a sealed file."""
    case_id: UUID = await session.scalar(text("SELECT id FROM case_file ORDER BY id DESC LIMIT 1"))
    document = await session.scalar(text("SELECT id FROM document WHERE case_id = :case LIMIT 1"), {"case": case_id})
    kind = Kind.LOOKED_AFTER
    items = {one.code: "2026-12-01" for one in FORMS[kind].items if one.required}
    key = ECKey.generate_key("P-256").as_pem(private=False).decode()
    child = ChildTold(name=f"Only Of {caller.partnership.title()} Three", date_of_birth=date(2024, 2, 29))
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


async def _seed_registers(session: TenantSession, caller: Caller) -> None:
    """A plan on the newest case with a stay elsewhere, an enquiry that leaves a duty, and a notice of a death."""
    case_id: UUID = await session.scalar(text("SELECT id FROM case_file ORDER BY id DESC LIMIT 1"))
    child_id: UUID = await session.scalar(
        text("SELECT child_id FROM case_subject WHERE case_id = :case LIMIT 1"), {"case": case_id}
    )
    worker: UUID = await session.scalar(text("SELECT id FROM person ORDER BY id DESC LIMIT 1"))
    area: UUID = await session.scalar(_NEWEST_AREA)
    await practitioners.assign(
        session, caller, case_id, practitioners.AssignmentTold("key-worker", person_id=worker), uuid7()
    )
    entry = opening.EntryTold("child-protection-plan", ("conference-decided",))
    await opening.start(session, caller, case_id, entry, uuid7(), "plan")
    day = (await session.now()).date() - timedelta(days=1)
    stay = plan_register.StayTold(Holder.OURS, "Faraway County", area, temporary=True, from_on=day, told_by="x")
    await plan_register.record_stay(session, caller, case_id, child_id, stay, uuid7())
    asked = EnquiryTold("Dr Outside", "Ward", None, "01632 960103", "Bruises", About(f"Only Of {caller.partnership}"))
    enquiry = await enquiries.record(session, caller, asked, uuid7())
    now = await session.now()
    session.append(EnquiryDuty, enquiry_id=enquiry.id, kind=DutyKind.CONSIDER_NEED, role="x", state=DutyState.OPEN,
                   began_at=now)  # fmt: skip
    told = NoticeTold(NoticeSource.REGISTRAR, "Registrar", now, child_name=f"Only Of {caller.partnership}")
    await death_register.receive(session, told, uuid7(), by=caller)
    await session.flush()


class State:
    """All that is stored of a partnership, read as nobody in the product can."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection

    async def of(self, partnership: Partnership) -> dict[str, list[str]]:
        tables = await self._connection.fetch(
            "SELECT attrelid::regclass::text AS name FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid"
            " WHERE attname = 'tenant_id' AND relkind = 'r'"
        )
        found = {}
        for name in sorted(row["name"] for row in tables):
            query = f"SELECT t::text FROM {name} AS t WHERE tenant_id = $1 ORDER BY 1"  # noqa: S608
            found[name] = [row[0] for row in await self._connection.fetch(query, partnership.id)]
        assert found["audit_entry"]
        assert found["child_death"]
        return found


@dataclass(frozen=True)
class Inquiry:
    """A member of one partnership who may do everything there, and another partnership."""

    member: Api
    own: Things
    other: Things
    state: State
    _of_nothing: dict[tuple[Way, str], Any] = field(default_factory=dict)

    @property
    def values(self) -> dict[str, Any]:
        """What else an input needs, with the caller's own areas, slots and people."""
        names = {name: self.own.names[name][0] for name in NAMES if name != "reference"}
        kinds = {
            "areaIds": "Area", "slotId": "AlertSlot", "rotaId": "Rota", "shiftId": "Shift", "personId": "Person",
            "toPersonId": "Person", "insteadId": "Person", "otherId": "Person", "members": "Person", "areaId": "Area",
            "caseId": "Case", "childId": "Child", "entryId": "ChronologyEntry", "personIds": "Person", "teamId": "Team",
            "changeDirectoryEntry.entryId": "DirectoryEntry", "giveThresholdView.decisionId": "ThresholdDecision",
            "runId": "PathwayRun", "editionId": "PathwayEdition", "taskId": "PathwayTask", "ownerId": "Person",
            "earlierId": "PathwayEdition", "laterId": "PathwayEdition", "decisionId": "PathwayDecision",
            "meetingId": "Meeting", "documentId": "Document", "itemId": "MeetingItem", "minutesId": "MeetingMinutes",
            "invitationId": "MeetingInvitation", "recordProcedureAdoption.editionId": "ProcedureEdition",
            "transferId": "Transfer", "accountableId": "Person",
            "requestProcedurePrint.editionId": "ProcedureEdition", "issueLetter.aboutId": "Meeting",
            "letterPreview.aboutId": "Meeting",
            "enquiryId": "ChildEnquiry", "noticeId": "DeathNotice", "recordDeathStep.deathId": "ChildDeath",
            "postId": "DirectoryPost", "changeProcedureRegisterEntry.entryId": "ProcedureRegisterEntry",
            "procedureDifferences.earlierId": "ProcedureEdition", "procedureDifferences.laterId": "ProcedureEdition",
        }  # fmt: skip
        ids = {name: encode(kind, self.own.ids[kind][0]) for name, kind in kinds.items()}
        other = {"otherCaseId": encode("Case", self.own.ids["Case"][1])}
        return VALUES | names | other | {"people": {"name": "x", "personId": ids["personId"]}} | ids

    async def answer(self, way: Way, value: str) -> Any:  # JSON
        answer = await self.member.send(*request(way, value, self.values))
        return {key: answer.get(key) for key in ("data", "errors")}

    async def answer_for_nothing(self, way: Way, kind: str) -> Any:  # JSON
        """The answer for what looks like a thing of the kind and never existed, asked for once."""
        if (way, kind) not in self._of_nothing:
            never = "ZZZZ-9999" if kind == "reference" else "never-was"
            value = encode(kind, uuid4()) if way.is_id else never
            self._of_nothing[way, kind] = await self.answer(way, value)
        return self._of_nothing[way, kind]

    def values_of(self, way: Way, kind: str, things: Things) -> list[str]:
        """Ids of two things of a kind, or every name that the way may take."""
        return [encode(kind, one) for one in things.ids[kind][:2]] if way.is_id else list(things.names[kind])

    async def taken(self, way: Way) -> str:
        """The kind of thing that the way takes: the first of whose own the answer is another than for nothing.

        Fails where there is none: such a way would keep another partnership's things from a caller only by
        answering nothing, whatever it is given.
        """
        kinds = sorted(self.own.ids, key=way.likely, reverse=True) if way.is_id else [way.path[-1]]
        for kind in kinds:
            for value in self.values_of(way, kind, self.own):
                if await self.answer(way, value) != await self.answer_for_nothing(way, kind):
                    return kind
        pytest.fail(
            f"{way} answers for every seeded thing of the caller's own partnership as for one that never existed."
            " Seed a thing that it takes in seeded(), or add to VALUES what else it needs."
        )


async def may_do_everything(door: Door, partnership: Partnership) -> None:
    """Give who is on call every role, so that no way is closed for want of a permission."""
    subject = await door.subject_of(partnership, await partnership.on_call("paediatrician"))
    await door.change_roles(partnership, subject, *ROLES)


async def administrator(environment: Mapping[str, str]) -> asyncpg.Connection:
    """A connection to the product's database that sees everybody's rows."""
    admin = environment["POSTGRES_ADMIN_URL"].rsplit("/", 1)[0]
    return await asyncpg.connect(f"{admin}/{environment['DATABASE_URL'].rsplit('/', 1)[1]}")
