"""Memberships: the link between a verified identity and a person of a partnership."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from backend.kit.tables import Row, TenantRow, belongs_to, column, instant, one_of


class MembershipState(StrEnum):
    ACTIVE = "active"
    SUSPENDED = "suspended"


class Membership(TenantRow, table=True):
    """What one identity may do in one partnership."""

    __table_args__ = (
        UniqueConstraint("tenant_id", "issuer", "subject"),
        UniqueConstraint("tenant_id", "person_id"),
        belongs_to("person_id", "person"),
    )

    person_id: UUID
    issuer: str
    subject: str
    roles: list[str] = column(JSONB(), default_factory=list)
    state: MembershipState = one_of(MembershipState, default=MembershipState.ACTIVE)


class SignIn(Row, table=True):
    """Which partnerships an identity may enter: ids only, read before any partnership is known."""

    __table_args__ = ({"schema": "routing"},)

    issuer: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    tenant_id: UUID = Field(primary_key=True)


class SignOut(TenantRow, table=True):
    """A sign-in was ended from afar; never changed. Tokens whose ``sid`` is that ``session`` are refused ever after.

    A refreshed token has the ``sid`` of the sign-in that it came of (OpenID Connect Front-Channel Logout 1.0 §3).
    """

    __table_args__ = (
        belongs_to("person_id", "person"),
        belongs_to("ordered_by", "person"),
        Index(None, "tenant_id", "person_id", "session"),
    )

    person_id: UUID
    session: str = Field(max_length=255)
    ordered_by: UUID
    at: datetime = instant()
