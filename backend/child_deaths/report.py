"""A report of a child's death, and everything that can be wrong with one. Pure.

Every fault is found at once, so that a clinician at three in the morning mends the form in one go.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final
from uuid import UUID

from backend.cases.children.identity import Sex, age_at, is_nhs_number
from backend.child_deaths.models import Setting, Suspicion
from backend.child_deaths.rules import ADULT_AGE, local_date
from backend.kit.problems import FieldError, Invalid
from backend.kit.texts import text_fault

_SHORT: Final = 200
_LINE: Final = 500
_LONG: Final = 10_000
_TELEPHONE: Final = re.compile(r"(?=(?:[^0-9]*[0-9]){5})\+?[0-9 ()-]{5,24}")
_EARLIEST: Final = datetime(1900, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Reporter:
    """Who tells us: not always somebody with an account."""

    name: str
    role: str
    telephone: str


@dataclass(frozen=True, slots=True)
class Report:
    """What is asked when a death is reported (Working Together 2005 ¶5.48-5.49).

    Areas are codes of this partnership's own areas. A home outside it is named in words.
    """

    child_name: str
    date_of_birth: date
    sex: Sex
    nhs_number: str | None
    usual_home_address: str
    home_area: str | None
    home_area_outside: str | None
    setting: Setting
    place_of_death: str
    area_of_death: str
    coroner_area: str | None
    died_at: datetime
    confirmed_at: datetime
    confirmed_by: str
    anticipated_24h_before: bool
    unexpected_collapse: bool
    circumstances: str
    suspicion: Suspicion
    other_children_in_household: bool | None
    reporter: Reporter


@dataclass(frozen=True, slots=True)
class Areas:
    """The areas of a report, found."""

    death: UUID
    coroner: UUID
    home: UUID | None


def check(
    report: Report, *, now: datetime, zone: str, authorities: Mapping[str, UUID], coroners: Mapping[str, UUID]
) -> Areas:
    """The report's areas. Raises ``Invalid`` with every fault; fields are named as the API spells them."""
    faults = [*_texts(report), *_identity(report, now, zone), *_times(report, now)]
    areas, unknown = _areas(report, authorities, coroners)
    faults += unknown
    if faults or areas is None:
        raise Invalid(faults)
    return areas


def _texts(report: Report) -> list[FieldError]:
    required = {
        "childName": (report.child_name, _SHORT), "usualHomeAddress": (report.usual_home_address, _LINE),
        "placeOfDeath": (report.place_of_death, _LINE), "confirmedBy": (report.confirmed_by, _SHORT),
        "circumstances": (report.circumstances, _LONG), "reporter.name": (report.reporter.name, _SHORT),
        "reporter.role": (report.reporter.role, _SHORT),
    }  # fmt: skip
    faults = [fault for field, (text, most) in required.items() if (fault := text_fault(field, text, most))]
    if report.home_area_outside is not None:
        fault = text_fault("homeAreaOutside", report.home_area_outside, _SHORT)
        faults += [fault] if fault else []
    if not _TELEPHONE.fullmatch(report.reporter.telephone):
        faults.append(
            FieldError(
                "reporter.telephone",
                "must be a telephone number: at least five digits; spaces, brackets, hyphens, a leading +",
            )
        )
    return faults


def _identity(report: Report, now: datetime, zone: str) -> list[FieldError]:
    faults: list[FieldError] = []
    # An instant that cannot be is a fault of its own; the ends of the calendar have no local date at all.
    died_on = local_date(min(max(report.died_at, _EARLIEST), now), zone)
    if report.date_of_birth > died_on:
        faults.append(FieldError("dateOfBirth", "must not be after the date of death"))
    elif age_at(report.date_of_birth, died_on) >= ADULT_AGE:
        faults.append(
            FieldError("dateOfBirth", "makes the person 18 or over; this is for deaths before the 18th birthday")
        )
    if report.nhs_number is not None and not is_nhs_number(report.nhs_number):
        faults.append(FieldError("nhsNumber", "is not a valid NHS number: ten digits with a check digit, no spaces"))
    return faults


def _times(report: Report, now: datetime) -> list[FieldError]:
    faults: list[FieldError] = []
    if report.died_at < _EARLIEST:
        faults.append(FieldError("diedAt", "lies before 1900; check the year"))
    if report.died_at > now:
        faults.append(FieldError("diedAt", "must not be in the future"))
    if report.confirmed_at > now:
        faults.append(FieldError("confirmedAt", "must not be in the future"))
    if report.confirmed_at < report.died_at:
        faults.append(FieldError("confirmedAt", "must not be before the death"))
    return faults


def _areas(
    report: Report, authorities: Mapping[str, UUID], coroners: Mapping[str, UUID]
) -> tuple[Areas | None, list[FieldError]]:
    faults: list[FieldError] = []
    for field, code in (("areaOfDeath", report.area_of_death), ("homeArea", report.home_area)):
        if code is not None and code not in authorities:
            faults.append(FieldError(field, f"must be one of {', '.join(authorities)}"))
    coroner = report.coroner_area
    if coroner is None and len(coroners) == 1:
        coroner = next(iter(coroners))
    if coroner not in coroners:
        faults.append(FieldError("coronerArea", f"must be one of {', '.join(coroners)}: where the body lies"))
    if (report.home_area is None) == (report.home_area_outside is None):
        faults.append(FieldError("homeArea", "give either homeArea or, for a home elsewhere, homeAreaOutside"))
    if faults or coroner is None:
        return None, faults
    home = authorities[report.home_area] if report.home_area is not None else None
    return Areas(authorities[report.area_of_death], coroners[coroner], home), []
