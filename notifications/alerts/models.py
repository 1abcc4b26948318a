"""Alerts, their slots, and who was paged for each."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from backend.kit.tables import TenantRow, belongs_to, column, instant, one_of


class AlertState(StrEnum):
    OPEN = "open"
    MET = "met"
    CLOSED = "closed"


class SlotState(StrEnum):
    PAGING = "paging"
    ACKNOWLEDGED = "acknowledged"
    EXHAUSTED = "exhausted"
    CANCELLED = "cancelled"


class Answer(StrEnum):
    """What came of a page. ``lapsed`` is an acknowledgement that attendance never followed."""

    ACKNOWLEDGED = "acknowledged"
    DECLINED = "declined"
    EXPIRED = "expired"
    UNREACHABLE = "unreachable"
    LAPSED = "lapsed"


class Ending(StrEnum):
    """Why an alert was closed: raised in error, or no longer needed."""

    CANCELLED = "cancelled"
    STOOD_DOWN = "stood_down"


class Purpose(StrEnum):
    """What a page is for: to call by the ladder, to offer a slot that somebody holds, to tell of the end."""

    CALL = "call"
    OFFER = "offer"
    NOTICE = "notice"


class Alert(TenantRow, table=True):
    """A call for people. ``subject_id`` is opaque here: it names what the alert is about elsewhere.

    ``area_ids`` choose among desks and rotas at every rung, and ``never_ids`` are people whom no rung calls,
    because it is about them. A ``drill`` runs through the same engine;
    its words say that it is one, and no figure of real alerts counts it.
    """

    __table_args__ = (
        UniqueConstraint("tenant_id", "reference"),
        Index(None, "tenant_id", "subject_id"),
        Index("alert_by_acceptance", "tenant_id", "accepted_at", "id"),
        belongs_to("raised_by", "person"),
        belongs_to("closed_by", "person"),
    )

    type: str = Field(max_length=60)
    reference: str = Field(max_length=20)
    subject_kind: str = Field(max_length=60)
    subject_id: UUID
    policy_version: int
    state: AlertState = one_of(AlertState, default=AlertState.OPEN)
    accepted_at: datetime = instant()
    met_at: datetime | None = instant(default=None)
    area_ids: list[str] = column(JSONB(), default_factory=list)
    never_ids: list[str] = column(JSONB(), default_factory=list)
    drill: bool = False
    raised_by: UUID | None = None
    closed_at: datetime | None = instant(default=None)
    closed_by: UUID | None = None
    closed_as: Ending | None = one_of(Ending, default=None)
    closing_reason: str | None = None


class AlertSlot(TenantRow, table=True):
    """One role that must answer. ``ladder`` is frozen from the policy; later edits do not reach it.

    ``step`` counts rungs over the alert's whole life; the ladder is climbed anew from ``climb_from``.
    ``answered_for_by`` is the duty manager who answered for ``acknowledged_by``, with the reason.
    """

    __table_args__ = (
        UniqueConstraint("tenant_id", "alert_id", "role"),
        belongs_to("alert_id", "alert"),
        belongs_to("acknowledged_by", "person"),
        belongs_to("answered_for_by", "person"),
        Index(
            "alert_slot_answered_for", "tenant_id", "acknowledged_by",
            postgresql_where=text("answered_for_by IS NOT NULL"),
        ),
    )  # fmt: skip

    alert_id: UUID
    role: str = Field(max_length=60)
    required: bool = True
    ladder: dict[str, Any] = column(JSONB())
    step: int = 0
    state: SlotState = one_of(SlotState, default=SlotState.PAGING)
    acknowledged_by: UUID | None = None
    acknowledged_at: datetime | None = instant(default=None)
    climb_from: int = 0
    confirm_by: datetime | None = instant(default=None)
    confirmed_at: datetime | None = instant(default=None)
    answered_for_by: UUID | None = None
    override_reason: str | None = None


class Page(TenantRow, table=True):
    """One try of one step: a person or a directory entry, and what came of it."""

    __table_args__ = (
        belongs_to("slot_id", "alert_slot"),
        belongs_to("person_id", "person"),
        belongs_to("entry_id", "directory_entry"),
        Index(None, "tenant_id", "slot_id"),
        Index(None, "tenant_id", "person_id"),
    )

    slot_id: UUID
    step: int
    purpose: Purpose = one_of(Purpose, default=Purpose.CALL)
    person_id: UUID | None = None
    entry_id: UUID | None = None
    found_by: str = Field(max_length=80)
    paged_at: datetime = instant()
    expires_at: datetime | None = instant(default=None)
    opened_at: datetime | None = instant(default=None)
    answer: Answer | None = one_of(Answer, default=None)
    answered_at: datetime | None = instant(default=None)
    reason: str | None = None


class OfferState(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class SlotOffer(TenantRow, table=True):
    """A slot offered by who holds it to somebody else. The giver holds it until it is accepted."""

    __table_args__ = (
        Index("slot_offer_open", "tenant_id", "slot_id", unique=True, postgresql_where=text("state = 'open'")),
        belongs_to("slot_id", "alert_slot"),
        belongs_to("giver_id", "person"),
        belongs_to("receiver_id", "person"),
        Index(None, "tenant_id", "slot_id"),
    )

    slot_id: UUID
    giver_id: UUID
    receiver_id: UUID
    state: OfferState = one_of(OfferState, default=OfferState.OPEN)
    offered_at: datetime = instant()
    expires_at: datetime = instant()
    answered_at: datetime | None = instant(default=None)


class Given(StrEnum):
    ACCEPTED = "accepted"
    DECLINED = "declined"


class Via(StrEnum):
    """How an answer came: in the app, by a message, by a key pressed in a call, or from a duty manager."""

    SIGNED_IN = "signed_in"
    LINK = "link"
    SMS = "sms"
    VOICE = "voice"
    OVERRIDE = "override"


class Factor(StrEnum):
    """What the answerer has shown to have, beside knowing what the message said."""

    SIGN_IN = "sign_in"
    NUMBER = "verified_number"
    MAILBOX = "verified_mailbox"


class SlotAnswer(TenantRow, table=True):
    """One answer to a slot as it was given. Never altered: what has become of the slot since is in the slot.

    ``person_id`` comes or does not; ``given_by`` is the duty manager who said so for them, with the
    ``reason``. ``page_id`` is the call that was answered, if they were called, ``offer_id`` the offer to
    take the slot over. A message's link and code, of ``delivery_id``, are used up by this row;
    ``received_id`` is the provider's id of the text or the call. ``device_at`` is when the phone says that it was
    given, which may be long before it could be sent; ``at`` is when it took effect here.
    """

    __table_args__ = (
        belongs_to("slot_id", "alert_slot"),
        belongs_to("page_id", "page"),
        belongs_to("offer_id", "slot_offer"),
        belongs_to("person_id", "person"),
        belongs_to("given_by", "person"),
        belongs_to("delivery_id", "delivery"),
        Index(None, "tenant_id", "slot_id"),
        Index(None, "tenant_id", "person_id"),
        Index("slot_answer_by_message", "tenant_id", "page_id", unique=True,
              postgresql_where=text("via IN ('link', 'sms')")),
    )  # fmt: skip

    slot_id: UUID
    page_id: UUID | None = None
    offer_id: UUID | None = None
    person_id: UUID
    given: Given = one_of(Given)
    via: Via = one_of(Via)
    factor: Factor = one_of(Factor)
    given_by: UUID | None = None
    reason: str | None = None
    delivery_id: UUID | None = None
    received_id: str | None = Field(None, max_length=80)
    at: datetime = instant()
    device_at: datetime | None = instant(default=None)


class AlarmKind(StrEnum):
    NO_POLICY = "no_policy"
    NOBODY_FOUND = "nobody_found"
    LADDER_EXHAUSTED = "ladder_exhausted"
    POLICY_FAULT = "policy_fault"
    NO_PATHWAY = "no_pathway"


class ConfigurationAlarm(TenantRow, table=True):
    """A rota, step or slot that reaches nobody: an emergency of set-up, to be mended at once.

    ``role`` names it. A ``policy_fault`` was seen before any alert came upon it, and names the type of alert;
    ``no_pathway`` names a pathway of which no edition could be run, so that its clocks wait.
    """

    __table_args__ = (
        Index(None, "tenant_id", "subject_id"),
        Index("configuration_alarm_by_time", "tenant_id", "raised_at", "id"),
    )

    kind: AlarmKind = one_of(AlarmKind)
    subject_id: UUID
    role: str = Field(max_length=60)
    raised_at: datetime = instant()
