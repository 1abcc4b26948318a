"""Problems as GraphQL types, and the one way in which a mutation runs."""

import string
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any, ClassVar, Final, Protocol, TypeVar
from uuid import UUID

import strawberry
from sqlalchemy.exc import DBAPIError

from backend.identity.policies import Permission
from backend.kit import idempotency, problems
from backend.kit.database import clashed
from backend.kit.ids import uuid7
from backend.kit.session import TenantSession
from graphql_api.context import Info
from graphql_api.ids import key_of

T = TypeVar("T")
RowT = TypeVar("RowT")

_CLASHES_BORNE: Final = 2

ONCE: Final = (
    "8 to 100 characters made for this one action, such as a UUID. Repeat it on a retry: for 7 days it is answered with"
    " what was done the first time."
)


@strawberry.interface(description="Why a mutation was refused. Nothing was changed.")
class Problem:
    message: str = strawberry.field(description="What is wrong and what to do, for a person to read.")


@strawberry.type(description="One field's fault.")
class FieldProblem:
    field: str = strawberry.field(description="Path in the input, such as reporter.telephone.")
    message: str


@strawberry.type(description="Some of the input cannot be accepted. Every fault is listed.")
class ValidationProblem(Problem):
    fields: list[FieldProblem]


@strawberry.type(description="There is no such thing in your partnership.")
class NotFoundProblem(Problem):
    pass


@strawberry.type(description="Your roles do not allow this.")
class ForbiddenProblem(Problem):
    pass


@strawberry.type(description="The state has moved on, or the idempotency key was used for another request.")
class ConflictProblem(Problem):
    pass


AnyProblem = ValidationProblem | NotFoundProblem | ForbiddenProblem | ConflictProblem


def as_problem(problem: problems.Problem) -> AnyProblem:
    """The GraphQL type of a refusal."""
    match problem:
        case problems.Invalid(errors=errors):
            fields = [FieldProblem(field=error.field, message=error.message) for error in errors]
            return ValidationProblem(message="Some fields need attention.", fields=fields)
        case problems.NotFound():
            return NotFoundProblem(message=problem.message)
        case problems.Forbidden():
            return ForbiddenProblem(message=problem.message)
        case _:
            return ConflictProblem(message=problem.message)


class Given(Protocol):
    """A mutation's input."""

    __dataclass_fields__: ClassVar[dict[str, Any]]
    idempotency_key: str


async def mutate(
    info: Info,
    given: Given,
    work: Callable[[TenantSession, UUID], Awaitable[RowT]],
    *,
    again: Callable[[TenantSession, UUID], Awaitable[RowT]],
    answer: Callable[[RowT], T],
    needs: Permission | None = None,
    about: tuple[str, str] | None = None,
) -> T | AnyProblem:
    """Run a mutation as ``perform`` does: the whole of it, from its input to its answer.

    ``about`` is type and id of what it changes; without it, what it makes gets a new id. ``work`` and
    ``again`` are given that id and give what the ``answer`` is made of: ``work`` does it the first time,
    ``again`` only finds it. Both are refused to whoever lacks what the mutation ``needs``.
    """
    try:
        if needs is not None:
            info.context.caller.require(needs)
        result_id = uuid7() if about is None else key_of(*about)
    except problems.Problem as problem:
        return as_problem(problem)

    async def first(session: TenantSession, found: UUID) -> T:
        return answer(await work(session, found))

    async def repeated(session: TenantSession, found: UUID) -> T:
        return answer(await again(session, found))

    # What is left out does not count, so that a field which is added later does not part a retry from its first try.
    told = asdict(given).items()
    request = {name: value for name, value in told if name != "idempotency_key" and value is not None}
    return await perform(
        info, operation=info.field_name, key=given.idempotency_key, request=request, result_id=result_id,
        work=first, again=repeated,
    )  # fmt: skip


async def perform(
    info: Info,
    *,
    operation: str,
    key: str,
    request: Any,
    result_id: UUID,
    work: Callable[[TenantSession, UUID], Awaitable[T]],
    again: Callable[[TenantSession, UUID], Awaitable[T]],
) -> T | AnyProblem:
    """Do ``work`` once for this person and key, commit, and give its result or a problem.

    ``result_id`` is the id of what the mutation makes or changes. The same key with the same
    request gives ``again(id)`` of the first time; with another request it is a conflict. A problem
    rolls everything back, the key with it; a clash with another transaction too, and then it is all
    done anew.
    """
    caller = info.context.caller

    async def attempt(session: TenantSession) -> T:
        stands_for, first_time = await idempotency.claim(
            session, person_id=caller.person_id, key=key, operation=operation, request=request, result_id=result_id
        )
        result = await (work if first_time else again)(session, stands_for)
        await session.commit()
        return result

    async with info.context.db() as session:
        try:
            _check_key(key)
            for _ in range(_CLASHES_BORNE):
                try:
                    return await attempt(session)
                except DBAPIError as error:
                    if not clashed(error):
                        raise
                    await session.rollback()
            return await attempt(session)
        except problems.Problem as problem:
            await session.rollback()
            return as_problem(problem)


def _check_key(key: str) -> None:
    if not 8 <= len(key) <= 100 or not set(key) <= set(string.ascii_letters + string.digits + "-_.:"):
        hint = "must be 8 to 100 letters, digits or -_.: such as a UUID made for this one action"
        raise problems.Invalid([problems.FieldError("idempotencyKey", hint)])
