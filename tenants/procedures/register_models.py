"""Registers beside a manual: who holds to it and how, agencies' own documents, protocols, clauses of contracts."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from backend.kit.tables import TenantRow, belongs_to, column, instant, one_of
from tenants.procedures.vocabulary import AdoptionClass


class ProcedureAdoption(TenantRow, table=True):
    """How an agency, here or outside, holds to an edition; never changed, the newest of an agency holds.

    ``clause_obtained`` belongs to CONTRACT: a clause that was sought and refused is no breach (¶1.2.3), so a refusal
    has its ``reason``.
    """

    __table_args__ = (
        CheckConstraint("num_nonnulls(agency_id, body) = 1", name="one_body"),
        CheckConstraint("adoption = 'contract' OR clause_obtained IS NULL", name="clause"),
        CheckConstraint("clause_obtained IS NOT FALSE OR reason IS NOT NULL", name="refused"),
        belongs_to("edition_id", "procedure_edition"),
        belongs_to("agency_id", "agency"),
        belongs_to("recorded_by", "person"),
        Index(None, "tenant_id", "edition_id"),
        Index(None, "tenant_id", "agency_id"),
    )

    edition_id: UUID
    agency_id: UUID | None = None
    body: str | None = Field(default=None, max_length=200)
    adoption: AdoptionClass = one_of(AdoptionClass)
    adopted_on: date
    scope: str | None = Field(default=None, max_length=500)
    clause_sought_on: date | None = None
    clause_obtained: bool | None = None
    reason: str | None = None
    recorded_by: UUID
    recorded_at: datetime = instant()


class SupplementKind(StrEnum):
    POLICY = "policy"
    PROCEDURE = "procedure"


class SupplementBasis(StrEnum):
    """Why an agency may have its own text beside the manual (¶1.3.3)."""

    HIGHER_STANDARD = "higher_standard"
    AGENCY_CONTRIBUTION = "agency_contribution"


class ProcedureSupplement(TenantRow, table=True):
    """An agency's own document over provisions of a manual. A procedure cites at least one of them (¶1.3.7)."""

    __table_args__ = (
        CheckConstraint("kind = 'policy' OR jsonb_array_length(addresses) > 0", name="cites"),
        belongs_to("agency_id", "agency"),
        belongs_to("recorded_by", "person"),
        Index(None, "tenant_id", "agency_id"),
        Index("procedure_supplement_by_recording", "tenant_id", "recorded_at", "id"),
    )

    manual: str = Field(max_length=80)
    agency_id: UUID
    title: str = Field(max_length=300)
    kind: SupplementKind = one_of(SupplementKind)
    basis: SupplementBasis = one_of(SupplementBasis)
    addresses: list[str] = column(JSONB())
    recorded_by: UUID
    recorded_at: datetime = instant()


class SupplementFinding(StrEnum):
    """LAXER is refused: the manual holds. STRICTER wins over the manual (¶1.3.3)."""

    CONSISTENT = "consistent"
    STRICTER = "stricter"
    LAXER = "laxer"


class SupplementCheck(TenantRow, table=True):
    """A document held against one text of the manual; never changed. Each new text asks for another."""

    __table_args__ = (
        UniqueConstraint("tenant_id", "supplement_id", "edition_id"),
        belongs_to("supplement_id", "procedure_supplement"),
        belongs_to("edition_id", "procedure_edition"),
        belongs_to("checked_by", "person"),
        Index(None, "tenant_id", "edition_id"),
    )

    supplement_id: UUID
    edition_id: UUID
    finding: SupplementFinding = one_of(SupplementFinding)
    note: str | None = None
    checked_by: UUID
    checked_at: datetime = instant()


class ProtocolState(StrEnum):
    """INCORPORATED into provisions of the manual, STANDING alone and referred to, or LAPSED (¶1.3.10 and 1.3.11)."""

    STANDING = "standing"
    INCORPORATED = "incorporated"
    LAPSED = "lapsed"


class ProcedureProtocol(TenantRow, table=True):
    """A formal agreement of two or more bodies to a common response."""

    __table_args__ = (
        CheckConstraint("jsonb_array_length(parties) >= 2", name="parties"),
        CheckConstraint("state <> 'incorporated' OR jsonb_array_length(addresses) > 0", name="incorporated"),
        belongs_to("recorded_by", "person"),
        Index("procedure_protocol_by_recording", "tenant_id", "recorded_at", "id"),
    )

    manual: str = Field(max_length=80)
    title: str = Field(max_length=300)
    subject: str
    parties: list[str] = column(JSONB())
    signed_on: date
    state: ProtocolState = one_of(ProtocolState, default=ProtocolState.STANDING)
    addresses: list[str] = column(JSONB(), default_factory=list)
    recorded_by: UUID
    recorded_at: datetime = instant()
