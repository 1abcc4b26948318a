"""A document's metadata; its bytes lie in the partnership's own bucket."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlmodel import Field

from backend.kit.tables import TenantRow, belongs_to, column, instant, one_of


class DocumentState(StrEnum):
    AWAITING_UPLOAD = "awaiting_upload"
    AVAILABLE = "available"


class Document(TenantRow, table=True):
    """``sha256`` is what the uploader promised; S3 refuses other bytes, and completion checks again."""

    __table_args__ = (
        UniqueConstraint("tenant_id", "object_key"),
        belongs_to("case_id", "case_file"),
        belongs_to("uploaded_by", "person"),
        Index(None, "tenant_id", "case_id"),
        Index(None, "tenant_id", "uploaded_by"),
    )

    case_id: UUID
    title: str
    content_type: str = Field(max_length=120)
    size: int = column(BigInteger())
    sha256: str = Field(max_length=64)
    object_key: str
    version_id: str | None = None
    state: DocumentState = one_of(DocumentState, default=DocumentState.AWAITING_UPLOAD)
    uploaded_by: UUID
    started_at: datetime = instant()
    completed_at: datetime | None = instant(default=None)


class DocumentWithholding(TenantRow, table=True):
    """A document that one person may not have, though they may see its case; never changed."""

    __table_args__ = (
        UniqueConstraint("tenant_id", "document_id", "person_id"),
        belongs_to("document_id", "document"),
        belongs_to("person_id", "person"),
        belongs_to("withheld_by", "person"),
        Index(None, "tenant_id", "person_id"),
    )

    document_id: UUID
    person_id: UUID
    withheld_by: UUID
    withheld_at: datetime = instant()


class DocumentReader(TenantRow, table=True):
    """Somebody who may have a document that is not for everybody on its case; never changed.

    A document without any is for everybody who may see its case.
    """

    __table_args__ = (
        UniqueConstraint("tenant_id", "document_id", "person_id"),
        belongs_to("document_id", "document"),
        belongs_to("person_id", "person"),
        Index(None, "tenant_id", "person_id"),
    )

    document_id: UUID
    person_id: UUID
