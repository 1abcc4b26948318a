"""What was done with a message short of answering; the answers themselves are the alert's."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index

from backend.kit.tables import TenantRow, belongs_to, instant, one_of


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
