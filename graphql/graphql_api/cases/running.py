"""The one way in which a mutation on a case runs, and the problems it shares with all of them."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any, TypeVar
from uuid import UUID

from backend.identity.policies import Permission
from backend.kit.problems import FieldError, Forbidden, Invalid, NotFound
from backend.kit.session import TenantSession
from graphql_api.context import Info
from graphql_api.ids import decode_as
from graphql_api.problems import AnyProblem, as_problem, perform

T = TypeVar("T")

_WORDS = {
    "Area": "area", "Case": "case", "CaseLink": "link between cases", "CasePractitioner": "practitioner on a case",
    "Child": "child", "ChronologyEntry": "entry of a chronology", "Clock": "clock",
    "Document": "document", "HouseholdMember": "member of a household",
    "Meeting": "meeting", "MeetingCopy": "copy of minutes", "MeetingInvitation": "invitation to a meeting",
    "MeetingItem": "item of an agenda", "MeetingMinutes": "record of minutes",
    "Party": "party", "PathwayDecision": "decision", "PathwayDeparture": "departure",
    "PathwayEdition": "edition of a pathway", "PathwayEvent": "event of a pathway",
    "PathwayOverlay": "overlay on a run", "PathwayRun": "run of a pathway", "PathwayTask": "task",
    "Person": "person", "RecordedIndicator": "recorded indicator", "Relationship": "relationship", "Team": "team",
    "ThresholdDecision": "decision on a level of need",
}  # fmt: skip


def key_of(kind: str, given: str) -> UUID:
    """The key that an id of ``kind`` names. Raises ``NotFound`` as for a thing that is not there."""
    found = decode_as(kind, given)
    if found is None:
        words = "There is no such draft of yours." if kind == "Draft" else None
        raise NotFound(words or f"There is no such {_WORDS[kind]} in this partnership.")
    return found


def key_or_none(kind: str, given: str | None) -> UUID | None:
    """As ``key_of``, for an id that may be left out."""
    return key_of(kind, given) if given is not None else None


@contextmanager
def within(path: str, *outside: str) -> Iterator[None]:
    """Name the faults of an input object by their path in the whole input, but for the fields ``outside`` it."""
    try:
        yield
    except Invalid as refused:
        raise Invalid([
            error if error.field in outside else FieldError(f"{path}.{error.field}", error.message)
            for error in refused.errors
        ]) from None  # fmt: skip


async def run(
    info: Info, operation: str, given: Any, result: UUID | Callable[[], UUID],
    work: Callable[[TenantSession, UUID], Awaitable[T]], again: Callable[[TenantSession, UUID], Awaitable[T]],
    *, needs: Permission = Permission.EDIT_CASES,
) -> T | AnyProblem:  # fmt: skip
    """Perform a mutation whose input is ``given``: the request is all of it but the key.

    ``result`` is the id of what is made, or finds that of what is changed and may raise ``NotFound``.
    What the caller's roles do not allow is refused before anything is looked up.
    """
    try:
        info.context.caller.require(needs)
        result_id = result if isinstance(result, UUID) else result()
    except (Forbidden, NotFound) as problem:
        return as_problem(problem)
    request = asdict(given)
    key = request.pop("idempotency_key")
    return await perform(
        info, operation=operation, key=key, request=request, result_id=result_id, work=work, again=again
    )
