"""What is kept beside a manual does not go stale: its owner is told before a review, and when a new text is in force.

A document of an agency is held against every new edition; until somebody has, a check of it is owed.
"""

from datetime import date, timedelta
from typing import Final
from uuid import NAMESPACE_OID, UUID, uuid5

from backend.kit.session import TenantSession
from backend.kit.tasks import NOTICES, Actor, owe_once
from backend.procedures import reviewing
from notifications.deliveries.wording import PROCEDURES_REVIEW
from tenants.procedures import registering, repository
from tenants.procedures.models import ProcedureEdition
from tenants.procedures.register_models import CheckOutcome, ProcedureRegisterEntry
from tenants.procedures.registers import RULES, EntryTold, Owed, owed

REVIEW_REGISTER: Final = Actor("review_register", NOTICES)
"""Tells the owner of an entry, which is its subject, what is owed on it."""
AHEAD: Final = timedelta(days=30)
_LASTS: Final = timedelta(days=14)


async def enter(session: TenantSession, told: EntryTold, by: UUID, entry_id: UUID) -> ProcedureRegisterEntry:
    """As ``registering.enter``; its review is brought to mind in time."""
    row = await registering.enter(session, told, by, entry_id)
    await schedule(session, row)
    return row


async def change(session: TenantSession, entry_id: UUID, told: EntryTold, by: UUID) -> ProcedureRegisterEntry:
    """As ``registering.change``; a new day of review is brought to mind in time."""
    row = await registering.change(session, entry_id, told, by)
    await schedule(session, row)
    return row


async def check(
    session: TenantSession, entry_id: UUID, outcome: CheckOutcome, review_on: date, note: str | None, by: UUID
) -> ProcedureRegisterEntry:
    """As ``registering.check``; the next review is brought to mind in time."""
    row = await registering.check(session, entry_id, outcome, review_on, note, by)
    await schedule(session, row)
    return row


async def schedule(session: TenantSession, row: ProcedureRegisterEntry) -> None:
    """Have a review brought to mind before its day, and again on it."""
    today = await repository.today(session)
    day = next((day for day in (row.review_on - AHEAD, row.review_on) if day > today), today)
    await owe_once(session, REVIEW_REGISTER, row.id, due_at=await reviewing.morning(session, day))


async def follow(session: TenantSession, edition: ProcedureEdition) -> None:
    """Have everything that is held against a manual checked again once a text of it is in force."""
    if edition.in_force_from is None:
        return
    due = await reviewing.morning(session, edition.in_force_from)
    for row in await registering.of_manual(session, edition.manual):
        if RULES[row.kind].against_manual:
            await owe_once(session, REVIEW_REGISTER, row.id, due_at=due)


async def remind(session: TenantSession, entry_id: UUID) -> None:
    """Tell an entry's owner what is owed on it, or that its review is near: once for each day of review and text.

    Somebody who has left is not told: those who look after the manual are.
    """
    row = await registering.entry(session, entry_id)
    if row.retired_at is not None:
        return
    today = await repository.today(session)
    texts = [one.id for one in await repository.in_force(session, today, row.manual)]
    made = (await registering.checks(session, [row.id])).get(row.id, [])
    found = owed(row, made[-1] if made else None, texts, today)
    until = await session.now() + _LASTS
    for occasion in [*_occasions(row, found, texts), *_near(row, today)]:
        about = uuid5(NAMESPACE_OID, f"{row.id} {occasion}")
        await reviewing.tell(session, row.owner_id, template=PROCEDURES_REVIEW, about=about, until=until)
    if today < row.review_on:
        await schedule(session, row)


def _occasions(row: ProcedureRegisterEntry, found: list[Owed], texts: list[UUID]) -> list[str]:
    """What a reminder is about: the same occasion is told once."""
    about = {Owed.REVIEW: f"review {row.review_on}", Owed.RECHECK: f"recheck {sorted(texts)}"}
    return [about[one] for one in found if one in about]


def _near(row: ProcedureRegisterEntry, today: date) -> list[str]:
    return [f"soon {row.review_on}"] if row.review_on - AHEAD <= today < row.review_on else []
