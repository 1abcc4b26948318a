"""Two partnerships that have something of every kind."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

import asyncpg
from sqlalchemy import text

from backend.documents import service as documents
from backend.identity.policies import ROLES, Caller
from backend.kit.ids import uuid7
from backend.kit.session import TenantSession
from backend.kit.settings import settings
from graphql_api.ids import encode
from notifications.handovers import service as handovers
from notifications.rotas import repository as rotas
from notifications.webhooks import service as webhooks
from support.api import Door
from support.partnership import Partnership
from support.seeds.cases import seed_case, seed_pathway, seed_threshold
from support.seeds.meetings import seed_meeting
from support.seeds.procedures import seed_procedures
from support.seeds.registers import seed_referral, seed_registers, seed_transfer
from support.seeds.rotas import rota_things, rota_views, seed_alerts
from support.ways import NAMES
from tenants.contacts import device_service as devices
from tenants.contacts import service as contacts
from tenants.contacts.models import Channel, DevicePlatform

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
    "Referral": "referral",
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


@dataclass(frozen=True)
class Things:
    """What a partnership has: ids of rows by type, names by field, and words that only it uses."""

    partnership: Partnership
    ids: Mapping[str, list[UUID]]
    names: Mapping[str, list[str]]
    words: set[str] = field(default_factory=set)


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
        leaving = (await rotas.roster(session, await session.now())).find("sio")  # who is called at every hour
        await handovers.write(session, leaving[1], leaving[0][0], f"Note of {partnership.slug}")
        await seed_alerts(session, person.person_id)
        await webhooks.create(
            session, uuid7(), name=f"System of {partnership.slug}", url=f"{settings().fcm_base_url}/webhooks/system",
            types=["clock.breached"], application_id=None, by=on_call,
        )  # fmt: skip
        caller = Caller(partnership.id, partnership.slug, on_call, tuple(ROLES))
        await seed_pathway(session, caller)
        await seed_referral(session, caller)
        await seed_case(session, caller)
        await seed_threshold(session, caller)
        await seed_meeting(session, caller)
        await seed_procedures(session, caller)
        await seed_transfer(session, caller)
        await seed_registers(session, caller)
        await session.commit()
        ids = await ids_of(session)
        names = {name: list(await session.scalars(text(query))) for name, query in NAMES.items()}
        names = {name: [one for one in found if one] for name, found in names.items()}
    words = {row.child_name, f"Minutes of {partnership.slug}", f"Note of {partnership.slug}", *names["reference"]}
    words |= {encode(kind, one) for kind, found in ids.items() for one in found}
    return Things(partnership, ids, names, words)


async def ids_of(session: TenantSession) -> dict[str, list[UUID]]:
    """The newest rows of each type of thing, the newest first."""
    return {
        kind: list(await session.scalars(text(f"SELECT id FROM {table} ORDER BY id DESC LIMIT 8")))  # noqa: S608
        for kind, table in TABLES.items()
    }


async def may_do_everything(door: Door, partnership: Partnership) -> None:
    """Give who is on call every role, so that no way is closed for want of a permission."""
    subject = await door.subject_of(partnership, await partnership.on_call("paediatrician"))
    await door.change_roles(partnership, subject, *ROLES)


async def administrator(environment: Mapping[str, str]) -> asyncpg.Connection:
    """A connection to the product's database that sees everybody's rows."""
    admin = environment["POSTGRES_ADMIN_URL"].rsplit("/", 1)[0]
    return await asyncpg.connect(f"{admin}/{environment['DATABASE_URL'].rsplit('/', 1)[1]}")
