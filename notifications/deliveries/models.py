"""A delivery: one message to one address by one channel, with every state it has been in."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from backend.kit.tables import TenantRow, belongs_to, column, instant, one_of
from tenants.contacts.models import Channel


class DeliveryState(StrEnum):
    """Order of life: a receipt moves a delivery forward only.

    ``opened`` is a call in which a key was pressed: a person has heard it, whatever the key.
    """

    PENDING = "pending"
    CLAIMED = "claimed"
    UNKNOWN = "unknown"
    HANDED_OVER = "handed_over"
    DELIVERED = "delivered"
    OPENED = "opened"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Delivery(TenantRow, table=True):
    """``id`` is also the idempotency reference given to the provider.

    ``claimed`` holds a lease: until ``lease_until`` one worker owns it. After that nobody knows
    whether it left, and the provider is asked by the reference before anything is sent again.
    ``wanted`` turns false when the slot is answered: what has not left by then never does.
    ``reference`` and ``raised_at`` are the alert's; ``first_page`` marks the lowest rung.

    ``provider`` is who was given it last, written before it is given, so that whoever comes next asks
    the right one. ``repeated`` says that it was given to a second one while the first might have sent it;
    that is done once at most. ``drill`` is the alert's: no figure counts it.

    A notice to one person belongs to no alert. It has ``person_id``, the ``contact_method_id`` it goes to
    and what it is about, ``subject_id``, of which each wording is told once to each method. It is not wanted
    any more from ``wanted_until`` on, nor once its method is retired or its person has left.
    """

    __table_args__ = (
        belongs_to("alert_id", "alert"),
        belongs_to("slot_id", "alert_slot"),
        belongs_to("page_id", "page"),
        Index(None, "tenant_id", "alert_id"),
        belongs_to("person_id", "person"),
        belongs_to("contact_method_id", "contact_method"),
        Index(None, "tenant_id", "slot_id"),
        Index(
            "delivery_notice", "tenant_id", "subject_id", "template", "contact_method_id", unique=True,
            postgresql_where=text("subject_id IS NOT NULL"),
        ),
    )  # fmt: skip

    alert_id: UUID | None = None
    slot_id: UUID | None = None
    page_id: UUID | None = None
    person_id: UUID | None = None
    contact_method_id: UUID | None = None
    subject_id: UUID | None = None
    channel: Channel = one_of(Channel)
    address: str
    template: str = Field(max_length=60)
    reference: str = Field(max_length=20)
    raised_at: datetime = instant()
    first_page: bool = False
    drill: bool = False
    wanted: bool = True
    wanted_until: datetime | None = instant(default=None)
    state: DeliveryState = one_of(DeliveryState, default=DeliveryState.PENDING)
    attempts: int = 0
    lease_until: datetime | None = instant(default=None)
    provider: str | None = Field(None, max_length=40)
    provider_id: str | None = None
    repeated: bool = False
    created_at: datetime = instant()
    handed_over_at: datetime | None = instant(default=None)
    failure: str | None = None


class DeliveryEvent(TenantRow, table=True):
    """A state a delivery entered, and why."""

    __table_args__ = (
        belongs_to("delivery_id", "delivery"),
        Index(None, "tenant_id", "delivery_id"),
    )

    delivery_id: UUID
    state: DeliveryState = one_of(DeliveryState)
    at: datetime = instant()
    detail: dict[str, Any] = column(JSONB(), default_factory=dict)
