"""A notice: one message to one contact method of a person."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from backend.kit.tables import TenantRow, belongs_to, instant, one_of
from tenants.contacts.models import Channel


class NoticeState(StrEnum):
    PENDING = "pending"
    CLAIMED = "claimed"
    UNKNOWN = "unknown"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    EXPIRED = "expired"


OUTSTANDING = (NoticeState.PENDING, NoticeState.CLAIMED, NoticeState.UNKNOWN)


class Notice(TenantRow, table=True):
    """``id`` is also the idempotency reference given to the provider.

    What it is about (``subject_id``) is told by each template once to each method, however often
    it is asked for. ``claimed`` holds a lease, as a delivery does: when it runs out nobody knows
    whether the message left, and the provider is asked first. What has not left by
    ``wanted_until`` never does. ``provider`` is who was last given it; a device's never changes.
    """

    __table_args__ = (
        UniqueConstraint("tenant_id", "subject_id", "template", "contact_method_id"),
        belongs_to("person_id", "person"),
        belongs_to("contact_method_id", "contact_method"),
    )

    person_id: UUID
    contact_method_id: UUID
    subject_id: UUID
    template: str = Field(max_length=60)
    channel: Channel = one_of(Channel)
    address: str
    reference: str = Field(max_length=20)
    state: NoticeState = one_of(NoticeState, default=NoticeState.PENDING)
    attempts: int = 0
    lease_until: datetime | None = instant(default=None)
    wanted_until: datetime = instant()
    provider: str | None = Field(default=None, max_length=40)
    provider_id: str | None = None
    created_at: datetime = instant()
    sent_at: datetime | None = instant(default=None)
    failure: str | None = None
