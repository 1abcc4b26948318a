"""A code sent to a contact method, and what became of it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index

from backend.kit.tables import TenantRow, belongs_to, instant


class ContactVerification(TenantRow, table=True):
    """One request for a code. The notice about it has the message; the code itself is kept nowhere."""

    __table_args__ = (
        belongs_to("person_id", "person"),
        belongs_to("contact_method_id", "contact_method"),
        Index(None, "tenant_id", "contact_method_id"),
        Index(None, "tenant_id", "person_id", "created_at"),
    )

    person_id: UUID
    contact_method_id: UUID
    created_at: datetime = instant()
    wrong_guesses: int = 0
    confirmed_at: datetime | None = instant(default=None)
