"""Answers given without the app: who may give one, what it does, and what is written of it.

Who answers is the person who was paged, by a message to a number or mailbox that was verified as
theirs. Getting a message answers nothing, nor does fetching its link: networks, phones and mail
scanners fetch links. Only an act does: the button that is pressed, the text that is sent.
"""

import hmac
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row

from backend.kit.audit import Entry
from backend.kit.problems import Conflict, Forbidden
from backend.kit.session import TenantSession
from backend.kit.settings import settings
from notifications.alerts import repository as alerts_repository
from notifications.alerts import service as alerts
from notifications.alerts.means import Means
from notifications.alerts.models import AlertState, Answer, Factor, Given, SlotState, Via
from notifications.answers import repository
from notifications.answers.models import AnswerContact, Contact
from notifications.answers.reasons import BY_TEXT
from notifications.answers.replies import Reply, normal_number
from notifications.deliveries.credentials import reply_code
from tenants.contacts.models import Channel

May = Callable[[TenantSession, UUID], Awaitable[bool]]
"""Whether a person has the right to answer alerts, which the floor above knows."""

CONTACTS_KEPT: Final = 20
WRONG_CODES_ALLOWED: Final = 5  # of 10,000: after these the codes of the page are dead, its link and the app are not
_FACTORS: Final = {Channel.SMS: Factor.NUMBER, Channel.EMAIL: Factor.MAILBOX}


class Standing(StrEnum):
    """What a message can still do for its receiver."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    TAKEN = "taken"
    OVER = "over"
    EXPIRED = "expired"
    NOT_YOURS = "not_yours"


def standing(call: Row[Any]) -> Standing:
    """Where the call stands for the person this message went to."""
    held = call.slot_state == SlotState.ACKNOWLEDGED
    # An alert that is met may still call for a slot that it does not require.
    ended = call.slot_state == SlotState.CANCELLED or call.alert_state == AlertState.CLOSED
    in_order = (
        (Standing.NOT_YOURS, call.person_id is None or not call.still_theirs or not call.partnership_active),
        (Standing.ACCEPTED, held and call.acknowledged_by == call.person_id),
        (Standing.DECLINED, call.answer == Answer.DECLINED),
        (Standing.TAKEN, held),
        (Standing.OVER, ended),
        (Standing.EXPIRED, call.answer is not None or call.now >= ends_at(call)),
    )
    return next((found for found, holds in in_order if holds), Standing.OPEN)


def ends_at(call: Row[Any]) -> datetime:
    """When the message's link and code end: with its page, or sooner by the setting."""
    paged: datetime = call.paged_at
    page_ends: datetime = call.expires_at or paged
    return min(paged + timedelta(seconds=settings().answer_link_seconds), page_ends)


async def fetched(session: TenantSession, delivery_id: UUID, may: May) -> tuple[Row[Any], Standing] | None:
    """The call behind a link that was fetched, which is recorded and changes nothing. None when there is none."""
    call = await repository.call(session, delivery_id)
    if call is None:
        return None
    session.know_now(call.now)
    await _contact(session, delivery_id, Contact.LINK_FETCHED, call.now)
    return call, await _standing(session, call, may)


async def by_link(
    session: TenantSession, delivery_id: UUID, *, accepts: bool, reason: str, may: May
) -> tuple[Row[Any], Standing] | None:
    """Answer by the button behind a link. Gives the call and where it stands afterwards, however often pressed."""
    call = await repository.call(session, delivery_id)
    if call is None:
        return None
    session.know_now(call.now)
    await _contact(session, delivery_id, Contact.LINK_USED, call.now)
    if await _standing(session, call, may) is Standing.OPEN:
        await _answer(session, call, Via.LINK, accepts=accepts, reason=reason, received_id=None)
        call = await repository.call(session, delivery_id)
        assert call is not None  # noqa: S101  # deliveries are never removed
    return call, await _standing(session, call, may)


async def by_text(
    session: TenantSession, number: str, reply: Reply, *, received_id: str, may: May
) -> tuple[Row[Any], Standing] | None:
    """Answer the one open call of this partnership that was texted to ``number`` with the reply's code.

    Gives the call and where it stands afterwards, None when the number has no open call here. A wrong
    code, and one that fits two calls, give ``EXPIRED`` and answer nothing. ``number`` is in E.164.
    """
    waiting = [row for row in await repository.waiting_for_texts(session) if normal_number(row.address) == number]
    if not waiting:
        return None
    session.know_now(waiting[0].now)
    fitting = _fitting(session, waiting, reply.code)
    tried = await repository.contacts(session, waiting[-1].delivery_id, Contact.WRONG_CODE)
    if len(fitting) != 1 or tried >= WRONG_CODES_ALLOWED:
        await _contact(session, waiting[-1].delivery_id, Contact.WRONG_CODE, waiting[-1].now)
        return waiting[-1], Standing.EXPIRED
    call = fitting[0]
    found = await _standing(session, call, may)
    if found is not Standing.OPEN:
        return call, found
    await _answer(session, call, Via.SMS, accepts=reply.accepts, reason=BY_TEXT, received_id=received_id)
    return call, Standing.ACCEPTED if reply.accepts else Standing.DECLINED


def _fitting(session: TenantSession, waiting: Sequence[Row[Any]], code: str) -> list[Row[Any]]:
    """Calls with this code; all are compared, so that the time it takes tells nothing."""
    secret = settings().answer_secret.get_secret_value()
    codes = [reply_code(secret, session.tenant_id, row.delivery_id) for row in waiting]
    matches = [hmac.compare_digest(made.encode(), code.encode()) for made in codes]
    return [row for row, matches_it in zip(waiting, matches, strict=True) if matches_it]


async def _standing(session: TenantSession, call: Row[Any], may: May) -> Standing:
    if call.person_id is None or not await may(session, call.person_id):
        return Standing.NOT_YOURS
    return standing(call)


async def _answer(
    session: TenantSession, call: Row[Any], via: Via, *, accepts: bool, reason: str, received_id: str | None
) -> None:
    """Record the use and give the answer, in one transaction; nothing when somebody was quicker."""
    # The same lock that every answer and escalation takes: of two presses at once, the second sees the first.
    await alerts_repository.locked_slot(session, call.slot_id)
    latest = await repository.call(session, call.delivery_id)
    if latest is None or standing(latest) is not Standing.OPEN:
        return
    means = Means(via, _FACTORS[Channel(call.channel)], delivery_id=call.delivery_id, received_id=received_id)
    try:
        await alerts.opened(session, call.alert_id, call.person_id)
        if accepts:
            await alerts.acknowledge(session, call.slot_id, call.person_id, means)
        else:
            await alerts.decline(session, call.slot_id, call.person_id, reason, means)
    except (Conflict, Forbidden):
        return
    given = Given.ACCEPTED if accepts else Given.DECLINED
    detail = {"via": via.value, "given": given.value, "role": call.role, "delivery": str(call.delivery_id)}
    session.audit_entries.append(Entry("slot.answered_by_message", "alert", call.alert_id, call.person_id, detail))
    await session.flush()


async def _contact(session: TenantSession, delivery_id: UUID, contact: Contact, now: datetime) -> None:
    """Record a contact; a scanner that fetches for ever leaves ``CONTACTS_KEPT`` rows."""
    if await repository.contacts(session, delivery_id, contact) < CONTACTS_KEPT:
        session.append(AnswerContact, delivery_id=delivery_id, contact=contact, at=now)
