"""What is told of a child, and everything that can be wrong with it. Pure."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from backend.cases.children.identity import Sex, age_at, is_nhs_number
from backend.kit.problems import FieldError
from backend.kit.texts import text_fault, text_faults

EARLIEST: Final = date(1900, 1, 1)
OLDEST: Final = 25  # a care leaver's case may last so long
MOST_NAMES: Final = 20
MOST_ADDRESSES: Final = 20
# A pregnancy is dated to 40 weeks; nobody knows of one earlier, and none goes on for six weeks more.
LONGEST_AHEAD: Final = timedelta(weeks=41)
LONGEST_OVERDUE: Final = timedelta(weeks=6)
# The day of birth may be corrected to before the expected one, but not to before there was a child.
EARLIEST_BIRTH: Final = timedelta(weeks=22)


@dataclass(frozen=True, slots=True)
class AddressTold:
    """Where a child lives, lived or stays; ``hidden`` from everybody without the permission."""

    address: str
    from_on: date | None = None
    to_on: date | None = None
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class ChildTold:
    """What is known of a child. An unborn child has an expected date and need have nothing else."""

    name: str | None = None
    other_names: tuple[str, ...] = ()
    date_of_birth: date | None = None
    expected_on: date | None = None
    nhs_number: str | None = None
    sex: Sex | None = None
    ethnicity: str | None = None
    first_language: str | None = None
    interpreter_needed: bool | None = None
    communication_needs: str | None = None
    died_on: date | None = None
    addresses: tuple[AddressTold, ...] = field(default=())


def faults(told: ChildTold, today: date) -> list[FieldError]:
    """Every fault of a new child's record; fields are named as the API spells them."""
    found = [*details(told), *_dates(told, today)]
    if told.name is None and told.expected_on is None:
        found.append(FieldError("name", "must be given; only an unborn child has none, and then expectedOn is needed"))
    if len(told.addresses) > MOST_ADDRESSES:
        found.append(FieldError("addresses", f"must be at most {MOST_ADDRESSES}"))
    for number, address in enumerate(told.addresses[:MOST_ADDRESSES]):
        found += address_faults(f"addresses.{number}.", address, today)
    return found


def details(told: ChildTold) -> list[FieldError]:
    """Faults of names, numbers and needs."""
    found = text_faults(
        name=(told.name, 200), ethnicity=(told.ethnicity, 100), firstLanguage=(told.first_language, 100),
        communicationNeeds=(told.communication_needs, 2_000),
    )  # fmt: skip
    if len(told.other_names) > MOST_NAMES:
        found.append(FieldError("otherNames", f"must be at most {MOST_NAMES}"))
    for number, name in enumerate(told.other_names[:MOST_NAMES]):
        fault = text_fault(f"otherNames.{number}", name, 200)
        found += [fault] if fault else []
    if told.nhs_number is not None and not is_nhs_number(told.nhs_number):
        found.append(FieldError("nhsNumber", "is not a valid NHS number: ten digits with a check digit, no spaces"))
    return found


def _dates(told: ChildTold, today: date) -> list[FieldError]:
    found: list[FieldError] = []
    if told.date_of_birth is not None:
        found += birth_faults(told.date_of_birth, today)
        if told.expected_on is not None:
            found.append(FieldError("expectedOn", "must be left out for a child who is born; give dateOfBirth alone"))
    elif told.expected_on is not None:
        found += expected_faults(told.expected_on, today)
    found += death_faults(told.died_on, told.date_of_birth, today)
    return found


def birth_faults(born: date, today: date, *, expected_on: date | None = None) -> list[FieldError]:
    """Faults of a date of birth, told today; ``expected_on`` of a child whose birth is recorded."""
    if born > today:
        return [FieldError("dateOfBirth", "must not be in the future; for an unborn child give expectedOn")]
    if born < EARLIEST or age_at(born, today) > OLDEST:
        return [FieldError("dateOfBirth", f"makes the person older than {OLDEST}; record an adult as a party")]
    if expected_on is not None and not expected_on - EARLIEST_BIRTH <= born <= expected_on + LONGEST_OVERDUE:
        hint = "is too far from the expected date for this pregnancy; check the year, or correct expectedOn first"
        return [FieldError("dateOfBirth", hint)]
    return []


def expected_faults(expected: date, today: date) -> list[FieldError]:
    """Faults of an expected date of delivery, told today."""
    # Compared by days: the ends of the calendar have nothing beyond them.
    ahead = (expected - today).days
    if ahead > LONGEST_AHEAD.days:
        return [FieldError("expectedOn", "is more than 41 weeks ahead; check the year")]
    if -ahead > LONGEST_OVERDUE.days:
        return [FieldError("expectedOn", "is more than six weeks past; give dateOfBirth if the child is born")]
    return []


def death_faults(died: date | None, born: date | None, today: date) -> list[FieldError]:
    if died is None:
        return []
    if died > today:
        return [FieldError("diedOn", "must not be in the future")]
    if born is not None and died < born:
        return [FieldError("diedOn", "must not be before the date of birth")]
    return [FieldError("diedOn", "lies before 1900; check the year")] if died < EARLIEST else []


def address_faults(path: str, told: AddressTold, today: date) -> list[FieldError]:
    fault = text_fault(f"{path}address", told.address, 500)
    return ([fault] if fault else []) + span_faults(told.from_on, told.to_on, today, path)


def span_faults(from_on: date | None, to_on: date | None, today: date, path: str = "") -> list[FieldError]:
    """Faults of the days from and to which something was so."""
    found = []
    for name, day in (("fromOn", from_on), ("toOn", to_on)):
        if day is not None and not EARLIEST <= day <= today:
            found.append(FieldError(f"{path}{name}", "must lie between 1900 and today"))
    if from_on is not None and to_on is not None and to_on < from_on:
        found.append(FieldError(f"{path}toOn", "must not be before fromOn"))
    return found
