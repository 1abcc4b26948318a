"""Reviews that fall due: whoever looks after a manual is told before, and again when it is overdue.

An edition that is overdue stays in force (Hertfordshire manual 2006 ¶1.4.3).
"""

from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import col

from backend.identity import repository as identity
from backend.identity.policies import Permission
from backend.kit.session import TenantSession
from backend.kit.tasks import NOTICES, Actor, owe_once
from notifications.deliveries import notices
from notifications.deliveries.wording import PROCEDURES_OVERDUE, PROCEDURES_REVIEW
from tenants.partnerships import repository as partnerships
from tenants.procedures import fuzzy, repository
from tenants.procedures.change_models import ProcedureManager
from tenants.procedures.models import ProcedureEdition

REVIEW_PROCEDURES: Final = Actor("review_procedures", NOTICES)
"""Reminds of the review of an edition, which is its subject."""
AHEAD: Final = timedelta(days=90)
MORNING: Final = time(9)
_LASTS: Final = timedelta(days=14)


async def schedule(session: TenantSession, row: ProcedureEdition) -> None:
    """Have the review of an edition brought to mind in time."""
    span = fuzzy.span(row.next_review) if row.next_review else None
    if span is not None:
        await owe_once(session, REVIEW_PROCEDURES, row.id, due_at=await morning(session, span.first - AHEAD))


async def remind(session: TenantSession, edition_id: UUID) -> None:
    """Tell the nominated managers and those who approve, unless another edition has taken its place.

    The day after the last on which it may fall due, they are told again.
    """
    row = await repository.edition(session, edition_id)
    today = await repository.today(session)
    current = {one.number for one in await repository.in_force(session, today, row.manual)}
    span = fuzzy.span(row.next_review) if row.next_review else None
    if span is None or (row.number not in current and row.in_force_from is not None and row.in_force_from <= today):
        return
    overdue = span.last + timedelta(days=1)
    # Each wording goes to somebody once about one edition.
    template = PROCEDURES_REVIEW if today < overdue else PROCEDURES_OVERDUE
    await notices.tell(session, await keepers(session), template=template, subject_id=row.id,
                       until=await session.now() + _LASTS)  # fmt: skip
    if today < overdue:
        await owe_once(session, REVIEW_PROCEDURES, row.id, due_at=await morning(session, overdue))


async def keepers(session: TenantSession) -> list[UUID]:
    """The nominated managers of the agencies, and those whose role approves manuals."""
    managers = await session.scalars(
        select(col(ProcedureManager.person_id)).where(
            col(ProcedureManager.tenant_id) == session.tenant_id, col(ProcedureManager.to_at).is_(None)
        )
    )
    return sorted({*managers, *await identity.members_who_may(session, Permission.APPROVE_PROCEDURES)})


async def tell(session: TenantSession, person_id: UUID, *, template: str, about: UUID, until: datetime) -> None:
    """Tell somebody, once about one thing; of whoever has left or cannot be reached, the keepers instead."""
    told = await notices.tell(session, [person_id], template=template, subject_id=about, until=until)
    if not told and not (await notices.about(session, [about])).get(about):
        await notices.tell(session, await keepers(session), template=template, subject_id=about, until=until)


async def morning(session: TenantSession, day: date) -> datetime:
    return datetime.combine(day, MORNING, ZoneInfo((await partnerships.own(session)).zone))
