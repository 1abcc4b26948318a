"""The secrets that sign what is sent to other systems. Pure.

None is stored: each is derived from the service's own key, so that whoever reads the database can sign
nothing, and is told to its owner once, when it is made.
"""

import base64
import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Final, Protocol
from uuid import UUID

from backend.kit.problems import FieldError, Invalid
from tenants.contacts.models import DirectoryEntry

PREFIX: Final = "whsec_"
LONGEST_OVERLAP: Final = timedelta(days=7)
MOST_EARLIER: Final = 4
"""A header of signatures has its bounds: of more, the oldest counts no longer."""


class Rotating(Protocol):
    """Whatever has one secret after another, by their number.

    Until an instant those from ``oldest_secret`` on count beside the present one; None is the one before it.
    """

    secret_generation: int
    oldest_secret: int | None
    previous_secret_until: datetime | None


def rotate(owner: Rotating, now: datetime, overlap: timedelta) -> None:
    """Go on to the next secret. Messages are signed with those before it as well for ``overlap``; for none, at once
    with the next alone.

    Whoever rotates again while secrets overlap, as when the answer with the new one was lost, cuts none short.
    Raises ``Invalid`` for an overlap out of bounds.
    """
    if not timedelta() <= overlap <= LONGEST_OVERLAP:
        raise Invalid([FieldError("overlapHours", f"must be 0 to {LONGEST_OVERLAP.days * 24}")])
    counting, until = earlier(owner, now), owner.previous_secret_until
    oldest = min([owner.secret_generation, *counting])
    owner.secret_generation += 1
    owner.oldest_secret = max(oldest, owner.secret_generation - MOST_EARLIER) if overlap else None
    owner.previous_secret_until = max(now + overlap, until if counting and until else now) if overlap else None


def earlier(owner: Rotating, now: datetime) -> list[int]:
    """The numbers of the secrets that still count beside the present one, latest first."""
    if owner.previous_secret_until is None or now >= owner.previous_secret_until:
        return []
    before = owner.secret_generation - 1
    return list(range(before, (before if owner.oldest_secret is None else owner.oldest_secret) - 1, -1))


def first_secret(key: str, tenant_id: UUID, address: str) -> str:
    """The secret of an endpoint that on-boarding entered, which has no other."""
    return _derived(key, f"{tenant_id} {address}")


def secret_of(key: str, entry: DirectoryEntry, generation: int | None = None) -> str:
    """An entry's secret, by default the present one. It stays when the address changes, once it was made for it."""
    number = entry.secret_generation if generation is None else generation
    if number == 0:
        return first_secret(key, entry.tenant_id, entry.address)
    return _derived(key, f"{entry.tenant_id} {entry.id} {number}")


def secrets_of(key: str, entry: DirectoryEntry, now: datetime) -> list[str]:
    """What a message to the entry is signed with: its secret, and those before it that still count."""
    return [secret_of(key, entry, number) for number in (entry.secret_generation, *earlier(entry, now))]


def _derived(key: str, named: str) -> str:
    return PREFIX + base64.b64encode(hmac.digest(key.encode(), named.encode(), hashlib.sha256)).decode()
