"""Letters as they were issued, and what a partnership words for itself in them."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from backend.kit.tables import TenantRow, belongs_to, column, instant, one_of


class Audience(StrEnum):
    """For whom a copy is. CASE: everybody on the case, so it holds nothing that is kept from anybody.

    RECIPIENT: the recipient and who issued it, so it holds what both may see.
    """

    CASE = "case"
    RECIPIENT = "recipient"


class IssuedLetter(TenantRow, table=True):
    """A document of a case that was made from a template; never changed. Its checksum is the document's.

    ``wording`` is the SHA-256 of the template with the partnership's own words. ``number`` counts what was issued by
    one template to one recipient about one thing. ``left_out`` are fields that hold something which is not in the copy.
    """

    __table_args__ = (
        CheckConstraint("audience = 'case' OR num_nonnulls(recipient_id, recipient_name) = 1", name="recipient"),
        UniqueConstraint("tenant_id", "document_id"),
        belongs_to("document_id", "document"),
        belongs_to("case_id", "case_file"),
        belongs_to("run_id", "pathway_run"),
        belongs_to("meeting_id", "meeting"),
        belongs_to("invitation_id", "meeting_invitation"),
        belongs_to("recipient_id", "person"),
        belongs_to("issued_by", "person"),
        Index(None, "tenant_id", "case_id"),
        Index(None, "tenant_id", "meeting_id"),
    )

    document_id: UUID
    case_id: UUID
    run_id: UUID | None = None
    meeting_id: UUID | None = None
    invitation_id: UUID | None = None
    template: str = Field(max_length=80)
    wording: str = Field(max_length=64)
    number: int
    audience: Audience = one_of(Audience)
    recipient_id: UUID | None = None
    recipient_name: str | None = Field(default=None, max_length=200)
    left_out: list[Any] = column(JSONB(), default_factory=list)
    issued_by: UUID
    issued_at: datetime = instant()


class LetterWording(TenantRow, table=True):
    """A paragraph of a template as the partnership words it; never changed. The latest of a paragraph is what holds.

    ``template`` is ``any`` for what stands in every letter. An empty text goes back to the national wording.
    """

    __table_args__ = (
        belongs_to("set_by", "person"),
        Index(None, "tenant_id", "template", "paragraph"),
    )

    template: str = Field(max_length=80)
    paragraph: str = Field(max_length=80)
    text: str
    set_by: UUID
    set_at: datetime = instant()
