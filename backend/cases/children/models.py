"""A child, what has become known of them and when, and the cases they are the subject of."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from backend.cases.children.identity import Sex
from backend.kit.tables import TenantRow, belongs_to, column, instant, one_of


class Child(TenantRow, table=True):
    """One child of the partnership, however many cases are about them.

    Unborn while there is an expected date (``expected_on``) and no date of birth; the expected date
    stays after the birth. Without either the date of birth is not known. ``search_name`` is
    ``identity.search_key`` of all names. ``version`` counts the changes.
    """

    __table_args__ = (
        belongs_to("recorded_by", "person"),
        Index(None, "tenant_id", "nhs_number"),
        Index(None, "tenant_id", "date_of_birth"),
    )

    name: str | None = Field(None, max_length=200)
    other_names: list[str] = column(JSONB(), default_factory=list)
    search_name: str = ""
    date_of_birth: date | None = None
    expected_on: date | None = None
    died_on: date | None = None
    nhs_number: str | None = Field(None, max_length=10)
    sex: Sex | None = one_of(Sex, default=None)
    ethnicity: str | None = Field(None, max_length=100)
    first_language: str | None = Field(None, max_length=100)
    interpreter_needed: bool | None = None
    communication_needs: str | None = None
    version: int = 1
    recorded_by: UUID | None = None
    recorded_at: datetime = instant()


class ChildAddress(TenantRow, table=True):
    """Where a child lived, lives or stays. ``hidden``: shown to nobody without the permission."""

    __table_args__ = (
        belongs_to("child_id", "child"),
        belongs_to("recorded_by", "person"),
        Index(None, "tenant_id", "child_id"),
        Index(None, "tenant_id", "match_key"),
    )

    child_id: UUID
    address: str
    match_key: str = Field(max_length=200)
    from_on: date | None = None
    to_on: date | None = None
    hidden: bool = False
    recorded_by: UUID | None = None
    recorded_at: datetime = instant()


class CaseSubject(TenantRow, table=True):
    """A child as the subject of a case; the birth of an unborn child leaves it as it is."""

    __table_args__ = (
        UniqueConstraint("tenant_id", "case_id", "child_id"),
        belongs_to("case_id", "case_file"),
        belongs_to("child_id", "child"),
        belongs_to("added_by", "person"),
        Index(None, "tenant_id", "child_id"),
    )

    case_id: UUID
    child_id: UUID
    added_by: UUID | None = None
    added_at: datetime = instant()


class ChangeKind(StrEnum):
    BIRTH_RECORDED = "birth_recorded"
    EXPECTED_DATE_CORRECTED = "expected_date_corrected"
    DETAILS_CORRECTED = "details_corrected"


class ChildChange(TenantRow, table=True):
    """What was known before and what is known since. Never changed."""

    __table_args__ = (
        belongs_to("child_id", "child"),
        belongs_to("recorded_by", "person"),
        Index(None, "tenant_id", "child_id", "recorded_at"),
    )

    child_id: UUID
    kind: ChangeKind = one_of(ChangeKind)
    before: dict[str, Any] = column(JSONB())
    after: dict[str, Any] = column(JSONB())
    reason: str | None = None
    recorded_by: UUID
    recorded_at: datetime = instant()
