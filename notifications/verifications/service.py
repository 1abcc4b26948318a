"""Verify a contact method: ask for a code, have it sent, give it back.

The code is in the message and nowhere else: it follows from the notice that brings it and a secret
that is not in the database. So every attempt at the message carries the same one, by whichever
provider, and nothing that could be read later is left of it.
"""

import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from backend.kit.audit import Entry
from backend.kit.problems import Conflict, FieldError, Invalid
from backend.kit.session import TenantSession
from backend.kit.settings import settings
from backend.kit.tasks import owe_once
from notifications.deliveries import notices
from notifications.deliveries.credentials import contact_code
from notifications.deliveries.models import Delivery, DeliveryState
from notifications.deliveries.wording import CONTACT_CODE
from notifications.verifications import repository
from notifications.verifications.models import ContactVerification
from tenants.contacts import device_service as devices
from tenants.contacts import repository as contacts
from tenants.contacts.changes import CONTACTS_CHANGED
from tenants.contacts.models import ContactMethod

VALID_FOR: Final = timedelta(minutes=10)
PAUSE: Final = timedelta(seconds=60)
MOST_GUESSES: Final = 5
MOST_CODES_AN_HOUR: Final = 6
_CODE: Final = re.compile(r"\d{6}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Guess:
    """What came of giving a code back. ``left`` counts the guesses that remain for this code."""

    method: ContactMethod
    right: bool
    left: int


@dataclass(frozen=True, slots=True)
class Standing:
    """A code that waits to be confirmed: where its message is, until when it counts, the guesses that remain."""

    notice: DeliveryState
    expires_at: datetime | None
    guesses_left: int


async def ask_for_code(session: TenantSession, person_id: UUID, method_id: UUID) -> ContactMethod:
    """Have a new code sent to the person's method; an earlier one counts no more.

    A verified method may be asked again: the answer shows that it still reaches its person. Raises
    ``NotFound``, and ``Conflict`` for a retired method or for asking too soon or too often.
    """
    await contacts.alone_with_methods(session, person_id)
    method = await contacts.method(session, person_id, method_id)
    if method.retired_at is not None:
        raise Conflict("This contact method is retired; add it again to use it.")
    now = await session.now()
    before = await repository.latest(session, method.id)
    if before is not None and now < before.created_at + PAUSE:
        raise Conflict(f"A code was sent a moment ago; wait {PAUSE.seconds} seconds before you ask for another.")
    if await repository.asked_since(session, person_id, now - timedelta(hours=1)) >= MOST_CODES_AN_HOUR:
        raise Conflict(f"You have asked for {MOST_CODES_AN_HOUR} codes within an hour; try again later.")
    verification_id = session.append(ContactVerification, person_id=person_id, contact_method_id=method.id,
                                     created_at=now)  # fmt: skip
    await notices.write(session, [method], template=CONTACT_CODE, subject_id=verification_id, until=now + VALID_FOR)
    _audit(session, "code_requested", method)
    return method


async def confirm(session: TenantSession, person_id: UUID, method_id: UUID, code: str) -> Guess:
    """Verify the method when ``code`` is the one last sent to it. A wrong guess counts: commit it too.

    Raises ``Invalid`` for what is no code, ``NotFound``, and ``Conflict`` when there is no code to
    give back: none was sent, it is used, too old, or guessed at too often.
    """
    if not _CODE.fullmatch(code):
        raise Invalid([FieldError("code", "must be the six digits of the message")])
    method = await contacts.method(session, person_id, method_id)
    verification = await repository.latest(session, method.id)
    now = await session.now()
    if method.retired_at is not None or verification is None or not _counts(verification):
        raise Conflict("There is no code to confirm; ask for a new one.")
    sent = await _notice(session, verification)
    if sent is None or not sent.attempts:
        raise Conflict("The code has not been sent yet; try again in a moment.")
    if _expires(sent) <= now:
        raise Conflict("This code is older than 10 minutes; ask for a new one.")
    secret = settings().answer_secret.get_secret_value()
    right = hmac.compare_digest(code, contact_code(secret, session.tenant_id, sent.id))
    if right:
        verification.confirmed_at = method.verified_at = now
        await devices.settle(session, method)
        _audit(session, "verified", method)
        await owe_once(session, CONTACTS_CHANGED, session.tenant_id)
    else:
        verification.wrong_guesses += 1
        _audit(session, "wrong_code", method)
    return Guess(method, right, MOST_GUESSES - verification.wrong_guesses)


async def standing(session: TenantSession, method_ids: Iterable[UUID]) -> dict[UUID, Standing]:
    """How the code last asked for stands, of each method that has one to confirm."""
    found = {
        method_id: verification
        for method_id, verification in (await repository.latest_of(session, method_ids)).items()
        if verification.confirmed_at is None
    }
    sent = await notices.about(session, [verification.id for verification in found.values()])
    return {
        method_id: Standing(
            DeliveryState(notice.state), _expires(notice) if notice.handed_over_at else None,
            max(MOST_GUESSES - verification.wrong_guesses, 0),
        )
        for method_id, verification in found.items()
        for notice in sent.get(verification.id, ())
    }  # fmt: skip


async def outcome(session: TenantSession, person_id: UUID, method_id: UUID) -> Guess:
    """How the method stands, for a request that is repeated."""
    method = await contacts.method(session, person_id, method_id)
    verification = await repository.latest(session, method.id)
    wrong = verification.wrong_guesses if verification else MOST_GUESSES
    return Guess(method, verification is not None and verification.confirmed_at is not None, MOST_GUESSES - wrong)


async def _notice(session: TenantSession, verification: ContactVerification) -> Delivery | None:
    """The message that has the code."""
    return next(iter((await notices.about(session, [verification.id])).get(verification.id, ())), None)


def _expires(notice: Delivery) -> datetime:
    """Until when its code counts: from when it left, as far as that is known."""
    return (notice.handed_over_at or notice.created_at) + VALID_FOR


def _counts(verification: ContactVerification) -> bool:
    return verification.confirmed_at is None and verification.wrong_guesses < MOST_GUESSES


def _audit(session: TenantSession, action: str, method: ContactMethod) -> None:
    session.audit_entries.append(Entry(f"contact_method.{action}", "contact_method", method.id, method.person_id))
