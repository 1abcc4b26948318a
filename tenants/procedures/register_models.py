"""Who holds to a manual and how, and the clauses that were sought of bodies under contract."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from backend.kit.tables import TenantRow, belongs_to, instant, one_of
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
