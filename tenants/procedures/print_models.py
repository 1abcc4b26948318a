"""Manuals and handbooks that were printed whole."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from backend.kit.tables import TenantRow, belongs_to, instant, one_of


class Work(StrEnum):
    """What of an edition is printed: all of it, or what practitioners carry."""

    MANUAL = "manual"
    HANDBOOK = "handbook"


class Medium(StrEnum):
    PDF = "pdf"
    HTML = "html"


class PrintState(StrEnum):
    """CHANGED: the text is no longer what was asked for; it is asked for again."""

    WAITING = "waiting"
    MAKING = "making"
    DONE = "done"
    CHANGED = "changed"


class ProcedurePrint(TenantRow, table=True):
    """An edition printed whole, in the partnership's bucket under ``object_key``.

    ``content`` is the SHA-256 of all that it says, of how it stands and of how it is set, so that no text is printed
    twice, and a text that was corrected is printed anew. ``sha256`` is that of the file. ``progress`` is in hundredths.
    """

    __table_args__ = (
        UniqueConstraint("tenant_id", "edition_id", "work", "medium", "content"),
        CheckConstraint("state <> 'done' OR (version_id IS NOT NULL AND sha256 IS NOT NULL)", name="stored"),
        belongs_to("edition_id", "procedure_edition"),
        belongs_to("asked_by", "person"),
        Index(None, "tenant_id", "asked_by"),
    )

    edition_id: UUID
    work: Work = one_of(Work)
    medium: Medium = one_of(Medium)
    content: str = Field(max_length=64)
    state: PrintState = one_of(PrintState, default=PrintState.WAITING)
    progress: int = 0
    object_key: str
    version_id: str | None = None
    size: int | None = None
    sha256: str | None = Field(default=None, max_length=64)
    asked_by: UUID | None = None
    asked_at: datetime = instant()
    finished_at: datetime | None = instant(default=None)
