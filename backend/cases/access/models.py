"""Teams, a case's own list, whom it is kept from, and the times somebody broke the glass."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from backend.kit.tables import TenantRow, belongs_to, instant


class Team(TenantRow, table=True):
    """People who work on cases together; of one agency or, without one, of several."""

    __table_args__ = (UniqueConstraint("tenant_id", "code"), belongs_to("agency_id", "agency"))

    code: str = Field(max_length=60)
    name: str = Field(max_length=200)
    agency_id: UUID | None = None


class TeamMember(TenantRow, table=True):
    """Membership of a team from an instant to another; ``to_at`` None while it lasts."""

    __table_args__ = (
        belongs_to("team_id", "team"),
        belongs_to("person_id", "person"),
        Index(None, "tenant_id", "person_id"),
        Index(None, "tenant_id", "team_id"),
    )

    team_id: UUID
    person_id: UUID
    from_at: datetime = instant()
    to_at: datetime | None = instant(default=None)


class CaseGrant(TenantRow, table=True):
    """Somebody on a case's own list. Taken off it, the row keeps its end."""

    __table_args__ = (
        belongs_to("case_id", "case_file"),
        belongs_to("person_id", "person"),
        belongs_to("granted_by", "person"),
        belongs_to("ended_by", "person"),
        Index(None, "tenant_id", "case_id", "person_id"),
        Index(None, "tenant_id", "person_id"),
    )

    case_id: UUID
    person_id: UUID
    granted_by: UUID
    from_at: datetime = instant()
    to_at: datetime | None = instant(default=None)
    ended_by: UUID | None = None


class CaseBar(TenantRow, table=True):
    """Somebody to whom a case is not there, whatever their role, list or emergency: whom it is about.

    It comes before everything that lets people in. Lifted, the row keeps its end and why.
    """

    __table_args__ = (
        CheckConstraint("to_at IS NULL OR lift_reason IS NOT NULL", name="said_why"),
        belongs_to("case_id", "case_file"),
        belongs_to("person_id", "person"),
        belongs_to("barred_by", "person"),
        belongs_to("lifted_by", "person"),
        Index("case_bar_in_force", "tenant_id", "case_id", "person_id", unique=True,
              postgresql_where=text("to_at IS NULL")),
        Index(None, "tenant_id", "person_id"),
    )  # fmt: skip

    case_id: UUID
    person_id: UUID
    reason: str
    barred_by: UUID
    from_at: datetime = instant()
    to_at: datetime | None = instant(default=None)
    lifted_by: UUID | None = None
    lift_reason: str | None = None


class BreakGlass(TenantRow, table=True):
    """Somebody saw a case without leave, for ``reason``, until ``ends_at``. Never changed."""

    __table_args__ = (
        belongs_to("case_id", "case_file"),
        belongs_to("person_id", "person"),
        Index(None, "tenant_id", "person_id", "at"),
        Index(None, "tenant_id", "case_id", "at"),
    )

    case_id: UUID
    person_id: UUID
    reason: str
    at: datetime = instant()
    ends_at: datetime = instant()
