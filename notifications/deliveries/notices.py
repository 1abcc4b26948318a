"""Notices: messages to one person that nobody has to answer, and no ladder follows.

A code, a word before one's shift, a reminder to sign: each is a delivery without an alert. As alerts
they would stand in the list that responders watch; with rows and workers of their own they would
miss what every other message has. They wait in the queue behind the pages.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from backend.kit.ids import spoken_reference, uuid7
from backend.kit.session import TenantSession
from backend.kit.tasks import owe
from notifications.deliveries import repository
from notifications.deliveries.models import Delivery, DeliveryState
from notifications.deliveries.service import DELIVER_NOTICES, enter
from notifications.deliveries.wording import CONTACT_RETIRED
from tenants.contacts import repository as contacts
from tenants.contacts.models import Channel, ContactMethod

# Whom to tell about a dead number or device, and how: what needs no app comes first.
_TELL_BY: Final = (Channel.SMS, Channel.EMAIL, Channel.PUSH, Channel.VOICE)
_RETIRED_LASTS: Final = timedelta(days=1)


async def tell(
    session: TenantSession, person_ids: Iterable[UUID], *, template: str, subject_id: UUID, until: datetime
) -> int:
    """Write a notice to every verified method of each person, of each once. Returns how many are new.

    None for somebody who has left, or has nothing verified: the caller must tell somebody else. Nobody's
    telephone rings for a notice who has another way to read it.
    """
    methods = await contacts.contact_methods(session, list(person_ids))
    chosen = [
        method
        for found in methods.values()
        for method in ([one for one in found if one.channel != Channel.VOICE] or found)
    ]
    return await write(session, chosen, template=template, subject_id=subject_id, until=until)


async def write(
    session: TenantSession, methods: Iterable[ContactMethod], *, template: str, subject_id: UUID, until: datetime
) -> int:
    """Record notices to ``methods`` and owe their sending. Returns how many are new."""
    await session.flush()
    now = await session.now()
    rows = [
        {"id": uuid7(), "person_id": method.person_id, "contact_method_id": method.id, "subject_id": subject_id,
         "template": template, "channel": method.channel, "address": method.address,
         "reference": spoken_reference(), "raised_at": now, "created_at": now, "wanted_until": until}
        for method in methods
    ]  # fmt: skip
    made = await repository.add_notices(session, rows)
    for notice_id, channel in made:
        enter(session, notice_id, DeliveryState.PENDING, channel, now, {}, drill=False)
        await owe(session, DELIVER_NOTICES, notice_id)
    return len(made)


async def write_outside(session: TenantSession, email: str, *, template: str, subject_id: UUID, until: datetime) -> int:
    """Record a notice to an address of nobody here, and owe its sending. Returns 1: the caller writes it once."""
    await session.flush()
    now = await session.now()
    row = {"id": uuid7(), "subject_id": subject_id, "template": template, "channel": Channel.EMAIL, "address": email,
           "reference": spoken_reference(), "raised_at": now, "created_at": now, "wanted_until": until}  # fmt: skip
    for notice_id, channel in await repository.add_notices(session, [row]):
        enter(session, notice_id, DeliveryState.PENDING, channel, now, {}, drill=False)
        await owe(session, DELIVER_NOTICES, notice_id)
    return 1


async def recall(session: TenantSession, subject_ids: Iterable[UUID], templates: Iterable[str]) -> None:
    """Stop notices in these wordings that have not left; what is under way is not tried again."""
    await session.flush()
    now = await session.now()
    for gone in await repository.recall(session, subject_ids, templates):
        detail = {"attempt": gone.attempts, "reason": "recalled"}
        enter(session, gone.id, DeliveryState.CANCELLED, gone.channel, now, detail, drill=gone.drill)


async def tell_retired(session: TenantSession, owners: Iterable[UUID], dead: UUID) -> None:
    """Say once, by another verified way, that a number or device is not used any more; ``dead`` is what it failed."""
    until = await session.now() + _RETIRED_LASTS
    methods = await contacts.contact_methods(session, list(owners))
    for found in methods.values():
        left = sorted((m for m in found if m.channel in _TELL_BY), key=lambda m: _TELL_BY.index(Channel(m.channel)))
        await write(session, left[:1], template=CONTACT_RETIRED, subject_id=dead, until=until)


async def about(session: TenantSession, subject_ids: Iterable[UUID]) -> dict[UUID, list[Delivery]]:
    """What was told about each subject, oldest first."""
    return await repository.notices(session, subject_ids)
