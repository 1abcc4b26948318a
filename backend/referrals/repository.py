"""Every query on referrals."""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, select
from sqlmodel import col

from backend.identity.policies import Caller
from backend.kit.problems import NotFound
from backend.kit.session import TenantSession
from backend.referrals.models import Referral

NO_REFERRAL: Final = "There is no such referral that you have made."


def own(caller: Caller) -> Select[Any]:
    """The referrals that the caller, a person or an application, has sent in itself."""
    sender = Referral.application_id if caller.is_application else Referral.person_id
    return select(Referral).where(col(Referral.tenant_id) == caller.tenant_id, col(sender) == caller.person_id)


async def referral(session: TenantSession, caller: Caller, referral_id: UUID) -> Referral:
    """One that the caller has sent in. Raises ``NotFound``."""
    found: Referral | None = await session.scalar(own(caller).where(col(Referral.id) == referral_id))
    if found is None:
        raise NotFound(NO_REFERRAL)
    return found
