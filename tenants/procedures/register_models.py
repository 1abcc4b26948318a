"""Who holds to a manual and how, and what is kept beside it: agencies' documents, protocols, contracts' clauses."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
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


class RegisterKind(StrEnum):
    """What is kept beside a manual (Hertfordshire manual 2006 ¶1.2.3, ¶1.3.3 to 1.3.11)."""

    SUPPLEMENTARY_DOCUMENT = "supplementary_document"
    PROTOCOL = "protocol"
    CONTRACT_CLAUSE = "contract_clause"


class RegisterBasis(StrEnum):
    """Why an agency has a document of its own: a higher standard, or what only that agency contributes (¶1.3.3)."""

    HIGHER_STANDARD = "higher_standard"
    AGENCY_CONTRIBUTION = "agency_contribution"


class CheckOutcome(StrEnum):
    """What a check found. STRICTER text holds beside the manual; LAXER text is flagged until it is mended.

    A protocol or a clause is REVIEWED, or LAPSED when it no longer holds.
    """

    CONSISTENT = "consistent"
    STRICTER = "stricter"
    LAXER = "laxer"
    REVIEWED = "reviewed"
    LAPSED = "lapsed"


class ProcedureRegisterEntry(TenantRow, table=True):
    """An agency's document, a protocol between agencies or a contract's clause, kept beside the manual ``manual``.

    What each ``kind`` needs is data, in ``registers.RULES``. ``provisions`` are addresses of the manual: those that
    it supplements, or in which it has been taken up. ``owner_id`` is reminded before ``review_on``. A retired one
    stays readable.
    """

    __table_args__ = (
        CheckConstraint("num_nonnulls(agency_id, body) <= 1", name="one_body"),
        CheckConstraint("clause_obtained IS NOT FALSE OR reason IS NOT NULL", name="refused"),
        CheckConstraint("(retired_at IS NULL) = (retired_reason IS NULL)", name="retired"),
        belongs_to("agency_id", "agency"),
        belongs_to("owner_id", "person"),
        belongs_to("made_by", "person"),
        Index(None, "tenant_id", "agency_id"),
        Index(None, "tenant_id", "owner_id"),
        Index(None, "tenant_id", "manual"),
        Index("procedure_register_entry_by_making", "tenant_id", "made_at", "id"),
    )

    kind: RegisterKind = one_of(RegisterKind)
    manual: str = Field(max_length=80)
    title: str = Field(max_length=300)
    agency_id: UUID | None = None
    body: str | None = Field(default=None, max_length=200)
    parties: list[str] = column(JSONB(), default_factory=list)
    subject: str | None = Field(default=None, max_length=1_000)
    basis: RegisterBasis | None = one_of(RegisterBasis, default=None)
    provisions: list[str] = column(JSONB(), default_factory=list)
    adoption: AdoptionClass | None = one_of(AdoptionClass, default=None)
    clause_sought_on: date | None = None
    clause_obtained: bool | None = None
    reason: str | None = None
    kept_at: str | None = Field(default=None, max_length=300)
    agreed_on: date | None = None
    review_on: date
    owner_id: UUID
    made_by: UUID
    made_at: datetime = instant()
    retired_at: datetime | None = instant(default=None)
    retired_reason: str | None = None


class ProcedureRegisterCheck(TenantRow, table=True):
    """Somebody held an entry against the manual's text ``edition_id``, or reviewed it; never changed."""

    __table_args__ = (
        belongs_to("entry_id", "procedure_register_entry"),
        belongs_to("edition_id", "procedure_edition"),
        belongs_to("checked_by", "person"),
        CheckConstraint("outcome NOT IN ('consistent', 'stricter', 'laxer') OR edition_id IS NOT NULL", name="against"),
        Index(None, "tenant_id", "entry_id", "checked_at"),
        Index(None, "tenant_id", "edition_id"),
    )

    entry_id: UUID
    edition_id: UUID | None = None
    outcome: CheckOutcome = one_of(CheckOutcome)
    note: str | None = None
    review_on: date
    checked_by: UUID
    checked_at: datetime = instant()
