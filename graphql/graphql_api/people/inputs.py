"""Inputs of the mutations on people, and what is wrong with one."""

import re

import strawberry

from backend.kit.problems import FieldError, Invalid
from backend.kit.texts import text_fault
from graphql_api.problems import ONCE
from graphql_api.scalars import Instant

_CODE = (re.compile(r"[a-z0-9]+(-[a-z0-9]+)*"), "lower-case letters, digits and single hyphens")
_ROLE = (re.compile(r"[a-z0-9][a-z0-9_]*"), "lower-case letters, digits and underscores")
_PERSON = "Somebody of your partnership."


@strawberry.input(description="Enter somebody new. They can be put on rotas at once, and sign in once they have roles.")
class AddPersonInput:
    code: str = strawberry.field(description="What alert policies call them by: such as wren-saltmarsh. It stays.")
    name: str = strawberry.field(description="As colleagues know them, up to 200 characters.")
    post: str = strawberry.field(description="What they are, such as Consultant paediatrician.")
    agency: str = strawberry.field(description="Code of the agency that they work for.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Correct who somebody is.")
class ChangePersonInput:
    person_id: strawberry.ID = strawberry.field(description=_PERSON)
    name: str = strawberry.field(description="As colleagues know them, up to 200 characters.")
    post: str = strawberry.field(description="What they are, such as Consultant paediatrician.")
    agency: str = strawberry.field(description="Code of the agency that they work for.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Say how somebody signs in and what they may do. It replaces what was said before.")
class SetMembershipInput:
    person_id: strawberry.ID = strawberry.field(description="Somebody else than yourself.")
    subject: str = strawberry.field(description="What the identity provider calls them.")
    roles: list[str] = strawberry.field(description="At least one, such as paediatrician or rota_manager.")
    active: bool = strawberry.field(default=True, description="False keeps them out until it is set again.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Somebody has left the partnership: keep them out, and call them no more.")
class MarkPersonLeftInput:
    person_id: strawberry.ID = strawberry.field(description="Somebody else than yourself.")
    reason: str = strawberry.field(description="For the record, up to 500 characters.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Somebody who had left is back.")
class MarkPersonBackInput:
    person_id: strawberry.ID = strawberry.field(description="Somebody who has left.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Record what somebody is qualified for, or a new end of it.")
class GrantQualificationInput:
    person_id: strawberry.ID = strawberry.field(description=_PERSON)
    code: str = strawberry.field(description="The partnership's own code, such as trained_detective_inspector.")
    valid_until: Instant | None = strawberry.field(default=None, description="Leave out for good.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="End a qualification now. Nobody is taken off a shift by it: see unfitShifts.")
class WithdrawQualificationInput:
    person_id: strawberry.ID = strawberry.field(description=_PERSON)
    code: str = strawberry.field(description="A qualification that they hold.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Let somebody work in an area. With the first one they no longer work in all of them.")
class AddPersonToAreaInput:
    person_id: strawberry.ID = strawberry.field(description=_PERSON)
    area_id: strawberry.ID = strawberry.field(description="An area of your partnership.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Let somebody work in an area no more. Without the last one they work in all of them.")
class RemovePersonFromAreaInput:
    person_id: strawberry.ID = strawberry.field(description=_PERSON)
    area_id: strawberry.ID = strawberry.field(description="One of the areas that they work in.")
    idempotency_key: str = strawberry.field(description=ONCE)


def check_person(given: AddPersonInput | ChangePersonInput) -> None:
    """Raise ``Invalid`` with every fault."""
    texts = [("name", given.name), ("post", given.post)]
    faults = [fault for field, text in texts if (fault := text_fault(field, text, 200))]
    if isinstance(given, AddPersonInput):
        faults += code_faults("code", given.code)
    if faults:
        raise Invalid(faults)


def code_faults(field: str, text: str) -> list[FieldError]:
    """What is wrong with a code with hyphens."""
    return _shape(field, text, _CODE)


def role_faults(field: str, text: str) -> list[FieldError]:
    """What is wrong with a code with underscores."""
    return _shape(field, text, _ROLE)


def checked_reason(reason: str) -> str:
    """Raises ``Invalid``."""
    if fault := text_fault("reason", reason, 500):
        raise Invalid([fault])
    return reason


def checked_qualification(code: str) -> str:
    """Raises ``Invalid``."""
    if faults := role_faults("code", code):
        raise Invalid(faults)
    return code


def _shape(field: str, text: str, shape: tuple[re.Pattern[str], str]) -> list[FieldError]:
    fits = len(text) <= 60 and shape[0].fullmatch(text)
    return [] if fits else [FieldError(field, f"must be at most 60 {shape[1]}")]
