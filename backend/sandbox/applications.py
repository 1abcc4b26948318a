"""Let an application of a third party's developers into a sandbox."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from backend.applications import registering, service
from backend.identity import repository as memberships
from backend.identity.policies import Caller
from backend.kit.problems import Conflict
from backend.kit.session import open_session
from backend.onboarding import service as onboarding
from tenants.partnerships import repository as partnerships

ORGANISATION: Final = "Sandbox"
_CONTACT: Final = "sandbox@example.org"
_PURPOSE: Final = "To be developed against generated cases."
_ADMINISTRATOR: Final = "administrator"


@dataclass(frozen=True, slots=True)
class Granted:
    """What an application's developers need. The secret is kept nowhere else."""

    slug: str
    client_id: UUID
    secret: str


async def grant_application(
    engine: AsyncEngine, *, slug: str, issuer: str, name: str, scopes: Sequence[str]
) -> Granted:
    """Register an application with a secret, and grant it ``scopes`` in the sandbox, in its administrator's name.

    ``engine`` is the owner's. Raises ``NotFound``, ``Invalid``, and ``Conflict`` for a partnership that is no sandbox
    or has no administrator.
    """
    async with open_session(await onboarding.existing_id(engine, slug), on=engine) as session:
        if not (await partnerships.own(session)).sandbox:
            raise Conflict(f"{slug} is no sandbox. Its administrator grants applications what they may do.")
        found = await memberships.members_with(session, _ADMINISTRATOR)
        if not found:
            raise Conflict(f"{slug} has no administrator who could grant it anything. Name an archetype that has one.")
        client_id = await registering.register(
            engine, name=name, organisation=ORGANISATION, contact=_CONTACT, purpose=_PURPOSE, scopes=scopes
        )
        _, secret = await registering.add_secret(engine, client_id)
        by = Caller(session.tenant_id, slug, min(found), (_ADMINISTRATOR,))
        await service.grant(session, issuer, client_id, scopes, by=by)
        await session.commit()
    return Granted(slug, client_id, secret)
