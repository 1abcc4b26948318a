"""Every query on devices, whoever has them."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from backend.kit.problems import NotFound
from backend.kit.session import TenantSession
from tenants.contacts.models import Channel, ContactMethod


async def device(session: TenantSession, method_id: UUID) -> ContactMethod:
    """Anybody's device. Raises ``NotFound``, for a number or an address too."""
    found = await session.scalar(
        select(ContactMethod).where(
            col(ContactMethod.tenant_id) == session.tenant_id,
            col(ContactMethod.id) == method_id,
            col(ContactMethod.channel) == Channel.PUSH,
        )
    )
    if found is None:
        raise NotFound("There is no such device in this partnership.")
    return found


async def others_with(session: TenantSession, method: ContactMethod) -> list[ContactMethod]:
    """The same device as other people have it in use, locked."""
    found = await session.scalars(
        select(ContactMethod)
        .where(
            col(ContactMethod.tenant_id) == session.tenant_id,
            col(ContactMethod.channel) == method.channel,
            col(ContactMethod.address) == method.address,
            col(ContactMethod.person_id) != method.person_id,
            col(ContactMethod.retired_at).is_(None),
        )
        .order_by(col(ContactMethod.id))
        .with_for_update(key_share=True)
    )
    return list(found)
