"""What decides the response to a child's death. Pure."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from backend.cases.children.identity import same_name

ADULT_AGE = 18


def is_unexpected(*, anticipated_24h_before: bool, unexpected_collapse: bool) -> bool:
    """Whether the death was unexpected (Working Together 2005 ¶5.6-5.7).

    It was when nobody saw it as a significant possibility 24 hours before, or when a collapse as
    unexpected as that led to it, however long the child then lived.
    """
    return unexpected_collapse or not anticipated_24h_before


def same_child(name: str, nhs_number: str | None, other_name: str, other_nhs_number: str | None) -> bool:
    """Whether two notifications may be of one child; asked of those that share a date of birth or an NHS number."""
    return same_name(name, other_name) or (nhs_number is not None and nhs_number == other_nhs_number)


def local_date(instant: datetime, zone: str) -> date:
    return instant.astimezone(ZoneInfo(zone)).date()


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    """Who leads what: three tests with three answers.

    The coroner follows the place where the body lies, the response on the ground the area of death,
    the review the usual home (Cambridgeshire and Peterborough manual §2.7). ``home_area_id`` None
    is a home outside the partnership, whose panel must be told; ``tell_both`` is set when the home
    is not known for certain, because a double notice is better than none.
    """

    coroner_area_id: UUID
    response_area_id: UUID
    review_area_id: UUID | None
    review_outside: str | None
    tell_both: bool


def jurisdiction(
    *, coroner_area_id: UUID, area_of_death_id: UUID, home_area_id: UUID | None, home_area_outside: str | None
) -> Jurisdiction:
    return Jurisdiction(
        coroner_area_id=coroner_area_id,
        response_area_id=area_of_death_id,
        review_area_id=home_area_id,
        review_outside=home_area_outside,
        tell_both=home_area_id is None,
    )
