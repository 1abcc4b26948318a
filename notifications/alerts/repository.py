"""Every query on alerts, slots and pages."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, Select, and_, any_, bindparam, func, or_, select, union_all
from sqlalchemy.orm import aliased
from sqlmodel import col

from backend.kit.ids import quoted
from backend.kit.problems import NotFound
from backend.kit.reading import by_parent
from backend.kit.session import TenantSession
from backend.kit.tables import grouped, link
from notifications.alerts.models import (
    Alert,
    AlertSlot,
    AlertState,
    ConfigurationAlarm,
    OfferState,
    Page,
    SlotAnswer,
    SlotOffer,
    SlotState,
)

NO_ALERT: Final = "There is no such alert in this partnership."
NO_SLOT: Final = "There is no such alert slot in this partnership."
NO_OFFER: Final = "There is no such offer in this partnership."

# Asked at every look at an alert or answer to it, so built once.
_UNOPENED = (
    select(Page)
    .join(AlertSlot, link(Page, "slot_id", AlertSlot))
    .where(
        col(AlertSlot.tenant_id) == bindparam("tenant"), col(AlertSlot.alert_id) == bindparam("alert"),
        col(Page.person_id) == bindparam("person"), col(Page.opened_at).is_(None),
    )
)  # fmt: skip
_SLOT = (
    select(AlertSlot)
    .where(col(AlertSlot.tenant_id) == bindparam("tenant"), col(AlertSlot.id) == bindparam("id"))
    .execution_options(populate_existing=True)
)
_LOCKED_SLOT = _SLOT.with_for_update(key_share=True)
_LOCKED_ALERT = (
    select(Alert)
    .where(col(Alert.tenant_id) == bindparam("tenant"), col(Alert.id) == bindparam("id"))
    .with_for_update(key_share=True)
    .execution_options(populate_existing=True)
)
_HELD: Any = aliased(AlertSlot)


async def alert(session: TenantSession, alert_id: UUID, *, lock: bool = False) -> Alert:
    """The alert, locked and read anew when asked. Raises ``NotFound``."""
    found: Alert | None = (
        await session.scalar(_LOCKED_ALERT, {"tenant": session.tenant_id, "id": alert_id})
        if lock
        else await session.get(Alert, (session.tenant_id, alert_id))
    )
    if found is None:
        raise NotFound(NO_ALERT)
    return found


async def slot(session: TenantSession, slot_id: UUID) -> AlertSlot:
    """The slot as it is now. Raises ``NotFound``."""
    return _found(await session.scalar(_SLOT, {"tenant": session.tenant_id, "id": slot_id}))


async def locked_slot(session: TenantSession, slot_id: UUID) -> AlertSlot:
    """The slot, locked against every other answer and escalation. Raises ``NotFound``."""
    return _found(await session.scalar(_LOCKED_SLOT, {"tenant": session.tenant_id, "id": slot_id}))


async def slot_to_take(session: TenantSession, slot_id: UUID) -> AlertSlot:
    """The slot, locked as by ``locked_slot`` unless somebody has it: those who come late wait for nobody.

    Whoever has seen it in this transaction knows that already. Raises ``NotFound``.
    """
    seen = await session.get(AlertSlot, (session.tenant_id, slot_id))
    if seen is not None and seen.state is SlotState.ACKNOWLEDGED:
        return seen
    return await locked_slot(session, slot_id)


def _found(row: AlertSlot | None) -> AlertSlot:
    if row is None:
        raise NotFound(NO_SLOT)
    return row


async def locked_slots(session: TenantSession, alert_id: UUID) -> list[AlertSlot]:
    """An alert's slots, locked in one order for all."""
    found = await session.scalars(
        select(AlertSlot)
        .where(col(AlertSlot.tenant_id) == session.tenant_id, col(AlertSlot.alert_id) == alert_id)
        .order_by(col(AlertSlot.id))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return list(found)


async def slots(session: TenantSession, alert_ids: Iterable[UUID]) -> dict[UUID, list[AlertSlot]]:
    """Slots by alert, in the order of the policy."""
    return await by_parent(session, AlertSlot, "alert_id", alert_ids)


async def pages(session: TenantSession, slot_ids: Iterable[UUID]) -> dict[UUID, list[Page]]:
    """Pages by slot, first to last."""
    return await by_parent(session, Page, "slot_id", slot_ids, order=("paged_at", "id"))


async def unopened(session: TenantSession, alert_id: UUID, person_id: UUID) -> list[Page]:
    """The pages of an alert that called a person who has not opened it since."""
    asked = {"tenant": session.tenant_id, "alert": alert_id, "person": person_id}
    return list(await session.scalars(_UNOPENED, asked))


async def page(session: TenantSession, page_id: UUID) -> Page:
    return (
        await session.scalars(select(Page).where(col(Page.tenant_id) == session.tenant_id, col(Page.id) == page_id))
    ).one()


async def offer(session: TenantSession, offer_id: UUID, *, lock: bool = False) -> SlotOffer:
    """The offer, locked when asked. Raises ``NotFound``."""
    query = select(SlotOffer).where(col(SlotOffer.tenant_id) == session.tenant_id, col(SlotOffer.id) == offer_id)
    if lock:
        query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    found = await session.scalar(query)
    if found is None:
        raise NotFound(NO_OFFER)
    return found


async def open_offers(session: TenantSession, slot_ids: Iterable[UUID]) -> list[SlotOffer]:
    """The offers of slots that nobody has answered, locked."""
    found = await session.scalars(
        select(SlotOffer)
        .where(
            col(SlotOffer.tenant_id) == session.tenant_id,
            col(SlotOffer.slot_id).in_(set(slot_ids)),
            col(SlotOffer.state) == OfferState.OPEN,
        )
        .order_by(col(SlotOffer.id))
        .with_for_update(key_share=True)
    )
    return list(found)


async def open_offer(session: TenantSession, slot_id: UUID) -> SlotOffer | None:
    """The one offer of a slot that nobody has answered."""
    return next(iter(await open_offers(session, [slot_id])), None)


async def offers(session: TenantSession, slot_ids: Iterable[UUID]) -> dict[UUID, list[SlotOffer]]:
    """Offers by slot, first to last."""
    return await by_parent(session, SlotOffer, "slot_id", slot_ids, order=("offered_at", "id"))


async def answers(session: TenantSession, slot_ids: Iterable[UUID]) -> dict[UUID, list[SlotAnswer]]:
    """Answers by slot as they were given, first to last."""
    return await by_parent(session, SlotAnswer, "slot_id", slot_ids, order=("at", "id"))


async def by_subject(session: TenantSession, subject_ids: Iterable[UUID]) -> dict[UUID, list[Alert]]:
    """Alerts by what they are about, newest first."""
    found = await session.scalars(
        select(Alert)
        .where(col(Alert.tenant_id) == session.tenant_id, col(Alert.subject_id).in_(set(subject_ids)))
        .order_by(col(Alert.accepted_at).desc(), col(Alert.id).desc())
    )
    return grouped(found, lambda item: item.subject_id)


async def alarms(session: TenantSession, subject_ids: Iterable[UUID]) -> list[ConfigurationAlarm]:
    found = await session.scalars(
        select(ConfigurationAlarm)
        .where(
            col(ConfigurationAlarm.tenant_id) == session.tenant_id,
            col(ConfigurationAlarm.subject_id).in_(set(subject_ids)),
        )
        .order_by(col(ConfigurationAlarm.id))
    )  # fmt: skip
    return list(found)


async def slots_of_person(session: TenantSession, person_id: UUID, held_since: datetime) -> list[UUID]:
    """Slots of alerts not closed that wait for a person: called and unanswered, or held and not yet attended to.

    Of slots held in alerts that are met, those taken after ``held_since``, or whose attendance is awaited.
    """
    holds = and_(
        col(AlertSlot.state) == SlotState.ACKNOWLEDGED,
        col(AlertSlot.acknowledged_by) == person_id,
        col(AlertSlot.confirmed_at).is_(None),
        or_(
            col(Alert.state) == AlertState.OPEN,
            col(AlertSlot.confirm_by).is_not(None),
            col(AlertSlot.acknowledged_at) > held_since,
        ),
    )
    called = (
        select(col(Page.id))
        .where(link(Page, "slot_id", AlertSlot), col(Page.person_id) == person_id, col(Page.answer).is_(None))
        .exists()
    )
    found = await session.scalars(
        select(col(AlertSlot.id))
        .join(Alert, link(AlertSlot, "alert_id", Alert))
        .where(
            col(AlertSlot.tenant_id) == session.tenant_id,
            col(Alert.state) != AlertState.CLOSED,
            or_(holds, and_(col(AlertSlot.state) == SlotState.PAGING, called)),
        )
        .order_by(col(AlertSlot.id))
    )
    return list(found)


async def offers_to(session: TenantSession, person_id: UUID) -> list[UUID]:
    """Offers made to a person that nobody has answered."""
    found = await session.scalars(
        select(col(SlotOffer.id)).where(
            col(SlotOffer.tenant_id) == session.tenant_id,
            col(SlotOffer.receiver_id) == person_id,
            col(SlotOffer.state) == OfferState.OPEN,
        )
    )
    return list(found)


async def is_calling(session: TenantSession) -> bool:
    """Whether anybody is being called in earnest: a slot that wants an answer, of an alert that is no drill."""
    return bool(await session.scalar(select(_calling(session).exists())))


async def count_calling(session: TenantSession) -> int:
    """How many alerts call somebody in earnest, as ``is_calling`` has it."""
    return await session.scalar(select(func.count()).select_from(_calling(session).distinct().subquery())) or 0


def _calling(session: TenantSession) -> Select[UUID]:
    return (
        select(col(AlertSlot.alert_id))
        .join(Alert, link(AlertSlot, "alert_id", Alert))
        .where(
            col(AlertSlot.tenant_id) == session.tenant_id,
            col(AlertSlot.state) == SlotState.PAGING,
            col(AlertSlot.ladder)["needs_answer"].as_boolean(),
            col(Alert.drill).is_(False),
        )
    )


async def id_of(session: TenantSession, reference: str) -> UUID | None:
    """The id of the alert whose messages quote ``reference``."""
    found: UUID | None = await session.scalar(
        select(col(Alert.id)).where(
            col(Alert.tenant_id) == session.tenant_id, col(Alert.reference) == quoted(reference)
        )
    )
    return found


def concerning(person_id: UUID | BindParameter[UUID]) -> ColumnElement[bool]:
    """A condition on alerts: a person was paged for it, or a duty manager answered for them."""
    paged = (
        select(col(AlertSlot.alert_id))
        .join(Page, link(Page, "slot_id", AlertSlot))
        .where(col(Page.person_id) == person_id)
    )  # fmt: skip
    answered_for = select(_HELD.alert_id).where(_HELD.acknowledged_by == person_id, _HELD.answered_for_by.is_not(None))
    # As an array they are looked up in the index of alerts. As a set of rows, PostgreSQL went through the alerts of
    # the partnership by time, and for each through all of this person's: a million steps for a page of twenty.
    return col(Alert.id) == any_(func.array(union_all(paged, answered_for).scalar_subquery()))


async def called(session: TenantSession, alert_ids: Iterable[UUID]) -> dict[UUID, set[UUID]]:
    """The people paged for each of several alerts."""
    rows = await session.execute(
        select(col(AlertSlot.alert_id), col(Page.person_id))
        .join(Page, link(Page, "slot_id", AlertSlot))
        .where(
            col(AlertSlot.tenant_id) == session.tenant_id, col(AlertSlot.alert_id).in_(set(alert_ids))
        )
        .distinct()
    )  # fmt: skip
    found: dict[UUID, set[UUID]] = {}
    for alert_id, person_id in rows:
        if person_id is not None:  # a desk of the directory
            found.setdefault(alert_id, set()).add(person_id)
    return found
