"""A person's devices: registered, moved to a new token, revoked.

A push service may change a device's token at any time. The old token stays in use until the new one has
shown that it reaches the person, so that no call falls between the two.
"""

from uuid import UUID

from backend.kit.addresses import require_public
from backend.kit.audit import Entry
from backend.kit.ids import uuid7
from backend.kit.problems import Conflict
from backend.kit.session import TenantSession
from backend.kit.tasks import owe_once
from tenants.contacts import device_repository, repository
from tenants.contacts.changes import CONTACTS_CHANGED
from tenants.contacts.devices import endpoint_of
from tenants.contacts.models import Channel, ContactMethod, DevicePlatform
from tenants.contacts.service import MOST_METHODS, take_up


async def register(
    session: TenantSession, person_id: UUID, method_id: UUID, platform: DevicePlatform, address: str
) -> ContactMethod:
    """Record a device of the person, used once its code is confirmed. Registering it again is no error.

    ``address`` is one of ``device_address``. Raises ``Conflict`` for one contact method too many, ``Invalid``
    for a browser whose push service lies in a private network.
    """
    await _refuse_private(platform, address)
    await repository.alone_with_methods(session, person_id)
    methods = (await repository.every_method(session, [person_id]))[person_id]
    known = _of(methods, address)
    if known is not None and known.retired_at is None:
        known.platform = platform
        return known
    in_use = [method for method in methods if method.retired_at is None]
    if len(in_use) >= MOST_METHODS:
        raise Conflict(f"You have {MOST_METHODS} contact methods; retire one before you register a device.")
    new = ContactMethod(tenant_id=session.tenant_id, id=method_id, person_id=person_id, channel=Channel.PUSH,
                        address=address, platform=platform)  # fmt: skip
    return await take_up(session, new, known, in_use)


async def rotate(session: TenantSession, old: ContactMethod, platform: DevicePlatform, address: str) -> ContactMethod:
    """Record a device's new token. The old one is used until the code sent to the new one is confirmed.

    A token that was never confirmed gives way at once. Raises ``Conflict`` for what is no device, or is
    retired, and ``Invalid`` as ``register`` does.
    """
    await _refuse_private(platform, address)
    person_id = old.person_id
    await repository.alone_with_methods(session, person_id)
    await session.refresh(old)
    if old.channel != Channel.PUSH or old.retired_at is not None:
        raise Conflict("This is no device in use. Register it anew.")
    methods = (await repository.every_method(session, [person_id]))[person_id]
    known = _of(methods, address)
    if known is not None and known.retired_at is None:
        return known
    now = await session.now()
    for waiting in methods:
        if waiting.replaces_id == old.id and waiting.retired_at is None and waiting.verified_at is None:
            waiting.retired_at = now
    if old.verified_at is None:
        old.retired_at = now
    new = ContactMethod(
        tenant_id=session.tenant_id, id=uuid7(), person_id=person_id, channel=Channel.PUSH, address=address,
        platform=platform, replaces_id=old.id if old.verified_at is not None else old.replaces_id,
    )  # fmt: skip
    return await take_up(session, new, known, [method for method in methods if method.retired_at is None])


async def registered(session: TenantSession, person_id: UUID, address: str) -> ContactMethod:
    """The person's device with an address, for a request that is repeated."""
    found = _of((await repository.every_method(session, [person_id]))[person_id], address)
    if found is None:
        raise Conflict("The device was registered and is no longer there. Register it anew.")
    return found


async def settle(session: TenantSession, method: ContactMethod) -> None:
    """A method was verified: what it replaces is retired, and a device is no longer anybody else's.

    A handset that has changed hands would otherwise go on ringing for whoever had it before.
    """
    now = await session.now()
    own = {one.id: one for one in (await repository.every_method(session, [method.person_id]))[method.person_id]}
    replaced = own.get(method.replaces_id) if method.replaces_id else None
    gone = [replaced] if replaced is not None and replaced.retired_at is None else []
    if method.channel == Channel.PUSH:
        gone += await device_repository.others_with(session, method)
    for one in gone:
        one.retired_at = now
        detail = {"by": str(method.id)}
        entry = Entry("contact_method.replaced", "contact_method", one.id, method.person_id, detail)
        session.audit_entries.append(entry)


async def revoke(session: TenantSession, method_id: UUID, *, by: UUID) -> ContactMethod:
    """Never use anybody's device again, such as a lost one; revoking it twice is no error. Raises ``NotFound``."""
    found = await device_repository.device(session, method_id)
    await repository.alone_with_methods(session, found.person_id)
    await session.refresh(found)
    if found.retired_at is None:
        found.retired_at = await session.now()
        detail = {"person": str(found.person_id)}
        session.audit_entries.append(Entry("contact_method.revoked", "contact_method", found.id, by, detail))
        await owe_once(session, CONTACTS_CHANGED, session.tenant_id)
    return found


async def _refuse_private(platform: DevicePlatform, address: str) -> None:
    if platform is DevicePlatform.WEBPUSH:
        await require_public(endpoint_of(address), "subscription.endpoint")


def _of(methods: list[ContactMethod], address: str) -> ContactMethod | None:
    return next((one for one in methods if one.channel == Channel.PUSH and one.address == address), None)
