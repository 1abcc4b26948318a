"""Applications as the operator registers them, and grants as each partnership gives them."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from backend.kit.ids import uuid7
from backend.kit.tables import Row, TenantRow, belongs_to, column, instant, one_of


class ApplicationState(StrEnum):
    ACTIVE = "active"
    SUSPENDED = "suspended"


class CredentialKind(StrEnum):
    SECRET = "secret"  # noqa: S105  # a kind, not a secret
    KEY = "key"


class Application(Row, table=True):
    """A program of a third party. ``id`` is its client id; ``scopes`` is the most it may ever be granted.

    It lies outside every partnership, as it is known before one is, and holds nothing of any.
    """

    __table_args__ = ({"schema": "routing"},)

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    name: str = Field(max_length=200)
    organisation: str = Field(max_length=200)
    contact: str = Field(max_length=200)
    purpose: str = Field(max_length=1000)
    scopes: list[str] = column(JSONB(), default_factory=list)
    state: ApplicationState = one_of(ApplicationState, default=ApplicationState.ACTIVE)
    registered_at: datetime = instant()


class ApplicationCredential(Row, table=True):
    """By what an application proves that it is itself: the hash of a secret, or a public key.

    Several may count at once, so that one can be changed for another without a gap. What was issued on a
    credential dies with it.
    """

    __table_args__ = (
        CheckConstraint("(kind = 'secret') = (secret_hash IS NOT NULL)", name="hash"),
        CheckConstraint("(kind = 'key') = (public_key IS NOT NULL)", name="key"),
        Index(None, "application_id"),
        {"schema": "routing"},
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    application_id: UUID = Field(foreign_key="routing.application.id")
    kind: CredentialKind = one_of(CredentialKind)
    secret_hash: str | None = Field(default=None, max_length=64)
    public_key: dict[str, Any] | None = column(JSONB(none_as_null=True), default=None, nullable=True)
    made_at: datetime = instant()
    expires_at: datetime | None = instant(default=None)
    revoked_at: datetime | None = instant(default=None)


class SeenAssertion(Row, table=True):
    """A signed assertion that was used; kept, as a hash of its ``jti``, until it would be refused for its age."""

    __table_args__ = (Index(None, "expires_at"), {"schema": "routing"})

    application_id: UUID = Field(primary_key=True)
    digest: str = Field(primary_key=True, max_length=64)
    expires_at: datetime = instant()


class ApplicationDocument(Row, table=True):
    """A document that was looked at and approved for one application, by the SHA-256 of its text."""

    __table_args__ = ({"schema": "routing"},)

    application_id: UUID = Field(primary_key=True, foreign_key="routing.application.id")
    sha256: str = Field(primary_key=True, max_length=64)
    content: str
    approved_at: datetime = instant()


class ApplicationGrant(TenantRow, table=True):
    """What one partnership lets one application do: looked at anew for every request.

    ``application_id`` names a row outside the partnership, so no key of the database ties it.
    """

    __table_args__ = (
        UniqueConstraint("tenant_id", "application_id"),
        belongs_to("granted_by", "person"),
        belongs_to("revoked_by", "person"),
        CheckConstraint("(revoked_at IS NULL) = (revoked_by IS NULL)", name="revoked"),
    )

    application_id: UUID
    scopes: list[str] = column(JSONB(), default_factory=list)
    granted_by: UUID
    granted_at: datetime = instant()
    revoked_by: UUID | None = None
    revoked_at: datetime | None = instant(default=None)


class ApplicationRequest(TenantRow, table=True):
    """A request that an application made, never changed: when, on which credential, for which root fields.

    ``refused_as`` is the code by which it was told that its grant does not open them; None for what was answered.
    """

    __table_args__ = (Index(None, "tenant_id", "application_id", "at"),)

    application_id: UUID
    credential_id: UUID
    at: datetime = instant()
    fields: list[str] = column(JSONB(), default_factory=list)
    correlation_id: str = Field(max_length=64)
    refused_as: str | None = Field(default=None, max_length=40)
