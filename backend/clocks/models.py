"""Clocks of a case as rows: what must be done, by when, by whom, on what authority, and what became of it."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from backend.clocks.limits import Force
from backend.clocks.timing import Effect
from backend.kit.tables import TenantRow, belongs_to, column, instant, one_of


class ClockState(StrEnum):
    """MET_LATE was done after its limit; MISSED is a softened limit that passed and waits for its reason.

    EXPIRED lapsed by law. ENDED is a watch, a reminder or a term whose time came, or was brought to an end,
    without anybody's failure. CANCELLED is no longer asked for; ``why`` says on what ground.
    """

    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    MET_LATE = "met_late"
    BREACHED = "breached"
    MISSED = "missed"
    EXPIRED = "expired"
    ENDED = "ended"
    CANCELLED = "cancelled"


STILL_OPEN: Final = "state IN ('running', 'paused')"
"""What an index of its own covers; a query finds that index by these very words."""


class Why(StrEnum):
    """On what ground a clock was cancelled. One that CLOSED cancelled is not made again for the same start."""

    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class Clock(TenantRow, table=True):
    """One duty from one start. ``rule`` is the rule, in the grammar of ``backend.clocks.rules``, as it stood then.

    ``occurrence`` numbers the clocks of one rule in a run; ``held`` counts how often a recurring duty had been
    done before this one began. ``late_from`` is the first instant at which the limit has passed, None where
    nothing follows from that; a limit in hours is kept up to and including ``due_at``, one in days until it.
    ``warn_at`` holds instants in ISO format. ``next_at`` is when the clock next has something to tell; its
    timer is the one task owed on it. ``yields_to`` is the stronger clock that binds the same duty.

    ``breached_at`` is kept when a correction lifts the breach, and when the duty is done late.
    """

    __table_args__ = (
        UniqueConstraint("tenant_id", "case_id", "run_id", "definition", "occurrence",
                         postgresql_nulls_not_distinct=True),
        belongs_to("case_id", "case_file"),
        belongs_to("run_id", "pathway_run"),
        belongs_to("owner_id", "person"),
        belongs_to("met_by", "person"),
        belongs_to("reason_by", "person"),
        Index("clock_due", "tenant_id", "state", "due_at", "id"),
        Index("clock_by_due", "tenant_id", "due_at", "id"),
        Index("clock_open", "tenant_id", "due_at", "id", postgresql_where=text(STILL_OPEN)),
        Index("clock_breaches", "tenant_id", "due_at", "id", postgresql_where=text("breached_at IS NOT NULL")),
        # What says how limits were kept, without the rows, which are wide.
        Index("clock_timeliness", "tenant_id", "due_at", postgresql_include=[
            "case_id", "run_id", "pathway", "definition", "effect", "state", "started_at", "met_at", "reason_at"]),
        Index(None, "tenant_id", "run_id"),
        Index("clock_of_owner", "tenant_id", "owner_id", "due_at", "id", postgresql_where=text("owner_id IS NOT NULL")),
    )  # fmt: skip

    case_id: UUID
    run_id: UUID | None = None
    pathway: str = Field(max_length=80)
    definition: str = Field(max_length=80)
    occurrence: int = 1
    held: int = 0
    title: str
    rule: dict[str, Any] = column(JSONB())
    edition: str = Field(max_length=300)
    force: Force = one_of(Force)
    citation: str
    owner_role: str = Field(max_length=60)
    owner_id: UUID | None = None
    effect: Effect = one_of(Effect)
    yields_to: str | None = Field(default=None, max_length=80)
    start_event: str = Field(max_length=60)
    started_at: datetime = instant()
    first_started_at: datetime | None = instant(default=None)
    resets: int = 0
    due_at: datetime = instant()
    last_day: date | None = None
    provisional_until: datetime | None = instant(default=None)
    late_from: datetime | None = instant(default=None)
    due_notice_at: datetime | None = instant(default=None)
    warn_at: list[str] = column(JSONB(), default_factory=list)
    next_at: datetime | None = instant(default=None)
    extension: str | None = Field(default=None, max_length=40)
    trace: list[str] = column(JSONB(), default_factory=list)
    state: ClockState = one_of(ClockState, default=ClockState.RUNNING)
    why: Why | None = one_of(Why, default=None)
    breached_at: datetime | None = instant(default=None)
    missed_at: datetime | None = instant(default=None)
    ended_at: datetime | None = instant(default=None)
    met_at: datetime | None = instant(default=None)
    met_by: UUID | None = None
    reason: str | None = None
    reason_by: UUID | None = None
    reason_at: datetime | None = instant(default=None)


class Mark(StrEnum):
    """What a mark records about a clock."""

    START = "start"
    COMPLETION = "completion"
    PAUSE = "pause"
    RESUMPTION = "resumption"
    EXTENSION = "extension"
    EXTENDED_UNTIL = "extended_until"


class ClockMark(TenantRow, table=True):
    """An event that the clocks of a run, or of a case without one, count beside the run's own; never changed.

    ``corrects_id`` names the mark that it stands for from then on. ``authority`` is who agreed to an extension.
    """

    __table_args__ = (
        UniqueConstraint("tenant_id", "corrects_id"),
        belongs_to("case_id", "case_file"),
        belongs_to("run_id", "pathway_run"),
        belongs_to("clock_id", "clock"),
        belongs_to("corrects_id", "clock_mark"),
        belongs_to("recorded_by", "person"),
        Index(None, "tenant_id", "case_id"),
    )

    case_id: UUID
    run_id: UUID | None = None
    clock_id: UUID | None = None
    kind: Mark = one_of(Mark)
    event: str = Field(max_length=80)
    at: datetime = instant()
    authority: str | None = Field(default=None, max_length=300)
    reason: str | None = None
    corrects_id: UUID | None = None
    recorded_by: UUID | None = None
    recorded_at: datetime = instant()


class Change(StrEnum):
    """What happened to a clock."""

    STARTED = "started"
    RECALCULATED = "recalculated"
    PAUSED = "paused"
    RESUMED = "resumed"
    EXTENDED = "extended"
    COMPLETED = "completed"
    REOPENED = "reopened"
    BREACHED = "breached"
    BREACH_LIFTED = "breach_lifted"
    BREACH_KEPT = "breach_kept"
    MISSED = "missed"
    EXPIRED = "expired"
    ENDED = "ended"
    REASON_GIVEN = "reason_given"
    CANCELLED = "cancelled"


class ClockChange(TenantRow, table=True):
    """One line of a clock's history, first to last by id; never changed.

    ``cause`` says what led to it: an event, a correction, the calendar, a setting, the passing of time. The
    instants are those after the change, ``was_`` those before.
    """

    __table_args__ = (
        belongs_to("clock_id", "clock"),
        belongs_to("actor_id", "person"),
        Index(None, "tenant_id", "clock_id", "at", "id"),
    )

    clock_id: UUID
    at: datetime = instant()
    kind: Change = one_of(Change)
    cause: str = Field(max_length=60)
    actor_id: UUID | None = None
    reason: str | None = None
    authority: str | None = Field(default=None, max_length=300)
    was_started_at: datetime | None = instant(default=None)
    was_due_at: datetime | None = instant(default=None)
    started_at: datetime = instant()
    due_at: datetime = instant()
    state: ClockState = one_of(ClockState)
    trace: list[str] = column(JSONB(), default_factory=list)


class Step(StrEnum):
    """What is told of a clock, each graver than the one before."""

    WARNING = "warning"
    DUE = "due"
    LATE = "late"


class ClockNotice(TenantRow, table=True):
    """That a step of a clock was told; never changed. ``at`` is the step's own instant, ``number`` the warning's."""

    __table_args__ = (
        UniqueConstraint("tenant_id", "clock_id", "step", "number", "at"),
        belongs_to("clock_id", "clock"),
        belongs_to("alert_id", "alert"),
    )

    clock_id: UUID
    step: Step = one_of(Step)
    number: int = 0
    at: datetime = instant()
    due_at: datetime = instant()
    told_at: datetime = instant()
    alert_id: UUID | None = None
