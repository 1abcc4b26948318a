"""What leaves a trace when a clock changes: its own history, the case's timeline and the audit log."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from backend.cases import service as cases
from backend.clocks.models import Change, Clock, ClockChange
from backend.kit.audit import Entry
from backend.kit.session import TenantSession


@dataclass(frozen=True, slots=True)
class Cause:
    """What led to a change: ``kind`` is a code such as event, correction or calendar; who, why, and by whose leave.

    ``revive`` lets the clocks of a run that was closed begin again.
    """

    kind: str
    by: UUID | None = None
    reason: str | None = None
    authority: str | None = None
    revive: bool = False

    @property
    def lifts(self) -> bool:
        """Whether it may take a breach back: a correction, with its reason, and nothing else."""
        return self.kind == "correction" and bool(self.reason)


TIME: Final = Cause("time")
"""A limit, or a reminder ahead of one, has been reached."""
EVENT: Final = Cause("event")


@dataclass(frozen=True, slots=True)
class Before:
    """When a clock began and was due before it changed."""

    started_at: datetime
    due_at: datetime


async def record(
    session: TenantSession, clock: Clock, kind: Change, cause: Cause, *, was: Before | None = None
) -> None:  # fmt: skip
    """Write a change, as the clock stands now, in all three places; that it began, not on the timeline."""
    session.append(
        ClockChange, clock_id=clock.id, at=await session.now(), kind=kind, cause=cause.kind, actor_id=cause.by,
        reason=cause.reason, authority=cause.authority, was_started_at=was.started_at if was else None,
        was_due_at=was.due_at if was else None, started_at=clock.started_at, due_at=clock.due_at, state=clock.state,
        trace=clock.trace,
    )  # fmt: skip
    detail = {"clock": clock.definition, "occurrence": clock.occurrence, "due_at": clock.due_at.isoformat(),
              "state": str(clock.state), "cause": cause.kind}  # fmt: skip
    if was is not None and was.due_at != clock.due_at:
        detail["was_due_at"] = was.due_at.isoformat()
    action = f"clock.{kind.value}"
    if kind is not Change.STARTED:
        await cases.add_event(session, clock.case_id, action, cause.by, detail=detail)
    session.audit_entries.append(Entry(action, "clock", clock.id, cause.by, detail))
