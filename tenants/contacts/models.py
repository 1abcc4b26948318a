"""People, how each is reached, and the directory of posts that are reached without a rota."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, Integer, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from backend.kit.tables import TenantRow, belongs_to, column, instant, made_at, one_of


class AgencyKind(StrEnum):
    HEALTH = "health"
    POLICE = "police"
    SOCIAL_CARE = "social_care"
    CORONER = "coroner"
    EDUCATION = "education"
    PARTNERSHIP = "partnership"
    OTHER = "other"


class Channel(StrEnum):
    SMS = "sms"
    EMAIL = "email"
    PUSH = "push"
    VOICE = "voice"
    WEBHOOK = "webhook"


class DevicePlatform(StrEnum):
    """Which push service a device listens to; the value is our name of the provider."""

    FCM = "fcm"
    APNS = "apns"
    WEBPUSH = "webpush"


class Agency(TenantRow, table=True):
    __table_args__ = (UniqueConstraint("tenant_id", "code"),)

    code: str = Field(max_length=60)
    name: str
    kind: AgencyKind = one_of(AgencyKind)


class Person(TenantRow, table=True):
    """A practitioner of one partnership. Who has left is inactive, never deleted: history names them.

    ``notification_rules`` are the person's own, empty until they set any: by which channels, in what
    order, how long after each other.
    """

    __table_args__ = (
        UniqueConstraint("tenant_id", "code"),
        belongs_to("agency_id", "agency"),
        Index(None, "tenant_id", "agency_id"),
        Index("person_by_creation", "tenant_id", "created_at", "id"),
    )

    code: str = Field(max_length=60)
    name: str
    post: str
    agency_id: UUID
    active: bool = True
    notification_rules: dict[str, Any] = column(JSONB(), default_factory=dict)
    created_at: datetime = made_at()
    left_at: datetime | None = instant(default=None)


class ContactMethod(TenantRow, table=True):
    """A number, address or device of a person. Retired ones are never used again.

    ``preference`` orders a person's methods, the lowest first. ``own`` marks what the person entered:
    on-boarding leaves it alone. ``platform`` is a device's; a device without one is Firebase's. The
    address of a browser is its push subscription as JSON. Once it is verified, the one that it
    ``replaces`` is retired. ``registered_in`` is the sign-in in which a device was registered: whoever revokes a lost
    one ends that too.
    """

    __table_args__ = (
        UniqueConstraint("tenant_id", "person_id", "channel", "address"),
        belongs_to("person_id", "person"),
        belongs_to("replaces_id", "contact_method"),
        Index(None, "tenant_id", "channel", "address"),
        Index(None, "tenant_id", "replaces_id"),
    )

    person_id: UUID
    channel: Channel = one_of(Channel)
    address: str
    preference: int = 0
    own: bool = False
    platform: DevicePlatform | None = one_of(DevicePlatform, default=None)
    replaces_id: UUID | None = None
    registered_in: str | None = Field(default=None, max_length=255)
    verified_at: datetime | None = instant(default=None)
    retired_at: datetime | None = instant(default=None)


class DirectoryEntry(TenantRow, table=True):
    """A post or desk reached by role and area, within its hours when ``hours`` is not empty.

    ``hours`` is a list of ``{"weekdays": [0-6], "start": "HH:MM", "end": "HH:MM"}`` in the
    partnership's zone. An entry without an area serves all areas; without hours, all hours. A retired
    one is never used again and keeps its code. The secret of a webhook is derived from
    ``secret_generation``, and signs beside the next one until ``previous_secret_until``.
    """

    __table_args__ = (
        UniqueConstraint("tenant_id", "code"),
        belongs_to("area_id", "area"),
        Index(None, "tenant_id", "role"),
        Index(None, "tenant_id", "area_id"),
        Index("directory_entry_by_creation", "tenant_id", "created_at", "id"),
    )

    code: str = Field(max_length=60)
    role: str = Field(max_length=60)
    name: str
    area_id: UUID | None = None
    channel: Channel = one_of(Channel)
    address: str
    hours: list[dict[str, Any]] = column(JSONB(), default_factory=list)
    created_at: datetime = made_at()
    retired_at: datetime | None = instant(default=None)
    secret_generation: int = column(Integer(), default=0, sa_column_kwargs={"server_default": text("0")})
    oldest_secret: int | None = None
    previous_secret_until: datetime | None = instant(default=None)
