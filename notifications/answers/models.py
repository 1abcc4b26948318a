"""Records of answers given without the app, and of what was tried."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from backend.kit.tables import TenantRow, belongs_to, instant, one_of


class Via(StrEnum):
    """How an answer came. What came through the app has no row here."""

    LINK = "link"
    SMS = "sms"


class Given(StrEnum):
    ACCEPTED = "accepted"
    DECLINED = "declined"


class Factor(StrEnum):
    """What the answerer has shown to have, beside knowing what the message said."""

    NUMBER = "verified_number"
    MAILBOX = "verified_mailbox"


class MessageAnswer(TenantRow, table=True):
    """The one answer that a page took by message. Its link and its code are used up by this row.

    ``via`` says how, ``factor`` what it rests on. ``received_id`` is the provider's id of a text.
    """

    __table_args__ = (
        UniqueConstraint("tenant_id", "page_id"),
        belongs_to("page_id", "page"),
        belongs_to("delivery_id", "delivery"),
        belongs_to("person_id", "person"),
        Index(None, "tenant_id", "delivery_id"),
        Index(None, "tenant_id", "person_id"),
    )

    page_id: UUID
    delivery_id: UUID
    person_id: UUID
    via: Via = one_of(Via)
    given: Given = one_of(Given)
    factor: Factor = one_of(Factor)
    received_id: str | None = Field(None, max_length=80)
    at: datetime = instant()


class Contact(StrEnum):
    """What somebody, or something, did with a message short of answering."""

    LINK_FETCHED = "link_fetched"
    LINK_USED = "link_used"
    WRONG_CODE = "wrong_code"


class AnswerContact(TenantRow, table=True):
    """One contact. A fetched link proves no person: phones and mail scanners fetch links too."""

    __table_args__ = (
        belongs_to("delivery_id", "delivery"),
        Index(None, "tenant_id", "delivery_id"),
    )

    delivery_id: UUID
    contact: Contact = one_of(Contact)
    at: datetime = instant()
