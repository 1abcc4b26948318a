"""An alert with every kind of answer, a rota with every kind of change, and people with a whole record."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, text
from sqlmodel import col

from backend.identity.policies import Caller
from backend.kit.ids import uuid7
from backend.kit.session import TenantSession
from notifications.alerts import handover, offers, service
from notifications.alerts import repository as alerts
from notifications.alerts.closing import close
from notifications.alerts.means import signed_in
from notifications.alerts.models import Alert, AlertSlot, Ending
from notifications.deliveries.models import Delivery, DeliveryEvent, DeliveryState
from notifications.handovers.models import Handover
from notifications.rotas import repository as rotas
from notifications.rotas import service as rota_service
from notifications.rotas.materialisation import ends_of
from notifications.rotas.models import RotaArea
from notifications.rotas.resolution import AdjustmentKind
from support.seeds.cases import NEWEST_AREA
from tenants.contacts.models import Person
from tenants.qualifications.models import PersonArea, Qualification


async def seed_whole_alert(session: TenantSession, caller: Caller, other: Caller) -> None:
    """The oldest alert of a case: declined, answered for, handed over, confirmed, met and stood down."""
    now = await session.now()
    query = select(Alert).where(col(Alert.subject_kind) == "case").order_by(col(Alert.id)).limit(1)
    alert = (await session.scalars(query)).one()
    slots = (await alerts.slots(session, [alert.id]))[alert.id]
    first = (await alerts.pages(session, [slots[0].id]))[slots[0].id][0]
    assert first.person_id
    await service.decline(session, slots[0].id, first.person_id, "At another call", signed_in(now))
    for slot in slots:
        await service.override(session, slot.id, caller.person_id, other.person_id, "Rang back")
        await session.flush()
    offer = await offers.offer(session, slots[0].id, caller.person_id, other.person_id, within=600, offer_id=uuid7())
    await session.flush()
    await handover.accept(session, offer.id, other.person_id)
    await session.flush()
    for delivery in await session.scalars(select(Delivery).where(col(Delivery.alert_id) == alert.id)):
        delivery.handed_over_at = now
        session.append(DeliveryEvent, delivery_id=delivery.id, state=DeliveryState.FAILED, at=now,
                       detail={"reason": "The number is not in use."})  # fmt: skip
    await close(session, alert.id, caller.person_id, Ending.STOOD_DOWN, "The child is home")
    for slot in await session.scalars(select(AlertSlot).where(col(AlertSlot.alert_id) == alert.id)):
        slot.confirm_by, slot.confirmed_at = now, now
    handed = (await session.scalars(select(Handover).order_by(col(Handover.id).desc()).limit(1))).one()
    handed.outgoing_signed_at = handed.incoming_signed_at = now
    handed.outgoing_device_at = handed.incoming_device_at = now
    await session.flush()


async def seed_whole_rota(session: TenantSession, caller: Caller) -> None:
    """A rota that asks for a qualification, with one shift changed and one changed back; and another of one area."""
    now = await session.now()
    rota = next(one for one in await rotas.rotas(session) if one.role == "paediatrician")
    found = await rotas.shifts(session, [rota.id], now, now + timedelta(days=40))
    made = []
    for shift in [one for one in found if ends_of(one.during)[0] > now][:2]:
        begins, until = ends_of(shift.during)
        busy = {one.person_id for one in found if ends_of(one.during)[0] < until and ends_of(one.during)[1] > begins}
        made.append(await rota_service.adjust(
            session, rota.id, AdjustmentKind.REPLACED, begins, until, person=shift.person_id,
            instead=next(one.person_id for one in found if one.person_id not in busy), position=shift.position,
            by=caller.person_id, reason="Away",
        ))  # fmt: skip
    await rota_service.withdraw(session, made[0], by=caller.person_id)
    rota.qualification = "child_deaths"
    newest: UUID = await session.scalar(text("SELECT id FROM rota ORDER BY id DESC LIMIT 1"))
    session.append(RotaArea, rota_id=newest, area_id=await session.scalar(NEWEST_AREA))
    await session.flush()


async def seed_whole_person(session: TenantSession, caller: Caller) -> UUID:
    """The caller with an area and a qualification; and, returned, somebody who has left."""
    now = await session.now()
    session.append(PersonArea, person_id=caller.person_id, area_id=await session.scalar(NEWEST_AREA))
    session.append(Qualification, person_id=caller.person_id, code="first_aid", valid_until=now + timedelta(days=9))
    agency: UUID = await session.scalar(text("SELECT id FROM agency LIMIT 1"))
    gone = session.append(Person, code="gone", name="Gone Invented", post="x", agency_id=agency, active=False,
                          created_at=now, left_at=now)  # fmt: skip
    await session.flush()
    return gone
