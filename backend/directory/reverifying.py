"""Numbers and addresses that are verified again: whoever answers for one is reminded until somebody has tried it.

No source says how often; without the partnership's own interval nobody is reminded, and the readiness report says so.
"""

from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import NAMESPACE_OID, UUID, uuid5
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import col

from backend.identity import repository as identity
from backend.identity.policies import Permission
from backend.kit.session import TenantSession
from backend.kit.tasks import owe_once
from backend.readiness.gaps import REVERIFY
from notifications.deliveries import notices
from notifications.deliveries.wording import CONTACTS_UNVERIFIED
from tenants.contacts.changes import REVERIFY_CONTACTS
from tenants.contacts.models import Person
from tenants.contacts.service_models import DirectoryPoint, PointKind
from tenants.partnerships import repository as partnerships

EVERY: Final = timedelta(days=7)
"""How long after a reminder the next one comes, while something is not verified."""
_BY_ROLE: Final = frozenset({PointKind.ROTA, PointKind.DESK})


async def interval(session: TenantSession) -> int | None:
    """After how many days a number counts as unverified again, where the partnership has said so."""
    value: Any = (await partnerships.settings(session, [REVERIFY])).get(REVERIFY)
    return value if isinstance(value, int) else None


async def remind(session: TenantSession, partnership_id: UUID) -> None:
    """Remind the owners of what is unverified, at most once a week each, and be owed again when more will be.

    Who verified something last is its owner; where nobody did or they have left, whoever manages the directory.
    """
    days = await interval(session)
    if days is None:
        return
    zone = ZoneInfo((await partnerships.own(session)).zone)
    now = await session.now()
    today = now.astimezone(zone).date()
    points = await _points(session)
    due = [row for row in points if _expires(row, days) <= today]
    for person_id in sorted(await _owners(session, due)):
        week = today.isocalendar()
        about = uuid5(NAMESPACE_OID, f"{partnership_id} {person_id} {week.year} {week.week}")
        await notices.tell(session, [person_id], template=CONTACTS_UNVERIFIED, subject_id=about, until=now + EVERY)
    later = [_expires(row, days) for row in points if row not in due]
    if due:
        later.append(today + EVERY)
    if later:
        morning = datetime.combine(min(later), time(9), zone)
        await owe_once(session, REVERIFY_CONTACTS, partnership_id, due_at=morning)


def _expires(row: DirectoryPoint, days: int) -> date:
    """The first day on which a way to reach a service counts as unverified."""
    return row.verified_on + timedelta(days=days + 1) if row.verified_on is not None else date.min


async def _points(session: TenantSession) -> list[DirectoryPoint]:
    found = await session.scalars(
        select(DirectoryPoint).where(
            col(DirectoryPoint.tenant_id) == session.tenant_id, col(DirectoryPoint.retired_at).is_(None),
            col(DirectoryPoint.kind).not_in(_BY_ROLE),
        )
    )  # fmt: skip
    return list(found)


async def _owners(session: TenantSession, due: list[DirectoryPoint]) -> set[UUID]:
    verified_by = {row.verified_by for row in due if row.verified_by is not None}
    here = set(
        await session.scalars(
            select(col(Person.id)).where(
                col(Person.tenant_id) == session.tenant_id, col(Person.id).in_(verified_by), col(Person.active)
            )
        )
    )
    if all(row.verified_by in here for row in due):
        return here
    return here | await identity.members_who_may(session, Permission.MANAGE_DIRECTORY)
