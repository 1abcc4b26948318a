"""Mark a partnership as a sandbox, and fill it with generated cases."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col

from backend.cases.models import CaseFile
from backend.kit.audit import Entry
from backend.kit.problems import Conflict
from backend.kit.session import TenantSession, open_session
from backend.onboarding import service as onboarding
from backend.sandbox.cases import write
from backend.sandbox.families import families
from backend.sandbox.ground import bring_editions, ground
from backend.sandbox.journeys import ALL
from tenants.partnerships import repository as partnerships
from tenants.partnerships.models import Partnership, PartnershipSetting

SEED: Final = "sandbox_seed"
"""The setting of a sandbox with the seed and the end of the year that its cases were generated with."""
BESIDES: Final = ("child-in-need-plan", "early-help-assessment", "section-47-outcome", "police-offence-notification")
"""Pathways that generated cases open on their way."""
_FILLED: Final = (
    "case_file", "case_event", "case_subject", "child", "child_address", "child_death", "clock", "clock_change",
    "pathway_run", "pathway_action", "pathway_event", "pathway_fact", "pathway_form", "pathway_task",
    "pathway_decision", "pathway_departure", "pathway_notice",
)  # fmt: skip

Progress = Callable[[int], None]
"""Is told of cases that are there, so many more each time."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """So many cases of one seed; of the families that have them, every ``parts``-th from ``part`` on."""

    cases: int
    seed: int
    part: int = 0
    parts: int = 1


async def prepare(engine: AsyncEngine, slug: str, seed: int) -> None:
    """Make a partnership a sandbox, with an edition in force of each pathway that generated cases follow.

    ``engine`` is the owner's. Doing it again changes nothing. Raises ``NotFound``, and as ``mark`` does.
    """
    async with open_session(await onboarding.existing_id(engine, slug), on=engine) as session:
        await mark(session, seed)
        await bring_editions(session, ALL)
        await session.commit()


async def fill(engine: AsyncEngine, slug: str, wanted: Wanted, progress: Progress) -> int:
    """Bring a sandbox that was prepared to the cases that are wanted. Returns how many were written now.

    A family with all its cases is one transaction; those that are there already are passed over, so that what was
    broken off goes on by the same call. Several processes may each write a part. Raises ``NotFound``, ``Conflict``
    for a partnership without areas or people.
    """
    async with open_session(await onboarding.existing_id(engine, slug), on=engine) as session:
        until = await mark(session, wanted.seed)
        await session.commit()
        place = await ground(session, until, (*ALL, *BESIDES))
        there = set(await session.scalars(_REFERENCES.where(col(CaseFile.tenant_id) == session.tenant_id)))
        written = 0
        for plan in families(wanted.seed, wanted.cases, until, len(place.areas)):
            if plan.number % wanted.parts != wanted.part:
                continue
            if plan.cases[0].reference not in there:
                written += await write(session, place, plan)
                await session.commit()
            progress(len(plan.cases))
        return written


async def mark(session: TenantSession, seed: int) -> datetime:
    """Make the partnership a sandbox, for good. Returns the instant at which its generated year ends.

    Raises ``Conflict`` for one that holds cases which were not generated, or that has another seed.
    """
    partnership = await session.get_one(
        Partnership, session.tenant_id, with_for_update={"key_share": True}, populate_existing=True
    )
    known: dict[str, Any] | None = (await partnerships.settings(session, (SEED,))).get(SEED)
    if not partnership.sandbox:
        if await session.scalar(_ANY_CASE.where(col(CaseFile.tenant_id) == session.tenant_id)):
            raise Conflict(f"{partnership.slug} holds cases. A sandbox is a partnership of its own: name another one.")
        partnership.sandbox = True
        session.audit_entries.append(Entry("partnership.sandbox", "partnership", session.tenant_id, None))
    if known is None:
        until = (await session.now()).replace(minute=0, second=0, microsecond=0)
        value = {"seed": seed, "until": until.isoformat()}
        session.add(PartnershipSetting(tenant_id=session.tenant_id, key=SEED, value=value, origin="generated"))
        return until
    if known["seed"] != seed:
        raise Conflict(f"{partnership.slug} was generated with seed {known['seed']}. Go on with that, or name another.")
    return datetime.fromisoformat(known["until"])


async def settle(engine: AsyncEngine) -> None:
    """Let the database know of so many new rows at once, not when it comes to it."""
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text(f"VACUUM (ANALYZE) {', '.join(_FILLED)}"))


_ANY_CASE: Final = select(col(CaseFile.id)).limit(1)
_REFERENCES: Final = select(col(CaseFile.reference))
