"""Runs a prepared document: no parsing, no validation and no extensions on the way."""

import asyncio
from collections.abc import Awaitable, Mapping
from contextvars import ContextVar
from functools import cached_property
from typing import Any, cast

import strawberry
from graphql import (
    DocumentNode,
    ExecutionContext,
    ExecutionResult,
    FieldNode,
    GraphQLObjectType,
    GraphQLSchema,
    execute,
)
from graphql.pyutils import AwaitableOrValue, Path
from strawberry.execution import optimized_is_awaitable

_tasks: ContextVar[list[asyncio.Future[Any]]] = ContextVar("graphql_field_tasks")


class ExecutableSchema(strawberry.Schema):
    """A Strawberry schema whose documents are prepared once and run many times.

    Resolvers, permissions, field extensions and `info.context` work as in any Strawberry schema.
    Schema extensions and custom operation directives do not take part and are refused.
    """

    @cached_property
    def core(self) -> GraphQLSchema:
        """The graphql-core schema that documents are validated against and run on."""
        if self.extensions or self.directives:
            raise ValueError("schema extensions and operation directives would not be run")
        return self._schema

    async def run(
        self,
        document: DocumentNode,
        *,
        context: object,
        variables: Mapping[str, Any],
        operation_name: str | None,
        root: object = None,
    ) -> ExecutionResult:
        """Run one operation of a valid document; of a subscription, for the one event ``root``.

        Every asynchronous field has ended when this returns, also those whose result was no
        longer wanted. Variables that do not fit give errors without a path and no data.
        """
        tasks: list[asyncio.Future[Any]] = []
        reset = _tasks.set(tasks)
        try:
            outcome = execute(
                self.core,
                document,
                root_value=root,
                context_value=context,
                variable_values=cast("dict[str, Any]", variables),
                operation_name=operation_name,
                execution_context_class=_JoinedExecution,
                is_awaitable=optimized_is_awaitable,
            )
            return outcome if isinstance(outcome, ExecutionResult) else await outcome
        finally:
            _tasks.reset(reset)
            while pending := [task for task in tasks if not task.done()]:
                await asyncio.wait(pending)


class _JoinedExecution(ExecutionContext):
    """Notes the task of each asynchronous field, so that none outlives the operation.

    When a field that may not be null fails, graphql-core answers at once and leaves its
    neighbours running. They would go on using a database session that is no longer theirs.
    """

    def execute_field(
        self, parent_type: GraphQLObjectType, source: object, field_nodes: list[FieldNode], path: Path
    ) -> AwaitableOrValue[object]:
        """Start an asynchronous field at once, as gathering it would, and note its task."""
        result: AwaitableOrValue[object] = super().execute_field(parent_type, source, field_nodes, path)
        if self.is_awaitable(result):
            result = asyncio.ensure_future(cast("Awaitable[object]", result))
            _tasks.get().append(result)
        return result
