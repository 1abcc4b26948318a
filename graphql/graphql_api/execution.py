"""Runs a prepared document: no parsing, no validation and no extensions on the way."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from functools import cached_property, lru_cache
from typing import Any, Final, TypeAlias, TypeVar, cast

import strawberry
from graphql import (
    DocumentNode,
    ExecutionContext,
    ExecutionResult,
    FieldNode,
    GraphQLObjectType,
    GraphQLSchema,
    execute,
    get_nullable_type,
    is_leaf_type,
    is_non_null_type,
)
from graphql.pyutils import AwaitableOrValue, Path, Undefined
from strawberry.execution import optimized_is_awaitable
from strawberry.types.field import StrawberryField

_tasks: ContextVar[list[asyncio.Future[Any]]] = ContextVar("graphql_field_tasks")


T = TypeVar("T")


def later(value: Awaitable[T]) -> T:
    """``value``, for a resolver that is not asynchronous itself to return: whoever runs the operation waits for it.

    So a resolver that mostly knows its value at once costs a task only where it does not. Not for the items of a
    list, whose tasks nobody notes, nor within what is itself awaited.
    """
    return cast("T", value)


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
    """Reads plain values at once, and notes the task of each asynchronous field, so that none outlives the operation.

    When a field that may not be null fails, graphql-core answers at once and leaves its
    neighbours running. They would go on using a database session that is no longer theirs.
    """

    def execute_fields(
        self,
        parent_type: GraphQLObjectType,
        source_value: object,
        path: Path | None,
        fields: dict[str, list[FieldNode]],
    ) -> AwaitableOrValue[dict[str, Any]]:
        """As graphql-core does, but plain values are read without telling a resolver where it stands.

        Most fields of a page are such, and the telling took longer than the reading.
        """
        plain, results, waiting = _plain_values(parent_type), dict[str, Any](), list[str]()
        for name, nodes in fields.items():
            read = plain.get(nodes[0].name.value)
            value = _UNUSUAL if read is None else read(source_value)
            if value is _UNUSUAL:
                value = self.execute_field(parent_type, source_value, nodes, Path(path, name, parent_type.name))
                if self.is_awaitable(value):
                    waiting.append(name)
            if value is not Undefined:
                results[name] = value
        return _gathered(results, waiting) if waiting else results

    def execute_field(
        self, parent_type: GraphQLObjectType, source: object, field_nodes: list[FieldNode], path: Path
    ) -> AwaitableOrValue[object]:
        """Start an asynchronous field at once, as gathering it would, and note its task."""
        result: AwaitableOrValue[object] = super().execute_field(parent_type, source, field_nodes, path)
        if self.is_awaitable(result):
            result = asyncio.ensure_future(cast("Awaitable[object]", result))
            _tasks.get().append(result)
        return result


async def _gathered(results: dict[str, Any], waiting: list[str]) -> dict[str, Any]:
    if len(waiting) == 1:
        results[waiting[0]] = await results[waiting[0]]
    else:
        results.update(zip(waiting, await asyncio.gather(*(results[name] for name in waiting)), strict=True))
    return results


_UNUSUAL: Final = object()
"""Instead of a value: there is something to tell of it, such as where in the operation it failed."""
_Read: TypeAlias = Callable[[Any], Any]


@lru_cache(maxsize=4096)
def _plain_values(kind: GraphQLObjectType) -> dict[str, _Read]:
    """How to read the fields of ``kind`` that are scalars or enums and have neither resolver nor extension."""
    found = {}
    for name, field in kind.fields.items():
        leaf = get_nullable_type(field.type)
        definition = field.extensions.get("strawberry-definition")
        if is_leaf_type(leaf) and isinstance(definition, StrawberryField) and definition.is_basic_field:
            found[name] = _reading(definition, leaf.serialize, nullable=not is_non_null_type(field.type))
    return found


def _reading(definition: StrawberryField, serialize: Callable[[Any], Any], *, nullable: bool) -> _Read:
    resolve, attribute = definition.default_resolver, definition.python_name

    def read(source: Any) -> Any:
        try:
            value = resolve(source, attribute)
            if value is None:
                return None if nullable else _UNUSUAL
            made = serialize(value)
        except Exception:
            return _UNUSUAL
        return _UNUSUAL if made is None or made is Undefined else made

    return read
