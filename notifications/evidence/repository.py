"""The rows that an alert's story is told from."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from backend.kit.audit import AuditEntry
from backend.kit.session import TenantSession
from notifications.alerts import repository as alerts
from notifications.alerts.models import Alert, AlertSlot, ConfigurationAlarm, Page, SlotAnswer, SlotOffer
from notifications.answers.models import AnswerContact
from notifications.deliveries import repository as deliveries
from notifications.deliveries.models import Delivery, DeliveryEvent
from notifications.watch.models import WatchFinding
from tenants.contacts import repository as contacts
from tenants.contacts.models import DirectoryEntry, Person
from tenants.partnerships import repository as partnerships
from tenants.partnerships.models import Partnership


@dataclass(frozen=True, slots=True)
class Rows:
    """Everything stored of one alert."""

    partnership: Partnership
    alert: Alert
    slots: dict[UUID, AlertSlot]
    pages: dict[UUID, Page]
    deliveries: dict[UUID, Delivery]
    history: list[DeliveryEvent]
    contacts: list[AnswerContact]
    answers: list[SlotAnswer]
    offers: dict[UUID, SlotOffer]
    alarms: list[ConfigurationAlarm]
    findings: list[WatchFinding]
    people: dict[UUID, Person]
    desks: dict[UUID, DirectoryEntry]
    recorded: list[AuditEntry]


async def gather(session: TenantSession, alert_id: UUID) -> Rows:
    """All rows of the alert. Raises ``NotFound``."""
    alert = await alerts.alert(session, alert_id)
    slots = {slot.id: slot for slot in (await alerts.slots(session, [alert_id]))[alert_id]}
    pages = {page.id: page for found in (await alerts.pages(session, slots)).values() for page in found}
    sent = {one.id: one for found in (await deliveries.by_slot(session, slots)).values() for one in found}
    history = [event for found in (await deliveries.history(session, sent)).values() for event in found]
    recorded = await _recorded(session, alert_id)
    answers = [one for found in (await alerts.answers(session, slots)).values() for one in found]
    offers = {one.id: one for found in (await alerts.offers(session, slots)).values() for one in found}
    actors = {entry.actor_id for entry in recorded} | {page.person_id for page in pages.values()} | {alert.closed_by}
    actors |= {who for one in answers for who in (one.person_id, one.given_by)}
    actors |= {offer.giver_id for offer in offers.values()}
    subjects = [alert_id, *slots, *pages]
    return Rows(
        partnership=await partnerships.own(session),
        alert=alert,
        slots=slots,
        pages=pages,
        deliveries=sent,
        history=history,
        contacts=await _contacts(session, list(sent)),
        answers=answers,
        offers=offers,
        alarms=await alerts.alarms(session, subjects),
        findings=await _findings(session, subjects),
        people=await contacts.people(session, [actor for actor in actors if actor is not None]),
        desks=await _desks(session, [page.entry_id for page in pages.values() if page.entry_id is not None]),
        recorded=recorded,
    )


async def _contacts(session: TenantSession, delivery_ids: list[UUID]) -> list[AnswerContact]:
    query = select(AnswerContact).where(
        col(AnswerContact.tenant_id) == session.tenant_id, col(AnswerContact.delivery_id).in_(delivery_ids)
    )
    return list(await session.scalars(query))


async def _findings(session: TenantSession, subject_ids: list[UUID]) -> list[WatchFinding]:
    query = select(WatchFinding).where(
        col(WatchFinding.tenant_id) == session.tenant_id, col(WatchFinding.subject_id).in_(subject_ids)
    )
    return list(await session.scalars(query))


async def _desks(session: TenantSession, ids: list[UUID]) -> dict[UUID, DirectoryEntry]:
    query = select(DirectoryEntry).where(
        col(DirectoryEntry.tenant_id) == session.tenant_id, col(DirectoryEntry.id).in_(ids)
    )
    return {entry.id: entry for entry in await session.scalars(query)}


async def _recorded(session: TenantSession, alert_id: UUID) -> list[AuditEntry]:
    query = select(AuditEntry).where(col(AuditEntry.tenant_id) == session.tenant_id,
                                     col(AuditEntry.subject_id) == alert_id).order_by(col(AuditEntry.seq))  # fmt: skip
    return list(await session.scalars(query))


async def audit_range(session: TenantSession, first: int, last: int) -> list[AuditEntry]:
    """The partnership's audit entries from ``first`` to ``last``, both included."""
    query = select(AuditEntry).where(
        col(AuditEntry.tenant_id) == session.tenant_id, col(AuditEntry.seq).between(first, last)
    ).order_by(col(AuditEntry.seq))  # fmt: skip
    return list(await session.scalars(query))


async def audit_head(session: TenantSession) -> AuditEntry | None:
    """The newest entry of the partnership's audit log."""
    query = select(AuditEntry).where(col(AuditEntry.tenant_id) == session.tenant_id)
    found: AuditEntry | None = await session.scalar(query.order_by(col(AuditEntry.seq).desc()).limit(1))
    return found
