"""The life of a notice. Claim, send outside any transaction, record: as a delivery, without an alert.

A delivery belongs to an alert, a slot and a page: something that a role must answer. A code, a word
before one's shift and a reminder to sign have none of these. As alerts they would stand in the list
that responders watch and be handed over with it. So they have rows of their own, with the same
promises: written in the transaction of what they tell, sent once as the provider sees it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from backend.kit.ids import spoken_reference, uuid7
from backend.kit.session import TenantSession
from backend.kit.tasks import NOTICES, Actor, owe
from notifications.channels.outcomes import HandedOver, NotTaken, Outcome, Refused, Unknown
from notifications.channels.providers import names
from notifications.notices import repository
from notifications.notices.models import OUTSTANDING, Notice, NoticeState
from tenants.contacts import repository as contacts
from tenants.contacts.models import Channel, ContactMethod, DevicePlatform

SEND_NOTICE: Final = Actor("send_notice", NOTICES)

LEASE: Final = timedelta(seconds=8)  # longer than a provider's time-out
ASK_AFTER: Final = timedelta(seconds=1)
MOST_ATTEMPTS: Final = 12


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A claimed notice, with all that is needed to send it after the session is closed.

    ``ask_only``: an earlier attempt may have left, so this one only asks the provider about it.
    """

    notice_id: UUID
    subject_id: UUID
    channel: Channel
    provider: str
    address: str
    template: str
    reference: str
    attempt: int
    ask_only: bool


async def tell(
    session: TenantSession, person_ids: Iterable[UUID], *, template: str, subject_id: UUID, until: datetime
) -> int:
    """Write a notice to every verified method of each person, of each once. Returns how many are new.

    None for somebody who has left, or has nothing verified: the caller must tell somebody else.
    """
    methods = await contacts.contact_methods(session, list(person_ids))
    made = await write(session, [method for found in methods.values() for method in found],
                       template=template, subject_id=subject_id, until=until)  # fmt: skip
    for notice_id in made:
        await owe(session, SEND_NOTICE, notice_id)
    return len(made)


async def write(
    session: TenantSession, methods: Iterable[ContactMethod], *, template: str, subject_id: UUID, until: datetime
) -> list[UUID]:
    """Record notices as pending. Whoever writes them owes their sending."""
    now = await session.now()
    return await repository.add(session, [
        {"id": uuid7(), "person_id": method.person_id, "contact_method_id": method.id, "subject_id": subject_id,
         "template": template, "channel": method.channel, "address": method.address,
         "provider": _of_device(method),
         "reference": spoken_reference(), "wanted_until": until, "created_at": now}
        for method in methods
    ])  # fmt: skip


async def claim(session: TenantSession, notice_id: UUID) -> Outgoing | None:
    """Take the notice for ``LEASE``; None when it has an end, reaches it here, or somebody holds it."""
    now = await session.now()
    notice = await repository.to_send(session, notice_id, now)
    if notice is None:
        return None
    ask_only = notice.state is not NoticeState.PENDING
    if not ask_only and not (
        now < notice.wanted_until and await repository.may_go_to(session, notice.contact_method_id)
    ):
        notice.state, notice.lease_until = NoticeState.EXPIRED, None
        return None
    if notice.channel is not Channel.PUSH and not ask_only:
        able = names(notice.channel)
        notice.provider = able[notice.attempts % len(able)]  # the other one after each that did not take it
    notice.state, notice.attempts, notice.lease_until = NoticeState.CLAIMED, notice.attempts + 1, now + LEASE
    return Outgoing(notice.id, notice.subject_id, notice.channel, notice.provider or names(notice.channel)[0],
                    notice.address, notice.template, notice.reference, notice.attempts, ask_only)  # fmt: skip


def _of_device(method: ContactMethod) -> str | None:
    """The provider that alone reaches a device; other channels have a choice when the notice is sent."""
    if method.channel is not Channel.PUSH:
        return None
    return (method.platform or DevicePlatform.FCM).value


async def record(session: TenantSession, outgoing: Outgoing, outcome: Outcome | None) -> None:
    """Write what the provider answered; None means that it never had the message.

    Changes nothing when the lease has passed to another worker, or a receipt came first.
    """
    notice = await repository.locked(session, outgoing.notice_id)
    if notice is None or notice.state is not NoticeState.CLAIMED or notice.attempts != outgoing.attempt:
        return
    now = await session.now()
    notice.lease_until = None
    match outcome:
        case HandedOver(provider_id):
            notice.state, notice.provider_id, notice.sent_at, notice.failure = NoticeState.SENT, provider_id, now, None
        case Refused(reason, dead):
            notice.state, notice.failure = NoticeState.FAILED, reason
            if dead:
                await contacts.retire_address(session, notice.channel, notice.address)
        case _ if notice.attempts >= MOST_ATTEMPTS:
            notice.state, notice.failure = NoticeState.FAILED, "given up"
        case Unknown(reason):
            notice.state, notice.failure, notice.lease_until = NoticeState.UNKNOWN, reason, now + ASK_AFTER
        case _:
            _put_back(notice, outcome, now)


def _put_back(notice: Notice, outcome: Outcome | None, now: datetime) -> None:
    """It certainly has not left: it may be sent again, at once or after a pause."""
    notice.state = NoticeState.PENDING
    if isinstance(outcome, NotTaken):
        notice.failure = outcome.reason
        notice.lease_until = now + timedelta(seconds=min(2 ** (notice.attempts - 1), 60))


async def next_wake(session: TenantSession, notice_id: UUID) -> datetime | None:
    """When the notice wants a worker again, if at all."""
    await session.flush()
    notice = await repository.locked(session, notice_id)
    if notice is None or notice.state not in OUTSTANDING:
        return None
    return notice.lease_until or await session.now()


async def receipt(session: TenantSession, notice_id: UUID, *, delivered: bool, provider_id: str) -> bool:
    """A provider's word on a notice. Late and repeated ones change nothing; False when it is unknown."""
    notice = await repository.locked(session, notice_id)
    if notice is None:
        return False
    if notice.state in (*OUTSTANDING, NoticeState.SENT):
        notice.state = NoticeState.DELIVERED if delivered else NoticeState.FAILED
        notice.provider_id, notice.lease_until = notice.provider_id or provider_id, None
        if not delivered:
            notice.failure = "the provider reports that it did not arrive"
        elif notice.sent_at is None:
            notice.sent_at = await session.now()
    return True
