"""What people owe and settle in a run: tasks, notices, decisions and disagreements, sign-offs, departures, overlays."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from backend.kit.tables import TenantRow, belongs_to, column, instant, one_of


class TaskKind(StrEnum):
    """What a task stands for: a duty of the definition, a notification that a person has to give or to read, the
    minutes that a meeting's own clocks make due, or an action that a meeting agreed on for its own instant."""

    OBLIGATION = "obligation"
    NOTIFICATION = "notification"
    MINUTES = "minutes"
    ACTION = "action"


class TaskState(StrEnum):
    """NOT_DONE is a duty that was left undone, with the reason; LAPSED one that its run no longer asks for."""

    OPEN = "open"
    DONE = "done"
    NOT_APPLICABLE = "not_applicable"
    NOT_DONE = "not_done"
    LAPSED = "lapsed"


class PathwayTask(TenantRow, table=True):
    """A duty that somebody owes in a run. ``role`` says whose it is; ``owner_id`` who of the case holds the role.

    Without an owner it is the stage's lead's to give to somebody. ``due_at`` is the earliest limit of its clocks,
    and moves with them; that of an action was agreed on.
    """

    __table_args__ = (
        CheckConstraint("state NOT IN ('not_applicable', 'not_done') OR reason IS NOT NULL", name="reasoned"),
        CheckConstraint("state = 'open' OR settled_at IS NOT NULL", name="settled"),
        belongs_to("run_id", "pathway_run"),
        belongs_to("case_id", "case_file"),
        belongs_to("owner_id", "person"),
        belongs_to("deputy_id", "person"),
        belongs_to("settled_by", "person"),
        Index("pathway_task_once", "tenant_id", "run_id", "kind", "code", "role", unique=True,
              postgresql_where=sql("state = 'open' AND kind IN ('obligation', 'notification')")),
        Index(None, "tenant_id", "run_id"),
        Index(None, "tenant_id", "case_id"),
        Index(None, "tenant_id", "owner_id", "state"),
        Index(None, "tenant_id", "deputy_id", "state"),
        Index("pathway_task_by_creation", "tenant_id", "created_at", "id"),
        Index("pathway_task_open", "tenant_id", "created_at", "id", postgresql_where=sql("state = 'open'")),
    )  # fmt: skip

    run_id: UUID
    case_id: UUID
    kind: TaskKind = one_of(TaskKind)
    code: str = Field(max_length=80)
    stage: str | None = Field(None, max_length=80)
    text: str
    role: str = Field(max_length=80)
    lead_role: str | None = Field(None, max_length=80)
    force: str = Field(max_length=20)
    citation: str = Field(max_length=400)
    owner_id: UUID | None = None
    deputy_id: UUID | None = None
    due_at: datetime | None = instant(default=None)
    state: TaskState = one_of(TaskState, default=TaskState.OPEN)
    evidence: str | None = None
    reason: str | None = None
    version: int = 1
    created_at: datetime = instant()
    settled_at: datetime | None = instant(default=None)
    settled_by: UUID | None = None


class PathwayNotice(TenantRow, table=True):
    """A notification of the definition that was given; never changed. By alert, or by somebody who says to whom."""

    __table_args__ = (
        belongs_to("run_id", "pathway_run"),
        belongs_to("alert_id", "alert"),
        belongs_to("given_by", "person"),
        Index(None, "tenant_id", "run_id", "given_at"),
    )

    run_id: UUID
    code: str = Field(max_length=80)
    channel: str = Field(max_length=20)
    alert_id: UUID | None = None
    given_to: str | None = Field(None, max_length=300)
    acknowledged: bool = False
    note: str | None = None
    given_by: UUID | None = None
    given_at: datetime = instant()
    recorded_at: datetime = instant()


class DecisionState(StrEnum):
    """A decision that needs an authority is PENDING until that is given or refused, and has no effect before."""

    PENDING = "pending"
    TAKEN = "taken"
    DECLINED = "declined"


class PathwayDecision(TenantRow, table=True):
    """An answer to a question of the definition, with its reasons, and what followed from it."""

    __table_args__ = (
        belongs_to("run_id", "pathway_run"),
        belongs_to("action_id", "pathway_action"),
        belongs_to("decided_by", "person"),
        belongs_to("authority_by", "person"),
        Index(None, "tenant_id", "run_id", "decided_at"),
    )

    run_id: UUID
    action_id: UUID
    code: str = Field(max_length=80)
    options: list[str] = column(JSONB())
    reasons: str
    state: DecisionState = one_of(DecisionState)
    role: str = Field(max_length=80)
    decided_by: UUID
    decided_at: datetime = instant()
    authority_role: str | None = Field(default=None, max_length=80)
    authority_by: UUID | None = None
    authority_at: datetime | None = instant(default=None)
    authority_reasons: str | None = None
    follows: dict[str, Any] = column(JSONB(), default_factory=dict)


