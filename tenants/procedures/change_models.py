"""How a manual is changed between editions, and who is told (Hertfordshire manual 2006 ¶1.4)."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from backend.kit.tables import TenantRow, belongs_to, instant, one_of
from tenants.procedures.vocabulary import AmendmentState


class ProcedureAmendment(TenantRow, table=True):
    """A change that somebody proposes to a provision, and what became of it.

    An urgent one says why it cannot wait for the next edition. It is agreed by the sub-group, whose minute is named,
    before anybody is sent it. ``text_id`` is the text that has it: an edition, or an amendment level of one.
    """

    __table_args__ = (
        CheckConstraint("NOT urgent OR why_urgent IS NOT NULL", name="urgent"),
        CheckConstraint("(agreed_at IS NULL) = (minute IS NULL)", name="minuted"),
        CheckConstraint("state <> 'refused' OR reasons IS NOT NULL", name="refused"),
        CheckConstraint(
            "state NOT IN ('agreed', 'circulated', 'incorporated') OR agreed_at IS NOT NULL", name="agreed"
        ),
        CheckConstraint("state <> 'circulated' OR text_id IS NOT NULL", name="circulated"),
        belongs_to("edition_id", "procedure_edition"),
        belongs_to("text_id", "procedure_edition"),
        belongs_to("proposed_by", "person"),
        belongs_to("collated_by", "person"),
        belongs_to("agreed_by", "person"),
        Index(None, "tenant_id", "edition_id"),
        Index(None, "tenant_id", "text_id"),
        Index("procedure_amendment_by_proposal", "tenant_id", "proposed_at", "id"),
    )

    edition_id: UUID
    address: str = Field(max_length=300)
    change: str
    reason: str
    urgent: bool = False
    why_urgent: str | None = None
    state: AmendmentState = one_of(AmendmentState, default=AmendmentState.PROPOSED)
    proposed_by: UUID
    proposed_at: datetime = instant()
    collated_by: UUID | None = None
    collated_at: datetime | None = instant(default=None)
    new_text: str | None = None
    effective_from: date | None = None
    agreed_by: UUID | None = None
    agreed_at: datetime | None = instant(default=None)
    minute: str | None = Field(default=None, max_length=300)
    reasons: str | None = None
    text_id: UUID | None = None
    circulated_at: datetime | None = instant(default=None)


class ProcedureManager(TenantRow, table=True):
    """The nominated manager of an agency from an instant to another: amendments go to them, and they pass them on."""

    __table_args__ = (
        belongs_to("agency_id", "agency"),
        belongs_to("person_id", "person"),
        belongs_to("nominated_by", "person"),
        Index(None, "tenant_id", "agency_id"),
        Index(None, "tenant_id", "person_id"),
    )

    agency_id: UUID
    person_id: UUID
    nominated_by: UUID
    from_at: datetime = instant()
    to_at: datetime | None = instant(default=None)


class ProcedureCirculation(TenantRow, table=True):
    """An urgent amendment on its way to one agency: by email to its nominated manager, and from there onward.

    ``copies`` is how many hard copies were replaced, once all of the agency's circulation list has it. ``device_at`` is
    when the phone of a manager who was offline says that they acknowledged it.
    """

    __table_args__ = (
        UniqueConstraint("tenant_id", "amendment_id", "agency_id"),
        CheckConstraint("forwarded_at IS NULL OR acknowledged_at IS NOT NULL", name="in_order"),
        belongs_to("amendment_id", "procedure_amendment"),
        belongs_to("agency_id", "agency"),
        belongs_to("person_id", "person"),
        Index(None, "tenant_id", "person_id"),
        Index("procedure_circulation_by_sending", "tenant_id", "sent_at", "id"),
    )

    amendment_id: UUID
    agency_id: UUID
    person_id: UUID
    notices: int
    sent_at: datetime = instant()
    acknowledged_at: datetime | None = instant(default=None)
    device_at: datetime | None = instant(default=None)
    forwarded_at: datetime | None = instant(default=None)
    copies: int | None = None


class ProcedureSubscription(TenantRow, table=True):
    """Somebody who wants to be told of every new text of a manual."""

    __table_args__ = (
        UniqueConstraint("tenant_id", "manual", "person_id"),
        belongs_to("person_id", "person"),
        Index(None, "tenant_id", "person_id"),
    )

    manual: str = Field(max_length=80)
    person_id: UUID
    since: datetime = instant()
