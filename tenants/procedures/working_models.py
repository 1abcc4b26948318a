"""How a draft came about and how it is found: imports, doubts, corrections; the words of approved texts."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Index, Integer, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlmodel import Field

from backend.kit.tables import TenantRow, belongs_to, column, instant, one_of
from tenants.procedures.vocabulary import CorrectionKind, ImportState


class ProcedureImport(TenantRow, table=True):
    """A file that is read into a draft. ``sha256`` is what the sender promised; S3 refuses other bytes.

    ``edition_id`` is the draft that it is read into anew, or the one that it has made. ``report`` counts
    what was found; ``fault`` says why nothing was made of a file that FAILED. ``progress`` is in hundredths.
    """

    __table_args__ = (
        UniqueConstraint("tenant_id", "object_key"),
        belongs_to("edition_id", "procedure_edition"),
        belongs_to("started_by", "person"),
        Index(None, "tenant_id", "edition_id"),
        Index("procedure_import_by_start", "tenant_id", "started_at", "id"),
    )

    manual: str = Field(max_length=80)
    title: str = Field(max_length=300)
    file_name: str = Field(max_length=200)
    content_type: str = Field(max_length=120)
    size: int = column(BigInteger())
    sha256: str = Field(max_length=64)
    object_key: str
    version_id: str | None = None
    state: ImportState = one_of(ImportState, default=ImportState.AWAITING_UPLOAD)
    progress: int = 0
    edition_id: UUID | None = None
    report: dict[str, Any] = column(JSONB(), default_factory=dict)
    fault: str | None = None
    started_by: UUID | None = None
    started_at: datetime = instant()
    finished_at: datetime | None = instant(default=None)


class ProcedureDoubt(TenantRow, table=True):
    """Something in a draft that a person has to look at. A ``blocking`` one that is open keeps it from approval."""

    __table_args__ = (
        belongs_to("edition_id", "procedure_edition"),
        belongs_to("resolved_by", "person"),
        Index(None, "tenant_id", "edition_id"),
    )

    edition_id: UUID
    key: str = Field(max_length=340)
    kind: str = Field(max_length=60)
    blocking: bool = True
    line: int | None = None
    message: str = Field(max_length=1000)
    resolution: str | None = None
    resolved_by: UUID | None = None
    resolved_at: datetime | None = instant(default=None)


class ProcedureCorrection(TenantRow, table=True):
    """What a person changed in a draft, by the key that the same file gives again; never changed.

    Reading the file anew makes these changes again, in the order of their ids. ``before`` is what the file gave:
    where it gives something else by now, the correction no longer fits, and a doubt says so.
    """

    __table_args__ = (
        belongs_to("edition_id", "procedure_edition"),
        belongs_to("made_by", "person"),
        Index(None, "tenant_id", "edition_id"),
    )

    edition_id: UUID
    kind: CorrectionKind = one_of(CorrectionKind)
    key: str = Field(max_length=340)
    before: dict[str, Any] = column(JSONB(), default_factory=dict)
    after: dict[str, Any] = column(JSONB(), default_factory=dict)
    made_by: UUID
    made_at: datetime = instant()


class ProcedureWords(TenantRow, table=True):
    """The words of a provision of an approved text, by which hits are ranked. Its id is the provision's."""

    __table_args__ = (
        belongs_to("edition_id", "procedure_edition"),
        UniqueConstraint("tenant_id", "edition_id", "position"),
    )

    edition_id: UUID
    position: int
    words: Any = column(TSVECTOR())


class ProcedurePosting(TenantRow, table=True):
    """Where in an approved text a word stands: positions of provisions, those with it most often first.

    An index on ``ProcedureWords`` would not be used: its operator may leak, so PostgreSQL asks it only of rows that
    row-level security has let through, one by one. Words are compared by equality, which does not leak.
    """

    __table_args__ = (
        belongs_to("edition_id", "procedure_edition"),
        UniqueConstraint("tenant_id", "lexeme", "edition_id"),
        Index(None, "tenant_id", "edition_id"),
    )

    edition_id: UUID
    lexeme: str
    headed: list[int] = column(ARRAY(Integer()))
    positions: list[int] = column(ARRAY(Integer()))
