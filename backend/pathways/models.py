"""Editions of a partnership's definitions, the runs pinned to them, and what is recorded in a run."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from backend.kit.tables import TenantRow, belongs_to, column, instant, one_of


class EditionState(StrEnum):
    """How far a text has come. Only an approved one is in force, from its day on."""

    DRAFT = "draft"
    CHECKED = "checked"
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"


class PathwayEdition(TenantRow, table=True):
    """A definition as the partnership runs it, compiled from the national one and its own overlay.

    ``definition`` is the compiled data, ``marks`` the values in it that are local with what they replaced,
    ``overlay`` the overlay as data and ``overlay_text`` as it was written. None of these changes once the row
    is made: a correction is another edition. A withdrawn one stays readable, and its runs go on.
    """

    __table_args__ = (
        UniqueConstraint("tenant_id", "pathway", "number"),
        CheckConstraint(
            "state <> 'approved' OR (approved_at IS NOT NULL AND in_force_from IS NOT NULL)", name="approved"
        ),
        belongs_to("made_by", "person"),
        belongs_to("checked_by", "person"),
        belongs_to("approved_by", "person"),
        belongs_to("withdrawn_by", "person"),
        Index("pathway_edition_in_force", "tenant_id", "pathway", "state", "in_force_from"),
    )  # fmt: skip

    pathway: str = Field(max_length=80)
    kind: str = Field(max_length=40)
    title: str = Field(max_length=300)
    number: int
    state: EditionState = one_of(EditionState, default=EditionState.DRAFT)
    family: str = Field(max_length=80)
    baseline_edition: str = Field(max_length=300)
    baseline_revision: int
    local_edition: str | None = Field(None, max_length=300)
    definition: dict[str, Any] = column(JSONB())
    marks: list[Any] = column(JSONB(), default_factory=list)
    overlay: dict[str, Any] | None = column(JSONB(none_as_null=True), default=None)
    overlay_text: str | None = None
    digest: str = Field(max_length=64)
    made_by: UUID | None = None
    made_at: datetime = instant()
    checked_by: UUID | None = None
    checked_at: datetime | None = instant(default=None)
    approved_by: UUID | None = None
    approved_role: str | None = Field(None, max_length=80)
    approved_at: datetime | None = instant(default=None)
    authority: str | None = Field(None, max_length=300)
    in_force_from: date | None = None
    withdrawn_by: UUID | None = None
    withdrawn_at: datetime | None = instant(default=None)
    withdrawal_reason: str | None = None


class RunState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


class PathwayRun(TenantRow, table=True):
    """A case on its way through one pathway, pinned to the edition in ``edition_id`` until somebody migrates it.

    ``version`` counts the actions; ``pending_id`` is the one action that waits for its authority. ``stage`` is
    None for a definition without stages. ``entry`` holds the criteria that were found, with the reason. What opened
    it is the run ``opened_from_run_id`` and, of that, the decision ``opened_from_decision_id``.
    """

    __table_args__ = (
        belongs_to("case_id", "case_file"),
        belongs_to("edition_id", "pathway_edition"),
        belongs_to("opened_from_run_id", "pathway_run"),
        belongs_to("opened_by", "person"),
        belongs_to("closed_by", "person"),
        Index(None, "tenant_id", "case_id"),
        Index(None, "tenant_id", "edition_id"),
        Index("pathway_run_by_opening", "tenant_id", "opened_at", "id"),
        Index("pathway_run_of_pathway", "tenant_id", "pathway", "opened_at"),
    )

    case_id: UUID
    edition_id: UUID
    pathway: str = Field(max_length=80)
    kind: str = Field(max_length=40)
    state: RunState = one_of(RunState, default=RunState.OPEN)
    stage: str | None = Field(default=None, max_length=80)
    variant: str | None = Field(default=None, max_length=80)
    version: int = 0
    pending_id: UUID | None = None
    entry: dict[str, Any] = column(JSONB(), default_factory=dict)
    opened_from_run_id: UUID | None = None
    opened_from_decision_id: UUID | None = None
    opened_at: datetime = instant()
    opened_by: UUID | None = None
    closed_at: datetime | None = instant(default=None)
    closed_by: UUID | None = None


class ActionKind(StrEnum):
    """What moved a run on."""

    STARTED = "started"
    MOVED = "moved"
    DECIDED = "decided"
    AUTHORISED = "authorised"
    DECLINED = "declined"
    FORM_COMPLETED = "form_completed"
    NOTIFIED = "notified"
    MEETING_HELD = "meeting_held"
    SIGNED_OFF = "signed_off"
    DUTY_SETTLED = "duty_settled"
    GATE_OPENED = "gate_opened"
    OVERLAY_ATTACHED = "overlay_attached"
    OVERLAY_DETACHED = "overlay_detached"
    MIGRATED = "migrated"
    CLOSED = "closed"
    WENT_UP = "went_up"
    DECISION_REOPENED = "decision_reopened"


class PathwayAction(TenantRow, table=True):
    """One step of a run; never changed. All of them in the order of ``version`` give the run as it stands.

    ``transaction_id`` is the client's own name for the step: the same one takes effect once.
    """

    __table_args__ = (
        UniqueConstraint("tenant_id", "run_id", "version"),
        UniqueConstraint("tenant_id", "run_id", "transaction_id"),
        belongs_to("run_id", "pathway_run"),
        belongs_to("answers_id", "pathway_action"),
        belongs_to("acted_by", "person"),
    )

    run_id: UUID
    version: int
    transaction_id: str = Field(max_length=200)
    kind: ActionKind = one_of(ActionKind)
    role: str | None = Field(None, max_length=80)
    detail: dict[str, Any] = column(JSONB(), default_factory=dict)
    reason: str | None = None
    answers_id: UUID | None = None
    acted_by: UUID | None = None
    acted_at: datetime = instant()


class Source(StrEnum):
    """What recorded an event."""

    HAND = "hand"
    STAGE = "stage"
    DECISION = "decision"
    FORM = "form"
    NOTIFICATION = "notification"
    SIGN_OFF = "sign_off"
    MEETING = "meeting"
    ELSEWHERE = "elsewhere"


class PathwayEvent(TenantRow, table=True):
    """An event of a run at an instant, or on a date known only roughly; never changed.

    A correction is a row that names the one it corrects in ``corrects_id`` and stands for it from then on; with
    ``withdrawn`` it says that the event did not happen. An instant to come is an anticipated event.
    """

    __table_args__ = (
        CheckConstraint("withdrawn OR num_nonnulls(occurred_at, occurred_on) = 1", name="one_moment"),
        UniqueConstraint("tenant_id", "corrects_id"),
        belongs_to("run_id", "pathway_run"),
        belongs_to("corrects_id", "pathway_event"),
        belongs_to("recorded_by", "person"),
        Index(None, "tenant_id", "run_id", "recorded_at"),
    )

    run_id: UUID
    code: str = Field(max_length=80)
    occurred_at: datetime | None = instant(default=None)
    occurred_on: str | None = Field(None, max_length=40)
    anticipated: bool = False
    withdrawn: bool = False
    source: Source = one_of(Source)
    source_id: UUID | None = None
    corrects_id: UUID | None = None
    reason: str | None = None
    recorded_by: UUID | None = None
    recorded_at: datetime = instant()


class PathwayForm(TenantRow, table=True):
    """A form as it was completed; never changed. A later one of the same code adds to it or takes its place."""

    __table_args__ = (
        belongs_to("run_id", "pathway_run"),
        belongs_to("completed_by", "person"),
        Index(None, "tenant_id", "run_id", "completed_at"),
    )

    run_id: UUID
    code: str = Field(max_length=80)
    role: str | None = Field(None, max_length=80)
    answers: dict[str, Any] = column(JSONB())
    completed_by: UUID | None = None
    completed_at: datetime = instant()


class PathwayFact(TenantRow, table=True):
    """One item of information as it was recorded; never changed. The latest of a code is what holds."""

    __table_args__ = (
        belongs_to("run_id", "pathway_run"),
        belongs_to("form_id", "pathway_form"),
        belongs_to("recorded_by", "person"),
        Index(None, "tenant_id", "run_id", "code", "recorded_at"),
    )

    run_id: UUID
    code: str = Field(max_length=80)
    value: Any = column(JSONB())
    form_id: UUID | None = None
    recorded_by: UUID | None = None
    recorded_at: datetime = instant()
