"""What decides the response to a child's death. Pure."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

ADULT_AGE = 18


def is_unexpected(*, anticipated_24h_before: bool, unexpected_collapse: bool) -> bool:
    """Whether the death was unexpected (Working Together 2005 ¶5.6-5.7).

    It was when nobody saw it as a significant possibility 24 hours before, or when a collapse as
    unexpected as that led to it, however long the child then lived.
    """
    return unexpected_collapse or not anticipated_24h_before


def age_at(born: date, day: date) -> int:
    """Completed years on ``day``; somebody born on 29 February has a birthday on 1 March in other years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


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


def is_nhs_number(text: str) -> bool:
    """Ten digits whose last is the modulus 11 check of the others."""
    if not re.fullmatch(r"[0-9]{10}", text):
        return False
    remainder = sum(int(digit) * weight for digit, weight in zip(text, range(10, 1, -1), strict=False)) % 11
    return (11 - remainder) % 11 == int(text[9])


def same_name(one: str, other: str) -> bool:
    """Whether two names may be one child's: same letters, or a first and a last word in common.

    Wide on purpose: what it finds is shown to a person and blocks nothing.
    """
    first, second = (re.findall(r"[^\W\d_]+", name.casefold()) for name in (one, other))
    if not first or not second:
        return False
    return first == second or (first[0] == second[0] and first[-1] == second[-1]) or set(first) == set(second)
