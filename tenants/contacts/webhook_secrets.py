"""The secrets that sign what is sent to other systems. Pure.

None is stored: each is derived from the service's own key, so that whoever reads the database can sign
nothing, and is told to its owner once, when it is made.
"""

import base64
import hashlib
import hmac
from datetime import datetime
from typing import Final
from uuid import UUID

from tenants.contacts.models import DirectoryEntry

PREFIX: Final = "whsec_"


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
