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


class Rotating(Protocol):
    """Whatever has one secret after another; the one before the present counts until an instant."""

    secret_generation: int
    previous_secret_until: datetime | None


def rotate(owner: Rotating, now: datetime, overlap: timedelta) -> None:
    """Go on to the next secret; messages are signed with the present one as well for ``overlap``.

    Raises ``Invalid`` for an overlap out of bounds, and for any while one lasts: the secret that its receiver was
    promised would count for that long would end at once.
    """
    until = owner.previous_secret_until
    if not timedelta() <= overlap <= LONGEST_OVERLAP:
        raise Invalid([FieldError("overlapHours", f"must be 0 to {LONGEST_OVERLAP.days * 24}")])
    if overlap and until is not None and now < until:
        raise Invalid([FieldError("overlapHours", "must be 0 while two secrets count: rotate again once they do not")])
    owner.secret_generation += 1
    owner.previous_secret_until = now + overlap if overlap else None


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
    """What a message to the entry is signed with: its secret and, while both count, the one before."""
    made = [secret_of(key, entry)]
    if entry.previous_secret_until is not None and now < entry.previous_secret_until:
        made.append(secret_of(key, entry, entry.secret_generation - 1))
    return made


def _derived(key: str, named: str) -> str:
    return PREFIX + base64.b64encode(hmac.digest(key.encode(), named.encode(), hashlib.sha256)).decode()
