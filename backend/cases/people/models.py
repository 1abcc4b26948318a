"""Parties, household, relationships, and the practitioners who work on a case."""

from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from backend.kit.tables import TenantRow, belongs_to, column, instant, one_of


class Party(TenantRow, table=True):
    """Somebody a case concerns who is neither its subject nor works on it. ``roles`` are ``PartyRole`` values.

    Without a name the party is anonymous, or not known yet. What may be shown to whom follows from the
    roles (``backend.cases.policies``).
    """

    __table_args__ = (
        belongs_to("case_id", "case_file"),
        belongs_to("recorded_by", "person"),
        Index(None, "tenant_id", "case_id"),
    )

    case_id: UUID
    roles: list[str] = column(JSONB())
    name: str | None = Field(None, max_length=200)
    anonymous: bool = False
    date_of_birth: date | None = None
    organisation: str | None = Field(None, max_length=200)
    telephone: str | None = Field(None, max_length=40)
    address: str | None = None
    address_hidden: bool = False
    note: str | None = None
    recorded_by: UUID | None = None
    recorded_at: datetime = instant()


class HouseholdMember(TenantRow, table=True):
    """A child or a party who lives in the household of a case, from a day to another where known."""

    __table_args__ = (
        CheckConstraint("num_nonnulls(child_id, party_id) = 1", name="one_person"),
        belongs_to("case_id", "case_file"),
        belongs_to("child_id", "child"),
        belongs_to("party_id", "party"),
        belongs_to("recorded_by", "person"),
        belongs_to("ended_by", "person"),
        Index(None, "tenant_id", "case_id"),
    )

    case_id: UUID
    child_id: UUID | None = None
    party_id: UUID | None = None
    from_on: date | None = None
    to_on: date | None = None
    recorded_by: UUID
    recorded_at: datetime = instant()
    ended_by: UUID | None = None
    ended_at: datetime | None = instant(default=None)


class RelationshipKind(StrEnum):
    """Read from one person to another: the first is the parent of the second."""

    PARENT = "parent"
    CHILD = "child"
    STEP_PARENT = "step_parent"
    STEP_CHILD = "step_child"
    GRANDPARENT = "grandparent"
    GRANDCHILD = "grandchild"
    GUARDIAN = "guardian"
    WARD = "ward"
    FOSTER_CARER = "foster_carer"
    FOSTER_CHILD = "foster_child"
    CARER = "carer"
    CARED_FOR = "cared_for"
    AUNT_OR_UNCLE = "aunt_or_uncle"
    NIECE_OR_NEPHEW = "niece_or_nephew"
    SIBLING = "sibling"
    HALF_SIBLING = "half_sibling"
    PARTNER = "partner"
    FORMER_PARTNER = "former_partner"
    OTHER_RELATIVE = "other_relative"
    FRIEND = "friend"


_PAIRS: Final = (
    ("parent", "child"), ("step_parent", "step_child"), ("grandparent", "grandchild"), ("guardian", "ward"),
    ("foster_carer", "foster_child"), ("carer", "cared_for"), ("aunt_or_uncle", "niece_or_nephew"),
)  # fmt: skip
INVERSE: Final[dict[RelationshipKind, RelationshipKind]] = (
    {kind: kind for kind in RelationshipKind}
    | {RelationshipKind(one): RelationshipKind(other) for one, other in _PAIRS}
    | {RelationshipKind(other): RelationshipKind(one) for one, other in _PAIRS}
)
"""What the second person is to the first; for the rest the same word serves both ways."""


class Relationship(TenantRow, table=True):
    """Stored once, read from either side."""

    __table_args__ = (
        CheckConstraint("num_nonnulls(from_child_id, from_party_id) = 1", name="one_from"),
        CheckConstraint("num_nonnulls(to_child_id, to_party_id) = 1", name="one_to"),
        belongs_to("case_id", "case_file"),
        belongs_to("from_child_id", "child"),
        belongs_to("from_party_id", "party"),
        belongs_to("to_child_id", "child"),
        belongs_to("to_party_id", "party"),
        belongs_to("recorded_by", "person"),
        belongs_to("ended_by", "person"),
        Index(None, "tenant_id", "case_id"),
    )

    case_id: UUID
    kind: RelationshipKind = one_of(RelationshipKind)
    from_child_id: UUID | None = None
    from_party_id: UUID | None = None
    to_child_id: UUID | None = None
    to_party_id: UUID | None = None
    from_on: date | None = None
    to_on: date | None = None
    recorded_by: UUID
    recorded_at: datetime = instant()
    ended_by: UUID | None = None
    ended_at: datetime | None = instant(default=None)


class CasePractitioner(TenantRow, table=True):
    """Somebody who works on a case: a person of the partnership, or a name from outside it."""

    __table_args__ = (
        CheckConstraint("num_nonnulls(person_id, outside_name) = 1", name="one_person"),
        belongs_to("case_id", "case_file"),
        belongs_to("person_id", "person"),
        belongs_to("agency_id", "agency"),
        belongs_to("assigned_by", "person"),
        belongs_to("ended_by", "person"),
        Index(None, "tenant_id", "case_id"),
        Index(None, "tenant_id", "person_id"),
    )

    case_id: UUID
    person_id: UUID | None = None
    outside_name: str | None = Field(None, max_length=200)
    agency_id: UUID | None = None
    outside_agency: str | None = Field(None, max_length=200)
    role: str = Field(max_length=60)
    from_at: datetime = instant()
    to_at: datetime | None = instant(default=None)
    end_reason: str | None = None
    assigned_by: UUID
    ended_by: UUID | None = None
