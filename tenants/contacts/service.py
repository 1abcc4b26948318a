"""A person's own contact methods: add, put in order, retire.

Every act leaves an audit entry that names the method and never its address.
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from backend.kit.audit import Entry
from backend.kit.problems import Conflict, FieldError, Invalid, NotFound
from backend.kit.session import TenantSession
from backend.kit.tasks import owe_once
from tenants.contacts import repository
from tenants.contacts.addresses import normal_address, same_address
from tenants.contacts.changes import CONTACTS_CHANGED
from tenants.contacts.models import Channel, ContactMethod

MOST_METHODS: Final = 10


async def add(
    session: TenantSession, person_id: UUID, method_id: UUID, channel: Channel, entered: str
) -> ContactMethod:
    """Record a number, address or device of the person, not verified yet and last in preference.

    One that was retired is taken up again, and must be verified anew. ``method_id`` is the id of a
    new one. Raises ``Invalid`` for an address that cannot be, ``Conflict`` for one already in use
    or one too many.
    """
    address = normal_address(channel, entered)
    await repository.alone_with_methods(session, person_id)
    methods = (await repository.every_method(session, [person_id]))[person_id]
    in_use = [method for method in methods if method.retired_at is None]
    known = next((m for m in methods if m.channel == channel and same_address(channel, m.address, address)), None)
    if known is not None and known.retired_at is None:
        raise Conflict("You have this contact method already; ask for a code if it is not verified yet.")
    if len(in_use) >= MOST_METHODS:
        raise Conflict(f"You have {MOST_METHODS} contact methods; retire one before you add another.")
    new = ContactMethod(
        tenant_id=session.tenant_id, id=method_id, person_id=person_id, channel=channel, address=address
    )
    return await take_up(session, new, known, in_use)


async def take_up(
    session: TenantSession, new: ContactMethod, known: ContactMethod | None, in_use: Sequence[ContactMethod]
) -> ContactMethod:
    """Store ``new``, or what is ``known`` of it in its place: in use, unverified and last in preference."""
    taken = known or new
    taken.retired_at = taken.verified_at = None
    taken.platform, taken.replaces_id, taken.own = new.platform, new.replaces_id, True
    taken.preference = max((method.preference for method in in_use), default=0) + 1
    if known is None:
        session.insert(taken)
    _audit(session, "added", taken, channel=taken.channel.value)
    await owe_once(session, CONTACTS_CHANGED, session.tenant_id)
    return taken


async def added(
    session: TenantSession, person_id: UUID, method_id: UUID, channel: Channel, entered: str
) -> ContactMethod:
    """What ``add`` gave for the same entry: the method with that id, or the one that it took up again."""
    address = normal_address(channel, entered)
    methods = (await repository.every_method(session, [person_id]))[person_id]
    return next(
        method
        for method in methods
        if method.id == method_id or (method.channel == channel and same_address(channel, method.address, address))
    )


async def retire(session: TenantSession, person_id: UUID, method_id: UUID) -> ContactMethod:
    """Never use the person's method again. Retiring it twice is no error. Raises ``NotFound``."""
    await repository.alone_with_methods(session, person_id)
    method = await repository.method(session, person_id, method_id)
    if method.retired_at is None:
        method.retired_at = await session.now()
        _audit(session, "retired", method)
        await owe_once(session, CONTACTS_CHANGED, session.tenant_id)
    return method


async def put_in_order(session: TenantSession, person_id: UUID, method_ids: Sequence[UUID]) -> list[ContactMethod]:
    """Prefer the person's methods in the order given.

    Raises ``NotFound`` for one that is not theirs, ``Invalid`` unless each in use is named once.
    """
    await repository.alone_with_methods(session, person_id)
    methods = (await repository.every_method(session, [person_id]))[person_id]
    in_use = {method.id: method for method in methods if method.retired_at is None}
    if set(method_ids) - {method.id for method in methods}:
        raise NotFound(repository.NOT_YOURS)
    if sorted(method_ids) != sorted(in_use):
        raise Invalid([FieldError("contactMethodIds", "must name each of your contact methods in use, once")])
    for place, method_id in enumerate(method_ids, start=1):
        in_use[method_id].preference = place
    for method in list(in_use.values())[:1]:
        _audit(session, "put_in_order", method, order=[str(one) for one in method_ids])
    return [in_use[method_id] for method_id in method_ids]


def _audit(session: TenantSession, action: str, method: ContactMethod, **detail: object) -> None:
    entry = Entry(f"contact_method.{action}", "contact_method", method.id, method.person_id, detail)
    session.audit_entries.append(entry)
