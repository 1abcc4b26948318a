"""Every query on drafts: each is its writer's alone."""

from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlmodel import col

from backend.cases.access.repository import in_sight
from backend.cases.drafts.models import Draft
from backend.identity.policies import Caller
from backend.kit.problems import NotFound
from backend.kit.session import TenantSession

NO_DRAFT = "There is no such draft of yours."


def own(caller: Caller) -> Select[Draft]:
    """The caller's drafts, but for those about a case that is no longer there for them."""
    return select(Draft).where(
        col(Draft.tenant_id) == caller.tenant_id,
        col(Draft.person_id) == caller.person_id,
        or_(col(Draft.case_id).is_(None), in_sight(caller, col(Draft.case_id))),
    )


async def draft(session: TenantSession, caller: Caller, draft_id: UUID, *, lock: bool = False) -> Draft:
    """One of the caller's drafts. Raises ``NotFound``."""
    query = own(caller).where(col(Draft.id) == draft_id)
    if lock:
        query = query.with_for_update(key_share=True, of=Draft).execution_options(populate_existing=True)
    found: Draft | None = await session.scalar(query)
    if found is None:
        raise NotFound(NO_DRAFT)
    return found


async def of_form(session: TenantSession, person_id: UUID, form: str, case_id: UUID | None) -> Draft | None:
    """Somebody's draft of a form about a case or none, locked."""
    found: Draft | None = await session.scalar(
        select(Draft)
        .where(
            col(Draft.tenant_id) == session.tenant_id,
            col(Draft.person_id) == person_id,
            col(Draft.form) == form,
            col(Draft.case_id).is_not_distinct_from(case_id),
        )
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return found


async def locked(session: TenantSession, draft_id: UUID) -> Draft | None:
    """The draft, whosever it is, for the worker that forgets it."""
    found: Draft | None = await session.scalar(
        select(Draft)
        .where(col(Draft.tenant_id) == session.tenant_id, col(Draft.id) == draft_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return found
