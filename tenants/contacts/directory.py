"""The directory as the partnership keeps it: fixed contacts, out-of-hours desks and other systems.

Every act is audited without the address, and owes what follows of it: warnings and ladders are looked at
anew and the rotas printed again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from backend.kit.addresses import require_public
from backend.kit.audit import Entry
from backend.kit.problems import Conflict, FieldError, Invalid, NotFound
from backend.kit.session import TenantSession
from backend.kit.settings import settings
from backend.kit.tasks import owe_once
from tenants.contacts import directory_repository as repository
from tenants.contacts.addresses import normal_address
from tenants.contacts.changes import CONTACTS_CHANGED
from tenants.contacts.models import Channel, DirectoryEntry
from tenants.contacts.webhook_secrets import rotate, secret_of
from tenants.partnerships import repository as partnerships

_LONGEST_URL: Final = 1_000


@dataclass(frozen=True, slots=True)
class EntryPlan:
    """What an entry says, but for its code, which stays. ``hours`` are as ``DirectoryEntry.hours`` holds them."""

    role: str
    name: str
    area_id: UUID | None
    channel: Channel
    address: str
    hours: Sequence[dict[str, Any]] = ()


async def create(session: TenantSession, entry_id: UUID, code: str, plan: EntryPlan, *, by: UUID) -> DirectoryEntry:
    """A new entry; one that was retired under the same code is taken up again. A webhook's secret is a new one.

    Raises ``Conflict`` for a code in use, ``NotFound`` for an area, ``Invalid`` for an address that cannot be.
    """
    values = await _checked(session, plan)
    entry = await repository.entry_by_code(session, code)
    if entry is not None and entry.retired_at is None:
        raise Conflict(f"There is an entry called {code} already; change that one, or choose another code.")
    if entry is None:
        entry = DirectoryEntry(
            tenant_id=session.tenant_id, id=entry_id, code=code, created_at=await session.now(), secret_generation=1,
            **values,
        )  # fmt: skip
        session.insert(entry)
    else:
        entry.retired_at = entry.previous_secret_until = None
        # Whoever knew the secret that it had before knows none of this one.
        entry.secret_generation += 1
        _set(entry, values)
    await session.flush()
    await _follow(session, "created", entry, by, channel=plan.channel.value)
    return entry


async def change(session: TenantSession, entry_id: UUID, plan: EntryPlan, *, by: UUID) -> DirectoryEntry:
    """Change all of an entry but its code. A webhook keeps its secret, unless it was none before.

    Raises as ``create`` does, ``NotFound``, and ``Conflict`` for one that is retired.
    """
    entry = await _in_use(session, entry_id)
    values = await _checked(session, plan)
    before = entry.secret_generation
    if entry.channel == Channel.WEBHOOK and before == 0 and entry.address != values["address"]:
        raise Conflict("Rotate this endpoint's secret first: the one it has is bound to its present address.")
    differing = _set(entry, values)
    if differing:
        await session.flush()
        await _follow(session, "changed", entry, by, fields=differing)
    return entry


async def retire(session: TenantSession, entry_id: UUID, *, by: UUID) -> DirectoryEntry:
    """Never use an entry again; retiring it twice is no error. Raises ``NotFound``."""
    entry = await repository.entry(session, entry_id, lock=True)
    if entry.retired_at is None:
        entry.retired_at = await session.now()
        await session.flush()
        await _follow(session, "retired", entry, by)
    return entry


async def rotate_secret(
    session: TenantSession, entry_id: UUID, overlap: timedelta, *, by: UUID
) -> tuple[DirectoryEntry, str]:
    """A new secret for an endpoint, told here and never again; the one before counts for ``overlap`` more.

    Messages are signed with both until then (Standard Webhooks), so the receiver may change over when it
    likes. Raises ``NotFound``, ``Invalid`` as ``rotate`` does, ``Conflict`` for no endpoint.
    """
    entry = await _in_use(session, entry_id)
    if entry.channel != Channel.WEBHOOK:
        raise Conflict("Only a webhook has a secret; this entry is reached by other means.")
    rotate(entry, await session.now(), overlap)
    _audit(session, "secret_rotated", entry, by, overlap_seconds=int(overlap.total_seconds()))
    return entry, made_secret(entry)


def made_secret(entry: DirectoryEntry) -> str:
    """The secret just made for an endpoint. Raises ``Conflict`` while the service has no key to make any from."""
    key = settings().webhook_signing_key
    if key is None:
        raise Conflict("Webhooks cannot be signed here yet: who runs the service must set WEBHOOK_SIGNING_KEY.")
    return secret_of(key.get_secret_value(), entry)


async def _in_use(session: TenantSession, entry_id: UUID) -> DirectoryEntry:
    entry = await repository.entry(session, entry_id, lock=True)
    if entry.retired_at is not None:
        raise Conflict("This entry is retired. Create one with the same code to take it up again.")
    return entry


async def _checked(session: TenantSession, plan: EntryPlan) -> dict[str, Any]:
    """The columns that a plan comes to. Raises as ``create`` says."""
    if plan.area_id is not None and not await partnerships.areas_by_id(session, [plan.area_id]):
        raise NotFound("There is no such area in this partnership.")
    return {
        "role": plan.role, "name": plan.name, "area_id": plan.area_id, "channel": plan.channel,
        "address": await _address(plan), "hours": list(plan.hours),
    }  # fmt: skip


async def _address(plan: EntryPlan) -> str:
    if plan.channel is Channel.PUSH:
        raise Invalid([FieldError("channel", "must not be PUSH: a post has no device; name a person in the policy")])
    if plan.channel is not Channel.WEBHOOK:
        return normal_address(plan.channel, plan.address)
    entered = plan.address.strip()
    if len(entered) > _LONGEST_URL:
        raise Invalid([FieldError("address", f"must be at most {_LONGEST_URL:,} characters")])
    await require_public(entered, "address")
    if urlsplit(entered).fragment:
        raise Invalid([FieldError("address", "must not end with a # and what follows it")])
    return entered


def _set(entry: DirectoryEntry, values: dict[str, Any]) -> list[str]:
    differing = [name for name, value in values.items() if getattr(entry, name) != value]
    for name in differing:
        setattr(entry, name, values[name])
    return differing


async def _follow(session: TenantSession, action: str, entry: DirectoryEntry, by: UUID, **detail: object) -> None:
    _audit(session, action, entry, by, **detail)
    await owe_once(session, CONTACTS_CHANGED, session.tenant_id)


def _audit(session: TenantSession, action: str, entry: DirectoryEntry, by: UUID, **detail: object) -> None:
    session.audit_entries.append(Entry(f"directory_entry.{action}", "directory_entry", entry.id, by, detail))
