"""What is told of a case and of the children it is about."""

from datetime import date
from typing import Final

import strawberry

from backend.cases.children.checks import AddressTold, ChildTold
from graphql_api.cases.children import Sex
from graphql_api.problems import ONCE

CASE: Final = "A case that you may change."
CHILD: Final = "A child of a case that you may change."
WHY: Final = "For the record, up to 1,000 characters."


@strawberry.input(description="Open a case by hand.")
class OpenCaseInput:
    pathway: str = strawberry.field(description="Code of the pathway, such as initial-assessment.")
    area_id: strawberry.ID | None = strawberry.field(default=None, description="The area that leads.")
    owner_id: strawberry.ID | None = strawberry.field(default=None, description="Who answers for it; default you.")
    team_id: strawberry.ID | None = strawberry.field(default=None, description="The team that holds it.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Where a child lives, lived or stays.")
class ChildAddressInput:
    address: str = strawberry.field(description="Up to 500 characters.")
    from_on: date | None = strawberry.field(default=None, description="The first day, not in the future.")
    to_on: date | None = strawberry.field(default=None, description="The last day; leave out while they live there.")
    hidden: bool = strawberry.field(default=False, description="To be shown only to those who see hidden addresses.")


@strawberry.input(description="What is known of a child. An unborn child needs an expected date and nothing else.")
class ChildInput:
    name: str | None = strawberry.field(default=None, description="Full name, or how the child is known.")
    other_names: list[str] | None = strawberry.field(default=None, description="Also known, or formerly known, as.")
    date_of_birth: date | None = strawberry.field(default=None, description="Leave out while unborn or unknown.")
    expected_on: date | None = strawberry.field(
        default=None, description="Expected date of delivery of an unborn child, at most 41 weeks ahead."
    )
    nhs_number: str | None = strawberry.field(default=None, description="Ten digits without spaces, if known.")
    sex: Sex | None = strawberry.field(default=None, description="As recorded.")  # type: ignore[valid-type]
    ethnicity: str | None = strawberry.field(default=None, description="In the family's own words or a code.")
    first_language: str | None = strawberry.field(default=None, description="Language, and dialect where it matters.")
    interpreter_needed: bool | None = strawberry.field(default=None, description="Leave out if not known.")
    communication_needs: str | None = strawberry.field(default=None, description="Aids, signs, and the like.")
    died_on: date | None = strawberry.field(default=None, description="The day of death of a child who has died.")
    addresses: list[ChildAddressInput] | None = strawberry.field(default=None, description="Where the child lives.")


@strawberry.input(description="Corrections to what is known of a child. What is left out stays as it is.")
class ChildDetailsInput:
    name: str | None = strawberry.field(default=None, description="Full name, or how the child is known.")
    other_names: list[str] | None = strawberry.field(default=None, description="All of them, in place of the old.")
    date_of_birth: date | None = strawberry.field(
        default=None, description="The day of birth of a child who is born; what counts on from it is counted anew."
    )
    nhs_number: str | None = strawberry.field(default=None, description="Ten digits without spaces.")
    sex: Sex | None = strawberry.field(default=None, description="As recorded.")  # type: ignore[valid-type]
    ethnicity: str | None = strawberry.field(default=None, description="In the family's own words or a code.")
    first_language: str | None = strawberry.field(default=None, description="Language, and dialect where it matters.")
    interpreter_needed: bool | None = strawberry.field(default=None, description="Whether one is needed.")
    communication_needs: str | None = strawberry.field(default=None, description="Aids, signs, and the like.")
    died_on: date | None = strawberry.field(default=None, description="The day of death of a child who has died.")


@strawberry.input(description="Make a child a subject of a case.")
class AddSubjectInput:
    case_id: strawberry.ID = strawberry.field(description=CASE)
    child_id: strawberry.ID | None = strawberry.field(default=None, description="A child recorded already, or child.")
    child: ChildInput | None = strawberry.field(default=None, description="A child not recorded yet, or childId.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="An unborn child is born.")
class RecordBirthInput:
    child_id: strawberry.ID = strawberry.field(description=CHILD)
    date_of_birth: date = strawberry.field(description="Not in the future, and within reach of the expected date.")
    name: str | None = strawberry.field(default=None, description="The child's name, if there is one yet.")
    nhs_number: str | None = strawberry.field(default=None, description="Ten digits without spaces, if known.")
    sex: Sex | None = strawberry.field(default=None, description="As recorded.")  # type: ignore[valid-type]
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Correct an unborn child's expected date of delivery.")
class CorrectExpectedDateInput:
    child_id: strawberry.ID = strawberry.field(description=CHILD)
    expected_on: date = strawberry.field(description="At most 41 weeks ahead, at most six past.")
    reason: str = strawberry.field(description=WHY)
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Correct what is known of a child.")
class CorrectChildInput:
    child_id: strawberry.ID = strawberry.field(description=CHILD)
    details: ChildDetailsInput = strawberry.field(description="What is known better now.")
    reason: str = strawberry.field(description=WHY)
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Add an address to a child's record.")
class AddChildAddressInput:
    child_id: strawberry.ID = strawberry.field(description=CHILD)
    address: str = strawberry.field(description="Up to 500 characters.")
    from_on: date | None = strawberry.field(default=None, description="The first day, not in the future.")
    to_on: date | None = strawberry.field(default=None, description="The last day; leave out while they live there.")
    hidden: bool = strawberry.field(default=False, description="To be shown only to those who see hidden addresses.")
    idempotency_key: str = strawberry.field(description=ONCE)


def address_told(given: ChildAddressInput | AddChildAddressInput) -> AddressTold:
    return AddressTold(given.address, given.from_on, given.to_on, given.hidden)


def child_told(given: ChildInput | ChildDetailsInput | None) -> ChildTold:
    """What an input tells of a child; None tells nothing."""
    names = [name for name in ChildTold.__dataclass_fields__ if name not in {"other_names", "addresses"}]
    facts = {name: getattr(given, name, None) for name in names}
    addresses = getattr(given, "addresses", None) or []
    return ChildTold(
        **facts, other_names=tuple(getattr(given, "other_names", None) or ()),
        addresses=tuple(address_told(each) for each in addresses),
    )  # fmt: skip
