"""How many nodes an operation may fetch, known before it runs.

The connections of an operation are read from its document once; multiplying the page sizes of
one request down that tree then takes microseconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
)

from graphql_api.limits import MAX_PAGE_SIZE, PAGE_ARGUMENTS, page_arguments


@dataclass(frozen=True, slots=True)
class Connection:
    """A paged field: its size, as a number or the name of a variable, and the paged fields in it."""

    size: int | str
    inner: tuple["Connection", ...]


def node_count(connections: tuple[Connection, ...], variables: Mapping[str, Any]) -> int:
    """Return the most nodes that the connections can give with these variables.

    A variable that is not a whole number from 1 to 100 counts as 100: the resolver refuses it,
    and one that forgets to cannot be used to get round the budget.
    """
    total = 0
    for connection in connections:
        size = connection.size
        if isinstance(size, str):
            size = variables.get(size)  # type: ignore[assignment]
        if type(size) is not int or not 1 <= size <= MAX_PAGE_SIZE:
            size = MAX_PAGE_SIZE
        total += size * (1 + node_count(connection.inner, variables))
    return total


def page_defaults(operation: OperationDefinitionNode) -> dict[str, int]:
    """Return the default of each variable that has a whole number for one."""
    return {
        definition.variable.name.value: int(definition.default_value.value)
        for definition in operation.variable_definitions
        if isinstance(definition.default_value, IntValueNode)
    }


class ConnectionReader:
    """Reads the tree of connections from the operations of one valid document.

    Fragments are read once. A field met twice counts twice, `@skip` and `@include` count as
    shown, and the branches of a union or interface are added up: the count is never too low.
    """

    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        self._schema = schema
        self._fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        self._read: dict[str, tuple[Connection, ...]] = {}

    def connections(self, operation: OperationDefinitionNode) -> tuple[Connection, ...]:
        """Return the outermost connections of one operation."""
        return self._in(operation.selection_set, self._schema.get_root_type(operation.operation))

    def _in(self, selections: SelectionSetNode | None, parent: GraphQLNamedType | None) -> tuple[Connection, ...]:
        found: list[Connection] = []
        for node in selections.selections if selections else ():
            if isinstance(node, FieldNode):
                found.extend(self._in_field(node, parent))
            elif isinstance(node, FragmentSpreadNode):
                found.extend(self._in_fragment(node.name.value))
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition
                named = self._schema.get_type(condition.name.value) if condition else parent
                found.extend(self._in(node.selection_set, named))
        return tuple(found)

    def _in_field(self, node: FieldNode, parent: GraphQLNamedType | None) -> tuple[Connection, ...]:
        if not isinstance(parent, GraphQLObjectType | GraphQLInterfaceType):
            return ()
        definition = parent.fields.get(node.name.value)
        if definition is None:
            return ()
        inner = self._in(node.selection_set, get_named_type(definition.type))
        if PAGE_ARGUMENTS.isdisjoint(definition.args):
            return inner
        return (Connection(_written_size(node), inner),)

    def _in_fragment(self, name: str) -> tuple[Connection, ...]:
        if name not in self._read:
            fragment = self._fragments[name]
            named = self._schema.get_type(fragment.type_condition.name.value)
            self._read[name] = self._in(fragment.selection_set, named)
        return self._read[name]


def _written_size(node: FieldNode) -> int | str:
    for argument in page_arguments(node):
        if isinstance(argument.value, IntValueNode):
            return int(argument.value.value)
        if isinstance(argument.value, VariableNode):
            return argument.value.name.value
    return MAX_PAGE_SIZE
