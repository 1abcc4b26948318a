"""What other packages keep for a run and end with it, in the transaction that ends the run."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from backend.identity.policies import Caller
from backend.kit.session import TenantSession
from backend.pathways.models import PathwayRun


@dataclass(frozen=True, slots=True)
class Ended:
    """A run whose work is over: closed, or ended by an event while a last clock outlasts it.

    ``by`` is whoever ended it; None for what nobody here did.
    """

    run: PathwayRun
    by: Caller | None
    at: datetime
    reason: str


Concluder: TypeAlias = Callable[[TenantSession, Ended], Awaitable[None]]

_concluders: list[Concluder] = []


def ends_with_runs(concluder: Concluder) -> None:
    """Have ``concluder`` end what its package keeps for a run; this package lies under it.

    It may be told of the same run more than once.
    """
    if concluder not in _concluders:
        _concluders.append(concluder)


async def conclude(session: TenantSession, ended: Ended) -> None:
    """End whatever hangs on a run that has ended."""
    for concluder in _concluders:
        await concluder(session, ended)
