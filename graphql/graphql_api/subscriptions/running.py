"""Runs one subscription: its document, its events, and each event's permission anew."""

import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec
from graphql import ExecutionResult, GraphQLError, OperationType, create_source_event_stream

from backend.kit.problems import Problem
from graphql_api.context import Context, Member, NoMemberError
from graphql_api.document_store import DocumentStore
from graphql_api.errors import (
    BAD_REQUEST,
    ExpectedError,
    FormattedError,
    HTTPProblem,
    RequestRefusedError,
    formatted,
    internal_error,
    resolver_error,
    variable_errors,
)
from graphql_api.execution import ExecutableSchema
from graphql_api.limits import MAX_NODES
from graphql_api.protocol import GraphQLCall, Parameters
from graphql_api.subscriptions.following import Hub
from graphql_api.subscriptions.messages import ClosedError, Code
from graphql_api.throttling import Throttle


class Event(Protocol):
    """Something that happened, by its ids."""

    async def told(self, context: Context) -> object | None:
        """What the member may be told of it at this moment; None for nothing."""


@dataclass(frozen=True, slots=True)
class Watch:
    """What a subscription's own resolver knows: who asks, and what wakes it. It opens no session for long."""

    member: Member
    hub: Hub


@dataclass(frozen=True, slots=True)
class Subscriptions:
    """Runs the subscriptions of one process."""

    schema: ExecutableSchema
    store: DocumentStore
    hub: Hub
    throttle: Throttle
    expected: tuple[type[Exception], ...]

    async def run(self, member: Member, payload: Mapping[str, Any]) -> AsyncIterator[dict[str, Any]]:
        """The results of one operation, until nothing more can come of it.

        Each event is charged as a query is. Raises ``RequestRefusedError`` when it cannot be run, ends with an error or
        has used up what the member may ask for, ``ClosedError`` once the member may not enter any more.
        """
        call = GraphQLCall(str(uuid.uuid4()), _parameters(payload), self.store)
        try:
            self._check(call)
            async with self._entered(member, call):
                pass  # to begin has a price too, or beginning again and again would have none
            async for event in await self._source(call, Watch(member, self.hub)):
                async with self._entered(member, call) as context:
                    result = await self._result(call, context, event)
                if result is not None:
                    yield result | {"extensions": dict(call.extensions)}
        except NoMemberError as refusal:
            raise ClosedError(Code.FORBIDDEN, refusal.code) from None
        except (ExpectedError, Problem) as problem:
            raise RequestRefusedError([formatted(problem.code, problem.message)]) from None
        except (RequestRefusedError, ClosedError):
            raise
        except Exception as error:
            raise RequestRefusedError([internal_error(error, call.correlation_id)]) from None

    @asynccontextmanager
    async def _entered(self, member: Member, call: GraphQLCall) -> AsyncIterator[Context]:
        async with (
            member.enter() as context,
            self.throttle.charged(member.partnership.id, context.caller.person_id, call),
        ):
            yield context

    def _check(self, call: GraphQLCall) -> None:
        if call.operation.kind is not OperationType.SUBSCRIPTION:
            raise HTTPProblem(400, "OPERATION_NOT_SUPPORTED", "Send queries and mutations over HTTP.")
        if call.nodes > MAX_NODES:
            message = f"The operation can fetch {call.nodes} nodes; {MAX_NODES} are allowed."
            raise HTTPProblem(400, "NODE_BUDGET_EXCEEDED", message)

    async def _source(self, call: GraphQLCall, watch: Watch) -> AsyncIterator[Event]:
        found = await create_source_event_stream(
            self.schema.core, call.document.syntax, context_value=watch,  # type: ignore[arg-type]  # it was checked
            variable_values=dict(call.variables), operation_name=call.operation.name,
        )  # fmt: skip
        if isinstance(found, ExecutionResult):
            raise RequestRefusedError(self._refusals(call, found.errors or []))
        return found.__aiter__()

    def _refusals(self, call: GraphQLCall, errors: list[GraphQLError]) -> list[FormattedError]:
        if all(error.path is None for error in errors):
            return list(variable_errors(self.schema.core, call.operation.node, call.variables))
        return [resolver_error(error, call.correlation_id, self.expected) for error in errors]

    async def _result(self, call: GraphQLCall, context: Context, event: Event) -> dict[str, Any] | None:
        told = await event.told(context)
        if told is None or call.document.syntax is None:
            return None
        result = await self.schema.run(
            call.document.syntax, context=context, variables=call.variables, operation_name=call.operation.name,
            root=told,
        )  # fmt: skip
        answer: dict[str, Any] = {"data": result.data}
        if result.errors:
            answer["errors"] = [resolver_error(error, call.correlation_id, self.expected) for error in result.errors]
        return answer


def _parameters(payload: Mapping[str, Any]) -> Parameters:
    try:
        return msgspec.convert(payload, Parameters)
    except msgspec.ValidationError as error:
        raise RequestRefusedError([formatted(BAD_REQUEST, f"{error}.")]) from None
