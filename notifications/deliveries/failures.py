"""What follows when a message cannot arrive: its page may be at its end, its address may be dead."""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from backend.kit.audit import Entry
from backend.kit.session import TenantSession
from backend.kit.tasks import owe
from notifications.deliveries import repository
from notifications.deliveries.models import Delivery, DeliveryState
from notifications.deliveries.notices import tell_retired
from notifications.deliveries.service import PAGE_ENDED
from tenants.contacts import repository as contacts

ADDRESS_RETIRED: Final = "address.retired"


async def after_failure(session: TenantSession, failed: Iterable[Delivery], dead: set[UUID]) -> None:
    """End a page none of whose messages can arrive; retire addresses that are dead and tell whose they were."""
    for delivery in failed:
        if delivery.page_id is not None:
            siblings = await repository.of_page(session, delivery.page_id, delivery.slot_id)
            if all(sibling.state == DeliveryState.FAILED for sibling in siblings):
                await owe(session, PAGE_ENDED, delivery.page_id)
        if delivery.id in dead:
            owners = await contacts.retire_address(session, delivery.channel, delivery.address)
            _audit(session, delivery, owners)
            await tell_retired(session, owners, delivery.id)


def _audit(session: TenantSession, delivery: Delivery, owners: list[UUID]) -> None:
    """Write down whose number or device it was, with the alert whose message found it dead."""
    if owners:
        about = ("delivery", delivery.id) if delivery.alert_id is None else ("alert", delivery.alert_id)
        whose = {"channel": str(delivery.channel), "persons": [str(owner) for owner in owners]}
        session.audit_entries.append(Entry(ADDRESS_RETIRED, *about, None, {"delivery": str(delivery.id), **whose}))
