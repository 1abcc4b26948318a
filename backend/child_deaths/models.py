"""The notification of a child's death, as reported."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from backend.cases.children.identity import Sex
from backend.kit.tables import TenantRow, belongs_to, column, instant, one_of


class Setting(StrEnum):
    """Where the child died, or was found: it decides the variant of the response."""

    EMERGENCY_DEPARTMENT = "emergency_department"
    WARD = "ward"
    HOME = "home"
    COMMUNITY = "community"
    CUSTODY = "custody"
    ABROAD = "abroad"


class Suspicion(StrEnum):
    NONE = "none"
    ABUSE_OR_NEGLECT = "abuse_or_neglect"
    CRIME = "crime"


class ChildDeath(TenantRow, table=True):
    """Working Together 2005 ¶5.6-5.7, ¶5.49: who died, where, and what decides the response."""

    __table_args__ = (
        UniqueConstraint("tenant_id", "case_id"),
        belongs_to("case_id", "case_file"),
        belongs_to("area_of_death_id", "area"),
        belongs_to("home_area_id", "area"),
        belongs_to("coroner_area_id", "area"),
        belongs_to("reported_by", "person"),
        Index("child_death_by_report", "tenant_id", "reported_at", "id"),
        Index("child_death_by_birth", "tenant_id", "date_of_birth"),
        Index("child_death_by_nhs_number", "tenant_id", "nhs_number"),
    )

    case_id: UUID
    child_name: str
    date_of_birth: date
    sex: Sex = one_of(Sex)
    nhs_number: str | None = Field(None, max_length=10)
    usual_home_address: str
    home_area_id: UUID | None = None
    home_area_outside: str | None = None
    setting: Setting = one_of(Setting)
    place_of_death: str
    area_of_death_id: UUID
    coroner_area_id: UUID
    died_at: datetime = instant()
    confirmed_at: datetime = instant()
    confirmed_by: str
    anticipated_24h_before: bool
    unexpected_collapse: bool
    unexpected: bool
    circumstances: str
    suspicion: Suspicion = one_of(Suspicion)
    other_children_in_household: bool | None = None
    reporter_name: str
    reporter_role: str
    reporter_telephone: str
    reported_by: UUID
    reported_at: datetime = instant()
    # What was there already as it was reported; later ones show in ``repository.duplicates``.
    possible_duplicates: list[Any] = column(JSONB(), default_factory=list)
