"""Endpoints, what happened, and every attempt to tell an endpoint of it."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from backend.kit.tables import TenantRow, belongs_to, column, instant, one_of


class EndpointState(StrEnum):
    """``failing`` is a pause that Safeguard made itself."""

    ACTIVE = "active"
    PAUSED = "paused"
    FAILING = "failing"
    RETIRED = "retired"


class MessageState(StrEnum):
    """``held`` waits for its endpoint to be resumed."""

    PENDING = "pending"
    HELD = "held"
    DELIVERED = "delivered"
    FAILED = "failed"


class WebhookEndpoint(TenantRow, table=True):
    """Where a partnership, or an application that it let in, is told of events of ``types``.

    With ``area_ids`` it is told of what happens in those areas, and of what is of no area or of an unknown one.
    Secrets are not stored but derived from ``secret_generation``; ``failing_since`` is when the first of the
    attempts failed that have all failed since.
    """

    __table_args__ = (
        belongs_to("created_by", "person"),
        CheckConstraint("(state = 'retired') = (retired_at IS NOT NULL)", name="retired"),
        Index(None, "tenant_id", "state"),
    )

    application_id: UUID | None = None
    name: str = Field(max_length=200)
    url: str = Field(max_length=1000)
    types: list[str] = column(JSONB(), default_factory=list)
    area_ids: list[str] = column(JSONB(), default_factory=list, sa_column_kwargs={"server_default": text("'[]'")})
    state: EndpointState = one_of(EndpointState, default=EndpointState.ACTIVE)
    secret_generation: int = 1
    oldest_secret: int | None = None
    previous_secret_until: datetime | None = instant(default=None)
    failing_since: datetime | None = instant(default=None)
    created_by: UUID
    created_at: datetime = instant()
    retired_at: datetime | None = instant(default=None)


class WebhookEvent(TenantRow, table=True):
    """Something that happened, never changed: its type, and of what it is told by id."""

    __table_args__ = (Index(None, "tenant_id", "at", "id"),)

    type: str = Field(max_length=60)
    subject_id: UUID
    at: datetime = instant()


class WebhookMessage(TenantRow, table=True):
    """One event on its way to one endpoint. The event's id is what the receiver knows it by, at every attempt.

    ``lease_until`` is until when one worker has it, or when it is tried next. ``replayed`` was asked for again.
    """

    __table_args__ = (
        belongs_to("endpoint_id", "webhook_endpoint"),
        belongs_to("event_id", "webhook_event"),
        Index(None, "tenant_id", "endpoint_id", "state"),
        Index(None, "tenant_id", "event_id"),
        Index(None, "tenant_id", "created_at"),
    )

    endpoint_id: UUID
    event_id: UUID
    state: MessageState = one_of(MessageState, default=MessageState.PENDING)
    attempts: int = 0
    replayed: bool = False
    created_at: datetime = instant()
    lease_until: datetime = instant()


class WebhookAttempt(TenantRow, table=True):
    """One attempt and what came of it, never changed. ``status`` is None where there was no answer."""

    __table_args__ = (
        belongs_to("endpoint_id", "webhook_endpoint"),
        belongs_to("message_id", "webhook_message"),
        Index(None, "tenant_id", "endpoint_id", "at"),
        Index(None, "tenant_id", "message_id"),
    )

    endpoint_id: UUID
    message_id: UUID
    at: datetime = instant()
    number: int
    status: int | None = None
    milliseconds: int
    outcome: str = Field(max_length=60)
    delivered: bool
