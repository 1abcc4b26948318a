"""Which alerts are there for a caller: not those about a case that is not, unless they were called for them."""

from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlmodel import col

from backend.cases.access.repository import shown_through
from backend.identity.policies import Caller
from backend.kit.problems import NotFound
from backend.kit.session import TenantSession
from notifications.alerts import repository as alerts
from notifications.alerts.models import Alert, AlertSlot, SlotOffer

NO_ALERT = "There is no such alert in this partnership."
NO_SLOT = "There is no such alert slot in this partnership."
NO_OFFER = "There is no such offer in this partnership."


def in_sight(caller: Caller) -> ColumnElement[bool]:
    """A condition on alerts. Whoever was called must be able to answer; the case stays closed to them."""
    return or_(
        col(Alert.subject_kind) != "case",
        shown_through(caller, col(Alert.subject_id)),
        col(Alert.id).in_(alerts.called_for(caller.person_id)),
    )


async def require_alert(session: TenantSession, caller: Caller, alert_id: UUID) -> None:
    """Raise ``NotFound`` for an alert that is not there for the caller."""
    await session.flush()
    query = select(1).where(col(Alert.tenant_id) == session.tenant_id, col(Alert.id) == alert_id, in_sight(caller))
    if await session.scalar(query) is None:
        raise NotFound(NO_ALERT)


async def require_slot(session: TenantSession, caller: Caller, slot_id: UUID) -> None:
    """Raise ``NotFound`` for a slot of an alert that is not there for the caller."""
    await session.flush()
    query = (
        select(1)
        .select_from(AlertSlot)
        .join(Alert, (col(Alert.tenant_id) == col(AlertSlot.tenant_id)) & (col(Alert.id) == col(AlertSlot.alert_id)))
        .where(col(AlertSlot.tenant_id) == session.tenant_id, col(AlertSlot.id) == slot_id, in_sight(caller))
    )
    if await session.scalar(query) is None:
        raise NotFound(NO_SLOT)


async def require_offer(session: TenantSession, caller: Caller, offer_id: UUID) -> None:
    """Raise ``NotFound`` for an offer of such a slot, unless it was made to the caller or by them."""
    row = await session.get(SlotOffer, (session.tenant_id, offer_id))
    if row is None:
        raise NotFound(NO_OFFER)
    if caller.person_id in (row.giver_id, row.receiver_id):
        return
    try:
        await require_slot(session, caller, row.slot_id)
    except NotFound:
        raise NotFound(NO_OFFER) from None
