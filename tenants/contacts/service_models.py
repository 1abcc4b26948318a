"""The directory of services: organisations, what they offer to whom and where, how each is reached, named posts.

The names and the shape are those of Open Referral UK (HSDS 3.0). Entries that alerts are sent to stay in
``DirectoryEntry``; a service may point to them, and to rotas, instead of repeating an address.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from backend.kit.tables import TenantRow, belongs_to, column, instant, made_at, one_of


class Visibility(StrEnum):
    """Who may know: everybody, members of the partnership, or those of them who manage the directory."""

    PUBLIC = "public"
    PROFESSIONAL = "professional"
    RESTRICTED = "restricted"


class DirectoryOrganisation(TenantRow, table=True):
    """Who offers services."""

    __table_args__ = (UniqueConstraint("tenant_id", "code"),)

    code: str = Field(max_length=60)
    name: str = Field(max_length=200)
    description: str = ""
    website: str | None = Field(default=None, max_length=1_000)
    created_at: datetime = made_at()


class DirectoryService(TenantRow, table=True):
    """What an organisation offers, about which topics, to whom. A retired one is shown to nobody.

    Ages are whole years: ``maximum_age`` 5 ends on the sixth birthday. Without areas it serves all of them. Out of
    its hours the service ``fallback_id`` answers.
    """

    __table_args__ = (
        UniqueConstraint("tenant_id", "code"),
        CheckConstraint("minimum_age <= maximum_age", name="ages"),
        belongs_to("organisation_id", "directory_organisation"),
        belongs_to("fallback_id", "directory_service"),
        Index(None, "tenant_id", "organisation_id"),
        Index("directory_service_by_creation", "tenant_id", "created_at", "id"),
    )

    code: str = Field(max_length=60)
    organisation_id: UUID
    name: str = Field(max_length=200)
    description: str = ""
    website: str | None = Field(default=None, max_length=1_000)
    topics: list[str] = column(JSONB(), default_factory=list)
    eligibility: str = ""
    minimum_age: int | None = None
    maximum_age: int | None = None
    visibility: Visibility = one_of(Visibility, default=Visibility.PROFESSIONAL)
    fallback_id: UUID | None = None
    created_at: datetime = made_at()
    retired_at: datetime | None = instant(default=None)


class DirectoryServiceArea(TenantRow, table=True):
    """A service serves an area."""

    __table_args__ = (
        UniqueConstraint("tenant_id", "service_id", "area_id"),
        belongs_to("service_id", "directory_service"),
        belongs_to("area_id", "area"),
    )

    service_id: UUID
    area_id: UUID


class PointKind(StrEnum):
    """How a service is reached. ``rota`` and ``desk`` name a role: who is on call for it, or the entry for it."""

    PHONE = "phone"
    TEXT = "text"
    EMAIL = "email"
    WEB = "web"
    ROTA = "rota"
    DESK = "desk"


class DirectoryPoint(TenantRow, table=True):
    """One way to reach a service, in an area or in all that it serves, within its hours or at all hours.

    ``hours`` are as ``DirectoryEntry.hours``, with ``bank_holidays`` besides. ``verified_on`` None is unverified, and
    is shown as such: a change of the value takes the verification away.
    """

    __table_args__ = (
        UniqueConstraint("tenant_id", "service_id", "code"),
        CheckConstraint("(verified_on IS NULL) = (verified_how IS NULL)", name="verified_somehow"),
        belongs_to("service_id", "directory_service"),
        belongs_to("area_id", "area"),
        belongs_to("verified_by", "person"),
    )

    service_id: UUID
    code: str = Field(max_length=60)
    kind: PointKind = one_of(PointKind)
    value: str = Field(max_length=1_000)
    label: str = Field(default="", max_length=200)
    area_id: UUID | None = None
    hours: list[dict[str, Any]] = column(JSONB(), default_factory=list)
    visibility: Visibility = one_of(Visibility, default=Visibility.PROFESSIONAL)
    position: int = 0
    verified_on: date | None = None
    verified_by: UUID | None = None
    verified_how: str | None = Field(default=None, max_length=300)
    retired_at: datetime | None = instant(default=None)


class DirectoryPost(TenantRow, table=True):
    """A named post of an organisation, such as its designated senior manager for allegations."""

    __table_args__ = (
        UniqueConstraint("tenant_id", "code"),
        belongs_to("organisation_id", "directory_organisation"),
        belongs_to("area_id", "area"),
        Index("directory_post_by_creation", "tenant_id", "created_at", "id"),
    )

    code: str = Field(max_length=60)
    organisation_id: UUID
    title: str = Field(max_length=200)
    role: str | None = Field(default=None, max_length=60)
    area_id: UUID | None = None
    visibility: Visibility = one_of(Visibility, default=Visibility.PROFESSIONAL)
    created_at: datetime = made_at()
    retired_at: datetime | None = instant(default=None)


class DirectoryHolder(TenantRow, table=True):
    """Who holds a post, or deputises in it, from a day until another: a person of the partnership, or by name.

    ``until_on`` is the first day on which they no longer do.
    """

    __table_args__ = (
        CheckConstraint("until_on IS NULL OR from_on < until_on", name="in_order"),
        CheckConstraint("person_id IS NOT NULL OR name IS NOT NULL", name="somebody"),
        belongs_to("post_id", "directory_post"),
        belongs_to("person_id", "person"),
        Index(None, "tenant_id", "post_id", "from_on"),
    )

    post_id: UUID
    person_id: UUID | None = None
    name: str | None = Field(default=None, max_length=200)
    deputy: bool = False
    telephone: str | None = Field(default=None, max_length=40)
    email: str | None = Field(default=None, max_length=200)
    from_on: date
    until_on: date | None = None


class DirectoryChange(TenantRow, table=True):
    """A notice that something of a service changed; never changed itself. It names fields, and no values."""

    __table_args__ = (
        belongs_to("service_id", "directory_service"),
        belongs_to("made_by", "person"),
        Index("directory_change_by_making", "tenant_id", "made_at", "id"),
    )

    service_id: UUID
    point: str | None = Field(default=None, max_length=60)
    action: str = Field(max_length=40)
    fields: list[str] = column(JSONB(), default_factory=list)
    made_by: UUID | None = None
    made_at: datetime = instant()
