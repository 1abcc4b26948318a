"""What a person's requests cost, and how much they may ask for: a bucket in Valkey that fills up again.

An operation is charged before it runs with the most nodes that it can fetch, and gets back what it did not fetch.
What a person does has a bucket of its own: no amount of looking keeps anybody from answering a call.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from math import ceil
from typing import Final
from uuid import UUID

from graphql import OperationType

from backend.kit.buckets import Allowance, Buckets
from graphql_api.errors import HTTPProblem
from graphql_api.protocol import GraphQLCall

TRUSTED: Final = Allowance("trusted", 50_000, 500)
AD_HOC: Final = Allowance("ad-hoc", 20_000, 100)
DOING: Final = Allowance("doing", 5_000, 100)
REFUSED: Final = Allowance("refused", 500, 1)
"""Requests of an application for what it was not granted: each is written down."""

_nodes: ContextVar[list[int]] = ContextVar("graphql_nodes")


def note(nodes: int) -> None:
    """Count nodes that a connection of the operation at hand has fetched."""
    if (counted := _nodes.get(None)) is not None:
        counted[0] += nodes


@contextmanager
def _counting() -> Iterator[list[int]]:
    counted = [0]
    reset = _nodes.set(counted)
    try:
        yield counted
    finally:
        _nodes.reset(reset)


class Throttle:
    """The buckets of everybody who sends operations. Costs are told whether anything is refused or not."""

    def __init__(self, buckets: Buckets) -> None:
        self._buckets = buckets

    @asynccontextmanager
    async def charged(self, tenant_id: UUID, person_id: UUID, call: GraphQLCall) -> AsyncIterator[None]:
        """Charge a call, and tell its cost in the answer's extensions when the block ends well.

        Raises ``HTTPProblem`` 429 with ``Retry-After`` for whoever has asked for too much of late.
        """
        doing = call.operation.kind is OperationType.MUTATION
        allowance = DOING if doing else TRUSTED if call.document.trusted else AD_HOC
        requested = 1 + call.nodes
        left = await self._take(tenant_id, person_id, requested, allowance)
        with _counting() as counted:
            yield
        actual = min(requested, 1 + counted[0])
        if actual < requested:
            left = await self._take(tenant_id, person_id, actual - requested, allowance)
        call.extensions["cost"] = {
            "requested": requested, "actual": actual, "available": left, "maximum": allowance.holds,
            "restoredEachSecond": allowance.gains,
        }  # fmt: skip

    async def refused(self, tenant_id: UUID, application_id: UUID) -> None:
        """Count a refusal. Raises ``HTTPProblem`` as ``charged`` for an application that has had many."""
        await self._take(tenant_id, application_id, 1, REFUSED)

    async def _take(self, tenant_id: UUID, person_id: UUID, wanted: int, allowance: Allowance) -> int:
        key = f"safeguard:budget:{tenant_id}:{person_id}:{allowance.name}"
        left, waiting = await self._buckets.take(key, wanted, allowance)
        if waiting:
            seconds = ceil(waiting / 1000)
            message = f"You have asked for much in a short time. Try again in {seconds} seconds."
            raise HTTPProblem(429, "THROTTLED", message, {"Retry-After": str(seconds)})
        return left