class PathwaySignOff(TenantRow, table=True):
    """An approval by name; never changed."""

    __table_args__ = (
        belongs_to("run_id", "pathway_run"),
        belongs_to("signed_by", "person"),
        Index(None, "tenant_id", "run_id", "signed_at"),
    )

    run_id: UUID
    code: str = Field(max_length=80)
    role: str = Field(max_length=80)
    note: str | None = None
    signed_by: UUID
    signed_at: datetime = instant()


class DepartureState(StrEnum):
    """ACKNOWLEDGED waits for the manager's authority: the three parts together make it AUTHORISED."""

    ACKNOWLEDGED = "acknowledged"
    AUTHORISED = "authorised"
    REFUSED = "refused"


class PathwayDeparture(TenantRow, table=True):
    """A departure from a provision: acknowledged, authorised, with reasons (Hertfordshire manual 2006 ¶1.2.2).

    ``provision`` cites the place and ``edition`` the text in force; ``edition_id`` is the compiled definition.
    """

    __table_args__ = (
        belongs_to("run_id", "pathway_run"),
        belongs_to("edition_id", "pathway_edition"),
        belongs_to("acknowledged_by", "person"),
        belongs_to("authority_by", "person"),
        CheckConstraint(
            "state = 'acknowledged' OR (authority_by IS NOT NULL AND authority_at IS NOT NULL)", name="authority"
        ),
        Index(None, "tenant_id", "run_id", "acknowledged_at"),
    )  # fmt: skip

    run_id: UUID
    edition_id: UUID
    provision: str = Field(max_length=400)
    edition: str = Field(max_length=300)
    subject_kind: str = Field(max_length=20)
    subject_code: str = Field(max_length=80)
    force: str | None = Field(None, max_length=20)
    instead: str
    reasons: str
    state: DepartureState = one_of(DepartureState, default=DepartureState.ACKNOWLEDGED)
    acknowledged_by: UUID
    acknowledged_at: datetime = instant()
    authority_role: str | None = Field(default=None, max_length=80)
    authority_by: UUID | None = None
    authority_at: datetime | None = instant(default=None)
    authority_reasons: str | None = None


class PathwayOverlay(TenantRow, table=True):
    """An overlay laid over a run. It is a run of its own (``overlay_run_id``), so that all it adds is kept apart."""

    __table_args__ = (
        CheckConstraint("detached_at IS NULL OR detach_reason IS NOT NULL", name="said_why"),
        CheckConstraint("run_id <> overlay_run_id", name="two"),
        UniqueConstraint("tenant_id", "overlay_run_id"),
        belongs_to("run_id", "pathway_run"),
        belongs_to("overlay_run_id", "pathway_run"),
        belongs_to("attached_by", "person"),
        belongs_to("detached_by", "person"),
        Index("pathway_overlay_once", "tenant_id", "run_id", "pathway", unique=True,
              postgresql_where=sql("detached_at IS NULL")),
    )  # fmt: skip

    run_id: UUID
    overlay_run_id: UUID
    pathway: str = Field(max_length=80)
    reason: str
    attached_by: UUID | None = None
    attached_at: datetime = instant()
    detached_by: UUID | None = None
    detached_at: datetime | None = instant(default=None)
    detach_reason: str | None = None


class PathwayDisagreement(TenantRow, table=True):
    """Somebody disagrees with a decision, and ``run_id`` is the run in which that is settled; never changed.

    ``person_id`` is whose disagreement it is, ``raised_by`` who recorded it. While that run is open a decision that
    it ``suspends`` is not acted on. The outcome is the decision with which the run ends.
    """

    __table_args__ = (
        UniqueConstraint("tenant_id", "run_id"),
        belongs_to("case_id", "case_file"),
        belongs_to("decision_id", "pathway_decision"),
        belongs_to("run_id", "pathway_run"),
        belongs_to("person_id", "person"),
        belongs_to("raised_by", "person"),
        Index(None, "tenant_id", "decision_id"),
        Index(None, "tenant_id", "case_id"),
    )

    case_id: UUID
    decision_id: UUID
    run_id: UUID
    person_id: UUID
    reasons: str
    wanted: str
    suspends: bool = False
    raised_by: UUID
    raised_at: datetime = instant()
