"""The partnership and what makes up its area."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from backend.kit.ids import uuid7
from backend.kit.tables import Row, TenantRow, column, instant, one_of


class PartnershipState(StrEnum):
    ACTIVE = "active"
    SUSPENDED = "suspended"


class Partnership(Row, table=True):
    """The register of tenants: public facts only, read before any partnership is known.

    ``id`` is every other row's ``tenant_id``. The keys are named by their ARN. ``revision`` is the id of the
    last transaction that changed the partnership's configuration, 0 before the first. A ``sandbox`` holds generated
    cases alone: nothing that it says is sent to anybody.
    """

    __table_args__ = ({"schema": "routing"},)

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    slug: str = Field(unique=True, max_length=60)
    name: str
    zone: str = "Europe/London"
    state: PartnershipState = one_of(PartnershipState, default=PartnershipState.ACTIVE)
    bucket: str | None = None
    kms_key_id: str | None = None
    created_at: datetime = instant()
    evidence_key_id: str | None = None
    sandbox: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    revision: int = column(BigInteger(), default=0, sa_column_kwargs={"server_default": "0"})


class PartnershipArea(Row, table=True):
    """An authority's area of a partnership, by which others may address it: code and name, and nothing more.

    The database keeps it in step with ``area``.
    """

    __table_args__ = ({"schema": "routing"},)

    partnership_id: UUID = Field(primary_key=True)
    code: str = Field(primary_key=True, max_length=60)
    name: str


class AreaKind(StrEnum):
    LOCAL_AUTHORITY = "local_authority"
    CORONER = "coroner"
    HOSPITAL = "hospital"


class Area(TenantRow, table=True):
    """A part of the partnership's ground. One partnership holds several authorities and coroners."""

    __table_args__ = (UniqueConstraint("tenant_id", "kind", "code"),)

    kind: AreaKind = one_of(AreaKind)
    code: str = Field(max_length=60)
    name: str


class PartnershipSetting(TenantRow, table=True):
    """A value the partnership sets over the national baseline, and where it comes from."""

    __table_args__ = (UniqueConstraint("tenant_id", "key"),)

    key: str = Field(max_length=80)
    value: Any = column(JSONB())
    origin: str = "local"
    citation: str = ""
